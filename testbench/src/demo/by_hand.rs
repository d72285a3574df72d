//! A run by hand: the screen is before a person, the terminal plays telephone, card and trouble.
//!
//! It reads lines and prints what a person at the kiosk would have in their hands; it judges nothing, and knows no more
//! of the kiosk than where its card goes.

use std::{
    fmt::Write,
    io::BufRead,
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use super::{
    arguments::Arguments,
    bench::{Bench, Display, PROCESSES, Plan},
};
use crate::{
    card::{Card, Slot, fault},
    faults::{CardFault, Fault},
    portal::{self, Simulator},
    visitor::Visitor,
};

const KEYS: &str = "\
  i  insert the card            p  pull the card
  h  insert the card of whoever helps (its PIN is among the data)
  n  insert the card that was sent (its PIN is learned at the kiosk)
  sms  the messages again       who  the test person's data again
  fault NAME…  these faults are on from now (none: fault); a card's fault needs p and i
  kill NAME  kill -9 kioskd, kiosk-token or kiosk-ui; it is started again
  reader in, reader out  plug the card reader in or out, where it can be
  q  stop everything";

/// What a person's hands can reach, whatever kiosk it is.
pub struct Reach<'a> {
    /// The telephone, and the portal's faults.
    pub portal: &'a Simulator,
    /// Where the card goes.
    pub slot: &'a Slot,
    /// Whose card it is.
    pub visitor: &'a Visitor,
    /// Makes that card, healthy or broken.
    pub card: &'a dyn Fn(Option<fault::CardFault>) -> anyhow::Result<Card>,
    /// The card that was sent to the same person.
    pub next: &'a Card,
    /// The card of whoever helps another person, and its PIN.
    pub helper: Option<(&'a Card, &'a str)>,
    /// `kill -9` of one of the kiosk's processes.
    pub kill: &'a dyn Fn(&str) -> anyhow::Result<()>,
    /// Plugs the reader in or out.
    pub reader: Option<&'a dyn Fn(bool) -> anyhow::Result<()>>,
}

enum Heard {
    Line(String),
    Message(usize),
    End,
}

/// Runs until `q`, the end of the input, or a signal.
///
/// # Errors
/// When something cannot be started.
pub fn run(arguments: &Arguments, plan: Plan, say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let bench = Bench::start(Plan { display: Display::Window, ..plan })?;
    say("The kiosk is in the window. The captcha is on its screen; what else a visitor needs is here.\n");
    let visitor = &bench.plan.visitors[0];
    let next = bench.next_card(visitor)?;
    let reach = Reach {
        portal: &bench.portal,
        slot: &bench.slot,
        visitor,
        card: &|fault| bench.card(visitor, fault),
        next: &next,
        helper: bench.helper_card().zip(bench.plan.helper.as_ref().map(|it| it.person.pin.as_str())),
        kill: &|name| bench.launcher.kill(name),
        reader: None,
    };
    converse(reach, &arguments.faults, say)
}

/// The terminal's part of a run, with these faults on, until `q` or the end of the input.
///
/// # Errors
/// When a fault cannot be switched on.
pub fn converse(reach: Reach<'_>, faults: &[Fault], say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let (to, heard) = channel();
    listen(reach.portal, to);
    let mut hand = Hand { reach, faults: faults.to_vec(), card: None };
    hand.set_faults();
    say(&hand.person());
    say(KEYS);
    for event in heard {
        match event {
            Heard::Line(line) => match hand.obey(line.trim()) {
                Ok(Some(answer)) => say(&answer),
                Ok(None) => break,
                Err(error) => say(&format!("{error:#}")),
            },
            Heard::Message(index) => say(&hand.message(index)),
            Heard::End => break,
        }
    }
    Ok(())
}

/// The terminal and the telephone, one after the other.
fn listen(portal: &Simulator, to: Sender<Heard>) {
    let outbox = portal.outbox();
    let telephone = to.clone();
    std::thread::spawn(move || {
        for index in 0.. {
            while outbox.wait_for(index, Duration::from_secs(3600)).is_none() {}
            if telephone.send(Heard::Message(index)).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if to.send(Heard::Line(line)).is_err() {
                return;
            }
        }
        let _ = to.send(Heard::End);
    });
}

struct Hand<'a> {
    reach: Reach<'a>,
    faults: Vec<Fault>,
    card: Option<Card>,
}

impl Hand<'_> {
    /// `None` ends the run.
    fn obey(&mut self, line: &str) -> anyhow::Result<Option<String>> {
        let mut words = line.split_whitespace();
        let answer = match (words.next().unwrap_or(""), words.collect::<Vec<_>>().as_slice()) {
            ("", []) => KEYS.to_owned(),
            ("i", []) => {
                let card = match &self.card {
                    Some(card) => card,
                    None => {
                        let fault = self.card_fault()?;
                        let card = (self.reach.card)(fault)?;
                        if let Some(fault) = fault {
                            fault.arm(self.reach.slot);
                        }
                        self.card.insert(card)
                    }
                };
                self.reach.slot.insert(card)?;
                "The card is in.".to_owned()
            }
            ("h", []) => match self.reach.helper {
                Some((card, _)) => {
                    self.reach.slot.insert(card)?;
                    "The helper's card is in.".to_owned()
                }
                None => "Nobody helps here.".to_owned(),
            },
            ("n", []) => {
                self.reach.slot.insert(self.reach.next)?;
                "The card that was sent is in.".to_owned()
            }
            ("p", []) => {
                self.reach.slot.remove();
                "The card is out.".to_owned()
            }
            ("sms", []) => (0..self.reach.portal.outbox().count())
                .map(|index| self.message(index))
                .collect::<Vec<_>>()
                .join("\n"),
            ("who", []) => self.person(),
            ("fault", names) => {
                self.faults = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
                self.set_faults();
                self.card = None;
                format!("{} faults are on.", self.faults.len())
            }
            ("kill", [name]) if PROCESSES.contains(name) => {
                (self.reach.kill)(name)?;
                format!("{name} was killed.")
            }
            ("reader", [way @ ("in" | "out")]) => match self.reach.reader {
                Some(plug) => {
                    plug(*way == "in")?;
                    format!("The reader is {way}.")
                }
                None => "This reader is always there.".to_owned(),
            },
            ("q", []) => return Ok(None),
            _ => format!("{line:?} is not understood.\n{KEYS}"),
        };
        Ok(Some(answer))
    }

    fn set_faults(&self) {
        let of_portal = |fault: &Fault| match fault {
            Fault::Portal(fault) => Some(*fault),
            Fault::Card(_) | Fault::Printer(_) => None,
        };
        let faults: Vec<portal::Fault> = self.faults.iter().filter_map(of_portal).collect();
        self.reach.portal.set_faults(&faults);
    }

    fn card_fault(&self) -> anyhow::Result<Option<crate::card::fault::CardFault>> {
        for fault in &self.faults {
            match fault {
                // The wrong PIN is the person's own doing.
                Fault::Portal(_) | Fault::Printer(_) | Fault::Card(CardFault::WrongPin) => {}
                Fault::Card(other) => return Ok(Some(other.name().parse()?)),
            }
        }
        Ok(None)
    }

    fn message(&self, index: usize) -> String {
        match self.reach.portal.outbox().list().get(index) {
            Some(sms) => format!("SMS to {}: {}", sms.to, sms.text),
            None => String::new(),
        }
    }

    fn person(&self) -> String {
        brought(self.reach.visitor, self.reach.helper.map(|(_, pin)| pin))
    }
}

/// What the person, and whoever helps, would bring along, by the labels of the screen.
fn brought(visitor: &Visitor, helper: Option<&str>) -> String {
    let choices = &visitor.choices;
    let rows = [
        ("T.C. kimlik numarası", visitor.national_id.as_str()),
        ("Ad, soyad", &visitor.full_name()),
        ("Doğum yeri", &visitor.birth_place),
        ("Doğum tarihi", &visitor.birth_date),
        ("Güvenlik sözcüğü", &visitor.security_word),
        ("Birim", &visitor.unit),
        ("Unvan", &visitor.title),
        ("Adres", &visitor.address),
        ("İl, ilçe", &format!("{}, {}", choices.province_name, choices.district_name)),
        ("Posta kodu", &choices.postal_code),
        ("E-posta", &visitor.email),
        ("İş telefonu", &visitor.work_phone),
        ("Cep telefonu", &format!("{} ({})", visitor.mobile_phone, choices.mobile_operator)),
        ("PIN", &visitor.pin),
    ];
    let helper = helper.map(|pin| ("PIN, yardım eden", pin));
    rows.into_iter().chain(helper).fold("The test person:\n".to_owned(), |mut text, (label, value)| {
        let _ = writeln!(text, "  {label:<22}{value}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{Visitor, brought};

    #[test]
    fn the_terminal_says_what_a_login_asks_for_and_nothing_that_only_the_portal_knows() {
        let visitor = Visitor::generate(7);
        let text = brought(&visitor, Some("135790"));
        let said = |name| {
            let value = visitor.values().into_iter().find(|(it, _)| *it == name).map(|(_, value)| value);
            text.contains(value.expect("a value of that name"))
        };
        for name in ["national-id", "security-word", "pin"] {
            assert!(said(name), "{name} is not among\n{text}");
        }
        for name in ["puk", "next-card-pin"] {
            assert!(!said(name), "{name} is among\n{text}");
        }
        assert!(text.contains("135790"), "the PIN of whoever helps");
    }
}
