//! What the visitor does on each page.
//!
//! It finds everything by the labels of the screen and decides as the person of the errand would; it knows
//! nothing of what the kiosk makes of a touch.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use eimza_kiosk::link::view::Service;

use super::{
    screen::State,
    visit::{Ending, STEP, Said, Visit, same},
};
use crate::pcscd::Finger;

const BUTTON: Option<&str> = Some("button");
/// On the first page, where there is more than it has room for.
const OTHERS: &str = "Diğer işlemler";
/// A message that did not come within this time after the one before is not waited for.
const AGAIN: Duration = Duration::from_secs(10);
/// A page of a document is looked at again after this time: it stands for a moment before it can be turned.
const PAGE_STANDS: Duration = Duration::from_millis(200);

impl Visit<'_> {
    /// Does what the page asks for.
    pub(super) fn act(&mut self, state: &State) -> anyhow::Result<()> {
        match state.overlay.as_deref() {
            Some("still-there") => return self.tap("Buradayım"),
            Some("help") => return self.tap("Devam et"),
            Some("cancel-confirm") => return self.tap("Hayır, devam et"),
            Some(other) => bail!("an overlay nobody knows: {other}"),
            None => {}
        }
        match state.page.as_str() {
            "waiting" | "starting" | "out-of-service" | "reading-card" | "busy" | "signing" | "thank-you" => {
                Ok(())
            }
            "paper" => self.turn_page(),
            "printing" => self.mind_printer(),
            "attract" => self.come(state),
            "insert-card" => self.insert(),
            "card-check" => self.check(state),
            "eligibility" if state.cause.is_none() => self.tap("Başla"),
            "notice" => {
                self.agree()?;
                self.tap("Devam et")
            }
            "login" => self.log_in(state),
            "form" => self.fill(state),
            "login-way" => self.choose_login(),
            "word-set" => self.tap("Girişe devam et"),
            "new-card-pin" => self.learn_pin(state),
            "review" => self.review(state),
            "sms-send" if self.swaps() => self.swap(),
            "sms-send" => self.tap("Gönder"),
            "sms-code" => self.type_sms_code(state),
            "method" => self.tap("Elektronik imzayla"),
            "contract" => self.read_contract(),
            "certificate" => {
                let holder = self.errand.visitor.full_name();
                Ok(self.screen.tap(&holder, BUTTON)?)
            }
            "last-try" => {
                self.read_again()?;
                self.tap("Son hakkımı kullan")
            }
            "pin" => self.type_pin(),
            "hand-over" => self.hand_over(),
            "new-pin" => self.change_pin(),
            "card-pulled" => self.put_back(),
            "result" | "pin-set" => self.end(state, "Bitir, kartımı al"),
            "eligibility" | "trouble" | "unreadable" | "printed" => self.end(state, "Bitir"),
            "take-card" => {
                self.screen.agree()?;
                self.errand.remove();
                Ok(())
            }
            other => bail!("a page nobody knows: {other}"),
        }
    }

    /// Taps the button with this Turkish label, in the language of the visit.
    pub(super) fn tap(&mut self, turkish: &str) -> anyhow::Result<()> {
        let label = self.words.say(turkish)?;
        Ok(self.screen.tap(&label, None)?)
    }

    fn come(&mut self, state: &State) -> anyhow::Result<()> {
        if state.language != self.language {
            // The button carries both languages, whichever is on.
            let switch = ["English (dili değiştir)", "Türkçe (change language)"];
            let controls = self.screen.controls()?;
            let there = switch
                .into_iter()
                .map(str::to_owned)
                .chain(switch.into_iter().filter_map(|label| self.words.say(label).ok()))
                .find(|label| controls.iter().any(|control| control.label == *label))
                .context("no button changes the language")?;
            return Ok(self.screen.tap(&there, BUTTON)?);
        }
        let service = match self.errand.service {
            Service::Renewal => return self.insert(),
            Service::CardCheck => "Kart kontrolü",
            Service::ChangePin => "PIN değiştirme",
            Service::WetInk => "Islak imza",
            Service::NewPin => "Yeni kartın PIN'i",
            Service::Unblock => "Kilit çözme",
            Service::Assisted => "Yardımlı yenileme",
        };
        let label = self.words.say(service)?;
        if self.screen.controls()?.iter().any(|control| control.label == label) {
            return self.tap(service);
        }
        self.tap(OTHERS)?;
        self.tap(service)
    }

    /// Reads every answer and goes.
    fn check(&mut self, state: &State) -> anyhow::Result<()> {
        let about = ["Kart okuyucu", "Kart", "Sertifika", "PIN kodu", "Deneme imzası", "Yenileme"];
        let trial = self.words.say("Deneme imzası at")?;
        let about = about.map(|words| self.words.say(words)).into_iter().collect::<Result<Vec<_>, _>>()?;
        let more = self.words.say("Devamını göster")?;
        self.answers.clear();
        loop {
            let controls = self.screen.controls()?;
            let on = controls.iter().any(|it| it.label == more && it.role == "button" && it.enabled);
            for control in controls.into_iter().filter(|it| about.contains(&it.label)) {
                let Some((light, found)) = control.value.split_once(": ") else { continue };
                let said = Said { about: control.label, light: light.to_owned(), found: found.to_owned() };
                if !self.answers.contains(&said) {
                    self.answers.push(said);
                }
            }
            if !on {
                break;
            }
            self.screen.tap(&more, BUTTON)?;
        }
        if self.pins_typed == 0 && self.screen.controls()?.iter().any(|it| it.label == trial) {
            return Ok(self.screen.tap(&trial, BUTTON)?);
        }
        self.end(state, "Bitir")
    }

    /// Reads the page to its end, and goes on to the next; from the last it is printed.
    fn turn_page(&mut self) -> anyhow::Result<()> {
        let more = self.words.say("Devamını göster")?;
        let ways = [self.words.say("Sonraki sayfa")?, self.words.say("Yazdır")?];
        let deadline = Instant::now() + STEP;
        loop {
            let state = self.screen.state()?;
            let controls = self.screen.controls()?;
            let on = |label: &str| {
                controls.iter().any(|it| it.label == label && it.role == "button" && it.enabled)
            };
            if on(&more) {
                self.screen.tap(&more, BUTTON)?;
                continue;
            }
            if let Some(way) = ways.iter().find(|way| on(way)) {
                return Ok(self.screen.tap(way, BUTTON)?);
            }
            if state.page != "paper" {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no way on from a page");
            self.screen.wait(&state, PAGE_STANDS)?;
        }
    }

    /// Puts paper in where the page asks for it.
    fn mind_printer(&mut self) -> anyhow::Result<()> {
        let asks = self.words.say("Yazıcıda kâğıt kalmadı.")?;
        let asked = self.screen.controls()?.iter().any(|control| control.label == asks);
        match self.errand.printer {
            Some(printer) if asked && printer.is_empty() => printer.fill(),
            Some(_) | None => Ok(()),
        }
    }

    fn insert(&mut self) -> anyhow::Result<()> {
        if self.errand.card.is_none() {
            return self.tap("Kartım yok");
        }
        if !self.errand.slot.is_occupied() {
            self.screen.agree()?;
            match self.helper() {
                Some(helper) => self.errand.slot.insert(helper.card)?,
                None => self.errand.insert()?,
            }
        }
        Ok(())
    }

    /// Agrees to what the notice says, which depends on what it is for.
    fn agree(&mut self) -> anyhow::Result<()> {
        let controls = self.screen.controls()?;
        let agreement = controls.iter().find(|it| it.role == "checkbox").context("nothing to agree to")?;
        Ok(self.screen.tap(&agreement.label, None)?)
    }

    pub(super) fn end(&mut self, state: &State, button: &str) -> anyhow::Result<()> {
        self.ending = Some(Ending { page: Some(state.page.clone()), cause: state.cause.clone() });
        self.said = self.screen.controls()?.into_iter().map(|control| control.label).collect();
        self.tap(button)
    }

    /// Turns the pages of answers to the last, which is what a careful person reads.
    fn review(&mut self, state: &State) -> anyhow::Result<()> {
        let right = self.words.say("Doğru, gönder")?;
        let more = self.words.say("Devamı ({} / {})")?;
        let more = more.split('{').next().unwrap_or_default();
        for _ in 0..20 {
            let controls = self.screen.controls()?;
            let buttons = || controls.iter().filter(|control| control.role == "button" && control.enabled);
            if buttons().any(|control| control.label == right) {
                return Ok(self.screen.tap(&right, BUTTON)?);
            }
            let next = buttons().find(|control| control.label.starts_with(more)).context("no way on")?;
            self.screen.tap(&next.label, BUTTON)?;
        }
        bail!("the answers of {} have no end", state.page)
    }

    /// The next message's code. Where none comes after one that was typed, that one is typed again: the page may
    /// have come back because the card was away.
    fn type_sms_code(&mut self, state: &State) -> anyhow::Result<()> {
        let index = self.messages_before + self.codes_typed;
        let start = Instant::now();
        let deadline = start + STEP * 4;
        let sms = loop {
            if let Some(sms) = self.errand.portal.outbox().wait_for(index, Duration::from_millis(500)) {
                self.codes_typed += 1;
                break sms;
            }
            if self.codes_typed > 0 && start.elapsed() > AGAIN {
                break self.errand.portal.outbox().list().pop().context("the messages are gone")?;
            }
            if !same(&self.screen.state()?, state) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("message number {index} did not come");
            }
        };
        self.press_digits(&sms.code)?;
        self.tap("Onayla")
    }

    /// Reads the texts a screenful at a time; what cannot be reached so is pushed up with a finger.
    fn read_contract(&mut self) -> anyhow::Result<()> {
        let (more, on) = (self.words.say("Devamını göster")?, self.words.say("Okudum, PIN'e geç")?);
        loop {
            let serial = self.screen.state()?.serial;
            let controls = self.screen.controls()?;
            if self.screen.state()?.serial != serial {
                continue;
            }
            let buttons = || controls.iter().filter(|control| control.role == "button");
            if !buttons().any(|button| button.label == on) {
                // It turned meanwhile: what stands now is another page's to do.
                return Ok(());
            }
            if self.contract_serial.replace(serial) != Some(serial) {
                self.contract.clear();
            }
            let texts = controls.iter().filter(|control| control.role == "text");
            // Lines that need no mark of their own are drawn together.
            self.contract.extend(texts.flat_map(|text| text.label.lines()).map(str::to_owned));
            let enabled = |label: &str| buttons().any(|button| button.label == label && button.enabled);
            if enabled(&on) {
                return Ok(self.screen.tap(&on, BUTTON)?);
            }
            if enabled(&more) {
                self.screen.tap(&more, BUTTON)?;
            } else {
                self.screen.scroll_end()?;
            }
        }
    }

    fn type_pin(&mut self) -> anyhow::Result<()> {
        self.read_again()?;
        if let Some(pin) = self.helpers_pin() {
            self.press_digits(&pin)?;
            return self.tap("Tamam");
        }
        let right = &self.errand.visitor.pin;
        let typed = if self.errand.wrong_pin_first && self.pins_typed == 0 {
            another_pin(right)
        } else {
            right.clone()
        };
        self.pins_typed += 1;
        if let Some(keys) = self.errand.keys {
            keys.then(Finger::Types(typed));
            return Ok(());
        }
        self.press_digits(&typed)?;
        self.tap("Tamam")
    }

    /// The PIN there is, unless it is being opened, the new one, and that once more; each is found by its name, and
    /// has a picture.
    fn change_pin(&mut self) -> anyhow::Result<()> {
        let visitor = self.errand.visitor;
        let old = if self.errand.wrong_pin_first && self.pins_typed == 0 {
            another_pin(&visitor.pin)
        } else {
            visitor.pin.clone()
        };
        self.pins_typed += 1;
        let present = self.words.say("Şimdiki PIN")?;
        let opens = self.screen.controls()?.iter().all(|it| it.label != present);
        let pins = [
            ("Şimdiki PIN", &old, "old"),
            ("Yeni PIN", &visitor.new_pin, "new"),
            ("Yeni PIN (tekrar)", &visitor.new_pin, "again"),
        ];
        for (name, pin, picture) in pins.into_iter().skip(usize::from(opens)) {
            let name = self.words.say(name)?;
            let asked =
                self.screen.controls()?.into_iter().any(|it| it.role == "text-input" && it.label == name);
            ensure!(asked, "{name} is not what is asked for");
            self.press_digits(pin)?;
            self.record.picture(&format!("new-pin-{picture}"), self.screen)?;
            self.tap("Tamam")?;
        }
        Ok(())
    }

    /// A screen that was started anew shows the texts again before it takes a PIN or the yes to the last try.
    fn read_again(&mut self) -> anyhow::Result<()> {
        let read = self.words.say("Okudum, PIN'e geç")?;
        if self.screen.controls()?.iter().any(|control| control.label == read) {
            self.read_contract()?;
        }
        Ok(())
    }

    pub(super) fn press_digits(&mut self, digits: &str) -> anyhow::Result<()> {
        for digit in digits.chars().filter(char::is_ascii_digit) {
            self.screen.tap(&digit.to_string(), BUTTON)?;
        }
        Ok(())
    }
}

/// A PIN of the same length that is not this one.
pub(super) fn another_pin(pin: &str) -> String {
    pin.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}
