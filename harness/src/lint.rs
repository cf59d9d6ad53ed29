//! What makes a spec say less than it seems, told without running it.
//!
//! A rule reports only what is sure from the text: a spec that passes these
//! rules may still say little.

mod captures;
mod notes;
mod options;
mod samples;
mod wildcards;

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::matcher::Rules;
use crate::options::OptionSet;
use crate::spec::{Example, Spec};
use crate::suite::SuiteFile;
use crate::yaml_nodes::Place;

pub use samples::unused_samples;

/// A rule, by the name that users silence it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// Expected output is a wildcard and nothing else.
    WholeWildcard,
    /// A wildcard follows another.
    AdjacentWildcards,
    /// A wildcard at the end takes the exit code too.
    HiddenExit,
    /// A final `<exit 0>` after other output counts for nothing.
    SpelledExit,
    /// Nothing uses what is captured.
    UnusedCapture,
    /// An option is set to what it is already.
    IdleOption,
    /// An example is put aside, and nothing says why.
    BareGate,
    /// No spec names a sample.
    UnusedSample,
}

impl Code {
    /// Every rule, in the order of the documentation.
    pub const ALL: [Code; 8] = [
        Code::WholeWildcard,
        Code::AdjacentWildcards,
        Code::HiddenExit,
        Code::SpelledExit,
        Code::UnusedCapture,
        Code::IdleOption,
        Code::BareGate,
        Code::UnusedSample,
    ];

    /// The name of the rule.
    pub fn name(self) -> &'static str {
        match self {
            Code::WholeWildcard => "whole-wildcard",
            Code::AdjacentWildcards => "adjacent-wildcards",
            Code::HiddenExit => "hidden-exit",
            Code::SpelledExit => "spelled-exit",
            Code::UnusedCapture => "unused-capture",
            Code::IdleOption => "idle-option",
            Code::BareGate => "bare-gate",
            Code::UnusedSample => "unused-sample",
        }
    }

    /// Whether the rule holds only where it is asked for: what it finds is a
    /// matter of taste.
    pub fn is_on_request(self) -> bool {
        self == Code::SpelledExit
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Something found, shown as `file:line:column: what [code]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// The rule.
    pub code: Code,
    /// What was found.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, Place { line, column }) = (self.path.display(), self.place);
        write!(
            f,
            "{path}:{line}:{column}: {} [{}]",
            self.message, self.code
        )
    }
}

/// A spec, and what is known of it besides.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The spec. Examples of files that it includes are not looked at for
    /// themselves.
    pub spec: &'a Spec,
    /// The suite it belongs to.
    pub suite: &'a SuiteFile,
    /// The text of the file.
    pub text: &'a str,
    /// Whether examples were left out of the spec, so that what is not used in it
    /// may well be used elsewhere.
    pub is_part: bool,
}

impl Subject<'_> {
    /// The options that hold for examples that set none.
    fn options_below(&self) -> OptionSet {
        self.suite.options.overlaid(&self.spec.options)
    }

    fn rules_of(&self, example: &Example) -> Rules {
        Rules::from_options(&self.options_below().overlaid(&example.options))
    }

    /// The examples that stand in the file itself.
    fn own_examples(&self) -> impl Iterator<Item = &Example> {
        self.spec.examples.iter().filter(|e| e.file.is_none())
    }

    fn finding(&self, place: Place, code: Code, message: impl Into<String>) -> Finding {
        Finding {
            path: self.spec.path.clone(),
            place,
            code,
            message: message.into(),
        }
    }
}

/// What all rules find in one spec, in the order of the file.
pub fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for example in subject.own_examples() {
        findings.extend(wildcards::findings(subject, example));
    }
    findings.extend(captures::findings(subject));
    findings.extend(options::findings(subject));
    findings.extend(notes::findings(subject));
    findings.sort_by_key(|found| (found.place.line, found.place.column, found.code));
    findings
}

#[cfg(test)]
mod tests;
