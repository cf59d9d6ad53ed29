//! What rules make of expected output and of output before they are compared.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::folding::Traced;
use super::{ELLIPSIS, LEADING, Mode, Rules};
use crate::redact::placeholder;
use crate::whitespace::is_space;

/// The line `run` ends with after a success.
const EXIT_0: &str = "<exit 0>";

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
pub(super) fn traced_actual(actual: &str, rules: &Rules) -> Traced {
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

/// The text with each line that `empties` picks made empty.
pub(super) fn empty_lines(text: &str, empties: impl Fn(&str) -> bool) -> String {
    text.split('\n')
        .map(|line| if empties(line) { "" } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}

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
