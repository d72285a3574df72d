//! The kiosk's own hardware in the configuration: GPIO lines, and how they are judged.
//!
//! Whether a line is there is found out by the process that takes it.

use std::{collections::BTreeSet, path::PathBuf};

use serde::Deserialize;

use super::{
    Backend, Config, ConfigError, Rules, Token,
    judge::{Judge, quoted},
};

/// The kiosk's own hardware.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Peripherals {
    /// The guide lamp at the card slot.
    pub lamp: Option<Line>,
    /// The buzzer.
    pub buzzer: Option<Line>,
    /// The light behind the screen.
    pub backlight: Option<Line>,
    /// The sensor that sees somebody in front of the kiosk.
    pub presence: Option<Line>,
    /// The switch that the housing opens.
    pub tamper: Option<Line>,
    /// The staff's key.
    pub service_key: Option<Line>,
    /// Switched for a while when somebody calls staff: a lamp, a bell or a relay elsewhere in the office.
    pub staff_call: Option<Line>,
    /// A button beside the screen that calls staff.
    pub call_button: Option<Line>,
    /// Lasting file that says "the housing was opened". It has to outlive a power cut.
    pub tamper_flag: Option<PathBuf>,
}

/// A GPIO line, by its offset on the chip or by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// `/dev/gpiochip0`
    pub chip: PathBuf,
    /// Offset on the chip.
    #[serde(default)]
    pub offset: Option<u32>,
    /// The name the board gives the line.
    #[serde(default)]
    pub name: Option<String>,
    /// Low is on.
    #[serde(default)]
    pub active_low: bool,
    /// The chip's own resistor, for an input that has none outside.
    #[serde(default)]
    pub pull: Pull,
}

/// A keypad of four rows and three columns, which belongs to the signer alone: on a chip of its own, because the
/// kernel's permission is for a whole chip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keypad {
    /// `/dev/gpiochip1`
    pub chip: PathBuf,
    /// The rows from above, `1 2 3` first.
    pub rows: [Wire; 4],
    /// The columns from the left.
    pub columns: [Wire; 3],
}

/// A line of a chip by its offset or its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum Wire {
    /// Offset on the chip.
    Offset(u32),
    /// The name the board gives the line.
    Name(String),
}

impl Keypad {
    /// The lines of the rows.
    #[must_use]
    pub fn rows(&self) -> [Line; 4] {
        self.rows.each_ref().map(|wire| self.line(wire, Pull::Board))
    }

    /// The lines of the columns; a key draws one low.
    #[must_use]
    pub fn columns(&self) -> [Line; 3] {
        self.columns.each_ref().map(|wire| self.line(wire, Pull::Up))
    }

    fn line(&self, wire: &Wire, pull: Pull) -> Line {
        let (offset, name) = match wire {
            Wire::Offset(offset) => (Some(*offset), None),
            Wire::Name(name) => (None, Some(name.clone())),
        };
        Line { chip: self.chip.clone(), offset, name, active_low: false, pull }
    }
}

/// Where an input is drawn while nothing drives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// As the board has it.
    #[default]
    Board,
    /// High.
    Up,
    /// Low.
    Down,
}

impl Judge<'_> {
    pub(super) fn hardware(&self, config: &Config) -> Result<(), ConfigError> {
        let Peripherals {
            lamp,
            buzzer,
            backlight,
            presence,
            tamper,
            service_key,
            staff_call,
            call_button,
            tamper_flag,
        } = &config.peripherals;
        let mut taken: Vec<&Line> = Vec::new();
        for (key, line, output) in [
            ("peripherals.lamp", lamp, true),
            ("peripherals.buzzer", buzzer, true),
            ("peripherals.backlight", backlight, true),
            ("peripherals.presence", presence, false),
            ("peripherals.tamper", tamper, false),
            ("peripherals.service_key", service_key, false),
            ("peripherals.staff_call", staff_call, true),
            ("peripherals.call_button", call_button, false),
        ] {
            let Some(line) = line else { continue };
            self.line(key, line)?;
            if output && line.pull != Pull::Board {
                return self.refuse(key, &"a pull", "none: the line is driven");
            }
            // A line named here and counted there is found out by the kernel, which gives it out once.
            let same = |other: &&Line| {
                (&other.chip, other.offset, &other.name) == (&line.chip, line.offset, &line.name)
            };
            if taken.iter().any(same) {
                return self.refuse(key, &"a line that another one has", "a line of its own");
            }
            taken.push(line);
        }
        self.keypad(config.token.keypad.as_ref(), &taken)?;
        self.pin_pad(&config.token, &config.rules)?;
        if tamper.is_some() && service_key.is_none() {
            return self.refuse(
                "peripherals.service_key",
                &"nothing",
                "a line: the key resets the tamper switch",
            );
        }
        if tamper.is_some() && tamper_flag.is_none() {
            return self.refuse("peripherals.tamper_flag", &"nothing", "a file that outlives a power cut");
        }
        Ok(())
    }

    fn keypad(&self, keypad: Option<&Keypad>, taken: &[&Line]) -> Result<(), ConfigError> {
        let Some(keypad) = keypad else { return Ok(()) };
        for line in keypad.rows().iter().chain(&keypad.columns()) {
            self.line("token.keypad", line)?;
        }
        let wires: BTreeSet<&Wire> = keypad.rows.iter().chain(&keypad.columns).collect();
        if wires.len() < keypad.rows.len() + keypad.columns.len() {
            return self.refuse("token.keypad", &"the same line twice", "seven different lines");
        }
        if taken.iter().any(|line| line.chip == keypad.chip) {
            return self.refuse(
                "token.keypad.chip",
                &"a chip that kioskd uses too",
                "a chip of its own: who may use a chip may read all its lines",
            );
        }
        Ok(())
    }

    /// The reader's keys: one place to type a PIN, and a signer that may wait for it.
    fn pin_pad(&self, token: &Token, rules: &Rules) -> Result<(), ConfigError> {
        if !token.pin_pad {
            return Ok(());
        }
        if token.keypad.is_some() {
            return self.refuse("token.pin_pad", &"a keypad beside it", "one of them");
        }
        // A reader that asks cannot be told to stop, and the next visit waits for it: 20 s where the kiosk's own
        // driver has it ask, and as long as a module likes where that does.
        let by_module = match token.backend {
            Backend::Akis => false,
            Backend::Auto | Backend::Pkcs11 => token.module.is_some(),
        };
        let (least, expected) = if by_module {
            (
                60,
                "at least 60 seconds with token.pin_pad and a module: a reader that asks for a PIN cannot be told to stop",
            )
        } else {
            (
                30,
                "at least 30 seconds with token.pin_pad: a reader that asks for a PIN cannot be told to stop",
            )
        };
        if rules.signer_s < least {
            return self.refuse("rules.signer_s", &rules.signer_s, expected);
        }
        Ok(())
    }

    fn line(&self, key: &'static str, line: &Line) -> Result<(), ConfigError> {
        // gpio.h: `GPIO_MAX_NAME_SIZE` with the final zero.
        match (line.offset, &line.name) {
            (Some(_), None) => Ok(()),
            (None, Some(name)) if (1..32).contains(&name.len()) => Ok(()),
            (None, Some(name)) => self.refuse(key, &quoted(name), "a name of 1 to 31 bytes"),
            (Some(_), Some(_)) => self.refuse(key, &"an offset and a name", "one of them"),
            (None, None) => self.refuse(key, &"no offset and no name", "one of them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::judge::tests::fault;

    #[test]
    fn a_line_that_cannot_be_meant_is_named() {
        for (from, to, expected) in [
            (
                "lamp = { chip = \"/dev/gpiochip0\", offset = 4 }",
                "lamp = { chip = \"c\", offset = 4 }\nbuzzer = { chip = \"c\", offset = 4 }",
                "peripherals.buzzer: found a line that another one has, expected a line of its own",
            ),
            (
                "offset = 4 }",
                "name = \"GPIO4\", offset = 4 }",
                "peripherals.lamp: found an offset and a name, expected one",
            ),
            (", offset = 4 }", " }", "peripherals.lamp: found no offset and no name, expected one of them"),
            (
                "offset = 4 }",
                "name = \"\" }",
                "peripherals.lamp: found \"\", expected a name of 1 to 31 bytes",
            ),
            ("offset = 4 }", "offset = 4, pull = \"up\" }", "peripherals.lamp: found a pull, expected none"),
            (
                "offset = 4 }",
                "offset = 4 }\ntamper = { chip = \"c\", name = \"TAMPER\", pull = \"up\" }\ntamper_flag = \"f\"",
                "peripherals.service_key: found nothing, expected a line",
            ),
            (
                "offset = 4 }",
                "offset = 4 }\ntamper = { chip = \"c\", offset = 1 }\nservice_key = { chip = \"c\", offset = 2 }",
                "peripherals.tamper_flag: found nothing, expected a file",
            ),
            (
                "[rules]",
                "keypad = { chip = \"c\", rows = [0, 1, 2, 3], columns = [4, \"K5\", 4] }\n[rules]",
                "token.keypad: found the same line twice, expected seven different lines",
            ),
            (
                "[rules]",
                "keypad = { chip = \"/dev/gpiochip0\", rows = [0, 1, 2, 3], columns = [5, \"K5\", 6] }\n[rules]",
                "token.keypad.chip: found a chip that kioskd uses too, expected a chip of its own",
            ),
            (
                "[rules]",
                "pin_pad = true\nkeypad = { chip = \"c\", rows = [0, 1, 2, 3], columns = [4, 5, 6] }\n[rules]",
                "token.pin_pad: found a keypad beside it, expected one of them",
            ),
            (
                "[rules]",
                "pin_pad = true\n[rules]\nsigner_s = 59\n",
                "rules.signer_s: found 59, expected at least 60 seconds with token.pin_pad and a module",
            ),
            (
                "[rules]\n",
                "pin_pad = true\nbackend = \"akis\"\n[rules]\nsigner_s = 29\n",
                "rules.signer_s: found 29, expected at least 30 seconds with token.pin_pad",
            ),
        ] {
            let text = fault(from, to);
            assert!(text.starts_with(&format!("kiosk.toml: {expected}")), "{text}");
        }
    }
}
