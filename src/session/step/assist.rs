//! Yardımlı yenileme: whoever helps shows with an own card and its PIN that they are staff of the office.
//!
//! What is signed is a text of the signer's own, which applies for nothing and logs nobody in. Who helps is known by the list
//! of the configuration and is told to nobody; what comes then, with another person's card, is a renewal like others.

use super::{Context, Ending, Next, card, signing, trouble};
use crate::{
    card::certificate::{Certificate, Unfit},
    link::challenge::Challenge,
    portal::SigningText,
    session::{
        fault::Cause,
        hand_over::Helper,
        stage::{Assistance, Contract, Subject, Way},
    },
    signature::{self, ContentType},
};

/// The card was read: it has to be one of the list, and in force.
pub(super) fn begin(certificates: &[Vec<u8>], cx: &mut Context<'_>) -> Next {
    let parsed = certificates.iter().filter_map(|der| Certificate::parse(der).ok());
    let listed: Vec<Certificate> =
        parsed.filter(|it| cx.settings().staff.contains(&it.fingerprint())).collect();
    let Some(first) = listed.first() else { return trouble(Cause::NotStaff, Way::Nothing) };
    let unfit = first.judge(cx.now.wall, None).err();
    let fit = listed.iter().find(|it| it.judge(cx.now.wall, None).is_ok()).cloned();
    let Some(certificate) = fit else {
        return trouble(unfit.as_ref().map_or(Cause::NotStaff, cause), Way::Nothing);
    };
    let Some(challenge) = challenge(cx) else { return trouble(Cause::NotStaff, Way::Nothing) };
    let fingerprint = certificate.fingerprint();
    let assistance = Assistance { certificate, challenge, at: cx.now.wall };
    let subject = Subject::Assistance(Box::new(assistance));
    let contract = Contract { subject, texts: Vec::new(), lines: Vec::new() };
    signing::begin(Box::new(contract), fingerprint, cx)
}

fn cause(why: &Unfit) -> Cause {
    match why {
        Unfit::Expired => Cause::StaffExpired,
        Unfit::NotYetValid | Unfit::Seal | Unfit::NotQualified | Unfit::TooEarly { .. } => card::cause(why),
    }
}

/// 128 bits that nobody could foresee, asked once.
fn challenge(cx: &mut Context<'_>) -> Option<Challenge> {
    let number = cx.desk.next_op().0;
    let bits = cx.settings().chance.bits("assistance", number);
    bits.iter().map(|byte| format!("{byte:02x}")).collect::<String>().try_into().ok()
}

/// The signer has signed: it is judged here, by what was asked and by whose card it is.
pub(super) fn signed(contract: Contract, signatures: &[Vec<u8>], cx: &mut Context<'_>) -> Next {
    let Subject::Assistance(assistance) = &contract.subject else {
        return trouble(Cause::SignatureFaulty, Way::Nothing);
    };
    if !is_answered(assistance, &contract.texts, signatures) {
        return trouble(Cause::SignatureFaulty, Way::Nothing);
    }
    cx.visit.helper = Some(Box::new(Helper::new(&cx.visit.fingerprints, &assistance.certificate)));
    Next::End(Ending::HandOver)
}

/// Whether this is a signature for this purpose over the text that was shown, with the challenge in it, by the card of the list.
fn is_answered(assistance: &Assistance, texts: &[SigningText], signatures: &[Vec<u8>]) -> bool {
    let ([text], [signature]) = (texts, signatures) else { return false };
    let challenge = assistance.challenge.as_str();
    let asked = std::str::from_utf8(&text.0).is_ok_and(|text| text.contains(challenge));
    let certificate = assistance.certificate.der();
    asked && signature::check(signature, ContentType::Assistance, &text.0, certificate).is_ok()
}

/// Whether the card that was read is the helper's own, which is not renewed with their own help.
pub(super) fn is_helpers(certificates: &[Vec<u8>], cx: &Context<'_>) -> bool {
    cx.visit.helper.as_ref().is_some_and(|helper| helper.has(certificates))
}

/// Whoever helps goes back without having shown who they are.
pub(super) fn not_shown() -> Next {
    Next::End(Ending::Fault(Cause::Cancelled))
}
