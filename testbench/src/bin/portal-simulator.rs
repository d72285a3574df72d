//! The portal simulator by itself: prints its addresses, then what it does and the SMS messages it sends.
//!
//! It makes authorities of its own and leaves what a client needs in a folder; it knows nothing of the kiosk.

#![expect(clippy::print_stdout, reason = "its terminal is what this program is for")]

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Parser;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use testbench::{
    pki::{Holder, Key, KeyKind, Pki, Variant, pem},
    portal::{Account, Fault, Institution, NewCard, Options, Person, Simulator, Timers},
};

/// Serves the renewal portal of the guide on this machine, with faults on request.
#[derive(Parser)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// TOML file with the persons the portal knows, as `[[person]]` tables; one test person without it.
    #[arg(long)]
    register: Option<PathBuf>,
    /// A fault that is on; may be given several times. `list` names them all.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Seconds the SMS code lives.
    #[arg(long, default_value_t = 300)]
    sms_life: u64,
    /// Seconds the verification code lives.
    #[arg(long, default_value_t = 300)]
    code_life: u64,
    /// Folder for the certificates that clients need, and for the log.
    #[arg(long, default_value = "portal-simulator")]
    out: PathBuf,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    person: Vec<Person>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.faults.iter().any(|name| name == "list") {
        for fault in Fault::ALL {
            println!("{}", fault.name());
        }
        return Ok(());
    }
    let faults = arguments
        .faults
        .iter()
        .map(|name| {
            Fault::named(name).with_context(|| format!("no fault is named {name:?}; try --fault list"))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;

    println!("Sertifikalar hazırlanıyor…");
    std::fs::create_dir_all(&arguments.out).with_context(|| arguments.out.display().to_string())?;
    let simulator = Simulator::start(options(&arguments, faults)?)?;
    let events = simulator.events();
    println!("MEB      {}", simulator.address(Institution::Meb));
    println!("Sağlık   {}", simulator.address(Institution::Saglik));
    println!("Online   {}", simulator.online_address());
    println!("İmza     {}", simulator.signing_address());
    println!(
        "Dosyalar {} (tls-ca.pem, nes-ca.pem, nes.pem, nes-key.pem, portal.jsonl)",
        arguments.out.display()
    );

    let outbox = simulator.outbox();
    std::thread::spawn(move || {
        let mut index = 0;
        loop {
            if let Some(sms) = outbox.wait_for(index, Duration::from_secs(3600)) {
                println!("SMS → {}: {}", sms.to, sms.text);
                index += 1;
            }
        }
    });
    for event in events {
        println!("{:>4} {}", event.number, serde_json::to_string(&event.what)?);
    }
    Ok(())
}

/// Authorities, a server certificate and a card's certificate, made now and left in the folder.
fn options(arguments: &Arguments, faults: Vec<Fault>) -> anyhow::Result<Options> {
    let register = match &arguments.register {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            toml::from_str::<Register>(&text).with_context(|| file.display().to_string())?.person
        }
        None => vec![test_person()],
    };
    let pki = Pki::generate(jiff::Timestamp::now().as_second())?;
    let server = pki.server(&[])?;
    let write = |name: &str, content: &[u8]| {
        std::fs::write(arguments.out.join(name), content).with_context(|| name.to_owned())
    };
    write("tls-ca.pem", pki.tls_ca_pem().as_bytes())?;
    write("nes-ca.pem", pki.ca_pem().as_bytes())?;
    if let Some(person) = register.first() {
        let name = format!("{} {}", person.given_name, person.surname);
        let holder = Holder { name: &name, national_id: &person.national_id };
        let credential = pki.issue(holder, Variant::Valid, KeyKind::Rsa2048)?;
        let key = match &credential.key {
            Key::Rsa(key) => key.to_pkcs8_pem(LineEnding::LF)?,
            Key::P384(key) => key.to_pkcs8_pem(LineEnding::LF)?,
        };
        write("nes.pem", pem("CERTIFICATE", &credential.certificate).as_bytes())?;
        write("nes-key.pem", key.as_bytes())?;
    }
    let mut options =
        Options::new(server.certificate_pem(), server.key_pem(), vec![pki.ca_pem().into_bytes()], register);
    options.listen.set_port(arguments.port);
    options.faults = faults;
    options.log = Some(arguments.out.join("portal.jsonl"));
    options.timers = Timers {
        sms_life: Duration::from_secs(arguments.sms_life),
        code_life: Duration::from_secs(arguments.code_life),
        ..Timers::default()
    };
    Ok(options)
}

fn test_person() -> Person {
    Person {
        national_id: "10000000146".to_owned(),
        given_name: "DENEME".to_owned(),
        surname: "SINAMA".to_owned(),
        birth_place: "ESKİŞEHİR".to_owned(),
        birth_date: "15.08.1975".to_owned(),
        institution: "ESKİŞEHİR İLİ MİLLÎ EĞİTİM MÜDÜRLÜĞÜ".to_owned(),
        registry_number: "12345678".to_owned(),
        eligible: true,
        online: Some(Account {
            security_word: "Deneme-42-Sınama".to_owned(),
            phone: "5350000001".to_owned(),
            puk: "48151623".to_owned(),
            new_card: Some(NewCard { pin: "730518".to_owned(), usable_from: 1_830_000_000 }),
        }),
    }
}
