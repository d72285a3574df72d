//! What the screen shows while `kioskd` does not speak: the one page nobody sends.
//!
//! It says out of service on its own, for a configuration it could not read itself or when `kioskd` has stayed
//! away too long. Nothing of a visitor is on it.

use std::{cell::Cell, rc::Weak, time::Duration};

use eimza_kiosk::config::Office;
use slint::{Global as _, Timer, TimerMode};

use super::{SCREEN, Screen};
use crate::{
    bind, names,
    ui::{CauseName, Frame, PageName, Shown},
};

/// So long "one moment" is believed. `kioskd` is back within seconds unless it cannot start at all.
pub const BELIEVED_FOR: Duration = Duration::from_secs(20);

/// The screen's own page.
#[derive(Default)]
pub(super) struct Alone {
    cause: Cell<Option<CauseName>>,
    patience: Timer,
}

impl Alone {
    /// Name of the page, as the robot knows it.
    pub(super) fn page(&self) -> &'static str {
        if self.cause.get().is_none() { "waiting" } else { "out-of-service" }
    }

    /// The cause the page names, in kebab-case.
    pub(super) fn cause(&self) -> Option<String> {
        let cause = self.cause.get()?;
        let known = names::cause_back(cause).map(|cause| names::kebab(&format!("{cause:?}")));
        Some(known.unwrap_or_else(|| "supervisor-down".to_owned()))
    }

    pub(super) fn forget(&self) {
        self.patience.stop();
        self.cause.set(None);
    }
}

impl Screen {
    /// Who is to be called, for as long as `kioskd` has not said so.
    pub fn introduce(&self, office: &Office) {
        let frame = Frame::get(&self.window);
        frame.set_office((&office.name).into());
        frame.set_help_phone((&office.help_phone).into());
        frame.set_help_email((&office.help_email).into());
    }

    /// The configuration is broken so far that not even `kioskd` could be found by it.
    pub fn misconfigured(&self) {
        self.out_of_service(CauseName::Configuration);
    }

    /// Shows "one moment" for [`BELIEVED_FOR`], then out of service, until `kioskd` sends a view.
    pub(super) fn wait_for_kioskd(&self) {
        bind::stand(&self.window, PageName::Waiting);
        self.alone.patience.start(TimerMode::SingleShot, BELIEVED_FOR, || {
            if let Some(screen) = SCREEN.with_borrow(Weak::upgrade) {
                log::error!("kioskd does not speak");
                screen.out_of_service(CauseName::SupervisorDown);
            }
        });
    }

    pub(super) fn out_of_service(&self, cause: CauseName) {
        self.alone.forget();
        self.alone.cause.set(Some(cause));
        Shown::get(&self.window).set_cause(cause);
        bind::stand(&self.window, PageName::OutOfService);
        (self.wires.changed)(self);
    }
}
