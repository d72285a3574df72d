//! Whether a PIN may be with the card though nobody says so. It is counted then: a last try is never spent unasked.

use super::Context;
use crate::{link::signer::Fault, session::stage::Ready};

/// The reader takes the PIN on keys of its own: it may be with the card before anybody says so. A new one is never
/// typed there.
pub(super) fn is_typed_at_reader(ready: &Ready, cx: &Context<'_>) -> bool {
    cx.settings().pin_pad && ready.pending.contract.new_pin().is_none()
}

/// Whether the card may have weighed the PIN before this happened.
pub(super) fn may_be(fault: Fault) -> bool {
    match fault {
        Fault::NoCard
        | Fault::CardPulled
        | Fault::CardMute
        | Fault::OtherCard
        | Fault::SignerLost
        | Fault::Abandoned
        | Fault::ModuleHung
        | Fault::ModuleFailed => true,
        // Said before the card is asked, told of the card itself, or after it took the PIN.
        Fault::UnknownCard
        | Fault::NoCertificate
        | Fault::WrongPin { .. }
        | Fault::PinLocked
        // Of another PIN, which nobody wants here.
        | Fault::WrongPuk { .. }
        | Fault::PukLocked
        | Fault::UnfitPin
        | Fault::ChangeUnknown
        | Fault::NotSupported
        | Fault::LastTry
        | Fault::Expired
        | Fault::OtherTextShown
        | Fault::BadText
        | Fault::NoSuchRequest
        | Fault::SelfCheckFailed
        | Fault::ReaderBusy => false,
    }
}
