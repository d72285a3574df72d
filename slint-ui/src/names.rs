//! Ids of the link as ids of the pages, exhaustively: a new one there does not compile here without words.

use eimza_kiosk::{
    link::view::{
        Busy, Call, Deadline, FieldError, FieldWarning, HandOver, Input, Kept, Light, LoginKind, NewPinKind,
        Page, Section, Service, Setback, Source, Step,
    },
    portal::{FieldId, Method, OnlineLogin},
    session::fault::{Advice, Cause},
};

use crate::ui::{
    AdviceName, BusyName, CallName, CauseName, DeadlineName, ErrorName, FieldName, HandOverName, InputName,
    KeptName, LightName, LoginKindName, MethodName, NewPinKindName, OnlineLoginName, PageName, SectionName,
    ServiceName, SetbackName, SourceName, WarningName,
};

/// Maps an enum to its counterpart of the same names, and back.
macro_rules! same_names {
    ($(#[$doc:meta])* $forth:ident, $back:ident: $from:ty => $to:ty { $($name:ident)* }) => {
        $(#[$doc])*
        #[must_use]
        pub fn $forth(id: $from) -> $to {
            match id { $(<$from>::$name => <$to>::$name,)* }
        }
        /// The other way round; `None` for what only the pages know.
        #[must_use]
        pub fn $back(id: $to) -> Option<$from> {
            [$(<$from>::$name),*].into_iter().find(|it| $forth(*it) == id)
        }
    };
}

same_names!(
    /// A field.
    field, field_back: FieldId => FieldName {
        Captcha NationalId GivenName Surname BirthPlace BirthDate Reason ReaderType Validity SecurityWord
        SecurityWordRepeat Institution RegistryNumber Unit Title Address Province District PostalCode Email
        WorkPhone WorkExtension MobilePhone MobileOperator HomePhone InfoChannel
    }
);
same_names!(
    /// A cause.
    cause, cause_back: Cause => CauseName {
        NoReader ReaderService ClockNotSet SignerDown Configuration NotSetUp Updating Tampered CardMute CardUnknown NoCertificate
        CertificateMalformed NotQualified Seal Expired NotYetValid TooEarly OtherCard CardPulled ReaderLost
        ReaderBusy CardModule PinLocked PukWrong PukLocked PinUncertain PinUnfit NotOffered PinNotLocked
        PortalUnreachable PortalTimeout PortalTls PortalError PortalChanged
        PortalMalformed PortalSession LoginRefused RegisterRefused WordRefused ServiceNotOffered NotEligible WebService SmsExpired SmsWrong
        CodeExpired CodeUnknown ContractDiffers TextUnreadable SignatureRefused SignatureFaulty OutcomeUnknown WetInk
        PaperUnreadable PrinterUnreachable PrinterOutOfPaper PrinterFailed
        NotStaff StaffExpired Abandoned Cancelled Restarted
    }
);
same_names!(
    /// An advice.
    advice, advice_back: Advice => AdviceName {
        TryAgain StartOver CorrectForm ReinsertCard AnotherCard ComeLater CallStaff HumanResources CallCentre
        WetInk UnblockHere Unblock Renew TestSignature Finish
    }
);
same_names!(
    /// A page of the form.
    section, section_back: Section => SectionName { Reason Institution Address Contact }
);
same_names!(
    /// A service.
    service, service_back: Service => ServiceName { Renewal CardCheck ChangePin NewPin Unblock Assisted WetInk }
);
same_names!(
    /// Whose card is to be moved.
    hand_over, hand_over_back: HandOver => HandOverName { OwnOut OwnAgain Person }
);
same_names!(
    /// What became of a call for staff.
    call, call_back: Call => CallName { ByPhone UnderWay Told Failed }
);
same_names!(
    /// The colour of an answer.
    light, light_back: Light => LightName { Green Amber Red }
);
same_names!(
    /// A method.
    method, method_back: Method => MethodName { WetInk Electronic }
);
same_names!(
    /// A way into the online pages.
    online_login, online_login_back: OnlineLogin => OnlineLoginName { Signature Password }
);
same_names!(
    /// What a page with a picture is for.
    login_kind, login_kind_back: LoginKind => LoginKindName { Application Online NewWord }
);
same_names!(
    /// How a card comes by a new PIN.
    new_pin_kind, new_pin_kind_back: NewPinKind => NewPinKindName { Change Unblock }
);
same_names!(
    /// What is under way.
    busy, busy_back: Busy => BusyName {
        OpeningPortal Sending FetchingTexts PreparingSignature ReadyingCard SettingPin HandingIn AskingOutcome
        ReadyingPaper
        OpeningOnline Reporting
    }
);
same_names!(
    /// What is kept.
    kept, kept_back: Kept => KeptName { Everything Code }
);
same_names!(
    /// Whose deadline.
    deadline, deadline_back: Deadline => DeadlineName { Idle Sms Code CardBack Page }
);
same_names!(
    /// Where a value came from.
    source, source_back: Source => SourceName { Person Card Portal Office }
);
same_names!(
    /// What to look at.
    warning, warning_back: FieldWarning => WarningName { PostalCodeOfOtherProvince OtherOperator NotMobile }
);

/// Why the last update is not in force.
#[must_use]
pub fn setback(setback: Option<Setback>) -> SetbackName {
    match setback {
        None => SetbackName::None,
        Some(Setback::OldLoader) => SetbackName::OldLoader,
        Some(Setback::Refused) => SetbackName::Refused,
        Some(Setback::PowerCut) => SetbackName::PowerCut,
        Some(Setback::DidNotComeUp) => SetbackName::DidNotComeUp,
        Some(Setback::NoSupervisor) => SetbackName::NoSupervisor,
        Some(Setback::NothingDrawn) => SetbackName::NothingDrawn,
        Some(Setback::NoReaderService) => SetbackName::NoReaderService,
        Some(Setback::NoSigner) => SetbackName::NoSigner,
        Some(Setback::ClockNotSet) => SetbackName::ClockNotSet,
    }
}

/// The kiosk does something about it when it is touched; the rest of the advice is for the person alone.
#[must_use]
pub fn is_way(advice: Advice) -> bool {
    match advice {
        Advice::TryAgain
        | Advice::StartOver
        | Advice::CorrectForm
        | Advice::UnblockHere
        | Advice::Renew
        | Advice::TestSignature
        | Advice::Finish => true,
        Advice::ReinsertCard
        | Advice::AnotherCard
        | Advice::ComeLater
        | Advice::CallStaff
        | Advice::HumanResources
        | Advice::CallCentre
        | Advice::WetInk
        | Advice::Unblock => false,
    }
}

/// What is wrong with a field; the portal's own words go beside it.
#[must_use]
pub fn error(error: Option<&FieldError>) -> ErrorName {
    match error {
        None => ErrorName::None,
        Some(FieldError::Missing) => ErrorName::Missing,
        Some(FieldError::NationalId) => ErrorName::NationalId,
        Some(FieldError::Date) => ErrorName::Date,
        Some(FieldError::Email) => ErrorName::Email,
        Some(FieldError::Phone) => ErrorName::Phone,
        Some(FieldError::PostalCode) => ErrorName::PostalCode,
        Some(FieldError::Repeat) => ErrorName::Repeat,
        Some(FieldError::TooLong) => ErrorName::TooLong,
        Some(FieldError::WeakWord) => ErrorName::WeakWord,
        Some(FieldError::Choice) => ErrorName::Choice,
        Some(FieldError::Refused(_)) => ErrorName::Refused,
    }
}

/// How a field is filled in, and at most how many characters it takes.
#[must_use]
pub fn input(input: &Input) -> (InputName, i32) {
    match input {
        Input::ReadOnly => (InputName::ReadOnly, 0),
        Input::Text { max_length } => (InputName::Text, i32::from(*max_length)),
        Input::Email { max_length } => (InputName::Email, i32::from(*max_length)),
        Input::Digits { max_length } => (InputName::Digits, i32::from(*max_length)),
        Input::Date => (InputName::Date, 10),
        Input::Choice(_) => (InputName::Choice, 0),
    }
}

/// 1 to 6 on the step line.
#[must_use]
pub fn step(step: Option<Step>) -> i32 {
    match step {
        None => 0,
        Some(Step::Card) => 1,
        Some(Step::Details) => 2,
        Some(Step::Phone) => 3,
        Some(Step::Contract) => 4,
        Some(Step::Pin) => 5,
        Some(Step::Result) => 6,
    }
}

/// The page that draws this one, and its name for the robot.
#[must_use]
pub fn page(page: &Page) -> (PageName, &'static str) {
    match page {
        Page::Starting => (PageName::Starting, "starting"),
        Page::OutOfService { .. } => (PageName::OutOfService, "out-of-service"),
        Page::Attract { .. } => (PageName::Attract, "attract"),
        Page::InsertCard { .. } => (PageName::InsertCard, "insert-card"),
        Page::CardCheck { .. } => (PageName::CardCheck, "card-check"),
        Page::ReadingCard => (PageName::ReadingCard, "reading-card"),
        Page::Eligibility { .. } => (PageName::Eligibility, "eligibility"),
        Page::Notice { .. } => (PageName::Notice, "notice"),
        Page::LoginWay { .. } => (PageName::LoginWay, "login-way"),
        Page::WordSet => (PageName::WordSet, "word-set"),
        Page::NewCardPin { .. } => (PageName::NewCardPin, "new-card-pin"),
        Page::Login { .. } => (PageName::Login, "login"),
        Page::Form { .. } => (PageName::Form, "form"),
        Page::Review { .. } => (PageName::Review, "review"),
        Page::SmsSend { .. } => (PageName::SmsSend, "sms-send"),
        Page::SmsCode { .. } => (PageName::SmsCode, "sms-code"),
        Page::Method { .. } => (PageName::Method, "method"),
        Page::Paper { .. } => (PageName::Paper, "paper"),
        Page::Printing { .. } => (PageName::Printing, "printing"),
        Page::Printed { .. } => (PageName::Printed, "printed"),
        Page::Contract { .. } => (PageName::Contract, "contract"),
        Page::Certificate { .. } => (PageName::Certificate, "certificate"),
        Page::LastTry { .. } => (PageName::LastTry, "last-try"),
        Page::Pin { .. } => (PageName::Pin, "pin"),
        Page::NewPin { .. } => (PageName::NewPin, "new-pin"),
        Page::PinSet { .. } => (PageName::PinSet, "pin-set"),
        Page::HandOver { .. } => (PageName::HandOver, "hand-over"),
        Page::Signing => (PageName::Signing, "signing"),
        Page::Busy { .. } => (PageName::Busy, "busy"),
        Page::Result { .. } => (PageName::Result, "result"),
        Page::CardPulled { .. } => (PageName::CardPulled, "card-pulled"),
        Page::Trouble { .. } => (PageName::Trouble, "trouble"),
        Page::TakeCard { .. } => (PageName::TakeCard, "take-card"),
        Page::ThankYou => (PageName::ThankYou, "thank-you"),
    }
}

/// `PortalTimeout` as `portal-timeout`.
#[must_use]
pub fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}
