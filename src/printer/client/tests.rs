//! The client against real TLS on loopback: what a printer gets, and every way not to print.

use ipp::prelude::{IppValue, StatusCode};

use super::{Client, Fault, News};
use crate::{
    printer::bench::{able, number, paper, printer, says, word},
    tls_server::{Act, Host, answer},
};

fn runs<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

#[test]
fn a_document_goes_to_the_printer_once_over_tls_and_is_followed_to_its_end() {
    let host = Host::named(&["localhost"]);
    let server = host.serve(vec![
        able(),
        number("job-id", IppValue::new_integer(7)),
        says(StatusCode::SuccessfulOk, Vec::new()),
        number("job-state", IppValue::Enum(5)),
        number("printer-state-reasons", word("media-empty-error")),
        number("job-state", IppValue::Enum(9)),
    ]);
    let mut client = Client::new(&printer("ipps", &server, vec![host.root()])).expect("a client");
    runs(async {
        assert_eq!(client.hand_over(paper()).await, Ok(()));
        assert_eq!(client.look().await, Ok(News::OutOfPaper));
        assert_eq!(client.look().await, Ok(News::Done));
        // There is nothing left to be called off, and the printer is not asked.
        client.call_off().await;
        assert_eq!(client.look().await, Err(Fault::Failed));
    });
    server.thread.join().expect("it saw all of them");
    let requests: Vec<String> = server.requests.try_iter().collect();
    assert!(requests.iter().all(|it| it.starts_with("POST /ipp/print HTTP/1.1")));
    let with_document = requests.iter().filter(|it| it.contains("RaS2PwgRaster")).count();
    assert_eq!((requests.len(), with_document), (6, 1));
}

#[test]
fn a_printer_nobody_vouches_for_gets_nothing() {
    let (host, other) = (Host::named(&["localhost"]), Host::named(&["localhost"]));
    let server = host.serve(vec![able()]);
    let mut client = Client::new(&printer("ipps", &server, vec![other.root()])).expect("a client");
    assert_eq!(runs(client.hand_over(paper())), Err(Fault::Unreachable));
    server.thread.join().expect("it was hung up on");
    assert_eq!(server.requests.try_iter().count(), 0);
}

#[test]
fn a_printer_that_takes_other_pages_gets_none() {
    let host = Host::named(&["localhost"]);
    let server = host.serve(vec![says(StatusCode::SuccessfulOk, Vec::new())]);
    let mut client = Client::new(&printer("ipps", &server, vec![host.root()])).expect("a client");
    assert_eq!(runs(client.hand_over(paper())), Err(Fault::Unfit));
    server.thread.join().expect("asked once");
    assert!(server.requests.try_iter().all(|it| !it.contains("RaS2")));
}

#[test]
fn every_other_answer_is_a_fault_with_its_name() {
    let busy = || says(StatusCode::ServerErrorBusy, Vec::new());
    for (acts, fault) in [
        (vec![Act::Close], Fault::Unreachable),
        (vec![Act::Plain], Fault::Unreachable),
        (vec![answer("503 Busy", b"")], Fault::Failed),
        (vec![answer("200 OK", b"<html>")], Fault::Failed),
        (vec![answer("200 OK", vec![0; super::LIMIT + 1])], Fault::Failed),
        (vec![busy()], Fault::Failed),
        (vec![able(), busy()], Fault::Failed),
        (vec![able(), says(StatusCode::SuccessfulOk, Vec::new())], Fault::Failed),
    ] {
        let host = Host::named(&["localhost"]);
        let server = host.serve(acts);
        let mut client = Client::new(&printer("ipps", &server, vec![host.root()])).expect("a client");
        assert_eq!(runs(client.hand_over(paper())), Err(fault));
        server.thread.join().expect("no more was asked");
    }
}

#[test]
fn a_job_that_is_called_off_is_cancelled_at_the_printer() {
    let host = Host::named(&["localhost"]);
    let done = || says(StatusCode::SuccessfulOk, Vec::new());
    // How the job is, is told so that nobody understands it; or nobody knows whether the document was taken.
    for (then, handed_over) in [(done(), Ok(())), (Act::Close, Err(Fault::Unreachable))] {
        let looks = usize::from(handed_over.is_ok());
        let mut acts = vec![able(), number("job-id", IppValue::new_integer(7)), then];
        acts.extend((0..looks).map(|_| number("job-state", IppValue::Enum(99))));
        acts.push(done());
        let server = host.serve(acts);
        let mut client = Client::new(&printer("ipps", &server, vec![host.root()])).expect("a client");
        runs(async {
            assert_eq!(client.hand_over(paper()).await, handed_over);
            for _ in 0..looks {
                assert_eq!(client.look().await, Err(Fault::Failed));
            }
            client.call_off().await;
        });
        server.thread.join().expect("told so");
        let last = server.requests.try_iter().last().expect("asked");
        let (_, body) = last.split_once("\r\n\r\n").expect("a body");
        assert_eq!(&body.as_bytes()[2..4], [0, 8], "Cancel-Job (RFC 8011, 4.3.3)");
    }
}
