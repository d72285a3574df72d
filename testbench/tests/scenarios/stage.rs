//! A bench for one test, and visits on it.

use clap::Parser;
use tempfile::TempDir;
use testbench::{
    demo::{
        arguments::Arguments,
        auto::{self, OnPage, Report},
        bench::{Bench, PROCESSES, Plan},
        remains,
    },
    faults::Fault,
    portal::What,
    programs,
    robot::{Record, Screen, Seen, Shown},
};

/// Folders go with it; so does everything that was started.
pub(crate) struct Stage {
    pub(crate) arguments: Arguments,
    pub(crate) bench: Bench,
    pub(crate) screen: Screen,
    pub(crate) out: TempDir,
    _run: TempDir,
}

/// Whether the card is reached through OpenSC.
pub(crate) fn is_pkcs11() -> bool {
    std::env::var("KIOSK_TOKEN").is_ok_and(|name| name == "pkcs11")
}

impl Stage {
    /// A bench as `scripts/demo --auto` with these arguments has it; the way to the card by `KIOSK_TOKEN`, if set.
    pub(crate) fn set(arguments: &[&str]) -> Self {
        Self::set_as(arguments, |_| {})
    }

    /// The same with something of the plan changed.
    pub(crate) fn set_as(arguments: &[&str], change: impl FnOnce(&mut Plan)) -> Self {
        let token = std::env::var("KIOSK_TOKEN").map(|name| format!("--token={name}"));
        let token = token.as_deref().ok();
        let arguments = ["demo", "--auto"].into_iter().chain(token).chain(arguments.iter().copied());
        let arguments = Arguments::parse_from(arguments);
        let out = TempDir::with_prefix("kiosk-result-").expect("a folder");
        let run = TempDir::with_prefix("kiosk-").expect("a folder");
        let mut plan = auto::plan(&arguments, programs::built(), out.path(), run.path());
        change(&mut plan);
        let bench = Bench::start(plan).expect("the bench starts");
        let screen = Screen::connect(&bench.robot_socket(), auto::SCREEN_WITHIN).expect("the screen answers");
        Self { arguments, bench, screen, out, _run: run }
    }

    /// The screen by itself, the bench, and its folders, that of the result first.
    pub(crate) fn apart(self) -> (Screen, Bench, [TempDir; 2]) {
        (self.screen, self.bench, [self.out, self._run])
    }

    /// The run the demo makes: the visit asked for and the next visitor, judged.
    pub(crate) fn run(&mut self) -> Report {
        self.run_with(&mut |_, _| Ok(()))
    }

    /// The same of a service that asks nothing of the portal, unless somebody renews after it.
    pub(crate) fn run_alone(&mut self) -> Report {
        let events = self.bench.portal.events();
        let report = self.run();
        assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
        assert!(report.pages.iter().any(|seen| seen.page == "insert-card"));
        if report.next_visitor_served.is_none() {
            let asked = events.try_iter().map(|event| event.what);
            let asked: Vec<What> = asked.filter(|what| !matches!(what, What::FaultsSet { .. })).collect();
            assert!(asked.is_empty(), "the portal was asked: {asked:?}");
        }
        report
    }

    /// The same, with what is to happen on the pages of the first visit.
    pub(crate) fn run_with(&mut self, on_page: OnPage<'_>) -> Report {
        auto::visit_and_next(&self.arguments, &self.bench, &mut self.screen, on_page)
            .unwrap_or_else(|error| panic!("{error:#}\n{}", self.logs()))
    }

    /// One visit of the first person, with what is to happen on its pages.
    pub(crate) fn visit(&mut self, faults: &[Fault], on_page: OnPage<'_>) -> (Shown, Vec<Seen>) {
        let visitor = self.bench.plan.visitors[0].clone();
        let mut record = Record::new(self.out.path()).expect("a folder");
        let shown = auto::visit(
            &self.bench,
            &mut self.screen,
            &mut record,
            (self.arguments.service.service(), &visitor, faults),
            self.arguments.lang.name(),
            on_page,
        );
        let shown =
            shown.unwrap_or_else(|error| panic!("{error:#}\n{:#?}\n{}", record.since(0), self.logs()));
        (shown, record.close().0)
    }

    /// After a visit: nothing of the first person is in any process, or in any log.
    pub(crate) fn nothing_remains(&self) {
        let visitor = &self.bench.plan.visitors[0];
        for name in PROCESSES {
            let pid = self.bench.launcher.pid(name).expect("it runs");
            let finds = remains::in_memory(pid, &visitor.values()).expect("root may read");
            assert_eq!(finds, [], "in {name} after the visit");
        }
        let logs = remains::in_logs(&self.out.path().join("logs"), &visitor.values());
        assert_eq!(logs.expect("the logs are there"), []);
    }

    /// The last lines of the processes' logs, which hold nothing personal.
    fn logs(&self) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(self.out.path().join("logs")).into_iter().flatten().flatten() {
            let log = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(25)..];
            text += &format!("--- {}\n{}\n", entry.path().display(), last.join("\n"));
        }
        text
    }
}

/// The pages in order, without the waits between.
pub(crate) fn pages(seen: &[Seen]) -> Vec<&str> {
    let mut pages: Vec<&str> = seen.iter().map(|seen| seen.page.as_str()).collect();
    pages.retain(|page| !["busy", "starting", "waiting", "reading-card"].contains(page));
    pages.dedup();
    pages
}
