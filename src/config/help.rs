//! `[help]`: how staff is told that somebody at the kiosk asks for them.
//!
//! The telephone number and the address of `[office]` stand on the screen whatever is here; a line that is switched is one of
//! `[peripherals]`.

use serde::Deserialize;

use super::{ConfigError, judge::Judge};

/// The section; without an address nobody is told over the network.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Help {
    /// Where a call is posted to, `https://…`; the roots of `[portal]` vouch for it. It is reached directly, also where the portal
    /// is reached by a proxy. It may hold a key, and is repeated nowhere.
    pub webhook: Option<String>,
    /// What staff calls this kiosk, `Giriş katı`; left out: its name in the network.
    pub kiosk: Option<String>,
}

impl Help {
    pub(super) fn judge(&self, judge: &Judge<'_>) -> Result<(), ConfigError> {
        if let Some(address) = &self.webhook {
            let host = address.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
            let is_one = host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
                && address.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_one {
                let expected = "an address that begins with https:// and a host";
                return judge.refuse("help.webhook", &"an address of another kind", expected);
            }
        }
        self.kiosk.as_ref().map_or(Ok(()), |name| judge.short("help.kiosk", name))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Help, Judge};

    #[test]
    fn a_call_is_posted_over_tls_or_not_at_all_and_its_address_is_not_repeated() {
        let judged = |webhook: &str, kiosk: &str| {
            let help = Help { webhook: Some(webhook.into()), kiosk: Some(kiosk.into()) };
            help.judge(&Judge { file: Path::new("f") }).map_err(|fault| fault.to_string())
        };
        for fine in ["https://yardim.example", "https://10.0.0.9:8443/hooks/GIZLI?a=1"] {
            judged(fine, "Giriş katı").unwrap();
        }
        for wrong in
            ["http://yardim.example/GIZLI", "https:///GIZLI", "https://GIZLI@h/", "https://h/ GIZLI", ""]
        {
            let fault = judged(wrong, "Giriş katı").unwrap_err();
            assert!(fault.contains("help.webhook: found") && !fault.contains("GIZLI"), "{fault}");
        }
        assert!(judged("https://h", " ").unwrap_err().contains("help.kiosk: found"));
    }
}
