//! How moments are written on the screen: Turkish time, which is UTC+3 all year since 2016.
//!
//! It reads no clock.

use jiff::{Timestamp, civil::Date, tz::Offset};

const TURKEY: Offset = Offset::constant(3);

fn local(unix: i64) -> jiff::civil::DateTime {
    TURKEY.to_datetime(Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The date there at that moment.
pub(super) fn date(unix: i64) -> Date {
    local(unix).date()
}

/// `DD.MM.YYYY`
pub(super) fn day(unix: i64) -> String {
    local(unix).strftime("%d.%m.%Y").to_string()
}

/// `DD.MM.YYYY HH:MM`
pub(super) fn minute(unix: i64) -> String {
    local(unix).strftime("%d.%m.%Y %H:%M").to_string()
}

/// `DD.MM.YYYY HH:MM:SS`
pub(super) fn second(unix: i64) -> String {
    local(unix).strftime("%d.%m.%Y %H:%M:%S").to_string()
}

/// Reads `DD.MM.YYYY`.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = parts.next().is_none()
        && (day.len(), month.len(), year.len()) == (2, 2, 4)
        && digits(day)
        && digits(month)
        && digits(year);
    if !shaped {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{day, minute, parse_day, second};

    #[test]
    fn moments_are_written_in_turkish_time() {
        // 2026-08-14 20:59:59 UTC is the last second of that day in Turkey plus none.
        assert_eq!(second(1_786_741_199), "14.08.2026 23:59:59");
        assert_eq!(minute(1_786_741_199), "14.08.2026 23:59");
        assert_eq!(day(1_786_741_200), "15.08.2026");
    }

    #[test]
    fn only_real_days_are_days() {
        assert!(parse_day("15.08.1975").is_some());
        for text in ["31.02.1975", "1.8.1975", "15/08/1975", "15.08.75", "15.08.1975.", "", "aa.bb.cccc"] {
            assert!(parse_day(text).is_none(), "{text}");
        }
    }
}
