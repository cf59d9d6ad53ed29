//! What each wildcard and capture of expected output took, and where a
//! comparison that fails came to a stop.

use std::collections::BTreeMap;
use std::ops::Range;

use super::folding::Traced;
use super::pattern::{Extent, Pattern, PatternError, Piece, Ranges, Token, bound, pieces};
use super::{
    Actual, BLANK_LINE, Place, Rules, agrees, empty_lines, expected_exception, prepare_expected,
    traced_actual,
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
    let mut explanation = search(wanted, got, rules).unwrap_or_else(|error| Explanation {
        notes: vec![error.to_string()],
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

/// Holds the pattern of expected output against output.
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
            let mut explanation = stopped(&resolved, &output, rules)?;
            explanation.notes.extend(note);
            explanation.notes.extend(rebound(written, &output, rules));
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

/// Tells how far the output matches.
fn stopped(
    pieces: &[Piece],
    output: &Output<'_>,
    rules: &Rules,
) -> Result<Explanation, PatternError> {
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
    let (ranges, mut end) = beginning(least)?.unwrap_or_default();
    let is_wild = |piece: &Piece| piece.token == Token::Wildcard;
    let searched = least > 0 && is_wild(&pieces[least - 1]);
    let (piece, expected) = match pieces.get(least) {
        None => (String::new(), Place::default()),
        Some(piece) if searched || !matches!(piece.token, Token::Literal(_)) => first_line(piece),
        Some(piece) => {
            let (line, place, length) = first_difference(piece, output.rest(end), rules);
            end += length;
            (line, place)
        }
    };
    Ok(Explanation {
        taken: output.taken(pieces, ranges),
        stop: Some(Stop {
            piece,
            expected,
            actual: output.place(end),
            searched,
        }),
        ..Explanation::default()
    })
}

/// The first line of a literal piece that `rest` does not begin with, where it
/// is, and how much of `rest` comes before it.
fn first_difference(piece: &Piece, rest: &str, rules: &Rules) -> (String, Place, usize) {
    let (mut place, mut length) = (piece.place, 0);
    for line in piece.written.split_inclusive('\n') {
        let wanted = if rules.whitespace {
            line.trim_matches(is_space)
        } else {
            line
        };
        let skipped = if rules.whitespace {
            rest[length..].len() - rest[length..].trim_start_matches(is_space).len()
        } else {
            0
        };
        let fits = |text: &str| {
            let mut words = wanted.split(is_space).filter(|word| !word.is_empty());
            let mut at = 0;
            let all = words.all(|word| {
                let space = text[at..].len() - text[at..].trim_start_matches(is_space).len();
                let found = text[at + space..].starts_with(word);
                at += space + word.len();
                found
            });
            all.then_some(at)
        };
        let after = &rest[length + skipped..];
        let taken = if rules.whitespace {
            fits(after)
        } else {
            after.starts_with(wanted).then_some(wanted.len())
        };
        match taken {
            Some(taken) => length += skipped + taken,
            None => return (wanted.trim_end().to_owned(), place, length + skipped),
        }
        place = place.after(line);
    }
    (String::new(), place, length)
}

/// The first line of a piece that holds anything, and where it is.
fn first_line(piece: &Piece) -> (String, Place) {
    let start = piece.written.len() - piece.written.trim_start_matches(is_space).len();
    let line = piece.written[start..].lines().next().unwrap_or_default();
    let place = piece.place.after(&piece.written[..start]);
    (line.trim_end().to_owned(), place)
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

    /// What is compared from a byte on.
    fn rest(&self, at: usize) -> &str {
        &self.compared.text[at..]
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
