//! A visit under way, and at random the card, its service or the signer pulled out from under it.
//!
//! One seed gives one order of steps. Nothing is judged by time but that a page which asks nothing goes on; what a
//! step may lead to is judged by [`judge`].

mod chance;
pub mod judge;

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use eimza_kiosk::link::view::Service;

use self::{
    chance::{Chance, Step},
    judge::{Judge, Usage},
};
use crate::{
    card::{Card, Timing},
    demo::{
        arguments::Arguments,
        auto,
        bench::{Bench, KIOSK_TOKEN, KIOSK_UI, KIOSKD, PROCESSES, Plan},
    },
    pcscd::{Pcscd, READERS},
    robot::{Errand, Record, Screen, State, Visit, same},
};

/// A page that asks nothing must go on, and a process that was killed be back, within this time.
const WITHIN: Duration = Duration::from_secs(60);
/// Acts on one page that come to nothing, one after the other, before the page is said to be stuck.
const VAIN_ACTS: u32 = 12;
/// After so many of them a card is taken out or put in once more, as anybody does when nothing comes of it.
const OUT_AGAIN: u32 = 3;
/// How long an act may take to show on the screen: a reader looks at its slot every 0.4 s.
const SHOWS_WITHIN: Duration = Duration::from_secs(2);
/// A program that is killed more often than this is given up by its keeper, as by systemd.
const KILLS_APART: Duration = Duration::from_secs(2);

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// Steps made, by what they were.
    pub steps: Vec<(Step, u32)>,
    /// Visits that were begun.
    pub visits: u32,
    /// How often pcscd itself was wrong about the card until it was moved once more.
    pub unseen: u32,
    /// Applications the portal holds.
    pub applications: usize,
    /// Descriptors, threads and memory of each process after the first visit.
    pub before: Vec<Usage>,
    /// The same after the last.
    pub after: Vec<Usage>,
}

/// Makes `steps` steps and, before and after them, a whole visit.
///
/// # Errors
/// Names the step after which something did not hold.
pub fn run(
    arguments: &Arguments,
    plan: Plan,
    steps: u32,
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Report> {
    let seed = arguments.seed;
    let mut bench = Bench::start(plan)?;
    let mut screen = Screen::connect(&bench.robot_socket(), auto::SCREEN_WITHIN)?;
    healthy(arguments, &bench, &mut screen).context("the visit before the first step")?;
    let before = usage(&bench)?;

    let cards = [card(&bench, 0)?, card(&bench, 1)?];
    let mut soak = Soak {
        judge: Judge::new(&bench),
        cards,
        killed: Instant::now(),
        chance: Chance::new(seed),
        visits: 0,
        unseen: 0,
    };
    if let Err(error) = soak.steps(&mut bench, &mut screen, steps, say) {
        let story: String = bench.slot.events().iter().map(|event| format!("{event}\n")).collect();
        std::fs::write(bench.plan.out.join("logs/card.log"), story)?;
        return Err(error);
    }
    let Soak { chance, visits, unseen, .. } = soak;

    healthy(arguments, &bench, &mut screen).context("the visit after the last step")?;
    let after = usage(&bench)?;
    judge::steady(&before, &after)?;
    Ok(Report {
        steps: chance.made(),
        visits,
        unseen,
        applications: bench.portal.applications().len(),
        before,
        after,
    })
}

struct Soak {
    judge: Judge,
    cards: [Card; 2],
    killed: Instant,
    chance: Chance,
    visits: u32,
    unseen: u32,
}

impl Soak {
    fn steps(
        &mut self,
        bench: &mut Bench,
        screen: &mut Screen,
        steps: u32,
        say: &mut dyn FnMut(&str),
    ) -> anyhow::Result<()> {
        let mut done = 0;
        while done < steps {
            self.visits += 1;
            done = self.visit(bench, screen, done, steps, say)?;
        }
        bench.slot.remove();
        until(screen, "attract", |state| state.page == "attract").map(|_| ())
    }

    /// One visit with steps in it, until the attract page stands again or there are no more.
    fn visit(
        &mut self,
        bench: &mut Bench,
        screen: &mut Screen,
        mut done: u32,
        steps: u32,
        say: &mut dyn FnMut(&str),
    ) -> anyhow::Result<u32> {
        let visitor = bench.plan.visitors[0].clone();
        let pictures = bench.plan.run.join("soak");
        let mut record = Record::new(&pictures)?;
        let Bench { slot, portal, pcscd, launcher, .. } = bench;
        let slot = slot.clone();
        let errand = Errand {
            visitor: &visitor,
            card: Some(&self.cards[0]),
            printer: None,
            slot: &slot,
            portal,
            keys: None,
            wrong_pin_first: false,
            service: Service::Renewal,
            helper: None,
            other: None,
        };
        let mut visit = Visit::new(errand, "tr", screen, &mut record, Box::new(|_, _| Ok(())))?;
        let (mut vain, mut began, mut strange) = (0, false, false);
        while done < steps {
            done += 1;
            let step = self.chance.next();
            let place = visit.look()?;
            let named = format!("step {done} of {steps}: {step:?} on the page {}", place.page);
            let made = (|| -> anyhow::Result<()> {
                match step {
                    // Nobody goes on with another person's card in the slot.
                    Step::Act if std::mem::take(&mut strange) => slot.remove(),
                    Step::Act if vain >= OUT_AGAIN && awaits_card(&place) && slot.is_occupied() => {
                        ensure!(
                            !others_see_a_card(pcscd)?,
                            "a card is in, and only the kiosk does not see it"
                        );
                        self.unseen += 1;
                        slot.remove();
                        vain += 1;
                    }
                    Step::Act if vain >= OUT_AGAIN && place.page == "take-card" && !slot.is_occupied() => {
                        ensure!(others_see_a_card(pcscd)?, "only the kiosk sees a card that is not in");
                        self.unseen += 1;
                        slot.insert(&self.cards[0])?;
                        vain += 1;
                    }
                    Step::Act => match act(&mut visit, &place)? {
                        true => vain = 0,
                        false => vain += 1,
                    },
                    Step::Settle => settle(&mut visit)?,
                    Step::Insert => {
                        slot.insert(&self.cards[0])?;
                        strange = false;
                    }
                    Step::Pull => slot.remove(),
                    Step::Swap => {
                        slot.remove();
                        slot.insert(&self.cards[1])?;
                        strange = true;
                    }
                    Step::Trap(pull) => slot.arm(pull),
                    Step::RestartCardService => {
                        pcscd.stop();
                        pcscd.restart()?;
                    }
                    Step::Kill(name) if self.killed.elapsed() > KILLS_APART => {
                        self.killed = Instant::now();
                        let starts = launcher.starts(name);
                        launcher.kill(name)?;
                        launcher.wait_for_start(name, starts + 1, WITHIN)?;
                    }
                    Step::Kill(_) => {}
                }
                Ok(())
            })();
            made.with_context(|| named.clone())?;
            say(&named);
            ensure!(vain <= VAIN_ACTS, "{named}: nothing that a person does there goes on");
            self.judge.look(portal, &slot, visit.pins_typed()).with_context(|| named.clone())?;
            let state = visit.look()?;
            began |= state.page != "attract";
            if began && state.page == "attract" && !slot.is_occupied() {
                break;
            }
        }
        self.judge.visit_over(visit.pins_typed());
        Ok(done)
    }
}

/// Does what the page asks for; whether the screen shows something else for it soon.
fn act(visit: &mut Visit<'_>, place: &State) -> anyhow::Result<bool> {
    let acted = visit.act_once()?;
    let now = visit.look()?;
    if !same(&now, place) {
        return Ok(true);
    }
    visit.wait(&now, SHOWS_WITHIN)?;
    Ok(!same(&visit.look()?, place) || acted && passing(&now))
}

/// A page that asks nothing goes on in bounded time.
fn settle(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let deadline = Instant::now() + WITHIN;
    loop {
        let state = visit.look()?;
        if !passing(&state) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "the page {} does not go on", state.page);
        visit.wait(&state, Duration::from_secs(1))?;
    }
}

/// Whether the page asks nothing of a person.
fn passing(state: &State) -> bool {
    ["waiting", "starting", "out-of-service", "reading-card", "busy", "signing", "thank-you"]
        .contains(&state.page.as_str())
}

fn awaits_card(state: &State) -> bool {
    ["attract", "card-pulled"].contains(&state.page.as_str())
}

/// Whether PC/SC says so to another program. Where a card leaves while pcscd 1.9 resets it, the outcome of the reset
/// is written over what pcscd saw: it says empty, or mute, until a card is taken out or put in. What it says wrongly
/// is not the kiosk's fault; what it says rightly and the kiosk does not know is.
fn others_see_a_card(pcscd: &Pcscd) -> anyhow::Result<bool> {
    let other = Command::new("opensc-tool").arg("--list-readers").envs(pcscd.env()).output()?;
    let listed = String::from_utf8_lossy(&other.stdout);
    let reader = listed.lines().find(|line| line.contains(READERS[0]));
    Ok(reader.with_context(|| format!("no reader: {listed}"))?.contains(" Yes "))
}

fn until(screen: &mut Screen, what: &str, wanted: impl Fn(&State) -> bool) -> anyhow::Result<State> {
    let deadline = Instant::now() + WITHIN * 2;
    let mut state = screen.state()?;
    while !wanted(&state) {
        if Instant::now() > deadline {
            bail!("{what} does not come: {state:?}");
        }
        state = screen.wait(&state, Duration::from_secs(1))?;
    }
    Ok(state)
}

fn card(bench: &Bench, visitor: usize) -> anyhow::Result<Card> {
    bench.card(&bench.plan.visitors[visitor], None)
}

fn healthy(arguments: &Arguments, bench: &Bench, screen: &mut Screen) -> anyhow::Result<()> {
    bench.slot.remove();
    until(screen, "attract", |state| state.page == "attract" && state.connected)?;
    let report = auto::visit_and_next(arguments, bench, screen, &mut |_, _| Ok(()))?;
    let (page, cause) = (report.page.as_deref(), report.cause.as_deref());
    ensure!(page == Some("result"), "the visit ended on {page:?} for {cause:?}");
    Ok(())
}

fn usage(bench: &Bench) -> anyhow::Result<Vec<Usage>> {
    PROCESSES
        .into_iter()
        .map(|name| {
            Usage::of(name, bench.launcher.pid(name).with_context(|| format!("{name} does not run"))?)
        })
        .collect()
}

/// The plan of a run: waits are short, so that a visit left alone ends soon.
#[must_use]
pub fn plan(arguments: &Arguments, programs: &Path, out: &Path, run: &Path) -> Plan {
    let mut plan = auto::plan(arguments, programs, out, run);
    plan.timing = Timing::NONE;
    // With a code in hand a pulled card is waited for until the code's end, which has to come WITHIN.
    plan.timers.code_life = WITHIN;
    plan.rules.extend([("card_back_s", 4), ("take_card_s", 1), ("result_s", 5)]);
    plan
}

/// The processes that are killed.
pub(crate) const KILLED: [&str; 3] = [KIOSK_TOKEN, KIOSK_UI, KIOSKD];
