//! The client against real TLS on loopback: every way to fail has its own fault.

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::PathBuf,
    time::Duration,
};

use url::Url;
use zeroize::Zeroizing;

use super::{Client, ClientError};
use crate::{
    config,
    portal::{Body, Fault, HttpRequest, HttpResponse, PAGE_LIMIT},
    tls_server::{Act, Host, Server, answer, read_request},
};

struct Office(Host);

impl Office {
    fn new() -> Self {
        Self(Host::named(&["portal.test"]))
    }

    fn root(&self) -> PathBuf {
        self.0.root()
    }

    fn config(&self) -> config::Portal {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        config::Portal {
            profile: PathBuf::new(),
            address: None,
            signing_address: None,
            online_address: None,
            ca_roots: vec![self.root()],
            proxy: None,
            connect_timeout_s: 5,
            answer_timeout_s: 5,
            resolve: [("portal.test", loopback), ("baska.test", loopback)]
                .map(|(n, ip)| (n.to_owned(), ip))
                .into(),
        }
    }

    fn client(&self) -> Client {
        Client::new(&self.config()).expect("a client")
    }

    fn serve(&self, acts: Vec<Act>) -> Server {
        self.0.serve(acts)
    }
}

fn get(server: &Server) -> HttpRequest {
    let url = Url::parse(&format!("https://portal.test:{}/bp/meb.go?a=1", server.port)).expect("an address");
    HttpRequest { url, body: None, limit: PAGE_LIMIT }
}

fn send(client: &mut Client, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Connections belong to a runtime; each request here comes over its own.
    runtime.block_on(client.send(request))
}

fn fault_of(act: Act) -> Fault {
    let office = Office::new();
    let server = office.serve(vec![act]);
    let mut client = office.client();
    client.answer_timeout = Duration::from_millis(600);
    client.connect_timeout = Duration::from_millis(200);
    client.close();
    let fault = send(&mut client, get(&server)).expect_err("a fault");
    server.thread.join().expect("served");
    fault
}

#[test]
fn an_answer_comes_whole_with_what_the_flow_needs_of_its_head() {
    let office = Office::new();
    let server = office.serve(vec![answer("200 OK\r\nContent-Type: text/html; charset=x", "içerik")]);
    let mut request = get(&server);
    request.body = Some(Body { media_type: "application/json", bytes: Zeroizing::new(b"{}".to_vec()) });
    let got = send(&mut office.client(), request).expect("an answer");
    assert_eq!((got.status, got.content_type.as_deref()), (200, Some("text/html; charset=x")));
    assert_eq!(got.body.as_slice(), "içerik".as_bytes());
    let sent = server.requests.recv().expect("one").to_lowercase();
    assert!(sent.starts_with("post /bp/meb.go?a=1 http/1.1\r\n"), "{sent}");
    assert!(sent.contains("content-type: application/json\r\n") && sent.ends_with("\r\n\r\n{}"), "{sent}");
}

#[test]
fn a_redirect_is_handed_on_and_not_followed() {
    let office = Office::new();
    let server = office.serve(vec![answer("302 Found\r\nLocation: https://baska.test/", "")]);
    let got = send(&mut office.client(), get(&server)).expect("an answer");
    assert_eq!((got.status, got.location.as_deref()), (302, Some("https://baska.test/")));
}

#[test]
fn cookies_are_sent_back_until_the_visit_is_closed() {
    let office = Office::new();
    let cookie = answer("200 OK\r\nSet-Cookie: JSESSIONID=abc; Path=/; Secure; HttpOnly", "");
    let server = office.serve(vec![cookie; 3]);
    let mut client = office.client();
    let mut cookie_sent = || {
        send(&mut client, get(&server)).expect("an answer");
        server.requests.recv().expect("one").to_lowercase().contains("cookie: jsessionid=abc")
    };
    assert!(!cookie_sent());
    assert!(cookie_sent());
    client.close();
    send(&mut client, get(&server)).expect("an answer");
    assert!(
        !server.requests.recv().expect("one").to_lowercase().contains("cookie"),
        "nothing of the last visit"
    );
}

#[test]
fn before_a_connection_stands_the_portal_is_unreachable() {
    let office = Office::new();
    let nobody = office.serve(Vec::new());
    let request = get(&nobody);
    nobody.thread.join().expect("gone");
    assert_eq!(send(&mut office.client(), request.clone()), Err(Fault::Unreachable));
    assert_eq!(fault_of(Act::Close), Fault::Unreachable);
    assert_eq!(fault_of(Act::Mute), Fault::Unreachable);
    let mut unknown = request;
    unknown.url.set_host(Some("yok.invalid")).expect("a name");
    assert_eq!(send(&mut office.client(), unknown), Err(Fault::Unreachable));
}

#[test]
fn once_the_request_is_sent_its_outcome_is_open() {
    assert_eq!(fault_of(Act::Answer(Vec::new())), Fault::Interrupted);
    assert_eq!(
        fault_of(Act::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal".to_vec())),
        Fault::Interrupted
    );
    assert_eq!(
        fault_of(Act::Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec())),
        Fault::Interrupted
    );
    assert_eq!(fault_of(Act::Silence), Fault::Timeout);
}

#[test]
fn a_server_that_is_not_trusted_gets_no_request() {
    let (office, other) = (Office::new(), Office::new());
    let server = office.serve(vec![Act::Silence]);
    assert_eq!(send(&mut other.client(), get(&server)), Err(Fault::Tls), "another root");
    server.thread.join().expect("served");
    assert!(server.requests.recv().is_err(), "nothing was sent");
    let server = office.serve(vec![Act::Silence]);
    let mut request = get(&server);
    request.url.set_host(Some("baska.test")).expect("a name");
    assert_eq!(send(&mut office.client(), request), Err(Fault::Tls), "another name");
    assert_eq!(fault_of(Act::Plain), Fault::Tls, "no TLS at all");
}

#[test]
fn an_answer_over_its_limit_is_not_read_to_its_end() {
    let office = Office::new();
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096)).repeat(40);
    let endless = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_owned();
    for text in [endless, announced] {
        let server = office.serve(vec![Act::Answer(text.into_bytes())]);
        let request = HttpRequest { limit: 10_000, ..get(&server) };
        assert_eq!(send(&mut office.client(), request), Err(Fault::Oversize { limit: 10_000 }));
    }
}

#[test]
fn a_plain_address_is_never_sent_to() {
    let office = Office::new();
    // It would answer.
    let server = office.serve(vec![Act::Plain]);
    let mut request = get(&server);
    request.url.set_scheme("http").expect("a scheme");
    assert_eq!(send(&mut office.client(), request), Err(Fault::Unreachable));
}

#[test]
fn requests_go_through_the_configured_proxy() {
    let office = Office::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("bound"));
    let asked = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        let request = read_request(&mut socket).expect("a request");
        socket.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").expect("written");
        request
    });
    let mut client =
        Client::new(&config::Portal { proxy: Some(proxy), ..office.config() }).expect("a client");
    let url = Url::parse("https://portal.test/bp/meb.go").expect("an address");
    let refused = send(&mut client, HttpRequest { url, body: None, limit: PAGE_LIMIT });
    assert_eq!(refused, Err(Fault::Unreachable), "the proxy refused, the portal saw nothing");
    assert!(asked.join().expect("asked").starts_with("CONNECT portal.test:443 HTTP/1.1\r\n"));
}

#[test]
fn a_broken_configuration_is_named_by_file_or_key() {
    let office = Office::new();
    let error = |config: &config::Portal| Client::new(config).err().expect("an error").to_string();
    let broken = office.0.folder().join("bozuk.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").expect("written");
    let empty = office.0.folder().join("bos.pem");
    std::fs::write(&empty, "").expect("written");
    for (file, found) in
        [(broken, "bozuk.pem"), (empty, "no certificate"), (PathBuf::from("/yok/kok.pem"), "/yok/kok.pem")]
    {
        let text = error(&config::Portal { ca_roots: vec![file], ..office.config() });
        assert!(text.contains("portal.ca_roots") && text.contains(found), "{text}");
    }
    let proxy = Client::new(&config::Portal { proxy: Some("ftp://x".to_owned()), ..office.config() });
    assert!(matches!(proxy.err(), Some(ClientError::Proxy)));
}
