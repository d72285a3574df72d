//! A run without a person: one visit by the robot with the faults asked for, the next visitor after it, and
//! what is left of both in a folder.
//!
//! It judges by `testbench/faults.toml`; how a visit is made belongs to [`crate::robot`].

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use eimza_kiosk::link::view::Service;
use serde::Serialize;

use super::{
    arguments::{Arguments, What as Asked},
    assisted,
    bench::{Bench, Display, PROCESSES, Plan},
    change, check, online, paper, remains,
    verdict::{befell, count, expected, judge, met, misread, outcome, write_application},
};
use crate::{
    card::{Card, Timing, fault},
    faults::{CardFault, Expectations, Fault, Outcome},
    helper::{Helper, HelperFault},
    portal::{Application, Timers, What},
    printer::PrinterFault,
    robot::{Errand, Hand, Login, Record, Said, Screen, Seen, Shown, State, Visit},
    visitor::Visitor,
};

/// The screen must answer this soon after its start.
pub const SCREEN_WITHIN: Duration = Duration::from_secs(60);

/// Called with every new page before the visitor does anything on it; tests pull cards and kill processes.
pub type OnPage<'a> = &'a mut dyn FnMut(&Bench, &State) -> anyhow::Result<()>;

/// What a run came to; `result.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How the visit ended.
    pub outcome: Outcome,
    /// Whether everything was as `faults.toml` says.
    pub as_expected: bool,
    /// What was not.
    pub deviations: Vec<String>,
    /// Faults asked for.
    pub faults: Vec<&'static str>,
    /// What was to go wrong with whoever helped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helper: Option<&'static str>,
    /// Faults that struck or were seen.
    pub faults_met: Vec<String>,
    /// The page before the card was asked for.
    pub page: Option<String>,
    /// The cause it named.
    pub cause: Option<String>,
    /// Applications the portal holds of this visitor.
    pub applications: usize,
    /// Whether the next visitor's healthy visit succeeded, where there was one.
    pub next_visitor_served: Option<bool>,
    /// Language, size and institution of the run.
    pub setting: BTreeMap<&'static str, String>,
    /// Milliseconds in each step of the first visit.
    pub steps_ms: BTreeMap<&'static str, u64>,
    /// What the card check said, where it was one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Said>,
    /// Every page of the first visit in order.
    pub pages: Vec<Seen>,
    /// Every page of the next one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next_pages: Vec<Seen>,
}

/// Makes the run and writes what it came to into the plan's folder.
///
/// # Errors
/// When something cannot be started, or a visit stays where it should go on.
pub fn run(arguments: &Arguments, plan: Plan) -> anyhow::Result<Report> {
    let bench = Bench::start(plan)?;
    let mut screen = Screen::connect(&bench.robot_socket(), SCREEN_WITHIN)?;
    let report = visit_and_next(arguments, &bench, &mut screen, &mut |_, _| Ok(()))?;
    fs::write(bench.plan.out.join("result.json"), serde_json::to_string_pretty(&report)? + "\n")?;
    Ok(report)
}

/// The plan of a run by the robot.
#[must_use]
pub fn plan(arguments: &Arguments, programs: &Path, out: &Path, run: &Path) -> Plan {
    Plan {
        out: out.to_owned(),
        run: run.to_owned(),
        programs: programs.to_owned(),
        display: Display::Robot,
        size: arguments.size.clone(),
        institution: arguments.institution,
        token: arguments.token,
        pin_pad: false,
        printer: (arguments.service.service() == Service::WetInk).then(|| faults(arguments)),
        visitors: vec![Visitor::generate(arguments.seed), Visitor::generate(arguments.seed ^ 0x5EED_0000)],
        helper: (arguments.service == Asked::Assisted || !arguments.auto).then(|| Helper {
            person: Visitor::generate(arguments.seed ^ 0x57AF_0000),
            fault: arguments.helper,
        }),
        timers: Timers::default(),
        portal_seed: None,
        // A robot says thank you and goes.
        rules: vec![("thank_you_s", 1), ("poll_s", 1)],
        // Long enough that the page of the signature stands and is seen.
        timing: Timing { sign: Duration::from_millis(250), ..Timing::NONE },
    }
}

fn faults(arguments: &Arguments) -> Vec<PrinterFault> {
    let of_printer = |fault: &Fault| if let Fault::Printer(fault) = fault { Some(*fault) } else { None };
    arguments.faults.iter().filter_map(of_printer).collect()
}

/// The visit with the faults asked for, then a healthy one of another person.
///
/// # Errors
/// When a visit stays where it should go on.
pub fn visit_and_next(
    arguments: &Arguments,
    bench: &Bench,
    screen: &mut Screen,
    on_page: OnPage<'_>,
) -> anyhow::Result<Report> {
    let out = bench.plan.out.clone();
    let [first, second] = [bench.plan.visitors[0].clone(), bench.plan.visitors[1].clone()];
    let faults = &arguments.faults;
    let events = bench.portal.events();
    let mut record = Record::new(&out)?;
    let service = arguments.service.service();
    let (card, language) = (bench.card(&first, emulated(faults)?)?, arguments.lang.name());
    let login = login(service, arguments.login, faults)?;
    let brought = Some(&card).filter(|_| !arguments.without_card);
    let errand = (service, &first, brought, faults.as_slice(), login);
    let mut stood = Vec::new();
    let shown = visit_with(bench, screen, &mut record, errand, language, &mut |bench, screen, state| {
        if service == Service::WetInk && state.page == "paper" && state.overlay.is_none() {
            stood.push(paper::stood(screen, language)?);
        }
        on_page(bench, state)
    })?;
    let (pages, steps_ms) = record.close();
    let mut struck: Vec<String> = Vec::new();
    let mut told = Vec::new();
    for event in events.try_iter() {
        if let What::FaultStruck { fault } = event.what {
            struck.push(fault.name().to_owned());
        }
        if let What::UnblockReported { done } = event.what {
            told.push(done);
        }
    }

    let expectations = Expectations::load()?;
    let expected = expected(&expectations, faults);
    let mine = |application: &Application| application.national_id == first.national_id;
    let applications: Vec<Application> = bench.portal.applications().into_iter().filter(mine).collect();
    let mut deviations = match service {
        Service::Renewal => judge(expected, &shown.ending, applications.len()),
        Service::Assisted => match bench.plan.helper.as_ref().filter(|_| faults.is_empty()) {
            Some(helper) => assisted::judge(helper, &shown, &pages, applications.len())?,
            None => judge(expected, &shown.ending, applications.len()),
        },
        Service::CardCheck => check::judge(&shown, faults, language)?,
        Service::ChangePin => change::judge(&shown, &pages, faults, &card, &first)?,
        Service::WetInk => paper::judge(bench, (&shown, &pages, &stood), faults, language)?,
        Service::NewPin | Service::Unblock => {
            let cards = online::Cards { present: &card, next: &bench.next_card(&first)? };
            online::judge((service, arguments.token, faults, login), &shown, &pages, &cards, &first, &told)?
        }
    };
    let renewed = matches!(service, Service::Renewal | Service::Assisted);
    let received = outcome(&shown.ending) == Outcome::Received;
    deviations.extend(assisted::recorded(&out.join("logs"), received && service == Service::Assisted)?);
    let asked = Some(applications.len()).filter(|count| !renewed && *count > 0);
    deviations.extend(asked.map(|count| format!("{} made {count} applications", arguments.service.name())));
    let mut faults_met = Vec::new();
    let clean = deviations.is_empty();
    for fault in faults {
        let expected = expectations.of(Some(*fault));
        let (meets, there) = match service {
            Service::Renewal | Service::Assisted => (true, met(expected, &struck, &shown.ending, &pages)),
            Service::CardCheck => (check::meets(*fault), clean),
            Service::ChangePin => (change::meets(*fault), clean),
            Service::WetInk => (paper::meets(*fault)?, befell(*fault, &struck, clean)),
            Service::NewPin | Service::Unblock => {
                (online::meets(service, *fault), befell(*fault, &struck, clean))
            }
        };
        if meets && there {
            faults_met.push(fault.name().to_owned());
        } else if meets && faults.len() == 1 && (renewed || clean) {
            deviations.push(format!("the fault {} was not met", fault.name()));
        }
    }
    if let Some(application) = applications.first() {
        write_application(&out, application)?;
        deviations.extend(misread(&shown.contract, application));
    }

    let mut next_pages = Vec::new();
    let mut next_visitor_served = None;
    let renews = match service {
        Service::ChangePin => change::renews(faults)?,
        Service::NewPin | Service::Unblock => online::renews(service, arguments.token, faults)?,
        Service::Renewal | Service::CardCheck | Service::WetInk | Service::Assisted => false,
    };
    if arguments.then_healthy && (renews || !faults.is_empty() || arguments.helper.is_some()) {
        let mut record = Record::new(&out.join("next-visitor"))?;
        // Whoever has another PIN renews with that on the very card; else it is somebody else's turn.
        let (next, card) = if renews {
            let pin = change::holds(&card, &first).context("the card has neither PIN")?.to_owned();
            (Visitor { pin, ..first.clone() }, card)
        } else {
            (second.clone(), bench.card(&second, None)?)
        };
        let errand = (Service::Renewal, &next, Some(&card), &[][..], Login::default());
        let shown = visit_with(bench, screen, &mut record, errand, language, &mut |_, _, _| Ok(()))?;
        let served = judge(expectations.of(None), &shown.ending, count(&bench.portal, &next));
        next_visitor_served = Some(served.is_empty());
        deviations.extend(served.into_iter().map(|what| format!("the next visitor: {what}")));
        next_pages = record.close().0;
    }
    bench.keep_log_of_pcscd().context("keeping the log of pcscd")?;
    let helper = bench.plan.helper.as_ref().map(|helper| &helper.person);
    for visitor in [&first, &second].into_iter().chain(helper) {
        for find in remains::in_logs(&out.join("logs"), &visitor.values())? {
            deviations.push(format!("the visitor's {} is in {}", find.what, find.place));
        }
    }
    let traces = paper::traces(bench);
    let traces: Vec<_> = traces.iter().map(|trace| ("document", trace.as_str())).collect();
    for find in remains::in_logs(&out.join("logs"), &traces)? {
        deviations.push(format!("something of the {} is in {}", find.what, find.place));
    }
    for name in PROCESSES {
        ensure!(bench.launcher.pid(name).is_some(), "{name} does not run at the end");
    }
    let setting = [
        ("language", arguments.lang.name().to_owned()),
        ("size", arguments.size.clone()),
        ("token", arguments.token.name().to_owned()),
        ("institution", arguments.institution.profile().trim_end_matches(".toml").to_owned()),
    ];
    Ok(Report {
        outcome: outcome(&shown.ending),
        as_expected: deviations.is_empty(),
        deviations,
        faults: faults.iter().map(|fault| fault.name()).collect(),
        helper: arguments.helper.map(HelperFault::name),
        faults_met,
        page: shown.ending.page,
        cause: shown.ending.cause,
        applications: applications.len(),
        next_visitor_served,
        setting: BTreeMap::from(setting),
        steps_ms,
        answers: shown.answers,
        pages,
        next_pages,
    })
}

/// One visit: what for, whose, and with which faults.
///
/// # Errors
/// When it stays where it should go on.
pub fn visit(
    bench: &Bench,
    screen: &mut Screen,
    record: &mut Record,
    (service, visitor, faults): (Service, &Visitor, &[Fault]),
    language: &str,
    on_page: OnPage<'_>,
) -> anyhow::Result<Shown> {
    let card = bench.card(visitor, emulated(faults)?)?;
    let login = login(service, None, faults)?;
    let errand = (service, visitor, Some(&card), faults, login);
    visit_with(bench, screen, record, errand, language, &mut |bench, _, state| on_page(bench, state))
}

/// How the visitor logs in: as is wished, or so that the faults are met.
fn login(service: Service, wished: Option<Login>, faults: &[Fault]) -> anyhow::Result<Login> {
    match (service, wished) {
        (_, Some(login)) => Ok(login),
        (Service::NewPin | Service::Unblock, None) => online::login(service, faults),
        (
            Service::Renewal | Service::CardCheck | Service::ChangePin | Service::Assisted | Service::WetInk,
            None,
        ) => Ok(Login::default()),
    }
}

/// What is wrong with the card itself, or with the slot.
fn emulated(faults: &[Fault]) -> anyhow::Result<Option<fault::CardFault>> {
    let of_card = faults.iter().rev().find_map(|fault| match fault {
        Fault::Portal(_) | Fault::Printer(_) | Fault::Card(CardFault::WrongPin) => None,
        Fault::Card(other) => Some(other.name()),
    });
    Ok(of_card.map(str::parse).transpose()?)
}

/// The same with this card, which has the faults already.
fn visit_with(
    bench: &Bench,
    screen: &mut Screen,
    record: &mut Record,
    (service, visitor, card, faults, login): (Service, &Visitor, Option<&Card>, &[Fault], Login),
    language: &str,
    on_page: &mut dyn FnMut(&Bench, &mut Screen, &State) -> anyhow::Result<()>,
) -> anyhow::Result<Shown> {
    let portal_faults: Vec<_> = faults
        .iter()
        .filter_map(|fault| if let Fault::Portal(fault) = fault { Some(*fault) } else { None })
        .collect();
    let wrong_pin_first = faults.contains(&Fault::Card(CardFault::WrongPin));
    bench.portal.set_faults(&portal_faults);
    let fault = emulated(faults)?;
    let helper = helper(bench, service, fault)?;
    if let (Some(fault), None) = (fault, &helper) {
        fault.arm(&bench.slot);
    }
    if let (Service::Unblock, Some(card)) = (service, card) {
        card.set_tries(0);
    }
    let errand = Errand {
        visitor,
        card,
        slot: &bench.slot,
        portal: &bench.portal,
        keys: bench.pcscd.keys(),
        wrong_pin_first,
        printer: bench.printer.as_ref(),
        service,
        helper,
        other: None,
    };
    let visit = Visit::new(
        errand,
        language,
        screen,
        record,
        Box::new(|screen, state| on_page(bench, screen, state)),
    )?;
    visit.logging_in(login).make()
}

/// Who comes along, and with what in mind.
fn helper(
    bench: &Bench,
    service: Service,
    then: Option<fault::CardFault>,
) -> anyhow::Result<Option<Hand<'_>>> {
    let (Some(helper), Some(card)) = (&bench.plan.helper, bench.helper_card()) else { return Ok(None) };
    if service != Service::Assisted {
        return Ok(None);
    }
    if let Some(fault) = helper.fault.map(HelperFault::emulated).transpose()?.flatten() {
        fault.arm(&bench.slot);
    }
    Ok(Some(Hand { card, pin: &helper.person.pin, fault: helper.fault, then }))
}
