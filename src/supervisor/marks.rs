//! Empty files that outlive a crash of `kioskd`: "it runs", "a submission is in flight", "the housing was opened".
//!
//! They say nothing about anybody and are judged once, at the next start. The first two lie in a volatile folder; the
//! third where a power cut leaves it, or pulling the plug would close the housing. What each means is decided in
//! [`crate::session`].

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{config::Peripherals, session::Recovery};

/// The files of one `kioskd`.
#[derive(Debug)]
pub(super) struct Marks {
    running: PathBuf,
    in_flight: PathBuf,
}

impl Marks {
    /// Reads what the process before left behind and says that this one runs.
    ///
    /// # Errors
    /// When the folder takes no file; a crash could then not be told.
    pub(super) fn begin(in_flight: &Path) -> io::Result<(Self, Recovery)> {
        let mut running = in_flight.as_os_str().to_owned();
        running.push(".running");
        let marks = Self { running: running.into(), in_flight: in_flight.to_owned() };
        let recovery = if marks.in_flight.try_exists()? {
            Recovery::SubmissionInFlight
        } else if marks.running.try_exists()? {
            Recovery::Restarted
        } else {
            Recovery::None
        };
        put(&marks.running)?;
        Ok((marks, recovery))
    }

    /// Raises or clears "a submission is in flight".
    ///
    /// # Errors
    /// When the file cannot be made or removed.
    pub(super) fn submission_in_flight(&self, is: bool) -> io::Result<()> {
        if is { put(&self.in_flight) } else { remove(&self.in_flight) }
    }

    /// The process ends in order. A submission in flight stays marked: its outcome is not known.
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
    use super::{HousingMark, Marks, Recovery};

    #[test]
    fn an_orderly_end_leaves_nothing_to_recover_from() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("in-flight");
        let (marks, recovery) = Marks::begin(&flag).unwrap();
        assert_eq!(recovery, Recovery::None);
        marks.submission_in_flight(true).unwrap();
        assert_eq!(std::fs::read(&flag).unwrap(), b"", "nothing is in it");
        marks.submission_in_flight(false).unwrap();
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
    fn a_submission_in_flight_stays_told_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("in-flight");
        let (marks, _) = Marks::begin(&flag).unwrap();
        marks.submission_in_flight(true).unwrap();
        marks.end().unwrap();
        let (marks, recovery) = Marks::begin(&flag).unwrap();
        assert_eq!(recovery, Recovery::SubmissionInFlight);
        marks.submission_in_flight(false).unwrap();
        assert_eq!(Marks::begin(&flag).unwrap().1, Recovery::Restarted);
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
