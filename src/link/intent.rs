//! What a person did on the screen.
//!
//! Intents say what was touched; whether it is allowed now is decided in [`crate::session`].

use serde::{Deserialize, Serialize};

use super::{
    signer::RequestId,
    view::{Contrast, Language, Section, Service, TextSize},
};
use crate::{
    portal::{FieldId, Method, OnlineLogin},
    redact::Personal,
};

/// An intent with the view it was made on; one made on an older page is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// `serial` of the view.
    pub serial: u64,
    /// What was done.
    pub intent: Intent,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// Touched anything (at most one a second is sent): the person is there.
    Present,
    /// The primary button of the page, or this advice of a trouble page.
    Next,
    /// "Geri".
    Back,
    /// "Vazgeç": asks first.
    Cancel,
    /// "Evet, vazgeç".
    ConfirmCancel,
    /// "Hayır, devam et", or "Buradayım", or what a call for staff said was read.
    Stay,
    /// "Görevli çağır", on any page.
    CallStaff,
    /// What the person came for, before the card is in.
    Service(Service),
    /// "Kartım yok": the chosen service is begun without one.
    NoCard,
    /// Another language.
    Language(Language),
    /// Another text size.
    TextSize(TextSize),
    /// Another contrast.
    Contrast(Contrast),
    /// A field was left with this value.
    Fill {
        /// Which.
        field: FieldId,
        /// What is in it now.
        value: Personal,
    },
    /// "Yeni resim".
    NewCaptcha,
    /// "E-imza ile Giriş" or "Şifreli Giriş".
    LoginWay(OnlineLogin),
    /// "Güvenlik Sözcüğümü Unuttum"
    ForgottenWord,
    /// "Bu sözcüğü kullan": take the suggested security word.
    TakeSuggestedWord,
    /// "Değiştir" on the check-your-answers page.
    Edit(Section),
    /// "Numarayı düzelt" on the SMS pages.
    WrongNumber,
    /// The six digits of the SMS code.
    SmsCode(Personal),
    /// A method.
    Method(Method),
    /// All texts were shown to their end; the person goes on to the PIN.
    ContractRead,
    /// This certificate.
    Certificate(u8),
    /// The explicit yes to the last try.
    AcceptLastTry,
    /// The PIN frame went to the signer for this request.
    PinSent(RequestId),
    /// Nobody's doing: the first view of this connection stands on the display. It says nothing of a person.
    Drawn,
    /// An advice of a trouble page other than the first.
    Advice(crate::session::fault::Advice),
}
