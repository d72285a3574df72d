//! `faults.toml` against the kiosk's own portal driver: whatever fault the simulator has, now or later, is told as
//! the cause its entry names.

use std::{collections::BTreeMap, io::Write, path::Path, sync::Once, time::Duration};

use eimza_kiosk::{
    config,
    portal::{Action, Driver, Fault as Seen, Field, FieldId, FieldKind, Method, Page, RefusedSignature},
    redact::Personal,
    session::fault::Cause,
};

use super::browser::{NATIONAL_ID, PKI, credential, sign, simulator};
use crate::{
    faults::{self, Expectations, Outcome},
    pki::{KeyKind, Variant},
    portal::{Fault, Institution, Simulator},
};

fn driver(simulator: &Simulator) -> Driver {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let mut roots = tempfile::NamedTempFile::new().unwrap();
    roots.write_all(PKI.tls_ca_pem().as_bytes()).unwrap();
    Driver::new(&config::Portal {
        profile: Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/meb.toml"),
        address: Some(simulator.address(Institution::Meb)),
        signing_address: Some(simulator.signing_address()),
        ca_roots: vec![roots.path().to_owned()],
        proxy: None,
        connect_timeout_s: 10,
        answer_timeout_s: 20,
        resolve: BTreeMap::new(),
    })
    .unwrap()
}

/// What the person fills in; of a list, words of the option.
fn wanted(id: FieldId) -> &'static str {
    match id {
        FieldId::NationalId => NATIONAL_ID,
        FieldId::GivenName => "DENEME ŞIİ",
        FieldId::Surname => "SINAMA",
        FieldId::BirthPlace => "İĞDEŞ",
        FieldId::BirthDate => "15.08.1975",
        FieldId::Reason => "enileme",
        FieldId::ReaderType => "İstenm",
        FieldId::Validity => "3 ",
        FieldId::SecurityWord | FieldId::SecurityWordRepeat => "Çınar-42-Ğ",
        FieldId::RegistryNumber => "12345678",
        FieldId::Unit => "DENEME ORTAOKULU",
        FieldId::Title => "DENEME",
        FieldId::Address => "DENEME MAH. <ŞIK> & NO 35",
        FieldId::PostalCode => "26100",
        FieldId::Email => "deneme@example.org",
        FieldId::WorkPhone => "2220000001",
        FieldId::WorkExtension => "1204",
        FieldId::MobilePhone => "5350000001",
        FieldId::MobileOperator => "Turkcell",
        FieldId::HomePhone => "2220000002",
        FieldId::InfoChannel => "SMS",
        // Read from the picture; filled in by the portal.
        FieldId::Captcha | FieldId::Institution => "",
        FieldId::Province => "26",
        FieldId::District => "2610",
    }
}

fn value(field: &Field) -> Personal {
    let wanted = wanted(field.id);
    match &field.kind {
        FieldKind::Text { .. } => wanted.into(),
        // The districts are not on the page yet.
        FieldKind::Choice(_) if matches!(field.id, FieldId::Province | FieldId::District) => wanted.into(),
        FieldKind::Choice(choices) => choices
            .iter()
            .find(|choice| choice.label.contains(wanted))
            .map_or_else(|| choices[0].value.clone(), |choice| choice.value.clone())
            .into(),
    }
}

async fn log_in(driver: &mut Driver, simulator: &Simulator) -> Result<Vec<Field>, Seen> {
    let mut page = driver.perform(Action::Open).await?;
    for _ in 0..2 {
        let Page::Login { fields, captcha, .. } = page else { panic!("no login page: {page:?}") };
        assert_eq!((captcha.width, captcha.height), (200, 70));
        let values = fields
            .iter()
            .map(|field| {
                let captcha = (field.id == FieldId::Captcha).then(|| simulator.captcha().unwrap().into());
                (field.id, captcha.unwrap_or_else(|| value(field)))
            })
            .collect();
        page = driver.perform(Action::Login(values)).await?;
        if let Page::Form { fields, .. } = page {
            return Ok(fields);
        }
        assert!(matches!(page, Page::Login { wrong_captcha: true, .. }), "{page:?}");
    }
    panic!("the login was refused twice")
}

/// Logged in, the districts fetched, and the form filled in but not sent.
async fn fill_in(driver: &mut Driver, simulator: &Simulator) -> Result<Vec<(FieldId, Personal)>, Seen> {
    let fields = log_in(driver, simulator).await?;
    let province = fields.iter().find(|field| field.id == FieldId::Province).unwrap();
    let FieldKind::Choice(provinces) = &province.kind else { panic!("{province:?}") };
    assert_eq!(provinces.len(), 81);
    let Page::Districts(districts) = driver.perform(Action::Districts("26".to_owned())).await? else {
        panic!("no districts")
    };
    assert_eq!(districts.len(), 14);
    let district = districts.iter().find(|choice| choice.value == "2610").unwrap();
    assert!(["Odunpazarı", "ODUNPAZARI"].contains(&district.label.as_str()));
    Ok(fields.iter().filter(|field| !field.read_only).map(|field| (field.id, value(field))).collect())
}

/// The whole way; the faults that a person corrects on the way are corrected.
async fn visit(driver: &mut Driver, simulator: &Simulator) -> Result<Page, Seen> {
    let values = fill_in(driver, simulator).await?;
    let page = driver.perform(Action::SubmitForm(values)).await?;
    let Page::SmsSend { phone } = page else { panic!("{page:?}") };
    assert_eq!(phone.expose(), "5350000001");

    let mut page = driver.perform(Action::SendSms).await?;
    let mut messages = 0;
    while matches!(page, Page::SmsCode { .. }) {
        let sms = simulator.outbox().wait_for(messages, Duration::from_secs(10)).unwrap();
        messages += 1;
        page = driver.perform(Action::SubmitSmsCode(sms.code.into())).await?;
    }
    assert_eq!(page, Page::Method { offered: vec![Method::WetInk, Method::Electronic] });
    let page = driver.perform(Action::ChooseMethod(Method::Electronic)).await?;
    let Page::Signing { code, .. } = page else { panic!("{page:?}") };

    let page = driver.perform(Action::FetchTexts(code.clone())).await?;
    let Page::Texts(texts) = page else { panic!("{page:?}") };
    let texts: Vec<_> = texts.into_iter().map(|text| text.0).collect();
    let signer = credential(NATIONAL_ID, Variant::Valid, KeyKind::P384);
    let signatures = sign(&signer, &texts, &["-nodetach", "-cades"]);
    match driver.perform(Action::SubmitSignatures { code, signatures }).await {
        Ok(Page::SignaturesTaken) | Err(Seen::Interrupted) => driver.perform(Action::CheckResult).await,
        other => other,
    }
}

#[tokio::test]
async fn every_portal_fault_is_told_as_the_cause_it_must_end_on() {
    let expectations = Expectations::load().unwrap();
    for fault in Fault::ALL {
        let simulator = simulator(&[fault]);
        let expected = expectations.of(Some(faults::Fault::Portal(fault)));
        let seen = visit(&mut driver(&simulator), &simulator).await;
        let name = format!("{}: {seen:?}", fault.name());
        // What only a comparison of texts can find is the session's, not the driver's.
        if expected.outcome == Outcome::Received || fault == Fault::ContractDiffers {
            assert_eq!(seen, Ok(Page::Received), "{name}");
            assert_eq!(simulator.applications().len(), 1, "{name}");
            continue;
        }
        let fault = seen.expect_err(&name);
        assert_eq!(Some(Cause::from(&fault)), expected.cause, "{name}");
        assert!(simulator.applications().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn refused_signatures_and_refused_entries_are_told_apart() {
    let simulator = simulator(&[Fault::SignatureRefused]);
    let mut driver = driver(&simulator);
    let seen = visit(&mut driver, &simulator).await;
    assert_eq!(seen, Err(Seen::SignatureRefused(RefusedSignature::Invalid)));

    let mut values = fill_in(&mut driver, &simulator).await.unwrap();
    values.iter_mut().find(|(id, _)| *id == FieldId::PostalCode).unwrap().1 = "1".into();
    let Ok(Page::Form { errors, .. }) = driver.perform(Action::SubmitForm(values)).await else {
        panic!("no form")
    };
    let refused: Vec<_> = errors.iter().map(|(id, _)| *id).collect();
    assert_eq!(refused, [FieldId::PostalCode]);
}
