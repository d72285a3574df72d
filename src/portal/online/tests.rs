//! The flow over online pages of its own, without a network.

use std::path::Path;

use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::{
    portal::{
        Action, Fault, Flow, HttpRequest, HttpResponse, OnlineLogin, OnlineService, Overrides, Page, Profile,
        RefusedSignature, Step,
    },
    redact::PortalSecret,
};

const MEB: &str = include_str!("../../../profiles/meb.toml");
const SAGLIK: &str = include_str!("../../../profiles/saglik.toml");
const CODE: &str = "798689484262275";
const CHALLENGE: &str = "ZGVuZW1lLWRlbmVtZS1kZW5lbWU";

const ENTRY: &str = "<h2>Kullanıcı Doğrulama Ekranı</h2><form method=post action=giris.go>\
    <input type=hidden name=no value=1><input type=submit name=e value='E-imza ile Giriş'></form>\
    <a href='sifre.go'>Şifreli Giriş</a>";
const SIGN: &str = "<h2>E-imza ile Giriş Ekranı</h2><form method=post action=imza.go>\
    <p>Sınama Değeri : ZGVuZW1lLWRlbmVtZS1kZW5lbWU</p><p>Kalan Süre : 118 saniye</p>\
    <input type=hidden name=no value=2><input type=hidden name=imza><input type=submit value=Giriş></form>";
const LOGIN: &str = "<h2>Şifreli Giriş Ekranı</h2><form method=post action=sifre.go><img src='captcha.go'>\
    <p>T.C. Kimlik No <input name=tc></p><p>Resimdeki Yazı <input name=resim></p>\
    <p>Güvenlik Sözcüğü <input type=password name=sozcuk></p><input type=submit value=Giriş></form>\
    <a href='unuttum.go'>Güvenlik Sözcüğümü Unuttum</a>";
const SMS_CODE: &str = "<h2>SMS Onay Kodu Giriş Ekranı</h2><form method=post action=kod.go><p>Kalan Süre 290</p>\
    <p>SMS Onay Kodu <input name=kod></p><input type=submit value=Gönder></form>";
const SMS_SEND: &str = "<h2>SMS Onay Ekranı</h2><p>Telefon Numaranız : 535 *** ** 01</p>\
    <form method=post action=sms.go><input type=submit value=Onay></form>";
const SERVICES: &str = "<h2>Bireysel Nitelikli Elektronik Sertifika İşlemleri</h2><form method=post action=islem.go>\
    <input type=submit name=pin value=\"Yeni Kartın PIN'i\"><input type=submit name=kilit value='Kilit Çözme'></form>";
const PIN: &str = "<h2>Bireysel Nitelikli Elektronik Sertifika İşlemleri</h2><h3>Yeni Kartınızın PIN Kodu</h3>\
    <table><tr><td>PIN Kodu</td><td>481516</td></tr><tr><td>Kullanım Başlangıcı</td><td>06.01.2027 12:33:10</td></tr>\
    </table><p>Kalan Süre : 120 saniye</p>";
const UNBLOCK: &str = "<h2>Bireysel Nitelikli Elektronik Sertifika İşlemleri</h2><h3>Kilit Çözme İşlemi</h3>\
    <p>Doğrulama Kodu : 798 689 484 262 275</p><p>Kalan Süre : 290 saniye</p>";

fn flow() -> Flow {
    let profile = Profile::parse(Path::new("test.toml"), MEB).expect("a good profile");
    Flow::new(profile, Overrides::default())
}

fn html(page: &str) -> HttpResponse {
    HttpResponse {
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        location: None,
        body: Zeroizing::new(page.as_bytes().to_vec()),
    }
}

fn go(flow: &mut Flow, action: &Action, page: &str) -> Result<Page, Fault> {
    flow.request(action)?;
    match flow.read(html(page))? {
        Step::Page(page) => Ok(page),
        Step::Send(_) => panic!("one more request"),
    }
}

fn sent(flow: &mut Flow, action: &Action) -> (String, Vec<(String, String)>) {
    let HttpRequest { url, body, .. } = flow.request(action).expect("in order");
    let bytes = body.map(|body| body.bytes).unwrap_or_default();
    (url.path().to_owned(), url::form_urlencoded::parse(&bytes).into_owned().collect())
}

/// At the page that these lead to.
fn at(pages: &[(Action, &str)]) -> Flow {
    let mut flow = flow();
    for (action, page) in pages {
        go(&mut flow, action, page).expect("the next page");
    }
    flow
}

fn at_challenge() -> Flow {
    at(&[(Action::OpenOnline, ENTRY), (Action::ChooseOnlineLogin(OnlineLogin::Signature), SIGN)])
}

fn at_services() -> Flow {
    let mut flow = at_challenge();
    go(&mut flow, &Action::LoginSigned { signature: vec![0x30] }, SERVICES).expect("logged in");
    flow
}

#[test]
fn a_challenge_is_shown_and_its_signature_goes_into_the_pages_own_form() {
    let mut flow = at(&[(Action::OpenOnline, ENTRY)]);
    let choose = Action::ChooseOnlineLogin(OnlineLogin::Signature);
    let page = go(&mut flow, &choose, SIGN).expect("the challenge");
    let Page::OnlineChallenge { challenge, remaining } = page else { panic!("{page:?}") };
    assert_eq!((challenge.as_str(), remaining.as_secs()), (CHALLENGE, 118));
    let (path, posted) = sent(&mut flow, &Action::LoginSigned { signature: vec![0x30, 0xff] });
    assert_eq!(path, "/imza.go");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(posted, [pair("no", "2"), pair("imza", "MP8=")]);
}

#[test]
fn headings_that_stand_above_every_page_hide_none() {
    let mut flow = at_services();
    let page = go(&mut flow, &Action::ChooseOnlineService(OnlineService::NewPin), PIN).expect("the PIN");
    let Page::NewCardPin { pin, usable_from, remaining } = page else { panic!("{page:?}") };
    assert_eq!(pin, PortalSecret::new("481516"));
    assert_eq!((usable_from.as_str(), remaining.as_secs()), ("06.01.2027 12:33:10", 120));
    let mut flow = at_services();
    let page =
        go(&mut flow, &Action::ChooseOnlineService(OnlineService::Unblock), UNBLOCK).expect("the code");
    let Page::UnblockCode { code, remaining } = page else { panic!("{page:?}") };
    assert_eq!((code.expose(), remaining.as_secs()), (CODE, 290));
}

#[test]
fn a_page_that_lacks_what_it_is_there_for_or_asks_for_more_is_a_changed_form() {
    let no_way = ENTRY.replace("E-imza ile", "Başka").replace("Şifreli Giriş<", "Başka<");
    assert!(matches!(go(&mut flow(), &Action::OpenOnline, &no_way), Err(Fault::ChangedForm(_))));
    let choose = Action::ChooseOnlineLogin(OnlineLogin::Signature);
    for (from, to) in [
        ("Sınama Değeri :", "Değer :"),
        ("118", "az"),
        ("name=imza", "name=baska"),
        ("value=Giriş", "value=Onay"),
        ("<input type=hidden name=imza>", "<input type=hidden name=imza>Kan Grubu <input name=kan>"),
    ] {
        let mut flow = at(&[(Action::OpenOnline, ENTRY)]);
        let page = SIGN.replacen(from, to, 1);
        assert!(matches!(go(&mut flow, &choose, &page), Err(Fault::ChangedForm(_))), "{from}");
    }
    let mut flow = at(&[(Action::OpenOnline, ENTRY)]);
    let short = SIGN.replace(CHALLENGE, "ZGVuZW1l");
    assert!(
        matches!(go(&mut flow, &choose, &short), Err(Fault::Malformed(_))),
        "no challenge is signed blindly"
    );
    let choose = Action::ChooseOnlineService(OnlineService::NewPin);
    for (from, to) in
        [("481516", "48151"), ("481516", "4815162"), ("06.01.2027 12:33:10", "06.01.2027"), ("120", "")]
    {
        let page = PIN.replacen(from, to, 1);
        assert!(matches!(go(&mut at_services(), &choose, &page), Err(Fault::ChangedForm(_))), "{from} {to}");
    }
}

#[test]
fn what_is_said_of_a_login_that_is_refused_is_its_reason() {
    for (words, reason) in [
        ("İmzanız doğrulanamamıştır.", RefusedSignature::Invalid),
        ("Sertifikanız kabul edilmemiştir.", RefusedSignature::Certificate),
        ("İmzalanan metin bu girişe ait değildir.", RefusedSignature::WrongText),
        ("Kaydınız bulunamamıştır.", RefusedSignature::WrongPerson),
    ] {
        let page = format!("{ENTRY}<p class=hata>{words}</p>");
        let login = Action::LoginSigned { signature: vec![0x30] };
        assert_eq!(go(&mut at_challenge(), &login, &page), Err(Fault::SignatureRefused(reason)), "{words}");
    }
    let login = Action::LoginSigned { signature: vec![0x30] };
    assert_eq!(go(&mut at_challenge(), &login, ENTRY), Err(Fault::SessionEnded), "it begins anew");
    assert_eq!(go(&mut at_challenge(), &login, PIN), Err(Fault::UnknownPage), "nobody asked for that");
}

#[test]
fn an_action_is_offered_by_its_own_page_alone() {
    let values = Vec::new;
    let code = || CODE.into();
    let everything = [
        Action::ChooseOnlineLogin(OnlineLogin::Password),
        Action::LoginSigned { signature: vec![0x30] },
        Action::LoginOnline(values()),
        Action::ForgottenWord,
        Action::ResetWord(values()),
        Action::SendSms,
        Action::SubmitSmsCode("1".into()),
        Action::ChooseOnlineService(OnlineService::NewPin),
        Action::FetchUnblock(code()),
        Action::ConfirmUnblock { code: code(), sms: "1".into() },
        Action::ReportUnblocked { code: code(), done: true },
        Action::Login(values()),
        Action::FetchTexts(code()),
        Action::CheckResult,
    ];
    let offers = |flow: &mut Flow| -> Vec<usize> {
        let mut offered = |action: &Action| flow.request(action) != Err(Fault::OutOfOrder);
        everything.iter().enumerate().filter(|(_, action)| offered(action)).map(|(index, _)| index).collect()
    };
    assert!(offers(&mut flow()).is_empty());
    assert_eq!(offers(&mut at(&[(Action::OpenOnline, ENTRY)])), [0]);
    assert_eq!(offers(&mut at_challenge()), [1]);
    assert_eq!(offers(&mut at_services()), [7]);
    let mut unblocking = at_services();
    let choose = Action::ChooseOnlineService(OnlineService::Unblock);
    go(&mut unblocking, &choose, UNBLOCK).expect("the code");
    assert_eq!(offers(&mut unblocking), [8, 9, 10]);
    go(&mut unblocking, &Action::OpenOnline, ENTRY).expect("anew");
    assert_eq!(offers(&mut unblocking), [0]);
}

#[test]
fn an_institution_whose_profile_has_no_online_pages_opens_none() {
    let profile = Profile::parse(Path::new("test.toml"), SAGLIK).expect("a good profile");
    let mut flow = Flow::new(profile, Overrides::default());
    assert_eq!(flow.request(&Action::OpenOnline), Err(Fault::OutOfOrder));
}

#[test]
fn ways_and_forms_that_lead_away_send_nothing() {
    let away = ENTRY
        .replace("giris.go", "https://baska.invalid/")
        .replace("sifre.go", "http://nesbireysel.kamusm.gov.tr/");
    for login in [OnlineLogin::Signature, OnlineLogin::Password] {
        let mut flow = at(&[(Action::OpenOnline, &away)]);
        assert_eq!(flow.request(&Action::ChooseOnlineLogin(login)), Err(Fault::OffHost), "{login:?}");
    }
    let away = SIGN.replace("imza.go", "https://baska.invalid/imza.go");
    let choose = Action::ChooseOnlineLogin(OnlineLogin::Signature);
    let mut flow = at(&[(Action::OpenOnline, ENTRY), (choose, &away)]);
    assert_eq!(flow.request(&Action::LoginSigned { signature: vec![0x30] }), Err(Fault::OffHost));
}

#[test]
fn a_redirect_of_a_signed_login_is_followed_to_the_profiles_hosts_alone_and_takes_no_signature_along() {
    let login = Action::LoginSigned { signature: vec![0x30] };
    let redirect =
        |location: &str| HttpResponse { status: 302, location: Some(location.to_owned()), ..html("") };
    for away in
        ["https://baska.invalid/islem.go", "http://nesbireysel.kamusm.gov.tr/islem.go", "//kamusm.gov.tr/"]
    {
        let mut flow = at_challenge();
        flow.request(&login).expect("in order");
        assert_eq!(flow.read(redirect(away)).expect_err("a fault"), Fault::OffHost, "{away}");
    }
    let mut flow = at_challenge();
    flow.request(&login).expect("in order");
    let Ok(Step::Send(next)) = flow.read(redirect("islem.go")) else { panic!("one more request") };
    assert_eq!((next.url.as_str(), next.body), ("https://nesbireysel.kamusm.gov.tr/islem.go", None));
    let Ok(Step::Page(page)) = flow.read(html(SERVICES)) else { panic!("the services") };
    let offered = vec![OnlineService::NewPin, OnlineService::Unblock];
    assert_eq!(page, Page::OnlineServices { offered });
    let code = CODE.into();
    let mut flow = at_services();
    go(&mut flow, &Action::ChooseOnlineService(OnlineService::Unblock), UNBLOCK).expect("the code");
    flow.request(&Action::FetchUnblock(code)).expect("in order");
    let moved = flow.read(redirect("/imza2/unblock")).expect_err("a fault");
    assert_eq!(moved, Fault::Status(302), "the signing service redirects nobody");
}

#[test]
fn what_was_signed_or_shown_is_never_printed() {
    let signed = Action::LoginSigned { signature: b"sertifika".to_vec() };
    let confirm = Action::ConfirmUnblock { code: CODE.into(), sms: "654321".into() };
    let choose = Action::ChooseOnlineService(OnlineService::NewPin);
    let page = go(&mut at_services(), &choose, PIN).expect("the PIN");
    let printed = format!("{signed:?} {confirm:?} {page:?}");
    for secret in ["sertifika", "115", CODE, "654321", "481516"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_the_flow_panic_or_leave_the_profiles_hosts(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        which in 0_usize..9,
        asked in 0..6,
        cut in any::<prop::sample::Index>(),
        status in prop::sample::select(vec![200_u16, 200, 200, 302, 409, 500]),
    ) {
        let (pages, service) = ([ENTRY, SIGN, LOGIN, SMS_SEND, SMS_CODE, SERVICES, PIN, UNBLOCK], UNBLOCK);
        let body = match which {
            0 => bytes,
            n => {
                let page = pages[n - 1].as_bytes();
                let at = cut.index(page.len());
                [&page[..at], String::from_utf8_lossy(&bytes).as_bytes(), &page[at..]].concat()
            }
        };
        let (mut flow, action) = match asked {
            0 => (flow(), Action::OpenOnline),
            1 => (at(&[(Action::OpenOnline, ENTRY)]), Action::ChooseOnlineLogin(OnlineLogin::Password)),
            2 => (at_challenge(), Action::LoginSigned { signature: vec![0x30] }),
            3 => (at_services(), Action::ChooseOnlineService(OnlineService::NewPin)),
            4 | 5 => {
                let mut flow = at_services();
                go(&mut flow, &Action::ChooseOnlineService(OnlineService::Unblock), service).expect("the code");
                let code = CODE.into();
                let confirm = Action::ConfirmUnblock { code, sms: "1".into() };
                (flow, if asked == 4 { confirm } else { Action::FetchUnblock(CODE.into()) })
            }
            other => panic!("{other} is not asked"),
        };
        flow.request(&action).expect("in order");
        let location = Some(String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned());
        let body = Zeroizing::new(body);
        let content_type = Some("text/html; charset=utf-8".to_owned());
        if let Ok(Step::Send(request)) = flow.read(HttpResponse { status, content_type, location, body }) {
            prop_assert_eq!(request.url.scheme(), "https");
            prop_assert_eq!(request.url.host_str(), Some("nesbireysel.kamusm.gov.tr"));
        }
    }
}
