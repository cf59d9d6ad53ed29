//! Time ranges: `today`, `last 2 hours`, `between 9:00 and 1-31`.
//!
//! A text is parsed once and then resolved at a moment in a time zone, to a
//! range with a start and without its end. Nothing here reads the clock or knows
//! the user's zone.
//!
//! The grammar, words in any case:
//!
//! ```text
//! range    = period | datetime | "last" [N] ("minutes" | "hours" | "days")
//!          | ("before" | "after") (period | datetime)
//!          | "between" end "and" end
//! end      = period | datetime | ("before" | "after") (period | datetime)
//! period   = "today" | "yesterday" | "this" unit | N unit "ago"
//!          | "last" ("week" | "month" | "year")
//! datetime = DATE | TIME | DATE TIME
//! unit     = "minutes" | "hours" | "days" | "weeks" | "months" | "years"
//! ```
//!
//! Units may be without their `s`; `min` and `hr` are short for the first two. A
//! DATE is `[YY]YY-MM-DD` or `MM-DD`, a TIME `HH:MM` or `HH:MM:SS`.

mod parse;
mod resolve;
#[cfg(test)]
mod tests;
mod token;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A time range as it was typed, whose meaning depends on when and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec(Form);

/// The time from `start` on and before `end`, in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRange {
    /// Where it starts; none for all of the past.
    pub start: Option<Bound>,
    /// Where it has ended; none for all of the future.
    pub end: Option<Bound>,
    zone: TimeZone,
}

/// A start or an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// What the clock shows. Where clocks are put back it shows some times twice.
    Clock(DateTime),
    /// An instant.
    Instant(Timestamp),
}

impl TimeRange {
    /// Whether `time` is in the range.
    pub fn contains(&self, time: Timestamp) -> bool {
        let shown = self.zone.to_datetime(time);
        let is_reached = |bound: &Bound| match bound {
            Bound::Clock(at) => *at <= shown,
            Bound::Instant(at) => *at <= time,
        };
        self.start.as_ref().is_none_or(is_reached) && !self.end.as_ref().is_some_and(is_reached)
    }
}

impl std::str::FromStr for Spec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::parse(text).map(Self)
    }
}

impl Spec {
    /// The range that is meant at `now`, in its time zone.
    ///
    /// # Errors
    /// A date or time that the calendar does not have.
    pub fn resolve(&self, now: &Zoned) -> Result<TimeRange, Error> {
        resolve::resolve(&self.0, now)
    }
}

/// Why a text is no time range. Positions count characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing.
    #[error("spec cannot be empty")]
    Empty,
    /// It ends too early.
    #[error("unexpected end at position {0}")]
    UnexpectedEnd(usize),
    /// Something that no range has.
    #[error("unexpected '{text}' at position {position}")]
    Unknown {
        /// It, up to the next blank.
        text: String,
        /// Where.
        position: usize,
    },
    /// Something that stands where it cannot.
    #[error("unexpected '{text}' at pos {position}")]
    Unexpected {
        /// It.
        text: String,
        /// Where.
        position: usize,
    },
    /// The month of a date.
    #[error("month must be in 1..12")]
    Month,
    /// The day of a date.
    #[error("day is out of range for month")]
    Day,
    /// The hour of a time.
    #[error("hour must be in 0..23")]
    Hour,
    /// The minute of a time.
    #[error("minute must be in 0..59")]
    Minute,
    /// The second of a time.
    #[error("second must be in 0..59")]
    Second,
    /// A time before the year 1 or after the year 9999.
    #[error("time is out of range, it must be in the years 1 to 9999")]
    OutOfRange,
}

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A stretch of time, all of it.
    Whole(Stretch),
    /// All from some units before now on.
    Last(u64, Unit),
    /// From the one or from before or after it to the other.
    Between(End, End),
    /// Before or after a stretch.
    Open(Side, Stretch),
}

/// One of the ends of `between`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    side: Option<Side>,
    stretch: Stretch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// A stretch of time that has a start and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stretch {
    /// The unit of the calendar or clock that is so many before that of now.
    Ago(u64, Unit),
    /// A day, or as long as the last part of the time.
    At {
        date: Option<Date>,
        time: Option<Time>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A date, maybe of the year or the century of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Date {
    year: Option<Year>,
    month: u8,
    day: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    Full(u16),
    OfCentury(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    hour: u8,
    minute: u8,
    second: Option<u8>,
}
