//! RAUC's calls on a folder that stands for a board, in the order RAUC makes them.

use std::{fs, os::unix::fs::MetadataExt};

use tempfile::TempDir;

use super::{Autoboot, BootError, Roots, Slot, answer, judge_if_any};
use crate::durable;

const FACTORY: &str = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=4\n";
/// Boot from USB, tryboot and tryboot_a_b.
const ABLE: u32 = 0b1101;

struct Board {
    roots: Roots,
    _folder: TempDir,
}

impl Board {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots::under(folder.path());
        for file in [&roots.autoboot, &roots.due, &roots.cmdline, &roots.firmware.join("x")] {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
        }
        fs::write(&roots.autoboot, FACTORY).unwrap();
        let board = Self { roots, _folder: folder };
        board.runs("A");
        board.firmware(ABLE);
        board
    }

    fn runs(&self, slot: &str) {
        fs::write(&self.roots.cmdline, format!("root=PARTLABEL=root rauc.slot={slot} ro\n")).unwrap();
    }

    fn firmware(&self, capabilities: u32) {
        let property = |name: &str, bytes: &[u8]| fs::write(self.roots.firmware.join(name), bytes).unwrap();
        property("capabilities", &capabilities.to_be_bytes());
        property("build-timestamp", &1_599_135_103_u32.to_be_bytes());
        property("version", b"c305221a6d7e532693cad7ff57fddfc8649def16\0");
    }

    fn ask(&self, words: &str) -> String {
        let words: Vec<&str> = words.split(' ').collect();
        answer(&self.roots, &words).unwrap().unwrap_or_default().to_owned()
    }

    fn fault(&self, words: &str) -> BootError {
        let words: Vec<&str> = words.split(' ').collect();
        answer(&self.roots, &words).unwrap_err()
    }

    /// What the firmware starts next; `tried` says whether the reboot asks for a try.
    fn starts(&self, tried: bool) -> String {
        let text = fs::read_to_string(&self.roots.autoboot).unwrap();
        let section = if tried { "[tryboot]" } else { "[all]" };
        let from = text.find(section).unwrap();
        let line = text[from..].lines().find_map(|line| line.strip_prefix("boot_partition=")).unwrap();
        match line {
            "2" => "A".to_owned(),
            "4" => "B".to_owned(),
            other => panic!("{other}"),
        }
    }

    /// The volatile folder is empty after any start.
    fn restart(&self, slot: &str) {
        drop(fs::remove_file(&self.roots.due));
        self.runs(slot);
    }

    /// What RAUC does around the writing of an update.
    fn install(&self) {
        let other = if self.ask("get-current") == "A" { "B" } else { "A" };
        self.ask(&format!("set-state {other} bad"));
        self.ask(&format!("set-primary {other}"));
    }
}

#[test]
fn a_board_from_the_factory_starts_its_only_system() {
    let board = Board::new();
    assert_eq!(board.ask("get-primary"), "A");
    assert_eq!(board.ask("get-current"), "A");
    assert_eq!(board.ask("get-state A"), "good");
    assert_eq!(board.ask("get-state B"), "bad");
}

#[test]
fn an_update_is_tried_once_and_is_the_rule_only_when_it_is_well() {
    let board = Board::new();
    board.install();
    assert_eq!(board.ask("get-primary"), "B");
    assert_eq!(board.ask("get-state B"), "good");
    assert_eq!((board.starts(true).as_str(), board.starts(false).as_str()), ("B", "A"));
    board.restart("B");
    assert_eq!(board.ask("get-primary"), "A", "until it is well");
    board.ask("set-state B good");
    assert_eq!(board.ask("get-primary"), "B");
    assert_eq!((board.starts(true).as_str(), board.starts(false).as_str()), ("A", "B"));
    board.restart("B");
    board.install();
    assert_eq!((board.ask("get-primary").as_str(), board.starts(true).as_str()), ("A", "A"));
}

#[test]
fn an_update_that_does_not_come_up_leaves_the_former_system_the_rule() {
    let board = Board::new();
    board.install();
    board.restart("A");
    assert_eq!(board.ask("get-primary"), "A");
    assert_eq!(board.ask("get-state B"), "bad");
    // One that came up and is not well says so itself.
    board.install();
    board.restart("B");
    board.ask("set-state B bad");
    assert_eq!(board.starts(false), "A");
}

#[test]
fn a_rule_that_is_marked_bad_goes_to_a_system_that_has_been_well_and_to_no_other() {
    let board = Board::new();
    board.ask("set-state A bad");
    assert_eq!(board.starts(false), "A", "the other one is empty");
    board.ask("set-state A good");
    board.install();
    board.restart("B");
    board.ask("set-state B good");
    board.ask("set-state B bad");
    assert_eq!(board.starts(false), "A");
}

#[test]
fn an_update_that_is_called_off_is_not_tried() {
    let board = Board::new();
    board.install();
    board.ask("set-primary A");
    assert_eq!((board.ask("get-primary").as_str(), board.roots.due()), ("A", None));
    board.install();
    board.ask("set-state B bad");
    assert_eq!(board.roots.due(), None);
}

#[test]
fn wherever_the_power_goes_the_former_system_or_the_good_one_starts() {
    // A content that is written beside and not in force yet, whole or in part.
    for torn in ["", "# good: A B\n[all]\ntryboot_a_b=1\nboot_part", FACTORY] {
        let board = Board::new();
        fs::write(durable::beside(&board.roots.autoboot), torn).unwrap();
        assert_eq!(board.starts(false), "A");
        board.install();
        // Between RAUC's calls: every prefix of them.
        board.restart("A");
        assert_eq!((board.ask("get-primary").as_str(), board.starts(false).as_str()), ("A", "A"));
        board.install();
        board.restart("B");
        fs::write(durable::beside(&board.roots.autoboot), torn).unwrap();
        assert_eq!(board.starts(false), "A");
        board.ask("set-state B good");
        assert_eq!(board.starts(false), "B");
    }
}

#[test]
fn a_loader_that_is_too_old_is_named_with_its_version_and_day() {
    let board = Board::new();
    for capabilities in [0, 0b1000, 0b0100] {
        board.firmware(capabilities);
        let text = board.fault("set-primary B").to_string();
        assert!(text.contains("version c305221a6d7e532693cad7ff57fddfc8649def16 of 2020-09-03"), "{text}");
        assert!(text.contains("expected one that can start a system on trial"), "{text}");
        assert_eq!(board.ask("get-primary"), "A");
        assert!(judge_if_any(&board.roots.firmware).is_err());
        board.ask("set-primary A");
    }
    fs::remove_dir_all(&board.roots.firmware).unwrap();
    assert!(board.fault("set-primary B").to_string().contains("version unknown of an unknown day"));
    assert!(judge_if_any(&board.roots.firmware).is_ok(), "another board has another loader");
}

#[test]
fn a_file_that_is_not_ours_is_named_and_left_alone() {
    let board = Board::new();
    for text in [
        "",
        "[all]\nboot_partition=2\n[tryboot]\nboot_partition=4\n",
        "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=2\n",
        "[all]\ntryboot_a_b=1\nboot_partition=3\n[tryboot]\nboot_partition=4\n",
        "[pi5]\nboot_partition=2\n",
    ] {
        fs::write(&board.roots.autoboot, text).unwrap();
        assert!(matches!(board.fault("set-state B bad"), BootError::Autoboot { .. }), "{text}");
        assert_eq!(fs::read_to_string(&board.roots.autoboot).unwrap(), text);
    }
    fs::remove_file(&board.roots.autoboot).unwrap();
    assert!(matches!(board.fault("get-primary"), BootError::File { .. }));
}

#[test]
fn words_rauc_does_not_use_and_a_kernel_that_was_not_told_are_named() {
    let board = Board::new();
    for words in ["", "get-state", "get-state C", "set-state A fine", "set-primary"] {
        assert!(matches!(board.fault(words), BootError::Words { .. }), "{words}");
    }
    board.runs("C");
    assert!(board.fault("get-current").to_string().contains("found C, expected rauc.slot=A"));
    fs::write(&board.roots.cmdline, "ro quiet").unwrap();
    assert!(matches!(board.fault("set-state A good"), BootError::Running { .. }));
}

#[test]
fn a_system_that_is_good_already_has_nothing_written() {
    let file = |board: &Board| fs::metadata(&board.roots.autoboot).unwrap().ino();
    let board = Board::new();
    board.ask("set-state A good");
    let before = file(&board);
    board.ask("set-state A good");
    assert_eq!(file(&board), before);
    board.ask("set-state A bad");
    assert_ne!(file(&board), before);
}

#[test]
fn what_is_written_is_what_is_read() {
    let mut autoboot = Autoboot::parse(FACTORY).unwrap();
    for (slot, running) in [(Slot::B, Slot::B), (Slot::A, Slot::B)] {
        autoboot.mark_good(slot, running);
        assert_eq!(Autoboot::parse(&autoboot.to_string()).unwrap(), autoboot);
    }
    autoboot.mark_bad(Slot::A);
    autoboot.mark_bad(Slot::B);
    assert_eq!(Autoboot::parse(&autoboot.to_string()).unwrap(), autoboot);
}
