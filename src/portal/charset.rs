//! Charsets of pages, both ways: from the header, else from the page's `meta`, else UTF-8.
//!
//! It knows bytes and labels of charsets (WHATWG Encoding Standard), nothing of pages.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use zeroize::Zeroizing;

use super::page::Fault;

/// How far into a page its `meta charset` is looked for (HTML, 13.2.3.2).
const PRESCAN: usize = 1024;

/// A page's text and the charset in which its forms are answered.
///
/// # Errors
/// [`Fault::Malformed`] for a charset nobody knows and for bytes that are not of it.
pub(super) fn decode(
    body: &[u8],
    content_type: Option<&str>,
) -> Result<(Zeroizing<String>, &'static Encoding), Fault> {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (encoding, &body[length..]),
        None => (named(body, content_type)?, body),
    };
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or(Fault::Malformed("bytes that are not of the page's charset"))?;
    // Forms of a page in UTF-16 are answered in UTF-8.
    Ok((Zeroizing::new(text.into_owned()), encoding.output_encoding()))
}

/// Bytes of a value in the page's charset.
///
/// # Errors
/// [`Fault::Malformed`] for a letter the charset does not have: it would arrive as another.
pub(super) fn encode<'a>(text: &'a str, encoding: &'static Encoding) -> Result<Cow<'a, [u8]>, Fault> {
    let (bytes, _, unmappable) = encoding.encode(text);
    if unmappable { Err(Fault::Malformed("a letter the page's charset does not have")) } else { Ok(bytes) }
}

/// The charset a form names in `accept-charset`, if there is one we know.
pub(super) fn accepted(labels: &str) -> Option<&'static Encoding> {
    labels
        .split_ascii_whitespace()
        .find_map(|label| Encoding::for_label(label.as_bytes()))
        .map(Encoding::output_encoding)
}

fn named(body: &[u8], content_type: Option<&str>) -> Result<&'static Encoding, Fault> {
    const UNKNOWN: Fault = Fault::Malformed("a charset nobody knows");
    if let Some(label) = content_type.and_then(|text| parameter(text.as_bytes())) {
        return Encoding::for_label_no_replacement(&label).ok_or(UNKNOWN);
    }
    let head = &body[..body.len().min(PRESCAN)];
    match meta(head) {
        None => Ok(UTF_8),
        // A page whose meta could be read is not in UTF-16 (HTML, 13.2.3.2).
        Some(label) => match Encoding::for_label_no_replacement(&label).ok_or(UNKNOWN)? {
            utf16 if utf16 == UTF_16LE || utf16 == UTF_16BE => Ok(UTF_8),
            other => Ok(other),
        },
    }
}

/// The charset in the first `meta` element that has one.
fn meta(head: &[u8]) -> Option<Vec<u8>> {
    let head = head.to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = find(rest, b"<meta") {
        rest = &rest[at + 5..];
        let end = find(rest, b">").unwrap_or(rest.len());
        if let Some(label) = parameter(&rest[..end]) {
            return Some(label);
        }
    }
    None
}

/// What stands after `charset=`, with or without quotation marks.
fn parameter(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.to_ascii_lowercase();
    let after = &text[find(&text, b"charset")? + 7..];
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let label: Vec<u8> = value
        .iter()
        .skip_while(|byte| matches!(byte, b'"' | b'\''))
        .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b';' | b'/' | b'>'))
        .copied()
        .collect();
    (!label.is_empty()).then_some(label)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1254};

    use super::{accepted, decode, encode};
    use crate::portal::Fault;

    const LATIN5: &[u8] = b"\xddl\xe7e G\xfcvenlik s\xf6zc\xfc\xf0\xfc \xfe\xde\xfd\xd0";
    const TEXT: &str = "İlçe Güvenlik sözcüğü şŞıĞ";

    #[test]
    fn iso_8859_9_is_read_by_header_and_by_meta() {
        let (text, encoding) = decode(LATIN5, Some("text/html; charset=\"ISO-8859-9\"")).expect("known");
        assert_eq!((text.as_str(), encoding), (TEXT, WINDOWS_1254));
        for meta in [
            "<META http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-9\">",
            "<meta name=x><meta charset='windows-1254'/>",
            "<meta charset=latin5>",
        ] {
            let page = [meta.as_bytes(), LATIN5].concat();
            let (text, encoding) = decode(&page, Some("text/html")).expect("known");
            assert!(text.ends_with(TEXT), "{meta}");
            assert_eq!(encoding, WINDOWS_1254);
        }
    }

    #[test]
    fn the_header_goes_before_the_meta_and_utf_8_is_the_rest() {
        let page = format!("<meta charset=iso-8859-9>{TEXT}");
        let (text, encoding) = decode(page.as_bytes(), Some("text/html;charset=utf-8")).expect("known");
        assert!(text.ends_with(TEXT));
        assert_eq!(encoding, UTF_8);
        assert_eq!(decode(TEXT.as_bytes(), None).expect("UTF-8").0.as_str(), TEXT);
    }

    #[test]
    fn bytes_that_are_not_of_the_charset_are_malformed_rather_than_replaced() {
        assert!(matches!(decode(LATIN5, None), Err(Fault::Malformed(_))));
        assert!(matches!(decode(b"x", Some("text/html; charset=x-klingon")), Err(Fault::Malformed(_))));
        assert!(matches!(decode(b"x", Some("text/html; charset=iso-2022-kr")), Err(Fault::Malformed(_))));
    }

    #[test]
    fn values_go_back_in_the_charset_of_the_page_or_not_at_all() {
        assert_eq!(encode(TEXT, WINDOWS_1254).expect("Turkish").as_ref(), LATIN5);
        assert_eq!(encode("ğ", UTF_8).expect("all").as_ref(), "ğ".as_bytes());
        assert!(matches!(encode("漢", WINDOWS_1254), Err(Fault::Malformed(_))));
        assert_eq!(accepted("bogus iso-8859-9"), Some(WINDOWS_1254));
        assert_eq!(accepted(""), None);
    }
}
