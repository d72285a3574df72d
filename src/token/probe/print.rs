//! The report as people read it. For scripts it is serialised as it is.

use std::fmt;

use super::{
    report::{CardSeen, CertificateSeen, Report, Standing, Tries},
    verdict::Verdict,
};
use crate::{
    config::Backend,
    token::{akis::Naming, backend::Way},
};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backend = match self.backend {
            Backend::Auto => "auto",
            Backend::Akis => "akis",
            Backend::Pkcs11 => "pkcs11",
        };
        writeln!(f, "backend: {backend}")?;
        if let Some(module) = &self.module {
            let state = match (&module.fault, &module.version, module.asked) {
                (Some(fault), ..) => fault.as_str(),
                (None, Some(version), _) => version.as_str(),
                (None, None, true) => "loaded, does not say its version",
                (None, None, false) => "not loaded: it would speak to the card",
            };
            writeln!(f, "module: {}: {state}", module.path)?;
        }
        if let Some(fault) = &self.service_fault {
            writeln!(f, "PC/SC service: {fault}")?;
        }
        if !self.clock_is_set {
            writeln!(f, "clock: not set; nothing said of validity can be relied on")?;
        }
        for reader in &self.readers {
            writeln!(f, "reader: {}", reader.name)?;
            match &reader.card {
                Some(card) => write!(f, "{card}")?,
                None if reader.verdict == Verdict::NoCard => writeln!(f, "  no card")?,
                None => writeln!(f, "  {}", reader.verdict)?,
            }
        }
        writeln!(f, "verdict: {} ({})", self.verdict, self.code)
    }
}

impl fmt::Display for CardSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match self.standing {
            Standing::Witnessed => "an independent driver speaks its dialect",
            Standing::Described => "known from the vendor's description alone",
            Standing::NotSupported => "not supported",
            Standing::Unknown => "in no row of the table",
        };
        writeln!(f, "  answer to reset: {}", self.atr)?;
        writeln!(
            f,
            "  card: {}, {standing}{}",
            self.model,
            self.protocol.map_or(String::new(), |p| format!(", {p}"))
        )?;
        let way = match self.backend {
            Way::Akis => "the kiosk's own driver",
            Way::Pkcs11 => "the module",
            Way::None => "nobody",
        };
        writeln!(f, "  goes to: {way}")?;
        if let Some(dialect) = self.read_as {
            writeln!(f, "  read as: {dialect}")?;
        }
        match self.pin {
            Some(Naming::AsKnown) => writeln!(f, "  PIN: called as in its dialect")?,
            Some(Naming::Otherwise) => {
                writeln!(f, "  PIN: called otherwise than in its dialect; none would be sent")?
            }
            Some(Naming::NotListed) => {
                writeln!(f, "  PIN: in no directory; its name is the dialect's alone")?
            }
            None => {}
        }
        match self.tries {
            Tries::Left(left) => writeln!(f, "  tries left: {left}")?,
            Tries::NotTold => writeln!(f, "  tries left: the card does not say")?,
            Tries::NotAllowed => writeln!(f, "  tries left: not asked, it might cost one")?,
        }
        if let Some(fault) = &self.fault {
            writeln!(f, "  fault: {fault}")?;
        }
        for certificate in &self.certificates {
            write!(f, "{certificate}")?;
        }
        Ok(())
    }
}

impl fmt::Display for CertificateSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holder = self.holder.as_deref().unwrap_or("cannot be read");
        writeln!(f, "  certificate: {holder} {}", self.national_id.as_deref().unwrap_or_default())?;
        if let (Some(from), Some(until)) = (&self.valid_from, &self.valid_until) {
            writeln!(f, "    valid: {from} to {until}")?;
        }
        writeln!(f, "    qualified: {}", if self.qualified { "yes" } else { "no" })?;
        if !self.has_key {
            writeln!(f, "    its key is not on the card")?;
        }
        match &self.why_not {
            Some(why) => writeln!(f, "    renewal: no, {why}"),
            None => writeln!(f, "    renewal: {}", if self.renewable { "yes" } else { "no" }),
        }
    }
}
