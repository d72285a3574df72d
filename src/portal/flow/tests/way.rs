//! The way through the pages, and what each of them offers.

use super::*;

#[test]
fn the_whole_way_from_login_to_receipt() {
    let mut flow = flow();
    let first = flow.request(&Action::Open).expect("always");
    assert_eq!(first.url.as_str(), "https://portal.kamusm.gov.tr/bp/meb.go");
    assert!(first.body.is_none());
    let captcha = more(flow.read(html(LOGIN)));
    assert_eq!(captcha.url.as_str(), "https://portal.kamusm.gov.tr/bp/captcha.go?r=1");
    let Page::Login { captcha, fields, wrong_captcha: false, refusal: None } = page(flow.read(picture()))
    else {
        panic!("the login page")
    };
    assert_eq!((captcha.width, captcha.height), (120, 40));
    let ids: Vec<FieldId> = fields.iter().map(|field| field.id).collect();
    assert_eq!(
        ids,
        [
            FieldId::Captcha,
            FieldId::NationalId,
            FieldId::GivenName,
            FieldId::Surname,
            FieldId::BirthPlace,
            FieldId::BirthDate
        ]
    );
    assert_eq!(field(&fields, FieldId::NationalId).kind, FieldKind::Text { max_length: Some(11) });

    let login = flow
        .request(&Action::Login(values(&[(FieldId::Captcha, "gyb65"), (FieldId::GivenName, "ÖĞE şı")])))
        .expect("in order");
    assert_eq!(login.url.as_str(), "https://portal.kamusm.gov.tr/bp/meb.go?adim=1");
    assert_eq!(
        posted(&login),
        pairs(&[
            ("islemNo", "a&b=ç"),
            ("resim", "gyb65"),
            ("tckn", ""),
            ("ad", "ÖĞE şı"),
            ("soyad", ""),
            ("dyeri", ""),
            ("dtarihi", ""),
            ("btn", "Giriş")
        ]),
        "hidden inputs come back verbatim, the reset button and the other form do not"
    );
    let Page::Form { fields, errors } = page(flow.read(html(FORM))) else { panic!("the form") };
    assert!(errors.is_empty());
    let required = |id| field(&fields, id).required;
    for id in [
        FieldId::Reason,
        FieldId::SecurityWordRepeat,
        FieldId::Address,
        FieldId::District,
        FieldId::WorkPhone,
        FieldId::MobilePhone,
        FieldId::MobileOperator,
        FieldId::InfoChannel,
    ] {
        assert!(required(id), "{id:?} is marked");
    }
    for id in [FieldId::WorkExtension, FieldId::GivenName, FieldId::Institution] {
        assert!(!required(id), "{id:?} is not marked");
    }
    for id in [FieldId::NationalId, FieldId::GivenName, FieldId::BirthPlace, FieldId::Institution] {
        assert!(field(&fields, id).read_only, "{id:?}");
    }
    assert_eq!(field(&fields, FieldId::NationalId).value.expose(), "10000000146", "text of the page");
    assert!(!fields.iter().any(|field| field.id == FieldId::RegistryNumber), "optional and not there");
    assert_eq!(field(&fields, FieldId::Address).value.expose(), "Deneme Sokak");
    assert_eq!(field(&fields, FieldId::Reason).value.expose(), "", "a placeholder is no choice");
    assert_eq!(field(&fields, FieldId::InfoChannel).value.expose(), "S");
    let FieldKind::Choice(channels) = &field(&fields, FieldId::InfoChannel).kind else {
        panic!("radio buttons")
    };
    let labels: Vec<&str> = channels.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Eposta", "SMS", "Her İkisi (E-posta+SMS)"]);

    let ask = flow.request(&Action::Districts("26".to_owned())).expect("in order");
    assert_eq!(ask.url.as_str(), "https://portal.kamusm.gov.tr/bp/ilceler.go?il=26");
    let options = "<option value=\"\">İlçe Seçiniz</option><option value=\"7\">ODUNPAZARI</option>";
    let districts = page(flow.read(html(options)));
    assert_eq!(
        districts,
        Page::Districts(vec![Choice { value: "7".to_owned(), label: "ODUNPAZARI".to_owned() }])
    );

    let submit = flow
        .request(&Action::SubmitForm(values(&[
            (FieldId::Reason, "1"),
            (FieldId::GivenName, "BAŞKA"),
            (FieldId::NationalId, "10000000146"),
            (FieldId::Address, "Bir\nİki"),
            (FieldId::Province, "26"),
            (FieldId::District, "7"),
            (FieldId::RegistryNumber, ""),
            (FieldId::InfoChannel, "H"),
        ])))
        .expect("in order");
    assert_eq!(submit.url.as_str(), "https://portal.kamusm.gov.tr/bp/form.go");
    assert_eq!(
        posted(&submit),
        pairs(&[
            ("islemNo", "4711"),
            ("bos", ""),
            ("neden", "1"),
            ("okuyucu", "0"),
            ("sure", "3"),
            ("ad", "DENEME"),
            ("soyad", "KİŞİ"),
            ("dtarihi", "15.08.1975"),
            ("gs1", ""),
            ("gs2", ""),
            ("kurum", "DENEME MÜDÜRLÜĞÜ"),
            ("birim", ""),
            ("unvan", ""),
            ("adres", "Bir\r\nİki"),
            ("il", "26"),
            ("ilce", "7"),
            ("pk", ""),
            ("eposta", ""),
            ("is", ""),
            ("dahili", ""),
            ("cep", ""),
            ("op", ""),
            ("ev", ""),
            ("kanal", "H"),
            ("onay", "Form Onayla"),
        ]),
        "read-only values stay, disabled ones are not sent"
    );
    assert_eq!(page(flow.read(html(SMS_SEND))), Page::SmsSend { phone: "535 000 00 00".into() });

    let send = flow.request(&Action::SendSms).expect("in order");
    assert_eq!(posted(&send), pairs(&[("islemNo", "7"), ("gonder", "evet")]));
    let Page::SmsCode { remaining, wrong: false } = page(flow.read(html(SMS_CODE))) else {
        panic!("the code page")
    };
    assert_eq!(remaining.as_secs(), 296);

    let code = flow.request(&Action::SubmitSmsCode("123456".into())).expect("in order");
    assert_eq!(posted(&code), pairs(&[("islemNo", "8"), ("kod", "123456")]));
    assert_eq!(
        page(flow.read(html(METHOD))),
        Page::Method { offered: vec![Method::WetInk, Method::Electronic] }
    );

    let choose = flow.request(&Action::ChooseMethod(Method::Electronic)).expect("in order");
    assert_eq!(choose.url.path(), "/bp/elektronik.go");
    let followed = more(flow.read(redirect(302, "imza.go")));
    assert_eq!(followed.url.as_str(), "https://portal.kamusm.gov.tr/bp/imza.go");
    assert!(followed.body.is_none(), "a found page is asked for");
    let Page::Signing { code, remaining } = page(flow.read(html(SIGNING))) else {
        panic!("the signing page")
    };
    assert_eq!((code.expose(), remaining.as_secs()), (CODE, 290));

    let ask = flow.request(&Action::FetchTexts(code.clone())).expect("in order");
    assert_eq!(ask.url.as_str(), "https://portal.kamusm.gov.tr/imza/texts");
    let texts = page(flow.read(answer(200, "application/json", br#"{"texts":["QQ=="]}"#)));
    assert_eq!(texts, Page::Texts(vec![SigningText(b"A".to_vec())]));
    let hand_in = Action::SubmitSignatures { code, signatures: vec![vec![1]] };
    let taken = go(&mut flow, &hand_in, answer(200, "application/json", br#"{"taken":true}"#));
    assert_eq!(page(taken), Page::SignaturesTaken);

    let look = flow.request(&Action::CheckResult).expect("in order");
    assert_eq!(
        (look.url.path(), look.body.is_none()),
        ("/bp/imza.go", true),
        "the signing page's own address"
    );
    assert_eq!(page(flow.read(html(RECEIVED))), Page::Received);
}

#[test]
fn an_action_the_page_does_not_offer_is_out_of_order_and_sends_nothing() {
    let actions = || {
        [
            Action::Login(Vec::new()),
            Action::Districts("26".to_owned()),
            Action::SubmitForm(Vec::new()),
            Action::SendSms,
            Action::SubmitSmsCode("1".into()),
            Action::ChooseMethod(Method::Electronic),
            Action::FetchTexts(CODE.into()),
            Action::SubmitSignatures { code: CODE.into(), signatures: Vec::new() },
            Action::CheckResult,
        ]
    };
    let offered = |mut flow: Flow| -> Vec<usize> {
        let asked = actions().into_iter().enumerate();
        asked
            .filter(|(_, action)| !matches!(flow.request(action), Err(Fault::OutOfOrder)))
            .map(|(n, _)| n)
            .collect()
    };
    assert_eq!(offered(flow()), [] as [usize; 0]);
    assert_eq!(offered(at_login()), [0]);
    assert_eq!(offered(at_form()), [1, 2]);
    assert_eq!(offered(after_form(&[(Action::SubmitForm(Vec::new()), SMS_SEND)])), [3]);
    assert_eq!(offered(at_method()), [5]);
    assert_eq!(offered(at_signing()), [6, 7, 8]);
    let mut closed = at_signing();
    closed.forget();
    assert_eq!(offered(closed), [] as [usize; 0]);
    assert_eq!(fault(flow().read(html(LOGIN))), Fault::OutOfOrder, "an answer nobody asked for");
}

#[test]
fn a_method_that_is_not_offered_cannot_be_chosen() {
    let only = METHOD.replace("Yöntem 1 : Islak", "Başka");
    let mut flow = after_form(&[(Action::SubmitForm(Vec::new()), SMS_SEND), (Action::SendSms, SMS_CODE)]);
    let offered = page(go(&mut flow, &Action::SubmitSmsCode("1".into()), html(&only)));
    assert_eq!(offered, Page::Method { offered: vec![Method::Electronic] });
    assert_eq!(flow.request(&Action::ChooseMethod(Method::WetInk)), Err(Fault::OutOfOrder));
}

const WET_INK: &str = "<p>Islak İmzalı Başvuru</p><p>Formunuzu <a href='form.pdf'>PDF belgesi</a> olarak imzaladıktan \
                       sonra kurum yetkilinize teslim ediniz.</p>";

fn at_wet_ink(flow: &mut Flow, page: &str) -> Result<Step, Fault> {
    go(flow, &Action::ChooseMethod(Method::WetInk), html(page))
}

#[test]
fn method_1_is_a_page_with_a_document_which_is_fetched_as_it_is_and_again() {
    let mut flow = at_method();
    let asked = more(at_wet_ink(&mut flow, WET_INK));
    assert_eq!(asked.url.as_str(), "https://portal.kamusm.gov.tr/bp/form.pdf");
    assert_eq!(asked.limit, Pdf::LIMIT);
    assert_eq!(fault(flow.read(answer(500, "text/html", b""))), Fault::Status(500));
    for _ in 0..2 {
        let again = flow.request(&Action::ChooseMethod(Method::WetInk)).expect("it is at hand");
        assert_eq!(again, asked);
        let got = page(flow.read(answer(200, "application/pdf;x=y", b"%PDF-1.7 deneme")));
        assert_eq!(got, Page::WetInkPaper(Pdf(b"%PDF-1.7 deneme".to_vec().into())));
    }
    assert_eq!(
        flow.request(&Action::ChooseMethod(Method::Electronic)).unwrap_err(),
        Fault::OutOfOrder,
        "the page offers nothing else"
    );
}

#[test]
fn what_is_no_document_of_the_profiles_hosts_is_none() {
    let no_pdf = Fault::Malformed("a document that is no PDF");
    for (kind, body) in [("text/html", "%PDF-1.7"), ("application/pdf", "<html>"), ("application/pdf", "")] {
        let mut flow = at_method();
        more(at_wet_ink(&mut flow, WET_INK));
        assert_eq!(fault(flow.read(answer(200, kind, body.as_bytes()))), no_pdf, "{kind} {body}");
    }
    let away = WET_INK.replace("form.pdf", "https://elsewhere.invalid/form.pdf");
    assert_eq!(fault(at_wet_ink(&mut at_method(), &away)), Fault::OffHost);
    let without = WET_INK.replace("PDF belgesi", "belge");
    let changed = fault(at_wet_ink(&mut at_method(), &without));
    assert_eq!(changed, Fault::ChangedForm("no document to print"));
}

#[test]
fn districts_by_posting_back_come_with_the_form_anew() {
    let by_post = "[districts]\nby = \"post-back\"\nfield = \"bos\"\nvalue = \"ilSecildi\"\n";
    let start = MEB.find("[districts]").expect("there");
    let end = MEB.find("[pages.login]").expect("there");
    let text = format!("{}{by_post}{}", &MEB[..start], &MEB[end..]);
    let mut flow = Flow::new(profile(&text), Overrides::default());
    more(go(&mut flow, &Action::Open, html(LOGIN)));
    page(flow.read(picture()));
    page(go(&mut flow, &Action::Login(Vec::new()), html(FORM)));
    let ask = flow.request(&Action::Districts("26".to_owned())).expect("in order");
    let sent = posted(&ask);
    assert!(sent.contains(&("bos".to_owned(), "ilSecildi".to_owned())));
    assert!(sent.contains(&("il".to_owned(), "26".to_owned())));
    assert!(!sent.iter().any(|(name, _)| name == "onay"), "a script sends it, no button");
    let anew = FORM
        .replace("4711", "4712")
        .replace("İlçe Seçiniz</option>", "İlçe Seçiniz</option><option value=7>ODUNPAZARI</option>");
    let districts = page(flow.read(html(&anew)));
    assert_eq!(
        districts,
        Page::Districts(vec![Choice { value: "7".to_owned(), label: "ODUNPAZARI".to_owned() }])
    );
    let submit = flow.request(&Action::SubmitForm(values(&[(FieldId::District, "7")]))).expect("in order");
    assert!(
        posted(&submit).contains(&("islemNo".to_owned(), "4712".to_owned())),
        "the newer form is answered"
    );
}

#[test]
fn a_fault_leaves_the_page_at_hand_so_that_it_can_be_answered_again() {
    let mut flow = at_form();
    let first = flow.request(&Action::SubmitForm(Vec::new())).expect("in order");
    assert!(flow.read(answer(500, "text/html", b"")).is_err());
    assert_eq!(flow.request(&Action::SubmitForm(Vec::new())), Ok(first));
}

#[test]
fn the_time_a_page_leaves_is_read_in_every_form_and_believed_within_an_hour() {
    let left = |words: &str| {
        let mut flow = at_method();
        match go(
            &mut flow,
            &Action::ChooseMethod(Method::Electronic),
            html(&SIGNING.replace("Kalan süre : 290 saniye", words)),
        ) {
            Ok(Step::Page(Page::Signing { remaining, .. })) => Some(remaining.as_secs()),
            _ => None,
        }
    };
    assert_eq!(left("KALAN SÜRE 7"), Some(7));
    assert_eq!(left("Kalan Süre:<b>4:50</b>"), Some(290));
    assert_eq!(left("Kalan süre : 99999 saniye"), Some(3600));
    assert_eq!(left("Kalan süre : az"), None);
}

#[test]
fn both_profiles_of_the_tree_are_good() {
    for text in [MEB, SAGLIK] {
        let contract = profile(text).contract();
        assert_eq!(contract.first(), Some(&("AD".to_owned(), FieldId::GivenName)));
        assert_eq!(contract.len(), 15);
    }
}
