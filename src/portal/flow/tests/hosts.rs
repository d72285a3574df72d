//! Where requests may go.

use super::*;

#[test]
fn redirects_are_followed_a_few_times_and_only_to_the_profiles_hosts_over_https() {
    for away in [
        "https://baska.invalid/x",
        "http://portal.kamusm.gov.tr/bp/meb.go",
        "http://portal.kamusm.gov.tr:443/bp/meb.go",
        "https://portal.kamusm.gov.tr:444/",
        "//kamusm.gov.tr/",
        "javascript:x()",
        "file:///etc/passwd",
    ] {
        assert_eq!(fault(go(&mut flow(), &Action::Open, redirect(302, away))), Fault::OffHost, "{away}");
    }
    let mut flow = flow();
    flow.request(&Action::Open).expect("always");
    for n in 0..5 {
        assert_eq!(more(flow.read(redirect(301, &format!("/bp/{n}")))).url.path(), format!("/bp/{n}"));
    }
    assert!(matches!(flow.read(redirect(301, "/bp/6")), Err(Fault::Malformed(_))));
    let mut flow = at_form();
    let sent = flow.request(&Action::SubmitForm(Vec::new())).expect("in order");
    let again = more(flow.read(redirect(307, "/bp/yeni.go")));
    assert_eq!(again.body, sent.body, "307 keeps the request");
    let nowhere = HttpResponse { location: None, ..redirect(302, "") };
    assert!(matches!(flow.read(nowhere), Err(Fault::Malformed(_))));
}

#[test]
fn forms_pictures_and_bases_that_lead_away_send_nothing() {
    let elsewhere = FORM.replace("./form.go", "https://baska.invalid/form.go");
    let (mut flow, _) = at_form_of(&elsewhere).expect("the page itself is in order");
    assert_eq!(flow.request(&Action::SubmitForm(Vec::new())), Err(Fault::OffHost));
    let based = FORM.replace("<meta charset", "<base href='https://baska.invalid/'><meta charset");
    let (mut flow, _) = at_form_of(&based).expect("the page itself is in order");
    assert_eq!(flow.request(&Action::SubmitForm(Vec::new())), Err(Fault::OffHost));
    let picture = LOGIN.replace("captcha.go?r=1", "https://baska.invalid/captcha.go");
    assert_eq!(fault(go(&mut self::flow(), &Action::Open, html(&picture))), Fault::OffHost);
    let plain = METHOD.replace("elektronik.go", "http://portal.kamusm.gov.tr/e.go");
    let mut flow = after_form(&[(Action::SubmitForm(Vec::new()), SMS_SEND), (Action::SendSms, SMS_CODE)]);
    page(go(&mut flow, &Action::SubmitSmsCode("1".into()), html(&plain)));
    assert_eq!(flow.request(&Action::ChooseMethod(Method::Electronic)), Err(Fault::OffHost));
}

#[test]
fn relative_addresses_follow_the_pages_base() {
    let based = FORM.replace("<meta charset", "<base href='/yeni/'><meta charset");
    let (mut flow, _) = at_form_of(&based).expect("in order");
    let request = flow.request(&Action::SubmitForm(Vec::new())).expect("in order");
    assert_eq!(request.url.as_str(), "https://portal.kamusm.gov.tr/yeni/form.go");
    let own = FORM.replace(" action=\"./form.go\"", "");
    let (mut flow, _) = at_form_of(&own).expect("in order");
    let request = flow.request(&Action::SubmitForm(Vec::new())).expect("in order");
    assert_eq!(
        request.url.as_str(),
        "https://portal.kamusm.gov.tr/bp/meb.go?adim=1",
        "the page's own address"
    );
}

#[test]
fn addresses_of_the_configuration_stand_in_for_the_profiles() {
    let url = |text| Url::parse(text).ok();
    let overrides = Overrides {
        address: url("https://127.0.0.1:8443/bp/meb.go"),
        signing_address: url("https://127.0.0.1:8443/imza/"),
        online_address: url("https://127.0.0.1:9443/nb.go"),
    };
    let mut flow = Flow::new(profile(MEB), overrides);
    assert_eq!(flow.request(&Action::Open).expect("always").url.port(), Some(8443));
    assert_eq!(more(flow.read(html(LOGIN))).url.as_str(), "https://127.0.0.1:8443/bp/captcha.go?r=1");
    assert_eq!(fault(go(&mut flow, &Action::Open, redirect(302, "https://127.0.0.1:8444/"))), Fault::OffHost);
    assert_eq!(flow.request(&Action::OpenOnline).expect("always").url.port(), Some(9443));
}
