//! Single lines of expected output, made ready to be held against many lines of
//! output.

use std::ops::Range;

use regex::Regex;

use super::folding::fold_whitespace;
use super::pattern::{Extent, Pattern, Piece, bound, compile, needs_pattern, pieces};
use super::{BLANK_LINE, ELLIPSIS, Mode, Rules, wildcards};

/// Whether one line of expected output matches one line of output, on its own. A
/// capture takes any text of its type, unless its name is bound.
pub fn line_matches(expected: &str, actual: &str, rules: &Rules) -> bool {
    ExpectedLine::new(expected, rules).matches(&ActualLine::new(actual, rules))
}

/// A line of output.
#[derive(Debug)]
pub(crate) struct ActualLine<'a> {
    raw: &'a str,
    compared: String,
}

impl<'a> ActualLine<'a> {
    pub fn new(raw: &'a str, rules: &Rules) -> Self {
        ActualLine {
            raw,
            compared: folded(raw, rules),
        }
    }

    /// The line as it is compared.
    pub fn compared(&self) -> &str {
        &self.compared
    }
}

/// A line of expected output.
#[derive(Debug)]
pub(crate) struct ExpectedLine<'a> {
    raw: &'a str,
    compared: String,
    is_blank: bool,
    how: How,
}

#[derive(Debug)]
enum How {
    /// As text.
    Text,
    /// As text with wildcards.
    Wildcards,
    /// As a pattern. `None` if it has none on its own, and matches nothing.
    Pattern(Option<Box<Pattern>>),
    /// As a regular expression, likewise.
    Regex(Option<Regex>),
}

impl<'a> ExpectedLine<'a> {
    pub fn new(raw: &'a str, rules: &Rules) -> Self {
        let found = pieces(raw, rules);
        let how = if rules.mode == Mode::Regex {
            How::Regex(compile(&format!(r"\A(?:{raw})\z")).ok())
        } else if needs_pattern(&found) {
            How::Pattern(pattern(found, rules).map(Box::new))
        } else if rules.ellipsis && raw.contains(ELLIPSIS) {
            How::Wildcards
        } else {
            How::Text
        };
        ExpectedLine {
            raw,
            compared: folded(raw, rules),
            is_blank: rules.blank_line && raw.trim() == BLANK_LINE,
            how,
        }
    }

    /// The line as it is compared, if that is all there is to it.
    pub fn text(&self) -> Option<&str> {
        matches!(self.how, How::Text).then_some(&self.compared)
    }

    /// What of the text of a line wildcards and captures take. `None` if it does
    /// not match, or is not made of more than text.
    pub fn taken(&self, text: &str) -> Option<Vec<Range<usize>>> {
        match &self.how {
            How::Text | How::Pattern(None) | How::Regex(_) => None,
            How::Wildcards => wildcards(&self.compared, text),
            How::Pattern(Some(pattern)) => {
                let (ranges, _) = pattern.find(text)?;
                Some(ranges.into_iter().map(|(_, range)| range).collect())
            }
        }
    }

    pub fn matches(&self, line: &ActualLine<'_>) -> bool {
        if self.is_blank && line.raw.trim().is_empty() {
            return true;
        }
        match &self.how {
            How::Text => self.compared == line.compared,
            How::Regex(regex) => regex.as_ref().is_some_and(|r| r.is_match(line.raw)),
            How::Wildcards => wildcards(&self.compared, &line.compared).is_some(),
            How::Pattern(pattern) => {
                self.raw == line.raw || pattern.as_ref().is_some_and(|p| p.is_match(&line.compared))
            }
        }
    }
}

/// The pattern of a line alone. A name that stands for nothing has none.
fn pattern(found: Vec<Piece>, rules: &Rules) -> Option<Pattern> {
    let resolved = bound(found, rules).ok()?;
    Pattern::new(&resolved, rules, Extent::Whole).ok()
}

fn folded(raw: &str, rules: &Rules) -> String {
    if rules.whitespace {
        fold_whitespace(raw)
    } else {
        raw.to_owned()
    }
}
