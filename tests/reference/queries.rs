//! Filter expressions and time ranges mean what they mean in Guild AI, but for
//! what `docs/differences.md` tells.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use guild::base::yaml::{self, Map, Value};
use guild::query::Scalar;
use guild::query::filter::{Expression, Subject};
use guild::query::time_range::Spec;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libtest_mimic::Failed;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::check;

/// How many texts are made of each kind.
const TEXTS: usize = 3000;

/// A run with values of all kinds: attributes, flags and scalars.
const RUN: [&str; 3] = [
    r#"{"id": "abcd1234", "label": "Hello World", "empty": "", "both": "attribute"}"#,
    r#"{"id": "4321", "lr": 0.1, "epochs": 60, "on": true, "zero": 0, "name": "Red", "digits": "1",
        "list": [1, "two", 3.0], "map": {"x": 1}, "both": "flag"}"#,
    r#"{"loss": 0.5, "lr": 0.2}"#,
];

struct Run([Map; 3]);

impl Run {
    fn new() -> Result<Self, Failed> {
        let map = |text| match yaml::load(text) {
            Ok(Value::Map(map)) => Ok(map),
            _ => Err(Failed::from("no map")),
        };
        Ok(Self([map(RUN[0])?, map(RUN[1])?, map(RUN[2])?]))
    }
}

impl Subject for Run {
    fn attribute(&self, name: &str) -> Option<Value> {
        self.0[0].get(name).cloned()
    }

    fn flag(&self, name: &str) -> Option<Value> {
        self.0[1].get(name).cloned()
    }

    fn logged_attribute(&self, _: &str) -> Option<Value> {
        None
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        let is_own = scalar.prefix.is_empty();
        is_own.then(|| self.0[2].get(&scalar.tag).cloned())?
    }
}

/// What the Python of Guild AI says of `asked`.
fn ask(
    reference: &Path,
    what: &str,
    asked: &serde_json::Value,
) -> Result<serde_json::Value, Failed> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/queries.py");
    let mut python = Command::new(reference.with_file_name("python"))
        .args([script, what])
        .env("TZ", "Europe/Berlin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = python.stdin.take().ok_or("no stdin")?;
    stdin.write_all(asked.to_string().as_bytes())?;
    drop(stdin);
    let output = python.wait_with_output()?;
    check(output.status.success(), "the script failed")?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn words(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_string).boxed()
}

fn joined(part: impl Strategy<Value = String> + 'static, most: usize) -> BoxedStrategy<String> {
    let parts = prop::collection::vec(part, 1..most);
    parts.prop_map(|parts| parts.join(" ")).boxed()
}

/// The same texts each time.
fn make(texts: &BoxedStrategy<String>) -> Result<Vec<String>, Failed> {
    let mut runner = TestRunner::deterministic();
    let tree = (0..TEXTS).map(|_| texts.new_tree(&mut runner));
    let texts: Result<Vec<_>, _> = tree.map(|tree| tree.map(|tree| tree.current())).collect();
    texts.map_err(|reason| reason.to_string().into())
}

fn filter_texts() -> Result<Vec<String>, Failed> {
    let names = || {
        words(&[
            "id",
            "label",
            "empty",
            "both",
            "lr",
            "epochs",
            "on",
            "zero",
            "name",
            "digits",
            "list",
            "map",
            "loss",
            "no",
            "flag:id",
            "attr:lr",
            "scalar:lr",
            "flag:no",
            "a/b#loss",
        ])
    };
    let signs = || {
        words(&[
            "=",
            "!=",
            "<>",
            "<",
            "<=",
            ">",
            ">=",
            "is",
            "is not",
            "contains",
            "not contains",
        ])
    };
    let values = || {
        words(&[
            "1",
            "0",
            "-1",
            "60",
            "60.0",
            "0.1",
            "1e-1",
            ".5",
            "1e3",
            "010",
            "'0.1'",
            "'1'",
            "red",
            "Red",
            "HELLO",
            "'o w'",
            "\"\"",
            "x",
            "true",
            "FALSE",
            "undefined",
            "null",
            "two",
        ])
    };
    let lists = || {
        words(&[
            "[1]",
            "[red, Red]",
            "[0.1, '1', x]",
            "[1, two, 3]",
            "[[1, 'two', 3.0]]",
            "[undefined]",
        ])
    };
    let compared = (names(), signs(), values()).prop_map(|(n, s, v)| format!("{n} {s} {v}"));
    let listed = (
        names(),
        words(&["in", "not in", "=", "<", ">=", "!="]),
        lists(),
    )
        .prop_map(|(n, s, v)| format!("{n} {s} {v}"));
    let test = prop_oneof![4 => compared, 2 => listed, 1 => values()].boxed();
    let expression = test.prop_recursive(3, 12, 3, |inner| {
        let more = (
            inner.clone(),
            words(&["and", "or", "AND", "Or"]),
            inner.clone(),
        );
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not {inner}")),
            inner.prop_map(|inner| format!("({inner})")),
            more.prop_map(|(left, join, right)| format!("{left} {join} {right}")),
        ]
    });
    let word = prop_oneof![
        names(),
        signs(),
        values(),
        lists(),
        words(&[
            "and", "or", "not", "(", ")", "[", "]", ",", "in", "&", "'", "é", "1x"
        ]),
    ];
    make(&prop_oneof![3 => expression, 1 => joined(word, 7)].boxed())
}

/// Filter expressions hold alike, and are refused alike.
pub fn filters_mean_the_same(reference: &Path) -> Result<(), Failed> {
    let mut texts = filter_texts()?;
    // Names may start so here.
    texts.retain(|text| !text.contains('é'));
    let run: Result<Vec<serde_json::Value>, _> =
        RUN.iter().map(|text| serde_json::from_str(text)).collect();
    let asked = json!({"run": run?, "texts": texts});
    let theirs = ask(reference, "filters", &asked)?;
    let theirs = theirs.as_array().ok_or("no answers")?;
    let run = Run::new()?;
    let mut holding = 0;
    for (text, theirs) in texts.iter().zip(theirs) {
        let ours = match text.parse::<Expression>() {
            Ok(expression) => json!(expression.holds(&run)),
            Err(error) => json!(
                error
                    .to_string()
                    .replace(
                        "syntax error in filter at position",
                        "Syntax error at line 1, pos"
                    )
                    .replace(
                        "syntax error in filter - unexpected end of expresion",
                        "Syntax error at EOF"
                    )
            ),
        };
        holding += usize::from(ours == true);
        check(
            ours == *theirs,
            &format!("{text}\n-- guild: {ours}\n-- Guild AI: {theirs}"),
        )?;
    }
    check(holding > TEXTS / 10, "too few expressions hold to tell")
}

fn range_texts() -> Result<Vec<String>, Failed> {
    let unit = || words(&["minutes", "hour", "days", "week", "years", "min", "hr"]);
    let number = || (0..50u32).prop_map(|number| number.to_string()).boxed();
    let date = || {
        prop_oneof![
            (1..13, 1..29).prop_map(|(month, day)| format!("{month}-{day}")),
            (20..25, 1..13, 1..29).prop_map(|(year, month, day)| format!("{year}-{month}-{day}")),
            (1..13, 1..32).prop_map(|(month, day)| format!("2024-{month:02}-{day:02}")),
            Just("2024-03-31".to_string()),
            Just("2024-10-27".to_string()),
        ]
        .boxed()
    };
    let time = || {
        prop_oneof![
            (0..25, 0..61).prop_map(|(hour, minute)| format!("{hour}:{minute:02}")),
            (0..24, 0..60, 0..62).prop_map(|(h, m, s)| format!("{h}:{m:02}:{s:02}")),
        ]
        .boxed()
    };
    let stretch = || {
        prop_oneof![
            words(&["today", "yesterday"]),
            unit().prop_map(|unit| format!("this {unit}")),
            (number(), unit()).prop_map(|(number, unit)| format!("{number} {unit} ago")),
            date(),
            time(),
            (date(), time()).prop_map(|(date, time)| format!("{date} {time}")),
        ]
        .boxed()
    };
    let ranges = prop_oneof![
        stretch(),
        (words(&["before", "AFTER"]), stretch()).prop_map(|(side, x)| format!("{side} {x}")),
        (stretch(), stretch()).prop_map(|(x, y)| format!("between {x} and {y}")),
        (stretch(), stretch()).prop_map(|(x, y)| format!("between after {x} and {y}")),
        (number(), words(&["min", "hours", "day"]))
            .prop_map(|(n, unit)| format!("last {n} {unit}")),
        joined(
            prop_oneof![
                words(&[
                    "today", "ago", "between", "and", "last", "this", "before", "x"
                ]),
                unit(),
                number()
            ],
            5
        ),
    ];
    make(&ranges.boxed())
}

/// Time ranges have the same times, and are refused alike. Those that count hours
/// are asked for where clocks do not change.
pub fn time_ranges_mean_the_same(reference: &Path) -> Result<(), Failed> {
    let zone = TimeZone::get("Europe/Berlin")?;
    let second = |text: &str| text.parse::<Timestamp>().map(Timestamp::as_second);
    let times = |start: i64, count: i64| (0..count).map(move |at| start + at * 97 * 60);
    let mut asked = Vec::new();
    for (at, text) in range_texts()?.into_iter().enumerate() {
        let counts_hours = ["hour", "hr", "min"].iter().any(|unit| text.contains(unit));
        let (now, around) = match at % 3 {
            _ if counts_hours => (
                second("2024-06-05T10:35:23Z")?,
                second("2024-06-01T00:00:00Z")?,
            ),
            0 => (
                second("2024-03-31T10:35:23Z")?,
                second("2024-03-30T00:00:00Z")?,
            ),
            1 => (
                second("2024-10-27T00:35:23Z")?,
                second("2024-10-26T00:00:00Z")?,
            ),
            _ => (
                second("2024-12-31T23:35:23Z")?,
                second("2024-12-23T00:00:00Z")?,
            ),
        };
        let near: Vec<i64> = times(now - 7200, 9).chain(times(around, 60)).collect();
        let far = (0..60).map(|month| now - month * 30 * 86_400);
        asked.push((text, now, near.into_iter().chain(far).collect::<Vec<_>>()));
    }
    let theirs = ask(reference, "time_ranges", &json!({"ranges": asked}))?;
    let theirs = theirs.as_array().ok_or("no answers")?;
    let mut with_times = 0;
    for ((text, now, times), theirs) in asked.iter().zip(theirs) {
        // A traceback, and what is told in other words on purpose.
        let ends_early = theirs == "spec cannot be empty";
        let calendar = ["last week", "last year", " last"];
        let calendar = calendar.iter().any(|it| text.contains(it));
        if theirs.is_null() || ends_early || calendar {
            continue;
        }
        let now = Timestamp::from_second(*now)?.to_zoned(zone.clone());
        let ours = match text.parse::<Spec>().and_then(|spec| spec.resolve(&now)) {
            Ok(range) => {
                let time = |second: &i64| Timestamp::from_second(*second);
                let inside = |second: &&i64| time(second).is_ok_and(|time| range.contains(time));
                json!(times.iter().filter(inside).collect::<Vec<_>>())
            }
            Err(error) => json!(error.to_string()),
        };
        with_times += usize::from(ours.as_array().is_some_and(|times| !times.is_empty()));
        check(
            ours == *theirs,
            &format!("{text} at {now}\n-- guild: {ours}\n-- Guild AI: {theirs}"),
        )?;
    }
    check(with_times > TEXTS / 4, "too few ranges have times to tell")
}
