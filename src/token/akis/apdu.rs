//! Commands and answers (ISO/IEC 7816-4, 5): how one command becomes what goes over the line, and what comes
//! back becomes one answer. Pure but for the line itself, which is handed in.
//!
//! It knows no command's meaning. A command is repeated only where the card named the right Le, which it does
//! instead of carrying it out; one without Le, as a VERIFY is, goes out once and never again.

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

/// Most bytes an answer may have with all its parts. No card's file or signature is larger.
pub const MOST_ANSWERED: usize = 32 * 1024;
/// What a short Le can ask for.
const SHORT: usize = 256;
/// Class bit 5: more of the same command follows (5.3.3).
const CHAINING: u8 = 0x10;
/// Most pieces an answer may come in.
const MOST_PIECES: usize = 300;

/// A command before it is put on a line. Its data are wiped: they may hold a PIN.
pub struct Command {
    /// CLA, INS, P1, P2.
    pub header: [u8; 4],
    /// Its data; empty for none.
    pub data: Zeroizing<Vec<u8>>,
    /// Most bytes of the answer; `None` where none is wanted.
    pub le: Option<usize>,
}

impl Command {
    /// A command with these data that wants an answer of at most `le` bytes.
    #[must_use]
    pub fn new(header: [u8; 4], data: &[u8], le: Option<usize>) -> Self {
        Self { header, data: Zeroizing::new(data.to_vec()), le }
    }
}

/// What the line and the card take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Character frames, ISO/IEC 7816-3, 10: no data both ways in one exchange, and no long lengths.
    pub t0: bool,
    /// Most bytes of data in one command, at most 255.
    pub most_sent: usize,
    /// Lengths may take three bytes.
    pub extended: bool,
}

/// What a card answered, all parts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its data.
    pub data: Vec<u8>,
    /// The last status word.
    pub status: u16,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<E> {
    /// The line failed.
    Line(E),
    /// The command cannot be put on this line.
    TooLong,
    /// What came is no answer, or never ends.
    Malformed,
}

/// Sends a command, chained where it has to be, and fetches the whole answer. `send` carries one frame each.
///
/// # Errors
/// [`Failure`]. A status word of the card is no error here.
pub fn exchange<E>(
    command: &Command,
    line: Line,
    mut send: impl FnMut(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<Answer, Failure<E>> {
    let frames = frames(command, line).ok_or(Failure::TooLong)?;
    let mut answer = Answer { data: Vec::new(), status: 0 };
    for frame in &frames {
        answer = parse(&send(frame).map_err(Failure::Line)?).ok_or(Failure::Malformed)?;
        if answer.status != 0x9000 {
            // A chain that was refused is not gone on with.
            break;
        }
    }
    // Wrong Le: nothing was carried out, and this is the right one. A command that sent none is not repeated.
    if let ([0x6C, le], [_]) = (answer.status.to_be_bytes(), frames.as_slice())
        && command.le.is_some()
        && (!line.t0 || command.data.is_empty())
    {
        let again = frame(command.header, &command.data, Some(usize::from(le)), line.t0);
        let again = again.ok_or(Failure::TooLong)?;
        answer = parse(&send(&again).map_err(Failure::Line)?).ok_or(Failure::Malformed)?;
    }
    let mut data = std::mem::take(&mut answer.data);
    for _ in 0..MOST_PIECES {
        let [0x61, more] = answer.status.to_be_bytes() else {
            return Ok(Answer { data, status: answer.status });
        };
        answer = get_response(more, &mut send)?;
        data.extend_from_slice(&answer.data);
        if data.len() > MOST_ANSWERED {
            break;
        }
    }
    Err(Failure::Malformed)
}

/// GET RESPONSE (11.7.1), which may itself be told the right Le.
fn get_response<E>(le: u8, send: &mut impl FnMut(&[u8]) -> Result<Vec<u8>, E>) -> Result<Answer, Failure<E>> {
    let mut once = |le| {
        let answer = send(&[0x00, 0xC0, 0x00, 0x00, le]).map_err(Failure::Line)?;
        parse(&answer).ok_or(Failure::Malformed)
    };
    let answer = once(le)?;
    match answer.status.to_be_bytes() {
        [0x6C, right] => once(right),
        _ => Ok(answer),
    }
}

/// The frames of a command, in order: one, or a chain. `None` when it cannot be had in them.
fn frames(command: &Command, line: Line) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let most = line.most_sent.clamp(1, 255);
    let le = command.le.map(|le| le.clamp(1, usize::from(u16::MAX) + 1));
    let short = command.data.len() <= most && le.is_none_or(|le| le <= SHORT);
    if !short && line.extended && !line.t0 {
        return extended(command, le).map(|frame| vec![frame]);
    }
    let mut parts: Vec<&[u8]> = command.data.chunks(most).collect();
    let last = parts.pop().unwrap_or_default();
    let le = le.map(|le| le.min(SHORT));
    let [class, instruction, p1, p2] = command.header;
    let chained = [class | CHAINING, instruction, p1, p2];
    let mut frames = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        frames.push(frame(chained, part, None, line.t0)?);
    }
    frames.push(frame(command.header, last, le, line.t0)?);
    Some(frames)
}

/// A frame with lengths of one byte. Over T=0 a command without data or answer has P3 = 00, and one with both
/// has its answer fetched (ISO/IEC 7816-4, 12.1).
fn frame(header: [u8; 4], data: &[u8], le: Option<usize>, t0: bool) -> Option<Zeroizing<Vec<u8>>> {
    // Room at once: growing would leave copies of a PIN behind.
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + 1 + data.len() + 1));
    frame.extend_from_slice(&header);
    if !data.is_empty() {
        frame.push(u8::try_from(data.len()).ok()?);
        frame.extend_from_slice(data);
    }
    // 256 is written 00, and so it is read.
    let le_byte = |le: usize| u8::try_from(le % SHORT).unwrap_or(0);
    match le {
        Some(_) if t0 && !data.is_empty() => {}
        Some(le) => frame.push(le_byte(le)),
        None if t0 && data.is_empty() => frame.push(0),
        None => {}
    }
    Some(frame)
}

/// A frame with lengths of three bytes and two.
fn extended(command: &Command, le: Option<usize>) -> Option<Zeroizing<Vec<u8>>> {
    let data = &command.data;
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + 3 + data.len() + 3));
    frame.extend_from_slice(&command.header);
    if !data.is_empty() {
        frame.push(0);
        frame.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
        frame.extend_from_slice(data);
    }
    if let Some(le) = le {
        if data.is_empty() {
            frame.push(0);
        }
        // 65536 is written 0000.
        frame.extend_from_slice(&u16::try_from(le).unwrap_or(0).to_be_bytes());
    }
    Some(frame)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let (data, status) = bytes.split_last_chunk()?;
    Some(Answer { data: data.to_vec(), status: u16::from_be_bytes(*status) })
}
