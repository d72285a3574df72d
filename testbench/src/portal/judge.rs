//! What a signature is taken for at the portal: an application or a login, never one for the other.
//!
//! Written from `docs/signing-protocol.md`, beside and not on top of the kiosk's own signer. It keeps nothing: which
//! challenge stands and which code lives is known to whoever asks.

use const_oid::{ObjectIdentifier, db::rfc5911};
use jiff::{Timestamp, tz::Offset};

use super::{
    Refusal,
    cades::{self, Flaw, Signed},
    certificate::{Authorities, national_id},
    turkish::upper,
};

/// Of a login. [`OWN`] has the words.
const LOGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.1");
/// How the texts begin that a signer makes itself: of a login, of a trial of the card, of who helps at a kiosk.
const OWN: [&str; 3] = ["KAMU SM PORTALINA GİRİŞ", "KİOSK DENEME İMZASI", "KİOSKTA YARDIM YETKİSİ"];

/// The judgement, by the authorities whose certificates the portal accepts.
pub struct Judge(Authorities);

impl Judge {
    /// By these; DER or PEM each.
    ///
    /// # Errors
    /// When one is no certificate, or there is none.
    pub fn read(authorities: &[Vec<u8>]) -> anyhow::Result<Self> {
        Authorities::read(authorities).map(Self)
    }

    /// Whether this is a signature of the person's over exactly this text of an application; `now` in Unix seconds.
    ///
    /// # Errors
    /// The first thing that is not right.
    pub fn application(&self, der: &[u8], text: &[u8], person: &str, now: u64) -> Result<(), Refusal> {
        let signed = cades::open(der, rfc5911::ID_DATA, now)?;
        if signed.text != text || is_a_signers_own(text) {
            return Err(Flaw::Text.into());
        }
        if national_id(&signed.certificate).as_deref() != Some(person) {
            return Err(Flaw::Person.into());
        }
        Ok(self.0.judge(&signed.certificate, now).map_err(Flaw::from)?)
    }

    /// Who logs in by this signature over exactly this challenge: the national identity number; `now` in Unix seconds.
    ///
    /// # Errors
    /// The first thing that is not right.
    pub fn login(&self, der: &[u8], challenge: &str, now: u64) -> Result<String, Refusal> {
        let signed = cades::open(der, LOGIN, now)?;
        if signed.text != login_text(challenge, &signed).ok_or(Flaw::Text)?.as_bytes() {
            return Err(Flaw::Text.into());
        }
        self.0.judge(&signed.certificate, now).map_err(Flaw::from)?;
        Ok(national_id(&signed.certificate).ok_or(Flaw::Person)?)
    }
}

/// What the text has to be, at the time it says it was signed.
fn login_text(challenge: &str, signed: &Signed) -> Option<String> {
    let time = Timestamp::from_second(signed.signing_time.try_into().ok()?).ok()?;
    let date = Offset::constant(3).to_datetime(time).strftime("%d.%m.%Y %H:%M:%S");
    Some(format!("{}: başvuru değildir.\nTarih: {date}\nSınama değeri: {challenge}\n", OWN[0]))
}

fn is_a_signers_own(text: &[u8]) -> bool {
    let text = upper(&String::from_utf8_lossy(text));
    OWN.iter().any(|beginning| text.trim_start().starts_with(beginning))
}
