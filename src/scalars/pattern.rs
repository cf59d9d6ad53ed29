//! The patterns that pick keys and values from a line of output.
//!
//! Patterns are regular expressions as Python has them, with `\key`, `\value`
//! and `\step` for what they usually look for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use fancy_regex::{Captures, Regex};

use crate::base::python_regex;
use crate::base::python_text::{float_repr, parse_float, str_repr};
use crate::base::yaml::Value;
use crate::flags;

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

/// What patterns look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers, with a step.
    Scalars,
    /// Texts.
    Attrs,
}

impl Kind {
    fn aliases(self) -> &'static [Alias] {
        match self {
            Self::Scalars => &SCALAR_ALIASES,
            Self::Attrs => &ATTR_ALIASES,
        }
    }

    fn defaults(self) -> &'static LazyLock<Vec<Pattern>> {
        static SCALARS: LazyLock<Vec<Pattern>> =
            LazyLock::new(|| compile(&DEFAULT_SCALARS, Kind::Scalars));
        static ATTRS: LazyLock<Vec<Pattern>> =
            LazyLock::new(|| compile(&DEFAULT_ATTRS, Kind::Attrs));
        match self {
            Self::Scalars => &SCALARS,
            Self::Attrs => &ATTRS,
        }
    }
}

/// The patterns that one kind of value is looked for with, in order.
#[derive(Debug, Clone)]
pub struct Patterns {
    kind: Kind,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    /// Those of operations that have none of their own.
    Default(&'static LazyLock<Vec<Pattern>>),
    /// Those of an operation.
    Own(Arc<Vec<Pattern>>),
}

impl Patterns {
    /// The patterns of operations that have none of their own.
    pub fn defaults(kind: Kind) -> Self {
        let source = Source::Default(kind.defaults());
        Self { kind, source }
    }

    /// The patterns that an operation's `output-scalars` or `output-attrs`
    /// means: the default ones where it is null, none where it is false or
    /// empty, else a pattern, a mapping of keys to patterns, or a list of both.
    /// What is no pattern is handed to `warn` and left out.
    pub fn of_setting(kind: Kind, setting: &Value, warn: &mut dyn FnMut(String)) -> Self {
        let mut own = Vec::new();
        match setting {
            Value::Null => return Self::defaults(kind),
            Value::Bool(false) => {}
            Value::List(items) => {
                for item in items {
                    add_item(&mut own, kind, item, warn);
                }
            }
            item => add_item(&mut own, kind, item, warn),
        }
        let source = Source::Own(Arc::new(own));
        Self { kind, source }
    }

    /// Whether flag names are no keys. Whoever writes patterns means them.
    pub(super) fn ignore_flags(&self) -> bool {
        matches!(self.source, Source::Default(_))
    }

    /// Whether the raw line needs a look. Most lines of most runs do not, and
    /// the default patterns are not even compiled before one does.
    pub(super) fn may_match(&self, line: &[u8]) -> bool {
        match &self.source {
            // A key begins the line and a colon ends it. Bytes that the line's
            // text does not have may come before.
            Source::Default(_) => {
                let starts_key =
                    |first: &u8| matches!(first, b'_' | b'a'..=b'z' | b'A'..=b'Z' | ..9 | 0x80..);
                line.first().is_some_and(starts_key) && line.contains(&b':')
            }
            Source::Own(patterns) => !patterns.is_empty(),
        }
    }

    /// Hands on each key and value found in `line`, in order.
    pub(super) fn find<'a>(&'a self, line: &'a str, mut found: impl FnMut(&'a str, &'a str)) {
        for pattern in self.patterns() {
            pattern.for_each_match(line, |captures| {
                pattern.take(captures, &mut |key, value| {
                    if let Some(key) = key {
                        found(key, value);
                    }
                });
            });
        }
    }

    /// What each pattern finds in the text of `line`.
    pub fn trial(&self, line: &str) -> Vec<Trial> {
        let patterns = self.patterns().iter();
        patterns
            .map(|pattern| pattern.trial(line, self.kind))
            .collect()
    }

    fn patterns(&self) -> &[Pattern] {
        match &self.source {
            Source::Default(patterns) => patterns,
            Source::Own(patterns) => patterns,
        }
    }
}

/// What a pattern finds in a line, in Python's notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The pattern with its short forms replaced, as a literal.
    pub pattern: String,
    /// The groups of each match, as a list of tuples; none without a match.
    pub groups: Option<String>,
    /// `key=value` for each key, by key and separated by commas.
    pub values: String,
}

fn add_item(own: &mut Vec<Pattern>, kind: Kind, item: &Value, warn: &mut dyn FnMut(String)) {
    match item {
        Value::Str(text) => add_pattern(own, kind, None, text, warn),
        Value::Map(map) => {
            for (key, value) in map.sorted() {
                match value {
                    Value::Str(text) => {
                        add_pattern(own, kind, Some(&flags::plain_text(key)), text, warn);
                    }
                    other => warn(format!(
                        "invalid output scalar pattern: {}",
                        flags::plain_text(other)
                    )),
                }
            }
        }
        other => warn(format!("invalid item config: {}", flags::plain_text(other))),
    }
}

fn add_pattern(
    own: &mut Vec<Pattern>,
    kind: Kind,
    key: Option<&str>,
    text: &str,
    warn: &mut dyn FnMut(String),
) {
    let text = expand(text, kind.aliases());
    match Pattern::new(key, &text) {
        Ok(pattern) => {
            if let Groups::Other(count) = pattern.groups {
                warn(format!(
                    "bad unnamed group count {count} for {} (expected 1 or 2) skipping",
                    str_repr(&text)
                ));
            }
            own.push(pattern);
        }
        Err(reason) => warn(format!("error compiling pattern {text}: {reason}")),
    }
}

/// `text` with its short forms replaced.
fn expand(text: &str, aliases: &[Alias]) -> String {
    let mut text = text.to_string();
    for (alias, meaning) in aliases {
        text = text.replace(alias, meaning);
    }
    text
}

#[expect(
    clippy::unwrap_used,
    reason = "the patterns are constants that tests compile"
)]
fn compile(patterns: &[&str], kind: Kind) -> Vec<Pattern> {
    let compiled = patterns
        .iter()
        .map(|text| Pattern::new(None, &expand(text, kind.aliases())));
    compiled.collect::<Result<_, _>>().unwrap()
}

/// One pattern.
#[derive(Debug)]
struct Pattern {
    /// As its author wrote it, with short forms replaced.
    text: String,
    regex: Regex,
    /// The same, for a match that goes beyond where the search begins.
    advancing: Regex,
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
    /// The value of a key that is known, if any is.
    One(Option<String>),
    /// Nothing that has a key: so many groups without names.
    Other(usize),
}

impl Pattern {
    /// The pattern for the values of `key`, or for those whose keys it finds.
    fn new(key: Option<&str>, text: &str) -> Result<Self, String> {
        let translated = python_regex::translate(text).map_err(|error| error.to_string())?;
        let compile = |text: &str| Regex::new(text).map_err(|error| error.to_string());
        let regex = compile(&translated)?;
        // The last group fails where the match is as empty as what is before it.
        let advancing = compile(&format!(r"(?:{translated})(?!\G)"))?;
        let names: Vec<String> = regex
            .capture_names()
            .flatten()
            .map(str::to_string)
            .collect();
        let is_named = |wanted: &str| names.iter().any(|name| name == wanted);
        let groups = match regex.captures_len() - 1 {
            _ if is_named("_key") && is_named("_val") => Groups::NamedPair,
            _ if !names.is_empty() => Groups::Named(names),
            1 => Groups::One(key.map(str::to_string)),
            2 => Groups::Pair,
            count => Groups::Other(count),
        };
        Ok(Self {
            text: text.to_string(),
            regex,
            advancing,
            groups,
        })
    }

    /// Hands on the matches in `line` that do not overlap: as Python has it,
    /// after an empty one the next may begin at the same place.
    fn for_each_match<'a>(&self, line: &'a str, mut act: impl FnMut(&Captures<'a, str>)) {
        let (mut at, mut was_empty) = (0, false);
        loop {
            let regex = if was_empty {
                &self.advancing
            } else {
                &self.regex
            };
            // An expression that takes too many steps finds no more.
            let Ok(Some(captures)) = regex.captures_from_pos(line, at) else {
                return;
            };
            let Some(found) = captures.get(0) else { return };
            act(&captures);
            (at, was_empty) = (found.end(), found.start() == found.end());
        }
    }

    fn take<'a>(
        &'a self,
        captures: &Captures<'a, str>,
        found: &mut impl FnMut(Option<&'a str>, &'a str),
    ) {
        let named = |name: &str| captures.name(name).map(|group| group.as_str());
        let numbered = |number| captures.get(number).map(|group| group.as_str());
        let pair = match &self.groups {
            Groups::NamedPair => named("_key").map(Some).zip(named("_val")),
            Groups::Pair => numbered(1).map(Some).zip(numbered(2)),
            Groups::One(key) => numbered(1).map(|value| (key.as_deref(), value)),
            Groups::Other(_) => None,
            Groups::Named(names) => {
                for name in names {
                    if let Some(value) = named(name) {
                        found(Some(name), value);
                    }
                }
                None
            }
        };
        if let Some((key, value)) = pair {
            found(key, value);
        }
    }

    fn trial(&self, line: &str, kind: Kind) -> Trial {
        let mut matches = Vec::new();
        let mut values = BTreeMap::new();
        self.for_each_match(line, |captures| {
            matches.push(tuple(captures));
            self.take(captures, &mut |key, value| {
                let value = match kind {
                    Kind::Scalars => parse_float(value).map(float_repr),
                    Kind::Attrs => Some(value.to_string()),
                };
                if let Some(value) = value {
                    values.insert(key.unwrap_or("None").to_string(), value);
                }
            });
        });
        let values: Vec<_> = values
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        Trial {
            pattern: str_repr(&self.text),
            groups: (!matches.is_empty()).then(|| format!("[{}]", matches.join(", "))),
            values: values.join(", "),
        }
    }
}

/// The groups of a match as Python shows them.
fn tuple(captures: &Captures<'_, str>) -> String {
    let groups: Vec<_> = (1..captures.len())
        .map(|number| match captures.get(number) {
            Some(group) => str_repr(group.as_str()),
            None => "None".to_string(),
        })
        .collect();
    match groups.as_slice() {
        [only] => format!("({only},)"),
        groups => format!("({})", groups.join(", ")),
    }
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
        found(Patterns::defaults(Kind::Scalars), line)
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
        let attrs = |line| found(Patterns::defaults(Kind::Attrs), line);
        assert_eq!(attrs("model: cnn"), ["model=cnn"]);
        assert_eq!(attrs("acc: 95%"), ["acc=95%"]);
        assert_eq!(attrs("long: has two words"), [""; 0]);
        assert_eq!(attrs("note:"), [""; 0]);
    }

    /// What a setting finds in a line, after the warnings about it.
    fn with_setting(kind: Kind, setting: &str, line: &str) -> Vec<String> {
        let setting = crate::base::yaml::load(setting).unwrap();
        let mut warnings = Vec::new();
        let patterns = Patterns::of_setting(kind, &setting, &mut |text| warnings.push(text));
        warnings.extend(found(patterns, line));
        warnings
    }

    #[test]
    fn groups_tell_keys_and_values() {
        let line = "loss=1.5 acc=0.5";
        for (setting, expected) in [
            (r"'(\w+)=(\value)'", &["loss=1.5", "acc=0.5"][..]),
            (r"'loss=(?P<loss>\value)'", &["loss=1.5"]),
            (r"'(?P<_val>l\w+)=(?P<_key>\value)'", &["1.5=loss"]),
            (
                r"{b: 'acc=(\value)', a: 'loss=(\value)'}",
                &["a=1.5", "b=0.5"],
            ),
            (r"[{x: 'acc=(.*)'}, 'l(..)s=(\S+)']", &["x=0.5", "os=1.5"]),
            (r"{1: 'acc=(.*)'}", &["1=0.5"]),
            (r"'loss=(\value)'", &[]),
            (r"'(?P<a>x)?(?P<b>l)'", &["b=l"]),
            ("[]", &[]),
            ("no", &[]),
            (r"'(?<!a)(?P<c>cc)=(?=0)'", &[]),
            (r"'(?<=a)(?P<c>cc)=(?=0)'", &["c=cc"]),
        ] {
            assert_eq!(
                with_setting(Kind::Scalars, setting, line),
                expected,
                "{setting}"
            );
        }
        let scalar = |setting, line| with_setting(Kind::Scalars, setting, line);
        assert_eq!(scalar(r"{loss: 'loss=(\value)'}", "loss=nan"), ["loss="]);
        assert_eq!(scalar(r"{n: '(\value)'}", "nan"), ["n=", "n=nan", "n="]);
        let attr = |setting, line| with_setting(Kind::Attrs, setting, line);
        assert_eq!(
            attr("{note: 'note: (.*)'}", "note: all is well"),
            ["note=all is well"]
        );
        assert_eq!(attr(r"'(\key) is (\value)'", "it is so"), ["it=so"]);
        assert_eq!(attr("null", "a: b"), ["a=b"]);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (setting, expected) in [
            ("[3]", "invalid item config: 3"),
            ("{a: [x]}", "invalid output scalar pattern: ['x']"),
            (
                "'a(b'",
                "error compiling pattern a(b: missing ), unterminated subpattern at position 1",
            ),
            (
                r"'(a)(b)(c)'",
                "bad unnamed group count 3 for '(a)(b)(c)' (expected 1 or 2) skipping",
            ),
        ] {
            assert_eq!(with_setting(Kind::Scalars, setting, "abc"), [expected]);
        }
    }

    #[test]
    fn a_trial_shows_what_python_would() {
        let shown = |kind, line| {
            let mut lines = Vec::new();
            for trial in Patterns::defaults(kind).trial(line) {
                let groups = trial.groups.unwrap_or_default();
                lines.push(format!("{groups} ({})", trial.values));
            }
            lines
        };
        let scalars = shown(Kind::Scalars, "a: 1 (step 5)");
        assert_eq!(scalars, ["[('5',)] (step=5.0)", "[('a', '1')] (a=1.0)"]);
        assert_eq!(
            shown(Kind::Attrs, "a: it's"),
            [r#"[('a', "it's")] (a=it's)"#]
        );
        assert_eq!(shown(Kind::Attrs, "a"), [" ()"]);
    }

    #[test]
    fn a_pattern_that_takes_too_long_finds_nothing() {
        let line = format!("{}b", "a".repeat(2000));
        let slow = r"'(?=(a+)+$)(a+)\1'";
        assert_eq!(with_setting(Kind::Scalars, slow, &line), [""; 0]);
    }

    #[test]
    fn lines_without_a_key_need_no_look() {
        let may_match = |line: &[u8]| Patterns::defaults(Kind::Scalars).may_match(line);
        assert!(!may_match(b""));
        assert!(!may_match(b"no colon"));
        assert!(!may_match(b" a: 1"));
        assert!(!may_match(b"[info] a: 1"));
        assert!(may_match(b"a: 1"));
        assert!(may_match(b"\x01a: 1"));
        assert!(may_match(b"\xffa: 1"));
    }
}
