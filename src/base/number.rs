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

#[cfg(test)]
mod tests {
    use super::*;

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
