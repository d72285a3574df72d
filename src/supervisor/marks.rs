//! Two empty files that outlive a crash of `kioskd`: "it runs" and "a submission is in flight".
//!
//! They lie in a volatile folder, say nothing about anybody, and are judged once, at the next start. What a
//! crash means for the person is decided in [`crate::session`].

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::session::Recovery;

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
    use super::{Marks, Recovery};

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
}
