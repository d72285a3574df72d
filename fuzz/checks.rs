//! What must hold for any bytes a card may say: shared by the fuzz targets and the test that replays their corpus.
//!
//! A check panics where something does not hold; it knows no fuzzer.

#![allow(dead_code, reason = "each fuzz target uses one of them")]

use eimza_kiosk::{
    card::certificate::Certificate,
    link::text,
    token::akis::{
        apdu::{self, Command, Line, MOST_ANSWERED},
        pkcs15::{self, MOST_ENTRIES},
        status::{Meaning, meaning},
        tlv::{self, Object, Objects},
    },
};

/// A command, a line and a card that answers with the rest of the bytes.
///
/// The first bytes are: flags, most bytes sent at once, the four bytes of the header, Le and the length of the data.
/// Each answer is a length and so many bytes.
pub(crate) fn apdu(bytes: &[u8]) {
    let Some((&[flags, most_sent, class, instruction, p1, p2, le, length], script)) =
        bytes.split_first_chunk()
    else {
        return;
    };
    let line = Line { t0: flags & 1 != 0, most_sent: most_sent.into(), extended: flags & 2 != 0 };
    let le = (flags & 4 != 0).then(|| usize::from(le) << if flags & 8 != 0 { 8 } else { 0 });
    let data = vec![0x31; usize::from(length) << (flags >> 4 & 3)];
    let command = Command::new([class, instruction, p1, p2], &data, le);

    // Frames but those of a chain before its last, and GET RESPONSE.
    let (mut script, mut whole, mut fetched) = (script, 0, 0);
    let answer = apdu::exchange(&command, line, |frame| {
        let most = if line.extended && !line.t0 { 4 + 3 + data.len() + 3 } else { 4 + 1 + 255 + 1 };
        assert!((4..=most).contains(&frame.len()), "a frame of {} bytes", frame.len());
        if frame[..4] == [0x00, 0xC0, 0x00, 0x00] {
            fetched += 1;
        } else if frame[0] == class {
            whole += 1;
        }
        let (&length, rest) = script.split_first().ok_or(())?;
        let (answer, rest) = rest.split_at_checked(length.into()).unwrap_or((rest, &[]));
        script = rest;
        Ok::<_, ()>(answer.to_vec())
    });
    // What has no Le, as a VERIFY, is carried out at most once, whatever the card answers.
    let most = if le.is_some() { 2 } else { 1 };
    assert!(whole <= most || class & 0x10 != 0, "carried out {whole} times");
    assert!(fetched <= 2 * 300, "fetched {fetched} pieces");
    if let Ok(answer) = answer {
        assert_ne!(answer.status >> 8, 0x61, "an answer whose rest was left");
        assert!(answer.data.len() <= MOST_ANSWERED + 256, "{} bytes", answer.data.len());
        assert_eq!(meaning(answer.status) == Meaning::Done, answer.status == 0x9000);
    }
}

/// A file of a PKCS#15 application, taken for each kind of directory.
pub(crate) fn pkcs15(bytes: &[u8]) {
    objects(Objects(bytes), bytes, 0);
    if let Some((object, rest)) = tlv::split(bytes) {
        assert_eq!(tlv::extent(bytes), Some(bytes.len() - rest.len()));
        assert!(object.value.len() < bytes.len());
    }
    let directories = pkcs15::directories(bytes);
    for paths in [directories.keys, directories.certificates, directories.pins] {
        assert!(paths.len() <= MOST_ENTRIES);
        paths.iter().for_each(|path| is_path(path));
    }
    let certificates = pkcs15::certificates(bytes);
    assert!(certificates.len() <= MOST_ENTRIES);
    for entry in certificates {
        is_path(&entry.path);
        is_identifier(&entry.id);
    }
    let keys = pkcs15::keys(bytes);
    assert!(keys.len() <= MOST_ENTRIES);
    for entry in keys {
        is_identifier(&entry.id);
        entry.pin_id.iter().for_each(|id| is_identifier(id));
    }
    let pins = pkcs15::pins(bytes);
    assert!(pins.len() <= MOST_ENTRIES);
    pins.iter().for_each(|pin| is_identifier(&pin.id));
    pkcs15::application(bytes).iter().for_each(|path| is_path(path));
}

fn objects(list: Objects<'_>, all: &[u8], depth: usize) {
    for object in list {
        let Object { value, .. } = object;
        assert!(all.as_ptr_range().start <= value.as_ptr_range().start, "content from elsewhere");
        assert!(value.as_ptr_range().end <= all.as_ptr_range().end, "content from elsewhere");
        if depth < 8 {
            objects(object.inside(), value, depth + 1);
        }
    }
}

fn is_path(path: &[u8]) {
    assert!(matches!(path.len(), 2..=16) && path.len().is_multiple_of(2), "a path of {} bytes", path.len());
}

fn is_identifier(id: &[u8]) {
    assert!(matches!(id.len(), 1..=32), "an identifier of {} bytes", id.len());
}

/// A certificate as it is read from a card and shown to its holder.
pub(crate) fn certificate(bytes: &[u8]) {
    let Ok(read) = Certificate::parse(bytes) else { return };
    assert_eq!(read.der(), bytes);
    let shown = [Some(read.holder()), read.national_id()];
    for text in shown.into_iter().flatten() {
        let text = text.expose();
        assert!(text::strict(text.as_bytes()).is_ok(), "shown as something else than it is");
        assert!(!text.contains(['\n', '\r']) && text.trim() == text && text.len() <= bytes.len() * 3);
    }
    let words = read.holder().expose().split_whitespace().count();
    assert_eq!(read.given_names().expose().split_whitespace().count() + 1, words);
    assert_eq!(read.surname().expose().split_whitespace().count(), 1);
    let printed = format!("{read:?}");
    let kinds = ["Person", "Seal", "Authority", "Other"];
    let says_no_name = |kind| printed == format!("Certificate({kind}, {} bytes)", bytes.len());
    assert!(kinds.into_iter().any(says_no_name), "prints more than its kind and length");
    for now in [i64::MIN, 0, read.not_before(), read.not_after(), i64::MAX] {
        for window in [None, Some(0), Some(365), Some(u32::MAX)] {
            let fit = read.judge(now, window);
            let within = (read.not_before()..=read.not_after()).contains(&now);
            assert!(within || fit.is_err(), "fit outside of its validity");
            assert!(!read.is_authority() || fit.is_err(), "an authority signs");
        }
    }
}
