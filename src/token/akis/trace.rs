//! What went over the line while a card was read, without what is personal in it.
//!
//! Of each command its header, of a SELECT what it selects, of each answer its length and status word. File
//! control information is written out; what files hold never is: of directories the structure, with the paths,
//! identifiers and references that say where things are. It sends nothing.

use std::{cell::RefCell, fmt::Write as _, fs::File, io::Write as _};

use super::{reading::Question, tlv};

/// How deep a directory's structure is followed, and how many objects of it are told.
const DEEPEST: usize = 8;
const MOST_OBJECTS: usize = 200;

/// A trace that is being written.
pub(in crate::token) struct Trace {
    file: RefCell<File>,
    failed: RefCell<Option<std::io::Error>>,
}

impl Trace {
    pub(in crate::token) fn new(file: File) -> Self {
        Self { file: RefCell::new(file), failed: RefCell::new(None) }
    }

    /// What is said between commands; nothing personal may be in it.
    pub(in crate::token) fn say(&self, what: &str) {
        self.write(&format!("# {what}\n"));
    }

    /// What kept the trace from being written whole.
    pub(in crate::token) fn end(self) -> Result<(), std::io::Error> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }

    pub(super) fn frame(&self, question: Question<'_>, frame: &[u8], answer: &Result<Vec<u8>, pcsc::Error>) {
        self.write(&line(question, frame, answer));
    }

    pub(super) fn directory(&self, content: &[u8]) {
        let mut left = MOST_OBJECTS;
        self.write(&format!("# {} bytes: {}\n", content.len(), structure(content, DEEPEST, &mut left)));
    }

    /// Line by line: what a card does in the middle of it must not cost what was before.
    fn write(&self, text: &str) {
        if let Err(error) = self.file.borrow_mut().write_all(text.as_bytes()) {
            self.failed.borrow_mut().get_or_insert(error);
        }
    }
}

/// A command and its answer.
fn line(question: Question<'_>, frame: &[u8], answer: &Result<Vec<u8>, pcsc::Error>) -> String {
    let (header, body) = frame.split_at(frame.len().min(4));
    // The body of a question is lengths, and what a SELECT calls a file: a path, a name, an identifier.
    let mut line = format!("> {} {}\n", hex(header), hex(body));
    let _ = match answer {
        Err(error) => writeln!(line, "< PC/SC: {error}"),
        Ok(answer) => match (question, answer.split_last_chunk::<2>()) {
            (_, None) => writeln!(line, "< {} bytes, no status word", answer.len()),
            (Question::Select(..), Some((information, status))) => {
                writeln!(line, "< {} {}", hex(information), hex(status))
            }
            (Question::Binary(..) | Question::System(..), Some((data, status))) => {
                writeln!(line, "< [{} bytes] {}", data.len(), hex(status))
            }
        },
    };
    line
}

/// What a directory is made of: tags, lengths, and the values that say where things are. Labels, names and serial
/// numbers are lengths only.
fn structure(bytes: &[u8], deeper: usize, left: &mut usize) -> String {
    let mut told = String::new();
    let mut rest = bytes;
    while let Some((object, after)) = tlv::split(rest) {
        if *left == 0 {
            return told + " …";
        }
        *left -= 1;
        if !told.is_empty() {
            told.push(' ');
        }
        let _ = write!(told, "{:02X}", object.tag);
        let first = if object.tag > 0xFF { object.tag >> 8 } else { object.tag };
        if first & 0x20 != 0 && deeper > 0 && tlv::split(object.value).is_some() {
            let _ = write!(told, "({})", structure(object.value, deeper - 1, left));
        } else if says_where(object.tag, object.value) {
            let _ = write!(told, "={}", hex(object.value));
        } else {
            let _ = write!(told, "[{}]", object.value.len());
        }
        rest = after;
    }
    if !rest.is_empty() {
        let _ = write!(told, " [{} bytes more]", rest.len());
    }
    told.trim_start().to_owned()
}

/// Values that name files, keys and PINs: an AID or path of EF.DIR, paths and identifiers in OCTET STRINGs, flags,
/// references.
fn says_where(tag: u16, value: &[u8]) -> bool {
    match tag {
        0x4F => value.ends_with(b"PKCS-15"),
        0x51 | 0x04 => value.len() <= 2 || (value.len() <= 12 && value.starts_with(&[0x3F, 0x00])),
        0x01 | 0x02 | 0x0A | 0x80 => value.len() <= 2,
        0x03 => value.len() <= 3,
        _ => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, MOST_OBJECTS, Question, line, structure};

    fn told(bytes: &[u8]) -> String {
        structure(bytes, DEEPEST, &mut MOST_OBJECTS.clone())
    }

    #[test]
    fn a_directory_is_told_by_its_structure_and_its_labels_are_not() {
        let entry =
            b"\x30\x1D\x30\x0D\x0C\x0B10000000146\x30\x03\x04\x01\x45\xA1\x07\x30\x05\x30\x03\x04\x01\x07";
        assert_eq!(told(entry), "30(30(0C[11]) 30(04=45) A1(30(30(04=07))))");
        let odf = b"\xA0\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x02\x90\x00";
        assert_eq!(told(odf), "A0(30(04=3F0050154402)) 90[0]");
        assert_eq!(told(b"\x04\x06DENEME"), "04[6]", "no path");
        assert_eq!(told(b"\x02\x08\x01\x02\x03\x04\x05\x06\x07\x08"), "02[8]", "a serial number");
    }

    #[test]
    fn what_a_file_holds_is_never_in_a_line_and_control_information_is() {
        let read = line(Question::Binary(0, 4), &[0, 0xB0, 0, 0, 4], &Ok(b"Veli\x90\x00".to_vec()));
        assert_eq!(read, "> 00B00000 04\n< [4 bytes] 9000\n");
        let select = [0x00, 0xA4, 0x02, 0x00, 2, 0x50, 0x31, 0];
        let selected = line(Question::Select(2, &[0x50, 0x31]), &select, &Ok(vec![0x6F, 0, 0x90, 0]));
        assert_eq!(selected, "> 00A40200 02503100\n< 6F00 9000\n");
        let system = line(Question::System(6, 4), &[0, 0xCA, 1, 6, 4], &Ok(b"1234\x90\x00".to_vec()));
        assert_eq!(system, "> 00CA0106 04\n< [4 bytes] 9000\n");
    }

    #[test]
    fn a_structure_without_end_is_told_as_far_as_the_limit() {
        assert!(told(&[4, 0].repeat(5000)).ends_with('…'));
        assert!(told(&[0x30, 0x80, 0x00]).ends_with("[3 bytes more]"));
    }
}
