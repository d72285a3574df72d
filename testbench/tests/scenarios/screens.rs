//! The same visit on every size of screen.

use super::stage::Stage;

#[test]
fn a_small_panel_serves_a_whole_visit() {
    whole_visit(&["--size", "800x480"]);
}

#[test]
fn a_medium_panel_serves_a_whole_visit_in_english() {
    whole_visit(&["--size", "1024x600", "--lang", "en"]);
}

#[test]
fn a_portrait_panel_serves_a_whole_visit() {
    whole_visit(&["--size", "720x1280"]);
}

fn whole_visit(arguments: &[&str]) {
    let report = Stage::set(arguments).run();
    assert!(report.as_expected, "{:?}", report.deviations);
}
