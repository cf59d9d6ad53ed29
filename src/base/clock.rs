//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Microseconds since the epoch; 0 for a clock set before it.
pub fn now_micros() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as i64)
}

/// Milliseconds since the epoch; 0 for a clock set before it.
pub fn now_millis() -> i64 {
    now_micros() / 1000
}

/// `micros` since the epoch in the user's time zone; none for a time beyond
/// the year 9999.
pub fn local(micros: i64) -> Option<Zoned> {
    let time = Timestamp::from_microsecond(micros).ok()?;
    Some(time.to_zoned(TimeZone::system()))
}

/// Local time of `micros` since the epoch, as `2026-01-31 09:05:00`; empty for a
/// time beyond the year 9999.
pub fn local_text(micros: i64) -> String {
    let time = local(micros).map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    time.unwrap_or_default()
}

/// A length of time of `micros` as hours, minutes and seconds: `1:02:09`.
pub fn duration_text(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (minutes, seconds) = (seconds.div_euclid(60), seconds.rem_euclid(60));
    let (hours, minutes) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    format!("{hours}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        assert_eq!(duration_text(0), "0:00:00");
        assert_eq!(duration_text(3_729_999_999), "1:02:09");
        assert_eq!(duration_text(360_000_000_000), "100:00:00");
    }

    #[test]
    fn times_that_are_none_are_empty() {
        assert_eq!(local_text(i64::MAX), "");
        assert_eq!(local_text(0).len(), "1970-01-01 00:00:00".len());
    }
}
