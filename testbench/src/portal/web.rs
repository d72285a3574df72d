//! HTTP and TLS around the portal: addresses, cookies, charsets, connections that are cut.
//!
//! It decides nothing: a request is taken apart, answered by the portal, and put together again.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body as HttpBody, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1254};

use super::{
    Fault,
    cut::Connections,
    flow::{Answer, Body, Request},
    online::{AskUnblock, Confirm, Report, Unconfirmed},
    outbox::Outbox,
    signing::{AskTexts, HandIn, Refusal},
    state::{Aftermath, Portal},
};

/// What handlers share.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) portal: Arc<Mutex<Portal>>,
    pub(super) outbox: Outbox,
    pub(super) connections: Connections,
}

impl Desk {
    pub(super) fn portal(&self) -> MutexGuard<'_, Portal> {
        self.portal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long an answer takes.
    fn delay(&self) -> Duration {
        let mut portal = self.portal();
        if portal.strikes(Fault::Slow) { portal.timers.slow } else { Duration::ZERO }
    }
}

/// All addresses of the portal.
pub(super) fn router(desk: Desk) -> Router {
    Router::new()
        .route("/{part}/{page}", any(page))
        .route("/imza/texts", post(texts))
        .route("/imza/signatures", post(signatures))
        .route("/imza/unblock", post(unblock))
        .route("/imza/unblock-confirm", post(unblock_confirm))
        .route("/imza/unblock-report", post(unblock_report))
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .with_state(desk)
}

async fn page(
    State(desk): State<Desk>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Path((part, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let foreign = desk.portal().faults.contains(&Fault::ForeignCharset);
    let charset = if foreign { WINDOWS_1254 } else { UTF_8 };
    let form = match method {
        Method::POST => match urlencoded(&body, charset) {
            Some(form) => Some(form),
            None => return StatusCode::BAD_REQUEST.into_response(),
        },
        Method::GET => None,
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let request = Request {
        path,
        query: urlencoded(query.unwrap_or_default().as_bytes(), UTF_8).unwrap_or_default(),
        cookie: cookie(&headers),
        form,
    };
    let now = Instant::now();
    let answer = match part.as_str() {
        "bp" => desk.portal().answer(&request, now),
        "nb" => desk.portal().answer_online(&request, now, wall()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if answer.aftermath.cut {
        desk.connections.cut(client);
    }
    deliver(&desk, &answer.aftermath);
    respond(answer, &part, foreign)
}

/// Unix seconds.
fn wall() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default()
}

async fn texts(State(desk): State<Desk>, Json(asked): Json<AskTexts>) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let answer = desk.portal().hand_out(&asked, Instant::now());
    answer.map_or_else(refuse, |texts| Json(texts).into_response())
}

async fn signatures(
    State(desk): State<Desk>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Json(handed): Json<HandIn>,
) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let answer = desk.portal().hand_in(&handed, Instant::now(), wall());
    if answer.as_ref().is_ok_and(|taken| taken.lost) {
        desk.connections.cut(client);
    }
    answer.map_or_else(refuse, |taken| Json(taken).into_response())
}

async fn unblock(State(desk): State<Desk>, Json(asked): Json<AskUnblock>) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let answer = desk.portal().ask_unblock(&asked, Instant::now());
    if let Ok(sent) = &answer {
        deliver(&desk, &sent.aftermath);
    }
    answer.map_or_else(refuse, |sent| Json(sent).into_response())
}

async fn unblock_confirm(State(desk): State<Desk>, Json(asked): Json<Confirm>) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let answer = desk.portal().confirm_unblock(&asked, Instant::now());
    match answer {
        Ok(granted) => Json(granted).into_response(),
        Err(Unconfirmed::Refused(reason)) => refuse(reason),
        Err(Unconfirmed::WrongSms { remaining, aftermath }) => {
            deliver(&desk, &aftermath);
            let words = serde_json::json!({ "error": Refusal::WrongSms, "remaining": remaining });
            (StatusCode::CONFLICT, Json(words)).into_response()
        }
    }
}

async fn unblock_report(
    State(desk): State<Desk>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Json(told): Json<Report>,
) -> Response {
    tokio::time::sleep(desk.delay()).await;
    let answer = desk.portal().report_unblock(&told);
    if answer.as_ref().is_ok_and(|taken| taken.lost) {
        desk.connections.cut(client);
    }
    answer.map_or_else(refuse, |taken| Json(taken).into_response())
}

fn refuse(reason: Refusal) -> Response {
    (StatusCode::CONFLICT, Json(HashMap::from([("error", reason)]))).into_response()
}

/// Hands an SMS over now, or when its time has come.
fn deliver(desk: &Desk, aftermath: &Aftermath) {
    let Some((sms, delay)) = aftermath.sms.clone() else { return };
    let outbox = desk.outbox.clone();
    if delay.is_zero() {
        outbox.deliver(sms);
        return;
    }
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        outbox.deliver(sms);
    });
}

/// `part` is where the answer's cookie is good for.
fn respond(answer: Answer, part: &str, foreign: bool) -> Response {
    let mut response = match answer.body {
        Body::Html(text) if foreign => {
            let (bytes, _, _) = WINDOWS_1254.encode(&text);
            ([(header::CONTENT_TYPE, "text/html; charset=ISO-8859-9")], bytes.into_owned()).into_response()
        }
        // A whole page names its charset itself; a fragment has no place to.
        Body::Html(text) if text.starts_with("<!DOCTYPE") => {
            ([(header::CONTENT_TYPE, "text/html")], text).into_response()
        }
        Body::Html(text) => ([(header::CONTENT_TYPE, "text/html; charset=UTF-8")], text).into_response(),
        Body::Pdf(bytes) => ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response(),
        Body::Png(bytes) => ([(header::CONTENT_TYPE, "image/png")], bytes).into_response(),
        Body::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Body::Status(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, HttpBody::empty()).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    if let Some(id) = answer.set_cookie {
        let cookie = format!("JSESSIONID={id}; Path=/{part}; Secure; HttpOnly");
        if let Ok(cookie) = cookie.parse() {
            headers.insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("JSESSIONID=").map(str::to_owned))
}

/// Names and values of an `application/x-www-form-urlencoded` text, in the charset of the page it was made on.
/// `None`: bytes that are not of it.
fn urlencoded(text: &[u8], charset: &'static Encoding) -> Option<Vec<(String, String)>> {
    let decode = |part: &[u8]| {
        let mut bytes = Vec::with_capacity(part.len());
        let mut rest = part;
        while let Some((&first, tail)) = rest.split_first() {
            let hex = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
            match (first, hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = &tail[2..];
                }
                (b'+', _) => {
                    bytes.push(b' ');
                    rest = tail;
                }
                (other, _) => {
                    bytes.push(other);
                    rest = tail;
                }
            }
        }
        charset.decode_without_bom_handling_and_without_replacement(&bytes).map(|text| text.into_owned())
    };
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            Some((decode(&pair[..at])?, decode(pair.get(at + 1..).unwrap_or_default())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1254};

    use super::urlencoded;

    #[test]
    fn posts_are_read_in_the_charset_of_the_page() {
        let pair = |name: &str, value: &str| Some(vec![(name.to_owned(), value.to_owned())]);
        assert_eq!(urlencoded(b"ad=%C5%9E%2B+x", UTF_8), pair("ad", "Ş+ x"));
        assert_eq!(urlencoded(b"ad=%DE%2B+x", WINDOWS_1254), pair("ad", "Ş+ x"));
        assert_eq!(urlencoded(b"ad=%DE", UTF_8), None);
        assert_eq!(urlencoded(b"ad", UTF_8), pair("ad", ""));
    }
}
