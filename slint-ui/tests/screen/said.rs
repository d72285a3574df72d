//! What is said is true of the service that was chosen and of the kiosk it is said at.

use eimza_kiosk::{
    link::{
        signer::TriesLeft,
        view::{Finding, Page, Service},
    },
    session::fault::{Advice, Cause},
};
use serde_json::json;

use super::robot::{CONFIGURATION, Kiosk, send, view};

/// Everything that is read out on these pages, one after the other.
fn said(pages: Vec<Page>) -> Vec<String> {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    let each = (1_u64..).zip(pages).map(|(serial, page)| {
        send(&mut link, &view(serial, page));
        kiosk.until("serial", serial);
        kiosk.ask(&json!({ "do": "controls" })).to_string()
    });
    each.collect()
}

#[test]
fn the_notice_names_what_the_service_processes_and_where_it_goes() {
    let notice = |service| Page::Notice { service };
    let services = [Service::Renewal, Service::WetInk, Service::NewPin, Service::Unblock];
    let words =
        ["adres ve iletişim", "başvuru portalına", "PIN kodunuz yalnızca kartınıza", "güvenlik sözcüğünüz"];
    let said = said(services.map(notice).to_vec());
    let named: Vec<_> = said.iter().map(|page| words.map(|it| page.contains(it))).collect();
    let online = [false, false, true, true];
    assert_eq!(named, [[true, true, true, false], [true, true, false, false], online, online]);
    assert!(said[1].contains("bu ofisteki yazıcıda basılır"));
}

#[test]
fn the_card_check_advises_what_this_kiosk_does() {
    let check = |cause, advice| {
        let findings = vec![
            Finding::Pin(TriesLeft::Locked),
            Finding::Renewal { verdict: Err(cause), possible_from: None },
        ];
        Page::CardCheck { findings, advice }
    };
    let pages = vec![
        check(Cause::PinLocked, vec![Advice::UnblockHere, Advice::Finish]),
        check(Cause::PinLocked, vec![Advice::Finish]),
        check(Cause::Expired, vec![Advice::WetInk, Advice::Finish]),
        check(Cause::Expired, vec![Advice::Finish]),
    ];
    let words =
        ["PIN kilidini bu kioskta", "Online İşlemler > Kilit Çözme", "Formu bu kioskta", "Portaldaki formu"];
    let said: Vec<_> = said(pages).iter().map(|page| words.map(|it| page.contains(it))).collect();
    assert_eq!(
        said,
        [
            [true, false, false, false],
            [false, true, false, false],
            [false, true, true, false],
            [false, true, false, true],
        ]
    );
}
