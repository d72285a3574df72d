//! The appliance in a virtual machine, with everything around it that a renewal needs.
//!
//! | module | owns |
//! |---|---|
//! | [`qmp`], [`agent`] | the ways to QEMU's monitor and to the guest's agent |
//! | [`machine`] | QEMU: its parts, power, what is plugged in |
//! | [`glass`] | the guest's screen as an eye and a finger have it |

pub mod agent;
pub mod glass;
pub mod machine;
pub mod qmp;
