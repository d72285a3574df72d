//! What a text must be to be shown and signed: the one rule of session, screen and signer.
//!
//! It judges characters and size; it knows nothing of what a text says.

/// Most bytes of one text.
pub const MOST_BYTES: usize = 256 * 1024;

/// Why a text can be neither shown nor signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing to be seen in it.
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
    if bytes.len() > MOST_BYTES {
        return Err(Unfit::Oversize);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unfit::NotUtf8)?;
    match text.chars().find(|character| is_forbidden(*character)) {
        Some(character) => Err(Unfit::Forbidden(character.into())),
        None if text.trim().is_empty() => Err(Unfit::Empty),
        None => Ok(text),
    }
}

/// Controls but line ends, Unicode's Bidi_Control (UAX #9), and what is drawn as nothing or breaks a line unseen
/// (Default_Ignorable_Code_Point, UAX #44; the line and paragraph separators).
fn is_forbidden(character: char) -> bool {
    match character {
        '\n' | '\r' => false,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' => true,
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' => true,
        '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' => true,
        '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
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
        for character in [
            '\u{202E}', '\u{2066}', '\u{200F}', '\u{0}', '\t', '\u{7F}', '\u{85}', '\u{FEFF}', '\u{AD}',
            '\u{2028}',
        ] {
            let text = format!("İL: {character}ESKİŞEHİR");
            assert_eq!(strict(text.as_bytes()), Err(Unfit::Forbidden(character.into())));
        }
    }

    #[test]
    fn overlong_and_cut_encodings_and_sizes_are_refused() {
        assert_eq!(strict(b""), Err(Unfit::Empty));
        assert_eq!(strict(b" \r\n"), Err(Unfit::Empty));
        assert_eq!(strict(&[0xC0, 0xAF]), Err(Unfit::NotUtf8));
        assert_eq!(strict(&"İ".as_bytes()[..1]), Err(Unfit::NotUtf8));
        assert_eq!(strict(&vec![b'a'; MOST_BYTES + 1]), Err(Unfit::Oversize));
        assert!(strict(&vec![b'a'; MOST_BYTES]).is_ok());
    }
}
