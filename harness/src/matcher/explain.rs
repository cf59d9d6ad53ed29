//! What each wildcard and capture of expected output took, and where a
//! comparison that fails came to a stop.

use std::collections::BTreeMap;
use std::ops::Range;

use super::folding::Traced;
use super::pattern::{Extent, Pattern, PatternError, Piece, Ranges, Token, bound, pieces};
use super::{
    Actual, BLANK_LINE, Mode, Place, Rules, agrees, empty_lines, expected_exception,
    prepare_expected, regular, traced_actual,
};
use crate::whitespace::is_space;

/// How expected output was held against what came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Whether they agree.
    pub agrees: bool,
    /// What each wildcard and capture took, in order; of a comparison that
    /// fails, up to where it stopped.
    pub taken: Vec<Taken>,
    /// Where a comparison that fails stopped.
    pub stop: Option<Stop>,
    /// What the captures bind by name, in order; empty if it fails.
    pub bindings: Vec<Captured>,
    /// What else is to say, a sentence each.
    pub notes: Vec<String>,
}

/// What one wildcard or capture took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// As it is written: `...` or `{name:type}`.
    pub written: String,
    /// Where it is in the expected output.
    pub expected: Place,
    /// Where in the output what it took starts.
    pub actual: Place,
    /// What it took.
    pub text: String,
}

/// A name and what a capture bound it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The name.
    pub name: String,
    /// The match type of the capture.
    pub kind: String,
    /// What was captured.
    pub value: String,
    /// The line of expected output, from 0.
    pub line: usize,
}

/// Where a comparison stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// What was looked for and not found; empty if more came than expected.
    pub piece: String,
    /// Where that is in the expected output.
    pub expected: Place,
    /// From where in the output it was looked for.
    pub actual: Place,
    /// Whether a wildcard stands before it, so that it was looked for in all
    /// that follows.
    pub searched: bool,
}

impl Stop {
    /// The stop in a few words. `first` is the line of the file, from 1, that
    /// expected output starts at.
    pub fn describe(&self, first: usize) -> String {
        let (line, column) = self.actual.for_people();
        let place = format!("line {line}, column {column} of the output");
        if self.piece.is_empty() {
            return format!("more came than expected, from {place} on");
        }
        let (piece, line) = (&self.piece, first + self.expected.line);
        if self.searched {
            format!("`{piece}` (line {line}) was not found from {place} on")
        } else {
            format!("`{piece}` (line {line}) is not at {place}")
        }
    }
}

/// Tells what each wildcard and capture of `expected` took.
pub fn explain(expected: &str, actual: &Actual, rules: &Rules) -> Explanation {
    let agreed = agrees(expected, actual, rules);
    let (wanted, got, lines) = match &actual.exception {
        None => (expected, actual.output.as_str(), 0),
        Some(exception) => match expected_exception(expected) {
            None => return Explanation::default(),
            Some(message) => {
                let before = &expected[..expected.len() - message.len()];
                (message, exception.message.as_str(), before.lines().count())
            }
        },
    };
    if rules.mode != Mode::Text {
        let bindings = super::captured(expected, actual, rules).unwrap_or_default();
        let is_regex = rules.mode == Mode::Regex && !agreed;
        return Explanation {
            agrees: agreed,
            stop: is_regex
                .then(|| regular::stop(wanted, got, rules))
                .flatten(),
            bindings,
            ..Explanation::default()
        };
    }
    let mut explanation = search(wanted, got, rules).unwrap_or_else(|error| Explanation {
        notes: vec![error.when_compared()],
        ..Explanation::default()
    });
    explanation.agrees = agreed;
    if agreed {
        explanation.stop = None;
    } else {
        explanation.bindings.clear();
    }
    for taken in &mut explanation.taken {
        taken.expected.line += lines;
    }
    for captured in &mut explanation.bindings {
        captured.line += lines;
    }
    if let Some(stop) = &mut explanation.stop {
        stop.expected.line += lines;
    }
    explanation
}

/// Holds the pattern of expected output against output. If it does not match, the
/// bindings are those of what does.
pub(crate) fn search(
    expected: &str,
    actual: &str,
    rules: &Rules,
) -> Result<Explanation, PatternError> {
    let text = pattern_text(expected, rules);
    let written = pieces(&text, rules);
    let resolved = bound(written.clone(), rules)?;
    let output = Output::new(actual, rules);
    match whole(resolved.clone(), &output, rules)? {
        Ok(ranges) => Ok(Explanation {
            agrees: true,
            bindings: output.bindings(&resolved, &ranges),
            taken: output.taken(&resolved, ranges),
            ..Explanation::default()
        }),
        Err(note) => {
            let mut explanation = stopped(resolved, &output, rules)?;
            explanation.notes.extend(note);
            explanation.notes.extend(rebound(written, &output, rules));
            if !explanation.notes.is_empty() {
                // It stopped at a name, whose place says less than its value.
                explanation.stop = None;
            }
            Ok(explanation)
        }
    }
}

/// The expected output as its pattern is made from it.
fn pattern_text(expected: &str, rules: &Rules) -> String {
    let prepared = prepare_expected(expected, rules);
    if !rules.blank_line {
        return prepared.into_owned();
    }
    empty_lines(&prepared, |line| {
        line.strip_prefix(BLANK_LINE)
            .is_some_and(|rest| rest.chars().all(is_space))
    })
}

/// Matches all of the output. A name that is captured twice must take the same
/// text: the first place decides. If there is no match, what to say about it.
fn whole(
    mut pieces: Vec<Piece>,
    output: &Output<'_>,
    rules: &Rules,
) -> Result<Result<Ranges, Option<String>>, PatternError> {
    let mut note = None;
    let mut decided: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let pattern = Pattern::new(&pieces, rules, Extent::Whole)?;
        let Some((ranges, _)) = pattern.find(&output.compared.text) else {
            return Ok(Err(note));
        };
        let mut first: BTreeMap<&str, &Range<usize>> = BTreeMap::new();
        let mut differing = None;
        for (index, range) in &ranges {
            let Token::Capture {
                name: Some(name), ..
            } = &pieces[*index].token
            else {
                continue;
            };
            let here = &output.compared.text[range.clone()];
            if decided.get(name).is_some_and(|value| value != here) {
                return Ok(Err(note));
            }
            let earlier = *first.entry(name).or_insert(range);
            if output.compared.text[earlier.clone()] != *here {
                differing = Some((name.clone(), earlier, *index, range.clone()));
                break;
            }
        }
        let Some((name, earlier, index, range)) = differing else {
            return Ok(Ok(ranges));
        };
        let value = output.compared.text[earlier.clone()].to_owned();
        decided.insert(name.clone(), value.clone());
        let (line, _) = output.place(earlier.start).for_people();
        let (other, _) = output.place(range.start).for_people();
        note = Some(format!(
            "`{name}` is `{value}` in line {line} of the output, and `{}` in line {other}",
            &output.compared.text[range]
        ));
        pieces[index].token = Token::Literal(value);
    }
}

/// Tells how far the output matches, line by line of what is expected.
fn stopped(
    pieces: Vec<Piece>,
    output: &Output<'_>,
    rules: &Rules,
) -> Result<Explanation, PatternError> {
    let pieces = by_line(pieces);
    let beginning = |count: usize| -> Result<_, PatternError> {
        let pattern = Pattern::new(&pieces[..count], rules, Extent::Beginning)?;
        Ok(pattern.find(&output.compared.text))
    };
    // The most pieces that match: fewer do whenever more do.
    let (mut least, mut most) = (0, pieces.len());
    while least < most {
        let middle = (least + most).div_ceil(2);
        match beginning(middle)? {
            Some(_) => least = middle,
            None => most = middle - 1,
        }
    }
    let (ranges, end) = beginning(least)?.unwrap_or_default();
    let stop = Stop {
        piece: pieces
            .get(least)
            .map_or_else(String::new, |piece| piece.written.trim().to_owned()),
        expected: pieces.get(least).map_or_else(Place::default, first_word),
        actual: output.place(output.after_space(end, rules)),
        searched: least > 0 && pieces[least - 1].token == Token::Wildcard,
    };
    Ok(Explanation {
        bindings: output.bindings(&pieces, &ranges),
        taken: output.taken(&pieces, ranges),
        stop: Some(stop),
        ..Explanation::default()
    })
}

/// The pieces with literal text taken apart at the ends of lines; text that is
/// only white space goes with what comes after it.
fn by_line(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut apart: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let is_whole = match &piece.token {
            Token::Literal(text) => *text != piece.written || !text.contains('\n'),
            _ => true,
        };
        if is_whole {
            apart.push(piece);
            continue;
        }
        let mut place = piece.place;
        let mut start = 0;
        for (end, _) in piece.written.match_indices('\n') {
            let line = &piece.written[start..=end];
            if !line.trim().is_empty() {
                apart.push(literal(line, place));
                place = place.after(line);
                start = end + 1;
            }
        }
        if start < piece.written.len() {
            apart.push(literal(&piece.written[start..], place));
        }
    }
    apart
}

fn literal(text: &str, place: Place) -> Piece {
    Piece {
        token: Token::Literal(text.to_owned()),
        written: text.to_owned(),
        place,
    }
}

/// Where the first word of a piece is.
fn first_word(piece: &Piece) -> Place {
    let start = piece.written.len() - piece.written.trim_start_matches(is_space).len();
    piece.place.after(&piece.written[..start])
}

/// If the output would match were it not for what names are bound to: what they
/// would be.
fn rebound(written: Vec<Piece>, output: &Output<'_>, rules: &Rules) -> Vec<String> {
    let names: Vec<String> = written.iter().filter_map(name_of).collect();
    let is_bound = |name: &String| rules.scope.bound.contains_key(name);
    if !names.iter().any(is_bound) {
        return Vec::new();
    }
    let free: Vec<Piece> = written
        .into_iter()
        .map(|mut piece| {
            if let Token::Capture {
                name: Some(name),
                kind,
            } = &mut piece.token
                && let Some(binding) = rules.scope.bound.get(name)
            {
                kind.get_or_insert_with(|| binding.kind.clone());
            }
            piece
        })
        .collect();
    let Ok(Ok(ranges)) = whole(free.clone(), output, rules) else {
        return Vec::new();
    };
    let mut notes = Vec::new();
    for captured in output.bindings(&free, &ranges) {
        let Some(binding) = rules.scope.bound.get(&captured.name) else {
            continue;
        };
        if binding.value != captured.value {
            notes.push(format!(
                "`{}` is `{}` here, and was bound to `{}` at line {}",
                captured.name, captured.value, binding.value, binding.line
            ));
        }
    }
    notes
}

fn name_of(piece: &Piece) -> Option<String> {
    match &piece.token {
        Token::Capture { name, .. } => name.clone(),
        _ => None,
    }
}

/// Output, and the form of it that patterns are held against.
struct Output<'a> {
    raw: &'a str,
    compared: Traced,
}

impl<'a> Output<'a> {
    fn new(raw: &'a str, rules: &Rules) -> Self {
        let text = traced_actual(raw, rules);
        let compared = if rules.whitespace {
            text.folded()
        } else {
            text
        };
        Output { raw, compared }
    }

    /// The place after white space that counts for nothing.
    fn after_space(&self, at: usize, rules: &Rules) -> usize {
        let rest = &self.compared.text[at..];
        let word = rest.find(|c| !is_space(c)).filter(|_| rules.whitespace);
        at + word.unwrap_or(0)
    }

    /// What of the output itself a range stands for.
    fn text(&self, range: Range<usize>) -> &str {
        &self.raw[self.compared.origin(range)]
    }

    fn place(&self, at: usize) -> Place {
        Place::default().after(&self.raw[..self.compared.origin(at..at).start])
    }

    fn taken(&self, pieces: &[Piece], ranges: Ranges) -> Vec<Taken> {
        ranges
            .into_iter()
            .map(|(index, range)| Taken {
                written: pieces[index].written.clone(),
                expected: pieces[index].place,
                actual: self.place(range.start),
                text: self.text(range).to_owned(),
            })
            .collect()
    }

    /// Each name once, where it comes first.
    fn bindings(&self, pieces: &[Piece], ranges: &Ranges) -> Vec<Captured> {
        let mut bindings: Vec<Captured> = Vec::new();
        for (index, range) in ranges {
            let Token::Capture {
                name: Some(name),
                kind,
            } = &pieces[*index].token
            else {
                continue;
            };
            if bindings.iter().all(|captured| captured.name != *name) {
                bindings.push(Captured {
                    name: name.clone(),
                    kind: kind.clone().unwrap_or_default(),
                    value: self.text(range.clone()).to_owned(),
                    line: pieces[*index].place.line,
                });
            }
        }
        bindings
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
