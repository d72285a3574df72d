//! Faults in words, absurd answers, and nothing personal printed.

use super::*;

#[test]
fn faults_in_words_are_told_apart_and_quoted() {
    let notice = |words: &str| format!("<html><meta charset=utf-8><body><h1>Hata</h1><p>{words}</p></body>");
    let after_login =
        |words: &str| fault(go(&mut at_login(), &Action::Login(Vec::new()), html(&notice(words))));
    let words = "Sayın DENEME, kadronuz e-imza\n için <b>uygun değildir</b>.";
    let said = Quote("Sayın DENEME, kadronuz e-imza için uygun değildir.".into());
    assert_eq!(after_login(words), Fault::NotEligible(said));
    assert!(matches!(after_login("Web Servis Hatası: 17"), Fault::WebService(_)));
    assert_eq!(after_login("Oturumunuz sona erdi."), Fault::SessionEnded);
    assert_eq!(after_login("SMS Onay Kodunun süresi doldu."), Fault::SmsExpired);
    assert_eq!(after_login("Doğrulama Kodunun süresi doldu."), Fault::CodeExpired);
    assert_eq!(
        after_login("SMS Doğrulama Kodunun süresi doldu."),
        Fault::SmsExpired,
        "not the code of the signer"
    );
    assert_eq!(after_login("Sayfalarımız yenilenmektedir."), Fault::UnknownPage);
    let with_status = answer(503, "text/html", notice("web servis hatası").as_bytes());
    assert!(matches!(
        fault(go(&mut at_login(), &Action::Login(Vec::new()), with_status)),
        Fault::WebService(_)
    ));
    let status = answer(500, "text/html", b"<p>Internal</p>");
    assert_eq!(fault(go(&mut at_login(), &Action::Login(Vec::new()), status)), Fault::Status(500));
    assert_eq!(fault(go(&mut at_form(), &Action::SubmitForm(Vec::new()), html(LOGIN))), Fault::SessionEnded);
    assert_eq!(fault(go(&mut at_form(), &Action::SubmitForm(Vec::new()), html(METHOD))), Fault::UnknownPage);
    assert_eq!(
        fault(go(&mut at_form(), &Action::Districts("26".to_owned()), html(LOGIN))),
        Fault::SessionEnded
    );
}

#[test]
fn a_login_refused_says_whether_it_was_the_captcha() {
    let refused = |words: &str| {
        let shown = LOGIN.replace("<table>", &format!("<p class='hata x'>{words}</p><table>"));
        let mut flow = at_login();
        let captcha = more(go(&mut flow, &Action::Login(Vec::new()), html(&shown)));
        assert!(captcha.url.path().ends_with("captcha.go"), "a fresh picture is fetched");
        let Page::Login { wrong_captcha, refusal, .. } = page(flow.read(picture())) else {
            panic!("the login page")
        };
        (wrong_captcha, refusal)
    };
    assert_eq!(refused("Resimdeki Yazıyı hatalı girdiniz!"), (true, None));
    let words = "Bilgiler nüfus kayıtlarıyla uyuşmuyor.";
    assert_eq!(refused(words), (false, Some(Quote(words.into()))));
}

#[test]
fn a_wrong_sms_code_is_said_and_the_sms_can_be_sent_again() {
    let wrong = SMS_CODE.replace("<p>Kalan", "<p class=hata>Girdiğiniz SMS Onay Kodu hatalıdır.</p><p>Kalan");
    let mut flow = after_form(&[(Action::SubmitForm(Vec::new()), SMS_SEND), (Action::SendSms, SMS_CODE)]);
    let Page::SmsCode { wrong, .. } = page(go(&mut flow, &Action::SubmitSmsCode("1".into()), html(&wrong)))
    else {
        panic!("the code page")
    };
    assert!(wrong);
    assert_eq!(posted(&flow.request(&Action::SendSms).expect("offered")), pairs(&[("islemNo", "9")]));
}

#[test]
fn oversize_and_absurd_pages_are_named_and_quickly() {
    let deep = "<div><p>".repeat(200_000);
    assert!(matches!(go(&mut flow(), &Action::Open, html(&deep)), Err(Fault::Malformed(_))));
    let wide = format!("<form>{}</form>", "<input name=x>".repeat(2_000));
    assert!(matches!(go(&mut flow(), &Action::Open, html(&wide)), Err(Fault::Malformed(_))));
    let mut flow = flow();
    more(go(&mut flow, &Action::Open, html(LOGIN)));
    let large = vec![0; 1024 * 1024 + 1];
    assert_eq!(fault(flow.read(answer(200, "image/png", &large))), Fault::Oversize { limit: 1024 * 1024 });
    assert!(matches!(
        go(&mut self::flow(), &Action::Open, answer(200, "application/pdf", b"%PDF")),
        Err(Fault::Malformed(_))
    ));
}

#[test]
fn nothing_of_a_visitor_is_printed_by_any_type_of_the_driver() {
    let mut flow = at_form();
    let request = flow
        .request(&Action::SubmitForm(values(&[(FieldId::Email, "deneme@gizli.test")])))
        .expect("in order");
    let step = flow.read(html(SMS_SEND));
    let printed = format!("{request:?} {:?} {step:?} {:?}", request.body, html(FORM));
    for secret in ["deneme", "gizli", "DENEME", "535", "form.go", "islemNo", "4711"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_the_flow_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        which in 0_usize..8,
        asked in 0..7,
        cut in any::<prop::sample::Index>(),
        status in prop::sample::select(vec![200_u16, 200, 200, 302, 409, 500]),
        kind in prop::sample::select(vec!["text/html", "text/html; charset=iso-8859-9", "application/json", "image/png"]),
    ) {
        let body = match which {
            0 => bytes,
            // A page with something in the middle of it that does not belong there.
            n => {
                let page = [LOGIN, FORM, SMS_SEND, SMS_CODE, METHOD, SIGNING, RECEIVED][n - 1].as_bytes();
                let at = cut.index(page.len());
                let text = String::from_utf8_lossy(&bytes).into_owned();
                [&page[..at], text.as_bytes(), &page[at..]].concat()
            }
        };
        let (mut flow, action) = match asked {
            0 => (flow(), Action::Open),
            1 => (at_login(), Action::Login(Vec::new())),
            2 => (at_form(), Action::Districts("26".to_owned())),
            3 => (at_form(), Action::SubmitForm(Vec::new())),
            4 => (at_method(), Action::ChooseMethod(Method::Electronic)),
            5 => (at_signing(), Action::FetchTexts(CODE.into())),
            _ => (at_signing(), Action::CheckResult),
        };
        let mut answer = answer(status, kind, &body);
        answer.location = Some(String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned());
        if let Ok(Step::Send(request)) = go(&mut flow, &action, answer) {
            prop_assert_eq!(request.url.scheme(), "https");
            prop_assert_eq!(request.url.host_str(), Some("portal.kamusm.gov.tr"));
        }
    }
}
