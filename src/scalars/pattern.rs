//! The patterns that pick keys and values from a line of output.
//!
//! Patterns are regular expressions as Python has them, with `\key`, `\value`
//! and `\step` for what they usually look for.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a short form stands for.
type Alias = (&'static str, &'static str);

const KEY: Alias = (r"\key", r"[_a-zA-Z]\S*");

const SCALAR_ALIASES: [Alias; 3] = [
    KEY,
    (
        r"\value",
        // May match nothing at all, and then stands for no number.
        r"(?:[-+]?[0-9]*\.?(?:[0-9]+)?(?:[eE][-+]?[0-9]+)?|[nN][aA][nN]|[-+]?[iI][nN][fF])",
    ),
    (r"\step", "[0-9]+"),
];

const ATTR_ALIASES: [Alias; 2] = [KEY, (r"\value", r"\S+")];

const DEFAULT_SCALARS: [&str; 2] = [
    r"^\key:\s+\value\s+\((?:step\s+)?(?P<step>\step)\)$",
    r"^(\key):\s+(\value)(?:\s+\(.*\))?$",
];

const DEFAULT_ATTRS: [&str; 1] = [r"^(\key):\s+(\value)$"];

/// The patterns that one kind of value is looked for with, in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patterns {
    /// Those of operations that have none of their own.
    Default(&'static LazyLock<Vec<Pattern>>),
}

impl Patterns {
    pub(super) fn default_scalars() -> Self {
        static PATTERNS: LazyLock<Vec<Pattern>> =
            LazyLock::new(|| compile(&DEFAULT_SCALARS, &SCALAR_ALIASES));
        Self::Default(&PATTERNS)
    }

    pub(super) fn default_attrs() -> Self {
        static PATTERNS: LazyLock<Vec<Pattern>> =
            LazyLock::new(|| compile(&DEFAULT_ATTRS, &ATTR_ALIASES));
        Self::Default(&PATTERNS)
    }

    /// Whether flag names are no keys. Whoever writes patterns means them.
    pub(super) fn ignore_flags(&self) -> bool {
        matches!(self, Self::Default(_))
    }

    /// Whether the raw line needs a look. Most lines of most runs do not, and
    /// patterns are not even compiled before one does.
    pub(super) fn may_match(&self, line: &[u8]) -> bool {
        match self {
            // A key begins the line and a colon ends it. Bytes that the line's
            // text does not have may come before.
            Self::Default(_) => {
                let starts_key =
                    |first: &u8| matches!(first, b'_' | b'a'..=b'z' | b'A'..=b'Z' | ..9 | 0x80..);
                line.first().is_some_and(starts_key) && line.contains(&b':')
            }
        }
    }

    /// Hands on each key and value found in `line`, in order.
    pub(super) fn find<'a>(&'a self, line: &'a str, mut found: impl FnMut(&'a str, &'a str)) {
        match self {
            Self::Default(patterns) => {
                for pattern in patterns.iter() {
                    pattern.find(line, &mut found);
                }
            }
        }
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "the patterns are constants that tests compile"
)]
fn compile(patterns: &[&str], aliases: &[Alias]) -> Vec<Pattern> {
    let compiled = patterns.iter().map(|text| Pattern::new(text, aliases));
    compiled.collect::<Result<_, _>>().unwrap()
}

/// One pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    groups: Groups,
}

/// What the groups of a pattern hold.
#[derive(Debug, Clone, PartialEq)]
enum Groups {
    /// `_key` and `_val`.
    NamedPair,
    /// Values, under the groups' names.
    Named(Vec<String>),
    /// A key, then a value.
    Pair,
    /// Nothing that has a key.
    Other,
}

impl Pattern {
    fn new(text: &str, aliases: &[Alias]) -> Result<Self, regex::Error> {
        let mut text = text.to_string();
        for (alias, meaning) in aliases {
            text = text.replace(alias, meaning);
        }
        let regex = Regex::new(&as_rust(&text))?;
        let names: Vec<String> = regex
            .capture_names()
            .flatten()
            .map(str::to_string)
            .collect();
        let groups =
            if names.iter().any(|name| name == "_key") && names.iter().any(|name| name == "_val") {
                Groups::NamedPair
            } else if !names.is_empty() {
                Groups::Named(names)
            } else if regex.captures_len() == 3 {
                Groups::Pair
            } else {
                Groups::Other
            };
        Ok(Self { regex, groups })
    }

    fn find<'a>(&'a self, line: &'a str, found: &mut impl FnMut(&'a str, &'a str)) {
        for captures in self.regex.captures_iter(line) {
            self.take(&captures, found);
        }
    }

    fn take<'a>(&'a self, captures: &Captures<'a>, found: &mut impl FnMut(&'a str, &'a str)) {
        let named = |name: &str| captures.name(name).map(|group| group.as_str());
        let numbered = |number| captures.get(number).map(|group| group.as_str());
        let pair = match &self.groups {
            Groups::NamedPair => named("_key").zip(named("_val")),
            Groups::Pair => numbered(1).zip(numbered(2)),
            Groups::Other => None,
            Groups::Named(names) => {
                for name in names {
                    if let Some(value) = named(name) {
                        found(name, value);
                    }
                }
                None
            }
        };
        if let Some((key, value)) = pair {
            found(key, value);
        }
    }
}

/// The expression with Python's meaning of white space, which is that of
/// Unicode and four separators more.
fn as_rust(pattern: &str) -> String {
    let mut rust = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        let escaped = if c == '\\' { rest.next() } else { None };
        match (c, escaped) {
            (_, Some('s')) => rust.push_str(r"[\s\x1c-\x1f]"),
            (_, Some('S')) => rust.push_str(r"[^\s\x1c-\x1f]"),
            (_, Some(escaped)) => rust.extend([c, escaped]),
            (_, None) => rust.push(c),
        }
    }
    rust
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: Patterns, line: &str) -> Vec<String> {
        let mut found = Vec::new();
        patterns.find(line, |key, value| found.push(format!("{key}={value}")));
        if !found.is_empty() {
            assert!(patterns.may_match(line.as_bytes()), "{line}");
        }
        found
    }

    fn scalars(line: &str) -> Vec<String> {
        found(Patterns::default_scalars(), line)
    }

    #[test]
    fn default_scalars_are_a_key_and_a_number() {
        assert_eq!(scalars("a: 1"), ["a=1"]);
        assert_eq!(scalars("_a-b/c:\t -1.5e+3"), ["_a-b/c=-1.5e+3"]);
        assert_eq!(scalars("a: nan"), ["a=nan"]);
        assert_eq!(scalars("a: -INF"), ["a=-INF"]);
        assert_eq!(scalars("a: 3 (foo)"), ["a=3"]);
        assert_eq!(scalars("a:b: 1"), ["a:b=1"]);
        assert_eq!(scalars("a:\x1c1"), ["a=1"]);
        assert_eq!(scalars("\u{e9}: 1"), [""; 0]);
        for line in [
            "a: 3 extra",
            " a: 4",
            "1a: 4",
            "lr:5",
            "acc: 95%",
            "e: hello",
            "foo bar: 1.0 (step 7)",
            "d: 1-2",
            "\ra: 5",
            "a\x1cb: 1",
            "a: +nan",
            "",
        ] {
            assert_eq!(scalars(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn default_scalars_may_tell_the_step() {
        assert_eq!(scalars("b: 2 (step 5)"), ["step=5", "b=2"]);
        assert_eq!(scalars("g: 1 (7)"), ["step=7", "g=1"]);
        assert_eq!(scalars("step: 10 (5)"), ["step=5", "step=10"]);
    }

    #[test]
    fn a_number_may_be_no_more_than_a_hint() {
        assert_eq!(scalars("a: e6"), ["a=e6"]);
        assert_eq!(scalars("a:  (x)"), ["a="]);
    }

    #[test]
    fn default_attrs_are_a_key_and_a_word() {
        let attrs = |line| found(Patterns::default_attrs(), line);
        assert_eq!(attrs("model: cnn"), ["model=cnn"]);
        assert_eq!(attrs("acc: 95%"), ["acc=95%"]);
        assert_eq!(attrs("long: has two words"), [""; 0]);
        assert_eq!(attrs("note:"), [""; 0]);
    }

    #[test]
    fn groups_tell_keys_and_values() {
        let find = |pattern, line| {
            let pattern = Pattern::new(pattern, &SCALAR_ALIASES).unwrap();
            let mut found = Vec::new();
            pattern.find(line, &mut |key, value| found.push(format!("{key}={value}")));
            found
        };
        let line = "loss=1.5 acc=0.5";
        assert_eq!(find(r"(\w+)=(\value)", line), ["loss=1.5", "acc=0.5"]);
        assert_eq!(find(r"loss=(?P<loss>\value)", line), ["loss=1.5"]);
        assert_eq!(find(r"(?P<_val>l\w+)=(?P<_key>\value)", line), ["1.5=loss"]);
        assert_eq!(find(r"loss=\value", line), [""; 0]);
        assert_eq!(find(r"loss=(\value)", "loss=nan"), [""; 0]);
        assert_eq!(find(r"(\w+)=(\value)", "loss=nan"), ["loss="]);
    }

    #[test]
    fn lines_without_a_key_need_no_look() {
        let may_match = |line: &[u8]| Patterns::default_scalars().may_match(line);
        assert!(!may_match(b""));
        assert!(!may_match(b"no colon"));
        assert!(!may_match(b" a: 1"));
        assert!(!may_match(b"[info] a: 1"));
        assert!(may_match(b"a: 1"));
        assert!(may_match(b"\x01a: 1"));
        assert!(may_match(b"\xffa: 1"));
    }
}
