//! One pattern that picks keys and values from a line of output: a regular
//! expression as Python has them, with `\key`, `\value` and `\step` for what is
//! usually looked for.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fancy_regex::{Captures, Regex, RegexBuilder};

use super::cut_off::{CutOff, Deadline, MAX_HARD_LINE, MAX_WAYS};
use crate::base::python_regex;
use crate::base::python_text::{float_repr, parse_float, str_repr};

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
}

/// `text` with its short forms replaced.
fn expand(text: &str, aliases: &[Alias]) -> String {
    let mut text = text.to_string();
    for (alias, meaning) in aliases {
        text = text.replace(alias, meaning);
    }
    text
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
    /// Whether the search took too long, so that there may be more.
    pub cut_off: bool,
}

/// One pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    /// As its author wrote it, with short forms replaced.
    text: String,
    regex: Regex,
    /// The same, for a match that goes beyond where the search begins.
    advancing: Regex,
    groups: Groups,
    /// Whether it has what makes its cost grow faster than the line, such as a
    /// look-around. Known once a line is so long that it matters.
    is_hard: OnceLock<bool>,
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
    /// The pattern `text`, in which short forms mean what they do for `kind`: for
    /// the values of `key`, or for those whose keys it finds.
    ///
    /// # Errors
    /// It is no regular expression; the pattern in full, and what is wrong.
    pub fn new(kind: Kind, key: Option<&str>, text: &str) -> Result<Self, (String, String)> {
        let text = expand(text, kind.aliases());
        Self::of_regex(key, &text).map_err(|reason| (text, reason))
    }

    fn of_regex(key: Option<&str>, text: &str) -> Result<Self, String> {
        let translated = python_regex::translate(text).map_err(|error| error.to_string())?;
        let compile = |text: &str| {
            let regex = RegexBuilder::new(text).backtrack_limit(MAX_WAYS).build();
            regex.map_err(|error| error.to_string())
        };
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
            is_hard: OnceLock::new(),
        })
    }

    /// The pattern in full, short forms replaced.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many groups it has, where these hold nothing that has a key.
    pub fn useless_groups(&self) -> Option<usize> {
        match self.groups {
            Groups::Other(count) => Some(count),
            _ => None,
        }
    }

    /// Hands on each key and value found in `line`, in order.
    ///
    /// # Errors
    /// It takes too long; what was found until then has been handed on.
    pub fn find<'a>(
        &'a self,
        line: &'a str,
        mut found: impl FnMut(&'a str, &'a str),
    ) -> Result<(), CutOff> {
        self.for_each_match(line, |captures| {
            self.take(captures, &mut |key, value| {
                if let Some(key) = key {
                    found(key, value);
                }
            });
        })
    }

    /// Hands on the matches in `line` that do not overlap: as Python has it,
    /// after an empty one the next may begin at the same place.
    fn for_each_match<'a>(
        &self,
        line: &'a str,
        mut act: impl FnMut(&Captures<'a, str>),
    ) -> Result<(), CutOff> {
        let (mut at, mut was_empty) = (0, false);
        let mut deadline = Deadline::default();
        loop {
            let regex = if was_empty {
                &self.advancing
            } else {
                &self.regex
            };
            if line.len() > MAX_HARD_LINE && (was_empty || self.is_hard()) {
                return Err(CutOff);
            }
            let captures = match regex.captures_from_pos(line, at) {
                Ok(Some(captures)) => captures,
                Ok(None) => return Ok(()),
                // More ways to match than are tried.
                Err(_) => return Err(CutOff),
            };
            let Some(found) = captures.get(0) else {
                return Ok(());
            };
            act(&captures);
            (at, was_empty) = (found.end(), found.start() == found.end());
            deadline.check()?;
        }
    }

    fn is_hard(&self) -> bool {
        // What the plain engine takes, it matches in time that grows with the line.
        let is_plain = || regex::Regex::new(self.regex.as_str()).is_ok();
        *self.is_hard.get_or_init(|| !is_plain())
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

    /// What it finds in the text of `line`, values of `kind`.
    pub fn trial(&self, line: &str, kind: Kind) -> Trial {
        let mut matches = Vec::new();
        let mut values = BTreeMap::new();
        let searched = self.for_each_match(line, |captures| {
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
            cut_off: searched.is_err(),
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
