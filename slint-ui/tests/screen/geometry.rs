//! Nothing clips, overlaps or is too small to hit, at four sizes, three text sizes and two languages.

use std::collections::BTreeSet;

use eimza_kiosk::link::view::{Language, TextSize};
use i_slint_backend_testing::{ElementHandle, ElementRoot as _};
use kiosk_ui::{
    headless::{
        controls::{role_name, touchable},
        gallery::{Manner, blind},
        open, platform,
        samples::{self, Sample},
    },
    screen::Screen,
};

/// Half a pixel of rounding on either side.
const SLACK: f32 = 1.0;

#[derive(Debug, Clone, Copy)]
struct Area {
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

impl Area {
    fn of(element: &ElementHandle) -> Self {
        let (at, size) = (element.absolute_position(), element.size());
        Self { x: at.x, y: at.y, w: size.width, h: size.height }
    }

    fn within(self, other: Self) -> bool {
        self.x >= other.x - SLACK
            && self.y >= other.y - SLACK
            && self.x + self.w <= other.x + other.w + SLACK
            && self.y + self.h <= other.y + other.h + SLACK
    }

    fn cut_to(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, low) =
            ((self.x + self.w).min(other.x + other.w), (self.y + self.h).min(other.y + other.h));
        Self { x, y, w: (right - x).max(0.0), h: (low - y).max(0.0) }
    }

    /// Pixels between the two; negative where they overlap.
    fn gap(self, other: Self) -> f32 {
        let across = (other.x - (self.x + self.w)).max(self.x - (other.x + other.w));
        let down = (other.y - (self.y + self.h)).max(self.y - (other.y + other.h));
        across.max(down)
    }
}

struct Judge<'a> {
    place: String,
    window: Area,
    target: f32,
    found: &'a mut BTreeSet<String>,
}

impl Judge<'_> {
    fn say(&mut self, what: String) {
        self.found.insert(format!("{}: {what}", self.place));
    }

    fn page(&mut self, screen: &Screen) {
        let window = screen.window();
        let question = ElementHandle::find_by_element_id(window, "Question::panel").next();
        let root = question.unwrap_or_else(|| window.root_element());
        let controls = self.controls(&root);
        self.texts(&root, &controls);
        let asked = |it: &ElementHandle| {
            matches!(role_name(it), "text-input" | "combobox") && it.accessible_read_only() != Some(true)
        };
        let asked = root.query_descendants().match_predicate(asked).find_all().len();
        if asked > 5 {
            self.say(format!("{asked} questions at a time"));
        }
    }

    fn controls(&mut self, root: &ElementHandle) -> Vec<(String, Area)> {
        let touched = |it: &ElementHandle| {
            touchable(role_name(it)) && it.accessible_read_only() != Some(true) && it.size().width > 0.0
        };
        let elements = root.query_descendants().match_predicate(touched).find_all();
        let mut controls: Vec<(String, Area)> = Vec::new();
        for element in &elements {
            let label = element.accessible_label().unwrap_or_default().to_string();
            let area = Area::of(element);
            if label.is_empty() {
                self.say(format!("a control without a label at {area:?}"));
            }
            if !area.within(self.window) {
                self.say(format!("{label:?} leaves the screen: {area:?}"));
            }
            if area.w < self.target - SLACK || area.h < self.target - SLACK {
                self.say(format!("{label:?} is too small to hit: {} x {}", area.w, area.h));
            }
            for (other, beside) in &controls {
                let gap = area.gap(*beside);
                if gap < 8.0 - SLACK {
                    self.say(format!("{label:?} and {other:?} are {gap} pixels apart"));
                }
            }
            controls.push((label, area));
        }
        controls
    }

    fn texts(&mut self, root: &ElementHandle, controls: &[(String, Area)]) {
        let mut texts: Vec<(String, Area)> = Vec::new();
        for (text, need, seen) in labels(root) {
            let area = seen.full;
            if need.w < 1.0 {
                continue;
            }
            if need.w > area.w + SLACK || need.h > area.h + SLACK {
                self.say(format!("{text:?} needs {} x {}, has {} x {}", need.w, need.h, area.w, area.h));
            }
            let seen = seen.clipped;
            if seen.w < 1.0 || seen.h < 1.0 {
                continue;
            }
            if !seen.within(self.window) {
                self.say(format!("{text:?} leaves the screen: {seen:?}"));
            }
            for (other, beside) in &texts {
                if seen.gap(*beside) < -SLACK * 2.0 {
                    self.say(format!("{text:?} overlaps {other:?}"));
                }
            }
            for (label, control) in controls {
                if seen.gap(*control) < -SLACK * 2.0 && !seen.within(*control) {
                    self.say(format!("{text:?} overlaps the control {label:?}"));
                }
            }
            texts.push((text, seen));
        }
    }
}

struct Seen {
    full: Area,
    clipped: Area,
}

/// Every text with what it needs, where it stands, and what of that is seen: what can be scrolled is judged as
/// far as it is on the screen.
/// Values that are typed may be longer than their box; the editor shows them whole.
fn labels(root: &ElementHandle) -> Vec<(String, Area, Seen)> {
    let under = |root: &ElementHandle| root.query_descendants().match_inherits("Label").find_all();
    let key = |it: Area| [it.x, it.y, it.w, it.h].map(f32::to_bits);
    let mut clips = std::collections::HashMap::new();
    for flick in root.query_descendants().match_id("Reading::flick").find_all() {
        for label in under(&flick) {
            clips.insert(key(Area::of(&label)), Area::of(&flick));
        }
    }
    let described = under(root).into_iter().filter_map(|label| {
        let full = Area::of(&label);
        let typed = label.id().is_some_and(|id| id.ends_with("::value"));
        let need = label.query_descendants().match_id("Label::need").find_first()?;
        let need = if typed { full } else { Area::of(&need) };
        let clipped = clips.get(&key(full)).map_or(full, |clip| full.cut_to(*clip));
        let text = label.accessible_label().filter(|it| !it.is_empty());
        let text = text.map_or_else(|| format!("text at {}, {}", full.x, full.y), Into::into);
        Some((text, need, Seen { full, clipped }))
    });
    described.collect()
}

fn judge(size: (u32, u32), target: f32) {
    platform(false).unwrap();
    let screen = blind().unwrap();
    open(&screen, size).unwrap();
    let mut found = BTreeSet::new();
    let mut serial = 0;
    let mut samples: Vec<Sample> = samples::all();
    samples.extend(samples::longest());
    for text_size in [TextSize::Normal, TextSize::Large, TextSize::Largest] {
        for language in [Language::Turkish, Language::English] {
            let manner = Manner { language, text_size, ..Manner::default() };
            for sample in &samples {
                serial += 1;
                screen.show(sample.view(serial, manner));
                (sample.then)(&screen);
                i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(300));
                Judge {
                    place: format!("{} {language:?} {text_size:?}", sample.name),
                    window: Area { x: 0.0, y: 0.0, w: size.0 as f32, h: size.1 as f32 },
                    target,
                    found: &mut found,
                }
                .page(&screen);
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} faults:\n{}",
        found.len(),
        found.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn every_page_fits_1280x800() {
    judge((1280, 800), 64.0);
}

#[test]
fn every_page_fits_1024x600() {
    judge((1024, 600), 48.0);
}

#[test]
fn every_page_fits_800x480() {
    judge((800, 480), 48.0);
}

#[test]
fn every_page_fits_portrait_720x1280() {
    judge((720, 1280), 48.0);
}
