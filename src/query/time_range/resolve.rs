//! From what was typed to a range.
//!
//! Dates, times of day, and days and longer units are what the local clock shows,
//! however many hours a day has that changes to or from daylight-saving time.
//! Hours and minutes before now are as long as they are: two hours before half
//! past three may be half past twelve.

use jiff::civil::{self, DateTime};
use jiff::tz::AmbiguousOffset;
use jiff::{Span, Timestamp, ToSpan, Zoned};

use super::{Bound, Date, End, Error, Form, Side, Stretch, Time, TimeRange, Unit, Year};

/// A start, and an end that is no part of it.
type Bounds = (Option<Bound>, Option<Bound>);

/// The range that `form` means at `now`.
pub(super) fn resolve(form: &Form, now: &Zoned) -> Result<TimeRange, Error> {
    let (start, end) = match form {
        Form::Whole(stretch) => {
            let (start, end) = whole(stretch, now)?;
            (Some(start), Some(end))
        }
        Form::Last(count, unit) => (Some(before_now(*count, *unit, now)?), None),
        Form::Open(side, stretch) => open(*side, stretch, now)?,
        Form::Between(one, other) => {
            // From where the first of them starts to where the other ends.
            let (one, other) = (bounds(one, now)?, bounds(other, now)?);
            if starts_before(one.0, other.0, now) {
                (one.0, other.1)
            } else {
                (other.0, one.1)
            }
        }
    };
    Ok(TimeRange {
        start,
        end,
        zone: now.time_zone().clone(),
    })
}

/// So many units before now: the same time of another day, or as many minutes.
fn before_now(count: u64, unit: Unit, now: &Zoned) -> Result<Bound, Error> {
    let back = span(count, unit)?;
    match unit {
        Unit::Minute | Unit::Hour => {
            let since = now.timestamp().checked_sub(back);
            since.map(Bound::Instant).map_err(out_of_range)
        }
        _ => {
            let since = now.datetime().checked_sub(back);
            since.map(Bound::Clock).map_err(out_of_range)
        }
    }
}

/// All of a stretch.
fn whole(stretch: &Stretch, now: &Zoned) -> Result<(Bound, Bound), Error> {
    match stretch {
        Stretch::Ago(count, unit) => period(*count, *unit, now),
        Stretch::At { date, time } => {
            let start = datetime(*date, *time, now)?;
            let length = match time {
                None => 1.day(),
                Some(Time { second: None, .. }) => 1.minute(),
                Some(_) => 1.second(),
            };
            let end = start.checked_add(length).map_err(out_of_range)?;
            Ok((Bound::Clock(start), Bound::Clock(end)))
        }
    }
}

/// All before the start of a stretch, or all after the end of a period; a date
/// or a time is no longer than its start here.
fn open(side: Side, stretch: &Stretch, now: &Zoned) -> Result<Bounds, Error> {
    let (start, end) = short(stretch, now)?;
    Ok(match side {
        Side::Before => (None, Some(start)),
        Side::After => (Some(end), None),
    })
}

/// One of the ends of `between`.
fn bounds(end: &End, now: &Zoned) -> Result<Bounds, Error> {
    match end.side {
        Some(side) => open(side, &end.stretch, now),
        None => short(&end.stretch, now).map(|(start, end)| (Some(start), Some(end))),
    }
}

/// A period, or the start of a date or a time.
fn short(stretch: &Stretch, now: &Zoned) -> Result<(Bound, Bound), Error> {
    match stretch {
        Stretch::Ago(count, unit) => period(*count, *unit, now),
        Stretch::At { date, time } => {
            let at = Bound::Clock(datetime(*date, *time, now)?);
            Ok((at, at))
        }
    }
}

/// The unit that is `count` before that of `now`.
fn period(count: u64, unit: Unit, now: &Zoned) -> Result<(Bound, Bound), Error> {
    let (back, length) = (span(count, unit)?, span(1, unit)?);
    let date = now.date();
    let first = match unit {
        Unit::Minute | Unit::Hour => {
            let start = start_of_clock_unit(unit, now)?;
            let start = start.checked_sub(back).map_err(out_of_range)?;
            let end = start.checked_add(length).map_err(out_of_range)?;
            return Ok((Bound::Instant(start), Bound::Instant(end)));
        }
        Unit::Day => Ok(date),
        Unit::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()),
        Unit::Month => Ok(date.first_of_month()),
        Unit::Year => Ok(date.first_of_year()),
    };
    let first = first.and_then(|first| first.checked_sub(back));
    let first = first.map_err(out_of_range)?;
    let next = first.checked_add(length).map_err(out_of_range)?;
    let midnight = |date: civil::Date| Bound::Clock(date.to_datetime(civil::Time::midnight()));
    Ok((midnight(first), midnight(next)))
}

/// When the minute or hour of `now` started.
fn start_of_clock_unit(unit: Unit, now: &Zoned) -> Result<Timestamp, Error> {
    let at = now.datetime();
    let minute = match unit {
        Unit::Hour => 0,
        _ => at.minute(),
    };
    let start = at.with().minute(minute).second(0).subsec_nanosecond(0);
    let start = start.build().map_err(out_of_range)?;
    let ambiguous = now.time_zone().to_ambiguous_timestamp(start);
    match ambiguous.offset() {
        // The clock is in the hour for the second time.
        AmbiguousOffset::Fold { after, .. } if after == now.offset() => ambiguous.later(),
        _ => ambiguous.compatible(),
    }
    .map_err(out_of_range)
}

/// Whether the one start is before the other; none is that of all of the past.
fn starts_before(one: Option<Bound>, other: Option<Bound>, now: &Zoned) -> bool {
    let instant = |bound: Bound| match bound {
        Bound::Instant(time) => Ok(time),
        Bound::Clock(at) => now.time_zone().to_timestamp(at),
    };
    one.and_then(|one| instant(one).ok()) < other.and_then(|other| instant(other).ok())
}

/// A date and a time of now's day or of another; midnight without a time. The
/// date may be of the century or the year of now.
fn datetime(date: Option<Date>, time: Option<Time>, now: &Zoned) -> Result<DateTime, Error> {
    let time = time.map_or(Ok(civil::Time::midnight()), time_of_day)?;
    let Some(Date { year, month, day }) = date else {
        return Ok(now.date().to_datetime(time));
    };
    let year = match year {
        Some(Year::Full(year)) => i16::try_from(year).map_err(out_of_range)?,
        Some(Year::OfCentury(year)) => now.year() / 100 * 100 + i16::from(year),
        None => now.year(),
    };
    if year < 1 {
        return Err(Error::OutOfRange);
    }
    let month = i8::try_from(month).map_err(|_| Error::Month)?;
    let first = civil::Date::new(year, month, 1).map_err(|_| Error::Month)?;
    let day = i8::try_from(day).map_err(|_| Error::Day)?;
    let date = first.with().day(day).build().map_err(|_| Error::Day)?;
    Ok(date.to_datetime(time))
}

fn time_of_day(time: Time) -> Result<civil::Time, Error> {
    let part = |number: u8, limit: u8, error: Error| match i8::try_from(number) {
        Ok(part) if number < limit => Ok(part),
        _ => Err(error),
    };
    let hour = part(time.hour, 24, Error::Hour)?;
    let minute = part(time.minute, 60, Error::Minute)?;
    let second = part(time.second.unwrap_or(0), 60, Error::Second)?;
    civil::Time::new(hour, minute, second, 0).map_err(out_of_range)
}

fn span(count: u64, unit: Unit) -> Result<Span, Error> {
    let count = i64::try_from(count).map_err(out_of_range)?;
    let span = Span::new();
    match unit {
        Unit::Minute => span.try_minutes(count),
        Unit::Hour => span.try_hours(count),
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Year => span.try_years(count),
    }
    .map_err(out_of_range)
}

fn out_of_range<E>(_: E) -> Error {
    Error::OutOfRange
}
