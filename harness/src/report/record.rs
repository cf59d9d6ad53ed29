//! What a report says about a run, apart from how a format writes it.
//!
//! The records are the lines of a JSON lines report, and every other format but
//! the text for the terminal is made from them: a report read back tells as much
//! as the run it came from. `docs/reports.md` describes the fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::spec::Language;
use crate::verdict::Totals;

/// The version of the schema. A field may be added without a new one.
pub const VERSION: u32 = 1;

/// A whole report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// What ran, and where.
    pub run: Run,
    /// The specs in order.
    pub specs: Vec<Spec>,
    /// How it ended.
    pub end: End,
}

/// What ran, and where: the provenance of a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// The version of the schema.
    pub version: u32,
    /// The version of the harness.
    pub harness: String,
    /// When it started, in UTC, as RFC 3339 has it.
    pub started: String,
    /// The directory it was started in, which relative paths are from.
    pub directory: String,
    /// The operating system.
    pub os: String,
    /// The processor architecture.
    pub arch: String,
    /// How many processors it may use.
    pub processors: usize,
    /// The interpreters of the examples, and their versions.
    pub python: BTreeMap<String, String>,
    /// The programs under test.
    pub programs: Vec<Program>,
    /// The suite files.
    pub suites: Vec<String>,
    /// The state of the repository that the specs are in.
    pub revision: Option<Revision>,
    /// The files and folders that were asked for.
    pub paths: Vec<String>,
    /// The options given that choose among the specs there.
    pub selection: Vec<String>,
    /// The options given that decide how specs are run.
    pub options: Vec<String>,
}

/// A program under test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Program {
    /// What specs call it.
    pub name: String,
    /// The file.
    pub path: String,
    /// The SHA-256 of the file, in hexadecimal; empty if it cannot be read.
    pub sha256: String,
}

/// A state of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The commit.
    pub commit: String,
    /// Whether files differ from it.
    pub modified: bool,
}

/// How a spec ended: see [`crate::verdict::Outcome`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "explained where reports are made from")]
pub enum Outcome {
    Passed,
    Flaky,
    Failed,
    Skipped,
    Broken,
    Fault,
    Interrupted,
    #[default]
    NotRun,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Flaky => "flaky",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
            Outcome::Broken => "broken",
            Outcome::Fault => "fault",
            Outcome::Interrupted => "interrupted",
            Outcome::NotRun => "not-run",
        }
    }

    /// Whether something is wrong with the spec.
    pub fn is_bad(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Broken | Outcome::Fault)
    }
}

/// How an example ended: see [`crate::verdict::Verdict`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "explained where reports are made from")]
pub enum Verdict {
    Passed,
    Failed,
    Skipped,
    #[default]
    NotRun,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Skipped => "skipped",
            Verdict::NotRun => "not-run",
        }
    }
}

/// A spec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// The file.
    pub path: String,
    /// Its first heading.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was skipped, or what is wrong with it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The kind of the skip.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The SHA-256 of the file, in hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// When it started, in milliseconds after the run.
    pub start_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// How long its commands took.
    pub command_ms: f64,
    /// How many times it was run.
    pub attempts: u32,
    /// What it left behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<Leak>,
    /// What else is to say about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The end of what examples wrote past Python's standard output.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log: String,
    /// Where its sandbox is, if that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
    /// The attempts before the last, which failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Attempt>,
    /// Its examples, in order; lines of their own in JSON lines.
    #[serde(skip)]
    pub examples: Vec<Example>,
}

/// Something that a spec left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The kind of thing: see [`crate::verdict::LeakKind`].
    pub kind: String,
    /// Which one, as a person would name it.
    pub what: String,
    /// What became of it and which one, in words.
    pub text: String,
}

/// An attempt that failed and was followed by another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// The examples that failed.
    pub failures: Vec<Example>,
}

/// An example.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// The spec it belongs to.
    pub spec: String,
    /// The included file that it stands in; empty if that is the spec.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Its place among the examples of the spec, from 0.
    pub index: usize,
    /// The line of its prompt, from 1.
    pub line: usize,
    /// The column of its prompt, from 1.
    pub column: usize,
    /// The nearest heading above it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// How it ended.
    pub verdict: Verdict,
    /// What is wrong, in a few words, or why it was skipped or not run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The kind of the skip.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// When it started, in milliseconds after the run.
    pub start_ms: f64,
    /// How long it took, in milliseconds, the commands it ran included.
    pub duration_ms: f64,
    /// How long the commands took.
    pub command_ms: f64,
    /// How many times it was run.
    pub attempts: u32,
    /// Whether it was ended before it was done: `output` is what it had printed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    /// The limit it ran into, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<f64>,
    /// The line of the failed example that this failure follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<usize>,
    /// What its captures bound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bindings: Vec<(String, String)>,
    /// What happened on the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it is written in.
    pub language: Language,
    /// The source, without prompts.
    pub source: String,
    /// The expected output.
    pub expected: String,
    /// What was printed; absent if nothing came of it or it was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The traceback of the exception that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// How the output differs from what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// How output differs from what was expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The line of the file where expected output first differs; `None` if only
    /// more came than was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The lines of both sides, aligned.
    pub lines: Vec<Line>,
    /// What else is to say about it, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// The text, with what cannot be seen written out.
    pub text: String,
    /// The characters that a wildcard took, or that another line has otherwise:
    /// from the first to before the second, counted from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<(usize, usize)>,
}

/// What a line of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// On both sides.
    Same,
    /// On both sides, where wildcards took the marked parts.
    Wild,
    /// In the output, taken whole by a wildcard.
    Taken,
    /// Stands for lines that a wildcard took; the text says how many.
    Cut,
    /// Expected and not there.
    Missing,
    /// There and not expected.
    Extra,
}

impl LineKind {
    /// What a line of this kind starts with in a plain text.
    pub fn sign(self) -> char {
        match self {
            LineKind::Same => ' ',
            LineKind::Wild | LineKind::Taken | LineKind::Cut => '~',
            LineKind::Missing => '-',
            LineKind::Extra => '+',
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// The numbers.
    #[serde(flatten)]
    pub totals: Totals,
    /// What was left behind where it could not be told by which spec.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unclaimed: Vec<Leak>,
    /// Whether it was interrupted.
    pub is_interrupted: bool,
    /// The exit code of the run.
    pub exit_code: u8,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

impl Example {
    /// The file that it stands in, and its line there.
    pub fn place(&self) -> (&str, usize) {
        let file = match self.file.as_str() {
            "" => &self.spec,
            file => file,
        };
        (file, self.line)
    }

    /// Its line in the spec; `None` if it stands in another file.
    pub fn own_line(&self) -> Option<usize> {
        self.file.is_empty().then_some(self.line)
    }
}

impl Spec {
    /// The examples that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Example> {
        let failed = |example: &&Example| example.verdict == Verdict::Failed;
        self.examples.iter().filter(failed)
    }

    /// How many examples were run.
    pub fn examples_run(&self) -> usize {
        let ran = |example: &&Example| matches!(example.verdict, Verdict::Passed | Verdict::Failed);
        self.examples.iter().filter(ran).count()
    }
}
