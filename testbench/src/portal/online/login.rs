//! Logging in, by a signed challenge or by the security word, and the way to another word.
//!
//! Which page may be posted when is seen to by the caller.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Goal, Posted, Session, Step, pages::Content};
use crate::portal::{Fault, Person, Refusal, flow::Answer, state::Portal};

const WRONG_CAPTCHA: &str = "Resimdeki yazıyı hatalı girdiniz.";
/// Fewest characters of a security word.
const WORD: usize = 6;

impl Portal {
    pub(super) fn choose_login(&mut self, session: &mut Session, form: &Posted, now: Instant) -> Answer {
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

    pub(super) fn login_signed(
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

    pub(super) fn login_by_word(&mut self, session: &mut Session, form: &Posted) -> Answer {
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

    pub(super) fn reset_word(&mut self, session: &mut Session, form: &Posted) -> Answer {
        if !self.read_captcha(session, form) {
            return self.ask_again(session, Some(WRONG_CAPTCHA));
        }
        let value = |name: &str| form.get(name).map_or("", |value| value.trim()).to_owned();
        let word = value("yeniSozcuk");
        let error = if word.chars().count() < WORD {
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

    pub(super) fn logged_in(&mut self, session: &mut Session, person: Person) -> Answer {
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

    /// Whether the picture was read rightly. It is another one from now on.
    fn read_captcha(&mut self, session: &mut Session, form: &Posted) -> bool {
        let typed = form.get("guvenlikKodu").map_or("", |typed| typed.trim());
        let right = typed.eq_ignore_ascii_case(&session.captcha.text);
        session.captcha = self.chance.captcha(&mut session.drawn);
        !self.strikes_once(Fault::WrongCaptcha) && right
    }

    /// The page with a captcha that the session is at.
    pub(super) fn ask_again(&mut self, session: &mut Session, error: Option<&'static str>) -> Answer {
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
}
