//! The driver the supervisor calls: the flow, and the client that sends for it.
//!
//! It decides nothing: an action goes in, a page or a fault comes out.

use url::Url;

use super::{
    client::{Client, ClientError},
    flow::{Flow, Overrides, Step},
    page::{Action, Fault, Page},
    profile::{Profile, ProfileError},
};
use crate::config;

/// Why the driver cannot be set up; each names file or key, what was found and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The profile.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The connection.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An address of the configuration.
    #[error("{key}: found {found:?}, expected an https address")]
    Address {
        /// Dotted key of the configuration.
        key: &'static str,
        /// What was found.
        found: String,
    },
}

/// An institution's portal, one visit at a time.
pub struct Driver {
    flow: Flow,
    client: Client,
}

impl Driver {
    /// Loads the profile and sets the client up; connects nowhere.
    ///
    /// # Errors
    /// [`SetupError`] for a broken profile, root file, proxy or address.
    pub fn new(config: &config::Portal) -> Result<Self, SetupError> {
        let profile = Profile::load(&config.profile)?;
        let overrides = Overrides {
            address: https("portal.address", config.address.as_deref())?,
            signing_address: https("portal.signing_address", config.signing_address.as_deref())?,
            online_address: https("portal.online_address", config.online_address.as_deref())?,
        };
        Ok(Self { flow: Flow::new(profile, overrides), client: Client::new(config)? })
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        self.flow.profile()
    }

    /// Does one action and answers with the page it leads to. Dropping the future gives it up; the page
    /// at hand and the cookies stay.
    ///
    /// # Errors
    /// The [`Fault`]. After [`Action::SubmitSignatures`], [`Fault::Interrupted`] means that the outcome is
    /// unknown and any other fault that nothing was taken.
    pub async fn perform(&mut self, action: Action) -> Result<Page, Fault> {
        if matches!(action, Action::Open | Action::OpenOnline) {
            self.close();
        }
        let handing_in = matches!(action, Action::SubmitSignatures { .. });
        let mut request = self.flow.request(&action)?;
        drop(action);
        loop {
            let response = self.client.send(request).await.map_err(|fault| {
                // Sent and not answered: it may have been taken.
                let unknown = matches!(fault, Fault::Timeout | Fault::Oversize { .. });
                if handing_in && unknown { Fault::Interrupted } else { fault }
            })?;
            match self.flow.read(response)? {
                Step::Send(next) => request = next,
                Step::Page(page) => return Ok(page),
            }
        }
    }

    /// Drops the portal's session: page, cookies, connections.
    pub fn close(&mut self) {
        self.flow.forget();
        self.client.close();
    }
}

fn https(key: &'static str, address: Option<&str>) -> Result<Option<Url>, SetupError> {
    let Some(address) = address else { return Ok(None) };
    match Url::parse(address) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => Ok(Some(url)),
        Ok(_) | Err(_) => Err(SetupError::Address { key, found: address.to_owned() }),
    }
}
