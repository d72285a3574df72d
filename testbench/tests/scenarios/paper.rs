//! Islak imza with the real processes: the printer has the portal's document, and nobody else has anything of it.

use std::collections::{BTreeMap, BTreeSet};

use eimza_kiosk::{link::paper::Grey, portal::Pdf};
use kiosk_paper::Document;
use testbench::{
    demo::{
        arguments::What as Asked,
        auto::Report,
        bench::{Bench, KIOSK_PAPER, KIOSK_TOKEN, KIOSK_UI, KIOSKD, PROCESSES},
        remains,
    },
    faults::Fault,
    portal::{PageName, What},
};

use super::stage::{Stage, pages};

/// Dots in a row that are looked for.
const STRETCH: usize = 64;

fn run(arguments: &[&str]) -> Report {
    let mut stage = Stage::set(&[&["--service", "wet-ink"], arguments].concat());
    let report = stage.run();
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    assert_eq!(report.applications, 0, "nothing is applied for before it is delivered");
    report
}

/// Stretches of the first page as it is printed, as the screen is given it, and as that draws it in three colours, each long
/// and uneven enough to be found nowhere by chance.
fn dots_of_first_page(bench: &Bench) -> Vec<(&'static str, Vec<u8>)> {
    let document = bench.portal.documents().pop().expect("handed out");
    let leaf = Document::open(&Pdf(document.into())).expect("a document").leaf(0).expect("its first page");
    let uneven = |dots: &&[u8]| dots.windows(2).filter(|two| two[0] != two[1]).count();
    let stretch = |page: &Grey| {
        let all = page.rows().step_by(5).flat_map(|row| row.windows(STRETCH).step_by(5));
        // Beginning neither white nor black, of which memory is full.
        let most = all.filter(|dots| !matches!(dots[0], 0 | 255)).max_by_key(uneven);
        most.expect("a page has something on it").to_owned()
    };
    let (print, screen) = (stretch(&leaf.print), stretch(&leaf.screen));
    assert!(uneven(&print.as_slice()) > STRETCH / 4 && uneven(&screen.as_slice()) > STRETCH / 4);
    // On a screen of this width it is drawn dot by dot.
    let drawn = screen.iter().flat_map(|grey| [*grey; 3]).collect();
    vec![("print", print), ("screen", screen), ("drawn", drawn)]
}

#[test]
fn what_is_printed_is_the_portals_document_dot_by_dot_and_nothing_of_it_remains() {
    // The page stands as long as looking into every process takes.
    let mut stage = Stage::set_as(&["--service", "wet-ink"], |plan| plan.rules.push(("idle_s", 600)));
    let events = stage.bench.portal.events();
    let mut dots = Vec::new();
    let mut held = BTreeMap::new();
    let report = stage.run_with(&mut |bench, state| {
        if state.page == "paper" && dots.is_empty() {
            dots = dots_of_first_page(bench);
            for name in PROCESSES.into_iter().chain([KIOSK_PAPER]) {
                let pid = bench.launcher.pid(name).expect("it runs");
                let finds = remains::in_memory(pid, &dots)?;
                held.insert(name, finds.into_iter().map(|find| find.what).collect::<BTreeSet<_>>());
            }
        }
        Ok(())
    });
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    // The same scan finds the page where it has to be while it is read, and nowhere else.
    let held = |name| held[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(held(KIOSKD), ["print", "screen"]);
    assert_eq!(held(KIOSK_UI), ["drawn", "screen"]);
    assert_eq!((held(KIOSK_TOKEN), held(KIOSK_PAPER)), (vec![], vec![]));
    let seen = pages(&report.pages);
    for page in ["insert-card", "notice", "login", "form", "sms-code", "paper", "printed", "take-card"] {
        assert!(seen.contains(&page), "{page} of {seen:?}");
    }
    for page in ["method", "contract", "pin"] {
        assert!(!seen.contains(&page), "{page} of {seen:?}");
    }
    let served = |page| move |what: &What| matches!(what, What::Served { page: it, .. } if *it == page);
    let events: Vec<What> = events.try_iter().map(|event| event.what).collect();
    assert_eq!(events.iter().filter(|what| served(PageName::Document)(what)).count(), 1);
    let document = stage.bench.portal.documents().pop().expect("handed out");
    let text = String::from_utf8_lossy(&document).into_owned();
    let (_, id) = text.rsplit_once("/ID [<").expect("it has an identity");
    let traces = [("document", &id[..32]), ("sheets", "RaS2PwgRaster"), ("pdf", "%PDF-1.7")];
    for name in PROCESSES.into_iter().chain([KIOSK_PAPER]) {
        let pid = stage.bench.launcher.pid(name).expect("it runs");
        let found = remains::in_memory(pid, &traces[..2]).expect("root may read");
        assert_eq!(found, [], "in {name}");
        assert_eq!(remains::in_memory(pid, &dots).expect("root may read"), [], "in {name}");
    }
    assert_eq!(remains::in_logs(&stage.out.path().join("logs"), &traces).expect("logs"), []);
    // The folder of the sockets holds the printer's own things; the kiosk's are sockets and its configuration.
    let printers = stage.bench.plan.run.join("printer");
    for entry in std::fs::read_dir(&stage.bench.plan.run).expect("a folder").flatten() {
        let path = entry.path();
        if path != printers && path.is_file() {
            let found = remains::in_file(&path, &traces).expect("readable");
            assert_eq!(found, [], "{}", path.display());
            let found = remains::in_file(&path, &dots).expect("readable");
            assert_eq!(found, [], "{}", path.display());
        }
    }
}

#[test]
fn whoever_has_no_card_has_it_printed_too_in_either_language_and_institution() {
    run(&["--without-card"]);
    run(&["--without-card", "--lang", "en", "--size", "800x480", "--seed", "5"]);
    run(&["--institution", "saglik", "--fault", "expired", "--then-healthy", "false"]);
}

#[test]
fn a_document_that_is_none_is_named_and_nothing_is_printed() {
    for fault in ["paper-missing", "paper-garbled", "paper-oversize", "paper-endless", "paper-off-host"] {
        let report = run(&["--fault", fault]);
        assert_eq!((report.faults_met, report.next_visitor_served), (vec![fault.to_owned()], Some(true)));
    }
}

#[test]
fn a_printer_that_is_off_empty_or_jammed_is_named() {
    for fault in ["printer-off", "printer-empty", "printer-jammed"] {
        let report = run(&["--fault", fault]);
        assert_eq!((report.faults_met, report.next_visitor_served), (vec![fault.to_owned()], Some(true)));
    }
}

#[test]
fn a_card_that_cannot_renew_is_no_hindrance() {
    for fault in ["expired", "locked", "unknown-atr", "no-certificate", "malformed-certificate", "mute"] {
        assert!(fault.parse::<Fault>().is_ok());
        run(&["--fault", fault, "--then-healthy", "false"]);
    }
}

#[test]
fn a_kiosk_whose_documents_nobody_takes_apart_says_so_and_serves_the_next() {
    let mut stage = Stage::set(&["--service", "wet-ink"]);
    let (shown, seen) = stage.visit(&[], &mut |bench, state| {
        let socket = bench.plan.run.join("paper");
        if state.page == "sms-code" && socket.exists() {
            std::fs::remove_file(socket)?;
        }
        Ok(())
    });
    let ending = (shown.ending.page.as_deref(), shown.ending.cause.as_deref());
    assert_eq!(ending, (Some("trouble"), Some("paper-unreadable")), "{:?}", pages(&seen));
    assert_eq!(
        stage.bench.portal.documents().len(),
        1,
        "there was one to be taken apart, and nothing wrong with it"
    );
    assert!(!pages(&seen).contains(&"paper"), "{:?}", pages(&seen));
    let printer = stage.bench.printer.as_ref().expect("there is one");
    assert!(printer.documents().expect("its folder").is_empty());
    stage.arguments.service = Asked::Renewal;
    let report = stage.run();
    assert!(report.as_expected, "the next visitor is served: {:?}\n{:#?}", report.deviations, report.pages);
}
