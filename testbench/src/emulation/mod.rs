//! The appliance in a virtual machine, with everything around it that a renewal needs.
//!
//! | module | owns |
//! |---|---|
//! | [`qmp`], [`agent`] | the ways to QEMU's monitor and to the guest's agent |
//! | [`machine`] | QEMU: its parts, power, what is plugged in |
//! | [`glass`] | the guest's screen as an eye and a finger have it |
//! | [`provision`] | the data partition with the office's settings |
//! | [`memory`] | what is in use inside |
//! | [`stand`] | all of it put together, with the guest's twin on the host |
//! | [`auto`] | a renewal by the robot |
//! | [`browser`] | a guest with a browser, for comparison |
//! | [`by_hand`] | a run by VNC |
//! | [`checks`] | what must hold in the guest |

pub mod agent;
pub mod auto;
pub mod browser;
pub mod by_hand;
pub mod checks;
pub mod glass;
pub mod machine;
pub mod memory;
pub mod provision;
pub mod qmp;
pub mod stand;
