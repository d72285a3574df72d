//! Kiosks that are not set up as the others are.

use super::{super::cards::StaffCard, Recovery, Session, Settings, World, settings};

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
        let session = Session::new(Settings { online: false, ..settings(Recovery::None) });
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

    /// A kiosk with another list of staff, ready for somebody.
    pub(in crate::session::tests) fn with_staff(staff: &[&StaffCard]) -> Self {
        let staff = staff.iter().map(|card| card.fingerprint()).collect();
        let session = Session::new(Settings { staff, ..settings(Recovery::None) });
        let mut world = Self { session, ..Self::new(Recovery::None) };
        world.come_up();
        world
    }

    /// A kiosk that can tell staff nothing by itself, ready for somebody.
    pub(in crate::session::tests) fn without_calls() -> Self {
        let session = Session::new(Settings { calls_staff: false, ..settings(Recovery::None) });
        let mut world = Self { session, ..Self::new(Recovery::None) };
        world.come_up();
        world
    }
}
