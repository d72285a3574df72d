//! Which of the two ways to a card is taken: the driver of its own for AKİS cards, or the PKCS#11 module.
//!
//! The configuration chooses, and where it leaves the choice, the card's answer to reset does. It is asked of
//! PC/SC here; nobody's word is taken for it.

use std::sync::atomic::AtomicBool;

use super::{
    akis,
    found::{Entry, Found, Refusal, Replacement, Unreplaced},
    module::{Module, ModuleError},
    reader,
    tries::Told,
    watch::Watch,
};
use crate::{
    card::{
        ReaderName,
        profile::{Card, Standing, recognise},
    },
    config,
    link::{
        pin::Pin,
        signer::{Fault, Fingerprint},
    },
    signature::Draft,
};

/// The ways that are open.
pub(super) enum Backend {
    /// The driver for every card.
    Akis(akis::Driver),
    /// The module for every card.
    Pkcs11(Box<Module>),
    /// The driver for cards it knows, the module, if there is one, for the others.
    Auto {
        /// The driver.
        akis: akis::Driver,
        /// The module.
        module: Option<Box<Module>>,
        /// Which one the card at hand goes to.
        way: Way,
    },
}

/// Which one a card goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// To the driver.
    Akis,
    /// To the module.
    Pkcs11,
    /// To neither.
    None,
}

impl Backend {
    /// Opens what the configuration names. `anew`: it was opened in the image before, see [`Module::load`].
    pub(super) fn open(config: &config::Token, watch: Watch, anew: bool) -> Result<Self, ModuleError> {
        let module = |anew| {
            let path = config.module.as_deref();
            path.map(|path| Module::load(path, config, watch.clone(), anew).map(Box::new)).transpose()
        };
        Ok(match config.backend {
            config::Backend::Akis => Self::Akis(akis::Driver::new(watch)),
            config::Backend::Pkcs11 => Self::Pkcs11(module(anew)?.ok_or(ModuleError::NotConfigured)?),
            config::Backend::Auto => {
                let mut module = module(anew)?;
                // Tried and let go: as long as it is open, it may hold cards that are not for it.
                module.iter_mut().for_each(|module| module.close());
                Self::Auto { akis: akis::Driver::new(watch), module, way: Way::None }
            }
        })
    }

    /// Reads the certificates of the card in a reader, and remembers where that card goes.
    pub(super) fn read(&mut self, reader: &ReaderName) -> Result<Found, Fault> {
        if let Self::Auto { akis, module, way } = self {
            let chosen = choose(reader, module.is_some());
            if chosen != *way {
                // One at a time: what the other one holds of a card, this one could not reset.
                akis.close();
                module.iter_mut().for_each(|module| module.close());
                *way = chosen;
            }
            log::info!(BACKEND:? = chosen; "card");
        }
        match self.chosen() {
            Chosen::Akis(akis) => akis.read(reader),
            Chosen::Pkcs11(module) => module.read(reader),
            Chosen::None => Err(reader::why_none(reader).unwrap_or(Fault::UnknownCard)),
        }
    }

    /// Looks whether the certificate is on the card in the reader, and at its PIN.
    pub(super) fn check(&mut self, reader: &ReaderName, certificate: Fingerprint) -> Result<Told, Fault> {
        match self.chosen() {
            Chosen::Akis(akis) => akis.check(reader, certificate),
            Chosen::Pkcs11(module) => module.check(reader, certificate),
            Chosen::None => Err(Fault::UnknownCard),
        }
    }

    /// Spends the PIN on the drafts. `unwanted` ends it between two steps.
    pub(super) fn sign(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        drafts: Vec<Draft>,
        entry: Entry,
        unwanted: &AtomicBool,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        match self.chosen() {
            Chosen::Akis(akis) => akis.sign(reader, certificate, drafts, entry, unwanted),
            Chosen::Pkcs11(module) => module.sign(reader, certificate, drafts, entry, unwanted),
            Chosen::None => Err(Fault::UnknownCard.into()),
        }
    }

    /// Gives the card's PIN another. One command at most that can cost a try.
    pub(super) fn replace(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        how: Replacement,
        new: Pin,
    ) -> Result<(), Unreplaced> {
        match self.chosen() {
            Chosen::Akis(akis) => {
                let replaced = match how {
                    Replacement::Change { old } => akis.change_pin(reader, certificate, old, new),
                    Replacement::Unblock { puk } => akis.unblock(reader, certificate, puk, new),
                };
                replaced.map_err(|why| match why {
                    akis::NotReplaced::Wrong(left) => Unreplaced::Wrong(Told::Count(left)),
                    akis::NotReplaced::Unfit => Unreplaced::Unfit,
                    akis::NotReplaced::Fault(fault) => Unreplaced::Fault(fault),
                })
            }
            Chosen::Pkcs11(module) => module.replace(reader, certificate, how, new),
            Chosen::None => Err(Fault::UnknownCard.into()),
        }
    }

    /// Ends whatever is open: sessions, logins, connections to the card.
    pub(super) fn close(&mut self) {
        match self {
            Self::Akis(akis) => akis.close(),
            Self::Pkcs11(module) => module.close(),
            Self::Auto { akis, module, .. } => {
                akis.close();
                module.iter_mut().for_each(|module| module.close());
            }
        }
    }

    fn chosen(&mut self) -> Chosen<'_> {
        match self {
            Self::Akis(akis) => Chosen::Akis(akis),
            Self::Pkcs11(module) => Chosen::Pkcs11(module),
            Self::Auto { akis, way: Way::Akis, .. } => Chosen::Akis(akis),
            Self::Auto { module: Some(module), way: Way::Pkcs11, .. } => Chosen::Pkcs11(module),
            Self::Auto { module: None, .. } | Self::Auto { way: Way::None, .. } => Chosen::None,
        }
    }
}

enum Chosen<'a> {
    Akis(&'a mut akis::Driver),
    Pkcs11(&'a mut Module),
    None,
}

/// Where the card in a reader goes.
fn choose(reader: &ReaderName, has_module: bool) -> Way {
    let card = reader::atr(reader).map_or(Card::Unknown, |atr| recognise(&atr));
    way(config::Backend::Auto, card, has_module)
}

/// Where a card goes by its answer to reset. One that is known from the vendor's description alone goes to the
/// driver only where the office says so by `backend = "akis"`: a guess could cost its holder a try.
pub(super) fn way(backend: config::Backend, card: Card, has_module: bool) -> Way {
    let other = if has_module { Way::Pkcs11 } else { Way::None };
    match (backend, card) {
        (config::Backend::Akis, Card::Speaks(_)) => Way::Akis,
        (config::Backend::Akis, Card::SecureMessaging | Card::Unknown) => Way::None,
        (config::Backend::Pkcs11, _) => other,
        (config::Backend::Auto, Card::Speaks(dialect)) => match dialect.standing {
            Standing::Witnessed => Way::Akis,
            Standing::Described => other,
        },
        (config::Backend::Auto, Card::SecureMessaging | Card::Unknown) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Way, way};
    use crate::{
        card::profile::{Card, DIALECTS},
        config::Backend,
    };

    #[test]
    fn a_card_without_a_witness_goes_to_the_driver_only_where_the_office_says_so() {
        let [witnessed, described] = DIALECTS.map(Card::Speaks);
        assert_eq!(way(Backend::Auto, witnessed, true), Way::Akis);
        assert_eq!(way(Backend::Auto, described, true), Way::Pkcs11);
        assert_eq!(way(Backend::Auto, described, false), Way::None);
        assert_eq!(way(Backend::Akis, described, true), Way::Akis);
        assert_eq!(way(Backend::Pkcs11, witnessed, true), Way::Pkcs11);
        for nobodys in [Card::SecureMessaging, Card::Unknown] {
            assert_eq!(way(Backend::Akis, nobodys, true), Way::None);
            assert_eq!(way(Backend::Auto, nobodys, true), Way::Pkcs11);
        }
    }
}
