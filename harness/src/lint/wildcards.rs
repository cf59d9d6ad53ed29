//! Wildcards that take more than they seem to, and exit codes that say nothing.

use super::{Code, Finding, Subject};
use crate::matcher::{Mode, Piece, Token, expected_exception, pieces, prepare_expected};
use crate::spec::{Example, Language};
use crate::whitespace::is_space;
use crate::yaml_nodes::Place;

/// The helpers whose output ends with the exit code of a command.
const RUNNERS: [&str; 2] = ["run(", "quiet("];

/// What is wrong with the wildcards of one example.
pub(super) fn findings(subject: &Subject<'_>, example: &Example) -> Vec<Finding> {
    let rules = subject.rules_of(example);
    // Of a traceback only the message counts; it starts with a word.
    let is_text = matches!(rules.mode, Mode::Text | Mode::Sorted);
    if !is_text || expected_exception(&example.expected).is_some() {
        return Vec::new();
    }
    let prepared = prepare_expected(&example.expected, &rules);
    let pieces = pieces(&prepared, &rules);
    let at = |line: usize, column: usize| {
        Place::new(example.expected_line + line, example.indent + column + 1)
    };
    let mut findings = Vec::new();
    if rules.strip_exit_0 && example.expected.ends_with("\n<exit 0>\n") {
        findings.push(subject.finding(
            at(example.expected.lines().count() - 1, 0),
            Code::SpelledExit,
            "`<exit 0>` after other output counts for nothing",
        ));
    }
    if is_wildcard_only(&pieces) {
        // In a shell document no wildcard takes the exit code.
        if example.language == Language::Python {
            findings.push(subject.finding(
                at(0, 0),
                Code::WholeWildcard,
                "a wildcard alone takes any output",
            ));
        }
        return findings;
    }
    for piece in adjacent(&pieces, rules.whitespace) {
        findings.push(subject.finding(
            at(piece.place.line, piece.place.column),
            Code::AdjacentWildcards,
            "the wildcard before this one takes all that it could",
        ));
    }
    if let Some(piece) = hiding(&pieces, rules.mode)
        && shows_exit_code(example)
        && !prepared.contains("<exit ")
    {
        findings.push(subject.finding(
            at(piece.place.line, piece.place.column),
            Code::HiddenExit,
            "the wildcard at the end takes any exit code",
        ));
    }
    findings
}

fn is_wildcard(piece: &Piece) -> bool {
    piece.token == Token::Wildcard
}

fn blank(piece: &Piece) -> Option<&str> {
    match &piece.token {
        Token::Literal(text) if text.chars().all(is_space) => Some(text),
        _ => None,
    }
}

fn is_wildcard_only(pieces: &[Piece]) -> bool {
    pieces.iter().any(is_wildcard)
        && pieces
            .iter()
            .all(|piece| is_wildcard(piece) || blank(piece).is_some())
}

/// The second wildcard of each run of them: words of a line, or lines. Others are
/// none: `...-... ...:...` shows the form of a date and a time, and a line `...`
/// after one that ends so says that there may be more lines.
fn adjacent(pieces: &[Piece], folds: bool) -> Vec<&Piece> {
    let mut found = Vec::new();
    let mut in_run = false;
    for (index, piece) in pieces.iter().enumerate() {
        if blank(piece).is_some() {
            continue;
        }
        let follows = is_wildcard(piece) && follows_wildcard(pieces, index, folds);
        if follows && !in_run {
            found.push(piece);
        }
        in_run = follows;
    }
    found
}

fn follows_wildcard(pieces: &[Piece], index: usize, folds: bool) -> bool {
    let previous = |back: usize| index.checked_sub(back).and_then(|at| pieces.get(at));
    let Some(before) = previous(1) else {
        return false;
    };
    if is_wildcard(before) {
        return true;
    }
    let (Some(gap), Some(first)) = (blank(before), previous(2)) else {
        return false;
    };
    // Where white space is not folded, it must be there between the two.
    if !folds || !is_wildcard(first) {
        return false;
    }
    let next = pieces.get(index + 1).map_or("", |next| &next.written);
    let third = previous(3).map_or("", |piece| &piece.written);
    if gap.contains('\n') {
        return first.place.column == 0 && (next.is_empty() || next.starts_with('\n'));
    }
    let is_word = |before: &str, after: &str| {
        (before.is_empty() || before.ends_with(is_space))
            && (after.is_empty() || after.starts_with(is_space))
    };
    is_word(third, next)
}

/// The wildcard that takes whatever output ends with.
fn hiding(pieces: &[Piece], mode: Mode) -> Option<&Piece> {
    if mode == Mode::Sorted {
        // A line that is only a wildcard takes all lines that are left.
        return pieces.iter().enumerate().find_map(|(index, piece)| {
            let ends = pieces
                .get(index + 1)
                .is_none_or(|next| next.written.starts_with('\n'));
            (is_wildcard(piece) && piece.place.column == 0 && ends).then_some(piece)
        });
    }
    let last = pieces.iter().rfind(|piece| blank(piece).is_none())?;
    is_wildcard(last).then_some(last)
}

/// Whether the example starts with a command whose exit code is shown.
fn shows_exit_code(example: &Example) -> bool {
    example.language == Language::Python
        && RUNNERS.iter().any(|name| example.source.starts_with(name))
}
