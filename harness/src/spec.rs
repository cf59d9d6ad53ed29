//! Reading a spec: Markdown in, examples out.
//!
//! The grammar is that of Python's doctest, with two things added: fenced
//! blocks end expected output, and what doctest passes over in silence (a
//! continuation line with no example, an unclosed fence) is a fault.

mod include;
mod parser;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::front_matter::{self, Include, TimeLimits};
use crate::match_type::MatchTypes;
use crate::options::{OptionSet, Vocabulary};
use crate::redact::Redactions;
use crate::requirement::Requirement;
use crate::yaml_nodes::Place;

pub use crate::language::Language;

/// One example: a statement and the output it should give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The included file it is from; `None` if it is the spec's own.
    pub file: Option<Arc<Path>>,
    /// Line of the prompt in the file, from 1.
    pub line: usize,
    /// Columns before the prompt.
    pub indent: usize,
    /// What it is written in.
    pub language: Language,
    /// The source, each line ended.
    pub source: String,
    /// The expected output, each line ended; empty if none is expected.
    pub expected: String,
    /// Line of the first expected line in the file.
    pub expected_line: usize,
    /// The options of this example alone.
    pub options: OptionSet,
}

impl Example {
    /// The file that it stands in, as an example of that spec.
    pub fn file_in<'a>(&'a self, spec: &'a Path) -> &'a Path {
        self.file.as_deref().unwrap_or(spec)
    }

    /// The source with its prompts, as a document shows it.
    pub fn with_prompts(&self) -> String {
        self.language.with_prompts(&self.source)
    }
}

/// A heading of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its line in the file, from 1.
    pub line: usize,
    /// 1 for the highest.
    pub level: usize,
    /// Its text, without marks.
    pub title: String,
}

/// What a script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A file of definitions for the examples.
    Helper,
    /// Runs before the examples.
    Setup,
    /// Runs after the examples.
    Teardown,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Helper => "helper",
            Role::Setup => "setup",
            Role::Teardown => "teardown",
        })
    }
}

/// Source that runs before the examples or after them, and shows no output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it is for.
    pub role: Role,
    /// The file it is in.
    pub file: PathBuf,
    /// The line of the file that it starts on, from 1.
    pub line: usize,
    /// The source.
    pub source: String,
}

/// A spec that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spec {
    /// The file.
    pub path: PathBuf,
    /// Options for every example, from the front matter.
    pub options: OptionSet,
    /// What the examples are written in.
    pub language: Language,
    /// What the front matter calls it.
    pub front_title: Option<String>,
    /// What the front matter says it is about.
    pub description: Option<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Specs of one group never run side by side.
    pub group: Option<String>,
    /// How long things may take, where it says other than the suite.
    pub limits: TimeLimits,
    /// Match types of its own.
    pub match_types: MatchTypes,
    /// What is replaced on both sides before a comparison.
    pub redactions: Redactions,
    /// Variables let through from outside whose values no report shows.
    pub secrets: Vec<String>,
    /// What it needs of the machine; the included files' needs too.
    pub requires: Vec<Requires>,
    /// The files that its front matter includes.
    pub include: Vec<Include>,
    /// What runs before the first example, in order: helpers, then setups.
    pub setup: Vec<Script>,
    /// What runs after the last example, in order, whatever happened.
    pub teardown: Vec<Script>,
    /// The examples in order, those of included files first.
    pub examples: Vec<Example>,
    /// The headings (`# Title`) in order.
    pub headings: Vec<Heading>,
}

/// What a file needs of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requires {
    /// The folder that relative files are in.
    pub folder: PathBuf,
    /// What is needed.
    pub requirement: Requirement,
}

impl Spec {
    /// What the front matter calls it, else the first heading; empty if there is
    /// neither.
    pub fn title(&self) -> &str {
        let heading = || self.headings.first().map_or("", |heading| &heading.title);
        self.front_title.as_deref().unwrap_or_else(heading)
    }
}

/// A fault in a spec, shown as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    fn new(path: &Path, place: Place, message: impl Into<String>) -> Self {
        Fault {
            path: path.to_owned(),
            place,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        let path = self.path.display();
        write!(f, "{path}:{line}:{column}: {}", self.message)
    }
}

/// Why a spec could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file, or one that it includes, is not well formed.
    #[error("{}", join(.0))]
    Malformed(Vec<Fault>),
}

fn join(faults: &[Fault]) -> String {
    faults
        .iter()
        .map(Fault::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads and parses the spec at `path`, and the files it includes.
pub fn read(path: &Path, vocabulary: &Vocabulary) -> Result<Spec, SpecError> {
    let fault = |source| SpecError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = bytes_of(path).map_err(fault)?;
    let spec = parse(path, &bytes, vocabulary).map_err(SpecError::Malformed)?;
    include::resolve(spec, vocabulary).map_err(SpecError::Malformed)
}

fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    // Reading a pipe would wait for a writer that never comes.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    std::fs::read(path)
}

/// Parses the bytes of a spec; what it includes is not read. Every fault of the
/// file is returned, in order.
pub fn parse(path: &Path, bytes: &[u8], vocabulary: &Vocabulary) -> Result<Spec, Vec<Fault>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let last = before.rsplit(|byte| *byte == b'\n').next();
        let column = last.map_or(0, |last| String::from_utf8_lossy(last).chars().count()) + 1;
        vec![Fault::new(path, Place::new(line, column), "not UTF-8")]
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let (front, skip) = front_matter::read(&lines, vocabulary)
        .map_err(|error| vec![Fault::new(path, error.place, error.message)])?;
    let document = parser::parse(&lines, skip, front.language, vocabulary);
    if !document.faults.is_empty() {
        let faults = document.faults.into_iter();
        return Err(faults
            .map(|(at, what)| Fault::new(path, at, what))
            .collect());
    }
    let script = |role, snippet: front_matter::Snippet| Script {
        role,
        file: path.to_owned(),
        line: snippet.line,
        source: snippet.source,
    };
    let requires = |requirement| Requires {
        folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        requirement,
    };
    Ok(Spec {
        path: path.to_owned(),
        options: front.options,
        language: front.language,
        front_title: front.title,
        description: front.description,
        tags: front.tags,
        group: front.group,
        limits: front.limits,
        match_types: front.match_types,
        redactions: front.redactions,
        secrets: front.secrets,
        requires: front.requires.map(requires).into_iter().collect(),
        include: front.include,
        setup: front
            .setup
            .map(|s| script(Role::Setup, s))
            .into_iter()
            .collect(),
        teardown: front
            .teardown
            .map(|s| script(Role::Teardown, s))
            .into_iter()
            .collect(),
        examples: document.examples,
        headings: document.headings,
    })
}

#[cfg(test)]
#[path = "spec_tests.rs"]
mod tests;
