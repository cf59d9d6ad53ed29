//! Texts and what is done to them: output, and what a spec might say of it.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces of output. Those that mean something to a comparison come often.
const WORDS: &[&str] = &[
    "a",
    "b",
    "ab",
    "aba",
    "foo",
    "bar",
    "1",
    "0",
    "10",
    "True",
    "False",
    "x = 1",
    ".",
    "..",
    "...",
    "....",
    "???",
    "<BLANKLINE>",
    "<exit 0>",
    "<exit 1>",
    "[1, 2]",
    "'q'",
    "\"",
    "\\",
    "\\n",
    "\\xe9",
    ":",
    "::",
    "Error",
    "é",
    "é",
    "naïve",
    "→",
    "日本",
    "𝄞",
    "e\u{301}",
    "\u{301}",
    "½",
];

/// White space that separates, and other blanks that may not count as such.
const BLANKS: &[&str] = &[
    " ", " ", " ", "  ", "   ", "\t", " \t", "\u{b}", "\u{c}", "\r", "\u{1c}", "\u{1f}", "\u{85}",
    "\u{a0}", "\u{2003}", "\u{2028}", "\u{3000}", "\u{200b}",
];

/// What may stand in the place of some text.
const PATCHES: &[&str] = &[
    "...",
    "...",
    "...",
    "???",
    "",
    "a",
    "b",
    "x",
    " ",
    "  ",
    "\n",
    "\t",
    "<BLANKLINE>",
    "\u{a0}",
];

fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(WORDS).prop_map(str::to_owned),
        3 => select(BLANKS).prop_map(str::to_owned),
    ];
    prop_oneof![
        12 => prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat()),
        2 => Just(String::new()),
        1 => select(BLANKS).prop_map(str::to_owned),
        1 => Just("<BLANKLINE>".to_owned()),
        2 => Just("True".to_owned()),
        2 => Just("<exit 0>".to_owned()),
    ]
}

/// Some lines, as a program might print; each is ended.
pub fn output() -> impl Strategy<Value = String> {
    let lines = prop_oneof![
        4 => prop::collection::vec(line(), 0..2),
        6 => prop::collection::vec(line(), 1..6),
    ];
    lines.prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
}

/// One change to a text, at a place that is counted in characters.
#[derive(Debug, Clone)]
pub enum Change {
    /// Puts a patch in the place of up to this many characters.
    Patch(Index, usize, &'static str),
    /// Writes a run of white space differently.
    Respace(Index, &'static str),
    /// Writes empty lines as `<BLANKLINE>` with this after it.
    MarkEmptyLines(&'static str),
    /// Has another last line.
    ExitLine(bool),
    /// `???` for as many characters at the start.
    Lead(usize),
    /// `1` for `True`, `0` for `False`.
    Numbers,
    /// Takes a word away.
    Drop(Index, usize),
}

/// Some changes, most of which have a text that still matches the one it was.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        8 => (any::<Index>(), 0..8usize, select(PATCHES)).prop_map(|(at, length, patch)| Change::Patch(at, length, patch)),
        5 => (any::<Index>(), select(BLANKS)).prop_map(|(at, blank)| Change::Respace(at, blank)),
        4 => select(vec!["", "", " ", "\t", "\u{a0}", "."]).prop_map(Change::MarkEmptyLines),
        3 => any::<bool>().prop_map(Change::ExitLine),
        1 => (0..4usize).prop_map(Change::Lead),
        3 => Just(Change::Numbers),
        1 => (any::<Index>(), 1..4usize).prop_map(|(at, length)| Change::Drop(at, length)),
    ];
    prop::collection::vec(change, 0..5)
}

/// The text after the changes, in order.
pub fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for change in changes {
        text = apply(&text, change);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn apply(text: &str, change: &Change) -> String {
    let ended = text.strip_suffix('\n').unwrap_or(text);
    match change {
        Change::Patch(at, length, patch) => patched(ended, at, *length, patch),
        Change::Drop(at, length) => patched(ended, at, *length, ""),
        Change::Lead(length) => {
            let rest: String = text.chars().skip(*length).collect();
            format!("???{rest}")
        }
        Change::Respace(at, blank) => respaced(ended, at, blank),
        Change::MarkEmptyLines(after) => ended
            .split('\n')
            .map(|line| match line.trim() {
                "" => format!("<BLANKLINE>{after}\n"),
                _ => format!("{line}\n"),
            })
            .collect(),
        Change::ExitLine(true) => format!("{ended}\n<exit 0>\n"),
        Change::ExitLine(false) => ended.trim_end_matches("<exit 0>").to_owned(),
        Change::Numbers => text.replace("True", "1").replace("False", "0"),
    }
}

fn patched(text: &str, at: &Index, length: usize, patch: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let start = at.index(chars.len() + 1);
    let end = (start + length).min(chars.len());
    let part = |range: &[char]| range.iter().collect::<String>();
    part(&chars[..start]) + patch + &part(&chars[end..])
}

fn respaced(text: &str, at: &Index, blank: &str) -> String {
    let is_start = |index: &usize| {
        let before = text[..*index].chars().next_back();
        text[*index..].starts_with(char::is_whitespace) && !before.is_some_and(char::is_whitespace)
    };
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(i, _)| i)
        .filter(is_start)
        .collect();
    if starts.is_empty() {
        return text.to_owned();
    }
    let (before, rest) = text.split_at(*at.get(&starts));
    format!("{before}{blank}{}", rest.trim_start())
}
