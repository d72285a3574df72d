//! What may be on the screen now: a [`View`], whole, each time anything changes.
//!
//! A view holds ids and values, never titles or labels: those come from the screen's own catalogue, so
//! that a page cannot be made to ask for a PIN. Words of the portal appear only as a [`Quote`].
//!
//! Longer than others: every page there is stands in one enum.

mod field;
mod help;
mod manner;
mod service;

pub use field::{ComparedLine, FieldError, FieldView, FieldWarning, Input, ReviewRow, Section, Source};
pub use help::{Call, Help, Reference};
pub use manner::{Contrast, Language, TextSize};
use serde::{Deserialize, Serialize};
pub use service::{Finding, HandOver, Light, LoginKind, NewPinKind, Service, overall};

use super::{
    paper::Grey,
    signer::{RequestId, TriesLeft},
};
use crate::{
    portal::{Captcha, Method, OnlineLogin, Quote, SigningText},
    redact::{Personal, PortalSecret},
    session::fault::{Advice, Cause},
};

/// One state of the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Rises with every change of page; an intent carries the one it was made on.
    pub serial: u64,
    /// What stands in the middle.
    pub page: Page,
    /// A question laid over the page.
    pub overlay: Option<Overlay>,
    /// What stands around the page.
    pub frame: Frame,
}

/// Head and foot of the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The office's name, from the configuration.
    pub office: String,
    /// The step of the renewal, where there is one.
    pub step: Option<Step>,
    /// The nearest deadline.
    pub ring: Option<Ring>,
    /// "Geri" is offered.
    pub back: bool,
    /// "Vazgeç" is offered.
    pub cancel: bool,
    /// Language of the visit.
    pub language: Language,
    /// Text size of the visit.
    pub text_size: TextSize,
    /// Contrast of the visit.
    pub contrast: Contrast,
    /// Whom to ask.
    pub help: Help,
    /// Staff of the office has shown who they are, and helps: "Yardımlı".
    pub assisted: bool,
    /// For staff, where nobody is served: why the last update of the system is not in force.
    pub setback: Option<Setback>,
}

/// Why an update of the system is not in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setback {
    /// The board's boot loader cannot start a system on trial.
    OldLoader,
    /// It was refused: its signature, its board, its version, its bytes.
    Refused,
    /// The power went while it was written.
    PowerCut,
    /// It did not come up.
    DidNotComeUp,
    /// The kiosk's main program did not serve.
    NoSupervisor,
    /// The screen drew nothing.
    NothingDrawn,
    /// The reader service did not answer.
    NoReaderService,
    /// The signer did not come up.
    NoSigner,
    /// The clock was not set.
    ClockNotSet,
}

/// The step line: Kart · Bilgiler · Telefon · Sözleşme · PIN · Sonuç.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// Kart
    Card,
    /// Bilgiler
    Details,
    /// Telefon
    Phone,
    /// Sözleşme
    Contract,
    /// PIN
    Pin,
    /// Sonuç
    Result,
}

/// Seconds to the nearest deadline when the view was made; the screen counts down by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Milliseconds left.
    pub left_ms: u64,
    /// Milliseconds in the whole.
    pub total_ms: u64,
    /// Whose deadline it is.
    pub of: Deadline,
}

/// What an SMS code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsPurpose {
    /// The application; another number can be given here.
    Application,
    /// Logging in to the online pages.
    Login,
    /// The unblocking, after the login's: it is another one.
    Unblocking,
}

/// Whose deadline the ring shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deadline {
    /// Nobody touched the screen.
    Idle,
    /// The SMS code.
    Sms,
    /// The verification code.
    Code,
    /// The card must be put back by then.
    CardBack,
    /// The page closes by itself.
    Page,
}

/// A question over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlay {
    /// "Hâlâ burada mısınız?"
    StillThere {
        /// Milliseconds until the visit is wiped.
        left_ms: u64,
    },
    /// "Vazgeçmek istiyor musunuz?"
    CancelConfirm,
    /// Staff is called; whom to telephone is in the frame.
    Help {
        /// To be read out to whoever is asked.
        reference: Reference,
        /// What became of the call.
        call: Call,
    },
}

/// The page in the middle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Page {
    /// The kiosk is coming up.
    Starting,
    /// The kiosk cannot serve; why, and whom to call is in the frame.
    OutOfService {
        /// Why.
        cause: Cause,
    },
    /// What this is, where the card goes, what to have at hand.
    Attract {
        /// What else there is than the renewal.
        services: Vec<Service>,
    },
    /// What was chosen, and where the card goes.
    InsertCard {
        /// What for.
        service: Service,
        /// It is done without one too.
        without: bool,
    },
    /// Staff has shown who they are: whose card is to be moved.
    HandOver {
        /// Whose.
        card: HandOver,
    },
    /// The card is being read.
    ReadingCard,
    /// Who, valid until when, can or cannot and why.
    Eligibility {
        /// Name on the certificate.
        holder: Personal,
        /// Last day of validity, `DD.MM.YYYY HH:MM`, local time.
        valid_until: String,
        /// Whole days until then; negative when over.
        days_left: i64,
        /// Renewal can go on, or why not.
        verdict: Result<(), Cause>,
        /// `DD.MM.YYYY` from which renewal is possible, where that is the reason.
        possible_from: Option<String>,
        /// The application can be printed here instead.
        on_paper: bool,
    },
    /// What the card check found.
    CardCheck {
        /// The answers, in order.
        findings: Vec<Finding>,
        /// What the person can do now; the first is the primary button.
        advice: Vec<Advice>,
    },
    /// KVKK information notice; consent is needed.
    Notice {
        /// What for.
        service: Service,
    },
    /// How the portal's online pages are entered.
    LoginWay {
        /// Ways that are open to this card.
        offered: Vec<OnlineLogin>,
    },
    /// A page with a picture to read.
    Login {
        /// What it is for.
        kind: LoginKind,
        /// The picture to read.
        captcha: Captcha,
        /// The fields, captcha first.
        fields: Vec<FieldView>,
        /// The text read from the picture before was wrong.
        wrong_captcha: bool,
        /// The portal's refusal.
        refusal: Option<Quote>,
        /// The fresh security word offered where another one is chosen.
        suggested_word: Option<Personal>,
    },
    /// The new security word holds; it is logged in with next.
    WordSet,
    /// One of the four pages of the form.
    Form {
        /// Which.
        section: Section,
        /// Its fields, at most five to be filled in.
        fields: Vec<FieldView>,
        /// The fresh security word offered on the first page.
        suggested_word: Option<Personal>,
        /// The office's hint for the security word, where configured.
        word_hint: Option<String>,
    },
    /// Check your answers.
    Review {
        /// Every field of the form in order.
        rows: Vec<ReviewRow>,
    },
    /// The number to which the code will be sent.
    SmsSend {
        /// As the portal shows it.
        phone: Personal,
        /// Another number can be given here.
        correctable: bool,
    },
    /// Six boxes for the code.
    SmsCode {
        /// The code typed before was wrong.
        wrong: bool,
        /// It is late: 3 minutes went by.
        late: bool,
        /// Digits of the code.
        digits: u8,
        /// What it is for.
        purpose: SmsPurpose,
    },
    /// Which method.
    Method {
        /// Methods the portal offers.
        offered: Vec<Method>,
        /// Method 1 is printed here.
        on_paper: bool,
    },
    /// A page of what is to be signed by hand; from the last it is printed.
    Paper {
        /// The page.
        page: Grey,
        /// Counted from 1.
        number: u8,
        /// How many there are.
        of: u8,
    },
    /// It is being printed.
    Printing {
        /// The printer waits for paper.
        out_of_paper: bool,
    },
    /// Every sheet is out: what to sign, and where to take it.
    Printed {
        /// To whom, from the configuration.
        deliver_to: String,
    },
    /// The texts to be signed; each must be shown to its end.
    Contract {
        /// The texts.
        texts: Vec<SigningText>,
        /// How the lines of the first compare with what was typed.
        comparison: Vec<ComparedLine>,
    },
    /// Which certificate, when there is more than one.
    Certificate {
        /// The usable ones.
        choices: Vec<CertificateChoice>,
    },
    /// The next wrong PIN locks the card; go on only with an explicit yes.
    LastTry {
        /// The dialogue it belongs to.
        dialogue: Dialogue,
    },
    /// Six dots.
    Pin {
        /// The dialogue it belongs to.
        dialogue: Dialogue,
        /// Known tries, said before the first digit.
        tries: TriesLeft,
        /// The PIN typed before was wrong.
        wrong: bool,
    },
    /// The PIN there is, the new one, and that once more: which of them is asked for is the screen's own.
    NewPin {
        /// The signer's request.
        request: RequestId,
        /// What has the old one's place.
        kind: NewPinKind,
        /// Known tries of the old PIN, said before the first digit.
        tries: TriesLeft,
        /// The old PIN typed before was wrong.
        wrong: bool,
    },
    /// The card has its new PIN.
    PinSet {
        /// How it came by it.
        kind: NewPinKind,
    },
    /// The new card's PIN, drawn only while a finger is on its button.
    NewCardPin {
        /// Six digits.
        pin: PortalSecret,
        /// `DD.MM.YYYY HH:MM:SS` from which the new card can be used.
        usable_from: String,
    },
    /// The card is signing; do not pull it.
    Signing,
    /// Something is under way.
    Busy {
        /// What.
        what: Busy,
    },
    /// The application was received; what happens next.
    Result {
        /// Where the new card goes.
        delivery_address: Personal,
        /// `DD.MM.YYYY HH:MM:SS` from which the new card can be used.
        usable_from: String,
        /// The security word to note down, while the page is there.
        security_word: Personal,
        /// This kiosk tells the new card's PIN, too.
        pin_here: bool,
    },
    /// The card was pulled; put it back.
    CardPulled {
        /// What is kept meanwhile.
        kept: Kept,
        /// Another card than before was put in.
        other_card: bool,
    },
    /// Something went wrong: what happened, what can be done, whom to ask.
    Trouble {
        /// What happened.
        cause: Cause,
        /// What the person can do now; the first is the primary button.
        advice: Vec<Advice>,
        /// The portal's own words.
        quote: Option<Quote>,
        /// A short reference for staff; it identifies the fault, not the person.
        reference: String,
    },
    /// Take your card.
    TakeCard {
        /// It is forgotten: the alarm sounds.
        alarm: bool,
        /// What is said besides: the outcome of the visit, where there was trouble.
        cause: Option<Cause>,
    },
    /// Thank you.
    ThankYou,
}

/// Names the signing request a PIN page belongs to, and the texts again, so that a restarted screen can
/// show them before it takes a PIN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dialogue {
    /// The signer's request.
    pub request: RequestId,
    /// The texts, in order; none where another PIN is to be set.
    pub texts: Vec<SigningText>,
}

/// A certificate to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CertificateChoice {
    /// Index to send back.
    pub index: u8,
    /// Name on it.
    pub holder: Personal,
    /// Last day, `DD.MM.YYYY`.
    pub valid_until: String,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Busy {
    /// The portal is being opened.
    OpeningPortal,
    /// Its online pages are being opened.
    OpeningOnline,
    /// Something was sent; the answer is awaited.
    Sending,
    /// The texts to sign are being fetched.
    FetchingTexts,
    /// The document to be signed by hand is being made ready.
    ReadyingPaper,
    /// The signing request is being prepared.
    PreparingSignature,
    /// The card is looked at before a PIN is typed for something else than a signature.
    ReadyingCard,
    /// The card takes its new PIN; do not pull it.
    SettingPin,
    /// The signature is being handed in.
    HandingIn,
    /// The outcome is being asked for.
    AskingOutcome,
    /// The signing service is told what became of the card.
    Reporting,
}

/// What is kept while the card is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// Everything that was typed, and the portal's session.
    Everything,
    /// The portal's session and the verification code.
    Code,
}
