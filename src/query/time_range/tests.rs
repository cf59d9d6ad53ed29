//! The grammar of time ranges, and what they mean.

use proptest::prelude::*;

use super::*;

const BERLIN: &str = "Europe/Berlin";

/// The text of a range at a moment, as the clock shows it there; `now` may have
/// an offset, as in `2024-10-27T02:30:00+01`.
fn shown(text: &str, zone: &str, now: &str) -> String {
    let now: Zoned = format!("{now}[{zone}]").parse().unwrap();
    let range = text.parse::<Spec>().and_then(|spec| spec.resolve(&now));
    match range {
        Ok(TimeRange { start, end, zone }) => {
            let side = |bound: Option<Bound>| match bound {
                Some(Bound::Clock(at)) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                Some(Bound::Instant(at)) => {
                    let at = at.to_zoned(zone.clone());
                    at.strftime("%Y-%m-%d %H:%M:%S%:::z").to_string()
                }
                None => "...".to_string(),
            };
            format!("{} to {}", side(start), side(end))
        }
        Err(error) => error.to_string(),
    }
}

/// The text of a range in a zone without daylight-saving time.
fn plain(text: &str) -> String {
    let shown = shown(text, "UTC", "2019-05-01T14:35:23.5");
    shown.replace("+00", "").replace(" 00:00:00", "")
}

fn all(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(plain(text), *expected, "{text}");
    }
}

#[test]
fn periods_are_those_of_calendar_and_clock() {
    all(&[
        ("today", "2019-05-01 to 2019-05-02"),
        ("Yesterday", "2019-04-30 to 2019-05-01"),
        ("this minute", "2019-05-01 14:35:00 to 2019-05-01 14:36:00"),
        ("5 min ago", "2019-05-01 14:30:00 to 2019-05-01 14:31:00"),
        ("this hour", "2019-05-01 14:00:00 to 2019-05-01 15:00:00"),
        ("24 hrs ago", "unexpected 's' at position 5"),
        ("24 hr ago", "2019-04-30 14:00:00 to 2019-04-30 15:00:00"),
        ("1hour ago", "2019-05-01 13:00:00 to 2019-05-01 14:00:00"),
        ("10 days ago", "2019-04-21 to 2019-04-22"),
        ("this week", "2019-04-29 to 2019-05-06"),
        ("10 weeks ago", "2019-02-18 to 2019-02-25"),
        ("last week", "2019-04-22 to 2019-04-29"),
        ("this month", "2019-05-01 to 2019-06-01"),
        ("last month", "2019-04-01 to 2019-05-01"),
        ("39 months ago", "2016-02-01 to 2016-03-01"),
        ("this year", "2019-01-01 to 2020-01-01"),
        ("5 years ago", "2014-01-01 to 2015-01-01"),
        ("0 years ago", "2019-01-01 to 2020-01-01"),
    ]);
}

#[test]
fn dates_and_times_are_as_long_as_their_last_part() {
    all(&[
        ("2018-10-31", "2018-10-31 to 2018-11-01"),
        ("18-1-2", "2018-01-02 to 2018-01-03"),
        ("99-1-1", "2099-01-01 to 2099-01-02"),
        ("12-31", "2019-12-31 to 2020-01-01"),
        ("10:00", "2019-05-01 10:00:00 to 2019-05-01 10:01:00"),
        ("9:30:05", "2019-05-01 09:30:05 to 2019-05-01 09:30:06"),
        ("1-2 23:59", "2019-01-02 23:59:00 to 2019-01-03"),
    ]);
}

#[test]
fn ranges_may_be_open() {
    all(&[
        ("before today", "... to 2019-05-01"),
        ("after today", "2019-05-02 to ..."),
        ("before 10 minutes ago", "... to 2019-05-01 14:25:00"),
        ("after 1 month ago", "2019-05-01 to ..."),
        ("before 4-29 9:35", "... to 2019-04-29 09:35:00"),
        ("after 4-29", "2019-04-29 to ..."),
        ("after last week", "2019-04-29 to ..."),
        ("last 2 minutes", "2019-05-01 14:33:23 to ..."),
        ("last hour", "2019-05-01 13:35:23 to ..."),
        ("LAST DAY", "2019-04-30 14:35:23 to ..."),
        ("last2hours", "2019-05-01 12:35:23 to ..."),
    ]);
}

#[test]
fn ends_are_in_any_order_and_points_are_short() {
    all(&[
        ("between yesterday and today", "2019-04-30 to 2019-05-02"),
        ("between today and yesterday", "2019-04-30 to 2019-05-02"),
        ("between this year and today", "2019-01-01 to 2019-05-02"),
        ("between today and this year", "2019-01-01 to 2019-05-02"),
        ("between today and 0:00", "2019-05-01 to 2019-05-02"),
        ("between 1-31 and 1-1", "2019-01-01 to 2019-01-31"),
        (
            "between 0:00:05 and 12:00",
            "2019-05-01 00:00:05 to 2019-05-01 12:00:00",
        ),
        ("between 10 days ago and 4-30", "2019-04-21 to 2019-04-30"),
        ("between 1-1 and after 4-1", "2019-01-01 to ..."),
        ("between before 2-1 and 3-1", "... to 2019-03-01"),
        ("between before 2-1 and after 3-1", "... to ..."),
    ]);
}

#[test]
fn faults_are_told_with_their_place() {
    all(&[
        ("", "spec cannot be empty"),
        ("  ", "spec cannot be empty"),
        ("foo", "unexpected 'foo' at position 0"),
        ("after the équinox", "unexpected 'the' at position 6"),
        ("é today", "unexpected 'é' at position 0"),
        ("today!x y", "unexpected '!x' at position 5"),
        ("todayx", "unexpected 'todayx' at position 0"),
        ("2015-01-03-01", "unexpected '-01' at position 10"),
        ("1:2", "unexpected ':2' at position 1"),
        ("2018-10-31T14:30", "unexpected 'T' at position 10"),
        ("today today", "unexpected 'today' at pos 6"),
        ("this last", "unexpected 'last' at pos 5"),
        ("last 2 weeks", "unexpected 'weeks' at pos 7"),
        ("last today", "unexpected 'today' at pos 5"),
        ("between 1 and 3 hours ago", "unexpected 'and' at pos 10"),
        ("before after today", "unexpected 'after' at pos 7"),
        ("14:30 2018-10-31", "unexpected '2018-10-31' at pos 6"),
        ("between today", "unexpected end at position 13"),
        ("before ", "unexpected end at position 6"),
        ("5", "unexpected end at position 1"),
        ("13-45", "month must be in 1..12"),
        ("0-1", "month must be in 1..12"),
        ("2018-4-31", "day is out of range for month"),
        ("2-29", "day is out of range for month"),
        ("1-0", "day is out of range for month"),
        ("24:00", "hour must be in 0..23"),
        ("1:60", "minute must be in 0..59"),
        ("1:00:60", "second must be in 0..59"),
    ]);
    for text in [
        "0000-1-1",
        "9999-12-31",
        "999999999 days ago",
        "99999 years ago",
        "9999999999999999999999 years ago",
        "last 99999999999 days",
        "last 18446744073709551615 minutes",
    ] {
        assert!(plain(text).starts_with("time is out of range"), "{text}");
    }
}

#[test]
fn hours_are_as_long_as_they_are() {
    let spring = |text| shown(text, BERLIN, "2024-03-31T12:00:00");
    assert_eq!(spring("last 12 hours"), "2024-03-30 23:00:00+01 to ...");
    assert_eq!(
        spring("10 hours ago"),
        "2024-03-31 01:00:00+01 to 2024-03-31 03:00:00+02"
    );
    let autumn = |text| shown(text, BERLIN, "2024-10-27T12:00:00");
    assert_eq!(autumn("last 12 hours"), "2024-10-27 01:00:00+02 to ...");
}

#[test]
fn an_hour_that_comes_twice_is_the_one_of_now() {
    for (now, expected) in [
        (
            "2024-10-27T02:20:00+02",
            "2024-10-27 02:00:00+02 to 2024-10-27 02:00:00+01",
        ),
        (
            "2024-10-27T02:20:00+01",
            "2024-10-27 02:00:00+01 to 2024-10-27 03:00:00+01",
        ),
    ] {
        assert_eq!(shown("this hour", BERLIN, now), expected);
    }
}

/// How many hours of 2024 a range has.
fn hours(text: &str, zone: &str) -> usize {
    let now: Zoned = format!("2024-12-31T12:00:00[{zone}]").parse().unwrap();
    let range = text.parse::<Spec>().unwrap().resolve(&now).unwrap();
    let start = "2024-01-01T00:00:00Z"
        .parse::<Timestamp>()
        .unwrap()
        .as_second();
    let seconds = (0..366 * 48).map(|half_hour| start + half_hour * 1800);
    let times = seconds.map(|second| Timestamp::from_second(second).unwrap());
    times.filter(|time| range.contains(*time)).count() / 2
}

#[test]
fn days_are_as_long_as_the_clock_makes_them() {
    for (text, zone, expected) in [
        ("2024-03-31", BERLIN, 23),
        ("2024-10-27", BERLIN, 25),
        ("2024-10-28", BERLIN, 24),
        ("9 months ago", BERLIN, 31 * 24 - 1),
        ("2 months ago", BERLIN, 31 * 24 + 1),
        ("this year", "UTC", 366 * 24),
        // Where clocks are put forward at midnight, and back to it.
        ("2024-03-31", "Asia/Beirut", 23),
        ("2024-11-03", "America/Havana", 25),
        // Nothing was shown so, or it was twice.
        ("between 2024-03-31 2:00 and 2024-03-31 3:00", BERLIN, 0),
        ("between 2024-10-27 2:00 and 2024-10-27 3:00", BERLIN, 2),
        ("between 2024-10-27 2:30 and 2024-10-27 3:00", BERLIN, 1),
    ] {
        assert_eq!(hours(text, zone), expected, "{text} {zone}");
    }
}

#[test]
fn a_range_has_its_start_but_not_its_end() {
    let second = |second| Timestamp::from_second(second).unwrap();
    let range = |start, end| TimeRange {
        start,
        end,
        zone: TimeZone::UTC,
    };
    let instant = |at| Some(Bound::Instant(second(at)));
    let clock = |at| Some(Bound::Clock(TimeZone::UTC.to_datetime(second(at))));
    for range in [
        range(instant(1), instant(3)),
        range(clock(1), clock(3)),
        range(clock(1), instant(3)),
    ] {
        let inside: Vec<_> = (0..5).filter(|at| range.contains(second(*at))).collect();
        assert_eq!(inside, [1, 2]);
    }
    let all = range(None, None);
    assert!(all.contains(Timestamp::MIN) && all.contains(Timestamp::MAX));
}

/// Texts that are made of the words of time ranges.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "today",
            "yesterday",
            "this",
            "last",
            "ago",
            "before",
            "after",
            "between",
            "and",
            "minutes",
            "min",
            "hour",
            "hr",
            "days",
            "week",
            "months",
            "year",
        ])
        .prop_map(str::to_string),
        (0..100u32).prop_map(|number| number.to_string()),
        "[0-9]{1,2}-[0-9]{1,2}",
        "[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}",
        "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?",
    ];
    prop::collection::vec(word, 1..7).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_a_range_or_an_error(any in ".*", words in text(), second in 0..4_000_000_000i64) {
        for zone in ["UTC", BERLIN, "Australia/Lord_Howe", "America/St_Johns"] {
            let zone = TimeZone::get(zone).unwrap();
            let now = Timestamp::from_second(second).unwrap().to_zoned(zone);
            for text in [&any, &words] {
                if let Ok(spec) = text.parse::<Spec>() {
                    let _ = spec.resolve(&now);
                }
            }
        }
    }

    #[test]
    fn periods_follow_each_other_and_hold_now(second in 0..4_000_000_000i64, count in 0..60u64) {
        for zone in [BERLIN, "America/Havana", "Asia/Beirut", "Pacific/Apia", "UTC"] {
            let zone = TimeZone::get(zone).unwrap();
            let now = Timestamp::from_second(second).unwrap().to_zoned(zone);
            for unit in ["minute", "hour", "day", "week", "month", "year"] {
                let range = |text: &str| text.parse::<Spec>().unwrap().resolve(&now).unwrap();
                let this = range(&format!("this {unit}"));
                prop_assert!(this.contains(now.timestamp()));
                let later = range(&format!("{count} {unit} ago"));
                let earlier = range(&format!("{} {unit} ago", count + 1));
                prop_assert_eq!(earlier.end, later.start);
            }
        }
    }

    #[test]
    fn a_time_is_in_its_own_second(second in 0..2_000_000_000i64) {
        for zone in [BERLIN, "America/Havana", "Australia/Lord_Howe"] {
            let zone = TimeZone::get(zone).unwrap();
            let time = Timestamp::from_second(second).unwrap();
            let now = time.to_zoned(zone);
            let text = now.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let range = text.parse::<Spec>().unwrap().resolve(&now).unwrap();
            prop_assert!(range.contains(time), "{}", text);
        }
    }
}
