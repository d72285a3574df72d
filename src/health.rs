//! What `kioskd` says of the kiosk, in a volatile file, for the health check that keeps or leaves a new system.
//!
//! Facts only; what follows from them is decided in `kiosk-appliance`.

use serde::{Deserialize, Serialize};

/// What was true when it was written; it is written anew whenever one of it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Whose word it is: the process that wrote it.
    pub process: u32,
    /// A page of this process stands on the display: the screen drew it and said so.
    pub drawn: bool,
    /// The PC/SC service answers. There may be no reader: that is no fault of the system.
    pub readers: bool,
    /// The wall clock can be trusted.
    pub clock: bool,
    /// The signer is connected.
    pub signer: bool,
}
