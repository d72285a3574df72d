//! A browser for tests: it carries what a page hides, and reads what a page says.

use std::{
    path::Path,
    process::Command,
    sync::{LazyLock, Once},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

use crate::{
    pki::{Credential, Holder, Key, KeyKind, Pki, Variant, pem},
    portal::{Fault, Institution, Options, Person, Simulator, Timers},
};

/// One hierarchy for all tests: RSA keys cost time.
pub(super) static PKI: LazyLock<Pki> =
    LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).unwrap());

pub(super) const NATIONAL_ID: &str = "10000000146";

/// A certificate of the person's, or of another's.
pub(super) fn credential(national_id: &str, variant: Variant, kind: KeyKind) -> Credential {
    PKI.issue(Holder { name: "DENEME SINAMA", national_id }, variant, kind).unwrap()
}

pub(super) fn person() -> Person {
    Person {
        national_id: NATIONAL_ID.to_owned(),
        given_name: "DENEME ŞIİ".to_owned(),
        surname: "SINAMA".to_owned(),
        birth_place: "İĞDEŞ".to_owned(),
        birth_date: "15.08.1975".to_owned(),
        institution: "ESKİŞEHİR İLİ MİLLÎ EĞİTİM MÜDÜRLÜĞÜ".to_owned(),
        registry_number: "12345678".to_owned(),
        eligible: true,
        online: None,
    }
}

pub(super) fn simulator(faults: &[Fault]) -> Simulator {
    let server = PKI.server(&[]).unwrap();
    let authorities = vec![PKI.issuer_der().to_vec()];
    let mut options = Options::new(server.certificate_pem(), server.key_pem(), authorities, vec![person()]);
    options.faults = faults.to_vec();
    options.timers = Timers {
        short_life: Duration::ZERO,
        slow: Duration::from_millis(1),
        late_sms: Duration::from_millis(50),
        ..Timers::default()
    };
    Simulator::start(options).unwrap()
}

/// A browser at one institution's pages.
pub(super) struct Browser {
    pub(super) client: reqwest::Client,
    pub(super) institution: Institution,
    first: String,
    signing: String,
    /// The page at hand.
    pub(super) page: String,
}

impl Browser {
    pub(super) fn new(simulator: &Simulator, institution: Institution) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let root = reqwest::Certificate::from_pem(PKI.tls_ca_pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .cookie_store(true)
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self {
            client,
            institution,
            first: simulator.address(institution),
            signing: simulator.signing_address(),
            page: String::new(),
        }
    }

    pub(super) async fn open(&mut self) -> reqwest::Result<()> {
        self.page = self.client.get(&self.first).send().await?.error_for_status()?.text().await?;
        Ok(())
    }

    pub(super) async fn get(&self, relative: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(self.at(relative)).send().await
    }

    /// Sends the page's form with these values; what the page hides goes along unless it is named.
    pub(super) async fn post(&mut self, values: &[(&str, &str)]) -> reqwest::Result<()> {
        let target = self.at(attribute(element(&self.page, "<form"), "action").unwrap());
        let mut all: Vec<(&str, &str)> = self
            .page
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|rest| (attribute(rest, "name").unwrap(), attribute(rest, "value").unwrap()))
            .filter(|(name, _)| values.iter().all(|(given, _)| given != name))
            .collect();
        all.extend(values);
        self.page = self.client.post(target).form(&all).send().await?.error_for_status()?.text().await?;
        Ok(())
    }

    /// Asks the signing service; the answer's status and message.
    pub(super) async fn ask(&self, what: &str, message: &Value) -> reqwest::Result<(u16, Value)> {
        let answer = self.client.post(format!("{}/{what}", self.signing)).json(message).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// The texts behind a code.
    pub(super) async fn texts(&self, code: &str) -> Vec<Vec<u8>> {
        let (status, answer) = self.ask("texts", &json!({ "code": code })).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        let texts = answer["texts"].as_array().unwrap();
        texts.iter().map(|text| STANDARD.decode(text.as_str().unwrap()).unwrap()).collect()
    }

    /// Hands signatures in.
    pub(super) async fn hand_in(&self, code: &str, signatures: &[Vec<u8>]) -> reqwest::Result<(u16, Value)> {
        let signatures: Vec<_> = signatures.iter().map(|der| STANDARD.encode(der)).collect();
        self.ask("signatures", &json!({ "code": code, "signatures": signatures })).await
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.page.contains(words)
    }

    fn at(&self, relative: &str) -> String {
        self.first[..=self.first.rfind('/').unwrap()].to_owned() + relative
    }
}

/// The verification code on the page.
pub(super) fn code(page: &str) -> String {
    let digits = page.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 15);
    digits.expect("a code of fifteen digits").to_owned()
}

/// Has OpenSSL sign texts; `options` go to `openssl cms -sign`.
pub(super) fn sign(credential: &Credential, texts: &[Vec<u8>], options: &[&str]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let key = match &credential.key {
        Key::Rsa(key) => key.to_pkcs8_pem(LineEnding::LF).unwrap(),
        Key::P384(key) => key.to_pkcs8_pem(LineEnding::LF).unwrap(),
    };
    std::fs::write(path("key.pem"), key.as_bytes()).unwrap();
    std::fs::write(path("certificate.pem"), pem("CERTIFICATE", &credential.certificate)).unwrap();
    texts.iter().map(|text| sign_one(folder.path(), text, options)).collect()
}

fn sign_one(folder: &Path, text: &[u8], options: &[&str]) -> Vec<u8> {
    std::fs::write(folder.join("text"), text).unwrap();
    let output = Command::new("openssl")
        .args(["cms", "-sign", "-binary", "-nosmimecap", "-md", "sha256", "-outform", "der"])
        .args(["-signer", "certificate.pem", "-inkey", "key.pem", "-in", "text", "-out", "signature"])
        .args(options)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(folder.join("signature")).unwrap()
}

/// The start tag after this opening.
fn element<'a>(page: &'a str, opening: &str) -> &'a str {
    let rest = page.split_once(opening).unwrap_or_else(|| panic!("no {opening} on {page}")).1;
    rest.split_once('>').unwrap().0
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!("{name}=\""))?.1.split_once('"').map(|(value, _)| value)
}
