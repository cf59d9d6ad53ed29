//! The words of a time range.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Date, Error, Side, Time, Unit, Year};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number(u64),
    Date(Date),
    Time(Time),
    Unit(Unit),
    Today,
    Yesterday,
    This,
    Last,
    Ago,
    Between,
    And,
    Open(Side),
}

/// A word, with where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) position: usize,
}

/// Dates and times before numbers, as these start like them.
const WORDS: &str = r"(?xi)^(?:
    (?<long>  [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} )
  | (?<date>  (?: [0-9]{2} - )? [0-9]{1,2} - [0-9]{1,2} )
  | (?<time>  [0-9]{1,2} : [0-9]{2} (?: : [0-9]{2} )? )
  | (?<number> [0-9]+ )
  | (?<unit>  days? | weeks? | months? | years? | hours? | hr | minutes? | min )
  | (?<word>  [a-z]+ )
)";

/// Reads tokens one by one, so that the first fault from the left is told.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    position: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            position: 0,
        }
    }

    /// How many characters there are before what comes next.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Error> {
        static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(WORDS).ok());
        self.take(self.rest.len() - self.rest.trim_start().len());
        if self.rest.is_empty() {
            return Ok(None);
        }
        let position = self.position;
        let found = PATTERN
            .as_ref()
            .and_then(|pattern| pattern.captures(self.rest));
        let length = found.as_ref().map_or(0, |found| found[0].len());
        match found.and_then(|found| kind(&found).transpose()) {
            Some(kind) => Ok(Some(Token {
                kind: kind?,
                text: self.take(length).to_string(),
                position,
            })),
            None => {
                let blank = self.rest.find(char::is_whitespace);
                let length = if length > 0 {
                    length
                } else {
                    blank.unwrap_or(self.rest.len())
                };
                Err(Error::Unknown {
                    text: self.take(length).to_string(),
                    position,
                })
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.position += taken.chars().count();
        taken
    }
}

/// What was found; nothing for a word without a meaning.
fn kind(found: &Captures<'_>) -> Result<Option<Kind>, Error> {
    let text = found[0].to_ascii_lowercase();
    if found.name("long").is_some() || found.name("date").is_some() {
        return date(&text).map(|date| Some(Kind::Date(date)));
    }
    if found.name("time").is_some() {
        return time(&text).map(|time| Some(Kind::Time(time)));
    }
    if found.name("number").is_some() {
        return match text.parse() {
            Ok(number) => Ok(Some(Kind::Number(number))),
            Err(_) => Err(Error::OutOfRange),
        };
    }
    Ok(Some(match text.trim_end_matches('s') {
        "day" => Kind::Unit(Unit::Day),
        "week" => Kind::Unit(Unit::Week),
        "month" => Kind::Unit(Unit::Month),
        "year" => Kind::Unit(Unit::Year),
        "hour" | "hr" => Kind::Unit(Unit::Hour),
        "minute" | "min" => Kind::Unit(Unit::Minute),
        _ => match text.as_str() {
            "today" => Kind::Today,
            "yesterday" => Kind::Yesterday,
            "this" => Kind::This,
            "last" => Kind::Last,
            "ago" => Kind::Ago,
            "before" => Kind::Open(Side::Before),
            "after" => Kind::Open(Side::After),
            "between" => Kind::Between,
            "and" => Kind::And,
            _ => return Ok(None),
        },
    }))
}

/// The numbers of `text`, which has at most four digits in a row.
fn numbers(text: &str, between: char) -> Vec<u16> {
    let parts = text.split(between);
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn date(text: &str) -> Result<Date, Error> {
    let has_full_year = text.find('-') == Some(4);
    let (year, month, day) = match numbers(text, '-').as_slice() {
        [year, month, day] if has_full_year => (Some(Year::Full(*year)), *month, *day),
        [year, month, day] => {
            let year = u8::try_from(*year).map_err(|_| Error::OutOfRange)?;
            (Some(Year::OfCentury(year)), *month, *day)
        }
        [month, day] => (None, *month, *day),
        _ => return Err(Error::OutOfRange),
    };
    Ok(Date {
        year,
        month: u8::try_from(month).map_err(|_| Error::Month)?,
        day: u8::try_from(day).map_err(|_| Error::Day)?,
    })
}

fn time(text: &str) -> Result<Time, Error> {
    let part = |number: Option<&u16>| number.and_then(|number| u8::try_from(*number).ok());
    let numbers = numbers(text, ':');
    Ok(Time {
        hour: part(numbers.first()).ok_or(Error::Hour)?,
        minute: part(numbers.get(1)).ok_or(Error::Minute)?,
        second: part(numbers.get(2)),
    })
}
