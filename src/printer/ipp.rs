//! What is asked of a printer and what it answers (IPP, RFC 8010 and 8011), as bytes. Pure.
//!
//! A job bears no name of anybody. What an answer means is said here; when something is asked is the client's.

use std::io::Cursor;

use ipp::{attribute::IppAttributes, parser::IppParser, prelude::*, reader::IppReader};

use super::{Fault, News};
use crate::link::paper::PRINT_DPI;

/// What is printed.
pub(super) const FORMAT: &str = "image/pwg-raster";
const MEDIA: &str = "iso_a4_210x297mm";
const GREY: &str = "sgray_8";
/// Dots per inch (RFC 8011, 5.1.16).
const PER_INCH: i8 = 3;
/// Whose jobs these are, to the printer.
const USER: &str = "eimza-kiosk";

/// A request under way to this printer.
#[derive(Debug, Clone)]
pub(super) struct Printer {
    address: Uri,
}

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// What it can print.
    Abilities,
    /// Take a job, and say its number before it has anything of it.
    Create,
    /// Take the job's document, the only one.
    Send(i32),
    /// How the job is.
    Job(i32),
    /// How the printer itself is.
    State,
    /// Forget the job.
    Cancel(i32),
}

impl Printer {
    /// The printer of this `ipp` or `ipps` address.
    pub(super) fn new(address: &str) -> Option<Self> {
        address.parse().ok().map(|address| Self { address })
    }

    /// A request as bytes.
    pub(super) fn request(&self, ask: Ask) -> Result<Vec<u8>, Fault> {
        let (operation, wanted): (Operation, &[&str]) = match ask {
            Ask::Abilities => (
                Operation::GetPrinterAttributes,
                &[
                    "document-format-supported",
                    "pwg-raster-document-type-supported",
                    "pwg-raster-document-resolution-supported",
                    "media-supported",
                ],
            ),
            Ask::Create => (Operation::CreateJob, &[]),
            Ask::Send(_) => (Operation::SendDocument, &[]),
            Ask::Job(_) => (Operation::GetJobAttributes, &["job-state", "job-state-reasons"]),
            Ask::State => (Operation::GetPrinterAttributes, &["printer-state", "printer-state-reasons"]),
            Ask::Cancel(_) => (Operation::CancelJob, &[]),
        };
        let request = IppRequestResponse::new(IppVersion::v2_0(), operation, Some(self.address.clone()));
        let mut request = request.map_err(|_| Fault::Unfit)?;
        let of_operation = DelimiterTag::OperationAttributes;
        let mut say = |group, name: &str, value: Result<IppValue, ipp::parser::IppParseError>| {
            let attribute = value.and_then(|value| IppAttribute::with_name(name, value));
            let attribute = attribute.map_err(|_| Fault::Unfit)?;
            request.attributes_mut().add(group, attribute);
            Ok(())
        };
        // The job's number follows the printer's address (RFC 8011, 4.3).
        if let Ask::Send(job) | Ask::Job(job) | Ask::Cancel(job) = ask {
            say(of_operation, "job-id", Ok(IppValue::new_integer(job)))?;
        }
        say(of_operation, "requesting-user-name", IppValue::new_name_without_language(USER))?;
        if !wanted.is_empty() {
            let names = wanted.iter().map(|name| IppValue::new_keyword(*name)).collect::<Result<_, _>>();
            say(of_operation, "requested-attributes", names.map(IppValue::Array))?;
        }
        if let Ask::Send(_) = ask {
            say(of_operation, "document-format", IppValue::new_mime_media_type(FORMAT))?;
            say(of_operation, "last-document", Ok(IppValue::Boolean(true)))?;
        }
        if ask == Ask::Create {
            say(of_operation, "job-name", IppValue::new_name_without_language("E-imza"))?;
            let of_job = DelimiterTag::JobAttributes;
            say(of_job, "copies", Ok(IppValue::new_integer(1)))?;
            say(of_job, "media", IppValue::new_keyword(MEDIA))?;
            say(of_job, "sides", IppValue::new_keyword("one-sided"))?;
        }
        Ok(request.to_bytes().to_vec())
    }
}

/// An answer that was a success.
pub(super) struct Answer(IppAttributes);

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Fault::Failed`] for a refusal, and for what is no answer.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        if !is_sound(bytes) {
            return Err(Fault::Failed);
        }
        let read = IppParser::new(IppReader::new(Cursor::new(bytes.to_vec()))).parse();
        let read = read.map_err(|_| Fault::Failed)?;
        // RFC 8011, 4.1.6: 0x0000 to 0x00ff is success.
        if !(0..=0xff).contains(&read.header().operation_or_status) {
            return Err(Fault::Failed);
        }
        Ok(Self(read.attributes().clone()))
    }

    /// Whether it prints what this kiosk does.
    ///
    /// # Errors
    /// [`Fault::Unfit`]
    pub(super) fn is_able(&self) -> Result<(), Fault> {
        let dpi = i32::try_from(PRINT_DPI).unwrap_or(i32::MAX);
        let wanted = IppValue::Resolution { cross_feed: dpi, feed: dpi, units: PER_INCH };
        let resolutions = self.values("pwg-raster-document-resolution-supported");
        let able = self.says("document-format-supported", FORMAT)
            && self.says("pwg-raster-document-type-supported", GREY)
            && self.says("media-supported", MEDIA)
            && resolutions.contains(&&wanted);
        if able { Ok(()) } else { Err(Fault::Unfit) }
    }

    /// The number of the job that was taken.
    ///
    /// # Errors
    /// [`Fault::Failed`] where there is none.
    pub(super) fn job(&self) -> Result<i32, Fault> {
        match self.values("job-id").as_slice() {
            [IppValue::Integer(job)] => Ok(*job),
            _ => Err(Fault::Failed),
        }
    }

    /// How the job is; `None` while it goes on (RFC 8011, 5.3.7).
    ///
    /// # Errors
    /// [`Fault::Failed`] where the printer gave it up.
    pub(super) fn is_over(&self) -> Result<Option<News>, Fault> {
        match self.values("job-state").as_slice() {
            [IppValue::Enum(3..=6)] => Ok(None),
            [IppValue::Enum(9)] => Ok(Some(News::Done)),
            _ => Err(Fault::Failed),
        }
    }

    /// Whether nothing of the job can come out any more.
    pub(super) fn is_at_its_end(&self) -> bool {
        matches!(self.values("job-state").as_slice(), [IppValue::Enum(7..=9)])
    }

    /// What keeps the printer (RFC 8011, 5.4.12): reasons end in how grave they are.
    pub(super) fn state(&self) -> News {
        let reasons = self.values("printer-state-reasons");
        let paper = reasons.iter().any(|reason| {
            let IppValue::Keyword(reason) = reason else { return false };
            ["media-empty", "media-needed"].iter().any(|wanted| reason.as_str().starts_with(wanted))
        });
        if paper { News::OutOfPaper } else { News::Printing }
    }

    fn says(&self, name: &str, wanted: &str) -> bool {
        self.values(name).iter().any(|value| {
            let keyword = matches!(value, IppValue::Keyword(said) if said.as_str() == wanted);
            keyword || matches!(value, IppValue::MimeMediaType(said) if said.as_str() == wanted)
        })
    }

    fn values(&self, name: &str) -> Vec<&IppValue> {
        let all = self.0.groups().iter().flat_map(|group| group.attributes());
        let named = all.filter(|attribute| attribute.name().as_str() == name);
        named
            .flat_map(|attribute| {
                let value = attribute.value();
                if let IppValue::Array(values) = value { values.iter().collect() } else { vec![value] }
            })
            .collect()
    }
}

/// Whether the parser can be given these bytes: it believes lengths within a value, and copies collections in collections
/// over and over. Nothing that is asked for is a collection.
fn is_sound(bytes: &[u8]) -> bool {
    // RFC 8010, 3.5.1 and 3.5.2: delimiters, and values with an encoding of their own.
    const END: u8 = 0x03;
    const LAST_DELIMITER: u8 = 0x0F;
    const COLLECTION: u8 = 0x34;
    const WITH_LANGUAGE: [u8; 2] = [0x35, 0x36];
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((tag, after)) = rest.split_first() {
        rest = match *tag {
            END => return true,
            ..=LAST_DELIMITER => after,
            COLLECTION => return false,
            tag => {
                let named = field(after).and_then(|(_, after)| field(after));
                let Some((value, after)) = named else { return false };
                let whole = field(value).is_some_and(|(_, text)| field(text).is_some());
                if WITH_LANGUAGE.contains(&tag) && !whole {
                    return false;
                }
                after
            }
        };
    }
    false
}

/// A length of two bytes, and as many: they, and what follows.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use ipp::prelude::{DelimiterTag, IppAttribute, IppRequestResponse, IppValue, IppVersion, StatusCode};

    use super::{Answer, Ask, FORMAT, Fault, News, PER_INCH, Printer};

    fn answer(status: StatusCode, said: Vec<(&str, IppValue)>) -> Vec<u8> {
        let mut answer = IppRequestResponse::new_response(IppVersion::v2_0(), status, 1).unwrap();
        for (name, value) in said {
            let attribute = IppAttribute::with_name(name, value).unwrap();
            answer.attributes_mut().add(DelimiterTag::PrinterAttributes, attribute);
        }
        answer.to_bytes().to_vec()
    }

    fn read(said: Vec<(&str, IppValue)>) -> Answer {
        let Ok(answer) = Answer::read(&answer(StatusCode::SuccessfulOk, said)) else { panic!("no success") };
        answer
    }

    /// A success with one value of this kind.
    fn raw(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
        let name = b"status-message";
        let head = [2, 0, 0, 0, 0, 0, 0, 1, 0x01, tag];
        [&head, &length(name)[..], name, &length(value), value, &[0x03]].concat()
    }

    #[test]
    fn lengths_that_lie_and_collections_are_no_answer() {
        let with_language = |said: u8| raw(0x35, &[&[0, 2], &b"tr"[..], &[0, said], b"tamam"].concat());
        assert!(Answer::read(&with_language(5)).is_ok());
        for bad in [
            with_language(6),
            raw(0x35, &[0, 200]),
            raw(0x36, &[]),
            raw(0x34, &[]),
            raw(0x41, b"tamam")[..30].to_vec(),
            vec![2, 0, 0, 0, 0, 0, 0, 1],
            Vec::new(),
        ] {
            assert!(Answer::read(&bad).is_err(), "{bad:?}");
        }
    }

    fn words(words: &[&str]) -> IppValue {
        IppValue::Array(words.iter().map(|word| IppValue::new_keyword(*word).unwrap()).collect())
    }

    #[test]
    fn a_printer_has_to_take_grey_a4_pages_of_this_kiosks_kind() {
        let able = |types: &[&str], media: &str, dpi: i32| {
            read(vec![
                ("document-format-supported", IppValue::new_mime_media_type(FORMAT).unwrap()),
                ("pwg-raster-document-type-supported", words(types)),
                ("media-supported", words(&["na_letter_8.5x11in", media])),
                ("pwg-raster-document-resolution-supported", IppValue::new_resolution(dpi, dpi, PER_INCH)),
            ])
            .is_able()
        };
        assert_eq!(able(&["black_1", "sgray_8"], "iso_a4_210x297mm", 300), Ok(()));
        assert_eq!(able(&["black_1"], "iso_a4_210x297mm", 300), Err(Fault::Unfit));
        assert_eq!(able(&["sgray_8"], "iso_a5_148x210mm", 300), Err(Fault::Unfit));
        assert_eq!(able(&["sgray_8"], "iso_a4_210x297mm", 600), Err(Fault::Unfit));
        assert_eq!(read(Vec::new()).is_able(), Err(Fault::Unfit));
    }

    #[test]
    fn a_job_is_over_when_every_sheet_is_out_and_given_up_is_not_printed() {
        let job = |state| read(vec![("job-state", IppValue::Enum(state))]).is_over();
        for goes_on in 3..=6 {
            assert_eq!(job(goes_on), Ok(None));
        }
        assert_eq!(job(9), Ok(Some(News::Done)));
        for given_up in [7, 8, 0, 42] {
            assert_eq!(job(given_up), Err(Fault::Failed));
        }
        assert_eq!(read(Vec::new()).is_over(), Err(Fault::Failed));
    }

    #[test]
    fn a_printer_without_paper_says_so_however_gravely() {
        let state = |reasons: &[&str]| read(vec![("printer-state-reasons", words(reasons))]).state();
        assert_eq!(state(&["none"]), News::Printing);
        assert_eq!(state(&["marker-supply-low-report", "media-empty-error"]), News::OutOfPaper);
        assert_eq!(state(&["media-needed"]), News::OutOfPaper);
        assert_eq!(state(&["media-low-warning"]), News::Printing);
    }

    #[test]
    fn a_refusal_is_no_success_and_neither_are_other_bytes() {
        let refused = answer(StatusCode::ClientErrorDocumentFormatNotSupported, Vec::new());
        assert!(matches!(Answer::read(&refused), Err(Fault::Failed)));
        assert!(matches!(Answer::read(b"<html>"), Err(Fault::Failed)));
        assert!(matches!(Answer::read(&[]), Err(Fault::Failed)));
        let job = read(vec![("job-id", IppValue::new_integer(7))]).job();
        assert_eq!(job, Ok(7));
    }

    #[test]
    fn a_job_names_nobody_and_asks_for_one_copy_on_one_side_of_a4() {
        let printer = Printer::new("ipp://printer.invalid:631/ipp/print").expect("an address");
        let said = |ask| String::from_utf8_lossy(&printer.request(ask).unwrap()).into_owned();
        let job = said(Ask::Create);
        for word in ["eimza-kiosk", "E-imza", "iso_a4_210x297mm", "one-sided"] {
            assert!(job.contains(word), "{word}");
        }
        for word in ["eimza-kiosk", "job-id", FORMAT, "last-document"] {
            assert!(said(Ask::Send(7)).contains(word), "{word}");
        }
        let cancel = printer.request(Ask::Cancel(7)).unwrap();
        assert!(cancel.windows(6).any(|it| it == b"job-id"));
        assert!(Printer::new("no address at all").is_none());
    }
}
