//! Answers of the portal: which page came, whether it was to be expected, and what it still lacks.

use url::Url;

use super::{Flow, Kind, LoginPage, Purpose, REDIRECTS, Step};
use crate::portal::{
    captcha,
    document::Document,
    form,
    http::{Body, HttpRequest, HttpResponse, PAGE_LIMIT},
    online,
    page::{Choice, Fault, FieldId, FieldKind, Page, Pdf},
    place::{self, At, Place, Understood},
    profile::Profile,
};

/// What a PDF begins with (ISO 32000-2, 7.5.2).
const BEGINS: &[u8] = b"%PDF-";

/// The document of method 1, as it is; whoever takes it apart has nothing else.
pub(super) fn document(response: HttpResponse) -> Result<Page, Fault> {
    if response.status != 200 {
        return Err(Fault::Status(response.status));
    }
    let HttpResponse { content_type, mut body, .. } = response;
    let media = content_type.as_deref().and_then(|it| it.split(';').next()).unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/pdf") || !body.starts_with(BEGINS) {
        return Err(Fault::Malformed("a document that is no PDF"));
    }
    Ok(Page::WetInkPaper(Pdf(std::mem::take(&mut *body).into())))
}

impl Flow {
    pub(super) fn redirect(
        &mut self,
        response: &HttpResponse,
        purpose: Purpose,
        from: &Url,
        body: Option<Body>,
        redirects: u8,
    ) -> Result<Step, Fault> {
        if redirects == REDIRECTS {
            return Err(Fault::Malformed("redirects without an end"));
        }
        let location = response.location.as_deref().ok_or(Fault::Malformed("a redirect to nowhere"))?;
        let url = from.join(location.trim()).map_err(|_| Fault::Malformed("a redirect to no address"))?;
        // 307 and 308 keep the request as it was; the others ask for a page (RFC 9110, 15.4).
        let body = body.filter(|_| matches!(response.status, 307 | 308));
        let limit = match purpose {
            Purpose::Captcha(_) => captcha::FILE,
            Purpose::Document => Pdf::LIMIT,
            Purpose::Page(_)
            | Purpose::DistrictOptions
            | Purpose::DistrictsInForm
            | Purpose::Online(_)
            | Purpose::Texts
            | Purpose::Signatures
            | Purpose::UnblockSms
            | Purpose::UnblockGrant
            | Purpose::UnblockReport => PAGE_LIMIT,
        };
        self.send(HttpRequest { url, body, limit }, purpose, redirects + 1).map(Step::Send)
    }

    pub(super) fn read_page(
        &mut self,
        response: &HttpResponse,
        url: &Url,
        expected: &[Kind],
    ) -> Result<Step, Fault> {
        let (place, understood) = self.understand(response, url)?;
        match place.kind() {
            kind if expected.contains(&kind) => {}
            // The portal begins anew when it has forgotten the visitor.
            Kind::Login => return Err(Fault::SessionEnded),
            Kind::Form
            | Kind::SmsSend
            | Kind::SmsCode
            | Kind::Method
            | Kind::WetInk
            | Kind::Signing
            | Kind::Received
            | Kind::Online => return Err(Fault::UnknownPage),
        }
        self.arrive(place, understood)
    }

    /// The page at hand from now on, or the request for the picture it still lacks.
    pub(in crate::portal) fn arrive(&mut self, place: Place, understood: Understood) -> Result<Step, Fault> {
        match understood {
            Understood::Page(page) => {
                self.place = Some(place);
                Ok(Step::Page(page))
            }
            Understood::Login { picture, fields, wrong_captcha, refusal } => {
                let login = LoginPage { place, fields, wrong_captcha, refusal };
                let request = HttpRequest { url: picture, body: None, limit: captcha::FILE };
                self.send(request, Purpose::Captcha(Box::new(login)), 0).map(Step::Send)
            }
            // The page is at hand from here on: what it leads to can be asked for again.
            Understood::Document => {
                let Place { at: At::WetInk(way), .. } = &place else { return Err(Fault::UnknownPage) };
                let (request, purpose) = super::document(way)?;
                self.place = Some(place);
                self.send(request, purpose, 0).map(Step::Send)
            }
        }
    }

    fn understand(&self, response: &HttpResponse, url: &Url) -> Result<(Place, Understood), Fault> {
        self.read_html(response, url, place::understand)
    }

    /// What a page says, or the fault of an answer that is none.
    pub(in crate::portal) fn read_html<T>(
        &self,
        response: &HttpResponse,
        url: &Url,
        understand: impl Fn(&Profile, &Document) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let page = Document::parse(&response.body, response.content_type.as_deref(), url);
        if response.status != 200 {
            let named = page.ok().and_then(|page| place::fault(&self.profile, &page.lines()));
            return Err(named.unwrap_or(Fault::Status(response.status)));
        }
        understand(&self.profile, &page?)
    }

    pub(super) fn read_captcha(&mut self, response: &HttpResponse, login: LoginPage) -> Result<Step, Fault> {
        if response.status != 200 {
            return Err(Fault::Status(response.status));
        }
        let captcha = captcha::decode(&response.body)?;
        let LoginPage { place, fields, wrong_captcha, refusal } = login;
        let page = match &place.at {
            At::Online(online::At::WordReset(_)) => {
                Page::WordReset { captcha, fields, wrong_captcha, refusal }
            }
            At::Online(_) => Page::OnlineLogin { captcha, fields, wrong_captcha, refusal },
            At::Login(_)
            | At::Form(_)
            | At::SmsSend(_)
            | At::SmsCode(_)
            | At::Method(_)
            | At::WetInk(_)
            | At::Signing
            | At::Received => Page::Login { captcha, fields, wrong_captcha, refusal },
        };
        self.place = Some(place);
        Ok(Step::Page(page))
    }

    pub(super) fn read_districts(&mut self, response: &HttpResponse, url: &Url) -> Result<Step, Fault> {
        if response.status != 200 {
            return Err(self.understand(response, url).err().unwrap_or(Fault::Status(response.status)));
        }
        let page = Document::parse(&response.body, response.content_type.as_deref(), url)?;
        let choices: Vec<Choice> = page
            .elements("option")
            .map(form::item)
            .filter(|item| !item.disabled && !item.is_placeholder(&self.profile.placeholders))
            .map(|item| item.choice())
            .collect();
        if choices.is_empty() || page.elements("form").next().is_some() {
            // A whole page came instead of a list: what does it say?
            let (place, _) = place::understand(&self.profile, &page)?;
            let forgotten = place.kind() == Kind::Login;
            return Err(if forgotten { Fault::SessionEnded } else { Fault::Malformed("no districts") });
        }
        let Some(Place { at: At::Form(form), .. }) = &mut self.place else { return Err(Fault::OutOfOrder) };
        form.districts.clone_from(&choices);
        Ok(Step::Page(Page::Districts(choices)))
    }

    pub(super) fn read_form_anew(&mut self, response: &HttpResponse, url: &Url) -> Result<Step, Fault> {
        let Step::Page(Page::Form { fields, .. }) = self.read_page(response, url, &[Kind::Form])? else {
            return Err(Fault::UnknownPage);
        };
        let choices = fields.into_iter().find(|field| field.id == FieldId::District).map(|field| field.kind);
        match choices {
            Some(FieldKind::Choice(choices)) if !choices.is_empty() => {
                Ok(Step::Page(Page::Districts(choices)))
            }
            Some(FieldKind::Choice(_) | FieldKind::Text { .. }) | None => {
                Err(Fault::Malformed("no districts"))
            }
        }
    }
}
