//! The type a plain scalar has by its looks: YAML 1.1 as PyYAML resolves it,
//! with the float forms that Guild AI adds. Decides both how plain text is read
//! and whether a string needs quotes. Makes no values.

/// The types a scalar may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    /// The merge key `<<`.
    Merge,
    /// The default key `=`, which nothing can be made of.
    Default,
    Str,
}

/// The type of a plain scalar.
pub(super) fn resolve(text: &str) -> Tag {
    match text.as_bytes().first() {
        None => Tag::Null,
        Some(b'<') if text == "<<" => Tag::Merge,
        Some(b'=') if text == "=" => Tag::Default,
        Some(b'~') if text == "~" => Tag::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => resolve_number(text),
        Some(_) => match text {
            "null" | "Null" | "NULL" => Tag::Null,
            _ if bool_value(text).is_some() => Tag::Bool,
            _ => Tag::Str,
        },
    }
}

fn resolve_number(text: &str) -> Tag {
    if is_float(text) {
        Tag::Float
    } else if is_int(text) {
        Tag::Int
    } else if is_timestamp(text) {
        Tag::Timestamp
    } else {
        Tag::Str
    }
}

/// The truth that a plain scalar states, in one of three capitalisations.
fn bool_value(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Whether strict writing takes the text for a boolean besides [`resolve`].
pub(super) fn is_strict_bool(text: &str) -> bool {
    matches!(text, "y" | "Y" | "n" | "N")
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn is_digits_and_underscores(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Base-60 digits after the first: each `:` and one or two digits below 60.
fn are_sexagesimal(places: &str) -> bool {
    places.split(':').all(|place| match place.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [b'0'..=b'5', digit] => digit.is_ascii_digit(),
        _ => false,
    })
}

/// Splits `1:30:00` after its first place. That place has digits and
/// underscores only and begins with a digit.
fn split_sexagesimal(text: &str) -> Option<(&str, &str)> {
    let (first, places) = text.split_once(':')?;
    (starts_with_digit(first) && is_digits_and_underscores(first)).then_some((first, places))
}

fn is_int(text: &str) -> bool {
    let text = unsigned(text);
    if text == "0" {
        return true;
    }
    if let Some(digits) = text.strip_prefix("0b") {
        return !digits.is_empty() && digits.bytes().all(|b| matches!(b, b'0' | b'1' | b'_'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_');
    }
    if let Some(digits) = text.strip_prefix('0') {
        return digits.bytes().all(|b| matches!(b, b'0'..=b'7' | b'_'));
    }
    if !starts_with_digit(text) {
        return false;
    }
    is_digits_and_underscores(text)
        || split_sexagesimal(text).is_some_and(|(_, places)| are_sexagesimal(places))
}

fn is_float(text: &str) -> bool {
    let magnitude = unsigned(text);
    if matches!(magnitude, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if magnitude.starts_with('.') {
        // Neither a sign nor NaN with a sign is allowed here.
        return matches!(text, ".nan" | ".NaN" | ".NAN") || is_bare_fraction(text);
    }
    if !starts_with_digit(magnitude) {
        return false;
    }
    if let Some((_, places)) = split_sexagesimal(magnitude) {
        return places.rsplit_once('.').is_some_and(|(places, fraction)| {
            are_sexagesimal(places) && is_digits_and_underscores(fraction)
        });
    }
    let (mantissa, exponent) = split_exponent(magnitude);
    match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            is_digits_and_underscores(whole)
                && is_digits_and_underscores(fraction)
                && exponent.is_none_or(|exponent| is_exponent(unsigned(exponent)))
        }
        // Guild AI's own form.
        None => {
            is_digits_and_underscores(mantissa)
                && exponent.is_some_and(|exponent| is_exponent(unsigned(exponent)))
        }
    }
}

/// `.5`, `.5e+3`: the exponent must have a sign. Guild AI lets the digits begin
/// with an underscore.
fn is_bare_fraction(text: &str) -> bool {
    let (mantissa, exponent) = split_exponent(text);
    let Some(digits) = mantissa.strip_prefix('.') else {
        return false;
    };
    !digits.is_empty()
        && is_digits_and_underscores(digits)
        && exponent
            .is_none_or(|exponent| exponent.strip_prefix(['-', '+']).is_some_and(is_exponent))
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    }
}

fn is_exponent(digits: &str) -> bool {
    !digits.is_empty() && is_digits(digits)
}

/// `2020-01-02`, or a date with one or two digits per place and a time.
fn is_timestamp(text: &str) -> bool {
    TimestampParts::split(text).is_some_and(|parts| {
        parts.time.is_some() || (parts.month.len() == 2 && parts.day.len() == 2)
    })
}

/// The texts of the places of a timestamp, not checked against the calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimestampParts<'a> {
    pub year: &'a str,
    pub month: &'a str,
    pub day: &'a str,
    pub time: Option<TimeParts<'a>>,
}

/// The time of day in a timestamp.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeParts<'a> {
    pub hour: &'a str,
    pub minute: &'a str,
    pub second: &'a str,
    pub fraction: &'a str,
    /// `Z`, or a sign, hours and perhaps `:` and minutes; empty for none.
    pub zone: &'a str,
}

impl<'a> TimestampParts<'a> {
    /// Splits a timestamp whose month and day may have one digit even if there
    /// is no time, which an explicit `!!timestamp` allows.
    pub fn split(text: &'a str) -> Option<Self> {
        let (year, rest) = take_digits(text, 4, 4)?;
        let (month, rest) = take_digits(rest.strip_prefix('-')?, 1, 2)?;
        let (day, rest) = take_digits(rest.strip_prefix('-')?, 1, 2)?;
        let time = match rest {
            "" => None,
            _ => Some(TimeParts::split(rest)?),
        };
        Some(Self {
            year,
            month,
            day,
            time,
        })
    }
}

impl<'a> TimeParts<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let blank = [' ', '\t'];
        let rest = match text.strip_prefix(['T', 't']) {
            Some(rest) => rest,
            None if text.starts_with(blank) => text.trim_start_matches(blank),
            None => return None,
        };
        let (hour, rest) = take_digits(rest, 1, 2)?;
        let (minute, rest) = take_digits(rest.strip_prefix(':')?, 2, 2)?;
        let (second, rest) = take_digits(rest.strip_prefix(':')?, 2, 2)?;
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => take_digits(rest, 0, usize::MAX)?,
            None => ("", rest),
        };
        let zone = rest.trim_start_matches(blank);
        let zone_is_good = match zone {
            // Blanks are only allowed before a zone.
            "" => rest.is_empty(),
            "Z" => true,
            _ => is_offset(zone),
        };
        zone_is_good.then_some(Self {
            hour,
            minute,
            second,
            fraction,
            zone,
        })
    }
}

fn is_offset(zone: &str) -> bool {
    let Some((_, rest)) = zone
        .strip_prefix(['-', '+'])
        .and_then(|rest| take_digits(rest, 1, 2))
    else {
        return false;
    };
    rest.is_empty()
        || rest
            .strip_prefix(':')
            .is_some_and(|minutes| minutes.len() == 2 && is_digits(minutes))
}

/// Splits off the leading digits, as many as there are up to a limit.
fn take_digits(text: &str, at_least: usize, at_most: usize) -> Option<(&str, &str)> {
    let count = text
        .bytes()
        .take(at_most)
        .take_while(u8::is_ascii_digit)
        .count();
    (count >= at_least).then(|| text.split_at(count))
}
