//! Text stands out at least 7:1 and controls at least 3:1 (WCAG 2.2, 1.4.6 and 1.4.11), in both themes.

use kiosk_ui::{
    headless::{gallery, platform},
    ui::{Palette, Theme},
};
use slint::{Color, Global as _};

/// Relative luminance (WCAG 2.2).
fn luminance(color: Color) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.red()) + 0.7152 * linear(color.green()) + 0.0722 * linear(color.blue())
}

fn ratio(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn judge(theme: &str, p: &Palette) {
    let text = [
        ("ink on ground", p.ink, p.ground),
        ("ink on surface", p.ink, p.surface),
        ("ink on soft", p.ink, p.primary_soft),
        ("quiet on ground", p.quiet, p.ground),
        ("quiet on surface", p.quiet, p.surface),
        ("quiet on soft", p.quiet, p.primary_soft),
        ("primary on ground", p.primary, p.ground),
        ("primary on surface", p.primary, p.surface),
        ("primary on soft", p.primary, p.primary_soft),
        ("words of a primary button", p.on_primary, p.primary),
        ("words of a disabled button", p.on_disabled, p.disabled),
        ("good", p.good, p.good_soft),
        ("caution", p.caution, p.caution_soft),
        ("caution on ground", p.caution, p.ground),
        ("bad", p.bad, p.bad_soft),
        ("bad on ground", p.bad, p.ground),
        ("bad on surface", p.bad, p.surface),
    ];
    for (what, ink, ground) in text {
        let found = ratio(ink, ground);
        assert!(found >= 7.0, "{theme}: {what} is {found:.2}:1");
    }
    let controls = [
        ("outline on ground", p.outline, p.ground),
        ("outline on surface", p.outline, p.surface),
        ("primary button on ground", p.primary, p.ground),
        ("the edge of a chosen card", p.primary, p.primary_soft),
    ];
    for (what, edge, ground) in controls {
        let found = ratio(edge, ground);
        assert!(found >= 3.0, "{theme}: {what} is {found:.2}:1");
    }
}

#[test]
fn every_colour_can_be_told_from_what_it_stands_on() {
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    let theme = Theme::get(screen.window());
    judge("light", &theme.get_light());
    judge("high contrast", &theme.get_high());
}
