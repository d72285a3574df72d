//! A finger that is on the glass while `kioskd` says more of the page that stands: what it touches stays under it.

use eimza_kiosk::link::{
    intent::Intent,
    view::{Deadline, Ring},
};
use kiosk_ui::headless::{
    controls::{Control, controls, touchable},
    gallery::Manner,
    samples,
};
use slint::{
    ComponentHandle as _, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};

use super::listening::listening;

/// Of each page at most so many, all over it.
const MOST: usize = 10;

/// What was told, and what stands then.
type Outcome = (Vec<Intent>, Vec<Control>);

#[test]
fn a_view_of_the_same_page_takes_nothing_from_under_a_finger() {
    let (screen, told) = listening((1280, 800));
    let mut serial = 0;
    let (mut touched, mut taken) = (0, Vec::new());
    for sample in samples::all() {
        let mut touch = |control: Option<&Control>, held: bool| -> Outcome {
            // Nothing of the time before: digits of a PIN, and how far a text was read.
            screen.lost();
            let _ = controls(&screen);
            serial += 1;
            let mut view = sample.view(serial, Manner::default());
            screen.show(view.clone());
            (sample.then)(&screen);
            let Some(control) = control else { return (Vec::new(), controls(&screen)) };
            view.frame.ring = Some(Ring { left_ms: 71_000, total_ms: 90_000, of: Deadline::Idle });
            let comes = || {
                screen.show(view.clone());
                // It is drawn: that is when what stands is made anew.
                let _ = controls(&screen);
            };
            told.borrow_mut().clear();
            let window = screen.window().window();
            let position = LogicalPosition::new(control.x + control.w / 2.0, control.y + control.h / 2.0);
            let button = PointerEventButton::Left;
            if !held {
                comes();
            }
            window.dispatch_event(WindowEvent::PointerMoved { position });
            window.dispatch_event(WindowEvent::PointerPressed { position, button });
            if held {
                comes();
            }
            window.dispatch_event(WindowEvent::PointerReleased { position, button });
            window.dispatch_event(WindowEvent::PointerExited);
            i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_secs(1));
            let said = told.borrow().iter().filter(|it| **it != Intent::Present).cloned().collect();
            // A ring counts down meanwhile.
            let stands = controls(&screen).into_iter().filter(|it| it.role != "progress-indicator").collect();
            (said, stands)
        };
        let all: Vec<Control> =
            touch(None, false).1.into_iter().filter(|it| it.enabled && touchable(it.role)).collect();
        for control in all.iter().step_by(all.len().div_ceil(MOST).max(1)) {
            let (alone, held) = (touch(Some(control), false), touch(Some(control), true));
            if alone != held {
                taken.push(format!("{}: {:?}", sample.name, control.label));
            }
            touched += 1;
        }
    }
    assert_eq!(taken, [""; 0], "taken from under the finger");
    assert!(touched > 100, "{touched} were touched");
}
