//! The signer: the two ways to a card, the signing dialogue, and the link `kioskd` reaches it by.
//!
//! It decides nothing about a renewal and never reaches the network.
//!
//! | module | owns |
//! |---|---|
//! | `desk` | the dialogue, pure: which PIN may be spent on what |
//! | `own_text` | the texts the signer builds itself, pure |
//! | `tries` | what is known of the tries left, pure |
//! | `backend` | which way a card goes; `found` what either finds there |
//! | [`akis`] | AKİS cards over PC/SC |
//! | `module` | the card through PKCS#11; `fault` its return values, `opensc` its settings |
//! | `reader` | what PC/SC says where neither does |
//! | `worker`, `watch` | the one thread that reaches the card, and the deadline on it |
//! | `keypad`, `typing` | the signer's own keys, and the PIN that is typed on them |
//! | `pad`, `padless` | a reader's own keys, pure; and the readers that have none |
//! | [`probe`] | reader, card and certificates for staff, without a PIN |
//! | `server`, `restart`, `alive` | sockets, threads, the process image, the keep-alives |
//! | [`client`] | `kioskd`'s end of the link |

#[cfg(feature = "signer")]
pub mod akis;
#[cfg(feature = "signer")]
mod alive;
#[cfg(feature = "signer")]
mod backend;
#[cfg(feature = "supervisor")]
pub mod client;
#[cfg(feature = "signer")]
mod desk;
#[cfg(feature = "signer")]
mod fault;
#[cfg(feature = "signer")]
mod found;
#[cfg(feature = "signer")]
mod keypad;
#[cfg(feature = "signer")]
mod module;
#[cfg(feature = "signer")]
mod opensc;
#[cfg(feature = "signer")]
mod own_text;
#[cfg(feature = "signer")]
mod pad;
#[cfg(feature = "signer")]
mod padless;
#[cfg(feature = "signer")]
pub mod probe;
#[cfg(feature = "signer")]
mod reader;
#[cfg(feature = "signer")]
mod restart;
#[cfg(feature = "signer")]
mod server;
#[cfg(feature = "signer")]
mod tries;
#[cfg(feature = "signer")]
mod typing;
#[cfg(feature = "signer")]
mod watch;
#[cfg(feature = "signer")]
mod worker;

#[cfg(feature = "signer")]
pub use {
    module::ModuleError,
    opensc::OpenScError,
    server::{EXIT_MODULE_HUNG, ServeError, serve},
};
