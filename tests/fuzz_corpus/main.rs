//! What the fuzz targets found worth keeping holds with an ordinary compiler too: `fuzz/corpus`, by the same checks.

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::{fs, path::Path};

/// Calls the check with every file of a target's corpus.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("a file").path();
        let bytes = fs::read(&path).expect("a file that can be read");
        // The name of the file stands above a panic's own words.
        let held = std::panic::catch_unwind(|| check(&bytes));
        assert!(held.is_ok(), "{}", path.display());
        replayed += 1;
    }
    assert!(replayed >= 10, "{} has {replayed} files: a corpus is missing", folder.display());
}

#[test]
fn answers_of_a_card_hold_for_all_that_was_found() {
    replay("apdu", checks::apdu);
}

#[test]
fn files_of_a_card_hold_for_all_that_was_found() {
    replay("pkcs15", checks::pkcs15);
}

#[test]
fn certificates_hold_for_all_that_was_found() {
    replay("certificate", checks::certificate);
}
