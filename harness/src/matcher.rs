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
pub(crate) mod regular;
pub(crate) mod sorted;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::match_type::MatchTypes;
use crate::options::OptionSet;
use crate::redact::{Redactor, placeholder};
use crate::whitespace::{is_space, is_unicode_space};

pub(crate) use explain::search;
pub use explain::{Captured, Explanation, Stop, Taken, explain};
use folding::Traced;
pub use folding::fold_whitespace;
pub use line::line_matches;
pub(crate) use line::{ActualLine, ExpectedLine};
pub use pattern::PatternError;
pub(crate) use pattern::{check, has_specials, names_of};

/// The wildcard.
pub const ELLIPSIS: &str = "...";
/// The wildcard that may start expected output, where `...` would be read as a
/// continuation line.
pub const LEADING: &str = "???";
/// What stands for an empty line in expected output.
const BLANK_LINE: &str = "<BLANKLINE>";
/// The line `run` ends with after a success.
const EXIT_0: &str = "<exit 0>";

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

/// What a name stands for since a capture bound it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The text that was captured.
    pub value: String,
    /// The match type of the capture.
    pub kind: String,
    /// The line of the capture in the file, from 1.
    pub line: usize,
}

/// What a comparison needs to know of the file around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The match types that suite and file define.
    pub types: Arc<MatchTypes>,
    /// What is replaced on both sides.
    pub redactor: Arc<Redactor>,
    /// The names that earlier examples bound.
    pub bound: Arc<BTreeMap<String, Binding>>,
}

/// What output is compared as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Text with wildcards.
    #[default]
    Text,
    /// The whole output, with one regular expression.
    Regex,
    /// Lines in any order.
    Sorted,
    /// Data.
    Json,
}

impl Mode {
    /// The modes that options may ask for.
    pub const OPTIONS: [(&'static str, Mode); 3] = [
        ("REGEX", Mode::Regex),
        ("SORTED", Mode::Sorted),
        ("JSON", Mode::Json),
    ];
}

/// Which rules a comparison obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `...` matches anything, and so does a leading `???`.
    pub ellipsis: bool,
    /// Runs of white space are equal.
    pub whitespace: bool,
    /// `<BLANKLINE>` stands for an empty line.
    pub blank_line: bool,
    /// `1` matches `True` and `0` matches `False`.
    pub true_for_1: bool,
    /// Escape sequences of a terminal are dropped from the output.
    pub strip_ansi: bool,
    /// A final `<exit 0>` after other output counts for nothing.
    pub strip_exit_0: bool,
    /// `???` at the very start is a wildcard.
    pub leading: bool,
    /// `::` in expected output is this platform's separator of paths.
    pub path_separator: bool,
    /// Windows paths in the output are compared as if written with `/`.
    pub paths: bool,
    /// The message of an exception counts for nothing, only its type.
    pub exception_type_only: bool,
    /// What output is compared as.
    pub mode: Mode,
    /// What is to be redacted is, on both sides.
    pub redact: bool,
    /// `{name:type}` in expected output is a capture.
    pub captures: bool,
    /// What holds around the example.
    pub scope: Scope,
}

impl Rules {
    /// The rules that a set of options asks for.
    pub fn from_options(options: &OptionSet) -> Self {
        let strict = options.is_on("STRICT");
        let transform = |name, default| !strict && options.or_default(name, default);
        let is_on = |(name, _): &&(&str, Mode)| options.is_on(name);
        let mode = Mode::OPTIONS.iter().find(is_on);
        let mode = mode.map_or(Mode::Text, |(_, mode)| *mode);
        let is_regex = mode == Mode::Regex;
        Rules {
            mode,
            ellipsis: transform("ELLIPSIS", true) && !is_regex,
            whitespace: options.or_default("NORMALIZE_WHITESPACE", true) && !is_regex,
            blank_line: !options.is_on("DONT_ACCEPT_BLANKLINE"),
            true_for_1: !options.is_on("DONT_ACCEPT_TRUE_FOR_1"),
            strip_ansi: transform("STRIP_ANSI_FMT", true),
            strip_exit_0: transform("STRIP_EXIT_0", true),
            leading: !strict && matches!(mode, Mode::Text | Mode::Sorted),
            path_separator: transform("NORMALIZE_PATHSEP", false),
            paths: transform("NORMALIZE_PATHS", true) && cfg!(windows),
            exception_type_only: options.is_on("IGNORE_EXCEPTION_DETAIL"),
            redact: options.or_default("REDACT", true),
            captures: options.is_on("CAPTURES"),
            scope: Scope::default(),
        }
    }
}

impl Rules {
    /// These rules in an example with this around it.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Rules { scope, ..self }
    }

    /// The rules for the message of an exception, which has neither lines to sort
    /// nor data.
    fn for_message(&self) -> Cow<'_, Rules> {
        match self.mode {
            Mode::Text | Mode::Regex => Cow::Borrowed(self),
            Mode::Sorted | Mode::Json => Cow::Owned(Rules {
                mode: Mode::Text,
                ..self.clone()
            }),
        }
    }

    /// The text after redaction.
    fn redacted<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let made = self.redact.then(|| self.scope.redactor.apply(&text));
        made.flatten().map_or(text, Cow::Owned)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Rules::from_options(&OptionSet::default())
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

/// Expected output after the rules that change it before the comparison.
pub fn prepare_expected<'a>(expected: &'a str, rules: &Rules) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(expected);
    if rules.path_separator {
        text = Cow::Owned(text.replace("::", if cfg!(windows) { ";" } else { ":" }));
    }
    if rules.leading
        && let Some(rest) = text.strip_prefix(LEADING)
    {
        text = Cow::Owned(format!("{ELLIPSIS}{rest}"));
    }
    text = rules.redacted(text);
    if rules.strip_exit_0 {
        without_exit_0(text)
    } else {
        text
    }
}

/// Output after the rules that change it before the comparison.
pub fn prepare_actual<'a>(actual: &'a str, rules: &Rules) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(actual);
    if rules.paths {
        text = Cow::Owned(WINDOWS_PATH.replace_all(&text, "/").into_owned());
    }
    if rules.strip_ansi && text.contains('\u{1b}') {
        text = Cow::Owned(ANSI.replace_all(&text, "").into_owned());
    }
    text = rules.redacted(text);
    if rules.strip_exit_0 {
        without_exit_0(text)
    } else {
        text
    }
}

/// [`prepare_actual`], and what a comparison with patterns does besides, traced
/// back to the output.
fn traced_actual(actual: &str, rules: &Rules) -> Traced {
    let mut text = Traced::new(actual);
    if rules.paths {
        text = text.replaced_all(&WINDOWS_PATH, "/");
    }
    if rules.strip_ansi && text.text.contains('\u{1b}') {
        text = text.replaced_all(&ANSI, "");
    }
    if rules.redact {
        let found = rules.scope.redactor.find(&text.text);
        text = text.replaced(found.into_iter().map(|(at, name)| (at, placeholder(name))));
    }
    if rules.strip_exit_0 {
        let kept = without_exit_0(Cow::Borrowed(&text.text)).len();
        text = text.replaced([(kept..text.text.len(), String::new())]);
    }
    // Folding white space makes such lines alike by itself, and a regular
    // expression tells white space from none.
    if rules.blank_line && !rules.whitespace && rules.mode != Mode::Regex {
        let mut at = 0;
        let mut blanks = Vec::new();
        for line in text.text.split('\n') {
            if !line.is_empty() && line.chars().all(is_space) {
                blanks.push((at..at + line.len(), String::new()));
            }
            at += line.len() + 1;
        }
        text = text.replaced(blanks);
    }
    text
}

fn without_exit_0(text: Cow<'_, str>) -> Cow<'_, str> {
    let ended = text.strip_suffix('\n').unwrap_or(&text);
    match ended.strip_suffix(EXIT_0) {
        Some(rest) if rest.ends_with('\n') => {
            let length = rest.len();
            match text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[..length]),
                Cow::Owned(mut text) => {
                    text.truncate(length);
                    Cow::Owned(text)
                }
            }
        }
        _ => text,
    }
}

/// A character of a word, as Python's `\w` has it: not the marks that Rust's has.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static STARTS_WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}_]").expect("valid pattern"));

/// CSI and OSC sequences, and the short escapes.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
pub(crate) static ANSI: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^_a-~])",
    )
    .expect("valid pattern")
});

/// Whether the output holds escape sequences.
pub(crate) fn has_escapes(actual: &str) -> bool {
    actual.contains('\u{1b}') && ANSI.is_match(actual)
}

/// A drive letter or a run of backslashes.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static WINDOWS_PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[c-zC-Z]:\\{1,2}|\\{1,2}").expect("valid pattern"));

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

/// The text with each line that `empties` picks made empty.
fn empty_lines(text: &str, empties: impl Fn(&str) -> bool) -> String {
    text.split('\n')
        .map(|line| if empties(line) { "" } else { line })
        .collect::<Vec<_>>()
        .join("\n")
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
