//! The one table from what a PKCS#11 module returns to what it means for a signature.
//!
//! It knows return values only. Which of them need a look at the reader is said here; the look is not.
//!
//! A module says little when a card is pulled: OpenSC returns `CKR_GENERAL_ERROR` from the call under way
//! and `CKR_SESSION_HANDLE_INVALID` from the next. None of that may be told as a wrong PIN.

use cryptoki::{
    context::Function,
    error::{Error, RvError},
};

use super::pad::Unentered;

/// What a failed call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The card was asked and said no: one try is spent.
    WrongPin,
    /// The module refused the PIN without asking the card: no try is spent.
    UnfitPin,
    /// The PIN is locked.
    Locked,
    /// The card, or what was known of it, is gone.
    Gone,
    /// The module knows no such card.
    UnknownCard,
    /// Somebody else has the reader.
    Busy,
    /// A pulled card or a failing module: the reader tells which.
    Unclear,
    /// The module or its use is at fault.
    Failed,
}

/// PKCS#11 v2.40, section 5.1, as seen from a card. What is not here is [`Meaning::Unclear`].
const TABLE: &[(RvError, Meaning)] = &[
    // 5.1.2 and 5.1.3: the session or the token went away between or during calls.
    (RvError::SessionHandleInvalid, Meaning::Gone),
    (RvError::SessionClosed, Meaning::Gone),
    (RvError::DeviceRemoved, Meaning::Gone),
    (RvError::TokenNotPresent, Meaning::Gone),
    // A slot that is not listed any more: the reader was unplugged.
    (RvError::SlotIdInvalid, Meaning::Gone),
    // Handles are found anew for each use, so a bad one means that the card changed in between.
    (RvError::ObjectHandleInvalid, Meaning::Gone),
    (RvError::KeyHandleInvalid, Meaning::Gone),
    (RvError::TokenNotRecognized, Meaning::UnknownCard),
    // OpenSC's word for SCARD_E_SHARING_VIOLATION where the card is held by a transaction.
    (RvError::CantLock, Meaning::Busy),
    // The PIN; these calls compare one.
    (RvError::PinIncorrect, Meaning::WrongPin),
    (RvError::PinLocked, Meaning::Locked),
    (RvError::PinLenRange, Meaning::UnfitPin),
    (RvError::PinInvalid, Meaning::UnfitPin),
    // Ours or the module's fault, never the card's: no look at the reader is needed.
    (RvError::ArgumentsBad, Meaning::Failed),
    (RvError::HostMemory, Meaning::Failed),
    (RvError::CryptokiNotInitialized, Meaning::Failed),
    (RvError::MechanismInvalid, Meaning::Failed),
    (RvError::KeyTypeInconsistent, Meaning::Failed),
    (RvError::KeyFunctionNotPermitted, Meaning::Failed),
    (RvError::FunctionNotSupported, Meaning::Failed),
    (RvError::UserAlreadyLoggedIn, Meaning::Failed),
    (RvError::UserPinNotInitialized, Meaning::Failed),
    // For the reader, these are the ones seen when a card is pulled in the middle of a call:
    (RvError::GeneralError, Meaning::Unclear),
    (RvError::DeviceError, Meaning::Unclear),
    (RvError::FunctionFailed, Meaning::Unclear),
    (RvError::DeviceMemory, Meaning::Unclear),
    (RvError::UserNotLoggedIn, Meaning::Unclear),
    (RvError::DataInvalid, Meaning::Unclear),
];

/// What a login without a PIN returns where none was typed at the reader, or none was asked for: nothing was compared.
const UNENTERED: &[(RvError, Unentered)] = &[
    // A key that cancels; OpenSC says the same where nobody typed.
    (RvError::FunctionCanceled, Unentered::Cancelled),
    (RvError::PinLenRange, Unentered::Length),
    (RvError::PinInvalid, Unentered::Length),
    // The token claims a way of its own to the PIN, and the module wants the PIN all the same.
    (RvError::ArgumentsBad, Unentered::NotHere),
    (RvError::FunctionNotSupported, Unentered::NotHere),
];

/// Why no PIN came from the reader; `None` where one may have.
pub(super) fn unentered(error: &Error) -> Option<Unentered> {
    let Error::Pkcs11(value, Function::Login) = error else { return None };
    UNENTERED.iter().find(|(known, _)| known == value).map(|(_, why)| *why)
}

/// What an error of the module means.
pub(super) fn meaning(error: &Error) -> Meaning {
    let Error::Pkcs11(value, function) = error else { return Meaning::Failed };
    let found = TABLE.iter().find(|(known, _)| known == value).map_or(Meaning::Unclear, |(_, m)| *m);
    let about_pin = matches!(found, Meaning::WrongPin | Meaning::UnfitPin | Meaning::Locked);
    let compares = matches!(function, Function::Login | Function::SetPIN | Function::InitPIN);
    if about_pin && !compares { Meaning::Unclear } else { found }
}

/// Whether the module or the token has no such call at all: neither asked the card for it.
pub(super) fn is_not_offered(error: &Error) -> bool {
    let Error::Pkcs11(value, _) = error else { return matches!(error, Error::NullFunctionPointer) };
    matches!(value, RvError::FunctionNotSupported | RvError::UserTypeInvalid | RvError::TokenWriteProtected)
}

#[cfg(test)]
mod tests {
    use cryptoki::{
        context::Function,
        error::{Error, RvError},
    };

    use super::{Meaning, TABLE, Unentered, is_not_offered, meaning, unentered};

    #[test]
    fn what_a_module_does_not_offer_is_told_from_what_failed() {
        for value in [RvError::FunctionNotSupported, RvError::UserTypeInvalid, RvError::TokenWriteProtected] {
            assert!(is_not_offered(&Error::Pkcs11(value, Function::InitPIN)));
        }
        for value in [RvError::GeneralError, RvError::PinIncorrect, RvError::DeviceRemoved] {
            assert!(!is_not_offered(&Error::Pkcs11(value, Function::InitPIN)));
        }
    }

    #[test]
    fn only_what_compares_a_pin_can_say_that_it_is_wrong() {
        let of = |value, function| meaning(&Error::Pkcs11(value, function));
        for compares in [Function::Login, Function::SetPIN, Function::InitPIN] {
            assert_eq!(of(RvError::PinIncorrect, compares), Meaning::WrongPin);
        }
        assert_eq!(of(RvError::PinIncorrect, Function::Sign), Meaning::Unclear);
        for value in [RvError::GeneralError, RvError::DeviceRemoved, RvError::SessionHandleInvalid] {
            assert_ne!(of(value, Function::Login), Meaning::WrongPin);
        }
    }

    #[test]
    fn only_what_surely_comes_before_the_card_is_asked_leaves_the_try_to_the_screen() {
        let of = |value| unentered(&Error::Pkcs11(value, Function::Login));
        assert_eq!(of(RvError::FunctionCanceled), Some(Unentered::Cancelled));
        assert_eq!([RvError::PinLenRange, RvError::PinInvalid].map(of), [Some(Unentered::Length); 2]);
        for refused in [RvError::ArgumentsBad, RvError::FunctionNotSupported] {
            assert_eq!(of(refused), Some(Unentered::NotHere));
            assert_eq!(unentered(&Error::Pkcs11(refused, Function::OpenSession)), None);
        }
        for perhaps in [
            RvError::PinIncorrect,
            RvError::PinLocked,
            RvError::DeviceError,
            RvError::GeneralError,
            RvError::FunctionFailed,
            RvError::TokenNotPresent,
            RvError::HostMemory,
            RvError::VendorDefined(0x8000_0001),
        ] {
            assert_eq!(of(perhaps), None, "{perhaps:?}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_looked_into() {
        let vendor = RvError::VendorDefined(0x8000_0001);
        assert_eq!(meaning(&Error::Pkcs11(vendor, Function::Sign)), Meaning::Unclear);
        assert_eq!(meaning(&Error::NotSupported), Meaning::Failed);
    }

    #[test]
    fn no_value_has_two_meanings() {
        for (at, (value, _)) in TABLE.iter().enumerate() {
            assert!(TABLE[at + 1..].iter().all(|(other, _)| other != value), "{value:?} twice");
        }
    }
}
