//! The types of captures: what `{name:type}` in expected output may match.
//!
//! A type is a regular expression. Those built in are a table; a suite and a
//! file add their own. How captures are matched is in [`crate::matcher`].

use std::collections::BTreeMap;

use regex::Regex;

use crate::options::nearest;

/// The types that every spec has, each with its pattern.
const BUILT_IN: &[(&str, &str)] = &[
    // As little as can be, line ends too: a wildcard with a name.
    ("any", r"(?s:.*?)"),
    ("date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    (
        "datetime",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?",
    ),
    ("ellipsis", r"\.\.\."),
    (
        "float",
        r"[+-]?(?:[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|inf|nan)",
    ),
    ("hex", r"[0-9a-fA-F]+"),
    ("int", r"[+-]?[0-9]+"),
    (
        "number",
        r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?",
    ),
    ("path", r#"[^\s:"'|]+"#),
    // What is left of the line.
    ("text", r"[^\n]+"),
    ("time", r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"),
    (
        "uuid",
        r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    ),
    ("word", r"[\w-]+"),
];

/// A match type that cannot be defined.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MatchTypeError {
    /// The name could not be written in a capture.
    #[error("`{0}` cannot be the name of a match type: use letters, digits, `_` and `-`")]
    Name(String),
    /// The name is taken.
    #[error("`{0}` is a built-in match type")]
    BuiltIn(String),
    /// The pattern is not a regular expression.
    #[error("match type `{name}`: {message}")]
    Pattern {
        /// The type.
        name: String,
        /// What is wrong with its pattern.
        message: String,
    },
}

/// The types that a suite or a file defines, beside those built in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatchTypes(BTreeMap<String, String>);

impl MatchTypes {
    /// Adds a type; `pattern` is in the syntax of the `regex` crate.
    pub fn define(&mut self, name: &str, pattern: &str) -> Result<(), MatchTypeError> {
        if !is_name(name) {
            return Err(MatchTypeError::Name(name.to_owned()));
        }
        if BUILT_IN.iter().any(|(known, _)| *known == name) {
            return Err(MatchTypeError::BuiltIn(name.to_owned()));
        }
        let fault = |message| MatchTypeError::Pattern {
            name: name.to_owned(),
            message,
        };
        check(pattern).map_err(fault)?;
        self.0.insert(name.to_owned(), pattern.to_owned());
        Ok(())
    }

    /// The pattern of a type.
    pub fn pattern(&self, name: &str) -> Option<&str> {
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        self.0
            .get(name)
            .map(String::as_str)
            .or(built_in.map(|(_, pattern)| *pattern))
    }

    /// The known type whose name is closest to this one, if one is close.
    pub fn nearest(&self, name: &str) -> Option<String> {
        let built_in = BUILT_IN.iter().map(|(known, _)| *known);
        nearest(name, built_in.chain(self.0.keys().map(String::as_str)))
    }

    /// These types with those of `over` on top.
    pub fn overlaid(&self, over: &MatchTypes) -> MatchTypes {
        let mut merged = self.0.clone();
        merged.extend(over.0.clone());
        MatchTypes(merged)
    }

    /// Whether none is defined beside those built in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// What is wrong with a pattern that is to be a part of larger ones.
fn check(pattern: &str) -> Result<(), String> {
    let compiled = Regex::new(pattern).map_err(|error| fault_in(&error))?;
    if compiled.capture_names().flatten().next().is_some() {
        return Err("a group in a match type has no name; write `(?:...)`".into());
    }
    // A comment at its end, say, would take what comes after it along.
    Regex::new(&format!("(?:{pattern})")).map_err(|error| fault_in(&error))?;
    Ok(())
}

/// What a regular expression suffers from, in one line.
pub fn fault_in(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large".into(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let what = last.trim().trim_start_matches("error: ");
            format!("not a regular expression: {what}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_types_match_what_their_names_say() {
        let types = MatchTypes::default();
        let whole = |name: &str, text: &str| {
            let pattern = types.pattern(name).unwrap();
            Regex::new(&format!(r"\A(?:{pattern})\z"))
                .unwrap()
                .is_match(text)
        };
        for (name, yes, no) in [
            ("any", "a\nb", ""),
            ("date", "2026-01-31", "26-1-31"),
            ("datetime", "2026-01-31T10:00:00.5Z", "2026-01-31"),
            ("datetime", "2026-01-31 10:00", "10:00"),
            ("ellipsis", "...", ".."),
            ("float", "-1.5e3", "15"),
            ("hex", "00fFa9", "xyz"),
            ("int", "-12", "1.2"),
            ("number", "1e-3", "e"),
            ("number", "12", "1.2.3"),
            ("path", "/a/b-c.txt", "a b"),
            ("text", "a b: c", "a\nb"),
            ("time", "10:00:01", "10"),
            ("uuid", "0b2c4a12-0000-1111-2222-333344445555", "0b2c4a12"),
            ("word", "run-1_é", "a.b"),
        ] {
            assert!(whole(name, yes), "{name} {yes}");
            assert!(name == "any" || !whole(name, no), "{name} {no}");
        }
    }

    #[test]
    fn every_built_in_type_can_be_part_of_a_pattern() {
        for (name, pattern) in BUILT_IN {
            assert_eq!(check(pattern), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_defined() {
        let mut types = MatchTypes::default();
        let mut define = |name: &str, pattern: &str| {
            types
                .define(name, pattern)
                .map_err(|error| error.to_string())
        };
        assert_eq!(define("run-id", "[0-9a-f]{8}"), Ok(()));
        assert!(define("a b", "x").unwrap_err().contains("cannot be"));
        assert!(define("word", "x").unwrap_err().contains("built-in"));
        let error = define("x", "a(").unwrap_err();
        assert_eq!(
            error,
            "match type `x`: not a regular expression: unclosed group"
        );
        assert!(define("x", "(?P<n>a)").unwrap_err().contains("no name"));
        assert!(define("x", "(?x)a # b").is_err());
        assert_eq!(types.pattern("run-id"), Some("[0-9a-f]{8}"));
        assert_eq!(types.nearest("wrod").as_deref(), Some("word"));
    }
}
