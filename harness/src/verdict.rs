//! How specs and their examples ended: what every report is made from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::diff::{Difference, difference};
use crate::duration::show;
use crate::gate::Skip;
use crate::matcher::{Actual, Rules, expected_exception};
use crate::spec::{Example, Heading};

/// How a spec ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// As expected, but not at the first attempt.
    Flaky,
    /// Not as expected.
    Failed,
    /// Nothing of it was run.
    Skipped(Skip),
    /// It could not be run as it is: malformed, or its prelude fails.
    Broken(Vec<String>),
    /// The harness could not do its work.
    Fault(String),
    /// The run was interrupted before the spec had ended.
    Interrupted,
    /// The run was to end early, for this reason, before the spec had started.
    NotRun(String),
}

impl Outcome {
    /// The word for it that reports use.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Flaky => "flaky",
            Outcome::Failed => "failed",
            Outcome::Skipped(_) => "skipped",
            Outcome::Broken(_) => "broken",
            Outcome::Fault(_) => "fault",
            Outcome::Interrupted => "interrupted",
            Outcome::NotRun(_) => "not-run",
        }
    }
}

/// How an example ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed,
    /// The example is gated off.
    Skipped(Skip),
    /// Something before it ended the spec.
    NotRun(Unrun),
}

/// Why an example was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrun {
    /// An example, the spec or the run was over its time.
    Timeout,
    /// The process that evaluates the examples had ended.
    Ended,
    /// An example before it failed, and the spec was to stop at that.
    Failure,
    /// The run was interrupted.
    Interrupted,
    /// The spec could not be set up.
    Broken,
}

impl Unrun {
    /// The words for it that reports use, after `not run: `.
    pub fn words(self) -> &'static str {
        match self {
            Unrun::Timeout => "timeout",
            Unrun::Ended => "the worker had ended",
            Unrun::Failure => "stopped at a failure",
            Unrun::Interrupted => "interrupted",
            Unrun::Broken => "the spec is broken",
        }
    }
}

impl Verdict {
    /// The word for it that reports use.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Skipped(_) => "skipped",
            Verdict::NotRun(_) => "not-run",
        }
    }
}

/// What is to say about an example.
#[derive(Debug, Clone)]
pub struct ExampleReport {
    /// The example.
    pub example: Example,
    /// How it ended.
    pub verdict: Verdict,
    /// What came of it; of one that passed only where the setting keeps it.
    pub actual: Option<Actual>,
    /// The rules its output was compared by.
    pub rules: Rules,
    /// What happened on the way.
    pub notes: Vec<String>,
    /// The limit that the example, or a command of it, ran into.
    pub timeout: Option<Duration>,
    /// Whether it was ended before it was done, so that `actual` is what it had
    /// printed so far.
    pub is_cut: bool,
    /// When it started; `None` if it was not run.
    pub start: Option<Instant>,
    /// How long it took, the commands it ran included.
    pub duration: Duration,
    /// How long the commands took that it ran.
    pub command_time: Duration,
    /// How often it was run.
    pub attempts: u32,
    /// The line of the failed example that this failure follows from, if it does.
    pub follows: Option<usize>,
    /// What its captures bound, by name, in order.
    pub bindings: Vec<(String, String)>,
}

impl ExampleReport {
    /// A report of an example that was not run.
    pub fn without_run(example: &Example, rules: Rules, why: Unrun) -> Self {
        ExampleReport {
            example: example.clone(),
            verdict: Verdict::NotRun(why),
            actual: None,
            rules,
            notes: Vec::new(),
            timeout: None,
            is_cut: false,
            start: None,
            duration: Duration::ZERO,
            command_time: Duration::ZERO,
            attempts: 0,
            follows: None,
            bindings: Vec::new(),
        }
    }

    /// Whether it ended as expected or not, and not otherwise.
    pub fn ran(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::Failed)
    }

    /// What is wrong, in a few words; empty if nothing is.
    pub fn headline(&self) -> String {
        if self.verdict != Verdict::Failed {
            return String::new();
        }
        if let Some(limit) = self.timeout {
            return format!("timeout after {}", show(limit));
        }
        if self.is_cut && !self.notes.is_empty() {
            return self.notes.join("; ");
        }
        let exception = self.actual.as_ref().and_then(|a| a.exception.as_ref());
        match exception {
            Some(exception) if expected_exception(&self.example.expected).is_none() => {
                let first = exception.message.lines().next().unwrap_or_default();
                format!("unexpected exception: {first}")
            }
            _ => "output differs".into(),
        }
    }

    /// How what came differs from what was expected; `None` if nothing came of it.
    pub fn difference(&self) -> Option<Difference> {
        let actual = self.actual.as_ref()?;
        let expected = &self.example.expected;
        let mut found = difference(expected, &actual.shown(), &self.rules);
        if let Some(stop) = &found.stop {
            let note = stop.describe(self.example.expected_line);
            found.notes.insert(0, note);
        }
        Some(found)
    }
}

/// Something that a spec left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What kind of thing.
    pub kind: LeakKind,
    /// Which one, as a person would name it.
    pub what: String,
}

/// The kinds of things that a spec can leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeakKind {
    /// A running process; it was ended.
    Process,
    /// A socket that such a process listened on.
    Listener,
    /// A file outside the sandbox that was made, changed or removed.
    File,
}

impl LeakKind {
    /// The word for it that machine-readable reports use.
    pub fn word(self) -> &'static str {
        match self {
            LeakKind::Process => "process",
            LeakKind::Listener => "listener",
            LeakKind::File => "file",
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            LeakKind::Process => "left running, ended",
            LeakKind::Listener => "left listening, closed",
            LeakKind::File => "changed outside the sandbox",
        };
        write!(f, "{verb}: {}", self.what)
    }
}

/// What is to say about a spec.
#[derive(Debug, Clone)]
pub struct SpecReport {
    /// The file.
    pub path: PathBuf,
    /// Its first heading; empty if it has none or could not be read.
    pub title: String,
    /// Its headings.
    pub headings: Vec<Heading>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its examples, in order.
    pub examples: Vec<ExampleReport>,
    /// What it left behind.
    pub leaks: Vec<Leak>,
    /// What else is to say about it.
    pub notes: Vec<String>,
    /// The end of what examples wrote past Python's standard output.
    pub log: String,
    /// Where the sandbox is, if it was kept.
    pub sandbox: Option<PathBuf>,
    /// When it started; `None` if it was not run.
    pub start: Option<Instant>,
    /// How long it took.
    pub duration: Duration,
    /// The reports of attempts before this one, which failed.
    pub earlier: Vec<SpecReport>,
}

impl SpecReport {
    /// A report of a spec that was not run.
    pub fn without_run(path: &Path, outcome: Outcome) -> Self {
        SpecReport {
            path: path.to_owned(),
            title: String::new(),
            headings: Vec::new(),
            outcome,
            examples: Vec::new(),
            leaks: Vec::new(),
            notes: Vec::new(),
            log: String::new(),
            sandbox: None,
            start: None,
            duration: Duration::ZERO,
            earlier: Vec::new(),
        }
    }

    /// How many examples were run.
    pub fn examples_run(&self) -> usize {
        self.examples.iter().filter(|entry| entry.ran()).count()
    }

    /// The examples that failed.
    pub fn failures(&self) -> impl Iterator<Item = &ExampleReport> {
        self.examples
            .iter()
            .filter(|entry| entry.verdict == Verdict::Failed)
    }

    /// How long its commands took.
    pub fn command_time(&self) -> Duration {
        self.examples.iter().map(|entry| entry.command_time).sum()
    }
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Specs that passed, at whichever attempt.
    pub passed: usize,
    /// Those of them that failed before they passed.
    pub flaky: usize,
    /// Specs that failed.
    pub failed: usize,
    /// Specs that were skipped.
    pub skipped: usize,
    /// Specs that are malformed, or whose prelude failed.
    pub broken: usize,
    /// Specs that the harness could not run.
    pub faults: usize,
    /// Specs that were interrupted or not started for it.
    pub interrupted: usize,
    /// Specs that were not started since the run was to end early.
    pub not_run: usize,
    /// Whether the run was interrupted, or over its time.
    pub ended_early: bool,
    /// Whether a run with flaky specs is one that failed.
    pub flaky_fails: bool,
    /// Examples that were run.
    pub examples: usize,
    /// Those of them that failed.
    pub failed_examples: usize,
    /// Those of the failed that follow from another failure.
    pub follow_ons: usize,
    /// Examples that were skipped in specs that ran.
    pub skipped_examples: usize,
    /// Things left behind.
    pub leaks: usize,
    /// Whether a run failed for leaks whose spec could not be told.
    pub unclaimed_fails: bool,
    /// Whether what was skipped is not what a list says.
    pub skips_differ: bool,
}

impl Totals {
    /// The numbers of these reports.
    pub fn of<'a>(reports: impl IntoIterator<Item = &'a SpecReport>) -> Self {
        let mut totals = Totals::default();
        for report in reports {
            totals.add(report);
        }
        totals
    }

    /// Counts leaks whose spec could not be told; `fails` tells whether a run with
    /// such is one that failed.
    pub fn add_unclaimed(&mut self, leaks: &[Leak], fails: bool) {
        self.leaks += leaks.len();
        self.unclaimed_fails |= fails && !leaks.is_empty();
    }

    /// Counts a spec.
    pub fn add(&mut self, report: &SpecReport) {
        match report.outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Flaky => {
                self.passed += 1;
                self.flaky += 1;
            }
            Outcome::Failed => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Broken(_) => self.broken += 1,
            Outcome::Fault(_) => self.faults += 1,
            Outcome::Interrupted => self.interrupted += 1,
            Outcome::NotRun(_) => self.not_run += 1,
        }
        let is_skipped = |entry: &&ExampleReport| matches!(entry.verdict, Verdict::Skipped(_));
        self.examples += report.examples_run();
        self.failed_examples += report.failures().count();
        self.follow_ons += report.failures().filter(|e| e.follows.is_some()).count();
        self.skipped_examples += report.examples.iter().filter(is_skipped).count();
        self.leaks += report.leaks.len();
    }

    /// Adds the numbers of another run, of other specs.
    pub fn join(&mut self, other: &Totals) {
        self.passed += other.passed;
        self.flaky += other.flaky;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.broken += other.broken;
        self.faults += other.faults;
        self.interrupted += other.interrupted;
        self.not_run += other.not_run;
        self.flaky_fails |= other.flaky_fails;
        self.skips_differ |= other.skips_differ;
        self.examples += other.examples;
        self.failed_examples += other.failed_examples;
        self.follow_ons += other.follow_ons;
        self.skipped_examples += other.skipped_examples;
        self.leaks += other.leaks;
    }

    /// The exit code that tells how a run went.
    pub fn exit_code(&self) -> u8 {
        match self {
            Totals {
                ended_early: true, ..
            }
            | Totals {
                interrupted: 1.., ..
            } => 5,
            Totals { faults: 1.., .. } => 3,
            Totals { broken: 1.., .. } => 2,
            Totals { failed: 1.., .. }
            | Totals {
                unclaimed_fails: true,
                ..
            } => 1,
            Totals {
                flaky: 1..,
                flaky_fails: true,
                ..
            } => 1,
            Totals { passed: 0, .. } => 4,
            Totals {
                skips_differ: true, ..
            } => 6,
            _ => 0,
        }
    }
}
