//! Captures that nothing uses.

use std::collections::BTreeSet;

use regex::Regex;

use super::{Code, Finding, Subject};
use crate::matcher::{Mode, Rules, Token, expected_exception, pieces, prepare_expected, regular};
use crate::spec::Example;
use crate::yaml_nodes::Place;

/// A name in expected output.
struct Mention {
    name: String,
    /// The number of its example in the spec.
    example: usize,
    /// Line and column in expected output, from 0.
    line: usize,
    column: usize,
}

/// The captures that neither expected output nor source uses further down. Names
/// that start with `_` are meant to be used by nothing.
pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let spec = subject.spec;
    if subject.is_part {
        return Vec::new();
    }
    let mut mentions = Vec::new();
    for (index, example) in spec.examples.iter().enumerate() {
        let rules = subject.rules_of(example);
        if rules.captures {
            mentions.extend(names(example, index, &rules));
        }
    }
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for mention in &mentions {
        let is_first = seen.insert(mention.name.as_str());
        let example = &spec.examples[mention.example];
        if !is_first || mention.name.starts_with('_') || example.file.is_some() {
            continue;
        }
        let times = mentions.iter().filter(|m| m.name == mention.name).count();
        if times == 1 && !is_read(&mention.name, mention.example, subject) {
            let place = Place::new(
                example.expected_line + mention.line,
                example.indent + mention.column + 1,
            );
            let message = format!(
                "nothing uses `{0}`: `_{0}` or no name says so",
                mention.name
            );
            findings.push(subject.finding(place, Code::UnusedCapture, message));
        }
    }
    findings
}

/// Whether source that runs after an example has the name in it.
fn is_read(name: &str, example: usize, subject: &Subject<'_>) -> bool {
    let later = subject.spec.examples.iter().skip(example + 1);
    let sources = later.map(|example| &example.source);
    let teardown = subject.spec.teardown.iter().map(|script| &script.source);
    // The name is a word, so that the pattern is valid.
    let Ok(word) = Regex::new(&format!(r"\b{}\b", regex::escape(name))) else {
        return true;
    };
    sources.chain(teardown).any(|source| word.is_match(source))
}

fn names(example: &Example, index: usize, rules: &Rules) -> Vec<Mention> {
    let mention = |name: String, line, column| Mention {
        name,
        example: index,
        line,
        column,
    };
    if rules.mode == Mode::Regex {
        let source = expected_exception(&example.expected).unwrap_or(&example.expected);
        let mut groups = BTreeSet::new();
        // A fault in it is told when the spec is read.
        let _ = regular::check(source, rules, &mut groups);
        let above = example.expected[..example.expected.len() - source.len()]
            .lines()
            .count();
        let place = |name: &String| {
            let found = source.lines().enumerate().find_map(|(line, text)| {
                let at = text.find(&format!("<{name}>"))?;
                Some((line, text[..at].chars().count()))
            });
            found.unwrap_or((0, 0))
        };
        let places = groups.into_iter().map(|name| {
            let (line, column) = place(&name);
            mention(name, above + line, column)
        });
        return places.collect();
    }
    let prepared = prepare_expected(&example.expected, rules);
    let found = pieces(&prepared, rules).into_iter();
    found
        .filter_map(|piece| match piece.token {
            Token::Capture {
                name: Some(name), ..
            } => Some(mention(name, piece.place.line, piece.place.column)),
            _ => None,
        })
        .collect()
}
