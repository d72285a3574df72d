//! The signing service: texts behind a verification code, and signatures handed in for it.
//!
//! How the real portal and its signer speak is not public; this is a protocol of ours behind one adapter.
//! It knows nothing of pages.
//!
//! - `POST {signing}/texts` with `{"code": "…"}` answers `{"texts": ["<base64>", …]}`, one to four texts.
//! - `POST {signing}/signatures` with `{"code": "…", "signatures": ["<base64 of DER>", …]}`, one per text
//!   in order, answers `{"taken": true}`.
//! - A refusal is status 409 with `{"error": E}`, `E` one of `code-unknown`, `code-expired`, `code-used`,
//!   `wrong-person`, `wrong-text`, `certificate`, `invalid`, and of an unblocking (`online/unblock.rs`)
//!   `wrong-sms` or `sms-expired`.
//! - A code is used once: a second time is refused as `code-used`. The result page tells what happened.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::{
    http::{Body, HttpRequest, HttpResponse, PAGE_LIMIT},
    page::{Fault, Page, RefusedSignature, SigningText},
};
use crate::{link::pin::MOST_TEXTS, redact::Personal};

/// Most bytes of one text.
const TEXT: usize = 256 * 1024;

#[derive(Serialize)]
struct AskTexts<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct HandIn<'a> {
    code: &'a str,
    signatures: Vec<String>,
}

#[derive(Deserialize)]
struct Texts {
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct Taken {
    taken: bool,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reason {
    CodeUnknown,
    CodeExpired,
    CodeUsed,
    WrongPerson,
    WrongText,
    Certificate,
    Invalid,
    SmsExpired,
}

/// Asks for the texts behind a code.
pub(super) fn ask_texts(service: &Url, code: &Personal) -> Result<HttpRequest, Fault> {
    post(service, "texts", &AskTexts { code: code.expose() })
}

/// Hands signatures in.
pub(super) fn hand_in(service: &Url, code: &Personal, signatures: &[Vec<u8>]) -> Result<HttpRequest, Fault> {
    let signatures = signatures.iter().map(|der| STANDARD.encode(der)).collect();
    post(service, "signatures", &HandIn { code: code.expose(), signatures })
}

/// Reads the answer to [`ask_texts`].
pub(super) fn read_texts(response: &HttpResponse) -> Result<Page, Fault> {
    let Texts { texts } = read(response)?;
    if !(1..=MOST_TEXTS).contains(&texts.len()) {
        return Err(Fault::Malformed("a number of texts that nobody can sign"));
    }
    let decode = |text: String| {
        let text = Zeroizing::new(text);
        let bytes =
            STANDARD.decode(text.as_bytes()).map_err(|_| Fault::Malformed("a text that is no base64"))?;
        match bytes.len() {
            0 => Err(Fault::Malformed("an empty text")),
            length if length > TEXT => Err(Fault::Oversize { limit: TEXT }),
            _ => Ok(SigningText(bytes)),
        }
    };
    Ok(Page::Texts(texts.into_iter().map(decode).collect::<Result<_, _>>()?))
}

/// Reads the answer to [`hand_in`]. Whatever is not clearly a yes or a refusal leaves the outcome unknown:
/// the service may have taken the signatures before it failed.
pub(super) fn read_taken(response: &HttpResponse) -> Result<Page, Fault> {
    match read(response) {
        Ok(Taken { taken: true }) => Ok(Page::SignaturesTaken),
        Err(refusal @ (Fault::CodeUnknown | Fault::CodeExpired | Fault::SignatureRefused(_))) => Err(refusal),
        Ok(Taken { taken: false }) | Err(_) => Err(Fault::Interrupted),
    }
}

pub(super) fn post(service: &Url, what: &str, message: &impl Serialize) -> Result<HttpRequest, Fault> {
    let mut url = service.clone();
    url.path_segments_mut().map_err(|()| Fault::OffHost)?.pop_if_empty().push(what);
    let bytes =
        serde_json::to_vec(message).map_err(|_| Fault::Malformed("a message that cannot be written"))?;
    let body = Body { media_type: "application/json", bytes: Zeroizing::new(bytes) };
    Ok(HttpRequest { url, body: Some(body), limit: PAGE_LIMIT })
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(response: &HttpResponse) -> Result<T, Fault> {
    const NO_MESSAGE: Fault = Fault::Malformed("an answer that is no message of the signing service");
    match response.status {
        200 => serde_json::from_slice(&response.body).map_err(|_| NO_MESSAGE),
        409 => {
            let Refusal { error } = serde_json::from_slice(&response.body).map_err(|_| NO_MESSAGE)?;
            Err(match error {
                Reason::CodeUnknown => Fault::CodeUnknown,
                Reason::CodeExpired => Fault::CodeExpired,
                Reason::CodeUsed => Fault::SignatureRefused(RefusedSignature::CodeUsed),
                Reason::WrongPerson => Fault::SignatureRefused(RefusedSignature::WrongPerson),
                Reason::WrongText => Fault::SignatureRefused(RefusedSignature::WrongText),
                Reason::Certificate => Fault::SignatureRefused(RefusedSignature::Certificate),
                Reason::Invalid => Fault::SignatureRefused(RefusedSignature::Invalid),
                Reason::SmsExpired => Fault::SmsExpired,
            })
        }
        status => Err(Fault::Status(status)),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;
    use zeroize::Zeroizing;

    use super::{ask_texts, hand_in, read_taken, read_texts};
    use crate::portal::{Fault, Page, RefusedSignature, SigningText, http::HttpResponse};

    fn answer(status: u16, body: &str) -> HttpResponse {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        HttpResponse { status, content_type: Some("application/json".to_owned()), location: None, body }
    }

    #[test]
    fn messages_are_those_of_the_protocol() {
        for service in ["https://imza.test/e", "https://imza.test/e/"] {
            let service = Url::parse(service).expect("an address");
            let ask = ask_texts(&service, &"798689484262275".into()).expect("written");
            assert_eq!(ask.url.as_str(), "https://imza.test/e/texts");
            let body = ask.body.expect("a POST");
            assert_eq!(body.media_type, "application/json");
            assert_eq!(body.bytes.as_slice(), br#"{"code":"798689484262275"}"#);
            let hand = hand_in(&service, &"1".into(), &[vec![0x30, 0], vec![0xff]]).expect("written");
            assert_eq!(hand.url.as_str(), "https://imza.test/e/signatures");
            assert_eq!(
                hand.body.expect("a POST").bytes.as_slice(),
                br#"{"code":"1","signatures":["MAA=","/w=="]}"#
            );
        }
    }

    #[test]
    fn texts_arrive_in_order_and_byte_for_byte() {
        let page = read_texts(&answer(200, r#"{"texts":["QUQ6IFgK","/w=="]}"#)).expect("two texts");
        assert_eq!(page, Page::Texts(vec![SigningText(b"AD: X\n".to_vec()), SigningText(vec![0xff])]));
        for broken in [
            r#"{"texts":[]}"#,
            r#"{"texts":["*"]}"#,
            r#"{"texts":[""]}"#,
            "{}",
            "",
            r#"{"texts":["QQ==","QQ==","QQ==","QQ==","QQ=="]}"#,
        ] {
            assert!(matches!(read_texts(&answer(200, broken)), Err(Fault::Malformed(_))), "{broken}");
        }
        assert_eq!(read_texts(&answer(500, "")), Err(Fault::Status(500)));
    }

    #[test]
    fn every_refusal_has_its_own_fault_and_a_code_fault_is_a_code_fault() {
        for (word, fault) in [
            ("code-unknown", Fault::CodeUnknown),
            ("code-expired", Fault::CodeExpired),
            ("code-used", Fault::SignatureRefused(RefusedSignature::CodeUsed)),
            ("wrong-person", Fault::SignatureRefused(RefusedSignature::WrongPerson)),
            ("wrong-text", Fault::SignatureRefused(RefusedSignature::WrongText)),
            ("certificate", Fault::SignatureRefused(RefusedSignature::Certificate)),
            ("invalid", Fault::SignatureRefused(RefusedSignature::Invalid)),
        ] {
            let refusal = answer(409, &format!(r#"{{"error":"{word}"}}"#));
            assert_eq!(read_texts(&refusal), Err(fault.clone()), "{word}");
            assert_eq!(read_taken(&refusal), Err(fault), "{word}");
        }
    }

    #[test]
    fn an_unclear_answer_to_signatures_leaves_the_outcome_unknown() {
        assert_eq!(read_taken(&answer(200, r#"{"taken":true}"#)), Ok(Page::SignaturesTaken));
        for (status, body) in [
            (200, r#"{"taken":false}"#),
            (200, "{"),
            (409, "{}"),
            (409, r#"{"error":"new"}"#),
            (500, ""),
            (302, ""),
        ] {
            assert_eq!(read_taken(&answer(status, body)), Err(Fault::Interrupted), "{status} {body}");
        }
    }
}
