//! Redactions: what differs from run to run replaced by `<name>`, in expected
//! output and in the output alike, before the two are compared.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use regex::Regex;

use crate::match_type::fault_in;

/// The redactions that stand for a folder of the sandbox, and which one.
const FOLDERS: &[(&str, &str)] = &[
    ("home", "home"),
    ("program-home", "program-home"),
    ("sandbox", ""),
    ("tmp", "tmp"),
    ("work", "work"),
];

/// The other redactions that a file may ask for by name, each with its pattern.
const PATTERNS: &[(&str, &str)] = &[
    (
        "id",
        r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{8})\b",
    ),
    (
        "time",
        r"\b(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?)?|[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)",
    ),
    (
        "version",
        r"\b[0-9]+\.[0-9]+\.[0-9]+(?:[-+.]?[0-9A-Za-z]+)*\b",
    ),
];

/// A redaction that cannot be defined.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RedactionError {
    /// The name could not be told from other text.
    #[error("`{0}` cannot be the name of a redaction: use letters, digits, `_` and `-`")]
    Name(String),
    /// No redaction of this name is built in.
    #[error("no redaction `{name}` is built in: {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// Those that are.
        known: Vec<&'static str>,
    },
    /// The pattern is not a regular expression.
    #[error("redaction `{name}`: {message}")]
    Pattern {
        /// The redaction.
        name: String,
        /// What is wrong with its pattern.
        message: String,
    },
}

/// What a suite or a file says about one redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redaction {
    /// Replace what this regular expression matches.
    Pattern(String),
    /// The one of this name that is built in, or none.
    BuiltIn(bool),
}

/// The redactions that a suite or a file names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redactions(BTreeMap<String, Redaction>);

impl Redactions {
    /// Adds a redaction.
    pub fn define(&mut self, name: &str, redaction: Redaction) -> Result<(), RedactionError> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(RedactionError::Name(name.to_owned()));
        }
        match &redaction {
            Redaction::Pattern(pattern) => {
                let fault = |message| RedactionError::Pattern {
                    name: name.to_owned(),
                    message,
                };
                let regex = Regex::new(pattern).map_err(|error| fault(fault_in(&error)))?;
                if regex.is_match("") {
                    return Err(fault("the pattern matches no text at all".into()));
                }
            }
            Redaction::BuiltIn(_) => {
                let known = || FOLDERS.iter().chain(PATTERNS).map(|(name, _)| *name);
                if known().all(|known| known != name) {
                    let mut known: Vec<_> = known().collect();
                    known.sort_unstable();
                    return Err(RedactionError::Unknown {
                        name: name.to_owned(),
                        known,
                    });
                }
            }
        }
        self.0.insert(name.to_owned(), redaction);
        Ok(())
    }

    /// These redactions with those of `over` on top.
    pub fn overlaid(&self, over: &Redactions) -> Redactions {
        let mut merged = self.0.clone();
        merged.extend(over.0.clone());
        Redactions(merged)
    }

    /// Makes the redactions ready for a sandbox. Without one, those that stand for
    /// its folders replace nothing.
    pub fn within(&self, sandbox: Option<&Path>) -> Redactor {
        let pattern = |(name, redaction): (&String, &Redaction)| {
            let pattern = match redaction {
                Redaction::Pattern(pattern) => pattern.clone(),
                Redaction::BuiltIn(true) => built_in(name, sandbox)?,
                Redaction::BuiltIn(false) => return None,
            };
            let regex = Regex::new(&pattern).ok()?;
            Some((name.clone(), regex))
        };
        Redactor {
            patterns: self.0.iter().filter_map(pattern).collect(),
        }
    }
}

fn built_in(name: &str, sandbox: Option<&Path>) -> Option<String> {
    if let Some((_, pattern)) = PATTERNS.iter().find(|(known, _)| *known == name) {
        return Some((*pattern).to_owned());
    }
    let (_, folder) = FOLDERS.iter().find(|(known, _)| *known == name)?;
    let mut path = sandbox?.to_owned();
    if !folder.is_empty() {
        path.push(folder);
    }
    let path = regex::escape(path.to_str()?);
    // Not the beginning of another name.
    Some(format!(r"{path}\b{{end}}"))
}

/// Redactions at work.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    patterns: Vec<(String, Regex)>,
}

impl PartialEq for Redactor {
    fn eq(&self, other: &Self) -> bool {
        let source = |(name, regex): &(String, Regex)| (name.clone(), regex.as_str().to_owned());
        self.patterns.len() == other.patterns.len()
            && self
                .patterns
                .iter()
                .map(source)
                .eq(other.patterns.iter().map(source))
    }
}

impl Eq for Redactor {}

impl Redactor {
    /// Whether there is nothing to replace.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// What is to be replaced in a text, and the name that takes its place, in
    /// order: the match that starts first and, of those, the longest. A `<name>`
    /// that is there already stays.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let mut found = Vec::new();
        let mut next: Vec<Option<Range<usize>>> = vec![Some(0..0); self.patterns.len()];
        let mut at = 0;
        loop {
            for (range, (_, regex)) in next.iter_mut().zip(&self.patterns) {
                // One that starts before is taken in part, or new.
                if range.as_ref().is_some_and(|r| r.start < at || r.is_empty()) {
                    *range = find_from(regex, text, at);
                }
            }
            let ranges = next.iter().zip(&self.patterns);
            let best = ranges
                .filter_map(|(range, (name, _))| range.clone().map(|range| (range, name)))
                .min_by_key(|(range, _)| (range.start, usize::MAX - range.end));
            let Some((range, name)) = best else {
                return found;
            };
            match self.placeholder(text, at, range.start) {
                Some(placeholder) => at = placeholder.end,
                None => {
                    at = range.end;
                    found.push((range, name.as_str()));
                }
            }
        }
    }

    /// The text with everything replaced; `None` if there is nothing to replace.
    pub fn apply(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        let mut made = String::with_capacity(text.len());
        let mut at = 0;
        for (range, name) in found {
            made.push_str(&text[at..range.start]);
            made.push_str(&placeholder(name));
            at = range.end;
        }
        made.push_str(&text[at..]);
        Some(made)
    }

    /// The first placeholder that starts from one place to another, both counted.
    fn placeholder(&self, text: &str, from: usize, to: usize) -> Option<Range<usize>> {
        let starts = text[from..].match_indices('<').map(|(at, _)| from + at);
        starts.take_while(|start| *start <= to).find_map(|start| {
            self.patterns.iter().find_map(|(name, _)| {
                let shown = placeholder(name);
                let is_there = text[start..].starts_with(&shown);
                is_there.then(|| start..start + shown.len())
            })
        })
    }
}

/// What takes the place of what a redaction matches.
pub fn placeholder(name: &str) -> String {
    format!("<{name}>")
}

/// The next match that is not empty.
fn find_from(regex: &Regex, text: &str, mut at: usize) -> Option<Range<usize>> {
    loop {
        let found = regex.find_at(text, at)?;
        if !found.is_empty() {
            return Some(found.range());
        }
        at = text.ceil_char_boundary(found.end() + 1);
        if at > text.len() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(redactions: &[(&str, &str)]) -> Redactor {
        let mut all = Redactions::default();
        for (name, pattern) in redactions {
            let redaction = match *pattern {
                "" => Redaction::BuiltIn(true),
                pattern => Redaction::Pattern(pattern.to_owned()),
            };
            all.define(name, redaction).unwrap();
        }
        all.within(Some(Path::new("/tmp/harness-x1")))
    }

    fn redacted(redactions: &[(&str, &str)], text: &str) -> String {
        redactor(redactions)
            .apply(text)
            .unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn every_occurrence_longest_first() {
        let folders = [("sandbox", ""), ("home", ""), ("tmp", "")];
        assert_eq!(
            redacted(
                &folders,
                "/tmp/harness-x1/home/a:/tmp/harness-x1/home /tmp/harness-x1/work /tmp/harness-x12"
            ),
            "<home>/a:<home> <sandbox>/work /tmp/harness-x12"
        );
        assert_eq!(
            redacted(&[("n", "[0-9]+"), ("v", "v[0-9]+")], "1 v2 3"),
            "<n> <v> <n>"
        );
        assert_eq!(redacted(&[("a", "ab"), ("b", "abc")], "abcab"), "<b><a>");
    }

    #[test]
    fn built_in_patterns() {
        let all = [("id", ""), ("time", ""), ("version", "")];
        assert_eq!(
            redacted(
                &all,
                "run 0a1b2c3d of 0b2c4a12-0000-1111-2222-333344445555 at 2026-01-31 10:00:01Z, tool 1.2.3-rc.1"
            ),
            "run <id> of <id> at <time>, tool <version>"
        );
        assert_eq!(
            redacted(&all, "took 10:01:02, 12 files, 1.5s"),
            "took <time>, 12 files, 1.5s"
        );
    }

    #[test]
    fn placeholders_stay() {
        assert_eq!(
            redacted(&[("word", "[a-z<>]+")], "ab <word> cd"),
            "<word> <word> <word>"
        );
    }

    #[test]
    fn what_cannot_be_defined() {
        let define = |name: &str, redaction| {
            Redactions::default()
                .define(name, redaction)
                .unwrap_err()
                .to_string()
        };
        assert!(define("a b", Redaction::BuiltIn(true)).contains("cannot be the name"));
        assert_eq!(
            define("nope", Redaction::BuiltIn(true)),
            "no redaction `nope` is built in: home, id, program-home, sandbox, time, tmp, version, work"
        );
        assert!(define("x", Redaction::Pattern("(".into())).contains("unclosed group"));
        assert!(define("x", Redaction::Pattern("a*".into())).contains("no text at all"));
    }

    #[test]
    fn a_file_turns_off_what_the_suite_turns_on() {
        let (mut suite, mut file) = (Redactions::default(), Redactions::default());
        suite.define("id", Redaction::BuiltIn(true)).unwrap();
        file.define("id", Redaction::BuiltIn(false)).unwrap();
        assert!(suite.overlaid(&file).within(None).is_empty());
    }

    proptest! {
        #[test]
        fn redacting_twice_is_redacting_once(text in "[a-c0-9 /<>x]{0,30}") {
            let redactor = redactor(&[("n", "[0-9]+"), ("ab", "ab*"), ("x", "x[0-9x]*")]);
            let once = redactor.apply(&text).unwrap_or(text);
            prop_assert_eq!(redactor.apply(&once), None);
        }
    }
}
