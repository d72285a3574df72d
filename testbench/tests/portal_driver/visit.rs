//! A portal of its own for each test, a driver set up for it as an office would, and a person's answers.

use std::{collections::BTreeMap, path::Path, process::Command, sync::LazyLock, time::Duration};

use eimza_kiosk::{
    config,
    portal::{Action, Choice, Driver, Fault, Field, FieldId, FieldKind, Method, Page, SigningText},
    redact::Personal,
};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use tempfile::TempDir;
use testbench::{
    pki::{Credential, Holder, Key, KeyKind, Pki, Variant, pem},
    portal::{self as simulated, Account, Institution, NewCard, Options, Person, Simulator, Timers},
};

/// One hierarchy for all tests: RSA keys cost time.
pub(crate) static PKI: LazyLock<Pki> =
    LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).expect("authorities"));

pub(crate) const NATIONAL_ID: &str = "10000000146";

/// What the online pages know of the person.
pub(crate) const WORD: &str = "Deneme-17-Ş";
pub(crate) const PUK: &str = "48151623";
pub(crate) const NEW_PIN: &str = "730518";
/// 06.01.2027 12:33:10 in Turkish time.
pub(crate) const USABLE_FROM: i64 = 1_799_227_990;

pub(crate) const BOTH: [Institution; 2] = [Institution::Meb, Institution::Saglik];

/// What the person types; choices by what the page shows, in either institution's words.
pub(crate) const TYPED: [(FieldId, &[&str]); 19] = [
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
pub(crate) struct Visit {
    pub(crate) simulator: Simulator,
    pub(crate) driver: Driver,
    _office: TempDir,
}

impl Visit {
    pub(crate) fn new(institution: Institution, faults: &[simulated::Fault]) -> Self {
        Self::at(institution, faults, |_| {})
    }

    /// The same with a portal that knows something else of the person.
    pub(crate) fn at(
        institution: Institution,
        faults: &[simulated::Fault],
        differs: impl Fn(&mut Person),
    ) -> Self {
        let server = PKI.server(&[]).expect("a certificate");
        let mut person = Person {
            national_id: NATIONAL_ID.to_owned(),
            given_name: "DENEME ŞIİ".to_owned(),
            surname: "SINAMA".to_owned(),
            birth_place: "İĞDEŞ".to_owned(),
            birth_date: "15.08.1975".to_owned(),
            institution: "DENEME MÜDÜRLÜĞÜ".to_owned(),
            registry_number: "12345678".to_owned(),
            eligible: true,
            online: Some(Account {
                security_word: WORD.to_owned(),
                phone: "5350000001".to_owned(),
                puk: PUK.to_owned(),
                new_card: Some(NewCard { pin: NEW_PIN.to_owned(), usable_from: USABLE_FROM }),
            }),
        };
        differs(&mut person);
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
            online_address: Some(simulator.online_address()),
            ca_roots: vec![root],
            proxy: None,
            connect_timeout_s: 10,
            answer_timeout_s: 20,
            resolve: BTreeMap::new(),
        });
        Self { simulator, driver: driver.expect("a driver"), _office: office }
    }

    pub(crate) async fn open(&mut self) -> Result<Page, Fault> {
        self.driver.perform(Action::Open).await
    }

    pub(crate) fn login(&self) -> Action {
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

    pub(crate) async fn log_in(&mut self) -> Result<Page, Fault> {
        self.open().await?;
        let login = self.login();
        self.driver.perform(login).await
    }

    /// Fills the form in, with this instead of what the person would type.
    pub(crate) async fn fill_in(&mut self, instead: &[(FieldId, &str)]) -> Result<Page, Fault> {
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

    pub(crate) async fn reach_sms_code(&mut self) -> Result<Page, Fault> {
        let page = self.fill_in(&[]).await?;
        let Page::SmsSend { phone } = page else { panic!("{page:?}") };
        assert_eq!(phone.expose(), "5350000001");
        self.driver.perform(Action::SendSms).await
    }

    pub(crate) async fn type_sms(&mut self, index: usize) -> Result<Page, Fault> {
        let sms = self.simulator.outbox().wait_for(index, Duration::from_secs(10)).expect("an SMS");
        self.driver.perform(Action::SubmitSmsCode(Personal::new(sms.code))).await
    }

    pub(crate) async fn reach_code(&mut self) -> Result<Personal, Fault> {
        self.reach_sms_code().await?;
        self.type_sms(0).await?;
        let page = self.driver.perform(Action::ChooseMethod(Method::Electronic)).await?;
        let Page::Signing { code, remaining } = page else { panic!("{page:?}") };
        assert!((290..=300).contains(&remaining.as_secs()));
        Ok(code)
    }

    pub(crate) async fn texts(&mut self, code: &Personal) -> Result<Vec<SigningText>, Fault> {
        let Page::Texts(texts) = self.driver.perform(Action::FetchTexts(code.clone())).await? else {
            panic!("the texts")
        };
        Ok(texts)
    }

    pub(crate) async fn hand_in(&mut self) -> Result<Page, Fault> {
        let code = self.reach_code().await?;
        let texts = self.texts(&code).await?;
        let signatures = sign(NATIONAL_ID, &texts);
        self.driver.perform(Action::SubmitSignatures { code, signatures }).await
    }
}

pub(crate) fn values(list: &[(FieldId, &str)]) -> Vec<(FieldId, Personal)> {
    list.iter().map(|(field, value)| (*field, Personal::from(*value))).collect()
}

pub(crate) fn field(fields: &[Field], id: FieldId) -> &Field {
    fields.iter().find(|field| field.id == id).unwrap_or_else(|| panic!("{id:?} is on the page"))
}

/// What the person answers in a field: the text, or the value of the option that shows it.
pub(crate) fn typed(fields: &[Field], id: FieldId) -> Personal {
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
pub(crate) fn sign(national_id: &str, texts: &[SigningText]) -> Vec<Vec<u8>> {
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
