//! How the kiosks of these tests are set up, and those that are not as the others.

use std::collections::BTreeMap;

use super::{
    super::cards::{self, StaffCard},
    Recovery, Session, Settings, World,
};
use crate::{config::Rules, link::view::Help, portal::FieldId, session::Chance};

/// What every kiosk of these tests is told, unless it says otherwise.
pub(in crate::session) fn settings(recovery: Recovery) -> Settings {
    Settings {
        office: "Deneme Ofisi".into(),
        help: Help { phone: "444 0 000".into(), email: "yardim@ornek.tr".into() },
        word_hint: Some("Sevdiğiniz bir sokak ve bir sayı".into()),
        defaults: BTreeMap::from([
            (FieldId::Unit, "Bilgi İşlem".to_owned()),
            (FieldId::Province, "Eskişehir".to_owned()),
            (FieldId::District, "ODUNPAZARI".to_owned()),
            (FieldId::PostalCode, "26100".to_owned()),
        ]),
        rules: Rules::default(),
        contract_labels: vec![
            ("AD".into(), FieldId::GivenName),
            ("SOYAD".into(), FieldId::Surname),
            ("ADRES".into(), FieldId::Address),
            ("CEP TELEFONU".into(), FieldId::MobilePhone),
            ("İL".into(), FieldId::Province),
        ],
        sms_digits: 6,
        portal_s: 60,
        pin_pad: false,
        printing: None,
        online: true,
        staff: [cards::STAFF.fingerprint()].into(),
        calls_staff: true,
        chance: Chance::new([7; 32]),
        recovery,
        tampered: false,
    }
}

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
