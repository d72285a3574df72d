//! The document of method 1 as the portal makes it: the form and the undertaking as a PDF with its own font.
//!
//! It writes what ISO 32000 asks for and no more; it knows nothing of who reads it.

use std::fmt::Write as _;

use ab_glyph::{Font as _, FontRef};
use anyhow::{Context, bail};

/// The font of every document.
pub(crate) const FONT: &[u8] = include_bytes!("../../../slint-ui/fonts/NotoSans-Regular.ttf");
/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
/// The em of what is written, in points.
pub(crate) const SIZE: f32 = 10.5;
const LEADING: f32 = 16.0;
/// Objects before the first page: catalogue, pages, and the five of the font.
const FIRST_PAGE: usize = 8;

/// A document of these texts, each from a page of its own on, with a place to sign under each; `id` is its identity
/// (14.4), 32 hexadecimal digits.
///
/// # Errors
/// When the font is none.
pub(super) fn document(texts: &[Vec<u8>], id: &str) -> anyhow::Result<Vec<u8>> {
    let font = FontRef::try_from_slice(FONT).context("the font")?;
    let mut pages = Vec::new();
    for text in texts {
        let mut lines: Vec<String> =
            String::from_utf8_lossy(text).lines().flat_map(|line| wrapped(&font, line)).collect();
        lines.extend(
            [
                "",
                "",
                "Ad Soyad: ............................    Tarih: ....................",
                "",
                "İmza: ............................",
            ]
            .map(str::to_owned),
        );
        let most = ((PAGE.1 - 2.0 * MARGIN) / LEADING) as usize;
        pages.extend(lines.chunks(most).map(|lines| content(&font, lines)));
    }
    Ok(written(&font, &pages, id))
}

/// A line of a page: its glyphs, and where they begin.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    /// Points from the left, and from the top to what the glyphs stand on.
    pub(crate) at: (f32, f32),
    /// By their number in the font.
    pub(crate) glyphs: Vec<u16>,
}

/// What stands on each page of a document of [`document`], as its file has it.
///
/// # Errors
/// Names what a content has that this portal writes into none.
pub(crate) fn lines(file: &[u8]) -> anyhow::Result<Vec<Vec<Line>>> {
    const BEGINS: &[u8] = b"stream\nBT ";
    let begins = file.windows(BEGINS.len()).enumerate().filter(|(_, it)| *it == BEGINS);
    begins.map(|(at, _)| lines_of(&String::from_utf8_lossy(&file[at + BEGINS.len()..]))).collect()
}

/// Of a content, up to its end.
fn lines_of(content: &str) -> anyhow::Result<Vec<Line>> {
    let mut rows = content.lines().take_while(|row| *row != "ET");
    let first: Vec<&str> = rows.next().unwrap_or_default().split(' ').collect();
    let ["/F1", _, "Tf", leading, "TL", left, up, "Td"] = first.as_slice() else {
        bail!("a content that begins with {first:?}")
    };
    let (leading, left, up): (f32, f32, f32) = (leading.parse()?, left.parse()?, up.parse()?);
    let mut lines = Vec::new();
    for row in rows {
        let digits = row.strip_prefix('<').and_then(|row| row.strip_suffix("> Tj T*"));
        let digits =
            digits.with_context(|| format!("a line of {} bytes that is none", row.len()))?.as_bytes();
        let glyphs = digits.chunks(4).map(|four| Ok(u16::from_str_radix(std::str::from_utf8(four)?, 16)?));
        let glyphs = glyphs.collect::<anyhow::Result<_>>()?;
        lines.push(Line { at: (left, PAGE.1 - up + leading * lines.len() as f32), glyphs });
    }
    Ok(lines)
}

/// The page's content (7.8.2): glyphs by number, a line under the other.
fn content(font: &FontRef<'_>, lines: &[String]) -> Vec<u8> {
    let mut content = format!("BT /F1 {SIZE} Tf {LEADING} TL {MARGIN} {} Td\n", PAGE.1 - MARGIN);
    for line in lines {
        let glyphs = line.chars().fold(String::new(), |mut hex, letter| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{:04X}", font.glyph_id(letter).0);
            hex
        });
        let _ = writeln!(content, "<{glyphs}> Tj T*");
    }
    content.push_str("ET\n");
    content.into_bytes()
}

/// The file (7.5): objects, their places, the trailer.
fn written(font: &FontRef<'_>, pages: &[Vec<u8>], id: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut places = Vec::new();
    let mut object = |dictionary: &str, stream: Option<&[u8]>| {
        places.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n{dictionary}\n", places.len()).as_bytes());
        if let Some(stream) = stream {
            file.extend_from_slice(b"stream\n");
            file.extend_from_slice(stream);
            file.extend_from_slice(b"\nendstream\n");
        }
        file.extend_from_slice(b"endobj\n");
    };
    let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", FIRST_PAGE + 2 * page)).collect();
    let em = font.units_per_em().unwrap_or(1000.0);
    let widths: String = (0..font.glyph_count())
        .map(|glyph| {
            let advance = font.h_advance_unscaled(ab_glyph::GlyphId(u16::try_from(glyph).unwrap_or(0)));
            format!("{:.0} ", advance * 1000.0 / em)
        })
        .collect();
    object("<< /Type /Catalog /Pages 2 0 R /Lang (tr) >>", None);
    object(&format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", pages.len()), None);
    object(
        "<< /Type /Font /Subtype /Type0 /BaseFont /NotoSans /Encoding /Identity-H /DescendantFonts [4 0 R] >>",
        None,
    );
    object(
        &format!(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /NotoSans /CIDToGIDMap /Identity /FontDescriptor 5 0 R \
             /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [0 [{widths}]] >>"
        ),
        None,
    );
    object(
        "<< /Type /FontDescriptor /FontName /NotoSans /Flags 4 /FontBBox [-600 -300 3000 1100] /ItalicAngle 0 \
         /Ascent 1069 /Descent -293 /CapHeight 714 /StemV 80 /FontFile2 6 0 R >>",
        None,
    );
    object(&format!("<< /Length {0} /Length1 {0} >>", FONT.len()), Some(FONT));
    object("<< /Title (Basvuru Formu) /Producer (Deneme Portali) >>", None);
    for (index, content) in pages.iter().enumerate() {
        let (width, height) = PAGE;
        object(
            &format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R >> >> >>",
                FIRST_PAGE + 2 * index + 1
            ),
            None,
        );
        object(&format!("<< /Length {} >>", content.len()), Some(content));
    }
    let start = file.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        let _ = writeln!(end, "{place:010} 00000 n ");
    }
    let _ = write!(
        end,
        "trailer\n<< /Size {} /Root 1 0 R /Info 7 0 R /ID [<{id}> <{id}>] >>\nstartxref\n{start}\n%%EOF\n",
        places.len() + 1
    );
    file.extend_from_slice(end.as_bytes());
    file
}

/// The line in as many as fit between the margins.
fn wrapped(font: &FontRef<'_>, line: &str) -> Vec<String> {
    let em = font.units_per_em().unwrap_or(1000.0);
    let long = |text: &str| {
        text.chars().map(|letter| font.h_advance_unscaled(font.glyph_id(letter))).sum::<f32>() * SIZE / em
    };
    let mut lines = vec![String::new()];
    for word in line.split_whitespace() {
        let last = lines.last_mut().expect("there is one from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if long(last) + long(" ") + long(word) <= PAGE.0 - 2.0 * MARGIN {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use ab_glyph::{Font as _, FontRef};

    use super::{FONT, LEADING, MARGIN, document, lines};

    #[test]
    fn a_document_has_its_objects_where_it_says() {
        let id = "0123456789ABCDEF0123456789ABCDEF";
        let file = document(&[b"AD: DENEME".to_vec(), "İl: ESKİŞEHİR".into()], id).expect("written");
        let text = String::from_utf8_lossy(&file);
        assert!(text.starts_with("%PDF-1.7") && text.ends_with("%%EOF\n") && text.contains(id));
        assert_eq!(text.matches("/Type /Page ").count(), 2);
        let find = |needle: &[u8]| file.windows(needle.len()).rposition(|it| it == needle).expect("there");
        let table = String::from_utf8_lossy(&file[find(b"xref\n0 ")..]).into_owned();
        for (number, entry) in table.lines().filter(|line| line.ends_with(" n ")).enumerate() {
            let place: usize = entry[..10].parse().expect("a number");
            assert!(file[place..].starts_with(format!("{} 0 obj\n", number + 1).as_bytes()), "{number}");
        }
    }

    #[test]
    fn a_file_tells_what_stands_on_its_pages_and_where() {
        let texts = [b"AD: DENEME\n2. satir".to_vec(), "İl: ESKİŞEHİR".into()];
        let pages = lines(&document(&texts, &"0".repeat(32)).expect("written")).expect("read");
        let face = FontRef::try_from_slice(FONT).expect("a font");
        let glyphs = |text: &str| text.chars().map(|letter| face.glyph_id(letter).0).collect::<Vec<u16>>();
        assert_eq!(pages.len(), 2);
        assert_eq!((pages[0][0].at, &pages[0][0].glyphs), ((MARGIN, MARGIN), &glyphs("AD: DENEME")));
        assert_eq!((pages[0][1].at, &pages[0][1].glyphs), ((MARGIN, MARGIN + LEADING), &glyphs("2. satir")));
        assert_eq!(pages[1][0].glyphs, glyphs("İl: ESKİŞEHİR"));
        assert!(lines(b"stream\nBT /F1 10 Tf 1 TL 2 3 Td\n(words) Tj\nET\n").is_err());
    }
}
