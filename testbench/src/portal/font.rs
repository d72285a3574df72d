//! A bitmap font of our own for captcha pictures: letters and digits that are not mistaken for each other.
//!
//! Seven rows of five pixels, `#` is ink. It knows nothing of pictures.

/// Rows of a glyph.
pub(super) const ROWS: usize = 7;
/// Columns of a glyph.
pub(super) const COLUMNS: usize = 5;

/// The characters there are glyphs for; those that are easily taken for another
/// (`i j l o q s w z 0 1 6 9`) are left out.
pub(super) const ALPHABET: &[u8] = b"abcdefghkmnprtuvxy234578";

/// Whether there is ink in a glyph at that place; outside and for unknown characters there is none.
pub(super) fn ink(character: u8, column: i32, row: i32) -> bool {
    let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else { return false };
    let Some(index) = ALPHABET.iter().position(|known| *known == character) else { return false };
    row < ROWS && column < COLUMNS && GLYPHS[index][row].as_bytes()[column] == b'#'
}

#[rustfmt::skip]
const GLYPHS: [[&str; ROWS]; 24] = [
    [".....", ".....", ".###.", "....#", ".####", "#...#", ".####"], // a
    ["#....", "#....", "####.", "#...#", "#...#", "#...#", "####."], // b
    [".....", ".....", ".####", "#....", "#....", "#....", ".####"], // c
    ["....#", "....#", ".####", "#...#", "#...#", "#...#", ".####"], // d
    [".....", ".....", ".###.", "#...#", "#####", "#....", ".###."], // e
    ["..##.", ".#...", "####.", ".#...", ".#...", ".#...", ".#..."], // f
    [".####", "#...#", "#...#", ".####", "....#", "....#", ".###."], // g
    ["#....", "#....", "####.", "#...#", "#...#", "#...#", "#...#"], // h
    ["#....", "#..#.", "#.#..", "##...", "#.#..", "#..#.", "#...#"], // k
    [".....", ".....", "##.#.", "#.#.#", "#.#.#", "#.#.#", "#.#.#"], // m
    [".....", ".....", "####.", "#...#", "#...#", "#...#", "#...#"], // n
    [".....", "####.", "#...#", "#...#", "####.", "#....", "#...."], // p
    [".....", ".....", "#.##.", "##..#", "#....", "#....", "#...."], // r
    [".#...", ".#...", "####.", ".#...", ".#...", ".#..#", "..##."], // t
    [".....", ".....", "#...#", "#...#", "#...#", "#...#", ".####"], // u
    [".....", ".....", "#...#", "#...#", ".#.#.", ".#.#.", "..#.."], // v
    [".....", ".....", "#...#", ".#.#.", "..#..", ".#.#.", "#...#"], // x
    ["#...#", "#...#", "#...#", ".####", "....#", "...#.", ".##.."], // y
    [".###.", "#...#", "....#", "..##.", ".#...", "#....", "#####"], // 2
    ["####.", "....#", "....#", ".###.", "....#", "....#", "####."], // 3
    ["...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."], // 4
    ["#####", "#....", "####.", "....#", "....#", "#...#", ".###."], // 5
    ["#####", "....#", "...#.", "..#..", "..#..", ".#...", ".#..."], // 7
    [".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."], // 8
];

#[cfg(test)]
mod tests {
    use super::{ALPHABET, COLUMNS, GLYPHS};

    #[test]
    fn every_character_has_a_glyph_of_its_own() {
        assert_eq!(ALPHABET.len(), GLYPHS.len());
        for (index, glyph) in GLYPHS.iter().enumerate() {
            assert!(glyph.iter().all(|row| row.len() == COLUMNS));
            let same = GLYPHS.iter().filter(|other| *other == glyph).count();
            assert_eq!(same, 1, "{} looks like another", ALPHABET[index] as char);
        }
    }
}
