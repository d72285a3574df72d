//! A card in a private pcscd, by hand: prints the environment for OpenSC's tools and takes orders on standard
//! input (`in`, `next`, `out`, `pull-at-verify`, `pull-at-sign`, `quit`).
#![expect(clippy::print_stdout, reason = "this program talks to whoever sits at the terminal")]

use std::{io::BufRead, path::PathBuf, str::FromStr};

use anyhow::Context;
use clap::Parser;
use testbench::{
    card::{Model, Pull, Timing, fault},
    opensc,
    pcscd::Pcscd,
    pki::Pki,
    visitor::Visitor,
};

/// An emulated AKİS card in a private pcscd.
#[derive(Parser)]
struct Arguments {
    /// Seed of the test person.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which card: v1.0, v1.0-t0 or v2.
    #[arg(long, default_value = "v1.0", value_parser = Model::from_str)]
    model: Model,
    /// What is wrong with the card.
    #[arg(long, value_parser = fault::CardFault::from_str)]
    fault: Option<fault::CardFault>,
    /// Takes as long as a card does.
    #[arg(long)]
    slow: bool,
    /// Folder for the files of pcscd and ca.pem.
    #[arg(long, default_value = "card-emulator")]
    folder: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let visitor = Visitor::generate(arguments.seed);
    let pki = Pki::generate(jiff::Timestamp::now().as_second())?;
    let card = fault::card_of(arguments.model, &pki, &visitor, arguments.fault)?;
    let next = fault::next_card(&pki, &visitor)?;
    let pcscd = Pcscd::start(&arguments.folder)?;
    std::fs::write(arguments.folder.join("ca.pem"), pki.ca_pem())?;
    let slot = pcscd.slot(0);
    if arguments.slow {
        slot.set_timing(Timing::CARD);
    }
    if let Some(fault) = arguments.fault {
        fault.arm(slot);
    }
    slot.insert(&card)?;
    for (name, value) in pcscd.env() {
        println!("export {name}={}", value.display());
    }
    println!("# PIN {} PUK {}, PIN of the next card {}", visitor.pin, visitor.puk, visitor.next_card_pin);
    println!("# pkcs11-tool --module {} -O", opensc::module().context("no OpenSC module")?.display());
    for order in std::io::stdin().lock().lines() {
        match order?.as_str() {
            "in" => slot.insert(&card)?,
            "next" => slot.insert(&next)?,
            "out" => slot.remove(),
            "pull-at-verify" => slot.arm(Pull::AtVerify),
            "pull-at-sign" => slot.arm(Pull::AtSign),
            "quit" => break,
            other => println!("# {other:?} is not one of in, next, out, pull-at-verify, pull-at-sign, quit"),
        }
    }
    for event in slot.events() {
        println!("# {event}");
    }
    Ok(())
}
