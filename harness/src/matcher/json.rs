//! Output compared as data (`JSON`): the order of keys and the white space
//! between values do not matter, numbers are compared by value.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::pattern::{PatternError, has_specials, needs_pattern, pieces};
use super::{
    BLANK_LINE, Binding, Captured, ELLIPSIS, Mode, Rules, explain::search, prepare_actual,
    prepare_expected, wildcards,
};

/// The most differences that are told.
const MOST_TOLD: usize = 20;
/// The most characters of a value that are shown.
const MOST_SHOWN: usize = 100;

/// What a string starts with that stands for a bare `...` or a bare capture: no
/// text that a person writes.
const BARE: char = '\u{0}';

/// A place where the data differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Differing {
    /// Where, as `.runs[0].id`.
    pub path: String,
    /// What is expected there; `None` for nothing.
    pub expected: Option<String>,
    /// What is there; `None` for nothing.
    pub actual: Option<String>,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Where the data differ.
    pub differing: Vec<Differing>,
    /// What is captured, in order.
    pub captures: Vec<Captured>,
}

/// Why there is nothing to compare.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// The expected output is malformed.
    #[error("what is expected is not JSON: {message}")]
    Expected {
        /// What is wrong.
        message: String,
        /// The line of expected output, from 0.
        line: usize,
    },
    /// The output is malformed.
    #[error("the output is not JSON: {message}")]
    Actual {
        /// What is wrong and where.
        message: String,
    },
}

/// What is captured if the data are the same.
pub(crate) fn verdict(expected: &str, actual: &str, rules: &Rules) -> Option<Vec<Captured>> {
    let found = compare(expected, actual, rules).ok()?;
    found.differing.is_empty().then_some(found.captures)
}

/// Tells why expected output is no data, if that is so.
pub(crate) fn check(expected: &str, rules: &Rules) -> Result<(), PatternError> {
    let prepared = prepare_expected(expected, rules);
    let (text, _) = without_exit(&prepared);
    match read_expected(text, rules) {
        Ok(_) => Ok(()),
        Err(JsonError::Expected { message, line }) => Err(PatternError::Json { message, line }),
        Err(JsonError::Actual { message }) => Err(PatternError::Json { message, line: 0 }),
    }
}

/// Compares output with what is expected, as data.
pub(crate) fn compare(expected: &str, actual: &str, rules: &Rules) -> Result<Found, JsonError> {
    let expected = prepare_expected(expected, rules);
    let actual = prepare_actual(actual, rules);
    let (expected, wanted_exit) = without_exit(&expected);
    let (actual, exit) = without_exit(&actual);
    let wanted = read_expected(expected, rules)?;
    let got = read_actual(actual)?;
    let mut comparison = Comparison {
        rules: Rules {
            mode: Mode::Text,
            whitespace: false,
            ..rules.clone()
        },
        source: expected,
        found: Found::default(),
    };
    match (&wanted[..], &got[..]) {
        ([wanted], [got]) => comparison.value("", wanted, got),
        (wanted, got) => comparison.list("", wanted, got),
    }
    let mut found = comparison.found;
    if wanted_exit != exit {
        found.differing.push(Differing {
            path: "exit code".into(),
            expected: wanted_exit.map(str::to_owned),
            actual: exit.map(str::to_owned),
        });
    }
    Ok(found)
}

/// The text without the line of an exit code at its end, and that line.
fn without_exit(text: &str) -> (&str, Option<&str>) {
    let ended = text.trim_end();
    let start = ended.rfind('\n').map_or(0, |end| end + 1);
    let last = &ended[start..];
    if last.starts_with("<exit ") && last.ends_with('>') {
        (&text[..start], Some(last))
    } else {
        (text, None)
    }
}

fn read_expected(text: &str, rules: &Rules) -> Result<Vec<Value>, JsonError> {
    let quoted = quoted(text, rules);
    values(&quoted).map_err(|error| JsonError::Expected {
        message: cause(&error),
        line: place(&error).0.saturating_sub(1),
    })
}

fn read_actual(text: &str) -> Result<Vec<Value>, JsonError> {
    let malformed = |message| JsonError::Actual { message };
    let values = values(text).map_err(|error| {
        let (line, column) = place(&error);
        let column = column.map(|column| format!(", column {column}"));
        let column = column.unwrap_or_default();
        malformed(format!("{}, line {line}{column}", cause(&error)))
    })?;
    if values.is_empty() {
        return Err(malformed("there is no value".into()));
    }
    Ok(values)
}

/// The values of a text, one after another.
fn values(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .collect()
}

/// The line and column that a reader complains of, from 1; without a column, the
/// end of the line.
fn place(error: &serde_json::Error) -> (usize, Option<usize>) {
    match error.column() {
        0 => (error.line().saturating_sub(1), None),
        column => (error.line(), Some(column)),
    }
}

/// What a reader complains of, without the place.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The text with bare wildcards and captures made strings, so that it can be read.
fn quoted(text: &str, rules: &Rules) -> String {
    let mut made = String::with_capacity(text.len());
    let mut open: Vec<char> = Vec::new();
    let mut wants_key = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == '"' {
            let end = end_of_string(rest);
            made.push_str(&rest[..end]);
            at += end;
            continue;
        }
        let bare = bare(rest, rules);
        if let Some(length) = bare {
            made.push_str(&format!(r#""\u0000{}""#, &rest[..length]));
            if wants_key && open.last() == Some(&'{') {
                made.push_str(": null");
            }
            at += length;
            continue;
        }
        if rest.starts_with(BLANK_LINE) {
            at += BLANK_LINE.len();
            continue;
        }
        match c {
            '{' | '[' => open.push(c),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
        wants_key = match c {
            '{' | ',' => true,
            c if c.is_whitespace() => wants_key,
            _ => false,
        };
        made.push(c);
        at += c.len_utf8();
    }
    made
}

/// The length of a bare wildcard or capture that a text starts with.
fn bare(rest: &str, rules: &Rules) -> Option<usize> {
    if rest.starts_with(ELLIPSIS) && rules.ellipsis {
        return Some(ELLIPSIS.len());
    }
    if !rules.captures || !rest.starts_with('{') {
        return None;
    }
    let end = rest.find('}')? + 1;
    let found = pieces(&rest[..end], rules);
    (found.len() == 1 && needs_pattern(&found) && found[0].written.len() == end).then_some(end)
}

/// The length of the string that a text starts with; all of it if it has no end.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

struct Comparison<'a> {
    /// How strings are compared.
    rules: Rules,
    source: &'a str,
    found: Found,
}

impl Comparison<'_> {
    fn value(&mut self, path: &str, wanted: &Value, got: &Value) {
        match (wanted, got) {
            (Value::String(text), _) if is_any(text) => {}
            (Value::String(text), _) if self.is_pattern(text) => self.text(path, text, wanted, got),
            (Value::Array(wanted), Value::Array(got)) => self.list(path, wanted, got),
            (Value::Object(wanted), Value::Object(got)) => self.object(path, wanted, got),
            (Value::Number(a), Value::Number(b)) if equal_numbers(a, b) => {}
            (wanted, got) if wanted == got => {}
            (wanted, got) => self.differs(path, Some(wanted), Some(got)),
        }
    }

    fn is_pattern(&self, text: &str) -> bool {
        text.starts_with(BARE) || has_specials(text, &self.rules)
    }

    /// A string with wildcards or captures, or a bare capture, which takes any
    /// value that is neither a list nor a map.
    fn text(&mut self, path: &str, text: &str, wanted: &Value, got: &Value) {
        let (pattern, is_bare) = match text.strip_prefix(BARE) {
            Some(pattern) => (pattern, true),
            None => (text, false),
        };
        let value = match got {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) if is_bare => Some(got.to_string()),
            _ => None,
        };
        let found = value.and_then(|value| self.matched(pattern, &value));
        let Some(captures) = found else {
            return self.differs(path, Some(wanted), Some(got));
        };
        for mut captured in captures {
            let start = self.source.find(&format!("{{{}:", captured.name));
            let before = &self.source[..start.unwrap_or(0)];
            captured.line = before.matches('\n').count();
            let binding = Binding {
                value: captured.value.clone(),
                kind: captured.kind.clone(),
                line: 0,
            };
            let bound = Arc::make_mut(&mut self.rules.scope.bound);
            bound.insert(captured.name.clone(), binding);
            self.found.captures.push(captured);
        }
    }

    fn matched(&self, pattern: &str, value: &str) -> Option<Vec<Captured>> {
        if !self.rules.captures {
            return wildcards(pattern, value).map(|_| Vec::new());
        }
        let found = search(pattern, value, &self.rules).ok()?;
        found.agrees.then_some(found.bindings)
    }

    /// A bare `...` in a list takes any number of values.
    fn list(&mut self, path: &str, wanted: &[Value], got: &[Value]) {
        let at = |index: usize| format!("{path}[{index}]");
        let Some(first_gap) = wanted.iter().position(is_gap) else {
            for (index, pair) in wanted.iter().zip(got).enumerate() {
                self.value(&at(index), pair.0, pair.1);
            }
            for (index, value) in wanted.iter().enumerate().skip(got.len()) {
                self.differs(&at(index), Some(value), None);
            }
            for (index, value) in got.iter().enumerate().skip(wanted.len()) {
                self.differs(&at(index), None, Some(value));
            }
            return;
        };
        let mut next = 0;
        let runs: Vec<&[Value]> = wanted.split(is_gap).collect();
        for (number, run) in runs.iter().enumerate() {
            let last = got
                .len()
                .checked_sub(run.len())
                .filter(|last| *last >= next);
            let Some(last) = last else {
                return self.differs(&at(next), run.first(), None);
            };
            let starts = match number {
                0 => 0..=0,
                _ if number + 1 == runs.len() => last..=last,
                _ => next..=last,
            };
            let start = starts.clone().find(|start| self.fits(run, &got[*start..]));
            match start {
                Some(start) => {
                    self.run(path, run, got, start);
                    next = start + run.len();
                }
                // One place is possible: tell what differs there.
                None if starts.start() == starts.end() => {
                    return self.run(path, run, got, *starts.start());
                }
                None => return self.differs(&at(next.max(first_gap)), run.first(), got.get(next)),
            }
        }
    }

    fn run(&mut self, path: &str, run: &[Value], got: &[Value], start: usize) {
        for (offset, value) in run.iter().enumerate() {
            let index = start + offset;
            self.value(&format!("{path}[{index}]"), value, &got[index]);
        }
    }

    /// Whether values begin with these, without capturing anything.
    fn fits(&self, run: &[Value], got: &[Value]) -> bool {
        let mut trial = Comparison {
            rules: self.rules.clone(),
            source: self.source,
            found: Found::default(),
        };
        for (wanted, got) in run.iter().zip(got) {
            trial.value("", wanted, got);
        }
        trial.found.differing.is_empty()
    }

    /// A bare `...` in a map, or `"..."` for a key, takes the keys that are not named.
    fn object(&mut self, path: &str, wanted: &Map<String, Value>, got: &Map<String, Value>) {
        let is_open = wanted.keys().any(|key| is_any(key));
        for (key, value) in wanted.iter().filter(|(key, _)| !is_any(key)) {
            let path = format!("{path}{}", step(key));
            match got.get(key) {
                Some(got) => self.value(&path, value, got),
                None => self.differs(&path, Some(value), None),
            }
        }
        if !is_open {
            for (key, value) in got.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                self.differs(&format!("{path}{}", step(key)), None, Some(value));
            }
        }
    }

    fn differs(&mut self, path: &str, wanted: Option<&Value>, got: Option<&Value>) {
        if self.found.differing.len() < MOST_TOLD {
            self.found.differing.push(Differing {
                path: if path.is_empty() { "." } else { path }.to_owned(),
                expected: wanted.map(shown),
                actual: got.map(shown),
            });
        }
    }
}

/// A key as a step of a path.
fn step(key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(is_plain) {
        format!(".{key}")
    } else {
        format!(".{}", Value::from(key))
    }
}

fn is_any(text: &str) -> bool {
    text.strip_prefix(BARE).unwrap_or(text) == ELLIPSIS
}

fn is_gap(value: &Value) -> bool {
    let text = value.as_str().and_then(|text| text.strip_prefix(BARE));
    text == Some(ELLIPSIS)
}

fn equal_numbers(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}

/// A value as it is written, cut if it is long.
fn shown(value: &Value) -> String {
    let text = match value.as_str().and_then(|text| text.strip_prefix(BARE)) {
        Some(bare) => bare.to_owned(),
        None => value
            .to_string()
            .replace(r#""\u0000...":null"#, ELLIPSIS)
            .replace(r#""\u0000..."#, "\"..."),
    };
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
