//! The portal driver: one profile file per institution, its pages and forms, and the HTTPS client.
//!
//! [`Profile`], the form reader and [`Flow`] are pure; [`Client`] is the adapter and [`Driver`] the two
//! together. The driver says what a page is and what is on it; what to do about that is decided in
//! [`crate::session`].

mod page;

#[cfg(feature = "supervisor")]
mod captcha;
#[cfg(feature = "supervisor")]
mod charset;
#[cfg(feature = "supervisor")]
mod client;
#[cfg(feature = "supervisor")]
mod document;
#[cfg(feature = "supervisor")]
mod driver;
#[cfg(feature = "supervisor")]
mod flow;
#[cfg(feature = "supervisor")]
mod form;
#[cfg(feature = "supervisor")]
mod http;
#[cfg(feature = "supervisor")]
mod label;
#[cfg(feature = "supervisor")]
mod online;
#[cfg(feature = "supervisor")]
mod place;
#[cfg(feature = "supervisor")]
mod profile;
#[cfg(feature = "supervisor")]
pub(crate) mod roots;
#[cfg(feature = "supervisor")]
mod signing;
#[cfg(feature = "supervisor")]
mod words;

pub use page::{
    Action, Captcha, Choice, Fault, Field, FieldId, FieldKind, Method, OnlineLogin, OnlineService, Page, Pdf,
    Quote, RefusedSignature, SigningText,
};

#[cfg(feature = "supervisor")]
pub use {
    client::{Client, ClientError},
    driver::{Driver, SetupError},
    flow::{Flow, Overrides, Step},
    http::{Body, HttpRequest, HttpResponse, PAGE_LIMIT},
    online::{ChallengePage, EntryPage, NewPinPage, Online, RefusedSignatures, ServicesPage},
    profile::{
        Districts, FormPage, MethodPage, Pages, Phrases, Profile, ProfileError, ReceivedPage, SigningPage,
        SmsCodePage, SmsSendPage, WetInkPage,
    },
};
