//! What is left of a visitor: in log files and in the memory of running processes.
//!
//! It knows bytes and where to look for them; what may be found where is for its callers to judge.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

/// Read at once; needles may lie across two reads.
const CHUNK: usize = 1 << 20;

/// A find: which needle, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Name of the needle, never its value.
    pub what: String,
    /// File and line, or mapping.
    pub place: String,
}

/// Searches every file under a folder for the values, also for what JSON makes of them.
///
/// # Errors
/// When a file cannot be read.
pub fn in_logs(folder: &Path, values: &[(&str, &str)]) -> io::Result<Vec<Find>> {
    let mut finds = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path)?).to_lowercase();
            for (what, value) in values {
                let escaped: String = value.escape_default().collect();
                let percent = percent_encoded(value);
                for form in [*value, escaped.as_str(), percent.as_str()] {
                    let form = form.to_lowercase();
                    if let Some(line) = text.lines().position(|line| line.contains(&form)) {
                        let place = format!("{}:{}", path.display(), line + 1);
                        finds.push(Find { what: (*what).to_owned(), place });
                        break;
                    }
                }
            }
        }
    }
    Ok(finds)
}

/// Searches all readable memory of a running process for the values.
///
/// Needs the right to read `/proc/PID/mem`: the kiosk's processes are not dumpable, which leaves root.
///
/// # Errors
/// When the process is gone or its memory may not be read.
pub fn in_memory<V: AsRef<[u8]>>(pid: u32, values: &[(&str, V)]) -> io::Result<Vec<Find>> {
    let process = Path::new("/proc").join(pid.to_string());
    let maps = fs::read_to_string(process.join("maps"))?;
    let memory = File::open(process.join("mem"))?;
    let longest = values.iter().map(|(_, value)| value.as_ref().len()).max().unwrap_or(0);
    let mut finds = Vec::new();
    let mut buffer = vec![0; CHUNK + longest];
    for mapping in maps.lines().filter_map(Mapping::parse) {
        let mut at = mapping.start;
        while at < mapping.end {
            let length = usize::try_from(mapping.end - at).unwrap_or(CHUNK).min(CHUNK + longest);
            // Guard pages and device memory have a mapping and cannot be read.
            let Ok(()) = memory.read_exact_at(&mut buffer[..length], at) else { break };
            for (what, value) in values {
                if contains(&buffer[..length], value.as_ref()) {
                    let find = Find { what: (*what).to_owned(), place: format!("{at:x} {}", mapping.name) };
                    if !finds.contains(&find) {
                        finds.push(find);
                    }
                }
            }
            at += length.min(CHUNK) as u64;
        }
    }
    buffer.fill(0);
    Ok(finds)
}

/// Searches a file of any size, e.g. the image of a disk, for the values.
///
/// # Errors
/// When it cannot be read.
pub fn in_file<V: AsRef<[u8]>>(file: &Path, values: &[(&str, V)]) -> io::Result<Vec<Find>> {
    let opened = File::open(file)?;
    let size = opened.metadata()?.len();
    let longest = values.iter().map(|(_, value)| value.as_ref().len()).max().unwrap_or(0);
    let mut finds = Vec::new();
    let mut buffer = vec![0; CHUNK + longest];
    let mut at = 0;
    while at < size {
        let length = usize::try_from(size - at).unwrap_or(CHUNK).min(CHUNK + longest);
        opened.read_exact_at(&mut buffer[..length], at)?;
        for (what, value) in values {
            if contains(&buffer[..length], value.as_ref()) {
                let place = format!("{}, byte {at} and after", file.display());
                finds.push(Find { what: (*what).to_owned(), place });
            }
        }
        at += length.min(CHUNK) as u64;
    }
    Ok(finds)
}

struct Mapping<'a> {
    start: u64,
    end: u64,
    name: &'a str,
}

impl<'a> Mapping<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let rights = words.next()?;
        let name = words.nth(3).unwrap_or("anonymous");
        // vvar and vsyscall are the kernel's.
        if !rights.starts_with('r') || name.starts_with("[v") {
            return None;
        }
        Some(Self {
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
            name,
        })
    }
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| byte == first) {
        from += at + 1;
        if hay[from..].starts_with(rest) {
            return true;
        }
    }
    false
}

fn percent_encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b' ' => text.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{in_file, in_logs, in_memory};

    #[test]
    fn a_value_in_a_log_is_found_as_it_is_and_as_json_and_forms_write_it() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.log"), "x\nA=DENEME ÇİÇ ORTAOKULU\n").expect("writes");
        std::fs::write(folder.path().join("b.log"), "word=Zeytin%2B41+K%C3%B6y\n").expect("writes");
        let values = [("unit", "DENEME ÇİÇ ORTAOKULU"), ("word", "Zeytin+41 Köy"), ("pin", "918273")];
        let mut finds = in_logs(folder.path(), &values).expect("readable");
        finds.sort_by(|a, b| a.what.cmp(&b.what));
        assert_eq!(finds.len(), 2, "{finds:?}");
        assert!(finds[0].what == "unit" && finds[0].place.ends_with("a.log:2"), "{finds:?}");
        assert!(finds[1].what == "word" && finds[1].place.ends_with("b.log:1"), "{finds:?}");
    }

    #[test]
    fn a_value_in_a_large_file_is_found_also_where_two_reads_meet() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("disk");
        let mut bytes = vec![0; super::CHUNK * 2 + 10];
        bytes[super::CHUNK - 4..super::CHUNK + 4].copy_from_slice(b"Zeytin41");
        std::fs::write(&file, bytes).expect("writes");
        let finds = in_file(&file, &[("word", "Zeytin41"), ("pin", "918273")]).expect("readable");
        assert!(finds.len() == 1 && finds[0].what == "word", "{finds:?}");
    }

    #[test]
    fn a_value_is_found_in_the_memory_of_the_process_that_holds_it() {
        // Made up here, so that no constant of this program holds it.
        let mut held: Vec<u8> = (0..24_u8).map(|n| b'a' + (n * 7 + 3) % 26).collect();
        let needle = String::from_utf8(held.clone()).expect("letters");
        let mut child = std::process::Command::new("/bin/sh")
            .args(["-c", "read held; echo ready; read end"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let (mut to, from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        use std::io::{BufRead, Write};
        let mut from = std::io::BufReader::new(from).lines();
        held.push(b'\n');
        to.write_all(&held).expect("the shell reads");
        assert_eq!(from.next().expect("a line").expect("text"), "ready");
        let finds = in_memory(child.id(), &[("held", needle.as_str()), ("other", "no such value anywhere")])
            .expect("root may read, and a user its own dumpable process");
        assert!(finds.iter().any(|find| find.what == "held"), "{finds:?}");
        assert!(finds.iter().all(|find| find.what == "held"), "{finds:?}");
        drop(to);
        child.wait().expect("ends");
        assert!(in_memory(child.id(), &[("held", &needle)]).is_err(), "gone");
    }
}
