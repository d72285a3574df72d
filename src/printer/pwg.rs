//! Grey pages as a printer takes them: PWG Raster (PWG 5102.4), one grey of 8 bits, 300 dots an inch, A4, one side.
//!
//! Only what this kiosk prints can be said here.

use zeroize::Zeroizing;

use crate::link::paper::{Grey, PRINT_DPI, PRINT_SIZE};

/// "RaS2" (4.1).
const SYNC: &[u8] = b"RaS2";
/// Bytes of a page's header (4.3).
const HEADER: usize = 1796;
/// `Sgray` (table 4).
const SGRAY: u32 = 18;
/// A4 in points, as `PageSize` has it.
const POINTS: (u32, u32) = (595, 842);
/// Most times a line is repeated, and most pixels of one stretch (4.4).
const MOST_LINES: usize = 256;
const MOST_PIXELS: usize = 128;

/// The whole document; pages of another size than a sheet are left out.
pub(super) fn encode<'a>(pages: impl Iterator<Item = &'a Grey> + Clone) -> Zeroizing<Vec<u8>> {
    let pages = pages.filter(|page| (page.width, page.height) == PRINT_SIZE);
    let count = u32::try_from(pages.clone().count()).unwrap_or(u32::MAX);
    // What a vector leaves behind as it grows is zeroed by the allocator; it need not grow often.
    let mut document = Zeroizing::new(Vec::with_capacity(1 << 22));
    document.extend_from_slice(SYNC);
    for page in pages {
        document.extend_from_slice(&header(count));
        lines(page, &mut document);
    }
    document
}

/// The header of a page of so many (4.3): offsets of the table, every number big-endian.
fn header(pages: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let (width, height) = (u32::from(PRINT_SIZE.0), u32::from(PRINT_SIZE.1));
    let mut text = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    text(0, b"PwgRaster");
    text(1732, b"iso_a4_210x297mm");
    let numbers = [
        (276, PRINT_DPI),
        (280, PRINT_DPI),
        (340, 1),
        (352, POINTS.0),
        (356, POINTS.1),
        (372, width),
        (376, height),
        (384, 8),
        (388, 8),
        (392, width),
        (400, SGRAY),
        (420, 1),
        (452, pages),
        (456, 1),
        (460, 1),
        (472, width),
        (476, height),
    ];
    for (at, number) in numbers {
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    header
}

/// The page's lines, equal ones told once (4.4).
fn lines(page: &Grey, to: &mut Vec<u8>) {
    let mut rows = page.rows().peekable();
    while let Some(row) = rows.next() {
        let mut repeated = 0;
        while usize::from(repeated) < MOST_LINES - 1 && rows.next_if(|next| *next == row).is_some() {
            repeated += 1;
        }
        to.push(repeated);
        line(row, to);
    }
}

/// One line: stretches of one pixel repeated, and stretches of pixels as they are.
fn line(row: &[u8], to: &mut Vec<u8>) {
    let mut rest = row;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take(MOST_PIXELS).take_while(|pixel| *pixel == first).count();
        if alike > 1 || rest.len() == 1 {
            to.extend([length(alike), *first]);
            rest = &rest[alike..];
            continue;
        }
        // Up to where two of one kind follow each other.
        let pairs = rest.windows(2).take(MOST_PIXELS);
        let unlike = pairs.take_while(|pair| pair[0] != pair[1]).count().min(MOST_PIXELS);
        let unlike = if unlike + 1 == rest.len() && unlike < MOST_PIXELS { unlike + 1 } else { unlike };
        if unlike < 2 {
            to.extend([0, *first]);
            rest = &rest[1..];
            continue;
        }
        // 257 less than none: -1 to -127 for 2 to 128 pixels.
        to.push(0_u8.wrapping_sub(length(unlike)));
        to.extend_from_slice(&rest[..unlike]);
        rest = &rest[unlike..];
    }
}

/// A length from 1 to 128 as it is written: one less.
fn length(of: usize) -> u8 {
    u8::try_from(of.saturating_sub(1)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Grey, HEADER, PRINT_SIZE, encode, header, line, lines};

    /// A line as a printer reads it (4.4), and what is left.
    fn read(mut coded: &[u8], width: usize) -> (Vec<u8>, &[u8]) {
        let mut pixels = Vec::new();
        while pixels.len() < width {
            let count = coded[0];
            if count < 128 {
                pixels.extend(std::iter::repeat_n(coded[1], usize::from(count) + 1));
                coded = &coded[2..];
            } else {
                let many = 257 - usize::from(count);
                pixels.extend_from_slice(&coded[1..=many]);
                coded = &coded[1 + many..];
            }
        }
        (pixels, coded)
    }

    proptest! {
        #[test]
        fn a_line_is_read_back_as_it_was(
            stretches in proptest::collection::vec((any::<u8>(), 1_usize..300), 1..20),
            single in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut row: Vec<u8> = stretches.iter().flat_map(|(grey, many)| vec![*grey; *many]).collect();
            row.extend(single);
            let mut coded = Vec::new();
            line(&row, &mut coded);
            prop_assert!(!coded.is_empty() && coded.len() <= row.len() * 2);
            let (pixels, rest) = read(&coded, row.len());
            prop_assert_eq!(pixels, row);
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn lines_that_are_alike_are_told_once_and_never_more_than_256_at_a_time() {
        let (width, height) = (7_u16, 600_u16);
        let page = Grey::new((width, height), vec![255; usize::from(width) * usize::from(height)]);
        let mut coded = Vec::new();
        lines(&page.expect("as many pixels"), &mut coded);
        assert_eq!(coded, [255, 6, 255, 255, 6, 255, 87, 6, 255]);
    }

    #[test]
    fn a_header_says_what_an_a4_page_in_grey_is() {
        let header = header(3);
        let number = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("four"));
        assert!(header.starts_with(b"PwgRaster\0") && header[1732..].starts_with(b"iso_a4_210x297mm\0"));
        assert_eq!((number(276), number(280)), (300, 300), "resolution");
        assert_eq!((number(372), number(376), number(392)), (2480, 3508, 2480), "size");
        assert_eq!((number(384), number(388), number(400), number(420)), (8, 8, 18, 1), "grey of 8 bits");
        assert_eq!(number(452), 3, "pages");
    }

    #[test]
    fn a_document_is_its_pages_and_a_page_of_another_size_is_none() {
        let (width, height) = (usize::from(PRINT_SIZE.0), usize::from(PRINT_SIZE.1));
        let white = Grey::new(PRINT_SIZE, vec![255; width * height]).expect("as many pixels");
        let other = Grey::new((2, 2), vec![0; 4]).expect("as many pixels");
        let document = encode([&white, &other, &white].into_iter());
        assert!(document.starts_with(b"RaS2PwgRaster\0"));
        assert_eq!(document.windows(10).filter(|it| it == b"PwgRaster\0").count(), 2);
        let mut coded = &document[4 + HEADER..];
        let mut rows = 0;
        while rows < height {
            rows += usize::from(coded[0]) + 1;
            let (pixels, rest) = read(&coded[1..], width);
            assert!(pixels.iter().all(|pixel| *pixel == 255));
            coded = rest;
        }
        assert!(rows == height && coded.starts_with(b"PwgRaster"));
    }
}
