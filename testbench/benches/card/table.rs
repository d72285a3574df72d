//! Lines of figures, the kiosk's and the other's side by side.

use std::io::{self, Write};

use crate::Cost;

pub(crate) struct Table<W>(W);

impl<W: Write> Table<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(out)
    }

    /// What the next rows are about.
    pub(crate) fn head(&mut self, what: &str) -> io::Result<()> {
        writeln!(
            self.0,
            "\n{what:<48}{:>12}{:>10}{:>16}{:>10}{:>9}",
            "kiosk", "commands", "pkcs11-tool", "commands", "ratio"
        )
    }

    /// One thing done by the kiosk, and by the tool if that does it.
    pub(crate) fn row(&mut self, what: &str, ours: Cost, theirs: Option<Cost>) -> io::Result<()> {
        let time = |cost: Cost| format!("{:.1} ms", cost.time.as_secs_f64() * 1000.0);
        let commands = |cost: Cost| cost.commands.map_or_else(String::new, |commands| commands.to_string());
        write!(self.0, "{what:<48}{:>12}{:>10}", time(ours), commands(ours))?;
        if let Some(theirs) = theirs {
            let ratio = ours.time.as_secs_f64() / theirs.time.as_secs_f64();
            write!(self.0, "{:>16}{:>10}{ratio:>9.2}", time(theirs), commands(theirs))?;
        }
        writeln!(self.0)
    }

    pub(crate) fn note(&mut self, what: &str) -> io::Result<()> {
        writeln!(self.0, "{what}")
    }
}
