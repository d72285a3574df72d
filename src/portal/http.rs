//! What the pure part asks of the network and gets back: one request, one answer.
//!
//! Bodies and addresses hold personal data, so neither type prints them. Nothing here sends.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

/// Most bytes of a page.
pub const PAGE_LIMIT: usize = 2 * 1024 * 1024;

/// A request to send.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Where to; https, and a host of the profile.
    pub url: Url,
    /// `None`: GET. `Some`: POST of this.
    pub body: Option<Body>,
    /// Most bytes of the answer.
    pub limit: usize,
}

/// What is posted.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// `Content-Type`.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// An answer, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// `Content-Type`, if any.
    pub content_type: Option<String>,
    /// `Location`, if any.
    pub location: Option<String>,
    /// The bytes.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpRequest {
    /// A GET of this address for a page.
    #[must_use]
    pub(super) fn get(url: Url) -> Self {
        Self { url, body: None, limit: PAGE_LIMIT }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            None => write!(f, "HttpRequest(GET)"),
            Some(body) => write!(f, "HttpRequest(POST, {} bytes)", body.bytes.len()),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}
