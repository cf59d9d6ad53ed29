//! Time ranges: any text is one or an error, at any moment, in any time zone.
#![no_main]

use guild::query::time_range::Spec;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];

fuzz_target!(|input: (i64, u8, &str)| {
    let (micros, zone, text) = input;
    let Ok(spec) = text.parse::<Spec>() else {
        return;
    };
    let Ok(now) = Timestamp::from_microsecond(micros) else {
        return;
    };
    let name = ZONES[usize::from(zone) % ZONES.len()];
    let now = now.to_zoned(TimeZone::get(name).expect("the time zones are installed"));
    if let Ok(range) = spec.resolve(&now) {
        let inside = range.contains(now.timestamp());
        let (start, end) = (range.start.is_some(), range.end.is_some());
        assert!(inside || start || end, "a range without bounds has all");
    }
});
