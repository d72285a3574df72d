//! Which readers turned out to have no keys for a PIN; remembered as long as the process lives.
//!
//! A reader's name is all it keeps. Who found out is not its business.

use std::{
    collections::BTreeSet,
    env,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::card::ReaderName;

/// Where an image leaves them to the next one of its process, a line each.
const KEPT: &str = "EIMZA_KIOSK_PADLESS";

/// Readers that are not asked any more.
#[derive(Clone, Default)]
pub(super) struct Padless(Arc<Mutex<BTreeSet<String>>>);

impl Padless {
    /// What earlier images of this process found out.
    pub(super) fn of_process() -> Self {
        Self::of(&env::var(KEPT).unwrap_or_default())
    }

    fn of(kept: &str) -> Self {
        Self(Arc::new(Mutex::new(kept.lines().map(str::to_owned).collect())))
    }

    /// Whether this reader is one.
    pub(super) fn has(&self, reader: &ReaderName) -> bool {
        self.lock().contains(&reader.0)
    }

    /// This reader is one; said once.
    pub(super) fn learn(&self, reader: &ReaderName) {
        if self.lock().insert(reader.0.clone()) {
            log::warn!(READER = reader.0; "token.pin_pad: this reader takes no PIN; it is typed on the screen");
        }
    }

    /// For the environment of the next image.
    pub(super) fn kept(&self) -> (&'static str, String) {
        let readers: Vec<String> = self.lock().iter().cloned().collect();
        (KEPT, readers.join("\n"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Padless;
    use crate::card::ReaderName;

    #[test]
    fn a_reader_without_keys_stays_one_for_the_images_that_follow() {
        let [one, two, other] =
            ["Reader [Pad] 00 00", "Okuyucu 01 00", "Reader"].map(|it| ReaderName(it.into()));
        let readers = Padless::default();
        readers.learn(&one);
        readers.clone().learn(&two);
        let readers = Padless::of(&readers.kept().1);
        assert!(readers.has(&one) && readers.has(&two) && !readers.has(&other));
        assert!(!Padless::of("").has(&ReaderName(String::new())));
    }
}
