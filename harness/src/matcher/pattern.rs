//! Expected output with captures, as one regular expression.
//!
//! The text is taken apart into what must be there literally, wildcards and
//! captures. The engine behind it does not backtrack: the time it takes grows
//! with the output and with the pattern, never with both in the exponent.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::{ELLIPSIS, Mode, Place, Rules, expected_exception, json, prepare_expected, regular};
use crate::match_type::fault_in;
use crate::whitespace::is_space;

/// The most memory a compiled pattern may take, in bytes.
const MOST_MEMORY: usize = 128 << 20;

/// What expected output is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Text.
    Literal(String),
    /// `...`.
    Wildcard,
    /// `{name:type}`; without a type it stands for what the name is bound to,
    /// without a name it binds nothing.
    Capture {
        name: Option<String>,
        kind: Option<String>,
    },
}

/// A token, as it was written and where.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub token: Token,
    pub written: String,
    pub place: Place,
}

/// Why expected output cannot be compared with anything.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum PatternError {
    /// A capture of a type that is not known.
    #[error("unknown match type `{name}`{}", nearest.as_ref().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default())]
    UnknownType {
        /// The type.
        name: String,
        /// The known type closest to it, if one is close.
        nearest: Option<String>,
        /// The line of expected output, from 0.
        line: usize,
    },
    /// A name that nothing was captured as.
    #[error(
        "`{name}` is not captured before: write `{{{name}:TYPE}}`, or `{{{{{name}}}}}` for braces"
    )]
    Unbound {
        /// The name.
        name: String,
        /// The line of expected output, from 0.
        line: usize,
    },
    /// Not JSON.
    #[error("what is expected is not JSON: {message}")]
    Json {
        /// What is wrong.
        message: String,
        /// The line of expected output, from 0.
        line: usize,
    },
    /// Not a regular expression, or one too large.
    #[error("{message}")]
    Regex {
        /// What is wrong.
        message: String,
        /// The line of expected output, from 0.
        line: usize,
    },
}

impl PatternError {
    /// What to say when an example is compared. A name that was captured further
    /// up, or the file would not have run, stands for nothing by then.
    pub(crate) fn when_compared(&self) -> String {
        match self {
            PatternError::Unbound { name, .. } => {
                format!("`{name}` stands for nothing: its capture did not match or was not run")
            }
            other => other.to_string(),
        }
    }

    /// The line of expected output that is wrong, from 0.
    pub fn line(&self) -> usize {
        match self {
            PatternError::UnknownType { line, .. }
            | PatternError::Unbound { line, .. }
            | PatternError::Json { line, .. }
            | PatternError::Regex { line, .. } => *line,
        }
    }
}

/// A wildcard, or a capture: `{name}`, `{name:type}`, `{:type}`, and with its
/// braces doubled the text of one. Braces around anything else are text.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static SPECIAL: LazyLock<Regex> = LazyLock::new(|| {
    let name = "[A-Za-z_][A-Za-z0-9_]*";
    let kind = "[A-Za-z][A-Za-z0-9_-]*";
    Regex::new(&format!(
        r"\.\.\.|\{{\{{(?:{name})?(?::{kind})?\}}\}}|\{{({name})?(?::({kind}))?\}}"
    ))
    .expect("valid pattern")
});

/// Takes prepared expected output apart.
pub(crate) fn pieces(expected: &str, rules: &Rules) -> Vec<Piece> {
    let mut splitter = Splitter::default();
    let mut at = 0;
    for found in SPECIAL.captures_iter(expected) {
        let Some(whole) = found.get(0) else { continue };
        let part = |group: usize| found.get(group).map(|part| part.as_str().to_owned());
        let token = match (whole.as_str(), part(1), part(2)) {
            (ELLIPSIS, ..) if rules.ellipsis => Token::Wildcard,
            (ELLIPSIS, ..) => continue,
            _ if !rules.captures => continue,
            ("{}" | "{{}}", ..) => continue,
            (text, None, None) => Token::Literal(text[1..text.len() - 1].to_owned()),
            (_, name, kind) => Token::Capture {
                name: name.filter(|name| name != "_" || kind.is_none()),
                kind,
            },
        };
        splitter.literal(&expected[at..whole.start()]);
        splitter.push(token, whole.as_str());
        at = whole.end();
    }
    splitter.literal(&expected[at..]);
    splitter.pieces
}

/// Collects pieces and counts lines and columns.
#[derive(Default)]
struct Splitter {
    pieces: Vec<Piece>,
    place: Place,
}

impl Splitter {
    fn literal(&mut self, text: &str) {
        if !text.is_empty() {
            self.push(Token::Literal(text.to_owned()), text);
        }
    }

    fn push(&mut self, token: Token, written: &str) {
        match (self.pieces.last_mut(), &token) {
            (Some(last), Token::Literal(more)) if matches!(last.token, Token::Literal(_)) => {
                if let Token::Literal(text) = &mut last.token {
                    text.push_str(more);
                }
                last.written.push_str(written);
            }
            _ => self.pieces.push(Piece {
                token,
                written: written.to_owned(),
                place: self.place,
            }),
        }
        self.place = self.place.after(written);
    }
}

/// Whether plain comparison of text cannot tell what these pieces mean.
pub(crate) fn needs_pattern(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match &piece.token {
        Token::Capture { .. } => true,
        Token::Literal(text) => *text != piece.written,
        Token::Wildcard => false,
    })
}

/// Whether there are wildcards or captures in expected output.
pub(crate) fn has_specials(expected: &str, rules: &Rules) -> bool {
    let is_literal = |piece: &Piece| matches!(piece.token, Token::Literal(_));
    !pieces(&prepare_expected(expected, rules), rules)
        .iter()
        .all(is_literal)
}

/// The names that captures of expected output use, each once, in order, and
/// whether it has a type there.
pub(crate) fn names_of(expected: &str, rules: &Rules) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = Vec::new();
    for piece in pieces(expected, rules) {
        if let Token::Capture {
            name: Some(name),
            kind,
        } = piece.token
            && names.iter().all(|(known, _)| *known != name)
        {
            names.push((name, kind.is_some()));
        }
    }
    names
}

/// The pieces with captures whose names are bound replaced by what they are
/// bound to, and with a type for those that name one captured further up.
pub(crate) fn bound(pieces: Vec<Piece>, rules: &Rules) -> Result<Vec<Piece>, PatternError> {
    let mut types: Vec<(String, String)> = Vec::new();
    let mut resolved = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        if let Token::Capture { name, kind } = &mut piece.token {
            let value = name.as_ref().and_then(|name| rules.scope.bound.get(name));
            if let Some(binding) = value {
                let value = rules.redacted(Cow::Borrowed(&binding.value));
                piece.token = Token::Literal(value.into_owned());
            } else if let Some(name) = name {
                let first = types.iter().find(|(known, _)| known == name);
                match (&kind, first) {
                    (Some(kind), None) => types.push((name.clone(), kind.clone())),
                    (Some(_), Some(_)) => {}
                    (None, Some((_, first))) => *kind = Some(first.clone()),
                    (None, None) => {
                        return Err(PatternError::Unbound {
                            name: name.clone(),
                            line: piece.place.line,
                        });
                    }
                }
            }
        }
        resolved.push(piece);
    }
    Ok(resolved)
}

/// Tells why expected output cannot be compared with anything, if that is so.
/// `known` are the names captured further up; those of this output are added.
pub(crate) fn check(
    expected: &str,
    rules: &Rules,
    known: &mut BTreeSet<String>,
) -> Result<(), PatternError> {
    match rules.mode {
        Mode::Regex => return regular::check(message_of(expected), rules, known),
        Mode::Json if expected_exception(expected).is_none() => json::check(expected, rules)?,
        _ => {}
    }
    let mut found = pieces(expected, rules);
    if !needs_pattern(&found) {
        return Ok(());
    }
    for piece in &mut found {
        let Token::Capture {
            name: Some(name),
            kind,
        } = &mut piece.token
        else {
            continue;
        };
        if kind.is_some() {
            known.insert(name.clone());
        } else if known.contains(name) {
            *kind = Some("text".into());
        } else {
            return Err(PatternError::Unbound {
                name: name.clone(),
                line: piece.place.line,
            });
        }
    }
    Pattern::new(&found, rules, Extent::Whole).map(|_| ())
}

/// The part of expected output that is compared: all, or the message of an
/// exception.
fn message_of(expected: &str) -> &str {
    expected_exception(expected).unwrap_or(expected)
}

/// Where wildcards and captures matched, each by the number of its piece.
pub(crate) type Ranges = Vec<(usize, Range<usize>)>;

/// Whether the whole output must match, or only its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    Beginning,
}

/// Pieces as a regular expression; group `pN` is piece N.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    regex: Regex,
    groups: Vec<usize>,
}

impl Pattern {
    /// Compiles pieces whose names are resolved.
    pub fn new(pieces: &[Piece], rules: &Rules, extent: Extent) -> Result<Self, PatternError> {
        let mut source = Source {
            text: String::from(r"\A"),
            folds: rules.whitespace,
            ..Source::default()
        };
        let mut groups = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            let inner = match &piece.token {
                Token::Literal(text) => {
                    source.literal(text);
                    continue;
                }
                Token::Wildcard => r"(?s:.*?)",
                Token::Capture { kind, .. } => type_pattern(kind.as_deref(), piece, rules)?,
            };
            groups.push(index);
            source.group(index, inner);
        }
        if extent == Extent::Whole {
            source.text.push_str(r"\z");
        }
        let regex = compile(&source.text).map_err(|error| PatternError::Regex {
            message: fault_in(&error),
            line: pieces.first().map_or(0, |piece| piece.place.line),
        })?;
        Ok(Pattern { regex, groups })
    }

    /// Whether the pattern matches, which takes less time than to tell where.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Where each wildcard and capture matched, by the number of its piece, and
    /// where the match ended.
    pub fn find(&self, text: &str) -> Option<(Ranges, usize)> {
        let found = self.regex.captures(text)?;
        let end = found.get(0).map_or(0, |whole| whole.end());
        let ranges = self.groups.iter().filter_map(|piece| {
            let group = found.name(&format!("p{piece}"))?;
            Some((*piece, group.range()))
        });
        Some((ranges.collect(), end))
    }
}

/// Compiles a regular expression that may be as long as expected output.
pub(crate) fn compile(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).size_limit(MOST_MEMORY).build()
}

fn type_pattern<'a>(
    kind: Option<&str>,
    piece: &Piece,
    rules: &'a Rules,
) -> Result<&'a str, PatternError> {
    let types = &rules.scope.types;
    let kind = kind.unwrap_or_default();
    types
        .pattern(kind)
        .ok_or_else(|| PatternError::UnknownType {
            name: kind.to_owned(),
            nearest: types.nearest(kind),
            line: piece.place.line,
        })
}

/// The source of a regular expression in the making.
#[derive(Default)]
struct Source {
    text: String,
    /// Whether white space is folded, so that a run of it is one character.
    folds: bool,
    /// Whether white space came last, not yet written.
    space: bool,
    /// Whether anything was written that is not white space.
    started: bool,
}

impl Source {
    fn literal(&mut self, text: &str) {
        if !self.folds {
            self.text.push_str(&regex::escape(text));
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let words = rest.trim_start_matches(is_space);
            self.space |= words.len() < rest.len();
            let end = words.find(is_space).unwrap_or(words.len());
            if end > 0 {
                self.pending_space();
                self.text.push_str(&regex::escape(&words[..end]));
            }
            rest = &words[end..];
        }
    }

    fn group(&mut self, index: usize, pattern: &str) {
        self.pending_space();
        self.text.push_str(&format!("(?P<p{index}>{pattern})"));
    }

    fn pending_space(&mut self) {
        if self.space && self.started {
            self.text.push_str(r"[ \n]");
        }
        (self.space, self.started) = (false, true);
    }
}
