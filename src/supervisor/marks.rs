//! Empty files that outlive a crash of `kioskd`: "it runs", "this is in flight", "the housing was opened".
//!
//! They say nothing about anybody and are judged once, at the next start. The first lie in a volatile folder; the
//! last where a power cut leaves it, or pulling the plug would close the housing. What each means is decided in
//! [`crate::session`].

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    config::Peripherals,
    session::{InFlight, Recovery},
};

/// The files of one `kioskd`.
#[derive(Debug)]
pub(super) struct Marks {
    running: PathBuf,
    submission: PathBuf,
    new_pin: PathBuf,
}

impl Marks {
    /// Reads what the process before left behind and says that this one runs.
    ///
    /// # Errors
    /// When the folder takes no file; a crash could then not be told.
    pub(super) fn begin(submission: &Path) -> io::Result<(Self, Recovery)> {
        let beside = |what: &str| {
            let mut name = submission.as_os_str().to_owned();
            name.push(what);
            PathBuf::from(name)
        };
        let marks = Self {
            running: beside(".running"),
            submission: submission.to_owned(),
            new_pin: beside(".new-pin"),
        };
        let recovery = if marks.submission.try_exists()? {
            Recovery::InFlight(InFlight::Submission)
        } else if marks.new_pin.try_exists()? {
            Recovery::InFlight(InFlight::NewPin)
        } else if marks.running.try_exists()? {
            Recovery::Restarted
        } else {
            Recovery::None
        };
        put(&marks.running)?;
        Ok((marks, recovery))
    }

    /// Says that this is in flight, and nothing else.
    ///
    /// # Errors
    /// When a file cannot be made or removed.
    pub(super) fn in_flight(&self, what: Option<InFlight>) -> io::Result<()> {
        let put = match what {
            Some(InFlight::Submission) => put(&self.submission),
            Some(InFlight::NewPin) => put(&self.new_pin),
            None => Ok(()),
        };
        let keep = |of| what == Some(of);
        let submission = if keep(InFlight::Submission) { Ok(()) } else { remove(&self.submission) };
        let new_pin = if keep(InFlight::NewPin) { Ok(()) } else { remove(&self.new_pin) };
        put.and(submission).and(new_pin)
    }

    /// The process ends in order. What is in flight stays marked: its end is not known.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub(super) fn end(self) -> io::Result<()> {
        remove(&self.running)
    }
}

/// The file that says "the housing was opened", where there is a switch for it.
#[derive(Debug)]
pub(super) struct HousingMark(Option<PathBuf>);

impl HousingMark {
    /// Names the file, where it can be made and stays.
    ///
    /// # Errors
    /// When no file can be made beside it: a flag that cannot be raised guards nothing.
    pub(super) fn of(config: &Peripherals) -> io::Result<Self> {
        let mark = Self(config.tamper.as_ref().and(config.tamper_flag.clone()));
        if let Some(file) = &mark.0 {
            let mut beside = file.clone().into_os_string();
            beside.push(".try");
            let trial = Self(Some(beside.into()));
            trial.set(true).and_then(|()| trial.set(false))?;
        }
        Ok(mark)
    }

    /// Whether it was raised and never cleared; so it is where nobody can tell.
    pub(super) fn is_raised(&self) -> bool {
        self.0.as_ref().is_some_and(|file| {
            file.try_exists().unwrap_or_else(|error| {
                log::error!("{}: taken as raised: {error}", file.display());
                true
            })
        })
    }

    /// Raises or clears it, on the disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be made or removed.
    pub(super) fn set(&self, raised: bool) -> io::Result<()> {
        let Some(file) = &self.0 else { return Ok(()) };
        if raised { put(file) } else { remove(file) }?;
        // Of a name without a folder the parent is the empty path.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn put(file: &Path) -> io::Result<()> {
    fs::write(file, [])
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{HousingMark, InFlight, Marks, Recovery};

    #[test]
    fn an_orderly_end_leaves_nothing_to_recover_from() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("in-flight");
        let (marks, recovery) = Marks::begin(&flag).unwrap();
        assert_eq!(recovery, Recovery::None);
        marks.in_flight(Some(InFlight::Submission)).unwrap();
        assert_eq!(std::fs::read(&flag).unwrap(), b"", "nothing is in it");
        marks.in_flight(None).unwrap();
        marks.end().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(Marks::begin(&flag).unwrap().1, Recovery::None);
    }

    #[test]
    fn a_crash_is_told_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("in-flight");
        drop(Marks::begin(&flag).unwrap());
        assert_eq!(Marks::begin(&flag).unwrap().1, Recovery::Restarted);
    }

    #[test]
    fn what_is_in_flight_stays_told_until_it_is_cleared_and_each_is_its_own() {
        for (what, other) in
            [(InFlight::Submission, InFlight::NewPin), (InFlight::NewPin, InFlight::Submission)]
        {
            let folder = tempfile::tempdir().unwrap();
            let flag = folder.path().join("in-flight");
            let (marks, _) = Marks::begin(&flag).unwrap();
            marks.in_flight(Some(other)).unwrap();
            marks.in_flight(Some(what)).unwrap();
            marks.end().unwrap();
            let (marks, recovery) = Marks::begin(&flag).unwrap();
            assert_eq!(recovery, Recovery::InFlight(what));
            marks.in_flight(None).unwrap();
            assert_eq!(Marks::begin(&flag).unwrap().1, Recovery::Restarted);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Marks::begin(&folder.path().join("none").join("in-flight")).is_err());
    }

    #[test]
    fn an_opened_housing_stays_told_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let mark = HousingMark(Some(folder.path().join("tampered")));
        assert!(!mark.is_raised());
        mark.set(true).unwrap();
        assert!(mark.is_raised());
        assert_eq!(std::fs::read(folder.path().join("tampered")).unwrap(), b"", "nothing is in it");
        mark.set(false).unwrap();
        assert!(!mark.is_raised());
        assert!(HousingMark(Some(folder.path().join("none").join("tampered"))).set(true).is_err());
    }
}
