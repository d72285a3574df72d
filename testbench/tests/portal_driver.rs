//! The portal driver against the portal simulator, over real TLS: both institutions from the first page to
//! the receipt, and every fault of the portal.

use std::{collections::BTreeMap, path::Path, process::Command, sync::LazyLock, time::Duration};

use eimza_kiosk::{
    config,
    portal::{
        Action, Choice, Driver, Fault, Field, FieldId, FieldKind, Method, Page, Quote, RefusedSignature,
        SigningText,
    },
    redact::Personal,
};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use tempfile::TempDir;
use testbench::{
    pki::{Credential, Holder, Key, KeyKind, Pki, Variant, pem},
    portal::{self as simulated, Institution, Options, Person, Simulator, Timers},
};

/// One hierarchy for all tests: RSA keys cost time.
static PKI: LazyLock<Pki> =
    LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).expect("authorities"));

const NATIONAL_ID: &str = "10000000146";

const BOTH: [Institution; 2] = [Institution::Meb, Institution::Saglik];

/// What the person types; choices by what the page shows, in either institution's words.
const TYPED: [(FieldId, &[&str]); 19] = [
    (FieldId::Reason, &["Yenileme", "Sertifika yenileme"]),
    (FieldId::ReaderType, &["İstenmedi", "İstenmiyor"]),
    (FieldId::Validity, &["3 Yıl", "3 yıl"]),
    (FieldId::SecurityWord, &["Deneme-42-Ğ"]),
    (FieldId::SecurityWordRepeat, &["Deneme-42-Ğ"]),
    (FieldId::RegistryNumber, &["12345678"]),
    (FieldId::Unit, &["DENEME ORTAOKULU"]),
    (FieldId::Title, &["DENEME"]),
    (FieldId::Address, &["DENEME MAH. <SINAMA> SK. & NO 35"]),
    (FieldId::Province, &["ESKİŞEHİR", "Eskişehir"]),
    (FieldId::District, &["ODUNPAZARI", "Odunpazarı"]),
    (FieldId::PostalCode, &["26100"]),
    (FieldId::Email, &["deneme@example.org"]),
    (FieldId::WorkPhone, &["2220000001"]),
    (FieldId::WorkExtension, &["1204"]),
    (FieldId::MobilePhone, &["5350000001"]),
    (FieldId::MobileOperator, &["Turkcell"]),
    (FieldId::HomePhone, &["2220000002"]),
    (FieldId::InfoChannel, &["Her İkisi (E-posta+SMS)", "E-posta ve kısa mesaj"]),
];

/// A portal, and a driver set up for it as an office would.
struct Visit {
    simulator: Simulator,
    driver: Driver,
    _office: TempDir,
}

impl Visit {
    fn new(institution: Institution, faults: &[simulated::Fault]) -> Self {
        let server = PKI.server(&[]).expect("a certificate");
        let person = Person {
            national_id: NATIONAL_ID.to_owned(),
            given_name: "DENEME ŞIİ".to_owned(),
            surname: "SINAMA".to_owned(),
            birth_place: "İĞDEŞ".to_owned(),
            birth_date: "15.08.1975".to_owned(),
            institution: "DENEME MÜDÜRLÜĞÜ".to_owned(),
            registry_number: "12345678".to_owned(),
            eligible: true,
        };
        let authorities = vec![PKI.issuer_der().to_vec()];
        let mut options = Options::new(server.certificate_pem(), server.key_pem(), authorities, vec![person]);
        options.faults = faults.to_vec();
        options.timers = Timers {
            short_life: Duration::ZERO,
            slow: Duration::from_millis(1),
            late_sms: Duration::from_millis(50),
            ..Timers::default()
        };
        let simulator = Simulator::start(options).expect("a portal");
        let office = tempfile::tempdir().expect("a folder");
        let root = office.path().join("kok.pem");
        std::fs::write(&root, PKI.tls_ca_pem()).expect("written");
        let profile = match institution {
            Institution::Meb => "meb.toml",
            Institution::Saglik => "saglik.toml",
        };
        let driver = Driver::new(&config::Portal {
            profile: Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles").join(profile),
            address: Some(simulator.address(institution)),
            signing_address: Some(simulator.signing_address()),
            ca_roots: vec![root],
            proxy: None,
            connect_timeout_s: 10,
            answer_timeout_s: 20,
            resolve: BTreeMap::new(),
        });
        Self { simulator, driver: driver.expect("a driver"), _office: office }
    }

    async fn open(&mut self) -> Result<Page, Fault> {
        self.driver.perform(Action::Open).await
    }

    fn login(&self) -> Action {
        let captcha = self.simulator.captcha().expect("drawn");
        Action::Login(values(&[
            (FieldId::Captcha, &captcha),
            (FieldId::NationalId, NATIONAL_ID),
            (FieldId::GivenName, "DENEME ŞIİ"),
            (FieldId::Surname, "SINAMA"),
            (FieldId::BirthPlace, "İĞDEŞ"),
            (FieldId::BirthDate, "15.08.1975"),
        ]))
    }

    async fn log_in(&mut self) -> Result<Page, Fault> {
        self.open().await?;
        let login = self.login();
        self.driver.perform(login).await
    }

    /// Fills the form in, with this instead of what the person would type.
    async fn fill_in(&mut self, instead: &[(FieldId, &str)]) -> Result<Page, Fault> {
        let Page::Form { mut fields, errors } = self.log_in().await? else { panic!("the form") };
        assert!(errors.is_empty());
        let province = typed(&fields, FieldId::Province);
        let districts = self.driver.perform(Action::Districts(province.expose().to_owned())).await?;
        let Page::Districts(districts) = districts else { panic!("districts") };
        for field in &mut fields {
            if field.id == FieldId::District {
                field.kind = FieldKind::Choice(districts.clone());
            }
        }
        let mut answers: Vec<_> = TYPED.iter().map(|(field, _)| (*field, typed(&fields, *field))).collect();
        for (field, value) in &mut answers {
            if let Some((_, other)) = instead.iter().find(|(id, _)| id == field) {
                *value = Personal::from(*other);
            }
        }
        self.driver.perform(Action::SubmitForm(answers)).await
    }

    async fn reach_sms_code(&mut self) -> Result<Page, Fault> {
        let page = self.fill_in(&[]).await?;
        let Page::SmsSend { phone } = page else { panic!("{page:?}") };
        assert_eq!(phone.expose(), "5350000001");
        self.driver.perform(Action::SendSms).await
    }

    async fn type_sms(&mut self, index: usize) -> Result<Page, Fault> {
        let sms = self.simulator.outbox().wait_for(index, Duration::from_secs(10)).expect("an SMS");
        self.driver.perform(Action::SubmitSmsCode(Personal::new(sms.code))).await
    }

    async fn reach_code(&mut self) -> Result<Personal, Fault> {
        self.reach_sms_code().await?;
        self.type_sms(0).await?;
        let page = self.driver.perform(Action::ChooseMethod(Method::Electronic)).await?;
        let Page::Signing { code, remaining } = page else { panic!("{page:?}") };
        assert!((290..=300).contains(&remaining.as_secs()));
        Ok(code)
    }

    async fn texts(&mut self, code: &Personal) -> Result<Vec<SigningText>, Fault> {
        let Page::Texts(texts) = self.driver.perform(Action::FetchTexts(code.clone())).await? else {
            panic!("the texts")
        };
        Ok(texts)
    }

    async fn hand_in(&mut self) -> Result<Page, Fault> {
        let code = self.reach_code().await?;
        let texts = self.texts(&code).await?;
        let signatures = sign(NATIONAL_ID, &texts);
        self.driver.perform(Action::SubmitSignatures { code, signatures }).await
    }
}

fn values(list: &[(FieldId, &str)]) -> Vec<(FieldId, Personal)> {
    list.iter().map(|(field, value)| (*field, Personal::from(*value))).collect()
}

fn field(fields: &[Field], id: FieldId) -> &Field {
    fields.iter().find(|field| field.id == id).unwrap_or_else(|| panic!("{id:?} is on the page"))
}

/// What the person answers in a field: the text, or the value of the option that shows it.
fn typed(fields: &[Field], id: FieldId) -> Personal {
    let (_, words) = TYPED.iter().find(|(known, _)| *known == id).expect("typed");
    match &field(fields, id).kind {
        FieldKind::Text { .. } => Personal::from(words[0]),
        FieldKind::Choice(choices) => {
            let shown = |choice: &&Choice| words.contains(&choice.label.as_str());
            Personal::from(
                choices.iter().find(shown).unwrap_or_else(|| panic!("{id:?}: {choices:?}")).value.as_str(),
            )
        }
    }
}

/// Has OpenSSL sign the texts with a valid certificate of this person.
fn sign(national_id: &str, texts: &[SigningText]) -> Vec<Vec<u8>> {
    let holder = Holder { name: "DENEME SINAMA", national_id };
    let Credential { certificate, key } =
        PKI.issue(holder, Variant::Valid, KeyKind::P384).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    let key = match &key {
        Key::Rsa(key) => key.to_pkcs8_pem(LineEnding::LF).expect("PEM"),
        Key::P384(key) => key.to_pkcs8_pem(LineEnding::LF).expect("PEM"),
    };
    write("key.pem", key.as_bytes());
    write("certificate.pem", pem("CERTIFICATE", &certificate).as_bytes());
    texts
        .iter()
        .map(|text| {
            write("text", &text.0);
            let output = Command::new("openssl")
                .args([
                    "cms",
                    "-sign",
                    "-binary",
                    "-nosmimecap",
                    "-md",
                    "sha256",
                    "-outform",
                    "der",
                    "-nodetach",
                ])
                .args([
                    "-cades",
                    "-signer",
                    "certificate.pem",
                    "-inkey",
                    "key.pem",
                    "-in",
                    "text",
                    "-out",
                    "p7s",
                ])
                .current_dir(folder.path())
                .output()
                .expect("openssl runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::read(folder.path().join("p7s")).expect("a signature")
        })
        .collect()
}

#[tokio::test]
async fn both_institutions_are_driven_from_the_first_page_to_the_receipt() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let Page::Login { captcha, fields, wrong_captcha: false, refusal: None } =
            visit.open().await.expect("opened")
        else {
            panic!("the login page")
        };
        assert!(
            captcha.width >= 100
                && captcha.rgba.len() == 4 * usize::from(captcha.width) * usize::from(captcha.height)
        );
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

        let code = visit.reach_code().await.expect("a code");
        let texts = visit.texts(&code).await.expect("texts");
        assert_eq!(texts.len(), 2);
        let waiting = visit.driver.perform(Action::CheckResult).await.expect("still waiting");
        assert!(matches!(waiting, Page::Signing { .. }));
        let signatures = sign(NATIONAL_ID, &texts);
        let hand_in = Action::SubmitSignatures { code, signatures: signatures.clone() };
        assert_eq!(visit.driver.perform(hand_in.clone()).await, Ok(Page::SignaturesTaken));
        let again = visit.driver.perform(hand_in).await;
        assert_eq!(again, Err(Fault::SignatureRefused(RefusedSignature::CodeUsed)));
        assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));

        let applications = visit.simulator.applications();
        assert_eq!(applications.len(), 1);
        assert_eq!(applications[0].signatures, signatures);
        contract_repeats_the_form(&visit.driver, &texts[0]);
    }
}

/// The profile's labels find what was typed in the contract.
fn contract_repeats_the_form(driver: &Driver, text: &SigningText) {
    let text = std::str::from_utf8(&text.0).expect("UTF-8");
    let mut lines = text.lines();
    for (label, id) in driver.profile().contract() {
        let line = lines.find_map(|line| line.strip_prefix(&format!("{label}: ")));
        let value = line.unwrap_or_else(|| panic!("{label} is in the contract, in order"));
        let simple =
            matches!(id, FieldId::Email | FieldId::Address | FieldId::WorkPhone | FieldId::PostalCode);
        if let (true, Some((_, words))) = (simple, TYPED.iter().find(|(known, _)| *known == id)) {
            assert_eq!(value, words[0], "{label}");
        }
    }
}

#[tokio::test]
async fn what_the_pages_say_about_fields_is_understood_at_both_institutions() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let Page::Form { fields, .. } = visit.log_in().await.expect("logged in") else { panic!("the form") };
        assert_eq!(fields.len(), 25, "{institution:?}");
        for (id, _) in TYPED {
            let optional = matches!(id, FieldId::RegistryNumber | FieldId::WorkExtension);
            assert_eq!(field(&fields, id).required, !optional, "{institution:?} {id:?}");
            assert!(!field(&fields, id).read_only, "{institution:?} {id:?}");
        }
        for (id, value) in [
            (FieldId::NationalId, NATIONAL_ID),
            (FieldId::GivenName, "DENEME ŞIİ"),
            (FieldId::BirthPlace, "İĞDEŞ"),
            (FieldId::Institution, "DENEME MÜDÜRLÜĞÜ"),
        ] {
            assert!(field(&fields, id).read_only, "{institution:?} {id:?}");
            assert_eq!(field(&fields, id).value.expose(), value, "{institution:?} {id:?}");
        }
        assert_eq!(
            field(&fields, FieldId::RegistryNumber).value.expose(),
            "12345678",
            "the portal filled it in"
        );
        assert!(field(&fields, FieldId::Province).value.is_blank(), "nothing is chosen yet");
        let FieldKind::Choice(provinces) = &field(&fields, FieldId::Province).kind else { panic!("a list") };
        assert_eq!(provinces.len(), 81, "{institution:?}: the prompt is no province");
    }
}

#[tokio::test]
async fn refused_fields_are_named_each_by_itself() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let wrong = [
            (FieldId::PostalCode, "2610"),
            (FieldId::SecurityWordRepeat, "başka"),
            (FieldId::WorkPhone, "1"),
            (FieldId::WorkExtension, "x"),
            (FieldId::MobilePhone, "2"),
            (FieldId::HomePhone, ""),
        ];
        let Page::Form { errors, fields } = visit.fill_in(&wrong).await.expect("the form again") else {
            panic!("the form")
        };
        let mut named: Vec<FieldId> = errors.iter().map(|(id, _)| *id).collect();
        named.sort();
        let mut expected = wrong.map(|(id, _)| id);
        expected.sort();
        assert_eq!(named, expected, "{institution:?}");
        let (_, quote) = errors.iter().find(|(id, _)| *id == FieldId::PostalCode).expect("named");
        assert_eq!(quote, &Quote(Personal::from("Posta kodu 5 haneli olmalıdır.")));
        assert_eq!(
            field(&fields, FieldId::Email).value.expose(),
            "deneme@example.org",
            "what was typed is kept"
        );
        let FieldKind::Choice(districts) = &field(&fields, FieldId::District).kind else { panic!("a list") };
        assert_eq!(districts.len(), 14, "the districts of the province come with the form");
    }
}

#[tokio::test]
async fn a_wrong_captcha_is_told_from_data_that_are_not_the_registers() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::WrongCaptcha]);
        let refused = visit.log_in().await.expect("the login page");
        let Page::Login { wrong_captcha: true, refusal: None, .. } = refused else { panic!("{refused:?}") };
        let Action::Login(mut stranger) = visit.login() else { panic!("a login") };
        stranger[3].1 = Personal::from("BAŞKA");
        let refused = visit.driver.perform(Action::Login(stranger)).await.expect("the login page");
        let Page::Login { wrong_captcha: false, refusal: Some(quote), .. } = refused else {
            panic!("{refused:?}")
        };
        assert!(quote.0.expose().contains("uyuşmuyor"));
        let login = visit.login();
        assert!(matches!(visit.driver.perform(login).await, Ok(Page::Form { .. })), "the third try");
    }
}

#[tokio::test]
async fn a_wrong_sms_code_is_said_and_the_right_one_goes_on() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::WrongSms]);
        let page = visit.reach_sms_code().await.expect("asked");
        assert!(matches!(page, Page::SmsCode { wrong: false, remaining } if remaining.as_secs() >= 290));
        assert!(matches!(visit.type_sms(0).await, Ok(Page::SmsCode { wrong: true, .. })));
        assert!(matches!(visit.type_sms(1).await, Ok(Page::Method { .. })));
    }
}

#[tokio::test]
async fn faults_that_delay_or_recode_change_nothing() {
    use simulated::Fault::{ForeignCharset, LateSms, Slow};
    for institution in BOTH {
        for fault in [ForeignCharset, LateSms, Slow] {
            let mut visit = Visit::new(institution, &[fault]);
            assert_eq!(visit.hand_in().await, Ok(Page::SignaturesTaken), "{institution:?} {fault:?}");
            assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));
            let text = String::from_utf8(visit.simulator.applications()[0].texts[0].clone()).expect("UTF-8");
            assert!(
                text.contains("Deneme-42-Ğ") && text.contains("<SINAMA>"),
                "{fault:?}: what was typed arrived"
            );
        }
    }
}

#[tokio::test]
async fn each_fault_of_the_portal_has_its_own_name() {
    use simulated::Fault as F;
    for institution in BOTH {
        for (fault, expected) in [
            (F::Oversize, Fault::Oversize { limit: 2 * 1024 * 1024 }),
            (F::Malformed, Fault::Malformed("a captcha that cannot be decoded within its limits")),
            (F::TlsUntrusted, Fault::Tls),
            (
                F::NotEligible,
                Fault::NotEligible(Quote(Personal::from(
                    "Kadronuz e-imza için uygun değildir. Lütfen kurumunuzun insan kaynakları birimi ile iletişime geçiniz.",
                ))),
            ),
            (
                F::WebServiceError,
                Fault::WebService(Quote(Personal::from(
                    "Web servis hatası oluştu. Lütfen daha sonra tekrar deneyiniz.",
                ))),
            ),
            (F::ChangedForm, Fault::ChangedForm("a field the profile does not know")),
            (F::Http500, Fault::Status(500)),
            (F::ConnectionDrop, Fault::Interrupted),
            (F::ExpiredSms, Fault::SmsExpired),
            (F::SessionLost, Fault::SessionEnded),
            (F::UnknownPage, Fault::UnknownPage),
            (F::OffHost, Fault::OffHost),
            (F::ExpiredCode, Fault::CodeExpired),
            (F::CodeUnknown, Fault::CodeUnknown),
            (F::SignatureRefused, Fault::SignatureRefused(RefusedSignature::Invalid)),
        ] {
            let mut visit = Visit::new(institution, &[fault]);
            assert_eq!(visit.hand_in().await, Err(expected), "{institution:?} {fault:?}");
            assert!(visit.simulator.applications().is_empty(), "{institution:?} {fault:?}");
            // The next visitor is served.
            visit.simulator.set_faults(&[]);
            assert!(visit.open().await.is_ok(), "{institution:?} after {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_reply_to_the_signatures_is_an_open_outcome_and_the_page_tells() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::DropAfterSubmit]);
        assert_eq!(visit.hand_in().await, Err(Fault::Interrupted), "{institution:?}");
        assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));
        assert_eq!(visit.simulator.applications().len(), 1);
    }
}

#[tokio::test]
async fn signatures_of_another_person_or_order_are_refused_by_their_reason() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_code().await.expect("a code");
    let texts = visit.texts(&code).await.expect("texts");
    let mut submit = async |signatures| {
        let code = code.clone();
        visit.driver.perform(Action::SubmitSignatures { code, signatures }).await
    };
    let stranger = submit(sign("10000000078", &texts)).await;
    assert_eq!(stranger, Err(Fault::SignatureRefused(RefusedSignature::WrongPerson)));
    let mut turned = sign(NATIONAL_ID, &texts);
    turned.reverse();
    assert_eq!(submit(turned).await, Err(Fault::SignatureRefused(RefusedSignature::WrongText)));
    assert_eq!(submit(sign(NATIONAL_ID, &texts)).await, Ok(Page::SignaturesTaken));
}

#[tokio::test]
async fn a_portal_that_is_gone_is_unreachable_and_nothing_was_sent() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.open().await.expect("opened");
    let login = visit.login();
    visit.simulator.stop().expect("stopped");
    assert_eq!(visit.driver.perform(login).await, Err(Fault::Unreachable));
}

#[tokio::test]
async fn a_given_up_action_leaves_the_visit_where_it_was() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.open().await.expect("opened");
    let login = visit.login();
    {
        let mut asked = std::pin::pin!(visit.driver.perform(login.clone()));
        let first = std::future::poll_fn(|cx| std::task::Poll::Ready(asked.as_mut().poll(cx))).await;
        assert!(first.is_pending(), "under way, then dropped");
    }
    assert!(matches!(visit.driver.perform(login).await, Ok(Page::Form { .. })));
    visit.driver.close();
    assert_eq!(visit.driver.perform(Action::SendSms).await, Err(Fault::OutOfOrder));
}
