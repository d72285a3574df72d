//! Where in a TOML file a fault is: line and dotted key, for people.
//!
//! The reader of TOML knows an offset only; the headers and keys before it say which key that is.

/// A place in a TOML file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Counted from 1.
    pub(super) line: usize,
    /// Dotted key, or the table; "the file" before the first table.
    pub(super) key: String,
}

pub(super) fn of(text: &str, offset: usize) -> Place {
    let (mut line, mut table, mut key) = (1, "", "");
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if start > offset {
            break;
        }
        line = index + 1;
        let content = content.trim();
        if let Some(header) = content.strip_prefix('[')
            && let Some((header, _)) = header.trim_start_matches('[').split_once(']')
        {
            (table, key) = (header.trim(), "");
        } else if let Some((left, _)) = content.split_once('=')
            && !content.starts_with('#')
        {
            key = left.trim();
        }
        start += text[start..].find('\n').map_or(text.len(), |end| end + 1);
    }
    let key = match (table, key) {
        ("", "") => "the file".to_owned(),
        ("", key) => key.to_owned(),
        (table, "") => table.to_owned(),
        (table, key) => format!("{table}.{key}"),
    };
    Place { line, key }
}

#[cfg(test)]
mod tests {
    use super::{Place, of};

    const TEXT: &str = "top = 1\n\n[links]\nscreen = 'a'\n# signer = 'b'\nlist = [\n  'x',\n]\n";

    #[test]
    fn an_offset_has_a_line_and_a_dotted_key() {
        let place = |needle: &str| of(TEXT, TEXT.find(needle).unwrap());
        assert_eq!(place("1\n"), Place { line: 1, key: "top".into() });
        assert_eq!(place("links"), Place { line: 3, key: "links".into() });
        assert_eq!(place("'a'"), Place { line: 4, key: "links.screen".into() });
        assert_eq!(place("'x'"), Place { line: 7, key: "links.list".into() });
        assert_eq!(of("", 0), Place { line: 1, key: "the file".into() });
    }
}
