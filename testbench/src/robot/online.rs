//! What the visitor does on the portal's online pages: logs in one way or another, learns a PIN.
//!
//! It finds everything by the labels of the screen, as the other pages do.

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::{screen::State, visit::Visit};

const BUTTON: Option<&str> = Some("button");

/// How the visitor logs in to the online pages, where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Login {
    /// With the card's signature.
    #[default]
    Signature,
    /// With the security word.
    Word,
    /// With another security word, the old one being forgotten.
    ForgottenWord,
}

impl Visit<'_> {
    /// The same visit, logging in like this.
    #[must_use]
    pub fn logging_in(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    pub(super) fn choose_login(&mut self) -> anyhow::Result<()> {
        match self.login {
            Login::Signature => self.tap("E-imzamla"),
            Login::Word | Login::ForgottenWord => self.tap("Güvenlik sözcüğümle"),
        }
    }

    /// Goes for another word, or fills in what is asked.
    pub(super) fn log_in(&mut self, state: &State) -> anyhow::Result<()> {
        let forgotten = self.words.say("Güvenlik sözcüğümü unuttum")?;
        if self.login != Login::ForgottenWord || self.chose_word {
            return self.fill(state);
        }
        if !self.offers(&forgotten)? {
            // A small screen has the fields on a page after the picture.
            self.tap("Devam et")?;
        }
        if self.offers(&forgotten)? {
            self.chose_word = true;
            return Ok(self.screen.tap(&forgotten, BUTTON)?);
        }
        self.fill(state)
    }

    fn offers(&mut self, label: &str) -> anyhow::Result<bool> {
        Ok(self.screen.controls()?.iter().any(|it| it.label == label && it.role == "button"))
    }

    /// Holds the button down, reads the PIN, and sees that it is gone with the finger.
    pub(super) fn learn_pin(&mut self, state: &State) -> anyhow::Result<()> {
        let said = self.words.say("Yeni kartın PIN kodu: {}")?;
        let said = said.split('{').next().unwrap_or_default().to_owned();
        ensure!(self.read_pin(&said)?.is_none(), "the PIN is there without a finger");
        let button = self.words.say("PIN'i görmek için basılı tutun")?;
        self.screen.hold(&button)?;
        let pin = self.read_pin(&said)?.context("a finger on the button shows no PIN")?;
        self.record.picture("new-card-pin-held", self.screen)?;
        self.screen.lift()?;
        ensure!(self.read_pin(&said)?.is_none(), "the PIN stays when the finger leaves");
        let all = self.screen.controls()?;
        ensure!(
            all.iter().all(|it| !it.label.contains(&pin) && !it.value.contains(&pin)),
            "the PIN is elsewhere"
        );
        self.learned = Some(pin);
        self.end(state, "Bitir, kartımı al")
    }

    fn read_pin(&mut self, said: &str) -> anyhow::Result<Option<String>> {
        let controls = self.screen.controls()?;
        Ok(controls.iter().find_map(|it| it.label.strip_prefix(said).map(str::to_owned)))
    }
}
