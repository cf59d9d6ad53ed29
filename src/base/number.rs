//! Numbers typed by users, with the contract's words for wrong ones.

/// The seconds of a year: nobody waits longer, and clocks can count so far.
pub const YEAR: u64 = 365 * 24 * 60 * 60;

/// Reads a whole number of at least `min`.
fn at_least(text: &str, min: i64) -> Result<i64, String> {
    let number: i64 = text
        .trim()
        .parse()
        .map_err(|_| format!("'{text}' is not a valid integer range."))?;
    if number < min {
        return Err(format!("{number} is not in the range x>={min}."));
    }
    Ok(number)
}

/// Reads a whole number of at least 1.
///
/// # Errors
/// Other texts and smaller numbers, in the contract's words.
pub fn positive(text: &str) -> Result<u64, String> {
    at_least(text, 1).map(i64::unsigned_abs)
}

/// Reads a whole number of at least 0.
///
/// # Errors
/// Other texts and smaller numbers, in the contract's words.
pub fn not_negative(text: &str) -> Result<u64, String> {
    at_least(text, 0).map(i64::unsigned_abs)
}

/// Reads the number of a port, where 0 means any that is free.
///
/// # Errors
/// Other texts and numbers, in the contract's words.
pub fn port(text: &str) -> Result<u16, String> {
    let number: i64 = text
        .trim()
        .parse()
        .map_err(|_| format!("'{text}' is not a valid integer range."))?;
    u16::try_from(number).map_err(|_| format!("{number} is not in the range 0<=x<=65535."))
}

/// Reads a whole number.
///
/// # Errors
/// Other texts, in the contract's words.
pub fn integer(text: &str) -> Result<i64, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("'{text}' is not a valid integer."))
}

/// Reads a number, whole or not.
///
/// # Errors
/// Other texts; the message is the text, as the contract has it.
pub fn number(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| text.to_string())
}

/// Reads a number of bytes, such as `500M` or `1.5G`: K, M, G and T are 1024 of what
/// comes before.
///
/// # Errors
/// Other texts.
pub fn bytes(text: &str) -> Result<u64, String> {
    let refuse = || format!("'{text}' is not a number of bytes such as 500M or 4G");
    let trimmed = text.trim().to_ascii_uppercase();
    let trimmed = trimmed.strip_suffix("B").unwrap_or(&trimmed);
    let trimmed = trimmed.strip_suffix("I").unwrap_or(trimmed);
    let units = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];
    let unit = units.iter().find(|(unit, _)| trimmed.ends_with(*unit));
    let (number, factor) = match unit {
        Some((unit, power)) => (
            trimmed.strip_suffix(*unit).unwrap_or(trimmed),
            f64::from(1 << (power - 10)) * 1024.0,
        ),
        None => (trimmed, 1.0),
    };
    let number: f64 = number.trim().parse().map_err(|_| refuse())?;
    let count = number * factor;
    match count >= 1.0 && count < i64::MAX as f64 {
        true => Ok(count as u64),
        false => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_in_units() {
        for (text, expected) in [
            ("1000", 1000),
            ("2k", 2048),
            ("500M", 500 << 20),
            ("1.5G", 3 << 29),
            ("4 GiB", 4 << 30),
            ("1TB", 1 << 40),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for wrong in ["", "G", "x", "-1G", "0", "nan", "1e99", "5MM", "1KI5"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_numbers_are_named() {
        assert_eq!(positive("3"), Ok(3));
        assert_eq!(
            positive("x").unwrap_err(),
            "'x' is not a valid integer range."
        );
        assert_eq!(positive("0").unwrap_err(), "0 is not in the range x>=1.");
        assert_eq!(
            not_negative("-1").unwrap_err(),
            "-1 is not in the range x>=0."
        );
        assert_eq!(port("0"), Ok(0));
        let beyond = "65536 is not in the range 0<=x<=65535.";
        assert_eq!(port("65536").unwrap_err(), beyond);
        assert_eq!(integer("x").unwrap_err(), "'x' is not a valid integer.");
    }
}
