//! The PIN and the frame it travels in, from `kiosk-ui` to `kiosk-token`, outside serde.
//!
//! A [`Pin`] lives in locked memory that is left out of core dumps, is zeroed after use and has no
//! `Debug`, `Clone` or `Serialize`. The frame has a fixed size and is encoded by hand; nothing here knows
//! what is signed.
//!
//! ```text
//! 0   "EKP1"
//! 4   request id, 16 bytes
//! 20  1 when the person said yes to the last try, else 0
//! 21  number of digests, 1 to 4
//! 22  four SHA-256 digests of the texts shown, unused ones zero
//! 150 length of the PIN, 4 to 16
//! 151 the PIN, ASCII digits, unused bytes zero
//! 167 end
//! ```
//! The answer is one byte, a [`Verdict`]. Where the PIN is typed on the signer's own keys, [`super::keypad`] takes this
//! frame's place.

use std::{
    io::{self, Read, Write},
    ptr::NonNull,
};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous, munmap};
use zeroize::Zeroize;

use super::signer::RequestId;

/// Bytes of a frame.
pub const FRAME: usize = 167;
/// Most texts of a request.
pub const MOST_TEXTS: usize = 4;
/// Most digits of a PIN.
pub const MOST_DIGITS: usize = 16;
/// Fewest digits that are sent: a PIN of these cards has six, so a slip of the finger before costs no try.
pub const FEWEST_DIGITS: usize = 6;

const MAGIC: &[u8; 4] = b"EKP1";
const PAGE: usize = 4096;

/// One page of memory that is never swapped, never dumped, not inherited, and zeroed when dropped.
pub(super) struct LockedPage(NonNull<u8>);

#[expect(unsafe_code, reason = "the page is owned by this value alone and unmapped once, when dropped")]
// SAFETY: the pointer is to a private mapping that only this value names.
unsafe impl Send for LockedPage {}

impl LockedPage {
    #[expect(unsafe_code, reason = "mapping and locking memory has no safe interface")]
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: a fresh anonymous mapping; nothing else refers to it.
        let page = unsafe {
            let address = mmap_anonymous(
                std::ptr::null_mut(),
                PAGE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )?;
            let page = Self(NonNull::new(address.cast()).ok_or(io::ErrorKind::OutOfMemory)?);
            mlock(address, PAGE)?;
            madvise(address, PAGE, Advice::LinuxDontDump)?;
            madvise(address, PAGE, Advice::LinuxDontFork)?;
            page
        };
        Ok(page)
    }

    #[expect(unsafe_code, reason = "see the invariant of the type")]
    fn bytes(&self) -> &[u8] {
        // SAFETY: PAGE readable bytes owned by self, initialised to zero by the kernel.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr(), PAGE) }
    }

    #[expect(unsafe_code, reason = "see the invariant of the type")]
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: PAGE writable bytes owned by self, borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr(), PAGE) }
    }
}

impl Drop for LockedPage {
    #[expect(unsafe_code, reason = "unmapping has no safe interface")]
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        // SAFETY: mapped in `new` with this length, not used afterwards.
        let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
    }
}

/// Digits of a PIN as they are typed.
pub struct Pin {
    page: LockedPage,
    length: usize,
}

impl Pin {
    /// An empty one.
    ///
    /// # Errors
    /// When no memory can be locked (`RLIMIT_MEMLOCK`).
    pub fn new() -> io::Result<Self> {
        Ok(Self { page: LockedPage::new()?, length: 0 })
    }

    /// One of these ASCII digits.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] where one is no digit or there are too many; when no memory can be locked.
    pub fn of_digits(digits: &[u8]) -> io::Result<Self> {
        let mut pin = Self::new()?;
        let all = digits.iter().all(|byte| byte.checked_sub(b'0').is_some_and(|digit| pin.push(digit)));
        if all { Ok(pin) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Adds a digit, 0 to 9; false when it is none or there is no room.
    pub fn push(&mut self, digit: u8) -> bool {
        if digit > 9 || self.length == MOST_DIGITS {
            return false;
        }
        self.page.bytes_mut()[self.length] = b'0' + digit;
        self.length += 1;
        true
    }

    /// Takes the last digit back.
    pub fn pop(&mut self) {
        if let Some(length) = self.length.checked_sub(1) {
            self.length = length;
            self.page.bytes_mut()[length] = 0;
        }
    }

    /// Forgets all digits.
    pub fn clear(&mut self) {
        self.page.bytes_mut().zeroize();
        self.length = 0;
    }

    /// How many digits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The digits in ASCII, for the one call that verifies them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.page.bytes()[..self.length]
    }
}

/// What the signer says to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Taken; the outcome goes to `kioskd`.
    Accepted,
    /// Unknown, used, or dead request.
    NoSuchRequest,
    /// The texts shown are not the texts to sign.
    OtherTextShown,
    /// It is the last try and the person has not said yes to it. Nothing was spent.
    LastTryNotAccepted,
    /// Not a frame.
    Malformed,
    /// Neither the signer nor the reader has keys that were of use: the PIN is typed on the screen.
    NoKeypad,
    /// The new PIN is too easily guessed, or the old one. Nothing was spent, and the request still waits.
    WeakPin,
}

impl Verdict {
    const ALL: [Self; 7] = [
        Self::Accepted,
        Self::NoSuchRequest,
        Self::OtherTextShown,
        Self::LastTryNotAccepted,
        Self::Malformed,
        Self::NoKeypad,
        Self::WeakPin,
    ];

    fn code(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::NoSuchRequest => 1,
            Self::OtherTextShown => 2,
            Self::LastTryNotAccepted => 3,
            Self::Malformed => 4,
            Self::NoKeypad => 5,
            Self::WeakPin => 6,
        }
    }

    pub(super) fn of(code: u8) -> io::Result<Self> {
        let known = Self::ALL.into_iter().find(|verdict| verdict.code() == code);
        known.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// A frame as the signer received it.
pub struct PinFrame {
    /// Which request.
    pub request: RequestId,
    /// SHA-256 of each text shown, in order.
    pub digests: Vec<[u8; 32]>,
    /// The person said yes to the last try.
    pub accept_last_try: bool,
    /// The PIN.
    pub pin: Pin,
}

/// Sends the PIN for a request and waits for the verdict.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for no or too many digests or too short a PIN, else the socket's error.
pub fn send(
    socket: &mut (impl Read + Write),
    request: RequestId,
    digests: &[[u8; 32]],
    accept_last_try: bool,
    pin: &Pin,
) -> io::Result<Verdict> {
    let (Ok(count), Ok(length)) = (u8::try_from(digests.len()), u8::try_from(pin.len())) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    if !(1..=MOST_TEXTS).contains(&digests.len()) || pin.len() < FEWEST_DIGITS {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut page = LockedPage::new()?;
    let frame = &mut page.bytes_mut()[..FRAME];
    frame[..4].copy_from_slice(MAGIC);
    frame[4..20].copy_from_slice(&request.0);
    frame[20] = u8::from(accept_last_try);
    frame[21] = count;
    for (place, digest) in frame[22..150].chunks_exact_mut(32).zip(digests) {
        place.copy_from_slice(digest);
    }
    frame[150] = length;
    frame[151..151 + pin.len()].copy_from_slice(pin.expose());
    socket.write_all(frame)?;
    await_verdict(socket)
}

pub(super) fn await_verdict(socket: &mut (impl Read + Write)) -> io::Result<Verdict> {
    socket.flush()?;
    let mut answer = [0];
    socket.read_exact(&mut answer)?;
    Verdict::of(answer[0])
}

/// Receives one frame; the caller answers with [`answer`].
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for anything that is not exactly a frame, else the socket's error.
pub fn receive(socket: &mut impl Read) -> io::Result<PinFrame> {
    let mut page = LockedPage::new()?;
    let frame = &mut page.bytes_mut()[..FRAME];
    socket.read_exact(frame)?;
    decode(frame)
}

/// Reads a frame that has arrived.
pub(super) fn decode(frame: &[u8]) -> io::Result<PinFrame> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let (count, length) = (usize::from(frame[21]), usize::from(frame[150]));
    let well_formed = frame.starts_with(MAGIC)
        && frame[20] <= 1
        && (1..=MOST_TEXTS).contains(&count)
        && (FEWEST_DIGITS..=MOST_DIGITS).contains(&length)
        && frame[22 + 32 * count..150].iter().all(|byte| *byte == 0)
        && frame[151 + length..].iter().all(|byte| *byte == 0);
    if !well_formed {
        return Err(malformed());
    }
    let mut request = RequestId([0; 16]);
    request.0.copy_from_slice(&frame[4..20]);
    let pin = Pin::of_digits(&frame[151..151 + length])?;
    let digests = frame[22..22 + 32 * count]
        .chunks_exact(32)
        .map(|chunk| chunk.try_into().map_err(|_| malformed()))
        .collect::<io::Result<_>>()?;
    Ok(PinFrame { request, digests, accept_last_try: frame[20] == 1, pin })
}

/// Answers a frame.
///
/// # Errors
/// The socket's error.
pub fn answer(socket: &mut impl Write, verdict: Verdict) -> io::Result<()> {
    socket.write_all(&[verdict.code()])?;
    socket.flush()
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::{Pin, RequestId, Verdict, answer, receive, send};

    fn typed(digits: &[u8]) -> Pin {
        let mut pin = Pin::new().unwrap();
        for digit in digits {
            assert!(pin.push(*digit));
        }
        pin
    }

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        let (mut screen, mut signer) = UnixStream::pair().unwrap();
        let signer = std::thread::spawn(move || {
            let frame = receive(&mut signer).unwrap();
            answer(&mut signer, Verdict::OtherTextShown).unwrap();
            frame
        });
        let pin = typed(&[9, 0, 4, 7, 1, 3]);
        let verdict = send(&mut screen, RequestId([7; 16]), &[[1; 32], [2; 32]], true, &pin).unwrap();
        let frame = signer.join().unwrap();
        assert_eq!(verdict, Verdict::OtherTextShown);
        assert_eq!(frame.request, RequestId([7; 16]));
        assert_eq!(frame.digests, [[1; 32], [2; 32]]);
        assert!(frame.accept_last_try);
        assert_eq!(frame.pin.expose(), b"904713");
    }

    #[test]
    fn a_frame_with_anything_else_in_it_is_refused() {
        let mut frame = [0_u8; super::FRAME];
        frame[..4].copy_from_slice(b"EKP1");
        frame[21] = 1;
        frame[150] = 6;
        frame[151..157].copy_from_slice(b"904713");
        assert!(receive(&mut frame.as_slice()).is_ok());
        for (at, byte) in [(0, b'X'), (20, 2), (21, 0), (21, 5), (100, 1), (150, 3), (152, b'a'), (160, b'1')]
        {
            let mut other = frame;
            other[at] = byte;
            assert!(receive(&mut other.as_slice()).is_err(), "byte {at} = {byte}");
        }
    }

    #[test]
    fn a_pin_takes_digits_only_and_forgets_them() {
        let mut pin = typed(&[1, 2, 3]);
        assert!(!pin.push(10));
        pin.pop();
        assert_eq!(pin.expose(), b"12");
        assert_eq!(pin.page.bytes()[2], 0, "what was taken back is gone");
        pin.clear();
        assert!(pin.is_empty());
        assert!(pin.page.bytes().iter().all(|byte| *byte == 0));
    }

    /// What the kernel keeps of the mapping this address is in (`VmFlags` of `proc(5)`, smaps).
    fn flags(address: usize) -> Vec<String> {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut here = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            if let Some((Ok(from), Ok(to))) =
                range.map(|(from, to)| (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16)))
            {
                here = (from..to).contains(&address);
            } else if let (true, Some(flags)) = (here, line.strip_prefix("VmFlags:")) {
                return flags.split_whitespace().map(str::to_owned).collect();
            }
        }
        Vec::new()
    }

    #[test]
    fn a_pin_is_neither_swapped_nor_dumped_nor_inherited() {
        let pin = typed(&[9, 0, 4, 7]);
        let flags = flags(pin.page.0.as_ptr().addr());
        for wanted in ["lo", "dd", "dc"] {
            assert!(flags.iter().any(|flag| flag == wanted), "{wanted} is not in {flags:?}");
        }
    }
}
