//! Unblocking at the signing service: an SMS for a verification code, the PUK for both, and how it ended.
//!
//! Like the rest of that service a protocol of ours (`docs/signing-protocol.md`). It knows nothing of pages or cards.
//!
//! - `POST {signing}/unblock` with `{"code": "…"}` sends an SMS and answers `{"remaining": 300}`, its life in seconds.
//! - `POST {signing}/unblock-confirm` with `{"code": "…", "sms": "…"}` answers `{"puk": "…"}`, or refuses with
//!   `wrong-sms` and the seconds left.
//! - `POST {signing}/unblock-report` with `{"code": "…", "done": true}` answers `{"taken": true}`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    portal::{
        http::{HttpRequest, HttpResponse},
        page::{Fault, Page},
        place::LONGEST,
        signing::{post, read},
    },
    redact::{Personal, PortalSecret},
};

/// Digits of a PUK.
const PUK: std::ops::RangeInclusive<usize> = 4..=16;

#[derive(Serialize)]
struct Ask<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct Confirm<'a> {
    code: &'a str,
    sms: &'a str,
}

#[derive(Serialize)]
struct Report<'a> {
    code: &'a str,
    done: bool,
}

#[derive(Deserialize)]
struct Sent {
    remaining: u64,
}

#[derive(Deserialize)]
struct Granted {
    puk: PortalSecret,
}

#[derive(Deserialize)]
struct Reported {
    taken: bool,
}

/// The one refusal that leaves everything as it was.
#[derive(Deserialize)]
struct WrongSms {
    error: WrongSmsWord,
    remaining: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrongSmsWord {
    WrongSms,
}

/// Asks for the SMS.
pub(in crate::portal) fn ask(service: &Url, code: &Personal) -> Result<HttpRequest, Fault> {
    post(service, "unblock", &Ask { code: code.expose() })
}

/// Confirms by the code that came.
pub(in crate::portal) fn confirm(
    service: &Url,
    code: &Personal,
    sms: &Personal,
) -> Result<HttpRequest, Fault> {
    post(service, "unblock-confirm", &Confirm { code: code.expose(), sms: sms.expose() })
}

/// Says how it ended.
pub(in crate::portal) fn report(service: &Url, code: &Personal, done: bool) -> Result<HttpRequest, Fault> {
    post(service, "unblock-report", &Report { code: code.expose(), done })
}

/// Reads the answer to [`ask`].
pub(in crate::portal) fn read_sent(response: &HttpResponse) -> Result<Page, Fault> {
    let Sent { remaining } = read(response)?;
    Ok(awaits_sms(remaining, false))
}

/// Reads the answer to [`confirm`].
pub(in crate::portal) fn read_grant(response: &HttpResponse) -> Result<Page, Fault> {
    let refusal = (response.status == 409).then(|| serde_json::from_slice(&response.body).ok()).flatten();
    if let Some(WrongSms { error: WrongSmsWord::WrongSms, remaining }) = refusal {
        return Ok(awaits_sms(remaining, true));
    }
    let Granted { puk } = read(response)?;
    let digits = puk.expose();
    if !PUK.contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Fault::Malformed("a PUK that is none"));
    }
    Ok(Page::UnblockGrant { puk })
}

/// Reads the answer to [`report`].
pub(in crate::portal) fn read_reported(response: &HttpResponse) -> Result<Page, Fault> {
    match read(response)? {
        Reported { taken: true } => Ok(Page::UnblockReported),
        Reported { taken: false } => {
            Err(Fault::Malformed("an answer that is no message of the signing service"))
        }
    }
}

fn awaits_sms(seconds: u64, wrong: bool) -> Page {
    Page::UnblockSms { remaining: Duration::from_secs(seconds.min(LONGEST)), wrong }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;
    use zeroize::Zeroizing;

    use super::{ask, confirm, read_grant, read_reported, read_sent, report};
    use crate::{
        portal::{Fault, HttpResponse, Page},
        redact::PortalSecret,
    };

    fn answer(status: u16, body: &str) -> HttpResponse {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        HttpResponse { status, content_type: Some("application/json".to_owned()), location: None, body }
    }

    #[test]
    fn messages_are_those_of_the_protocol() {
        let service = Url::parse("https://imza.test/e/").expect("an address");
        let code = "798689484262275".into();
        for (request, path, body) in [
            (ask(&service, &code), "/e/unblock", r#"{"code":"798689484262275"}"#),
            (
                confirm(&service, &code, &"123456".into()),
                "/e/unblock-confirm",
                r#"{"code":"798689484262275","sms":"123456"}"#,
            ),
            (
                report(&service, &code, false),
                "/e/unblock-report",
                r#"{"code":"798689484262275","done":false}"#,
            ),
        ] {
            let request = request.expect("written");
            assert_eq!(request.url.path(), path);
            assert_eq!(request.body.expect("a POST").bytes.as_slice(), body.as_bytes());
        }
    }

    #[test]
    fn answers_are_pages_and_a_wrong_sms_code_is_one_too() {
        let awaits = |seconds, wrong| Page::UnblockSms { remaining: Duration::from_secs(seconds), wrong };
        assert_eq!(read_sent(&answer(200, r#"{"remaining":300}"#)), Ok(awaits(300, false)));
        assert_eq!(read_sent(&answer(200, r#"{"remaining":99999999}"#)), Ok(awaits(3600, false)));
        let wrong = answer(409, r#"{"error":"wrong-sms","remaining":12}"#);
        assert_eq!(read_grant(&wrong), Ok(awaits(12, true)));
        let granted = Page::UnblockGrant { puk: PortalSecret::new("48151623") };
        assert_eq!(read_grant(&answer(200, r#"{"puk":"48151623"}"#)), Ok(granted));
        assert_eq!(read_reported(&answer(200, r#"{"taken":true}"#)), Ok(Page::UnblockReported));
    }

    #[test]
    fn every_refusal_has_its_own_fault_and_a_puk_is_digits() {
        for (word, fault) in [
            ("code-unknown", Fault::CodeUnknown),
            ("code-expired", Fault::CodeExpired),
            ("sms-expired", Fault::SmsExpired),
        ] {
            let refusal = answer(409, &format!(r#"{{"error":"{word}"}}"#));
            assert_eq!(read_sent(&refusal), Err(fault.clone()), "{word}");
            assert_eq!(read_grant(&refusal), Err(fault.clone()), "{word}");
            assert_eq!(read_reported(&refusal), Err(fault), "{word}");
        }
        for puk in ["", "123", "1234567890123456 ", "12345678901234567", "4815162x", "٤٨١٥١٦٢٣"] {
            let granted = answer(200, &format!(r#"{{"puk":"{puk}"}}"#));
            assert!(matches!(read_grant(&granted), Err(Fault::Malformed(_))), "{puk:?}");
        }
        for (status, body) in
            [(200, "{"), (200, r#"{"taken":false}"#), (409, r#"{"error":"new"}"#), (409, "")]
        {
            assert!(
                matches!(read_reported(&answer(status, body)), Err(Fault::Malformed(_))),
                "{status} {body}"
            );
        }
        assert_eq!(read_sent(&answer(500, "")), Err(Fault::Status(500)));
    }
}
