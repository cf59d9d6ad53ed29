//! Differences of output that is not compared line by line in order.

use super::{Difference, Line, show_pair, visible};
use crate::matcher::json::{self, Differing, JsonError};
use crate::matcher::{Rules, prepare_actual, prepare_expected, sorted};

/// The data that differ, each place by its path.
pub(super) fn data(expected: &str, actual: &str, rules: &Rules) -> Result<Difference, JsonError> {
    let found = json::compare(expected, actual, rules)?;
    let first = found.differing.first().map_or(0, |differing| {
        let (_, key) = differing.path.rsplit_once('.').unwrap_or_default();
        let key = format!("\"{}\"", key.split('[').next().unwrap_or_default());
        let has_key = |line: &str| line.contains(&key);
        expected.lines().position(has_key).unwrap_or(0)
    });
    Ok(Difference {
        first,
        lines: found.differing.iter().flat_map(place).collect(),
        stop: None,
        notes: vec!["compared as data; each line is a place and its value".into()],
    })
}

fn place(differing: &Differing) -> Vec<Line> {
    let path = &differing.path;
    let line = |value: &String| format!("{path}: {value}");
    let missing = differing.expected.as_ref();
    let extra = differing.actual.as_ref();
    let missing = missing.map(|value| Line::Missing(line(value), Vec::new()));
    let extra = extra.map(|value| Line::Extra(line(value), Vec::new()));
    missing.into_iter().chain(extra).collect()
}

/// The lines that are only on one side, among those of the output.
pub(super) fn unordered(expected: &str, actual: &str, rules: &Rules) -> Difference {
    let expected = prepare_expected(expected, rules);
    let actual = prepare_actual(actual, rules);
    let want: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = actual.lines().collect();
    let (_, pairs) = sorted::resolve(&want, &got, rules);
    let missing = pairs.missing.iter();
    let mut lines: Vec<Line> = missing
        .map(|i| Line::Missing(visible(want[*i], rules), Vec::new()))
        .collect();
    for (line, pair) in got.iter().zip(&pairs.lines) {
        lines.push(match pair.map(|i| want.get(i)) {
            Some(Some(wanted)) => show_pair(wanted, line, rules),
            Some(None) => Line::Same(visible(line, rules)),
            None if pairs.takes_rest => Line::Taken(visible(line, rules)),
            None => Line::Extra(visible(line, rules), Vec::new()),
        });
    }
    Difference {
        first: pairs.missing.first().copied().unwrap_or(want.len()),
        lines,
        stop: None,
        notes: vec!["lines compared in any order".into()],
    }
}
