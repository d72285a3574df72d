//! A page made smaller: each pixel is the mean of those it covers, so that thin strokes stay to be seen.

use eimza_kiosk::link::paper::Grey;

/// The page in this size, which is no larger in either direction; `None` where it is.
pub(crate) fn down(page: &Grey, (width, height): (u16, u16)) -> Option<Grey> {
    if width == 0 || height == 0 || width > page.width || height > page.height {
        return None;
    }
    let rows: Vec<&[u8]> = page.rows().collect();
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height));
    for y in 0..height {
        let (top, bottom) = covered(y, height, page.height);
        for x in 0..width {
            let (left, right) = covered(x, width, page.width);
            let sum: u32 = rows[top..bottom]
                .iter()
                .map(|row| row[left..right].iter().map(|pixel| u32::from(*pixel)).sum::<u32>())
                .sum();
            let count = u32::try_from((bottom - top) * (right - left)).ok()?;
            pixels.push(u8::try_from(sum / count).ok()?);
        }
    }
    Grey::new((width, height), pixels)
}

/// Which of the larger page's rows or columns one of the smaller page covers; at least one.
fn covered(at: u16, of: u16, larger: u16) -> (usize, usize) {
    let edge = |at: usize| at * usize::from(larger) / usize::from(of);
    let (from, to) = (edge(at.into()), edge(usize::from(at) + 1));
    (from, to.max(from + 1))
}

#[cfg(test)]
mod tests {
    use super::{Grey, down};

    fn page(size: (u16, u16), pixels: Vec<u8>) -> Grey {
        Grey::new(size, pixels).expect("as many pixels")
    }

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        let large = page((4, 2), vec![0, 100, 255, 255, 100, 200, 255, 255]);
        assert_eq!(down(&large, (2, 1)), Some(page((2, 1), vec![100, 255])));
        assert_eq!(down(&large, (4, 2)), Some(large.clone()));
    }

    #[test]
    fn every_row_is_seen_whatever_the_sizes_and_nothing_is_made_larger() {
        // A black line of one pixel leaves its mark wherever it is.
        for line in 0..10 {
            let pixels = (0..10).flat_map(|row| [if row == line { 0 } else { 255 }; 3]).collect();
            let small = down(&page((3, 10), pixels), (3, 7)).expect("smaller");
            assert!(small.pixels.expose().iter().any(|pixel| *pixel < 255), "line {line}");
        }
        assert_eq!(down(&page((1, 1), vec![0]), (2, 1)), None);
    }
}
