//! Values written by Python's `%` formats, such as `%.3f` in the template of a
//! label.

use super::encode::{plain_text, python_repr};
use crate::base::yaml::Value;

/// Why a format writes no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The format does not suit the type of the value.
    #[error("the format does not suit the value")]
    Type,
    /// The format itself is wrong; what Python says of it.
    #[error("{0}")]
    Format(String),
}

/// The widest that a format pads to and the most digits it writes. Python would
/// go on until memory ends.
const MAX_WIDTH: usize = 10_000;

/// `value` written by `format`: one conversion with text around it, as Python's
/// `format % value` has it.
///
/// # Errors
/// The format is wrong, or is for values of another type or for several.
pub fn percent(format: &str, value: &Value) -> Result<String, FormatError> {
    let chars: Vec<char> = format.chars().collect();
    let mut text = String::new();
    let mut used = false;
    let mut at = 0;
    while at < chars.len() {
        if chars[at] != '%' {
            text.push(chars[at]);
            at += 1;
            continue;
        }
        let (conversion, end) = Conversion::parse(&chars, at + 1)?;
        at = end;
        if conversion.kind == '%' {
            text.push('%');
            continue;
        }
        let by_key = match (&conversion.key, value) {
            (None, _) => None,
            (Some(key), Value::Map(map)) => Some(map.get(key).ok_or(FormatError::Type)?),
            (Some(_), _) => return Err(FormatError::Type),
        };
        if by_key.is_none() && std::mem::replace(&mut used, true) {
            return Err(FormatError::Type);
        }
        text += &conversion.write(by_key.unwrap_or(value), end - 1)?;
    }
    match value {
        // Python does not mind that these are not used.
        Value::Map(_) | Value::List(_) => Ok(text),
        _ if used => Ok(text),
        _ => Err(FormatError::Type),
    }
}

/// What stands between a `%` and its letter.
#[derive(Debug, Default)]
struct Conversion {
    key: Option<String>,
    alternate: bool,
    zeros: bool,
    left: bool,
    /// What stands where a minus would: a plus, a blank or nothing.
    sign: &'static str,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

impl Conversion {
    /// Reads a conversion from behind its `%`; gives the place after it, too.
    fn parse(chars: &[char], start: usize) -> Result<(Self, usize), FormatError> {
        let incomplete = || FormatError::Format("incomplete format".to_owned());
        let mut read = Self::default();
        let mut at = start;
        if chars.get(at) == Some(&'(') {
            let end = chars[at..].iter().position(|&c| c == ')');
            let end =
                at + end.ok_or_else(|| FormatError::Format("incomplete format key".into()))?;
            read.key = Some(chars[at + 1..end].iter().collect());
            at = end + 1;
        }
        while let Some(flag) = chars.get(at) {
            match flag {
                '#' => read.alternate = true,
                '0' => read.zeros = true,
                '-' => read.left = true,
                '+' => read.sign = "+",
                ' ' if read.sign.is_empty() => read.sign = " ",
                ' ' => {}
                _ => break,
            }
            at += 1;
        }
        (read.width, at) = number(chars, at)?;
        if chars.get(at) == Some(&'.') {
            let (precision, end) = number(chars, at + 1)?;
            (read.precision, at) = (Some(precision), end);
        }
        // Lengths of C types, which mean nothing.
        if chars.get(at).is_some_and(|c| matches!(c, 'h' | 'l' | 'L')) {
            at += 1;
        }
        read.kind = *chars.get(at).ok_or_else(incomplete)?;
        Ok((read, at + 1))
    }

    fn write(&self, value: &Value, at: usize) -> Result<String, FormatError> {
        match self.kind {
            's' => Ok(self.text(plain_text(value))),
            'r' => Ok(self.text(python_repr(value))),
            'a' => Ok(self.text(ascii(&python_repr(value)))),
            'c' => character(value).map(|c| self.text(c.to_string())),
            'd' | 'i' | 'u' => decimal(value).map(|text| self.number(&text)),
            'x' | 'X' | 'o' => self.in_base(value).map(|text| self.number(&text)),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let number = match value {
                    Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
                    value => value.as_f64(),
                };
                Ok(self.number(&self.float(number.ok_or(FormatError::Type)?)))
            }
            other => Err(FormatError::Format(format!(
                "unsupported format character '{other}' (0x{:x}) at index {at}",
                u32::from(other)
            ))),
        }
    }

    /// A text cut to the precision and padded to the width.
    fn text(&self, text: String) -> String {
        let text = match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text,
        };
        self.padded("", &text, false)
    }

    /// A number with its sign, padded to the width.
    fn number(&self, text: &str) -> String {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => (self.sign, text),
        };
        let base = match self.kind {
            _ if !self.alternate => "",
            'x' => "0x",
            'X' => "0X",
            'o' => "0o",
            _ => "",
        };
        self.padded(&format!("{sign}{base}"), digits, self.zeros)
    }

    fn padded(&self, sign: &str, text: &str, zeros: bool) -> String {
        let taken = sign.chars().count() + text.chars().count();
        let count = self.width.saturating_sub(taken);
        if self.left {
            format!("{sign}{text}{}", " ".repeat(count))
        } else if zeros {
            format!("{sign}{}{text}", "0".repeat(count))
        } else {
            format!("{}{sign}{text}", " ".repeat(count))
        }
    }

    fn in_base(&self, value: &Value) -> Result<String, FormatError> {
        let number = match value {
            Value::Int(number) => i128::from(*number),
            Value::Bool(truth) => i128::from(*truth),
            Value::BigInt(digits) => digits.parse().map_err(|_| FormatError::Type)?,
            _ => return Err(FormatError::Type),
        };
        let size = number.unsigned_abs();
        let digits = match self.kind {
            'o' => format!("{size:o}"),
            'X' => format!("{size:X}"),
            _ => format!("{size:x}"),
        };
        let sign = if number < 0 { "-" } else { "" };
        Ok(format!("{sign}{digits}"))
    }

    fn float(&self, number: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        let text = if number.is_nan() {
            "nan".to_owned()
        } else if number.is_infinite() {
            if number < 0.0 { "-inf" } else { "inf" }.to_owned()
        } else {
            match self.kind.to_ascii_lowercase() {
                'e' => scientific(number, precision),
                'f' => format!("{number:.precision$}"),
                _ => general(number, precision, self.alternate),
            }
        };
        if self.kind.is_ascii_uppercase() {
            text.to_uppercase()
        } else {
            text
        }
    }
}

fn number(chars: &[char], start: usize) -> Result<(usize, usize), FormatError> {
    // A width that is an argument of its own, of which there is none.
    if chars.get(start) == Some(&'*') {
        return Err(FormatError::Type);
    }
    let digits: String = chars[start.min(chars.len())..]
        .iter()
        .take_while(|c| c.is_ascii_digit())
        .collect();
    let number = match digits.as_str() {
        "" => 0,
        digits => digits.parse().unwrap_or(usize::MAX),
    };
    if number > MAX_WIDTH {
        return Err(FormatError::Format("width or precision too big".to_owned()));
    }
    Ok((number, start + digits.len()))
}

fn decimal(value: &Value) -> Result<String, FormatError> {
    match value {
        Value::Int(number) => Ok(number.to_string()),
        Value::BigInt(digits) => Ok(digits.clone()),
        Value::Bool(truth) => Ok(i64::from(*truth).to_string()),
        Value::Float(number) if number.is_nan() => Err(FormatError::Format(
            "cannot convert float NaN to integer".to_owned(),
        )),
        Value::Float(number) if number.is_finite() => {
            let whole = format!("{:.0}", number.trunc());
            Ok(if whole == "-0" { "0".to_owned() } else { whole })
        }
        _ => Err(FormatError::Type),
    }
}

fn character(value: &Value) -> Result<char, FormatError> {
    let found = match value {
        Value::Int(number) => u32::try_from(*number).ok().and_then(char::from_u32),
        Value::Str(text) => {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none())
        }
        _ => None,
    };
    found.ok_or(FormatError::Type)
}

/// `1.5e-07`: at least two digits in the exponent.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}e-{digits:0>2}"),
        None => format!("{mantissa}e+{exponent:0>2}"),
    }
}

/// The shorter of both forms, with so many digits in all.
fn general(number: f64, precision: usize, keep_zeros: bool) -> String {
    let digits = precision.max(1);
    let text = scientific(number, digits - 1);
    let exponent: i64 = text
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let in_range = exponent >= -4 && exponent < digits as i64;
    let text = if in_range {
        let fraction = usize::try_from(digits as i64 - 1 - exponent).unwrap_or(0);
        format!("{number:.fraction$}")
    } else {
        text
    };
    if keep_zeros {
        return text;
    }
    let (mantissa, exponent) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    if !mantissa.contains('.') {
        return text;
    }
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}{exponent}")
}

/// What is beyond ASCII as Python's `ascii` writes it.
fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..=0x7f => plain.push(c),
            code @ 0x80..=0xff => plain += &format!("\\x{code:02x}"),
            code @ 0x100..=0xffff => plain += &format!("\\u{code:04x}"),
            code => plain += &format!("\\U{code:08x}"),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml::Map;

    fn written(format: &str, value: impl Into<Value>) -> Option<String> {
        percent(format, &value.into()).ok()
    }

    #[test]
    fn numbers_are_written_as_in_python() {
        for (format, value, expected) in [
            ("%05d", Value::Int(3), "00003"),
            ("%d", Value::Float(-1.7), "-1"),
            ("%d", Value::Bool(true), "1"),
            ("%+d|", Value::Int(3), "+3|"),
            ("%-5d|", Value::Int(3), "3    |"),
            ("% d", Value::Int(3), " 3"),
            ("%.2f", Value::Float(0.125), "0.12"),
            ("%08.2f", Value::Float(-0.125), "-0000.12"),
            ("%e", Value::Float(1e-7), "1.000000e-07"),
            ("%.0e", Value::Float(12345.0), "1e+04"),
            ("%g", Value::Float(1e-5), "1e-05"),
            ("%g", Value::Float(0.0001), "0.0001"),
            ("%g", Value::Float(1234567.0), "1.23457e+06"),
            ("%.3g", Value::Float(0.5), "0.5"),
            ("%#.3g", Value::Float(0.5), "0.500"),
            ("%G", Value::Float(1e-10), "1E-10"),
            ("%f", Value::Int(2), "2.000000"),
            ("%.1f", Value::Bool(true), "1.0"),
            ("%f", Value::Float(f64::INFINITY), "inf"),
            ("%x", Value::Int(255), "ff"),
            ("%#06x", Value::Int(255), "0x00ff"),
            ("%X", Value::Int(-255), "-FF"),
            ("%o", Value::Int(8), "10"),
            ("%c", Value::Int(65), "A"),
            ("%d%%", Value::Int(5), "5%"),
            ("%.1f km", Value::Float(2.5), "2.5 km"),
            ("%ld", Value::Int(5), "5"),
        ] {
            assert_eq!(
                written(format, value).as_deref(),
                Some(expected),
                "{format}"
            );
        }
    }

    #[test]
    fn texts_are_cut_and_padded() {
        for (format, expected) in [
            ("%s", "abcdef"),
            ("%.3s", "abc"),
            ("%8s|", "  abcdef|"),
            ("%-8s|", "abcdef  |"),
            ("%r", "'abcdef'"),
        ] {
            assert_eq!(written(format, "abcdef").as_deref(), Some(expected));
        }
        assert_eq!(written("%a", "h\u{e9}").as_deref(), Some("'h\\xe9'"));
        assert_eq!(written("%s", Value::Null).as_deref(), Some("None"));
        assert_eq!(written("%s", true).as_deref(), Some("True"));
        let map = Map::from_iter([("k", 5)]);
        assert_eq!(written("%(k)03d", Value::Map(map)).as_deref(), Some("005"));
    }

    #[test]
    fn a_format_that_does_not_suit_says_so() {
        for (format, value) in [
            ("%d", Value::from("x")),
            ("%f", Value::from("x")),
            ("%x", Value::Float(1.5)),
            ("%d %d", Value::Int(1)),
            ("%*d", Value::Int(1)),
            ("%%", Value::Int(1)),
            ("%d", Value::Null),
            ("%d", Value::Float(f64::INFINITY)),
            ("%(k)s", Value::Int(1)),
        ] {
            assert_eq!(percent(format, &value), Err(FormatError::Type), "{format}");
        }
        for (format, message) in [
            ("%", "incomplete format"),
            ("%.2", "incomplete format"),
            ("%(k", "incomplete format key"),
            ("%y", "unsupported format character 'y' (0x79) at index 1"),
            ("%99999999d", "width or precision too big"),
        ] {
            let error = percent(format, &Value::Int(1)).unwrap_err();
            assert_eq!(error.to_string(), message, "{format}");
        }
    }
}
