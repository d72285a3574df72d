//! The portal's pages for holders of a card: logging in, the new card's PIN, unblocking, a forgotten security word.
//!
//! A portal of its own beside the application's, with one way through it in [`crate::portal::Flow`]. How its pages read
//! is the profile's section `[online]`; an institution whose profile has none has no online services here.

mod place;
mod profile;
mod unblock;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

use super::{
    flow::{Flow, Purpose, Step, choose, fill},
    http::{HttpRequest, HttpResponse},
    page::{Action, Fault},
    place::{At as Anywhere, Place, Understood},
};

pub use profile::{ChallengePage, EntryPage, NewPinPage, Online, RefusedSignatures, ServicesPage};

pub(super) use {
    place::{At, Kind, understand},
    unblock::{read_grant, read_reported, read_sent},
};

/// What an action asks for, and why.
type Prepared = Result<(HttpRequest, Purpose), Fault>;

impl Flow {
    /// The request of an action on an online page; `at` is the one at hand.
    pub(super) fn prepare_online(&self, action: &Action, at: Option<&At>) -> Prepared {
        let Some(online) = &self.profile.online else { return Err(Fault::OutOfOrder) };
        match (action, at) {
            (Action::OpenOnline, _) => {
                let first = self.online.clone().unwrap_or_else(|| online.address.clone());
                Ok((HttpRequest::get(first), Purpose::Online(&[Kind::Entry])))
            }
            (Action::ChooseOnlineLogin(login), Some(At::Entry(ways))) => {
                Ok((choose(ways, login)?, Purpose::Online(&[Kind::Challenge, Kind::Login])))
            }
            (Action::LoginSigned { signature }, Some(At::Challenge { send, signature: field })) => {
                let mut form = send.form.clone();
                form.fill(*field, &STANDARD.encode(signature))?;
                Ok((form.submit(Some(send.button))?, Purpose::Online(&[Kind::Services])))
            }
            (Action::LoginOnline(values), Some(At::Login { login, .. })) => {
                let form = fill(login, &online.login, values)?;
                Ok((form.submit(Some(login.button))?, Purpose::Online(&[Kind::SmsSend, Kind::Login])))
            }
            (Action::ForgottenWord, Some(At::Login { forgotten: Some(way), .. })) => {
                Ok((way.request()?, Purpose::Online(&[Kind::WordReset])))
            }
            (Action::ResetWord(values), Some(At::WordReset(reset))) => {
                let form = fill(reset, &online.word_reset, values)?;
                Ok((form.submit(Some(reset.button))?, Purpose::Online(&[Kind::SmsSend, Kind::WordReset])))
            }
            (Action::SendSms, Some(At::SmsSend(send))) => {
                Ok((send.press()?, Purpose::Online(&[Kind::SmsCode])))
            }
            (Action::SendSms, Some(At::SmsCode(code))) => {
                let send = code.again.as_ref().ok_or(Fault::OutOfOrder)?;
                Ok((send.press()?, Purpose::Online(&[Kind::SmsCode])))
            }
            (Action::SubmitSmsCode(typed), Some(At::SmsCode(code))) => {
                Ok((code.answer(typed)?, Purpose::Online(&[Kind::Services, Kind::WordSet, Kind::SmsCode])))
            }
            (Action::ChooseOnlineService(service), Some(At::Services(ways))) => {
                Ok((choose(ways, service)?, Purpose::Online(&[Kind::NewPin, Kind::Unblock])))
            }
            (Action::FetchUnblock(code), Some(At::Unblock)) => {
                Ok((unblock::ask(&self.signing, code)?, Purpose::UnblockSms))
            }
            (Action::ConfirmUnblock { code, sms }, Some(At::Unblock)) => {
                Ok((unblock::confirm(&self.signing, code, sms)?, Purpose::UnblockGrant))
            }
            (Action::ReportUnblocked { code, done }, Some(At::Unblock)) => {
                Ok((unblock::report(&self.signing, code, *done)?, Purpose::UnblockReport))
            }
            (
                Action::Open
                | Action::Login(_)
                | Action::Districts(_)
                | Action::SubmitForm(_)
                | Action::SendSms
                | Action::SubmitSmsCode(_)
                | Action::ChooseMethod(_)
                | Action::FetchTexts(_)
                | Action::SubmitSignatures { .. }
                | Action::CheckResult
                | Action::ChooseOnlineLogin(_)
                | Action::LoginSigned { .. }
                | Action::LoginOnline(_)
                | Action::ForgottenWord
                | Action::ResetWord(_)
                | Action::ChooseOnlineService(_)
                | Action::FetchUnblock(_)
                | Action::ConfirmUnblock { .. }
                | Action::ReportUnblocked { .. },
                _,
            ) => Err(Fault::OutOfOrder),
        }
    }

    /// Reads an online page that was asked for.
    pub(super) fn read_online(
        &mut self,
        response: &HttpResponse,
        url: &Url,
        expected: &[Kind],
    ) -> Result<Step, Fault> {
        let (place, understood) = self.understand_online(response, url)?;
        let Anywhere::Online(at) = &place.at else { return Err(Fault::UnknownPage) };
        match at.kind() {
            kind if expected.contains(&kind) => {}
            // The portal begins anew when it has forgotten the visitor.
            Kind::Entry => return Err(Fault::SessionEnded),
            Kind::Challenge
            | Kind::Login
            | Kind::WordReset
            | Kind::SmsSend
            | Kind::SmsCode
            | Kind::WordSet
            | Kind::Services
            | Kind::NewPin
            | Kind::Unblock => return Err(Fault::UnknownPage),
        }
        self.arrive(place, understood)
    }

    fn understand_online(&self, response: &HttpResponse, url: &Url) -> Result<(Place, Understood), Fault> {
        let online = self.profile.online.as_ref().ok_or(Fault::OutOfOrder)?;
        self.read_html(response, url, |profile, page| understand(profile, online, page))
    }
}

#[cfg(test)]
mod tests;
