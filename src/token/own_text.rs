//! The texts the signer builds itself, and what keeps an application from looking like one of them. Pure.
//!
//! Each begins with a fixed line that says what it is for. It knows nothing of cards, and of a portal only its challenge.

use jiff::{Timestamp, tz::Offset};

use crate::{
    link::{challenge::OwnText, signer::Fault},
    portal::SigningText,
    signature::ContentType,
};

/// What each is for, and what it is not. Words before the colon stand at the beginning of no other text.
const CARD_TEST: &str = "KİOSK DENEME İMZASI: hukuki sonuç doğurmaz.";
const LOGIN: &str = "KAMU SM PORTALINA GİRİŞ: başvuru değildir.";
const ASSISTANCE: &str = "KİOSKTA YARDIM YETKİSİ: başvuru değildir.";

/// The text, and what a signature over it is; `signing_time` in Unix seconds.
///
/// # Errors
/// [`Fault::BadText`] for a time that is none.
pub(super) fn build(own: &OwnText, signing_time: i64) -> Result<(SigningText, ContentType), Fault> {
    // Turkish time, which is UTC+3 all year since 2016.
    let local = Timestamp::from_second(signing_time).map_err(|_| Fault::BadText)?;
    let date = Offset::constant(3).to_datetime(local).strftime("%d.%m.%Y %H:%M:%S");
    let (text, content_type) = match own {
        OwnText::CardTest => (format!("{CARD_TEST}\nTarih: {date}\n"), ContentType::CardTest),
        OwnText::Login { challenge } => {
            (format!("{LOGIN}\nTarih: {date}\nSınama değeri: {}\n", challenge.as_str()), ContentType::Login)
        }
        OwnText::Assistance { challenge } => {
            let text = format!("{ASSISTANCE}\nTarih: {date}\nSınama değeri: {}\n", challenge.as_str());
            (text, ContentType::Assistance)
        }
    };
    Ok((SigningText(text.into_bytes()), content_type))
}

/// Whether a text begins as one of these does, or so that a reader would take it for one.
pub(super) fn is_like_one(text: &str) -> bool {
    [CARD_TEST, LOGIN, ASSISTANCE].iter().any(|line| {
        let purpose = line.split(':').next().unwrap_or(line);
        let mut letters = text.chars().filter_map(letter);
        purpose.chars().filter_map(letter).all(|expected| letters.next() == Some(expected))
    })
}

/// What is left of a character where case, dots, marks and width are not looked at; `None` of what is no letter.
fn letter(character: char) -> Option<char> {
    /// Where Unicode repeats the alphabet in other shapes (NFKC, UAX #15), over and over.
    const SHAPES: [(char, char); 4] = [
        // Full width, in circles, and the mathematical ones.
        ('\u{FF21}', '\u{FF3A}'),
        ('\u{FF41}', '\u{FF5A}'),
        ('\u{24B6}', '\u{24E9}'),
        ('\u{1D400}', '\u{1D6A3}'),
    ];
    if let Some((first, _)) = SHAPES.iter().find(|(first, last)| (*first..=*last).contains(&character)) {
        return char::from_digit(10 + (u32::from(character) - u32::from(*first)) % 26, 36);
    }
    match character {
        'I' | 'İ' | 'ı' => Some('i'),
        'Ç' | 'ç' => Some('c'),
        'Ğ' | 'ğ' => Some('g'),
        'Ö' | 'ö' => Some('o'),
        'Ş' | 'ş' => Some('s'),
        'Ü' | 'ü' => Some('u'),
        other => other.to_lowercase().next().filter(|lower| lower.is_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::{ASSISTANCE, CARD_TEST, LOGIN, build, is_like_one};
    use crate::{
        link::{challenge::OwnText, signer::Fault, text},
        signature::ContentType,
    };

    const TIME: i64 = 1_790_000_000;

    fn login() -> OwnText {
        OwnText::Login { challenge: "ZGVuZW1lLWRlbmVtZQ".to_owned().try_into().unwrap() }
    }

    fn assistance() -> OwnText {
        OwnText::Assistance { challenge: "0123456789abcdef0123456789abcdef".to_owned().try_into().unwrap() }
    }

    fn built(own: &OwnText) -> (String, ContentType) {
        let (text, content_type) = build(own, TIME).unwrap();
        (text::strict(&text.0).unwrap().to_owned(), content_type)
    }

    #[test]
    fn each_says_first_what_it_is_for_and_then_when() {
        let date = "Tarih: 21.09.2026 17:13:20\n";
        assert_eq!(built(&OwnText::CardTest), (format!("{CARD_TEST}\n{date}"), ContentType::CardTest));
        let text = format!("{LOGIN}\n{date}Sınama değeri: ZGVuZW1lLWRlbmVtZQ\n");
        assert_eq!(built(&login()), (text, ContentType::Login));
        let text = format!("{ASSISTANCE}\n{date}Sınama değeri: 0123456789abcdef0123456789abcdef\n");
        assert_eq!(built(&assistance()), (text, ContentType::Assistance));
        assert_eq!(build(&login(), i64::MAX).err(), Some(Fault::BadText));
    }

    #[test]
    fn what_a_reader_would_take_for_one_of_them_is_like_one() {
        for own in [OwnText::CardTest, login(), assistance()] {
            assert!(is_like_one(&built(&own).0));
        }
        for alike in [
            "kamu sm portalına giriş",
            "  \r\n\u{A0}KAMU  SM\nPORTALINA GİRİŞ",
            "1) »KAMU-SM PORTALINA GI\u{307}RI\u{307}S\u{327}: BAŞVURUDUR",
            "Kamu SM portalina giris yapıyorum",
            "ＫＡＭＵ ｓｍ ＰＯＲＴＡＬＩＮＡ ＧＩＲＩＳ",
            "Ⓚⓐⓜⓤ 𝐒𝐌 𝗽𝗼𝗿𝘁𝗮𝗹𝗶𝗻𝗮 𝔾𝕀ℝ𝕀Ş".replace('ℝ', "R").as_str(),
            "kıosk deneme imzasi",
            "Kioskta yardim YETKISI",
        ] {
            assert!(is_like_one(alike), "{alike}");
        }
    }

    #[test]
    fn an_application_is_not_like_one() {
        for other in [
            "",
            "KAMU SM PORTALINA",
            "KİOSK",
            "KİOSKTA YARDIM",
            "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\nKAMU SM PORTALINA GİRİŞ: başvuru değildir.\n",
            "TAAHHÜTNAME FORM-001-042",
        ] {
            assert!(!is_like_one(other), "{other}");
        }
    }
}
