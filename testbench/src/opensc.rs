//! OpenSC as the bench's PKCS#11 module: the independent witness for the card, up to version 0.24.
//!
//! It knows nothing of the kiosk.

use std::path::{Path, PathBuf};

/// Its configuration.
///
/// The AKİS driver is one of the "old" ones, off by default, and knows the card by its answer over T=1 alone. `lock_login` keeps the card locked from login to
/// logout; without it any other program could sign meanwhile. Nothing is kept on disk or in memory: neither
/// certificates nor the PIN. What the security officer would log in with is taken for the PUK.
pub const CONFIGURATION: &str = "\
app default {
    debug = 0;
    card_drivers = old, internal;
    reader_driver pcsc {
        enable_pinpad = true;
        enable_escape = false;
        connect_exclusive = false;
        disconnect_action = reset;
        transaction_end_action = leave;
        reconnect_action = reset;
    }
    card_atr 3b:3a:11:00:55:45:4b:41:45:20:56:31:2e:30 {
        driver = \"akis\";
    }
    framework pkcs15 {
        use_file_caching = no;
        use_pin_caching = false;
    }
}
app opensc-pkcs11 {
    pkcs11 {
        lock_login = true;
        user_pin_unblock_style = init_pin_in_so_session;
        create_slots_for_pins = \"user\";
        max_virtual_slots = 8;
        slots_per_card = 1;
        init_sloppy = false;
    }
}
";

/// Where the module is, on Debian and where else it is usually found.
#[must_use]
pub fn module() -> Option<PathBuf> {
    [
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib64/opensc-pkcs11.so",
        "/usr/lib/opensc-pkcs11.so",
        "/usr/local/lib/opensc-pkcs11.so",
    ]
    .into_iter()
    .map(Path::new)
    .find(|path| path.exists())
    .map(Path::to_owned)
}
