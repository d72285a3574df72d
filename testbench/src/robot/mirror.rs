//! A second screen that goes through a visit together with the robot's: it gets every touch the first one gets, at
//! the same place, and must show the same picture before the next.
//!
//! The robot finds its way on the first screen by labels; the second needs none, only a glass: something that can be
//! looked at and touched. What may differ is what each kiosk has of its own: its clock, and the word it makes up.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    picture::{Area, Difference, Leeway, Picture},
    screen::{Control, Screen, ScreenError, Stroke},
};

/// Between two looks, so that looking leaves the other time to draw.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A touch that the other screen answered by nothing for so long did not reach it, and is made once more.
const UNNOTICED_AFTER: Duration = Duration::from_secs(20);
/// What counts down, in the screen's words for its roles.
const RUNS_BY_CLOCK: &str = "progress-indicator";

/// A screen that is looked at and touched, and nothing else.
pub trait Glass {
    /// What is on it now.
    ///
    /// # Errors
    /// When it cannot be seen.
    fn picture(&mut self) -> anyhow::Result<Picture>;

    /// Moves a finger over it.
    ///
    /// # Errors
    /// When it cannot be touched.
    fn stroke(&mut self, stroke: Stroke) -> anyhow::Result<()>;

    /// Lets it be for a while.
    fn rest(&mut self, time: Duration);
}

/// A headless screen is a glass too, for who leaves out its labels.
impl Glass for Screen {
    fn picture(&mut self) -> anyhow::Result<Picture> {
        let file = tempfile::Builder::new().suffix(".ppm").tempfile()?;
        self.shot(file.path())?;
        Ok(Picture::read(file.path())?)
    }

    fn stroke(&mut self, stroke: Stroke) -> anyhow::Result<()> {
        Ok(Self::stroke(self, stroke)?)
    }

    fn rest(&mut self, time: Duration) {
        let _ = self.state().and_then(|state| self.wait(&state, time));
    }
}

/// The screen that follows.
pub struct Mirror {
    glass: Box<dyn Glass + Send>,
    within: Duration,
    leeway: Leeway,
    folder: PathBuf,
    wanted: Option<PathBuf>,
    slowest: Duration,
    /// What it showed when both agreed last, and how it was touched since.
    before: Picture,
    touched: Vec<Stroke>,
    repeated: usize,
}

/// The other screen does not follow.
#[derive(Debug, thiserror::Error)]
pub enum Apart {
    /// It shows something else.
    #[error("the other screen does not show the same within {within:?}: {difference}; see {}", .folder.display())]
    Pictures {
        /// The time it had.
        within: Duration,
        /// How it differs, in words.
        difference: String,
        /// Where both pictures are.
        folder: PathBuf,
    },
    /// It goes on showing the same, where it should not.
    #[error("the other screen shows nothing else within {within:?}: {seen}")]
    Alike {
        /// The time it had.
        within: Duration,
        /// What it was like, in words.
        seen: String,
    },
    /// It cannot be looked at or touched.
    #[error("the other screen: {0:#}")]
    Glass(anyhow::Error),
}

impl Mirror {
    /// A screen that shows what the robot's shows within the time, as exactly as that; its pictures go to the folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(
        glass: impl Glass + Send + 'static,
        within: Duration,
        leeway: Leeway,
        folder: &Path,
    ) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let glass = Box::new(glass);
        Ok(Self {
            glass,
            within,
            leeway,
            folder: folder.to_owned(),
            wanted: None,
            slowest: Duration::ZERO,
            before: Picture::none(),
            touched: Vec::new(),
            repeated: 0,
        })
    }

    /// The longest it has taken to show the same.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        self.slowest
    }

    /// Touches that did not reach it and were made once more, as a person does.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// How long it may take from now on; the longest it took begins anew.
    pub fn give(&mut self, within: Duration) {
        (self.within, self.slowest) = (within, Duration::ZERO);
    }

    /// The glass itself.
    pub fn glass(&mut self) -> &mut (dyn Glass + Send) {
        &mut *self.glass
    }

    /// Keeps the next picture on which both agree under the name of this file.
    pub(super) fn keep_next(&mut self, named_like: &Path) {
        self.wanted = named_like.file_name().map(|name| self.folder.join(name));
    }

    /// Repeats touches.
    pub(super) fn follow(&mut self, strokes: &[Stroke]) -> Result<(), Apart> {
        self.touched.extend(strokes);
        strokes.iter().try_for_each(|stroke| self.glass.stroke(*stroke)).map_err(Apart::Glass)
    }

    /// Waits until both show the same, whatever the first one shows meanwhile.
    pub(super) fn agree(&mut self, first: &mut Screen) -> Result<(), ScreenError> {
        let began = Instant::now();
        let mut again = UNNOTICED_AFTER;
        loop {
            let expected = first.picture().map_err(Apart::Glass)?;
            let its_own: Vec<Area> = first.controls()?.iter().filter_map(its_own).collect();
            let seen = self.glass.picture().map_err(Apart::Glass)?;
            let Some(difference) = expected.difference(&seen, &its_own, self.leeway) else {
                self.slowest = self.slowest.max(began.elapsed());
                self.touched.clear();
                if let Some(path) = self.wanted.take() {
                    seen.write(&path)?;
                }
                self.before = seen;
                return Ok(());
            };
            let unnoticed = self.before.difference(&seen, &its_own, self.leeway).is_none();
            if unnoticed && began.elapsed() > again && !self.touched.is_empty() {
                // A machine that is that slow may lose it more than once.
                again += UNNOTICED_AFTER;
                self.repeated += 1;
                let Self { glass, touched, .. } = self;
                touched.iter().try_for_each(|stroke| glass.stroke(*stroke)).map_err(Apart::Glass)?;
            }
            if began.elapsed() > self.within {
                expected.write(&self.folder.join("apart-expected.png"))?;
                seen.write(&self.folder.join("apart-seen.png"))?;
                let (within, folder) = (self.within, self.folder.clone());
                return Err(Apart::Pictures { within, difference: difference.to_string(), folder }.into());
            }
            self.glass.rest(LOOK_EVERY);
        }
    }

    /// Waits until it shows another page than the first one shows, and than itself when both agreed last; returns that.
    pub(super) fn differs(&mut self, first: &mut Screen, within: Duration) -> Result<Picture, ScreenError> {
        let began = Instant::now();
        loop {
            let expected = first.picture().map_err(Apart::Glass)?;
            let its_own: Vec<Area> = first.controls()?.iter().filter_map(its_own).collect();
            let seen = self.glass.picture().map_err(Apart::Glass)?;
            let Some(like) = alike(&[&expected, &self.before], &seen, &its_own, self.leeway) else {
                return Ok(seen);
            };
            if began.elapsed() > within {
                return Err(Apart::Alike { within, seen: like }.into());
            }
            self.glass.rest(LOOK_EVERY);
        }
    }
}

/// Why a picture is no other page than each of these, in words; one of another size is no page at all.
fn alike(known: &[&Picture], seen: &Picture, its_own: &[Area], leeway: Leeway) -> Option<String> {
    known.iter().find_map(|known| match known.difference(seen, its_own, leeway) {
        None => Some("the same page".to_owned()),
        Some(size @ Difference::Size { .. }) => Some(size.to_string()),
        Some(Difference::Pixels { .. }) => None,
    })
}

/// The place of something that each kiosk has of its own.
fn its_own(control: &Control) -> Option<Area> {
    let is_own = |word: &str| is_made_up(word) || is_time(word);
    let text = control.role == "text" && control.label.split_whitespace().any(is_own);
    // Positions are never negative on the screen; a fraction of a pixel is drawn into the whole one.
    let pixel = |at: f32| at.max(0.0) as u32;
    (text || control.role == RUNS_BY_CLOCK).then(|| Area {
        left: pixel(control.x.floor()),
        top: pixel(control.y.floor()),
        right: pixel((control.x + control.w).ceil()),
        bottom: pixel((control.y + control.h).ceil()),
    })
}

/// The form of a security word that a kiosk offers: letters, four digits, letters.
fn is_made_up(word: &str) -> bool {
    let kinds: Vec<bool> = word.bytes().map(|byte| byte.is_ascii_digit()).collect();
    let expected: Vec<bool> = (0..16).map(|index| (6..10).contains(&index)).collect();
    kinds == expected && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A time of day: two digits, a colon, two digits, and seconds where there are any.
fn is_time(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| letter.is_ascii_punctuation());
    let mut parts = word.split(':');
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    word.len() >= 5 && parts.all(digits)
}

#[cfg(test)]
mod tests {
    use super::{Area, Control, Leeway, Picture, alike, its_own};

    /// So many grey pixels beside each other, those of the range black.
    fn row(width: usize, black: std::ops::Range<usize>) -> Picture {
        let file = tempfile::NamedTempFile::new().unwrap();
        let shade = |x: usize| if black.contains(&x) { 0 } else { 128 };
        let pixels = (0..width).flat_map(|x| [shade(x); 3]);
        let head = format!("P6 {width} 1 255\n").into_bytes();
        std::fs::write(file.path(), head.into_iter().chain(pixels).collect::<Vec<u8>>()).unwrap();
        Picture::read(file.path()).unwrap()
    }

    #[test]
    fn another_page_is_like_neither_the_expected_one_nor_the_one_before_nor_no_page() {
        let (before, expected) = (row(600, 0..0), row(600, 0..250));
        let clock = [Area { left: 300, top: 0, right: 600, bottom: 1 }];
        let told = |seen: &Picture| alike(&[&expected, &before], seen, &clock, Leeway::ROUNDING);
        assert_eq!(told(&row(600, 10..290)), None);
        for same in [before.clone(), expected.clone(), row(600, 300..599)] {
            assert_eq!(told(&same).as_deref(), Some("the same page"));
        }
        for none in [row(500, 0..500), Picture::none()] {
            assert!(told(&none).is_some_and(|told| told.contains("expected 600x1")));
        }
    }

    fn control(role: &str, label: &str) -> Control {
        let (role, label) = (role.to_owned(), label.to_owned());
        Control { label, role, value: String::new(), enabled: true, x: 10.5, y: 20.0, w: 30.0, h: 4.25 }
    }

    #[test]
    fn only_clocks_and_words_a_kiosk_makes_up_may_differ() {
        let area = Some(Area { left: 10, top: 20, right: 41, bottom: 25 });
        assert_eq!(its_own(&control("progress-indicator", "Süre")), area);
        assert_eq!(its_own(&control("text", "Pumiri5983Nododu")), area);
        assert_eq!(its_own(&control("text", "Önerilen sözcük: Pumiri5983Nododu")), area);
        assert_eq!(its_own(&control("text", "27.11.2026 14:53")), area);
        assert_eq!(its_own(&control("text", "Alındı (14:53:07).")), area);
        for (role, label) in [
            ("button", "14:53"),
            ("text", "1:2"),
            ("text", "AD: DENEME"),
            ("button", "Pumiri5983Nododu"),
            ("text", "BARKOD: 1234567890"),
            ("text", ""),
        ] {
            assert_eq!(its_own(&control(role, label)), None, "{role} {label}");
        }
    }
}
