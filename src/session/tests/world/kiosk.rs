//! Kiosks that are not set up as the others are.

use super::{Recovery, Service, Session, Settings, World, settings};

impl World {
    /// A kiosk whose housing was opened before it was started.
    pub(in crate::session::tests) fn tampered(recovery: Recovery) -> Self {
        let session = Session::new(Settings { tampered: true, ..settings(recovery) });
        let mut world = Self { session, ..Self::new(recovery) };
        world.watch.tampered();
        world
    }

    /// A kiosk of an institution whose profile has no online pages, ready for somebody.
    pub(in crate::session::tests) fn without_online() -> Self {
        let services = vec![Service::CardCheck, Service::ChangePin];
        let session = Session::new(Settings { services, ..settings(Recovery::None) });
        let mut world = Self { session, ..Self::new(Recovery::None) };
        world.come_up();
        world
    }

    /// A kiosk whose PIN is typed on the reader's keys, ready for somebody.
    pub(in crate::session::tests) fn with_pin_pad() -> Self {
        let session = Session::new(Settings { pin_pad: true, ..settings(Recovery::None) });
        let mut world = Self { session, ..Self::new(Recovery::None) };
        world.come_up();
        world
    }
}
