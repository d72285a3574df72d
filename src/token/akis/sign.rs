//! A PIN and what it is spent on: VERIFY, the key, the signature, as the dialect wants them.
//!
//! It sends one VERIFY when it is told to, or has the reader send it, and retries nothing; whether it may is not decided here.

use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    End,
    apdu::Command,
    channel::{Alone, Trouble},
    files::Key,
    status::{Meaning, meaning},
};
use crate::{
    card::profile::{ChooseKey, Dialect, Padding, Verify},
    link::pin::Pin,
    signature::{Algorithm, Draft, SignatureError, ecdsa_value},
    token::{
        found::Refusal,
        pad::{self, Unentered},
    },
};

/// What the card said to a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verified {
    /// Yes.
    Right,
    /// No; a try is spent. So many are left, where the card tells.
    Wrong(Option<u8>),
    /// It cannot be a PIN: nothing was compared.
    Unfit,
}

/// VERIFY (ISO/IEC 7816-4, 11.5.6) with the digits as they are.
pub(super) fn verify(card: &Alone<'_>, pin: &Pin) -> Result<Verified, Trouble> {
    let header = [0x00, 0x20, 0x00, card.dialect().pin_reference];
    let command = Command { header, data: Zeroizing::new(pin.expose().to_vec()), le: None };
    said(card.run(&command)?.status, "VERIFY")
}

/// Whether one PIN is enough for so many signatures.
pub(super) fn is_one_pin(dialect: &Dialect, signatures: usize) -> bool {
    match dialect.verify {
        Verify::Once => true,
        Verify::EachSignature => signatures <= 1,
    }
}

/// VERIFY with digits that are typed on the reader's own keys: asked once, never again.
pub(super) fn verify_at_reader(card: &Alone<'_>) -> Result<Verified, End> {
    let none = |why| Err(End::Refused(Refusal::Unentered(why)));
    let get_features = u32::try_from(pcsc::ctl_code(pad::GET_FEATURES.into())).unwrap_or_default();
    let features = match card.control(get_features, &[], Duration::ZERO) {
        Ok(features) => features,
        // A driver without features does not know the question.
        Err(pcsc::Error::NotTransacted) => return none(Unentered::NoPad),
        Err(error) if pad::is_refused(error) => return none(Unentered::NoPad),
        Err(error) => return Err(Trouble::Line(error).into()),
    };
    let Some(code) = pad::verify_code(&features) else { return none(Unentered::NoPad) };
    let wanted = pad::verify(card.dialect().pin_reference);
    let takes = Duration::from_secs(2 * u64::from(pad::ENTRY_S));
    let answer = match card.control(code, &wanted, takes) {
        Ok(answer) => answer,
        Err(error) if pad::is_refused(error) => return none(Unentered::NoPad),
        Err(error) => return Err(End::PadFailed(Trouble::Line(error))),
    };
    let Ok(status) = answer.try_into().map(u16::from_be_bytes) else {
        return Err(End::PadFailed(Trouble::Nonsense("an answer of the reader's keys that is none")));
    };
    log::info!("the reader's keys: {status:04X}");
    if let Some(why) = pad::unentered(status) {
        return none(why);
    }
    match said(status, "VERIFY at the reader") {
        Ok(verified @ (Verified::Right | Verified::Wrong(_))) => Ok(verified),
        // The reader's own word for what it cannot do, or a command it could not put together: nothing was weighed.
        Ok(Verified::Unfit) => none(Unentered::NoPad),
        Err(_) if meaning(status) == Meaning::UnknownCommand => none(Unentered::NoPad),
        Err(trouble) => Err(End::Unheard(trouble)),
    }
}

/// What a status word says of a PIN, after a command that compares one.
pub(super) fn said(status: u16, doing: &'static str) -> Result<Verified, Trouble> {
    match meaning(status) {
        Meaning::Done => Ok(Verified::Right),
        Meaning::WrongPin(left) => Ok(Verified::Wrong(left)),
        Meaning::Locked => Ok(Verified::Wrong(Some(0))),
        Meaning::WrongLength | Meaning::WrongData => Ok(Verified::Unfit),
        Meaning::EndOfFile
        | Meaning::NotVerified
        | Meaning::SecureMessaging
        | Meaning::NotFound
        | Meaning::UnknownCommand
        | Meaning::Refused
        | Meaning::Broken => Err(Trouble::Status { doing, status }),
    }
}

/// VERIFY without digits, for dialects in which it surely costs nothing: the tries left, where the card tells.
pub(super) fn tries_left(card: &Alone<'_>) -> Result<Option<u8>, Trouble> {
    if !card.dialect().tries_can_be_asked {
        return Ok(None);
    }
    let header = [0x00, 0x20, 0x00, card.dialect().pin_reference];
    Ok(match meaning(card.run(&Command::new(header, &[], None))?.status) {
        Meaning::WrongPin(left) => left,
        Meaning::Locked => Some(0),
        Meaning::Done
        | Meaning::EndOfFile
        | Meaning::NotVerified
        | Meaning::SecureMessaging
        | Meaning::NotFound
        | Meaning::WrongLength
        | Meaning::WrongData
        | Meaning::UnknownCommand
        | Meaning::Refused
        | Meaning::Broken => None,
    })
}

/// MANAGE SECURITY ENVIRONMENT: the key that signs next.
pub(super) fn choose(card: &Alone<'_>, key: &Key) -> Result<(), Trouble> {
    let command = match card.dialect().choose_key {
        ChooseKey::Plain => Command::new([0x00, 0x22, 0xC3, key.reference], &[], None),
        // 84: reference of a private key (ISO/IEC 7816-4, 10.3.3).
        ChooseKey::Template => {
            Command::new([0x00, 0x22, 0x41, 0xB6], &[0x84, 0x01, 0x80 | key.reference], None)
        }
    };
    card.done("MANAGE SECURITY ENVIRONMENT", &command).map(drop)
}

/// COMPUTE DIGITAL SIGNATURE (ISO/IEC 7816-8, 5.3): the value over a draft's attributes, in the form CMS wants.
pub(super) fn sign(card: &Alone<'_>, draft: &Draft) -> Result<Vec<u8>, Trouble> {
    let (data, most) = match (draft.algorithm(), card.dialect().padding) {
        (Algorithm::RsaSha256, Padding::Host) => {
            let block = draft.padded_block().ok_or(Trouble::Nonsense("a key too short for the padding"))?;
            let most = block.len();
            (block, most)
        }
        (Algorithm::RsaSha256, Padding::Card) => (draft.digest_info(), 256),
        // [?] the form of the answer: r and s side by side, as PKCS#11 has it.
        (Algorithm::EcdsaP384Sha256, _) => (draft.digest().to_vec(), 256),
    };
    let command = Command::new([0x00, 0x2A, 0x9E, 0x9A], &data, Some(most));
    let value = card.done("COMPUTE DIGITAL SIGNATURE", &command)?;
    match draft.algorithm() {
        Algorithm::RsaSha256 => Ok(value),
        Algorithm::EcdsaP384Sha256 => ecdsa_value(&value)
            .map_err(|_: SignatureError| Trouble::Nonsense("a value that is no signature of P-384")),
    }
}
