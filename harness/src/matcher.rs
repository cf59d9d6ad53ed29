//! Comparing the output of an example with what the spec expects.
//!
//! The rules are those of Python's doctest with `ELLIPSIS` and
//! `NORMALIZE_WHITESPACE` on, plus a few for command-line programs. Matching
//! never backtracks: the pieces between wildcards are searched from left to
//! right, so the time it takes grows with the output, not with the wildcards.
//! Expected output with captures is compared as one regular expression.

mod explain;
mod folding;
pub(crate) mod json;
mod line;
mod pattern;
mod prepare;
pub(crate) mod regular;
mod rules;
pub(crate) mod sorted;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::whitespace::{is_space, is_unicode_space};

pub(crate) use explain::search;
pub use explain::{Captured, Explanation, Stop, Taken, explain};
pub use folding::fold_whitespace;
pub use line::line_matches;
pub(crate) use line::{ActualLine, ExpectedLine};
pub use pattern::PatternError;
pub(crate) use pattern::{Piece, Token, check, has_specials, names_of, pieces};
pub(crate) use prepare::{ANSI, has_escapes};
use prepare::{empty_lines, traced_actual};
pub use prepare::{prepare_actual, prepare_expected};
pub use rules::{Binding, Mode, Rules, Scope};

/// The wildcard.
pub const ELLIPSIS: &str = "...";
/// The wildcard that may start expected output, where `...` would be read as a
/// continuation line.
pub const LEADING: &str = "???";
/// What stands for an empty line in expected output.
const BLANK_LINE: &str = "<BLANKLINE>";

/// What running an example gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actual {
    /// Everything printed.
    pub output: String,
    /// The exception that ended the example.
    pub exception: Option<Exception>,
}

/// An exception that an example raised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exception {
    /// Type and message, as the last lines of a traceback.
    pub message: String,
    /// The whole traceback, the harness's own frames left out.
    pub traceback: String,
}

impl Actual {
    /// The output, and the traceback if there was one.
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.exception {
            None => Cow::Borrowed(&self.output),
            Some(exception) => Cow::Owned(format!("{}{}", self.output, exception.traceback)),
        }
    }
}

/// A place in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 0.
    pub line: usize,
    /// The character in the line, from 0.
    pub column: usize,
}

impl Place {
    /// The place where a text ends that starts here.
    fn after(self, text: &str) -> Place {
        match text.rfind('\n') {
            None => Place {
                column: self.column + text.chars().count(),
                ..self
            },
            Some(end) => Place {
                line: self.line + text.matches('\n').count(),
                column: text[end + 1..].chars().count(),
            },
        }
    }

    /// Line and column, from 1.
    pub fn for_people(self) -> (usize, usize) {
        (self.line + 1, self.column + 1)
    }
}

/// Whether what an example gave is what its spec expects.
pub fn agrees(expected: &str, actual: &Actual, rules: &Rules) -> bool {
    captured(expected, actual, rules).is_some()
}

/// What the captures of an example bind, if what it gave is what its spec expects.
pub fn captured(expected: &str, actual: &Actual, rules: &Rules) -> Option<Vec<Captured>> {
    let Some(exception) = &actual.exception else {
        return verdict(expected, &actual.output, rules);
    };
    let message = expected_exception(expected)?;
    let rules = &rules.for_message();
    let before = &expected[..expected.len() - message.len()];
    let (wanted, got) = (without_module(message), without_module(&exception.message));
    if let Some(mut captured) = verdict(&wanted, &got, rules) {
        for captured in &mut captured {
            captured.line += before.lines().count();
        }
        return Some(captured);
    }
    (rules.exception_type_only && matches(type_of(&wanted), type_of(&got), rules)).then(Vec::new)
}

/// The message of the exception that a traceback in expected output shows: from
/// the first line after the header that is not indented, to the end.
pub fn expected_exception(expected: &str) -> Option<&str> {
    let mut rest = expected;
    let header = next_line(&mut rest);
    let header = header.trim_end_matches(is_unicode_space);
    if !matches!(
        header,
        "Traceback (most recent call last):" | "Traceback (innermost last):"
    ) {
        return None;
    }
    while !rest.is_empty() {
        if STARTS_WORD.is_match(rest) {
            return Some(rest);
        }
        next_line(&mut rest);
    }
    None
}

fn next_line<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let (line, tail) = rest.split_at(end);
    *rest = tail;
    line
}

/// The message with `package.module.` taken from the front of its type.
fn without_module(message: &str) -> Cow<'_, str> {
    let end = message
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(message.len());
    match message[..end].rfind('.') {
        // `...` is a wildcard, not the end of a module.
        Some(dot) if !message[..end].contains(ELLIPSIS) => {
            Cow::Owned(message[dot + 1..].to_owned())
        }
        _ => Cow::Borrowed(message),
    }
}

/// The type that a message names, without its module.
fn type_of(message: &str) -> &str {
    let dotted = message.split([':', '\n']).next().unwrap_or_default();
    dotted.rsplit('.').next().unwrap_or_default()
}

/// Whether output matches expected output under these rules.
pub fn matches(expected: &str, actual: &str, rules: &Rules) -> bool {
    verdict(expected, actual, rules).is_some()
}

/// What is captured if output matches expected output.
fn verdict(expected: &str, actual: &str, rules: &Rules) -> Option<Vec<Captured>> {
    match rules.mode {
        Mode::Text => {}
        // An example of which nothing is expected.
        Mode::Json if expected.is_empty() => {}
        Mode::Regex => return regular::verdict(expected, actual, rules),
        Mode::Sorted => return sorted::verdict(expected, actual, rules),
        Mode::Json => return json::verdict(expected, actual, rules),
    }
    if rules.captures && pattern::needs_pattern(&pattern::pieces(expected, rules)) {
        let found = explain::search(expected, actual, rules).ok()?;
        return found.agrees.then_some(found.bindings);
    }
    let expected = prepare_expected(expected, rules);
    let actual = prepare_actual(actual, rules);
    compare(&expected, &actual, rules).then(Vec::new)
}

/// A character of a word, as Python's `\w` has it: not the marks that Rust's has.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static STARTS_WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}_]").expect("valid pattern"));

/// Doctest's comparison, each step more lenient than the one before it.
fn compare(expected: &str, actual: &str, rules: &Rules) -> bool {
    if expected == actual {
        return true;
    }
    if rules.true_for_1 && matches!((actual, expected), ("True\n", "1\n") | ("False\n", "0\n")) {
        return true;
    }
    let (mut expected, mut actual) = (Cow::Borrowed(expected), Cow::Borrowed(actual));
    if rules.blank_line {
        expected = Cow::Owned(empty_lines(&expected, |line| {
            line.strip_prefix(BLANK_LINE)
                .is_some_and(|rest| rest.chars().all(is_space))
        }));
        actual = Cow::Owned(empty_lines(&actual, |line| line.chars().all(is_space)));
        if expected == actual {
            return true;
        }
    }
    if rules.whitespace {
        expected = Cow::Owned(fold_whitespace(&expected));
        actual = Cow::Owned(fold_whitespace(&actual));
        if expected == actual {
            return true;
        }
    }
    rules.ellipsis && wildcards(&expected, &actual).is_some()
}

/// Where each wildcard of `expected` matched in `actual`, as byte ranges; `None`
/// if it does not match.
pub fn wildcards(expected: &str, actual: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let mut pieces = expected.split(ELLIPSIS);
    let first = pieces.next().unwrap_or_default();
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return (first == actual).then(Vec::new);
    };
    if !actual.starts_with(first) || !actual.ends_with(last) {
        return None;
    }
    let (mut at, end) = (first.len(), actual.len() - last.len());
    if at > end {
        return None;
    }
    let mut ranges = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces {
        let found = at + actual[at..end].find(piece)?;
        ranges.push(at..found);
        at = found + piece.len();
    }
    ranges.push(at..end);
    Some(ranges)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod modes_tests;
