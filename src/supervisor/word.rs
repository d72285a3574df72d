//! Draws a fresh security word: six syllables and four digits, 51 bits, as `Kadome4821Rutiba`.
//!
//! Sixteen ASCII letters and digits, so that any portal's field, charset and rule about signs takes it; it
//! can be read aloud and noted down. It knows nothing of who will use it.

use zeroize::Zeroizing;

use crate::redact::Personal;

/// Without letters that Turkish reads differently, and without pairs that look alike.
const CONSONANTS: &[u8] = b"bdfghkmnprstvyz";
const VOWELS: &[u8] = b"aeiou";
/// A word with one of these in it is drawn again: the person will have to say it at a counter.
const RUDE: [&str; 8] = ["sik", "bok", "got", "pis", "kaka", "pipi", "meme", "amin"];

/// Draws a word.
///
/// # Errors
/// When the kernel gives no random bytes.
pub(super) fn draw() -> Result<Personal, getrandom::Error> {
    loop {
        let word = assemble(&mut uniform)?;
        if !RUDE.iter().any(|rude| word.to_ascii_lowercase().contains(rude)) {
            return Ok(Personal::new(word));
        }
    }
}

fn assemble<E>(below: &mut impl FnMut(u8) -> Result<u8, E>) -> Result<String, E> {
    let mut pick = |from: &[u8]| {
        let at = below(u8::try_from(from.len()).unwrap_or(u8::MAX))?;
        Ok(char::from(from[usize::from(at)]))
    };
    let mut word = String::with_capacity(16);
    for part in 0..2 {
        for syllable in 0..3 {
            let consonant = pick(CONSONANTS)?;
            word.push(if syllable == 0 { consonant.to_ascii_uppercase() } else { consonant });
            word.push(pick(VOWELS)?);
        }
        if part == 0 {
            for _ in 0..4 {
                word.push(pick(b"0123456789")?);
            }
        }
    }
    Ok(word)
}

/// A number below `bound`, each as likely as another.
fn uniform(bound: u8) -> Result<u8, getrandom::Error> {
    let fair = u8::MAX - u8::MAX % bound;
    let mut byte = Zeroizing::new([0]);
    loop {
        getrandom::fill(byte.as_mut())?;
        if byte[0] < fair {
            return Ok(byte[0] % bound);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CONSONANTS, VOWELS, assemble, draw};

    #[test]
    fn a_word_has_over_fifty_bits_in_sixteen_letters_and_digits() {
        let syllable = (CONSONANTS.len() * VOWELS.len()) as f64;
        assert!(6.0 * syllable.log2() + 4.0 * 10_f64.log2() > 50.0);
        let word = draw().unwrap();
        assert_eq!(word.expose().len(), 16);
        assert!(word.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(word.expose()[6..10].bytes().all(|byte| byte.is_ascii_digit()));
    }

    #[test]
    fn no_word_comes_twice() {
        let words: BTreeSet<_> = (0..500).map(|_| draw().unwrap()).collect();
        assert_eq!(words.len(), 500);
    }

    #[test]
    fn every_letter_can_be_drawn() {
        let mut bounds = Vec::new();
        let word = assemble::<()>(&mut |bound| {
            bounds.push(bound);
            Ok(bound - 1)
        });
        assert_eq!(word.unwrap(), "Zuzuzu9999Zuzuzu");
        assert_eq!(bounds.len(), 16);
    }
}
