//! A PIN that takes the place of another, and the frame both travel in, from `kiosk-ui` to `kiosk-token`, outside serde.
//!
//! It knows which new PINs are too easily guessed, and nothing of cards. The frame is as long as a PIN's ([`super::pin`]), and
//! encoded by hand in the same kind of memory:
//!
//! ```text
//! 0   "EKN1"
//! 4   request id, 16 bytes
//! 20  1 when the person said yes to the last try of the old PIN, else 0
//! 21  length of the old PIN, 6 to 16; 0 where it is locked and a PUK takes its place
//! 22  the old PIN, ASCII digits, unused bytes zero
//! 38  length of the new PIN, 6
//! 39  the new PIN, likewise
//! 55  zeros
//! 167 end
//! ```
//! The answer is one byte, a [`Verdict`].

use std::io::{self, Read, Write};

use super::{
    pin::{FEWEST_DIGITS, FRAME, LockedPage, MOST_DIGITS, Pin, Verdict, await_verdict},
    signer::RequestId,
};

/// Digits of a new PIN: what these cards are given out with, and what their commands without lengths rely on.
pub const DIGITS: usize = 6;
/// Birth years of people who could stand here.
const YEARS: std::ops::RangeInclusive<u16> = 1930..=2012;

pub(super) const MAGIC: &[u8; 4] = b"EKN1";

/// Why a PIN is too easily guessed, or no other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// One digit over and over.
    AllEqual,
    /// Each digit the one after, or the one before, the last; 0 is beside 9.
    Run,
    /// Four digits in a row are a birth year.
    Year,
    /// It is the old one.
    SameAsOld,
}

impl Weakness {
    /// Of a new PIN; `None` where it is as good as any. Whether it has [`DIGITS`] is not asked.
    #[must_use]
    pub fn of(new: &Pin, old: Option<&Pin>) -> Option<Self> {
        let digits = new.expose();
        let steps = |by: u8| digits.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
        let is_year = |four: &[u8]| {
            YEARS.contains(&four.iter().fold(0, |year, digit| 10 * year + u16::from(digit - b'0')))
        };
        if steps(0) {
            Some(Self::AllEqual)
        } else if steps(1) || steps(9) {
            Some(Self::Run)
        } else if digits.windows(4).any(is_year) {
            Some(Self::Year)
        } else if old.is_some_and(|old| old.expose() == digits) {
            Some(Self::SameAsOld)
        } else {
            None
        }
    }
}

/// A frame as the signer received it.
pub struct NewPinFrame {
    /// Which request.
    pub request: RequestId,
    /// The person said yes to the last try.
    pub accept_last_try: bool,
    /// The PIN until now; `None` where a PUK takes its place.
    pub old: Option<Pin>,
    /// The PIN from now on.
    pub new: Pin,
}

/// Sends both PINs for a request and waits for the verdict.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for a PIN of another length, else the socket's error.
pub fn send(
    socket: &mut (impl Read + Write),
    request: RequestId,
    accept_last_try: bool,
    old: Option<&Pin>,
    new: &Pin,
) -> io::Result<Verdict> {
    let fits = new.len() == DIGITS && old.is_none_or(|old| old.len() >= FEWEST_DIGITS);
    if !fits {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut page = LockedPage::new()?;
    let frame = &mut page.bytes_mut()[..FRAME];
    frame[..4].copy_from_slice(MAGIC);
    frame[4..20].copy_from_slice(&request.0);
    frame[20] = u8::from(accept_last_try);
    for (place, pin) in [(21, old), (38, Some(new))] {
        let Some(pin) = pin else { continue };
        frame[place] = u8::try_from(pin.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        frame[place + 1..place + 1 + pin.len()].copy_from_slice(pin.expose());
    }
    socket.write_all(frame)?;
    await_verdict(socket)
}

/// Reads a frame that has arrived.
pub(super) fn decode(frame: &[u8]) -> io::Result<NewPinFrame> {
    let lengths = [frame[21], frame[38]].map(usize::from);
    let well_formed = frame.starts_with(MAGIC)
        && frame[20] <= 1
        && (lengths[0] == 0 || (FEWEST_DIGITS..=MOST_DIGITS).contains(&lengths[0]))
        && lengths[1] == DIGITS
        && frame[22 + lengths[0]..38].iter().all(|byte| *byte == 0)
        && frame[39 + DIGITS..].iter().all(|byte| *byte == 0);
    if !well_formed {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut request = RequestId([0; 16]);
    request.0.copy_from_slice(&frame[4..20]);
    let old = if lengths[0] == 0 { None } else { Some(Pin::of_digits(&frame[22..22 + lengths[0]])?) };
    let new = Pin::of_digits(&frame[39..39 + DIGITS])?;
    Ok(NewPinFrame { request, accept_last_try: frame[20] == 1, old, new })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::{FRAME, Pin, RequestId, Verdict, Weakness, decode, send};
    use crate::link::{
        keypad::{Frame, receive},
        pin,
    };

    fn typed(digits: &str) -> Pin {
        Pin::of_digits(digits.as_bytes()).unwrap()
    }

    fn weakness(new: &str, old: &str) -> Option<Weakness> {
        Weakness::of(&typed(new), Some(&typed(old)))
    }

    #[test]
    fn a_pin_that_is_easily_guessed_is_weak_and_it_is_said_why() {
        for (weak, why) in [
            ("000000", Weakness::AllEqual),
            ("777777", Weakness::AllEqual),
            ("123456", Weakness::Run),
            ("654321", Weakness::Run),
            ("789012", Weakness::Run),
            ("210987", Weakness::Run),
            ("193000", Weakness::Year),
            ("041985", Weakness::Year),
            ("719990", Weakness::Year),
            ("002012", Weakness::Year),
            ("735194", Weakness::SameAsOld),
        ] {
            assert_eq!(weakness(weak, "735194"), Some(why), "{weak}");
        }
        assert_eq!(Weakness::of(&typed("041985"), None), Some(Weakness::Year));
        for good in ["735194", "192900", "002013", "112233", "123457", "987653", "908172"] {
            assert_eq!(weakness(good, "904713"), None, "{good}");
            assert_eq!(Weakness::of(&typed(good), None), None);
        }
    }

    #[test]
    fn so_few_pins_are_weak_that_nobody_is_kept_from_a_good_one() {
        let (mut weak, mut pin) = (0, Pin::new().unwrap());
        for number in 0..1_000_000_u32 {
            (0..6).for_each(|_| pin.pop());
            for place in (0..6).rev() {
                pin.push(u8::try_from(number / 10_u32.pow(place) % 10).unwrap());
            }
            weak += u32::from(Weakness::of(&pin, None).is_some());
        }
        assert_eq!(weak, 10 + 20 + years());
    }

    /// PINs with a birth year in them: counted by another way than the rule's.
    fn years() -> u32 {
        let has_year =
            |number: &u32| (0..3).any(|at| (1930..=2012).contains(&(number / 10_u32.pow(at) % 10_000)));
        u32::try_from((0..1_000_000).filter(has_year).count()).unwrap()
    }

    #[test]
    fn both_pins_arrive_as_they_were_typed_and_none_where_a_puk_takes_its_place() {
        for old in [Some("904713"), Some("90471355"), None] {
            let (mut screen, mut signer) = UnixStream::pair().unwrap();
            let signer = std::thread::spawn(move || {
                let Ok(Frame::NewPin(frame)) = receive(&mut signer) else { panic!("another frame") };
                pin::answer(&mut signer, Verdict::WeakPin).unwrap();
                frame
            });
            let typed_old = old.map(typed);
            let verdict =
                send(&mut screen, RequestId([7; 16]), true, typed_old.as_ref(), &typed("735194")).unwrap();
            let frame = signer.join().unwrap();
            assert_eq!(verdict, Verdict::WeakPin);
            assert_eq!((frame.request, frame.accept_last_try), (RequestId([7; 16]), true));
            assert_eq!(frame.old.as_ref().map(Pin::expose), old.map(str::as_bytes));
            assert_eq!(frame.new.expose(), b"735194");
        }
    }

    #[test]
    fn a_pin_of_another_length_is_not_sent() {
        let mut nobody = std::io::Cursor::new(Vec::new());
        for (old, new) in [(Some("90471"), "735194"), (Some("904713"), "7351945"), (None, "73519")] {
            let old = old.map(typed);
            assert!(send(&mut nobody, RequestId([0; 16]), false, old.as_ref(), &typed(new)).is_err());
        }
        assert!(nobody.into_inner().is_empty());
    }

    #[test]
    fn a_frame_with_anything_else_in_it_is_refused() {
        let mut frame = [0; FRAME];
        frame[..4].copy_from_slice(b"EKN1");
        frame[21] = 6;
        frame[22..28].copy_from_slice(b"904713");
        frame[38] = 6;
        frame[39..45].copy_from_slice(b"735194");
        assert!(decode(&frame).is_ok());
        for (at, byte) in [
            (3, b'2'),
            (20, 2),
            (21, 5),
            (21, 17),
            (21, 0),
            (24, b'a'),
            (30, b'1'),
            (38, 7),
            (38, 0),
            (40, 4),
            (45, b'1'),
            (166, 1),
        ] {
            let mut other = frame;
            other[at] = byte;
            assert!(decode(&other).is_err(), "byte {at} = {byte}");
        }
    }
}
