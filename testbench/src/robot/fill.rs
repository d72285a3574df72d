//! How the visitor fills in fields: opens each, types on the keys of the screen, chooses from its lists.
//!
//! It knows fields by label and keys by what is on them; it never sets a value past the keys.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{
    screen::{Control, ScreenError, State},
    visit::{STEP, Visit, same},
    words::{Answer, FIELDS},
};

const BUTTON: Option<&str> = Some("button");
/// Tries at one field before the screen is said not to take the value.
const TRIES: usize = 3;

impl Visit<'_> {
    /// Fills in every field of the page, its further pages included, and goes on.
    pub(super) fn fill(&mut self, state: &State) -> anyhow::Result<()> {
        let mut tried: Vec<String> = Vec::new();
        loop {
            if !same(&self.screen.state()?, state) {
                return Ok(());
            }
            let controls = self.screen.controls()?;
            let Some((control, answer)) = self.first_open(&controls)? else {
                let before = labels(&controls);
                self.tap("Devam et")?;
                if same(&self.screen.state()?, state) && labels(&self.screen.controls()?) != before {
                    continue;
                }
                return Ok(());
            };
            tried.push(control.label.clone());
            if tried.iter().filter(|label| **label == control.label).count() > TRIES {
                bail!("the field {:?} does not take its value", control.label);
            }
            self.screen.tap(&control.label, Some(&control.role))?;
            match answer {
                Answer::Choice(wanted) => {
                    let wanted = wanted(self.errand.visitor);
                    self.choose(wanted, state).with_context(|| format!("in the list {:?}", control.label))?;
                }
                Answer::Captcha | Answer::Text(_) | Answer::Digits(_) => {
                    let wanted = self.wanted(answer);
                    for _ in control.value.chars() {
                        self.tap("Sil")?;
                    }
                    self.type_text(&wanted).with_context(|| format!("in the field {:?}", control.label))?;
                    self.tap("Tamam")?;
                }
            }
            self.settle(&control, answer, state)?;
        }
    }

    /// Waits until the field says something else than before: what was typed is on its way to `kioskd` and back,
    /// and who types it again meanwhile types it beside itself.
    fn settle(&mut self, before: &Control, answer: Answer, state: &State) -> anyhow::Result<()> {
        let deadline = Instant::now() + STEP;
        while Instant::now() < deadline {
            let controls = self.screen.controls()?;
            let now = controls.iter().find(|now| now.label == before.label && now.role == before.role);
            let settled = now.is_none_or(|now| now.value != before.value || self.holds(now, answer));
            if settled || !same(&self.screen.wait(state, Duration::from_millis(20))?, state) {
                break;
            }
        }
        Ok(())
    }

    /// The first field of the page that does not hold yet what belongs there.
    fn first_open(&self, controls: &[Control]) -> anyhow::Result<Option<(Control, Answer)>> {
        for control in controls {
            if !control.enabled || !["text-input", "combobox"].contains(&control.role.as_str()) {
                continue;
            }
            for (label, answer) in FIELDS {
                if self.words.say(label)? == control.label && !self.holds(control, answer) {
                    return Ok(Some((control.clone(), answer)));
                }
            }
        }
        Ok(None)
    }

    fn holds(&self, control: &Control, answer: Answer) -> bool {
        match answer {
            Answer::Choice(wanted) => offers(&control.value, wanted(self.errand.visitor)),
            Answer::Digits(_) => digits(&control.value) == self.wanted(answer),
            Answer::Captcha | Answer::Text(_) => control.value == self.wanted(answer),
        }
    }

    fn wanted(&self, answer: Answer) -> String {
        match answer {
            Answer::Captcha => self.errand.portal.captcha().unwrap_or_default(),
            Answer::Text(of) | Answer::Choice(of) => of(self.errand.visitor).to_owned(),
            Answer::Digits(of) => digits(of(self.errand.visitor)),
        }
    }

    fn type_text(&mut self, text: &str) -> anyhow::Result<()> {
        for character in text.chars() {
            if character == ' ' {
                self.tap("Boşluk")?;
                continue;
            }
            let key = character.to_string();
            match self.screen.tap(&key, BUTTON) {
                Err(ScreenError::Refused { .. }) if character.is_alphabetic() => {
                    if self.tap("Büyük harf").is_err() {
                        self.tap("Küçük harf")?;
                    }
                    self.screen.tap(&key, BUTTON)?;
                }
                pressed => pressed?,
            }
        }
        Ok(())
    }

    /// Takes the option from the open list, turning its pages; a list that is still on its way is waited for.
    fn choose(&mut self, wanted: &str, state: &State) -> anyhow::Result<()> {
        let deadline = Instant::now() + STEP;
        let next = self.words.say("Sonraki")?;
        loop {
            let controls = self.screen.controls()?;
            let mut buttons = controls.iter().filter(|control| control.role == "button" && control.enabled);
            if let Some(option) = buttons.clone().find(|control| offers(&control.label, wanted)) {
                return Ok(self.screen.tap(&option.label, BUTTON)?);
            }
            if buttons.any(|control| control.label == next) {
                self.screen.tap(&next, BUTTON)?;
                continue;
            }
            let now = self.screen.wait(state, Duration::from_millis(100))?;
            if !same(&now, state) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("there is no {wanted:?}");
            }
        }
    }
}

/// Whether what is shown is what is wanted, whatever its case and the words around it.
fn offers(shown: &str, wanted: &str) -> bool {
    let shown = lower(shown);
    wanted.split('|').any(|wanted| shown.contains(&lower(wanted)))
}

/// Turkish lower case.
fn lower(text: &str) -> String {
    text.replace('İ', "i").replace('I', "ı").to_lowercase()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn labels(controls: &[Control]) -> Vec<&str> {
    controls.iter().map(|control| control.label.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::{digits, offers};

    #[test]
    fn an_option_is_recognised_in_either_institutions_wording() {
        assert!(offers("Sertifika yenileme", "Yenileme"));
        assert!(offers("İstenmiyor", "İstenm") && offers("İstenmedi", "İstenm"));
        assert!(offers("Kısa mesaj", "SMS|Kısa mesaj"));
        assert!(offers("ESKİŞEHİR", "Eskişehir"));
        assert!(!offers("Kayıp Çalıntı", "Yenileme"));
        assert!(!offers("", "Yenileme"));
    }

    #[test]
    fn only_the_digits_of_a_date_are_typed() {
        assert_eq!(digits("15.08.1975"), "15081975");
    }
}
