//! Which words on a page belong to which control, and whether the page marks it as required.
//!
//! Pages of the portal are tables or nested blocks, with or without `label` elements; the order of the
//! search is: `label for`, a `label` around it, `aria-label`, then the words before it in its row.

use scraper::ElementRef;

use super::{
    document::{Document, NodeRef, is_control, is_hidden, visible_text},
    words,
};

/// The words that label a single control, as the page writes them.
pub(super) fn of_control(page: &Document, control: ElementRef<'_>) -> String {
    explicit(page, control).unwrap_or_else(|| before(*control, &[]))
}

/// The words that label a group of radio buttons: those before the first, or the legend around them.
pub(super) fn of_group(page: &Document, radios: &[ElementRef<'_>]) -> String {
    let Some(first) = radios.first() else { return String::new() };
    let own: Vec<_> = page
        .elements("label")
        .filter(|label| radios.iter().any(|radio| is_for(*label, *radio)))
        .map(|label| label.id())
        .collect();
    let start = wrapping_label(*first).map_or(**first, |label| *label);
    let words = before(start, &own);
    if !words::label(&words).is_empty() {
        return words;
    }
    first
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find_map(|outer| {
            let name = outer.value().name();
            if name == "fieldset" {
                let legend = outer.child_elements().find(|inner| inner.value().name() == "legend")?;
                return Some(visible_text(*legend));
            }
            outer
                .attr("role")
                .filter(|role| *role == "radiogroup")
                .and(outer.attr("aria-label"))
                .map(str::to_owned)
        })
        .unwrap_or_default()
}

/// The words that label one radio button or tick box of a group.
pub(super) fn of_option(page: &Document, radio: ElementRef<'_>) -> String {
    let words = explicit(page, radio).unwrap_or_else(|| {
        let mut words = String::new();
        for sibling in radio.next_siblings() {
            let is_break = sibling.value().as_element().is_some_and(|element| element.name() == "br");
            if is_break || holds_control(sibling) {
                break;
            }
            words.push_str(&visible_text(sibling));
        }
        words
    });
    // The group's mark stands behind its last option.
    words.replace("(*)", "")
}

/// Whether the page marks the control as required: by attribute, or by `(*)` at its label or behind it.
pub(super) fn is_required(label: &str, control: ElementRef<'_>) -> bool {
    control.attr("required").is_some()
        || control.attr("aria-required") == Some("true")
        || ends_with_mark(label)
        || ends_with_mark(&before(*control, &[]))
        // A mark that stands first belongs to the control before, if there is one in the same block.
        || starts_with_mark(label) && !control.prev_siblings().any(holds_control)
        || starts_with_mark(&after(*control))
}

/// The same for a group of radio buttons; its mark stands at the label or behind the last one.
pub(super) fn is_required_group(label: &str, radios: &[ElementRef<'_>]) -> bool {
    starts_with_mark(label)
        || ends_with_mark(label)
        || radios.iter().any(|radio| radio.attr("required").is_some())
        || radios.last().is_some_and(|last| {
            let from = wrapping_label(*last).map_or(**last, |label| *label);
            from.next_siblings().any(|sibling| visible_text(sibling).contains("(*)"))
        })
}

fn starts_with_mark(words: &str) -> bool {
    words.trim_start().starts_with(['*']) || words.trim_start().starts_with("(*)")
}

fn ends_with_mark(words: &str) -> bool {
    let words =
        words.trim_end_matches(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '▶' | '►'));
    words.ends_with('*') || words.ends_with("(*)")
}

fn explicit(page: &Document, control: ElementRef<'_>) -> Option<String> {
    let named = page.elements("label").filter(|label| is_for(*label, control) && !is_hidden(**label));
    let words = named.map(|label| visible_text(*label)).collect::<Vec<_>>().join(" ");
    [
        Some(words),
        wrapping_label(control).map(|label| visible_text(*label)),
        control.attr("aria-label").map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .find(|words| !words::label(words).is_empty())
}

fn is_for(label: ElementRef<'_>, control: ElementRef<'_>) -> bool {
    label.attr("for").is_some_and(|target| !target.is_empty() && control.attr("id") == Some(target))
}

fn wrapping_label(control: ElementRef<'_>) -> Option<ElementRef<'_>> {
    control.ancestors().filter_map(ElementRef::wrap).find(|outer| outer.value().name() == "label")
}

/// The nearest words before a node in its row, up to another control.
fn before(from: NodeRef<'_>, without: &[ego_tree::NodeId]) -> String {
    let mut at = from;
    loop {
        let mut words = String::new();
        for sibling in at.prev_siblings() {
            if without.contains(&sibling.id()) {
                continue;
            }
            if holds_control(sibling) {
                return words;
            }
            let has_words = !words::label(&words).is_empty();
            if has_words && is_block(sibling) {
                break;
            }
            words.insert_str(0, &visible_text(sibling));
        }
        if !words::label(&words).is_empty() {
            return words;
        }
        match at.parent() {
            Some(outer) if !is_row(outer) => at = outer,
            Some(_) | None => return String::new(),
        }
    }
}

/// The nearest words behind a node in its row, up to another control.
fn after(from: NodeRef<'_>) -> String {
    let mut at = from;
    loop {
        for sibling in at.next_siblings() {
            if holds_control(sibling) {
                return String::new();
            }
            let words = visible_text(sibling);
            if !words.trim().is_empty() {
                // Of another block only a mark that stands alone is meant.
                let is_meant = at == from || words::label(&words).is_empty();
                return if is_meant { words } else { String::new() };
            }
        }
        match at.parent() {
            Some(outer) if !is_row(outer) => at = outer,
            Some(_) | None => return String::new(),
        }
    }
}

fn holds_control(node: NodeRef<'_>) -> bool {
    node.descendants().any(is_control)
}

/// Blocks end the words that belong together; a row ends the search.
fn is_block(node: NodeRef<'_>) -> bool {
    node.value().as_element().is_some_and(|element| {
        matches!(
            element.name(),
            "br" | "hr"
                | "p"
                | "div"
                | "td"
                | "th"
                | "dt"
                | "dd"
                | "li"
                | "table"
                | "ul"
                | "ol"
                | "dl"
                | "legend"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "section"
                | "fieldset"
        )
    })
}

fn is_row(node: NodeRef<'_>) -> bool {
    node.value().as_element().is_some_and(|element| {
        matches!(
            element.name(),
            "tr" | "li" | "dl" | "table" | "tbody" | "fieldset" | "form" | "section" | "body" | "html"
        )
    })
}
