//! What an assistive device would find on the screen: label, role, value, description, place.
//!
//! It sees only what can be touched now: under a question there is nothing.

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot as _};
use serde::Serialize;

use crate::screen::Screen;

/// Something with an accessible label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// What is read out.
    pub label: String,
    /// In kebab-case.
    pub role: &'static str,
    /// What is in it; for something that is ticked, `checked`.
    pub value: String,
    /// What is read out after that.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// It takes a touch.
    pub enabled: bool,
    /// Left edge, logical pixels.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// Everything with a label, in drawing order.
#[must_use]
pub fn controls(screen: &Screen) -> Vec<Control> {
    elements(screen).iter().map(describe).collect()
}

/// The element with this label and, where given, this role; one that can be touched comes first.
#[must_use]
pub fn find(screen: &Screen, label: &str, role: Option<&str>) -> Option<ElementHandle> {
    let fits = |it: &ElementHandle| {
        it.accessible_label().is_some_and(|found| found == label)
            && role.is_none_or(|role| role_name(it) == role)
    };
    let found: Vec<_> = elements(screen).into_iter().filter(fits).collect();
    let by_touch = found.iter().position(|it| touchable(role_name(it)));
    found.into_iter().nth(by_touch.unwrap_or(0))
}

/// Whether a role is one a finger is for.
#[must_use]
pub fn touchable(role: &str) -> bool {
    matches!(role, "button" | "text-input" | "combobox" | "checkbox")
}

/// What is wrong with touching this element now.
#[must_use]
pub fn obstacle(screen: &Screen, element: &ElementHandle) -> Option<String> {
    if element.accessible_enabled() == Some(false) {
        return Some("it is disabled".into());
    }
    let window = screen.window().root_element().size();
    let (at, size) = (element.absolute_position(), element.size());
    let (x, y) = (at.x + size.width / 2.0, at.y + size.height / 2.0);
    let inside = x >= 0.0 && y >= 0.0 && x < window.width && y < window.height;
    (!inside).then(|| "it is outside the screen".into())
}

fn elements(screen: &Screen) -> Vec<ElementHandle> {
    let window = screen.window();
    let question = ElementHandle::find_by_element_id(window, "Question::panel").next();
    let root = question.unwrap_or_else(|| window.root_element());
    let found = root
        .query_descendants()
        .match_predicate(|it| {
            it.accessible_role().is_some() && it.accessible_label().is_some_and(|label| !label.is_empty())
        })
        .find_all();
    found.into_iter().filter(|it| it.size().width > 0.0 && it.size().height > 0.0).collect()
}

fn describe(element: &ElementHandle) -> Control {
    let (at, size) = (element.absolute_position(), element.size());
    let value = match element.accessible_checked() {
        Some(true) => "checked".into(),
        Some(false) | None => element.accessible_value().unwrap_or_default().to_string(),
    };
    Control {
        label: element.accessible_label().unwrap_or_default().into(),
        role: role_name(element),
        value,
        description: element.accessible_description().unwrap_or_default().into(),
        enabled: element.accessible_enabled().unwrap_or(true),
        x: at.x,
        y: at.y,
        w: size.width,
        h: size.height,
    }
}

/// The role's name; those the pages do not use are all `other`.
#[must_use]
pub fn role_name(element: &ElementHandle) -> &'static str {
    match element.accessible_role() {
        Some(AccessibleRole::Button) => "button",
        Some(AccessibleRole::TextInput) => "text-input",
        Some(AccessibleRole::Combobox) => "combobox",
        Some(AccessibleRole::Checkbox) => "checkbox",
        Some(AccessibleRole::Text) => "text",
        Some(AccessibleRole::Image) => "image",
        Some(AccessibleRole::ProgressIndicator) => "progress-indicator",
        Some(AccessibleRole::Groupbox) => "groupbox",
        _ => "other",
    }
}
