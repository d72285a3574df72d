//! The simulator tried from outside: over TLS, by a browser that knows the pages, with signatures that
//! OpenSSL makes.

mod browser;
mod faults;
mod judge;
mod signing;
mod visit;
