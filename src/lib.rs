//! The renewal kiosk: session policy, portal driver, signer.
//!
//! Three processes share this crate and each links only what it may use: `kioskd` (feature `supervisor`)
//! reaches the network and hears card events, `kiosk-token` (feature `signer`) reaches the card, and
//! `kiosk-ui` (no feature) only speaks over the [`link`]. `kiosk-appliance` (feature `appliance`) runs briefly and as
//! root, and takes no part in a visit. See `ARCHITECTURE.md` for the invariants.
//!
//! | module | owns |
//! |---|---|
//! | [`session`] | the whole policy, pure: events in, effects and a view out |
//! | [`portal`] | the institution's profile, its pages and forms (pure), and the HTTPS client |
//! | [`card`] | certificates and what they allow (pure); reader and card events |
//! | `token` | the signer: backends, the signing dialogue |
//! | `signature` | CAdES: attributes, envelope, self-check |
//! | [`link`] | what the three processes say to each other |
//! | `peripherals` | the kiosk's own hardware |
//! | [`printer`] | the office's printer: pages as it takes them (pure), and IPP |
//! | [`logging`], [`process`] | where records go; what each process does to itself at its start |
//! | `provision` | an office's signed settings: who may sign them, what may be in them |
//! | `appliance` | the system around the programs: which devices and destinations there are |
//! | `supervisor` | the loop of `kioskd` that wires all of these |

#[cfg(feature = "appliance")]
#[expect(clippy::disallowed_methods, reason = "an adapter: what is judged is told the time")]
pub mod appliance;
pub mod card;
pub mod config;
#[cfg(feature = "supervisor")]
mod durable;
#[cfg(feature = "supervisor")]
pub mod health;
pub mod link;
#[expect(clippy::disallowed_methods, reason = "an adapter: a record carries its time")]
pub mod logging;
#[cfg(any(feature = "supervisor", feature = "signer"))]
pub mod peripherals;
pub mod portal;
pub mod printer;
pub mod process;
#[cfg(feature = "supervisor")]
pub mod provision;
pub mod redact;
pub mod session;
#[cfg(feature = "signatures")]
pub mod signature;
#[cfg(feature = "supervisor")]
#[expect(clippy::disallowed_methods, reason = "an adapter: it tells the session the time")]
pub mod supervisor;
#[cfg(feature = "supervisor")]
pub mod system;
#[cfg(all(test, feature = "supervisor"))]
mod tls_server;
#[cfg(any(feature = "supervisor", feature = "signer"))]
#[cfg_attr(
    feature = "signer",
    expect(clippy::disallowed_methods, reason = "an adapter: calls into a card's module have deadlines")
)]
pub mod token;
#[cfg(feature = "supervisor")]
mod visit_lock;
#[cfg(feature = "supervisor")]
mod wall_clock;
