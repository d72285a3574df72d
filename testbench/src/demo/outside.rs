//! What is outside of a kiosk: the authorities, the persons, the portal.
//!
//! It knows nothing of the kiosk that is served, nor how it is reached from there.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};

use crate::{
    pki::Pki,
    portal::{Account, NewCard, Options, Person, Simulator, Timers},
    visitor::Visitor,
};

/// What the outside is made from.
#[derive(Debug, Clone, Copy)]
pub struct Outside<'a> {
    /// The persons the portal knows; the first is the one of `visitor.json`.
    pub visitors: &'a [Visitor],
    /// How long things live at the portal.
    pub timers: Timers,
    /// Portals of one seed show alike.
    pub seed: Option<u64>,
    /// Addresses beside the loopback ones under which the portal is known.
    pub names: &'a [&'a str],
}

impl Outside<'_> {
    /// Makes authorities and starts a portal. `ca.pem`, `visitor.json` and the log of the portal, in `logs`, go to
    /// `out`.
    ///
    /// # Errors
    /// Says what cannot be made or written.
    pub fn start(self, out: &Path) -> anyhow::Result<(Pki, Simulator)> {
        let logs = out.join("logs");
        std::fs::create_dir_all(&logs).with_context(|| format!("making {}", logs.display()))?;
        let pki = Pki::generate(now()?)?;
        std::fs::write(out.join("ca.pem"), pki.ca_pem())?;
        let Some(first) = self.visitors.first() else { bail!("a bench needs a visitor") };
        first.write(&out.join("visitor.json"))?;
        let server = pki.server(self.names)?;
        let portal = Simulator::start(Options {
            timers: self.timers,
            seed: self.seed,
            log: Some(logs.join("portal.log")),
            ..Options::new(
                server.certificate_pem(),
                server.key_pem(),
                vec![pki.issuer_der().to_vec(), pki.root_der().to_vec()],
                self.visitors.iter().map(|visitor| person(visitor, &pki)).collect(),
            )
        })?;
        Ok((pki, portal))
    }
}

fn person(visitor: &Visitor, pki: &Pki) -> Person {
    Person {
        national_id: visitor.national_id.clone(),
        given_name: visitor.given_name.clone(),
        surname: visitor.surname.clone(),
        birth_place: visitor.birth_place.clone(),
        birth_date: visitor.birth_date.clone(),
        institution: "ESKİŞEHİR İLİ DENEME MÜDÜRLÜĞÜ".to_owned(),
        registry_number: String::new(),
        eligible: true,
        online: Some(Account {
            security_word: visitor.security_word.clone(),
            phone: visitor.mobile_phone.clone(),
            puk: visitor.puk.clone(),
            new_card: Some(NewCard { pin: visitor.next_card_pin.clone(), usable_from: pki.succeeds() }),
        }),
    }
}

fn now() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}
