//! The flow over pages of its own, without a network.

mod faults;
mod fields;
mod hosts;
mod way;

use std::{io::Cursor, path::Path};

use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;
use url::Url;
use zeroize::Zeroizing;

use super::{Flow, Overrides, Step};
use crate::{
    portal::{
        Action, Choice, Fault, Field, FieldId, FieldKind, HttpRequest, HttpResponse, Method, Page, Pdf,
        Profile, Quote, SigningText,
    },
    redact::Personal,
};

const MEB: &str = include_str!("../../../profiles/meb.toml");
const SAGLIK: &str = include_str!("../../../profiles/saglik.toml");
const LOGIN: &str = include_str!("../testdata/login.html");
const FORM: &str = include_str!("../testdata/form.html");
const SMS_SEND: &str = include_str!("../testdata/sms_send.html");
const SMS_CODE: &str = include_str!("../testdata/sms_code.html");
const METHOD: &str = include_str!("../testdata/method.html");
const SIGNING: &str = include_str!("../testdata/signing.html");
const RECEIVED: &str = include_str!("../testdata/received.html");
const CODE: &str = "798689484262275";

fn profile(text: &str) -> Profile {
    Profile::parse(Path::new("test.toml"), text).expect("a good profile")
}

fn flow() -> Flow {
    Flow::new(profile(MEB), Overrides::default())
}

fn answer(status: u16, content_type: &str, body: &[u8]) -> HttpResponse {
    HttpResponse {
        status,
        content_type: Some(content_type.to_owned()),
        location: None,
        body: Zeroizing::new(body.to_vec()),
    }
}

fn html(page: &str) -> HttpResponse {
    answer(200, "text/html", page.as_bytes())
}

fn redirect(status: u16, location: &str) -> HttpResponse {
    HttpResponse { location: Some(location.to_owned()), ..answer(status, "text/html", b"") }
}

fn picture() -> HttpResponse {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(120, 40)).write_to(&mut file, ImageFormat::Png).expect("drawn");
    answer(200, "image/png", &file.into_inner())
}

fn more(step: Result<Step, Fault>) -> HttpRequest {
    match step.expect("no fault") {
        Step::Send(request) => request,
        Step::Page(page) => panic!("a page came too early: {page:?}"),
    }
}

fn page(step: Result<Step, Fault>) -> Page {
    match step.expect("no fault") {
        Step::Page(page) => page,
        Step::Send(request) => panic!("one more request: {request:?}"),
    }
}

fn fault(step: Result<Step, Fault>) -> Fault {
    step.expect_err("a fault")
}

/// What was posted, in order.
fn posted(request: &HttpRequest) -> Vec<(String, String)> {
    let body = request.body.as_ref().expect("a POST");
    assert_eq!(body.media_type, "application/x-www-form-urlencoded");
    url::form_urlencoded::parse(&body.bytes).into_owned().collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn values(list: &[(FieldId, &str)]) -> Vec<(FieldId, Personal)> {
    list.iter().map(|(field, value)| (*field, Personal::from(*value))).collect()
}

/// Asks and answers with one page.
fn go(flow: &mut Flow, action: &Action, response: HttpResponse) -> Result<Step, Fault> {
    flow.request(action).expect("in order");
    flow.read(response)
}

fn at_login() -> Flow {
    let mut flow = flow();
    more(go(&mut flow, &Action::Open, html(LOGIN)));
    page(flow.read(picture()));
    flow
}

fn at_form_of(form: &str) -> Result<(Flow, Page), Fault> {
    let mut flow = at_login();
    match go(&mut flow, &Action::Login(Vec::new()), html(form))? {
        Step::Page(page) => Ok((flow, page)),
        Step::Send(_) => panic!("one more request"),
    }
}

fn at_form() -> Flow {
    at_form_of(FORM).expect("the form").0
}

fn after_form(pages: &[(Action, &str)]) -> Flow {
    let mut flow = at_form();
    for (action, text) in pages {
        page(go(&mut flow, action, html(text)));
    }
    flow
}

fn at_method() -> Flow {
    after_form(&[
        (Action::SubmitForm(Vec::new()), SMS_SEND),
        (Action::SendSms, SMS_CODE),
        (Action::SubmitSmsCode("123456".into()), METHOD),
    ])
}

fn at_signing() -> Flow {
    let mut flow = at_method();
    page(go(&mut flow, &Action::ChooseMethod(Method::Electronic), html(SIGNING)));
    flow
}

fn field(fields: &[Field], id: FieldId) -> &Field {
    fields.iter().find(|field| field.id == id).unwrap_or_else(|| panic!("{id:?} is there"))
}
