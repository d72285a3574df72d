//! A page as parsed: its visible text line by line, its pictures, links and messages.
//!
//! It knows HTML (with `scraper`, the html5ever parser); it knows nothing of profiles. Forms are in
//! [`super::form`], labels of their controls in [`super::label`].

use ego_tree::iter::Edge;
use encoding_rs::Encoding;
use scraper::{ElementRef, Html, Node, node::Element};
use url::Url;

use super::{charset, page::Fault, words};

/// Most tags of a page. The guide's largest page has some hundreds; what asks for more work is no page.
const TAGS: usize = 20_000;

/// A node of the page.
pub(super) type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// A parsed page.
pub(super) struct Document {
    html: Html,
    /// Where it came from.
    pub(super) address: Url,
    /// What relative addresses on it are relative to.
    pub(super) base: Url,
    /// How its forms are answered.
    pub(super) charset: &'static Encoding,
}

impl Document {
    /// Parses a page that came from this address.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for a charset problem or an absurd number of tags.
    pub(super) fn parse(body: &[u8], content_type: Option<&str>, address: &Url) -> Result<Self, Fault> {
        if let Some(media_type) = content_type.and_then(|text| text.split(';').next()) {
            let media_type = media_type.trim().to_ascii_lowercase();
            if !["text/html", "application/xhtml+xml", ""].contains(&media_type.as_str()) {
                return Err(Fault::Malformed("an answer that is no HTML"));
            }
        }
        let (text, charset) = charset::decode(body, content_type)?;
        // The parser's work grows with depth times tags; both are bounded by counting first.
        if text.bytes().filter(|byte| *byte == b'<').count() > TAGS {
            return Err(Fault::Malformed("more tags than any page has"));
        }
        let html = Html::parse_document(&text);
        let mut document = Self { html, address: address.clone(), base: address.clone(), charset };
        let base = document.elements("base").find_map(|element| element.attr("href").map(str::to_owned));
        if let Some(base) = base {
            document.base = address.join(base.trim()).map_err(|_| Fault::Malformed("a base address"))?;
        }
        Ok(document)
    }

    /// All elements of this name, in the page's order.
    pub(super) fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = ElementRef<'a>> {
        self.all().filter(move |element| element.value().name() == name)
    }

    /// All elements in the page's order.
    pub(super) fn all(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.html.tree.root().descendants().filter_map(ElementRef::wrap)
    }

    /// An address on the page, resolved.
    ///
    /// # Errors
    /// [`Fault::Malformed`] when it is none.
    pub(super) fn resolve(&self, address: &str) -> Result<Url, Fault> {
        self.base.join(address.trim()).map_err(|_| Fault::Malformed("an address on the page"))
    }

    /// The visible text, a line per block or cell; the title first.
    pub(super) fn lines(&self) -> Vec<String> {
        let title = self.elements("title").next().map(|title| title.text().collect::<String>());
        let text = visible_text(self.html.tree.root());
        let lines = title.iter().map(String::as_str).chain(text.split('\n'));
        lines.map(|line| words::clean(line, usize::MAX / 8)).filter(|line| !line.is_empty()).collect()
    }

    /// Visible elements of one of these classes, with their text: the page's messages.
    pub(super) fn messages<'a>(&'a self, classes: &'a [String]) -> Vec<(ElementRef<'a>, String)> {
        let mut found: Vec<(ElementRef<'a>, String)> = Vec::new();
        for element in self.all() {
            let named = element
                .value()
                .classes()
                .any(|class| classes.iter().any(|known| known.eq_ignore_ascii_case(class)));
            if !named
                || is_hidden(*element)
                || found.iter().any(|(outer, _)| element.ancestors().any(|a| a.id() == outer.id()))
            {
                continue;
            }
            let text = words::clean(&visible_text(*element), words::QUOTE);
            if !text.is_empty() {
                found.push((element, text));
            }
        }
        found
    }

    /// Visible links: their text and where they lead.
    pub(super) fn links(&self) -> impl Iterator<Item = (String, &str)> {
        self.elements("a").filter(|link| !is_hidden(**link)).filter_map(|link| {
            let address = link.attr("href")?;
            Some((words::label(&visible_text(*link)), address))
        })
    }

    /// The address of the first picture whose `src` says this.
    pub(super) fn picture(&self, part: &str) -> Option<&str> {
        self.elements("img").filter_map(|picture| picture.attr("src")).find(|source| source.contains(part))
    }
}

/// What stands after one of these labels: behind it on its line, then the lines below it.
pub(super) fn values_after<'a>(lines: &'a [String], labels: &[String]) -> impl Iterator<Item = &'a str> {
    let found = lines.iter().enumerate().find_map(|(index, line)| {
        if words::is_one_of(&words::label(line), labels) {
            return Some((None, index + 1));
        }
        let (head, value) = line.split_once(':')?;
        words::is_one_of(&words::label(head), labels).then_some((Some(value.trim()), index + 1))
    });
    let (value, next) = found.unwrap_or((None, lines.len()));
    value.into_iter().chain(lines[next..].iter().map(String::as_str)).filter(|value| !value.is_empty())
}

/// The number of seconds after one of these phrases: `296`, `296 Saniye`, `4:56`.
pub(super) fn seconds_after(lines: &[String], phrases: &[String]) -> Option<u64> {
    let text = words::fold(&lines.join(" "));
    phrases.iter().find_map(|phrase| {
        let (_, after) = text.split_once(&words::fold(phrase))?;
        let after = after.trim_start_matches(|letter: char| letter == ':' || letter.is_whitespace());
        let number = |text: &str| -> Option<(u64, usize)> {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            (1..=5).contains(&digits).then(|| Some((text[..digits].parse().ok()?, digits)))?
        };
        let (first, length) = number(after)?;
        match after[length..].strip_prefix(':').and_then(number) {
            Some((seconds, 2)) => Some(first * 60 + seconds),
            Some(_) | None => Some(first),
        }
    })
}

/// The smallest line that says this, as the page writes it.
pub(super) fn line_saying<'a>(lines: &'a [String], phrase: &str) -> Option<&'a str> {
    lines
        .iter()
        .map(String::as_str)
        .filter(|line| words::says(&words::fold(line), phrase))
        .min_by_key(|line| line.len())
}

/// The text a person sees in this part of the page, with a line break at blocks, cells and controls.
/// What is typed or chosen in controls is no part of it.
pub(super) fn visible_text(from: NodeRef<'_>) -> String {
    let mut text = String::new();
    let mut hidden_in = None;
    for edge in from.traverse() {
        match edge {
            Edge::Open(node) if hidden_in.is_none() => match node.value() {
                // Line breaks of the source are spaces to the eye.
                Node::Text(words) => {
                    text.extend(words.chars().map(|c| if c.is_ascii_whitespace() { ' ' } else { c }));
                }
                Node::Element(element) => {
                    if is_unseen(element) {
                        hidden_in = Some(node.id());
                    } else if !is_inline(element.name()) {
                        text.push('\n');
                        if let Some(caption) = button_caption(element) {
                            text.push_str(caption);
                        }
                    }
                }
                Node::Document
                | Node::Fragment
                | Node::Doctype(_)
                | Node::Comment(_)
                | Node::ProcessingInstruction(_) => {}
            },
            Edge::Open(_) => {}
            Edge::Close(node) => {
                if hidden_in == Some(node.id()) {
                    hidden_in = None;
                    // Words around something unseen do not run together; controls separate lines.
                    text.push(if is_control(node) { '\n' } else { ' ' });
                } else if node.value().as_element().is_some_and(|element| !is_inline(element.name())) {
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Whether this node is an input a person could see (not a button, not hidden).
pub(super) fn is_control(node: NodeRef<'_>) -> bool {
    node.value().as_element().is_some_and(|element| match element.name() {
        "select" | "textarea" => true,
        "input" => {
            !matches!(input_type(element).as_str(), "hidden" | "submit" | "button" | "image" | "reset")
        }
        _ => false,
    })
}

/// Whether the page hides this node, itself or with what it is in.
pub(super) fn is_hidden(node: NodeRef<'_>) -> bool {
    std::iter::once(node)
        .chain(node.ancestors())
        .filter_map(|node| node.value().as_element())
        .any(|element| hides(element) || matches!(element.name(), "template" | "noscript" | "head"))
}

/// `type` of an `input`, in lower case; `text` where there is none.
pub(super) fn input_type(element: &Element) -> String {
    element.attr("type").map_or_else(|| "text".to_owned(), |kind| kind.trim().to_ascii_lowercase())
}

fn is_unseen(element: &Element) -> bool {
    hides(element)
        || matches!(
            element.name(),
            "head"
                | "script"
                | "style"
                | "noscript"
                | "template"
                | "select"
                | "textarea"
                | "object"
                | "iframe"
        )
}

fn hides(element: &Element) -> bool {
    element.attr("hidden").is_some()
        || element.attr("style").is_some_and(|style| {
            let style: String =
                style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "em"
            | "font"
            | "i"
            | "img"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

fn button_caption(element: &Element) -> Option<&str> {
    let is_button = element.name() == "input" && matches!(input_type(element).as_str(), "submit" | "button");
    is_button.then(|| element.attr("value")).flatten()
}
