//! Which rules a comparison obeys, and what holds around an example.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::match_type::MatchTypes;
use crate::options::OptionSet;
use crate::redact::Redactor;

/// What a name stands for since a capture bound it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The text that was captured.
    pub value: String,
    /// The match type of the capture.
    pub kind: String,
    /// The line of the capture in the file, from 1.
    pub line: usize,
}

/// What a comparison needs to know of the file around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The match types that suite and file define.
    pub types: Arc<MatchTypes>,
    /// What is replaced on both sides.
    pub redactor: Arc<Redactor>,
    /// The names that earlier examples bound.
    pub bound: Arc<BTreeMap<String, Binding>>,
}

/// What output is compared as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Text with wildcards.
    #[default]
    Text,
    /// The whole output, with one regular expression.
    Regex,
    /// Lines in any order.
    Sorted,
    /// Data.
    Json,
}

impl Mode {
    /// The modes that options may ask for.
    pub const OPTIONS: [(&'static str, Mode); 3] = [
        ("REGEX", Mode::Regex),
        ("SORTED", Mode::Sorted),
        ("JSON", Mode::Json),
    ];
}

/// Which rules a comparison obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `...` matches anything, and so does a leading `???`.
    pub ellipsis: bool,
    /// Runs of white space are equal.
    pub whitespace: bool,
    /// `<BLANKLINE>` stands for an empty line.
    pub blank_line: bool,
    /// `1` matches `True` and `0` matches `False`.
    pub true_for_1: bool,
    /// Escape sequences of a terminal are dropped from the output.
    pub strip_ansi: bool,
    /// A final `<exit 0>` after other output counts for nothing.
    pub strip_exit_0: bool,
    /// `???` at the very start is a wildcard.
    pub leading: bool,
    /// `::` in expected output is this platform's separator of paths.
    pub path_separator: bool,
    /// Windows paths in the output are compared as if written with `/`.
    pub paths: bool,
    /// The message of an exception counts for nothing, only its type.
    pub exception_type_only: bool,
    /// What output is compared as.
    pub mode: Mode,
    /// What is to be redacted is, on both sides.
    pub redact: bool,
    /// `{name:type}` in expected output is a capture.
    pub captures: bool,
    /// What holds around the example.
    pub scope: Scope,
}

impl Rules {
    /// The rules that a set of options asks for.
    pub fn from_options(options: &OptionSet) -> Self {
        let strict = options.is_on("STRICT");
        let transform = |name, default| !strict && options.or_default(name, default);
        let is_on = |(name, _): &&(&str, Mode)| options.is_on(name);
        let mode = Mode::OPTIONS.iter().find(is_on);
        let mode = mode.map_or(Mode::Text, |(_, mode)| *mode);
        let is_regex = mode == Mode::Regex;
        Rules {
            mode,
            ellipsis: transform("ELLIPSIS", true) && !is_regex,
            whitespace: options.or_default("NORMALIZE_WHITESPACE", true) && !is_regex,
            blank_line: !options.is_on("DONT_ACCEPT_BLANKLINE"),
            true_for_1: !options.is_on("DONT_ACCEPT_TRUE_FOR_1"),
            strip_ansi: transform("STRIP_ANSI_FMT", true),
            strip_exit_0: transform("STRIP_EXIT_0", true),
            leading: !strict && matches!(mode, Mode::Text | Mode::Sorted),
            path_separator: transform("NORMALIZE_PATHSEP", false),
            paths: transform("NORMALIZE_PATHS", true) && cfg!(windows),
            exception_type_only: options.is_on("IGNORE_EXCEPTION_DETAIL"),
            redact: options.or_default("REDACT", true),
            captures: options.is_on("CAPTURES"),
            scope: Scope::default(),
        }
    }
}

impl Rules {
    /// These rules in an example with this around it.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Rules { scope, ..self }
    }

    /// The rules for the message of an exception, which has neither lines to sort
    /// nor data.
    pub(super) fn for_message(&self) -> Cow<'_, Rules> {
        match self.mode {
            Mode::Text | Mode::Regex => Cow::Borrowed(self),
            Mode::Sorted | Mode::Json => Cow::Owned(Rules {
                mode: Mode::Text,
                ..self.clone()
            }),
        }
    }

    /// The text after redaction.
    pub(super) fn redacted<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let made = self.redact.then(|| self.scope.redactor.apply(&text));
        made.flatten().map_or(text, Cow::Owned)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Rules::from_options(&OptionSet::default())
    }
}
