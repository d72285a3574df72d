//! Whether the wall clock can be believed: by its date, and by who has set it.
//!
//! A date proves little. systemd lets no clock be behind the day the image was made, so that a board without a battery
//! starts there, which can be any day by its looks. So an image names who has to have set it (`[clock]`). It asks for no time
//! and sets none; what time it is comes from outside.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::config::{Clock, TimeSource};

/// `systemd-timesyncd` makes it when a server's time was taken over; it is gone when that service starts anew.
/// The kernel says as much by `adjtimex`, but keeps it from programs that may not set the clock.
const SYNCHRONIZED: &str = "run/systemd/timesync/synchronized";
const RTCS: &str = "sys/class/rtc";
/// Seconds the board's clock and the system's may drift apart while the kiosk runs. One that lost its power is years away.
const RTC_AGREES: u64 = 3600;

/// What is demanded of it.
#[derive(Debug, Clone)]
pub(crate) struct WallClock {
    not_before: i64,
    set_by: Vec<TimeSource>,
    root: PathBuf,
}

impl WallClock {
    /// A clock that is believed from the Unix time `not_before` on, where one of the named has set it. `root` is `/`.
    #[must_use]
    pub(crate) fn new(not_before: i64, clock: &Clock, root: &Path) -> Self {
        Self { not_before, set_by: clock.set_by.clone(), root: root.to_owned() }
    }

    /// The first date that can be.
    #[must_use]
    pub(crate) fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Whether the date can be.
    #[must_use]
    pub(crate) fn can_be(&self, now: i64) -> bool {
        now >= self.not_before
    }

    /// Whether it was set, `now` being what it says.
    #[must_use]
    pub(crate) fn is_set(&self, now: i64) -> bool {
        let set = |source: &TimeSource| match source {
            TimeSource::Ntp => self.root.join(SYNCHRONIZED).exists(),
            TimeSource::Rtc => self.is_set_by_rtc(now),
        };
        self.can_be(now) && (self.set_by.is_empty() || self.set_by.iter().any(set))
    }

    /// Whether one of the board's clocks gave the kernel its time, and still says the same: what the kernel took from one
    /// that had lost it is put right to the day of the image, and then they differ.
    fn is_set_by_rtc(&self, now: i64) -> bool {
        let Ok(rtcs) = fs::read_dir(self.root.join(RTCS)) else { return false };
        rtcs.filter_map(Result::ok).any(|rtc| {
            let says = |attribute: &str| fs::read_to_string(rtc.path().join(attribute)).unwrap_or_default();
            // Asked only where it matters: reading the time may go to the firmware.
            says("hctosys").trim() == "1"
                && says("since_epoch").trim().parse::<i64>().is_ok_and(|its| its.abs_diff(now) <= RTC_AGREES)
        })
    }
}

/// `now`, where it can be believed by what the board's sections in `file` demand; not either, where they cannot be read.
#[cfg(feature = "appliance")]
pub(crate) fn believed(now: i64, file: &Path, root: &Path) -> Option<i64> {
    let clock =
        Clock::load(file).inspect_err(|fault| log::error!("the clock is not believed: {fault}")).ok()?;
    let clock = WallClock::new(crate::config::Rules::default().clock_not_before, &clock, root);
    clock.is_set(now).then_some(now)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::{Clock, RTCS, SYNCHRONIZED, TimeSource, WallClock};

    const LIMIT: i64 = 1_767_225_600;
    /// The day an image was made: a date that can be.
    const IMAGE: i64 = LIMIT + 86_400 * 240;
    const NOW: i64 = LIMIT + 86_400 * 300;

    fn board() -> (TempDir, WallClock) {
        let root = tempfile::tempdir().unwrap();
        let clock = Clock { set_by: vec![TimeSource::Ntp, TimeSource::Rtc] };
        let clock = WallClock::new(LIMIT, &clock, root.path());
        (root, clock)
    }

    fn rtc(root: &TempDir, number: u8, gave_the_time: bool, says: &str) {
        let rtc = root.path().join(RTCS).join(format!("rtc{number}"));
        fs::create_dir_all(&rtc).unwrap();
        fs::write(rtc.join("hctosys"), if gave_the_time { "1\n" } else { "0\n" }).unwrap();
        fs::write(rtc.join("since_epoch"), says).unwrap();
    }

    #[test]
    fn the_day_an_image_was_made_is_no_time() {
        let (_root, clock) = board();
        assert!(clock.can_be(IMAGE) && !clock.is_set(IMAGE));
    }

    #[test]
    fn a_time_servers_word_makes_it_believed_and_no_date_before_the_limit() {
        let (root, clock) = board();
        let file = root.path().join(SYNCHRONIZED);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        assert!(!clock.is_set(NOW), "the service runs and has reached nobody");
        fs::write(file, "").unwrap();
        assert!(clock.is_set(NOW));
        assert!(!clock.is_set(LIMIT - 1));
    }

    #[test]
    fn a_boards_clock_is_believed_that_gave_the_kernel_its_time_and_still_says_so() {
        let (root, clock) = board();
        rtc(&root, 0, false, &NOW.to_string());
        assert!(!clock.is_set(NOW), "the kernel did not ask it");
        rtc(&root, 1, true, &format!("{}\n", NOW - 60));
        assert!(clock.is_set(NOW));
        for lost in ["0", "946684800", &LIMIT.to_string(), ""] {
            rtc(&root, 1, true, lost);
            assert!(!clock.is_set(IMAGE), "a battery that was empty: {lost}");
        }
    }

    #[test]
    fn a_source_that_is_not_named_counts_for_nothing_and_a_desk_names_none() {
        let (root, _) = board();
        rtc(&root, 0, true, &NOW.to_string());
        let by_ntp = Clock { set_by: vec![TimeSource::Ntp] };
        assert!(!WallClock::new(LIMIT, &by_ntp, root.path()).is_set(NOW));
        let desk = WallClock::new(LIMIT, &Clock::default(), root.path());
        assert!(desk.is_set(LIMIT) && !desk.is_set(LIMIT - 1));
    }

    #[cfg(feature = "appliance")]
    #[test]
    fn an_image_believes_no_clock_that_nobody_set_nor_one_nobody_knows_who_has_to_set() {
        let (root, _) = board();
        let image = concat!(env!("CARGO_MANIFEST_DIR"), "/image/overlay/usr/share/eimza-kiosk/machine.toml");
        let believed = |now, file: &str| super::believed(now, file.as_ref(), root.path());
        assert_eq!(believed(IMAGE, image), None);
        rtc(&root, 0, true, &NOW.to_string());
        assert_eq!(believed(NOW, image), Some(NOW));
        assert_eq!(believed(NOW, "/nowhere/machine.toml"), None);
    }
}
