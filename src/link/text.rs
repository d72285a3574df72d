//! What a text must be to be shown and signed: the one rule of screen and signer.
//!
//! It judges characters and size; it knows nothing of what a text says.

/// Most bytes of one text.
pub const MOST_BYTES: usize = 256 * 1024;

/// Why a text can be neither shown nor signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing in it.
    #[error("an empty text")]
    Empty,
    /// More than [`MOST_BYTES`].
    #[error("a text of more than {MOST_BYTES} bytes")]
    Oversize,
    /// Not strict UTF-8.
    #[error("a text that is not UTF-8")]
    NotUtf8,
    /// A character that changes how others look, or is not seen at all.
    #[error("a text with the character U+{0:04X}")]
    Forbidden(u32),
}

/// The text in these bytes, if what is seen of it is all there is.
///
/// # Errors
/// [`Unfit`] names the first reason why not.
pub fn strict(bytes: &[u8]) -> Result<&str, Unfit> {
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if bytes.len() > MOST_BYTES {
        return Err(Unfit::Oversize);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unfit::NotUtf8)?;
    match text.chars().find(|character| is_forbidden(*character)) {
        Some(character) => Err(Unfit::Forbidden(character.into())),
        None => Ok(text),
    }
}

fn is_forbidden(character: char) -> bool {
    match character {
        '\n' | '\r' => false,
        // Bidirectional formatting (UAX #9) and invisible or deprecated format characters.
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' => true,
        '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, Unfit, strict};

    #[test]
    fn turkish_text_with_line_ends_passes_as_it_is() {
        let text = "Aşağıda yazılı\r\nADRES: İstiklal Mah. Çiğdem Sk. No: 1/2\n";
        assert_eq!(strict(text.as_bytes()), Ok(text));
    }

    #[test]
    fn characters_that_hide_or_turn_others_are_refused() {
        for character in ['\u{202E}', '\u{2066}', '\u{200F}', '\u{0}', '\t', '\u{7F}', '\u{85}', '\u{FEFF}'] {
            let text = format!("İL: {character}ESKİŞEHİR");
            assert_eq!(strict(text.as_bytes()), Err(Unfit::Forbidden(character.into())));
        }
    }

    #[test]
    fn overlong_and_cut_encodings_and_sizes_are_refused() {
        assert_eq!(strict(b""), Err(Unfit::Empty));
        assert_eq!(strict(&[0xC0, 0xAF]), Err(Unfit::NotUtf8));
        assert_eq!(strict(&"İ".as_bytes()[..1]), Err(Unfit::NotUtf8));
        assert_eq!(strict(&vec![b'a'; MOST_BYTES + 1]), Err(Unfit::Oversize));
        assert!(strict(&vec![b'a'; MOST_BYTES]).is_ok());
    }
}
