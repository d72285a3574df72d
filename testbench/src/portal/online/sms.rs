//! The SMS that a login by word, or another word, has to be confirmed with.
//!
//! What the code was asked for comes with it and goes on from here.

use std::time::{Duration, Instant};

use super::{Goal, Posted, Session, Step, pages::Content};
use crate::portal::{Fault, Person, event::What, flow::Answer, outbox::Sms, state::Portal};

impl Portal {
    pub(super) fn offer_sms(&mut self, session: &mut Session, goal: Goal) -> Answer {
        let phone = phone(goal.person());
        session.step = Step::SmsSend { goal };
        self.online_page(session, &Content::SmsSend { phone: &phone })
    }

    pub(super) fn send_online_sms(&mut self, session: &mut Session, goal: Goal, now: Instant) -> Answer {
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

    pub(super) fn online_sms_code(&mut self, session: &mut Session, form: &Posted, now: Instant) -> Answer {
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
}

fn phone(person: &Person) -> String {
    person.online.as_ref().map(|account| account.phone.clone()).unwrap_or_default()
}
