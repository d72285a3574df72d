//! Updates on a board whose RAUC is a program of ours. What RAUC itself refuses is in `tests/appliance`.

use std::{fs, time::Duration};

use super::{UpdateError, check, install, install::Checked, settle};
use crate::{
    appliance::stand_ins::Board,
    link::view::Setback,
    system::{Phase, System, Update},
    visit_lock::VisitLock,
};

const NOON: i64 = 1_790_000_000 / 86_400 * 86_400 + 12 * 3600;

const ASKS: &str =
    "busctl --json=short get-property de.pengutronix.rauc / de.pengutronix.rauc.Installer Operation";
const INSPECTS: &str =
    "busctl --json=short call de.pengutronix.rauc / de.pengutronix.rauc.Installer InspectBundle sa{sv}";

/// A state of the disk in which somebody left the last update.
fn lies(board: &Board, phase: Phase, slot: &str) -> Update {
    let update = Update { phase, version: "1.5".into(), slot: slot.into(), reason: None, setback: None };
    update.write(&board.roots.state).unwrap();
    update
}

fn last(board: &Board) -> Update {
    Update::read(&board.roots.state).unwrap()
}

#[test]
fn an_update_is_written_down_as_it_goes_and_the_board_starts_anew() {
    let board = Board::new();
    let state = board.roots.state.display();
    board.offers("1.5");
    // What stands on the disk while RAUC writes is what a power cut leaves.
    board.rauc(&format!("cp '{state}' '{state}.during'"));
    let restarting = install(&board.roots, "/tmp/a.raucb").unwrap();
    assert!(VisitLock::try_take(&board.roots.lock).unwrap().is_none(), "nobody is served until then");
    drop(restarting);
    let inspected = format!("{INSPECTS} /tmp/a.raucb 0");
    let bound = "rauc install --require-manifest-hash=hash-of-1.5 /tmp/a.raucb";
    assert_eq!(board.calls(), [ASKS, &inspected, bound, "systemctl reboot"]);
    let during = Update::read(&board.roots.state.with_file_name("last.json.during")).unwrap();
    assert_eq!(during.phase, Phase::Writing);
    let trial =
        Update { phase: Phase::Trial, version: "1.5".into(), slot: "B".into(), reason: None, setback: None };
    assert_eq!(last(&board), trial);
}

#[test]
fn a_raspberry_pi_is_asked_to_try_the_other_system_once() {
    let board = Board::new();
    let due = board.roots.boot.due.display();
    board.offers("1.5");
    board.rauc(&format!("echo B >'{due}'"));
    drop(install(&board.roots, "a.raucb").unwrap());
    assert_eq!(board.calls().last().unwrap(), "systemctl start --no-block kiosk-tryboot.service");
}

#[test]
fn no_update_begins_while_somebody_is_served() {
    let board = Board::new();
    board.offers("1.5");
    let visit = VisitLock::try_take(&board.roots.lock).unwrap().unwrap();
    assert!(matches!(install(&board.roots, "a.raucb"), Err(UpdateError::Busy)));
    assert_eq!(board.calls(), [ASKS], "nothing was even looked at");
    assert_eq!(Update::read(&board.roots.state), None);
    drop(visit);
    drop(install(&board.roots, "a.raucb").unwrap());
}

#[test]
fn a_system_on_trial_takes_no_update_over_the_one_it_could_go_back_to() {
    let board = Board::new();
    board.offers("1.6");
    let refused = || {
        let before = fs::read(&board.roots.state).ok();
        assert!(matches!(install(&board.roots, "a.raucb"), Err(UpdateError::OnTrial { slot: "A" })));
        assert_eq!(fs::read(&board.roots.state).ok(), before, "what is to be judged is still known");
        assert_eq!(board.calls(), Vec::<String>::new());
    };
    lies(&board, Phase::Trial, "A");
    refused();
    // One that was written by hand is not in the state.
    lies(&board, Phase::Kept, "B");
    fs::write(&board.roots.kept, "B").unwrap();
    refused();
    fs::write(&board.roots.kept, "A").unwrap();
    drop(install(&board.roots, "a.raucb").unwrap());
}

#[test]
fn no_update_begins_and_nobody_is_served_while_raucs_service_still_writes() {
    let board = Board::new();
    let operation = board.roots.state.with_file_name("operation");
    fs::write(&operation, "installing").unwrap();
    let at = operation.display();
    board.bus_while(&format!("cat '{at}'; echo idle >'{at}'"), "exit 1");
    assert!(matches!(install(&board.roots, "a.raucb"), Err(UpdateError::Busy)));
    assert_eq!(Update::read(&board.roots.state), None);
    // One that loses its connection and is still told of twice: what `flock` says each time is kept.
    let (lock, asked) = (board.roots.lock.display(), board.roots.state.with_file_name("asked"));
    let at = asked.display();
    let told = format!(
        "flock -n '{lock}' echo free >>'{at}' || echo held >>'{at}'; \
         case $(wc -l <'{at}') in 1|4) echo idle ;; *) echo installing ;; esac"
    );
    board.bus_while(&told, "echo 'Call failed: the connection is lost' >&2; exit 1");
    assert!(matches!(install(&board.roots, "a.raucb"), Err(UpdateError::Rauc(_))));
    assert_eq!(fs::read_to_string(asked).unwrap(), "free\nheld\nheld\nheld\n");
    assert!(VisitLock::try_take(&board.roots.lock).unwrap().is_some());
}

#[test]
fn nobody_is_served_while_an_update_is_written() {
    let board = Board::new();
    let lock = board.roots.lock.display();
    board.offers("1.5");
    // `flock -n` ends with 1 where the lock is held.
    board.rauc(&format!("flock -n '{lock}' true && exit 3; exit 0"));
    drop(install(&board.roots, "a.raucb").unwrap());
}

#[test]
fn a_loader_that_is_too_old_is_named_before_anything_begins() {
    let board = Board::new();
    board.offers("1.5");
    fs::create_dir_all(&board.roots.boot.firmware).unwrap();
    fs::write(board.roots.boot.firmware.join("capabilities"), 1_u32.to_be_bytes()).unwrap();
    let fault = install(&board.roots, "a.raucb").unwrap_err().to_string();
    assert!(fault.contains("the board's boot loader is too old for updates"), "{fault}");
    assert_eq!(board.calls(), Vec::<String>::new());
    assert_eq!((last(&board).phase, last(&board).setback), (Phase::Refused, Some(Setback::OldLoader)));
    assert_eq!(settle(&board.roots).unwrap().setback(), Some(Setback::OldLoader));
    board.configure("[updates]\naddress = 'https://u.invalid'\n");
    assert!(matches!(check(&board.roots, Some(NOON)), Err(UpdateError::Boot(_))));
    assert!(!board.calls().iter().any(|call| call.contains("install")));
}

#[test]
fn what_is_refused_is_kept_with_its_reason_and_nothing_starts_anew() {
    let board = Board::new();
    let refused = || {
        let fault = install(&board.roots, "a.raucb").unwrap_err().to_string();
        assert_eq!((last(&board).phase, last(&board).reason), (Phase::Refused, Some(fault.clone())));
        fault
    };
    let offered = |for_whom: &str, version: &str| {
        board.knows(for_whom, version);
        refused()
    };
    board.bus("echo 'Call failed: signature verification failed: x' >&2; exit 1");
    assert_eq!(refused(), "Call failed: signature verification failed: x");
    board.bus("echo nonsense");
    assert!(refused().contains("expected one with compatible, version and manifest-hash"));
    board.rauc("exit 1");
    assert!(offered("eimza-kiosk-other", "1.5").contains("expected one for eimza-kiosk-raspberrypi5"));
    assert!(offered("eimza-kiosk-raspberrypi5", "1.3").contains("expected no older one than 1.4"));
    assert!(offered("eimza-kiosk-raspberrypi5", "next").contains("found next"));
    assert!(offered("eimza-kiosk-raspberrypi5", "1.5").contains("exit status: 1"));
    board.rauc(
        "echo '100% Installing failed.'; echo 'LastError: of the service'; echo 'it failed' >&2; exit 1",
    );
    assert_eq!(refused(), "of the service");
    assert!(!board.calls().iter().any(|call| call.starts_with("systemctl")));
}

#[test]
fn an_update_that_is_written_without_end_is_stopped_and_the_kiosk_serves_again() {
    let mut board = Board::new();
    board.offers("1.5");
    board.rauc("exec sleep 600");
    board.roots.writes_within = Duration::ZERO;
    let fault = install(&board.roots, "a.raucb").unwrap_err().to_string();
    assert!(fault.starts_with("found an update that was still being written"), "{fault}");
    assert_eq!((last(&board).phase, last(&board).reason), (Phase::Refused, Some(fault)));
    let told: Vec<String> = board.calls().into_iter().filter(|call| call.starts_with("systemctl")).collect();
    assert_eq!(told, ["systemctl stop rauc.service"], "and nothing starts anew");
    assert!(VisitLock::try_take(&board.roots.lock).unwrap().is_some(), "nobody holds the lock any more");
}

#[test]
fn only_a_newer_version_is_taken_and_only_where_and_when_it_is_wanted() {
    let board = Board::new();
    board.offers("1.4");
    board.configure("");
    assert!(matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::NotWanted));
    board.configure("[updates]\naddress = 'https://u.invalid/kiosk/'\nwindow_utc = '01:00-02:00'\n");
    assert!(matches!(check(&board.roots, None).unwrap(), Checked::NoTime));
    assert!(matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::NotNow));
    assert_eq!(board.calls(), Vec::<String>::new());
    let night = NOON - 12 * 3600 + 90 * 60;
    assert!(matches!(check(&board.roots, Some(night)).unwrap(), Checked::UpToDate(_)));
    let source = "https://u.invalid/kiosk/stable/eimza-kiosk-raspberrypi5.raucb";
    let inspected = format!("{INSPECTS} {source} 0");
    assert_eq!(board.calls(), [inspected.as_str()]);
    board.offers("1.4.1");
    assert!(matches!(check(&board.roots, Some(night)).unwrap(), Checked::Restarting(_)));
    assert_eq!(last(&board).phase, Phase::Trial);
    // What is installed is what was offered: it is not asked for anew.
    let bound = format!("rauc install --require-manifest-hash=hash-of-1.4.1 {source}");
    assert_eq!(board.calls()[1..], [&inspected, ASKS, &bound, "systemctl reboot"]);
    board.bus("echo 'Call failed: no such file' >&2; exit 1");
    assert_eq!(check(&board.roots, Some(night)).unwrap_err().to_string(), "Call failed: no such file");
}

#[test]
fn a_version_that_was_left_is_not_tried_for_ever() {
    let board = Board::new();
    board.configure("[updates]\naddress = 'https://u.invalid/kiosk/'\n");
    board.offers("1.5");
    assert!(matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::Restarting(_)));
    Update { phase: Phase::RolledBack, ..last(&board) }.write(&board.roots.state).unwrap();
    assert!(
        matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::LeftBefore(version) if version == "1.5")
    );
    board.offers("1.6");
    assert!(matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::Restarting(_)));
    // A night without a time server says nothing of the system.
    let setback = Some(Setback::ClockNotSet);
    Update { phase: Phase::RolledBack, setback, ..last(&board) }.write(&board.roots.state).unwrap();
    assert!(matches!(check(&board.roots, Some(NOON)).unwrap(), Checked::Restarting(_)));
}

#[test]
fn what_became_of_an_update_is_written_down_and_told_at_the_next_start() {
    let board = Board::new();
    let fresh = System { slot: Some("A".into()), version: Some("1.4".into()), update: None };
    assert_eq!(settle(&board.roots).unwrap(), fresh);
    board.offers("1.5");
    drop(install(&board.roots, "a.raucb").unwrap());
    let system = settle(&board.roots).unwrap();
    let back = system.update.clone().unwrap();
    assert_eq!((back.phase, back.reason.as_deref()), (Phase::RolledBack, Some("it did not come up")));
    assert_eq!(last(&board), back);
    assert_eq!(System::read(&board.roots.system), system);
    drop(install(&board.roots, "a.raucb").unwrap());
    fs::write(&board.roots.boot.cmdline, "rauc.slot=B").unwrap();
    assert_eq!(settle(&board.roots).unwrap().update.unwrap().phase, Phase::Trial, "it is to be judged");
    fs::write(&board.roots.state, "{").unwrap();
    assert_eq!(settle(&board.roots).unwrap().update, None, "written in part by nobody, and of no use");
}
