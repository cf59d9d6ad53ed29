//! Values from the texts of scalars whose type is known: integers in every
//! notation of YAML 1.1, floats, dates, bytes. Problems are worded as Python
//! words them and have no place; the caller knows it.

use super::Value;
use super::binary;
use super::resolve::{TimeParts, TimestampParts};
use crate::base::python_text;

/// The value of a `!!bool` scalar.
pub(super) fn bool(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(Value::Bool(true)),
        "no" | "false" | "off" => Ok(Value::Bool(false)),
        _ => Err(format!("invalid boolean {}", python_text::str_repr(text))),
    }
}

/// The value of an `!!int` scalar: decimal, `0b`, `0x`, octal after a `0`, or
/// base 60 with colons.
pub(super) fn int(text: &str) -> Result<Value, String> {
    let text = text.replace('_', "");
    let (is_negative, digits) = split_sign(&text);
    let magnitude = if let Some(digits) = digits.strip_prefix("0b") {
        from_radix(digits, 2)?
    } else if let Some(digits) = digits.strip_prefix("0x") {
        from_radix(digits, 16)?
    } else if digits.starts_with('0') {
        // Only a tag makes a number of `0o17`.
        let digits = digits
            .strip_prefix(['0'])
            .and_then(|rest| rest.strip_prefix(['o', 'O']))
            .unwrap_or(digits);
        from_radix(digits, 8)?
    } else if digits.contains(':') {
        let places: Option<Vec<String>> = digits.split(':').map(python_text::parse_int).collect();
        from_base_60(&places.ok_or_else(|| invalid_int(digits, 10))?)?
    } else {
        python_text::parse_int(digits).ok_or_else(|| invalid_int(digits, 10))?
    };
    Ok(int_value(&magnitude, is_negative))
}

/// A [`Value::Int`] if the digits fit, else a [`Value::BigInt`].
pub(super) fn int_value(digits: &str, is_negative: bool) -> Value {
    let text = match digits.strip_prefix('-') {
        Some(digits) if is_negative => digits.to_owned(),
        None if is_negative => format!("-{digits}"),
        _ => digits.to_owned(),
    };
    match text.parse() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(text),
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn invalid_int(text: &str, base: u32) -> String {
    if text.len() > python_text::MAX_INT_DIGITS {
        return too_long();
    }
    let text = python_text::str_repr(text);
    format!("invalid literal for int() with base {base}: {text}")
}

fn too_long() -> String {
    format!(
        "integer of more than {} digits",
        python_text::MAX_INT_DIGITS
    )
}

/// A whole number while it is read, in limbs of nine decimal digits, lowest
/// first. Long inputs are refused before they get here, which bounds the work.
struct Decimal(Vec<u32>);

impl Decimal {
    const LIMB: u64 = 1_000_000_000;

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(factor) + carry;
            *limb = (product % Self::LIMB) as u32;
            carry = product / Self::LIMB;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn text(&self) -> String {
        let mut limbs = self.0.iter().rev();
        let mut text = limbs.next().map_or_else(|| "0".to_owned(), u32::to_string);
        for limb in limbs {
            text.push_str(&format!("{limb:09}"));
        }
        text
    }
}

fn from_radix(digits: &str, radix: u32) -> Result<String, String> {
    if digits.len() > python_text::MAX_INT_DIGITS {
        return Err(too_long());
    }
    if digits.is_empty() {
        return Err(invalid_int(digits, radix));
    }
    let mut number = Decimal(Vec::new());
    for digit in digits.chars() {
        let digit = digit
            .to_digit(radix)
            .ok_or_else(|| invalid_int(digits, radix))?;
        number.multiply_add(radix, digit);
    }
    Ok(number.text())
}

/// The number of base-60 places, each in decimal. The first is below 60 only by
/// habit.
fn from_base_60(places: &[String]) -> Result<String, String> {
    let length: usize = places.iter().map(String::len).sum();
    if length > python_text::MAX_INT_DIGITS {
        return Err(too_long());
    }
    let mut number = Decimal(Vec::new());
    for place in places {
        if let Ok(place) = place.parse() {
            number.multiply_add(60, place);
            continue;
        }
        // Only a first place is this long: a plain scalar's others have two digits.
        number = Decimal(Vec::new());
        for digit in place.chars() {
            let digit = digit.to_digit(10).ok_or_else(|| invalid_int(place, 10))?;
            number.multiply_add(10, digit);
        }
    }
    Ok(number.text())
}

/// The value of a `!!float` scalar.
pub(super) fn float(text: &str) -> Result<Value, String> {
    let text = text.replace('_', "").to_lowercase();
    let (is_negative, magnitude) = split_sign(&text);
    let parse = |text: &str| {
        python_text::parse_float(text).ok_or_else(|| {
            let text = python_text::str_repr(text);
            format!("could not convert string to float: {text}")
        })
    };
    let number = match magnitude {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ if magnitude.contains(':') => {
            // Summed from the last place up, as the rounding depends on it.
            let mut sum = 0.0;
            let mut unit = 1.0;
            for place in magnitude.rsplit(':') {
                sum += parse(place)? * unit;
                unit *= 60.0;
            }
            sum
        }
        _ => parse(magnitude)?,
    };
    Ok(Value::Float(if is_negative { -number } else { number }))
}

/// The value of a `!!binary` scalar.
pub(super) fn bytes(text: &str) -> Result<Value, String> {
    if !text.is_ascii() {
        return Err("failed to convert base64 data into ascii".to_owned());
    }
    binary::decode(text)
        .map(Value::Bytes)
        .map_err(|problem| format!("failed to decode base64 data: {problem}"))
}

/// The value of a `!!timestamp` scalar, in the form of Python's `str`.
pub(super) fn timestamp(text: &str) -> Result<Value, String> {
    let parts = TimestampParts::split(text)
        .ok_or_else(|| format!("invalid timestamp {}", python_text::str_repr(text)))?;
    let date = date_text(&parts)?;
    match &parts.time {
        None => Ok(Value::Timestamp(date)),
        Some(time) => Ok(Value::Timestamp(format!("{date} {}", time_text(time)?))),
    }
}

/// The number of a place that [`TimestampParts`] has found to be digits.
fn place(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

fn date_text(parts: &TimestampParts<'_>) -> Result<String, String> {
    let (year, month, day) = (place(parts.year), place(parts.month), place(parts.day));
    if year == 0 {
        return Err("year 0 is out of range".to_owned());
    }
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err("month must be in 1..12".to_owned()),
    };
    if !(1..=days).contains(&day) {
        return Err("day is out of range for month".to_owned());
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

fn time_text(time: &TimeParts<'_>) -> Result<String, String> {
    let (hour, minute, second) = (place(time.hour), place(time.minute), place(time.second));
    for (name, number, most) in [
        ("hour", hour, 23),
        ("minute", minute, 59),
        ("second", second, 59),
    ] {
        if number > most {
            return Err(format!("{name} must be in 0..{most}"));
        }
    }
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    let micros: String = time
        .fraction
        .chars()
        .chain("000000".chars())
        .take(6)
        .collect();
    if micros != "000000" {
        text.push('.');
        text.push_str(&micros);
    }
    text.push_str(&zone_text(time.zone)?);
    Ok(text)
}

fn zone_text(zone: &str) -> Result<String, String> {
    if zone.is_empty() || zone == "Z" {
        return Ok(if zone.is_empty() { "" } else { "+00:00" }.to_owned());
    }
    let (is_negative, offset) = split_sign(zone);
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
    let total = place(hours) * 60 + place(minutes);
    if total >= 24 * 60 {
        return Err("offset must be a timedelta strictly between \
                    -timedelta(hours=24) and timedelta(hours=24)"
            .to_owned());
    }
    let sign = if is_negative && total > 0 { '-' } else { '+' };
    Ok(format!("{sign}{:02}:{:02}", total / 60, total % 60))
}
