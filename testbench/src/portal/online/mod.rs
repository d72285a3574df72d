//! The pages for holders of a card, `nb.go`: logging in, the new card's PIN, unblocking, a forgotten security word.
//!
//! A portal of its own under the same roof: sessions, cookies and steps are its own, persons and signing service are
//! shared. Of the named faults these strike here:
//!
//! | fault | where |
//! |---|---|
//! | `wrong-captcha`, `wrong-word` | the first answer at the login or the reset page; the first word at the login |
//! | `expired-challenge`, `signature-refused` | the login's signature |
//! | `late-sms`, `wrong-sms`, `expired-sms` | the SMS of a login or a reset |
//! | `web-service-error`, `unknown-page` | after any login |
//! | `session-lost` | when the signature or the SMS code comes |
//! | `http-500`, `connection-drop` | when a service is chosen |
//! | `off-host` | the page of services |
//! | `changed-form` | every page with fields, and the one with the challenge |
//! | `oversize`, `malformed` | the first page, the captcha picture |
//! | `expired-code`, `code-unknown` | the signing service, when it is to unblock |
//! | `wrong-unblock-sms`, `expired-unblock-sms` | its SMS |
//! | `drop-after-submit` | once: the answer to the report that it is done |
// One step is one function, in the order a person meets them.

mod account;
mod pages;
mod unblock;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

use self::pages::{Content, Frame};
use super::{
    Fault, Person, Refusal,
    captcha::Captcha,
    chance::Drawn,
    event::What,
    flow::{Answer, Body, OVERSIZE, Request},
    outbox::Sms,
    state::{Aftermath, Portal, token},
};

pub use account::{Account, NewCard};
pub use unblock::Unblocked;
pub(super) use unblock::{AskUnblock, Confirm, Report, Unblocking, Unconfirmed};

/// Path of the first page.
pub(super) const FIRST: &str = "/nb/nb.go";

/// The pages of `nb.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnlinePage {
    /// "Kullanıcı Doğrulama Ekranı"
    Entry,
    /// The challenge to be signed.
    Challenge,
    /// "Şifreli Giriş Ekranı"
    Login,
    /// The picture of that page, or of the next.
    Captcha,
    /// A new security word.
    WordReset,
    /// "SMS Onay Ekranı"
    SmsSend,
    /// "SMS Onay Kodu Giriş Ekranı"
    SmsCode,
    /// The new word holds.
    WordSet,
    /// "Bireysel Nitelikli Elektronik Sertifika İşlemleri"
    Services,
    /// The new card's PIN.
    NewPin,
    /// The verification code that unblocks.
    Unblock,
    /// A page that says one sentence.
    Notice,
    /// There is nothing at that address.
    NotFound,
}

/// One browser's session.
pub(super) struct Session {
    ticket: String,
    step: Step,
    captcha: Captcha,
    drawn: Drawn,
}

/// Where a session stands. Each step holds what is valid there.
#[derive(Clone)]
enum Step {
    Entry,
    Challenge {
        challenge: String,
        until: Instant,
    },
    Login,
    WordReset,
    SmsSend {
        goal: Goal,
    },
    SmsCode {
        goal: Goal,
        code: String,
        until: Instant,
        spare: Option<String>,
    },
    Services {
        person: Person,
    },
    /// Nothing goes on from here but the first page.
    Over,
}

/// What an SMS code is asked for.
#[derive(Clone)]
enum Goal {
    Login(Person),
    Word(Person, String),
}

impl Goal {
    fn person(&self) -> &Person {
        match self {
            Self::Login(person) | Self::Word(person, _) => person,
        }
    }
}

/// What a form said.
type Posted = BTreeMap<String, String>;

impl Portal {
    /// Answers a request for an online page; `wall` is Unix seconds, for certificates.
    pub(super) fn answer_online(&mut self, request: &Request, now: Instant, wall: u64) -> Answer {
        match (request.path.as_str(), &request.form) {
            ("nb.go", None) => self.enter(request),
            ("captcha.go", None) => self.online_captcha(request),
            ("nbUnuttum.go", None) => self.forgotten(request),
            (path, Some(form)) => match step_of(path) {
                Some(step) => self.take(step, request, form.iter().cloned().collect(), now, wall),
                None => self.nothing_there(),
            },
            (_, None) => self.nothing_there(),
        }
    }

    fn nothing_there(&mut self) -> Answer {
        self.journal.record(What::ServedOnline { page: OnlinePage::NotFound });
        Body::Status(404).into()
    }

    /// The first page: whatever went before is over.
    fn enter(&mut self, request: &Request) -> Answer {
        if let Some(old) = &request.cookie {
            self.online.remove(old);
        }
        if self.strikes(Fault::Oversize) {
            let filler = "<p>&nbsp;</p>\n";
            return Body::Html(filler.repeat(OVERSIZE / filler.len())).into();
        }
        self.strikes(Fault::ForeignCharset);
        let mut drawn = Drawn::default();
        let captcha = self.chance.captcha(&mut drawn);
        let session = Session { ticket: token(), step: Step::Entry, captcha, drawn };
        let id = token();
        let answer = self.online_page(&session, &Content::Entry { error: None });
        self.online.insert(id.clone(), session);
        Answer { set_cookie: Some(id), ..answer }
    }

    fn online_captcha(&mut self, request: &Request) -> Answer {
        let session = request.cookie.as_ref().and_then(|id| self.online.get(id));
        let Some(mut png) = session.map(|session| session.captcha.png.clone()) else {
            return self.nothing_there();
        };
        if self.strikes(Fault::Malformed) {
            png.truncate(png.len() / 2);
        }
        self.journal.record(What::ServedOnline { page: OnlinePage::Captcha });
        Body::Png(png).into()
    }

    /// The link on the login page.
    fn forgotten(&mut self, request: &Request) -> Answer {
        let session = request.cookie.as_ref().and_then(|id| self.online.remove_entry(id));
        let Some((id, mut session)) = session else { return self.forgot_the_session() };
        let answer = match session.step {
            Step::Login | Step::WordReset => {
                session.step = Step::WordReset;
                session.ticket = token();
                self.ask_again(&mut session, None)
            }
            Step::Entry
            | Step::Challenge { .. }
            | Step::SmsSend { .. }
            | Step::SmsCode { .. }
            | Step::Services { .. }
            | Step::Over => self.forgot_the_session(),
        };
        self.online.insert(id, session);
        answer
    }

    /// A form came: it must belong to a session, be of the step the session is at, and carry the hidden number of the
    /// page it was on.
    fn take(&mut self, step: &str, request: &Request, form: Posted, now: Instant, wall: u64) -> Answer {
        let session = request.cookie.as_ref().and_then(|id| self.online.remove_entry(id));
        let Some((id, mut session)) = session else { return self.forgot_the_session() };
        let in_order =
            form.get("islemNo") == Some(&session.ticket) && form.get("adim").is_some_and(|at| at == step);
        if !in_order {
            return self.forgot_the_session();
        }
        session.ticket = token();
        let answer = match (session.step.clone(), step) {
            (Step::Entry, "giris") => self.choose_login(&mut session, &form, now),
            (Step::Challenge { challenge, until }, "imza") => {
                let in_time = now < until && !self.faults.contains(&Fault::ExpiredChallenge);
                self.login_signed(&mut session, challenge.as_str(), in_time, &form, wall)
            }
            (Step::Login, "sifre") => self.login_by_word(&mut session, &form),
            (Step::WordReset, "sozcuk") => self.reset_word(&mut session, &form),
            (Step::SmsSend { goal }, "smsGonder") => self.send_online_sms(&mut session, goal, now),
            (Step::SmsCode { .. }, "smsOnay") => self.online_sms_code(&mut session, &form, now),
            (Step::Services { person }, "islem") => self.serve(&mut session, &person, &form, now),
            _ => self.forgot_the_session(),
        };
        self.online.insert(id, session);
        answer
    }

    fn choose_login(&mut self, session: &mut Session, form: &Posted, now: Instant) -> Answer {
        if form.contains_key("eimza") {
            let expires = self.strikes(Fault::ExpiredChallenge);
            let life = if expires { self.timers.short_life } else { self.timers.challenge_life };
            // Digits are base64url too (RFC 4648, 5), and come of the seed.
            let challenge = self.chance.digits(&mut session.drawn, 32);
            session.step = Step::Challenge { challenge: challenge.clone(), until: now + life };
            let changed = self.strikes(Fault::ChangedForm);
            let content = Content::Challenge { challenge: &challenge, seconds: life.as_secs(), changed };
            return self.online_page(session, &content);
        }
        session.step = Step::Login;
        self.ask_again(session, None)
    }

    fn login_signed(
        &mut self,
        session: &mut Session,
        challenge: &str,
        in_time: bool,
        form: &Posted,
        wall: u64,
    ) -> Answer {
        if self.strikes(Fault::SessionLost) {
            session.step = Step::Over;
            return self.forgot_the_session();
        }
        if !in_time {
            return self.end_with(session, "Sınama değerinin süresi doldu. Oturum süreniz doldu.");
        }
        let der = form.get("imza").and_then(|encoded| STANDARD.decode(encoded).ok()).ok_or(Refusal::Invalid);
        let judged = der.and_then(|der| self.judge.login(&der, challenge, wall));
        let judged = if self.strikes(Fault::SignatureRefused) { Err(Refusal::Invalid) } else { judged };
        let person = judged.and_then(|id| self.holder(&id).ok_or(Refusal::WrongPerson));
        match person {
            Ok(person) => self.logged_in(session, person),
            Err(reason) => {
                self.refused(reason);
                // A challenge is used once, whatever came of it.
                session.step = Step::Entry;
                let words = match reason {
                    Refusal::Certificate => "Sertifikanız kabul edilmemiştir.",
                    Refusal::WrongText => "İmzalanan metin bu girişe ait değildir.",
                    Refusal::WrongPerson => "Kaydınız bulunamamıştır.",
                    Refusal::Invalid
                    | Refusal::CodeUnknown
                    | Refusal::CodeExpired
                    | Refusal::CodeUsed
                    | Refusal::SmsExpired
                    | Refusal::WrongSms => "İmzanız doğrulanamamıştır.",
                };
                self.online_page(session, &Content::Entry { error: Some(words) })
            }
        }
    }

    fn login_by_word(&mut self, session: &mut Session, form: &Posted) -> Answer {
        if !self.read_captcha(session, form) {
            return self.ask_again(session, Some(WRONG_CAPTCHA));
        }
        let word = form.get("guvenlikSozcugu").map_or("", |word| word.trim());
        let known = self.holder(form.get("tcKimlikNo").map_or("", |id| id.trim()));
        let known = known.filter(|person| person.online.as_ref().is_some_and(|a| a.security_word == word));
        let misjudged = self.strikes_once(Fault::WrongWord);
        match known.filter(|_| !misjudged) {
            Some(person) => self.offer_sms(session, Goal::Login(person)),
            None => self.ask_again(session, Some("T.C. Kimlik No veya güvenlik sözcüğü hatalıdır.")),
        }
    }

    fn reset_word(&mut self, session: &mut Session, form: &Posted) -> Answer {
        if !self.read_captcha(session, form) {
            return self.ask_again(session, Some(WRONG_CAPTCHA));
        }
        let value = |name: &str| form.get(name).map_or("", |value| value.trim()).to_owned();
        let word = value("yeniSozcuk");
        let error = if word.chars().count() < 6 {
            Some("Güvenlik sözcüğü en az 6 karakter olmalıdır.")
        } else if word != value("yeniSozcukTekrar") {
            Some("Güvenlik sözcükleri aynı değildir.")
        } else {
            None
        };
        match (error, self.holder(&value("tcKimlikNo"))) {
            (None, Some(person)) => self.offer_sms(session, Goal::Word(person, word)),
            (None, None) => self.ask_again(session, Some("T.C. Kimlik No hatalıdır.")),
            (Some(words), _) => self.ask_again(session, Some(words)),
        }
    }

    fn offer_sms(&mut self, session: &mut Session, goal: Goal) -> Answer {
        let phone = phone(goal.person());
        session.step = Step::SmsSend { goal };
        self.online_page(session, &Content::SmsSend { phone: &phone })
    }

    fn send_online_sms(&mut self, session: &mut Session, goal: Goal, now: Instant) -> Answer {
        let life =
            if self.strikes(Fault::ExpiredSms) { self.timers.short_life } else { self.timers.sms_life };
        let code = self.chance.digits(&mut session.drawn, 6);
        let (sent, spare) = if self.strikes_once(Fault::WrongSms) {
            (self.chance.digits(&mut session.drawn, 6), Some(code.clone()))
        } else {
            (code.clone(), None)
        };
        let delay = if self.strikes(Fault::LateSms) { self.timers.late_sms } else { Duration::ZERO };
        let sms = self.online_sms(&goal, sent);
        session.step = Step::SmsCode { goal, code, until: now + life, spare };
        let content = Content::SmsCode { seconds: life.as_secs(), wrong: false };
        let mut answer = self.online_page(session, &content);
        answer.aftermath.sms = Some((sms, delay));
        answer
    }

    fn online_sms(&mut self, goal: &Goal, code: String) -> Sms {
        self.journal.record(What::SmsSent);
        let text = format!("Kamu SM online işlemleriniz için SMS Onay Kodunuz: {code}");
        Sms { to: phone(goal.person()), text, code }
    }

    fn online_sms_code(&mut self, session: &mut Session, form: &Posted, now: Instant) -> Answer {
        let Step::SmsCode { goal, code, until, spare } = session.step.clone() else {
            return self.forgot_the_session();
        };
        if self.strikes(Fault::SessionLost) {
            session.step = Step::Over;
            return self.forgot_the_session();
        }
        if self.faults.contains(&Fault::ExpiredSms) || now >= until {
            return self.end_with(session, "SMS Onay Kodunun süresi doldu. Lütfen baştan giriş yapınız.");
        }
        if form.get("smsKodu").map(|typed| typed.trim()) != Some(code.as_str()) {
            let seconds = (until - now).as_secs();
            let right = spare.map(|right| self.online_sms(&goal, right));
            session.step = Step::SmsCode { goal, code, until, spare: None };
            let mut answer = self.online_page(session, &Content::SmsCode { seconds, wrong: true });
            answer.aftermath.sms = right.map(|sms| (sms, Duration::ZERO));
            return answer;
        }
        match goal {
            Goal::Login(person) => self.logged_in(session, person),
            Goal::Word(person, word) => {
                let known = self.register.iter_mut().find(|known| known.national_id == person.national_id);
                if let Some(account) = known.and_then(|known| known.online.as_mut()) {
                    account.security_word = word;
                }
                self.journal.record(What::WordReset);
                session.step = Step::Over;
                self.online_page(session, &Content::WordSet)
            }
        }
    }

    fn logged_in(&mut self, session: &mut Session, person: Person) -> Answer {
        if self.strikes(Fault::WebServiceError) {
            return self.end_with(session, "Web servis hatası oluştu. Lütfen daha sonra tekrar deneyiniz.");
        }
        if self.strikes(Fault::UnknownPage) {
            return self.end_with(
                session,
                "Sayın kullanıcımız, sizlere daha iyi hizmet verebilmek için sayfalarımız yenilenmektedir.",
            );
        }
        let away = self.strikes(Fault::OffHost);
        let target = if away { "https://baska-sunucu.invalid/nb/nbIslem.go" } else { "nbIslem.go" };
        let new_card = person.online.as_ref().is_some_and(|account| account.new_card.is_some());
        session.step = Step::Services { person };
        self.online_page(session, &Content::Services { new_card, target })
    }

    fn serve(&mut self, session: &mut Session, person: &Person, form: &Posted, now: Instant) -> Answer {
        if self.strikes(Fault::Http500) {
            return Body::Status(500).into();
        }
        if self.strikes(Fault::ConnectionDrop) {
            return Answer {
                aftermath: Aftermath { cut: true, ..Aftermath::default() },
                ..Body::Status(500).into()
            };
        }
        session.step = Step::Over;
        let new_card = person.online.as_ref().and_then(|account| account.new_card.as_ref());
        if let (true, Some(card)) = (form.contains_key("pin"), new_card) {
            let seconds = self.timers.pin_life.as_secs();
            return self.online_page(session, &Content::NewPin { card, seconds });
        }
        if !form.contains_key("kilit") {
            return self.forgot_the_session();
        }
        let expires = self.strikes(Fault::ExpiredCode);
        let life = if expires { self.timers.short_life } else { self.timers.code_life };
        let code = self.chance.digits(&mut session.drawn, 15);
        let unblocking = Unblocking {
            national_id: person.national_id.clone(),
            until: now + life,
            drawn: std::mem::take(&mut session.drawn),
            sms: None,
            reported: None,
        };
        self.unblockings.insert(code.clone(), unblocking);
        self.journal.record(What::UnblockBegun);
        self.online_page(session, &Content::Unblock { code: &code, seconds: life.as_secs() })
    }

    /// Whether the picture was read rightly. It is another one from now on.
    fn read_captcha(&mut self, session: &mut Session, form: &Posted) -> bool {
        let typed = form.get("guvenlikKodu").map_or("", |typed| typed.trim());
        let right = typed.eq_ignore_ascii_case(&session.captcha.text);
        session.captcha = self.chance.captcha(&mut session.drawn);
        !self.strikes_once(Fault::WrongCaptcha) && right
    }

    /// The page with a captcha that the session is at.
    fn ask_again(&mut self, session: &mut Session, error: Option<&'static str>) -> Answer {
        self.last_captcha = Some(session.captcha.text.clone());
        let changed = self.strikes(Fault::ChangedForm);
        let content = if matches!(session.step, Step::WordReset) {
            Content::WordReset { error, changed }
        } else {
            Content::Login { error, changed }
        };
        self.online_page(session, &content)
    }

    /// The person of an account.
    fn holder(&self, national_id: &str) -> Option<Person> {
        let known = |person: &&Person| person.national_id == national_id && person.online.is_some();
        self.register.iter().find(known).cloned()
    }

    fn end_with(&mut self, session: &mut Session, sentence: &'static str) -> Answer {
        session.step = Step::Over;
        self.online_page(session, &Content::Notice { sentence })
    }

    fn forgot_the_session(&mut self) -> Answer {
        let content = Content::Notice { sentence: "Oturumunuz sona erdi. Lütfen baştan giriş yapınız." };
        self.drawn_online("", &content)
    }

    fn online_page(&mut self, session: &Session, content: &Content<'_>) -> Answer {
        self.drawn_online(&session.ticket, content)
    }

    fn drawn_online(&mut self, ticket: &str, content: &Content<'_>) -> Answer {
        self.journal.record(What::ServedOnline { page: pages::name(content) });
        let meta_charset = !self.faults.contains(&Fault::ForeignCharset);
        Body::Html(pages::draw(&Frame { ticket, meta_charset }, content)).into()
    }
}

const WRONG_CAPTCHA: &str = "Resimdeki yazıyı hatalı girdiniz.";

fn phone(person: &Person) -> String {
    person.online.as_ref().map(|account| account.phone.clone()).unwrap_or_default()
}

/// The step that a form's address belongs to, by the name its hidden field has.
fn step_of(path: &str) -> Option<&'static str> {
    Some(match path {
        "nbGiris.go" => "giris",
        "nbImza.go" => "imza",
        "nbSifre.go" => "sifre",
        "nbSozcuk.go" => "sozcuk",
        "nbSms.go" => "smsGonder",
        "nbSmsOnay.go" => "smsOnay",
        "nbIslem.go" => "islem",
        _ => return None,
    })
}
