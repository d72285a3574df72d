//! Calls against a real TLS server on loopback.

use std::{path::PathBuf, time::Duration};

use super::{Calls, Webhook};
use crate::{
    config,
    link::view::Reference,
    session::{Event, StaffCall, VisitId},
    supervisor::{
        inbox::{Message, inbox},
        indicators::Order,
    },
    tls_server::{Act, Host, Server, answer},
};

const DEADLINE: Duration = Duration::from_secs(60);
const KEY: &str = "GIZLI-ANAHTAR";

fn webhook(host: &Host, server: &Server) -> Webhook {
    let client = config::Portal {
        profile: PathBuf::new(),
        address: None,
        signing_address: None,
        online_address: None,
        ca_roots: vec![host.root()],
        proxy: None,
        connect_timeout_s: 5,
        answer_timeout_s: 2,
        resolve: [("yardim.test".to_owned(), [127, 0, 0, 1].into())].into(),
    };
    let address = format!("https://yardim.test:{}/cagri/{KEY}", server.port).parse().unwrap();
    let (office, kiosk) = ("Deneme Ofisi".into(), "Giriş katı".into());
    Webhook { address, client, office, kiosk, pauses: [Duration::ZERO; 2] }
}

const CALL: StaffCall = StaffCall {
    number: 4,
    visit: Some(VisitId(9)),
    reference: REFERENCE,
    step: "form-contact",
    told_already: false,
};
const REFERENCE: Reference = Reference::of(814_071);

/// Makes a call where a line, if there is one, `works`; whether staff was told, if that was heard, and whether the line was
/// to be switched.
fn called(webhook: Option<Webhook>, works: Option<bool>, call: StaffCall) -> (Option<bool>, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (orders, mut ordered) = tokio::sync::mpsc::unbounded_channel();
    let (inbox, mut messages) = inbox();
    let (told, ordered) = runtime.block_on(async {
        let calls = Calls { webhook, line: works.is_some(), orders, inbox };
        calls.call(call);
        drop(calls);
        let ordered = match ordered.try_recv() {
            Ok(Order::Call(told)) => works.map(|works| told.send(works).unwrap()).is_some(),
            _ => false,
        };
        (tokio::time::timeout(DEADLINE, messages.recv()).await.unwrap(), ordered)
    });
    let told = told.map(|message| {
        let Message::Event(Event::StaffCalled { number, told }) = message else { panic!("{message:?}") };
        assert_eq!(number, CALL.number);
        told
    });
    (told, ordered)
}

#[test]
fn a_call_says_which_office_kiosk_visit_and_step_and_nothing_of_a_person() {
    let host = Host::named(&["yardim.test"]);
    let server = host.serve(vec![answer("204 No Content", "")]);
    assert_eq!(called(Some(webhook(&host, &server)), None, CALL), (Some(true), false));
    let request = server.requests.recv_timeout(DEADLINE).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("POST /cagri/{KEY} HTTP/1.1\r\n")), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let mut keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["kiosk", "office", "reference", "step", "time"]);
    assert_eq!(body["reference"], REFERENCE.to_string());
    assert_eq!((&body["office"], &body["kiosk"]), (&"Deneme Ofisi".into(), &"Giriş katı".into()));
    assert_eq!(body["step"], "form-contact");
    assert!(body["time"].as_str().unwrap().ends_with('Z'), "{body}");
    server.thread.join().unwrap();
}

#[test]
fn a_call_that_is_not_taken_is_made_again_and_then_it_is_said_that_nobody_was_told() {
    let host = Host::named(&["yardim.test"]);
    let server = host.serve(vec![answer("404 No", ""), Act::Silence, answer("302 Found\r\nLocation: /", "")]);
    assert_eq!(called(Some(webhook(&host, &server)), None, CALL).0, Some(false));
    server.thread.join().unwrap();
    let server = host.serve(vec![answer("500 No", ""), Act::Close, answer("200 OK", "tamam")]);
    assert_eq!(called(Some(webhook(&host, &server)), None, CALL).0, Some(true));
    assert_eq!(server.requests.iter().count(), 2, "the second was closed before it was read");
    server.thread.join().unwrap();
}

#[test]
fn a_server_the_offices_roots_do_not_vouch_for_is_told_nothing() {
    let (host, other) = (Host::named(&["yardim.test"]), Host::named(&["yardim.test"]));
    let server = other.serve(vec![answer("200 OK", ""), answer("200 OK", ""), answer("200 OK", "")]);
    assert_eq!(called(Some(webhook(&host, &server)), None, CALL).0, Some(false));
    server.thread.join().unwrap();
    assert_eq!(server.requests.iter().count(), 0);
}

#[test]
fn a_line_tells_staff_whatever_becomes_of_the_network_and_without_either_nobody_says_so() {
    let host = Host::named(&["yardim.test"]);
    let server = host.serve(Vec::new());
    server.thread.join().unwrap();
    let gone = Server { port: server.port, requests: server.requests, thread: std::thread::spawn(|| {}) };
    assert_eq!(called(Some(webhook(&host, &gone)), Some(true), CALL), (Some(true), true));
    assert_eq!(called(Some(webhook(&host, &gone)), None, CALL), (Some(false), false));
    assert_eq!(called(None, Some(true), CALL), (Some(true), true));
    assert_eq!(called(None, Some(false), CALL), (Some(false), true), "a line that fails tells nobody");
    assert_eq!(called(Some(webhook(&host, &gone)), Some(false), CALL), (Some(false), true));
    assert_eq!(called(None, None, CALL), (None, false));
    gone.thread.join().unwrap();
}

#[test]
fn a_call_staff_was_told_of_already_is_for_the_journal_alone() {
    let again = StaffCall { told_already: true, ..CALL };
    assert_eq!(called(None, Some(true), again), (None, false));
}
