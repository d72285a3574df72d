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

mod account;
mod login;
mod pages;
mod sms;
mod unblock;

use std::{collections::BTreeMap, time::Instant};

use serde::Serialize;

use self::pages::{Content, Frame};
use super::{
    Fault, Person,
    captcha::Captcha,
    chance::Drawn,
    event::What,
    flow::{Answer, Body, OVERSIZE, Request},
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
