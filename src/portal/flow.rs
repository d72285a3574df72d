//! The way through the portal, pure: an action becomes a request, an answer becomes a page or the next
//! request.
//!
//! It holds the page at hand and replies only to forms that page served (invariant 8). It follows
//! redirects itself, a few, over https and to the profile's hosts only. It never sends.

mod answer;

use url::Url;

use super::{
    form::{self, Form, Value},
    http::{Body, HttpRequest, HttpResponse},
    online,
    page::{Action, Fault, Field, FieldId, Method, Page, Pdf, Quote},
    place::{At, Code, Filled, Place, Way},
    profile::{Districts, FormPage, Profile},
    signing,
};
use crate::redact::Personal;

/// Most redirects in a row.
const REDIRECTS: u8 = 5;

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// One more request is needed.
    Send(HttpRequest),
    /// The page is whole.
    Page(Page),
}

/// Addresses that stand in for the profile's.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Another first page.
    pub address: Option<Url>,
    /// Another signing service.
    pub signing_address: Option<Url>,
    /// Another first online page.
    pub online_address: Option<Url>,
}

/// The driver's pure part.
pub struct Flow {
    pub(super) profile: Profile,
    first: Url,
    pub(super) signing: Url,
    pub(super) online: Option<Url>,
    origins: Vec<(String, u16)>,
    place: Option<Place>,
    pending: Option<Pending>,
}

/// A request under way.
struct Pending {
    purpose: Purpose,
    url: Url,
    body: Option<Body>,
    redirects: u8,
}

/// Why it was sent.
pub(super) enum Purpose {
    /// One of these pages is expected.
    Page(&'static [Kind]),
    /// The picture of this login page.
    Captcha(Box<LoginPage>),
    /// Districts in `option` elements.
    DistrictOptions,
    /// Districts in the form served anew.
    DistrictsInForm,
    /// The document of method 1.
    Document,
    /// Texts from the signing service.
    Texts,
    /// Signatures for the signing service.
    Signatures,
    /// One of these online pages is expected.
    Online(&'static [online::Kind]),
    /// The signing service sends an SMS.
    UnblockSms,
    /// It grants the PUK.
    UnblockGrant,
    /// It is told how it ended.
    UnblockReport,
}

pub(super) struct LoginPage {
    place: Place,
    fields: Vec<Field>,
    wrong_captcha: bool,
    refusal: Option<Quote>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Login,
    Form,
    SmsSend,
    SmsCode,
    Method,
    WetInk,
    Signing,
    Received,
    Online,
}

impl Flow {
    /// A flow that has not opened anything. Hosts of the overrides are allowed besides the profile's.
    #[must_use]
    pub fn new(profile: Profile, overrides: Overrides) -> Self {
        let first = overrides.address.unwrap_or_else(|| profile.address.clone());
        let signing = overrides.signing_address.unwrap_or_else(|| profile.signing_address.clone());
        let mut origins: Vec<(String, u16)> = profile
            .hosts
            .iter()
            .filter_map(|host| Url::parse(&format!("https://{host}/")).ok())
            .filter_map(|url| origin(&url))
            .collect();
        let online = overrides.online_address;
        origins.extend([&first, &signing].into_iter().chain(&online).filter_map(origin));
        Self { profile, first, signing, online, origins, place: None, pending: None }
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Forgets the page at hand and whatever was under way.
    pub fn forget(&mut self) {
        self.place = None;
        self.pending = None;
    }

    /// The first request of an action. One that was under way is given up.
    ///
    /// # Errors
    /// [`Fault::OutOfOrder`] when the page at hand does not offer the action, [`Fault::ChangedForm`] and
    /// [`Fault::Malformed`] for values that do not fit it, [`Fault::OffHost`] for a form that leads away.
    pub fn request(&mut self, action: &Action) -> Result<HttpRequest, Fault> {
        self.pending = None;
        let (request, purpose) = self.prepare(action)?;
        self.send(request, purpose, 0)
    }

    /// Reads the answer to the last request.
    ///
    /// # Errors
    /// The fault that the answer is; the page at hand stays the one before.
    pub fn read(&mut self, response: HttpResponse) -> Result<Step, Fault> {
        let Pending { purpose, url, body, redirects } = self.pending.take().ok_or(Fault::OutOfOrder)?;
        let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        if is_redirect && !purpose.is_of_the_service() {
            return self.redirect(&response, purpose, &url, body, redirects);
        }
        match purpose {
            Purpose::Texts => signing::read_texts(&response).map(Step::Page),
            Purpose::Signatures => signing::read_taken(&response).map(Step::Page),
            Purpose::Document => answer::document(response).map(Step::Page),
            Purpose::Captcha(login) => self.read_captcha(&response, *login),
            Purpose::DistrictOptions => self.read_districts(&response, &url),
            Purpose::DistrictsInForm => self.read_form_anew(&response, &url),
            Purpose::Page(expected) => self.read_page(&response, &url, expected),
            Purpose::Online(expected) => self.read_online(&response, &url, expected),
            Purpose::UnblockSms => online::read_sent(&response).map(Step::Page),
            Purpose::UnblockGrant => online::read_grant(&response).map(Step::Page),
            Purpose::UnblockReport => online::read_reported(&response).map(Step::Page),
        }
    }

    fn prepare(&self, action: &Action) -> Result<(HttpRequest, Purpose), Fault> {
        let place = self.place.as_ref();
        let at = place.map(|place| &place.at);
        let pages = &self.profile.pages;
        match (action, at) {
            (Action::OpenOnline, _) => self.prepare_online(action, None),
            (Action::Open, _) => Ok((HttpRequest::get(self.first.clone()), Purpose::Page(&[Kind::Login]))),
            (Action::Login(values), Some(At::Login(login))) => {
                let form = fill(login, &pages.login, values)?;
                Ok((form.submit(Some(login.button))?, Purpose::Page(&[Kind::Form, Kind::Login])))
            }
            (Action::Districts(province), Some(At::Form(form))) => self.ask_districts(form, province),
            (Action::SubmitForm(values), Some(At::Form(form))) => {
                let filled = fill(form, &pages.form, values)?;
                Ok((filled.submit(Some(form.button))?, Purpose::Page(&[Kind::SmsSend, Kind::Form])))
            }
            (Action::SendSms, Some(At::SmsSend(send) | At::SmsCode(Code { again: Some(send), .. }))) => {
                Ok((send.press()?, Purpose::Page(&[Kind::SmsCode])))
            }
            (Action::SubmitSmsCode(typed), Some(At::SmsCode(code))) => {
                Ok((code.answer(typed)?, Purpose::Page(&[Kind::Method, Kind::SmsCode])))
            }
            (Action::ChooseMethod(method), Some(At::Method(ways))) => {
                let expected: &[Kind] = match method {
                    Method::WetInk => &[Kind::WetInk],
                    Method::Electronic => &[Kind::Signing],
                };
                Ok((choose(ways, method)?, Purpose::Page(expected)))
            }
            (Action::ChooseMethod(Method::WetInk), Some(At::WetInk(way))) => document(way),
            (Action::FetchTexts(code), Some(At::Signing)) => {
                Ok((signing::ask_texts(&self.signing, code)?, Purpose::Texts))
            }
            (Action::SubmitSignatures { code, signatures }, Some(At::Signing)) => {
                Ok((signing::hand_in(&self.signing, code, signatures)?, Purpose::Signatures))
            }
            (Action::CheckResult, Some(At::Signing | At::Received)) => {
                let address = place.map(|place| place.address.clone()).ok_or(Fault::OutOfOrder)?;
                Ok((HttpRequest::get(address), Purpose::Page(&[Kind::Signing, Kind::Received])))
            }
            (_, Some(At::Online(at))) => self.prepare_online(action, Some(at)),
            (
                Action::Login(_)
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

    fn ask_districts(&self, at: &Filled, province: &str) -> Result<(HttpRequest, Purpose), Fault> {
        let index = at.index(FieldId::Province).ok_or(Fault::ChangedForm("no province"))?;
        let mut form = at.form.clone();
        form.fill(index, province)?;
        match &self.profile.districts {
            Districts::Address { address, parameter } => {
                let page = self.place.as_ref().map_or(&self.first, |place| &place.address);
                let mut url = page.join(address).map_err(|_| Fault::Malformed("the address of districts"))?;
                url.query_pairs_mut().append_pair(parameter, province);
                Ok((HttpRequest::get(url), Purpose::DistrictOptions))
            }
            Districts::PostBack { field, value } => {
                let reason =
                    form.named(field).ok_or(Fault::ChangedForm("no field that asks for districts"))?;
                form.fill(reason, value)?;
                Ok((form.submit(None)?, Purpose::DistrictsInForm))
            }
        }
    }

    fn send(&mut self, request: HttpRequest, purpose: Purpose, redirects: u8) -> Result<HttpRequest, Fault> {
        if !self.is_allowed(&request.url) {
            return Err(Fault::OffHost);
        }
        self.pending =
            Some(Pending { purpose, url: request.url.clone(), body: request.body.clone(), redirects });
        Ok(request)
    }

    fn is_allowed(&self, url: &Url) -> bool {
        url.scheme() == "https" && origin(url).is_some_and(|origin| self.origins.contains(&origin))
    }
}

/// Asks for the document of method 1.
fn document(way: &Way) -> Result<(HttpRequest, Purpose), Fault> {
    Ok((HttpRequest { limit: Pdf::LIMIT, ..way.request()? }, Purpose::Document))
}

impl Place {
    fn kind(&self) -> Kind {
        match &self.at {
            At::Login(_) => Kind::Login,
            At::Form(_) => Kind::Form,
            At::SmsSend(_) => Kind::SmsSend,
            At::SmsCode { .. } => Kind::SmsCode,
            At::Method(_) => Kind::Method,
            At::WetInk(_) => Kind::WetInk,
            At::Signing => Kind::Signing,
            At::Received => Kind::Received,
            At::Online(_) => Kind::Online,
        }
    }
}

impl Purpose {
    /// The signing service redirects nobody.
    fn is_of_the_service(&self) -> bool {
        match self {
            Self::Texts | Self::Signatures | Self::UnblockSms | Self::UnblockGrant | Self::UnblockReport => {
                true
            }
            Self::Page(_)
            | Self::Captcha(_)
            | Self::DistrictOptions
            | Self::DistrictsInForm
            | Self::Document
            | Self::Online(_) => false,
        }
    }
}

/// The request of one of the ways a page offers.
pub(super) fn choose<T: PartialEq>(ways: &[(T, Way)], wanted: &T) -> Result<HttpRequest, Fault> {
    ways.iter().find(|(offered, _)| offered == wanted).ok_or(Fault::OutOfOrder)?.1.request()
}

impl Filled {
    fn index(&self, field: FieldId) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == field).map(|(_, index)| *index)
    }
}

/// The form with these values in it; what the portal fills in stays as it came.
pub(super) fn fill(at: &Filled, page: &FormPage, values: &[(FieldId, Personal)]) -> Result<Form, Fault> {
    let mut form = at.form.clone();
    for (field, value) in values {
        if page.filled_by_portal.contains(field) {
            continue;
        }
        let Some(index) = at.index(*field) else {
            if value.is_blank() {
                continue;
            }
            return Err(Fault::ChangedForm("a value for a field the page does not have"));
        };
        let control = &mut form.controls[index];
        if control.read_only || control.disabled {
            continue;
        }
        if let Value::Choice { options, .. } = &mut control.value {
            if value.is_blank() && !options.iter().any(|item| item.value == value.expose()) {
                continue;
            }
            let learned = at.districts.iter().find(|choice| choice.value == value.expose());
            if let (FieldId::District, Some(choice)) = (*field, learned) {
                options.retain(|item| item.value != choice.value);
                options.push(form::Item {
                    value: choice.value.clone(),
                    label: choice.label.clone(),
                    disabled: false,
                });
            }
        }
        form.fill(index, value.expose())?;
    }
    Ok(form)
}

fn origin(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests;
