//! Numbers and strings as Python's `repr` writes them and as its `int` and
//! `float` read them. Knows nothing of YAML or of flags.

use std::sync::LazyLock;

use regex::Regex;

/// The shortest text that reads back as the same float: `0.1`, `1e-05`,
/// `1e+16`, `100.0`, `inf`, `nan`.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest_scientific(number);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return plain_decimal(mantissa, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// The fewest digits that read back as the number. Where two texts of that
/// length are equally near, Rust's `{:e}` takes the upper and Python the even
/// one, which is what rounding the exact value to that length gives.
fn shortest_scientific(number: f64) -> String {
    let shortest = format!("{number:e}");
    let digits = shortest.split('e').next().map_or(0, |mantissa| {
        mantissa.bytes().filter(u8::is_ascii_digit).count()
    });
    let rounded = format!("{number:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(number) {
        rounded
    } else {
        shortest
    }
}

/// Moves the point of `d.ddd` and sees to a digit on either side of it.
fn plain_decimal(mantissa: &str, exponent: i32) -> String {
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    };
    let digits = format!("{digits:0<width$}", width = whole + 2);
    let (before, after) = digits.split_at(whole + 1);
    format!("{sign}{before}.{after}")
}

/// A string as a Python literal: single quotes unless only they occur in it,
/// and escapes for what Python cannot print.
pub fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ if c == quote => literal.extend(['\\', c]),
            _ if is_printable(c) => literal.push(c),
            _ => literal.push_str(&escape(c)),
        }
    }
    literal.push(quote);
    literal
}

fn escape(c: char) -> String {
    match u32::from(c) {
        code @ ..=0xFF => format!("\\x{code:02x}"),
        code @ ..=0xFFFF => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// Whether Python's `str.isprintable` holds: no control, format, unassigned,
/// private or separating characters, save the space.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is a constant that tests compile"
    )]
    static HIDDEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{C}\p{Z}]").unwrap());
    !HIDDEN.is_match(c.encode_utf8(&mut [0; 4]))
}

/// Bytes as a Python literal, `b'a\x00'`.
pub fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    let mut literal = String::from("b");
    literal.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\\' => literal.push_str("\\\\"),
            b'\n' => literal.push_str("\\n"),
            b'\r' => literal.push_str("\\r"),
            b'\t' => literal.push_str("\\t"),
            _ if byte == quote => literal.extend(['\\', char::from(byte)]),
            b' '..=b'~' => literal.push(char::from(byte)),
            _ => literal.push_str(&format!("\\x{byte:02x}")),
        }
    }
    literal.push(char::from(quote));
    literal
}

/// Whether Python's `str.strip` removes the character.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Whether `int` and `float` pass over the character around a number.
fn is_number_space(c: char) -> bool {
    c.is_whitespace()
}

/// The most digits that Python turns into an integer, or back.
pub const MAX_INT_DIGITS: usize = 4300;

/// Reads an integer as Python's `int` does, as a sign and decimal digits: white
/// space around it, a sign, and single underscores between digits are allowed.
/// Nothing if Python would refuse, also for its length.
pub fn parse_int(text: &str) -> Option<String> {
    let text = text.trim_matches(is_number_space);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = ascii_digits(digits, |c| c.is_ascii_digit())?;
    if digits.len() > MAX_INT_DIGITS {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(match digits {
        "" => "0".to_owned(),
        _ => format!("{sign}{digits}"),
    })
}

/// Reads a float as Python's `float` does: white space around it, `inf`,
/// `infinity` and `nan` in any case, underscores between digits.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_number_space);
    let magnitude = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_word = |word: &str| magnitude.eq_ignore_ascii_case(word);
    if is_word("inf") || is_word("infinity") || is_word("nan") {
        return text.parse().ok();
    }
    // An underscore must have a digit on either side; Rust knows none.
    let mut plain = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        let c = decimal_digit(c).unwrap_or(c);
        let after_digit = previous.is_ascii_digit();
        if (c == '_' && !after_digit) || (previous == '_' && !c.is_ascii_digit()) {
            return None;
        }
        if c != '_' {
            plain.push(c);
        }
        previous = c;
    }
    let is_number = plain
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if previous == '_' || !is_number {
        return None;
    }
    plain.parse().ok()
}

/// The digits of a number with its underscores taken out, or nothing if one of
/// them is misplaced or a character is no digit.
fn ascii_digits(text: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    let mut after_digit = false;
    for c in text.chars() {
        let c = decimal_digit(c).unwrap_or(c);
        match c {
            '_' if after_digit => after_digit = false,
            _ if is_digit(c) => {
                digits.push(c);
                after_digit = true;
            }
            _ => return None,
        }
    }
    after_digit.then_some(digits)
}

/// The ASCII digit for a decimal digit of any script.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is a constant that tests compile"
    )]
    static DIGIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Nd}").unwrap());
    let is_digit = |c: char| DIGIT.is_match(c.encode_utf8(&mut [0; 4]));
    if !is_digit(c) {
        return None;
    }
    // Every script has its ten digits in one ascending run, and runs that touch
    // begin at multiples of ten from each other, so the run's start tells.
    let mut start = u32::from(c);
    while char::from_u32(start - 1).is_some_and(is_digit) {
        start -= 1;
    }
    char::from_digit((u32::from(c) - start) % 10, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn floats_are_as_short_as_in_python() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (123_456_789.125, "123456789.125"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            // Halfway between two texts of equal length, where even wins.
            (6_248_244_095_761_137.0 / 4.0, "1562061023940284.2"),
            (2f64.powi(-44), "5.684341886080802e-14"),
        ] {
            assert_eq!(float_repr(number), text);
        }
    }

    #[test]
    fn strings_are_literals_of_python() {
        for (text, literal) in [
            ("", "''"),
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"so\"", "'it\\'s \"so\"'"),
            ("a\\b\n\t\r", "'a\\\\b\\n\\t\\r'"),
            ("\0\x1b\x7f", "'\\x00\\x1b\\x7f'"),
            ("h\u{e9} \u{1F600}", "'h\u{e9} \u{1F600}'"),
            (
                "\u{a0}\u{200b}\u{e000}\u{1FFFF}",
                "'\\xa0\\u200b\\ue000\\U0001ffff'",
            ),
        ] {
            assert_eq!(str_repr(text), literal);
        }
        assert_eq!(bytes_repr(b"a'\x00\n\xff"), "b\"a'\\x00\\n\\xff\"");
    }

    #[test]
    fn integers_read_as_in_python() {
        for (text, digits) in [
            ("0", "0"),
            ("-0", "0"),
            (" +12\n", "12"),
            ("017", "17"),
            ("1_000", "1000"),
            ("-99999999999999999999", "-99999999999999999999"),
            ("\u{663}\u{ff11}", "31"),
        ] {
            assert_eq!(parse_int(text).as_deref(), Some(digits), "{text:?}");
        }
        for text in [
            "", "-", "+-1", "1_", "_1", "1__0", "0x1", "1.0", "- 1", "1 2", "\u{1c}1",
        ] {
            assert_eq!(parse_int(text), None, "{text:?}");
        }
        assert_eq!(parse_int(&"9".repeat(MAX_INT_DIGITS + 1)), None);
    }

    #[test]
    fn floats_read_as_in_python() {
        for (text, number) in [
            ("1", 1.0),
            (" .5 ", 0.5),
            ("5.", 5.0),
            ("1e3", 1e3),
            ("1_0.0_1E1_0", 10.01e10),
            ("1e400", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_float(text), Some(number), "{text:?}");
        }
        assert!(parse_float("+NaN").is_some_and(f64::is_nan));
        for text in [
            "", ".", "e1", "1e", "1_.0", "1._0", "1e_1", "infin", "1d5", "0x1p3",
        ] {
            assert_eq!(parse_float(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn floats_read_back(number in any::<f64>()) {
            let read = parse_float(&float_repr(number)).unwrap();
            prop_assert!(read.to_bits() == number.to_bits() || (read.is_nan() && number.is_nan()));
        }

        #[test]
        fn any_text_is_a_number_or_not(text in any::<String>()) {
            let _ = (parse_int(&text), parse_float(&text), str_repr(&text));
        }
    }
}
