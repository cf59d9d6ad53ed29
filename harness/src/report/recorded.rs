//! Making records of what the runner reports.

use std::path::Path;
use std::time::{Duration, Instant};

use super::record::{Attempt, Difference, Example, Leak, Line, LineKind, Outcome, Spec, Verdict};
use crate::diff;
use crate::gate::Skip;
use crate::spec::Heading;
use crate::verdict::{self, ExampleReport, SpecReport};

/// The most bytes of a text that a report holds.
const MOST_TEXT: usize = 256 << 10;

/// A duration in milliseconds, to the microsecond.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

impl Outcome {
    fn of(outcome: &verdict::Outcome) -> Self {
        match outcome {
            verdict::Outcome::Passed => Outcome::Passed,
            verdict::Outcome::Flaky => Outcome::Flaky,
            verdict::Outcome::Failed => Outcome::Failed,
            verdict::Outcome::Skipped(_) => Outcome::Skipped,
            verdict::Outcome::Broken(_) => Outcome::Broken,
            verdict::Outcome::Fault(_) => Outcome::Fault,
            verdict::Outcome::Interrupted => Outcome::Interrupted,
            verdict::Outcome::NotRun(_) => Outcome::NotRun,
        }
    }
}

impl Verdict {
    fn of(verdict: &verdict::Verdict) -> Self {
        match verdict {
            verdict::Verdict::Passed => Verdict::Passed,
            verdict::Verdict::Failed => Verdict::Failed,
            verdict::Verdict::Skipped(_) => Verdict::Skipped,
            verdict::Verdict::NotRun(_) => Verdict::NotRun,
        }
    }
}

impl Spec {
    /// The record of a report; times are told from `origin`.
    pub fn of(report: &SpecReport, origin: Instant) -> Self {
        let path = report.path.display().to_string();
        let (reason, kind) = match &report.outcome {
            verdict::Outcome::Skipped(skip) => words(skip),
            verdict::Outcome::Broken(faults) => (faults.join("\n"), String::new()),
            verdict::Outcome::Fault(why) | verdict::Outcome::NotRun(why) => {
                (why.clone(), String::new())
            }
            _ => Default::default(),
        };
        let examples = report.examples.iter().enumerate();
        Spec {
            title: report.title.clone(),
            outcome: Outcome::of(&report.outcome),
            reason,
            kind,
            sha256: String::new(),
            start_ms: after(origin, report.start),
            duration_ms: milliseconds(report.duration),
            command_ms: milliseconds(report.command_time()),
            attempts: u32::try_from(report.earlier.len()).unwrap_or(u32::MAX)
                + u32::from(report.start.is_some()),
            leaks: report.leaks.iter().map(Leak::of).collect(),
            notes: report.notes.clone(),
            log: report.log.clone(),
            sandbox: report.sandbox.as_deref().map(shown),
            earlier: report
                .earlier
                .iter()
                .map(|earlier| Attempt::of(earlier, origin))
                .collect(),
            examples: examples
                .map(|(index, entry)| Example::of(report, index, entry, origin))
                .collect(),
            path,
        }
    }
}

impl Attempt {
    fn of(report: &SpecReport, origin: Instant) -> Self {
        let failed = report
            .examples
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.verdict == verdict::Verdict::Failed);
        Attempt {
            outcome: Outcome::of(&report.outcome),
            duration_ms: milliseconds(report.duration),
            failures: failed
                .map(|(index, entry)| Example::of(report, index, entry, origin))
                .collect(),
        }
    }
}

impl Example {
    fn of(report: &SpecReport, index: usize, entry: &ExampleReport, origin: Instant) -> Self {
        let example = &entry.example;
        let (reason, kind) = match &entry.verdict {
            verdict::Verdict::Skipped(skip) => words(skip),
            verdict::Verdict::NotRun(why) => (why.words().to_owned(), String::new()),
            _ => (entry.headline(), String::new()),
        };
        let above = |heading: &&Heading| heading.line < example.line;
        let section = report.headings.iter().rfind(above);
        // The headings are those of the spec.
        let section = section.filter(|_| example.file.is_none());
        let failed = entry.verdict == verdict::Verdict::Failed;
        let actual = entry.actual.as_ref();
        let exception = actual.and_then(|actual| actual.exception.as_ref());
        Example {
            spec: report.path.display().to_string(),
            file: example.file.as_deref().map(shown).unwrap_or_default(),
            index,
            line: example.line,
            column: example.indent + 1,
            section: section
                .map(|heading| heading.title.clone())
                .unwrap_or_default(),
            verdict: Verdict::of(&entry.verdict),
            reason,
            kind,
            start_ms: after(origin, entry.start),
            duration_ms: milliseconds(entry.duration),
            command_ms: milliseconds(entry.command_time),
            attempts: entry.attempts,
            is_cut: entry.is_cut,
            timeout_ms: entry.timeout.map(milliseconds),
            follows: entry.follows,
            bindings: entry.bindings.clone(),
            notes: entry.notes.clone(),
            language: example.language,
            source: example.source.clone(),
            expected: example.expected.clone(),
            output: actual.map(|actual| beginning(&actual.output)),
            exception: exception.map(|exception| beginning(&exception.traceback)),
            difference: entry
                .difference()
                .filter(|_| failed)
                .map(|found| Difference::of(found, entry)),
        }
    }
}

impl Leak {
    pub(super) fn of(leak: &verdict::Leak) -> Self {
        Leak {
            kind: leak.kind.word().to_owned(),
            what: leak.what.clone(),
            text: leak.to_string(),
        }
    }
}

impl Difference {
    fn of(found: diff::Difference, entry: &ExampleReport) -> Self {
        let is_inside = found.first < entry.example.expected.lines().count();
        Difference {
            line: is_inside.then_some(entry.example.expected_line + found.first),
            lines: found.lines.into_iter().map(Line::from).collect(),
            notes: found.notes,
        }
    }
}

impl From<diff::Line> for Line {
    fn from(line: diff::Line) -> Self {
        let (kind, text, marks) = match line {
            diff::Line::Same(text) => (LineKind::Same, text, Vec::new()),
            diff::Line::Wild(text, marks) => (LineKind::Wild, text, marks),
            diff::Line::Taken(text) => (LineKind::Taken, text, Vec::new()),
            diff::Line::Cut(count) => (LineKind::Cut, format!("[{count} more lines]"), Vec::new()),
            diff::Line::Missing(text, marks) => (LineKind::Missing, text, marks),
            diff::Line::Extra(text, marks) => (LineKind::Extra, text, marks),
        };
        let marks = marks.into_iter().filter(|mark| !mark.is_empty());
        let marks = marks.map(|mark| (mark.start, mark.end)).collect();
        Line { kind, text, marks }
    }
}

fn words(skip: &Skip) -> (String, String) {
    (skip.reason.clone(), skip.kind.word().to_owned())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// How long after the origin, in milliseconds; 0 for what never started.
fn after(origin: Instant, start: Option<Instant>) -> f64 {
    start.map_or(0.0, |start| {
        milliseconds(start.saturating_duration_since(origin))
    })
}

/// As much of a text as a report holds, with a mark where it was cut.
fn beginning(text: &str) -> String {
    match text.len().checked_sub(MOST_TEXT) {
        None | Some(0) => text.to_owned(),
        Some(_) => {
            let kept = &text[..text.floor_char_boundary(MOST_TEXT)];
            let rest = text.len() - kept.len();
            format!("{kept}\n[{rest} more bytes are not in the report]\n")
        }
    }
}
