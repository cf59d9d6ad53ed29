//! Durations and sizes as a suite file writes them: `90s`, `5m`, `64MiB`.

use std::time::Duration;

/// A duration or size that could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum QuantityError {
    /// Not a duration.
    #[error("`{0}` is not a duration: write a number and ms, s, m or h, as in `5m`")]
    Duration(String),
    /// Not a size.
    #[error("`{0}` is not a size: write a number and KiB, MiB or GiB, as in `64MiB`")]
    Size(String),
}

/// Reads a duration: a number with an optional fraction, and a unit.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let error = || QuantityError::Duration(text.to_owned());
    let (number, unit) = split_unit(text);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(error()),
    };
    let number: f64 = number.parse().map_err(|_| error())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| error())
}

/// Reads a size in bytes.
pub fn parse_size(text: &str) -> Result<u64, QuantityError> {
    let error = || QuantityError::Size(text.to_owned());
    let (number, unit) = split_unit(text);
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(error()),
    };
    let number: u64 = number.parse().map_err(|_| error())?;
    number.checked_mul(bytes).ok_or_else(error)
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let unit = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    (number.trim_end(), unit)
}

/// A duration as a person says it: `250ms`, `1.5s`, `5m`.
pub fn show(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        return format!("{}ms", duration.as_millis());
    }
    if seconds >= 60.0 && duration.as_secs().is_multiple_of(60) && duration.subsec_nanos() == 0 {
        return format!("{}m", duration.as_secs() / 60);
    }
    let text = format!("{seconds:.2}");
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(parse_duration("1.5 s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("20ms"), Ok(Duration::from_millis(20)));
        for wrong in ["", "5", "m", "5d", "-1s", "1e400s", "nans"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("64MiB"), Ok(64 << 20));
        assert!(parse_size("99999999999999GiB").is_err());
        assert!(parse_size("12MB").is_err());
    }

    #[test]
    fn shown() {
        assert_eq!(show(Duration::from_millis(250)), "250ms");
        assert_eq!(show(Duration::from_millis(1500)), "1.5s");
        assert_eq!(show(Duration::from_secs(10)), "10s");
        assert_eq!(show(Duration::from_secs(300)), "5m");
    }
}
