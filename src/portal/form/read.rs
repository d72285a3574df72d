//! Reading the forms of a parsed page.

use ego_tree::NodeId;
use scraper::ElementRef;

use super::{Control, Form, Item, Value};
use crate::{
    portal::{
        charset,
        document::{Document, input_type, is_hidden, visible_text},
        label,
        page::Fault,
        words,
    },
    redact::Personal,
};

/// Most controls of a page; the guide's largest has thirty.
const CONTROLS: usize = 400;
/// Most forms of a page.
const FORMS: usize = 50;

/// A form with the nodes its controls were read from (index for index), while the page is at hand.
pub(in crate::portal) struct Owned {
    /// The form.
    pub(in crate::portal) form: Form,
    /// A node per control.
    pub(in crate::portal) nodes: Vec<NodeId>,
}

/// All forms of a page that have a control, in the page's order.
///
/// # Errors
/// [`Fault::Malformed`] for an address that is none or an absurd number of controls.
pub(in crate::portal) fn read_all(page: &Document) -> Result<Vec<Owned>, Fault> {
    let elements: Vec<ElementRef<'_>> = page.elements("form").collect();
    if elements.len() > FORMS {
        return Err(Fault::Malformed("more forms than any page has"));
    }
    let mut owned = Vec::with_capacity(elements.len());
    let mut members: Vec<Vec<ElementRef<'_>>> = vec![Vec::new(); elements.len()];
    let mut count = 0;
    for control in page
        .all()
        .filter(|element| matches!(element.value().name(), "input" | "select" | "textarea" | "button"))
    {
        count += 1;
        if count > CONTROLS {
            return Err(Fault::Malformed("more controls than any page has"));
        }
        if let Some(owner) = owner(page, &elements, control) {
            members[owner].push(control);
        }
    }
    for (element, members) in elements.into_iter().zip(members) {
        if !members.is_empty() {
            owned.push(read(page, element, &members)?);
        }
    }
    Ok(owned)
}

/// The form a control belongs to: the one its `form` names, the one around it, or an empty one before it.
/// The last is what the parser leaves of `<table><form><tr>…` (HTML, 13.2.6.4.9).
fn owner(page: &Document, forms: &[ElementRef<'_>], control: ElementRef<'_>) -> Option<usize> {
    if let Some(id) = control.attr("form") {
        return forms.iter().position(|form| form.attr("id") == Some(id));
    }
    if let Some(around) =
        control.ancestors().find_map(|outer| forms.iter().position(|form| form.id() == outer.id()))
    {
        return Some(around);
    }
    page.all()
        .take_while(|element| element.id() != control.id())
        .filter(|element| element.value().name() == "form")
        .last()
        .filter(|form| form.child_elements().next().is_none())
        .and_then(|form| forms.iter().position(|known| known.id() == form.id()))
}

fn read(page: &Document, element: ElementRef<'_>, members: &[ElementRef<'_>]) -> Result<Owned, Fault> {
    let action = element.attr("action").map(str::trim).filter(|action| !action.is_empty());
    let mut owned = Owned {
        form: Form {
            // Without an action a form goes back to its page, not to the base address.
            action: action.map_or_else(|| Ok(page.address.clone()), |action| page.resolve(action))?,
            post: is_post(element.attr("method")).unwrap_or(false),
            charset: element.attr("accept-charset").and_then(charset::accepted).unwrap_or(page.charset),
            foreign_encoding: is_foreign(element.attr("enctype")),
            controls: Vec::with_capacity(members.len()),
        },
        nodes: Vec::with_capacity(members.len()),
    };
    for (place, control) in members.iter().enumerate() {
        let name = control.attr("name").filter(|name| !name.is_empty());
        let kind = input_type(control.value());
        let grouped = control.value().name() == "input" && matches!(kind.as_str(), "radio" | "checkbox");
        let same = |other: &&ElementRef<'_>| {
            other.value().name() == "input"
                && input_type(other.value()) == kind
                && other.attr("name").filter(|other| !other.is_empty()) == name
        };
        let mut group = Vec::new();
        let control = *control;
        let value = if grouped {
            if name.is_some() && members[..place].iter().any(|other| same(&other)) {
                continue;
            }
            group = match name {
                Some(_) => members.iter().filter(same).copied().collect(),
                None => vec![control],
            };
            group_value(page, &group, &kind)
        } else {
            let Some(value) = single_value(page, control, &kind)? else { continue };
            value
        };
        owned.form.controls.push(describe(page, control, &group, name, &kind, value));
        owned.nodes.push(control.id());
    }
    Ok(owned)
}

fn describe(
    page: &Document,
    control: ElementRef<'_>,
    group: &[ElementRef<'_>],
    name: Option<&str>,
    kind: &str,
    value: Value,
) -> Control {
    let is_invisible = control.value().name() == "input" && kind == "hidden";
    let (label, required) = if matches!(value, Value::Submit { .. }) {
        (caption(control), false)
    } else if is_invisible {
        (String::new(), false)
    } else if group.is_empty() {
        let label = label::of_control(page, control);
        let required = label::is_required(&label, control);
        (label, required)
    } else {
        let label = label::of_group(page, group);
        let required = label::is_required_group(&label, group);
        (label, required)
    };
    Control {
        name: name.map(str::to_owned),
        label: words::label(&label),
        required,
        read_only: control.attr("readonly").is_some(),
        disabled: is_disabled(control, &value),
        visible: !is_invisible && !is_hidden(*control),
        value,
    }
}

/// A control or a `fieldset` around it is disabled; of a group of radio buttons, every one.
fn is_disabled(control: ElementRef<'_>, value: &Value) -> bool {
    let by_itself = match value {
        Value::Choice { options, .. } if control.value().name() == "input" => {
            options.iter().all(|item| item.disabled)
        }
        Value::Choice { .. } | Value::Text { .. } | Value::Submit { .. } | Value::Foreign => {
            control.attr("disabled").is_some()
        }
    };
    by_itself
        || control
            .ancestors()
            .filter_map(|outer| outer.value().as_element())
            .any(|outer| outer.name() == "fieldset" && outer.attr("disabled").is_some())
}

fn single_value(page: &Document, control: ElementRef<'_>, kind: &str) -> Result<Option<Value>, Fault> {
    let attr = |name| control.attr(name).unwrap_or_default().to_owned();
    let max_length = control.attr("maxlength").and_then(|most| most.trim().parse::<u16>().ok());
    let submit = |picture| -> Result<Option<Value>, Fault> {
        let action = control.attr("formaction").map(|action| page.resolve(action)).transpose()?;
        Ok(Some(Value::Submit {
            value: attr("value"),
            picture,
            action,
            post: is_post(control.attr("formmethod")),
        }))
    };
    match (control.value().name(), kind) {
        ("button", "button" | "reset") | ("input", "button" | "reset") => Ok(None),
        ("button", _) | ("input", "submit") => submit(false),
        ("input", "image") => submit(true),
        ("input", "file") => Ok(Some(Value::Foreign)),
        ("select", _) if control.attr("multiple").is_some() => Ok(Some(Value::Foreign)),
        ("select", _) => Ok(Some(select_value(control))),
        ("textarea", _) => {
            let text: String = control.text().collect();
            // The parser has already dropped the first line break.
            Ok(Some(Value::Text { text: Personal::new(text), max_length, lines: true }))
        }
        // A line of text holds no line breaks (HTML, 4.10.5.1.2); a hidden value travels verbatim.
        ("input", "hidden") => {
            Ok(Some(Value::Text { text: Personal::new(attr("value")), max_length: None, lines: false }))
        }
        _ => {
            let text = attr("value").replace(['\r', '\n'], "");
            Ok(Some(Value::Text { text: Personal::new(text), max_length, lines: false }))
        }
    }
}

fn select_value(select: ElementRef<'_>) -> Value {
    let mut options = Vec::new();
    let mut chosen = None;
    for option in select.descendent_elements().filter(|element| element.value().name() == "option") {
        if option.attr("selected").is_some() {
            chosen = Some(options.len());
        }
        options.push(item(option));
    }
    // Without a selected one a drop-down shows its first that is not disabled (HTML, 4.10.7).
    let chosen = chosen.or_else(|| options.iter().position(|item: &Item| !item.disabled));
    Value::Choice { options, chosen }
}

/// An `option` element.
pub(in crate::portal) fn item(option: ElementRef<'_>) -> Item {
    let text = words::clean(&option.text().collect::<String>(), words::QUOTE);
    let in_disabled_group = option
        .ancestors()
        .filter_map(|outer| outer.value().as_element())
        .any(|outer| outer.name() == "optgroup" && outer.attr("disabled").is_some());
    Item {
        value: option.attr("value").map_or_else(|| text.clone(), str::to_owned),
        label: option
            .attr("label")
            .filter(|label| !label.is_empty())
            .map_or(text, |label| words::clean(label, words::QUOTE)),
        disabled: option.attr("disabled").is_some() || in_disabled_group,
    }
}

fn group_value(page: &Document, group: &[ElementRef<'_>], kind: &str) -> Value {
    if kind == "checkbox" && group.len() > 1 {
        return Value::Foreign;
    }
    let options: Vec<Item> = group
        .iter()
        .map(|radio| Item {
            value: radio.attr("value").unwrap_or("on").to_owned(),
            label: words::clean(&label::of_option(page, *radio), words::QUOTE),
            disabled: radio.attr("disabled").is_some(),
        })
        .collect();
    // Of several checked ones the last wins; none may be.
    let chosen = group.iter().rposition(|radio| radio.attr("checked").is_some());
    Value::Choice { options, chosen }
}

fn caption(button: ElementRef<'_>) -> String {
    let text = if button.value().name() == "button" { visible_text(*button) } else { String::new() };
    let attr = |name| button.attr(name).map(str::to_owned);
    [Some(text), attr("value"), attr("alt"), attr("aria-label"), attr("title")]
        .into_iter()
        .flatten()
        .find(|words| !words::label(words).is_empty())
        .unwrap_or_default()
}

fn is_post(method: Option<&str>) -> Option<bool> {
    method.map(|method| method.trim().eq_ignore_ascii_case("post"))
}

fn is_foreign(encoding: Option<&str>) -> bool {
    encoding.is_some_and(|encoding| {
        ["multipart/form-data", "text/plain"].contains(&encoding.trim().to_ascii_lowercase().as_str())
    })
}
