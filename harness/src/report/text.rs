//! What a person reads about a run.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use crate::diff::Line;
use crate::duration::show;
use crate::escape::shown;
use crate::verdict::{ExampleReport, Outcome, SpecReport, Totals, Unrun, Verdict};

/// The colours of a report; all empty without colour.
#[derive(Debug, Clone, Copy)]
struct Palette {
    good: &'static str,
    bad: &'static str,
    note: &'static str,
    faint: &'static str,
    strong: &'static str,
    off: &'static str,
}

const PLAIN: Palette = Palette {
    good: "",
    bad: "",
    note: "",
    faint: "",
    strong: "",
    off: "",
};
const COLOUR: Palette = Palette {
    good: "\x1b[32m",
    bad: "\x1b[31m",
    note: "\x1b[33m",
    faint: "\x1b[2m",
    strong: "\x1b[7m",
    off: "\x1b[0m",
};

/// How a report is written.
#[derive(Debug, Clone, Copy)]
pub struct Style(Palette);

impl Style {
    /// With colour or without.
    pub fn new(colour: bool) -> Self {
        Style(if colour { COLOUR } else { PLAIN })
    }

    /// The text in the colour of what is wrong.
    pub(super) fn bad(self, text: &str) -> String {
        format!("{}{text}{}", self.0.bad, self.0.off)
    }
}

/// Writes the line of a spec, and below it what went wrong.
pub fn spec(out: &mut dyn Write, report: &SpecReport, style: Style) -> io::Result<()> {
    ending(out, report, style)?;
    details(out, report, style)
}

/// Writes the line of a spec: how it ended.
pub fn ending(out: &mut dyn Write, report: &SpecReport, style: Style) -> io::Result<()> {
    let Palette {
        good,
        bad,
        note,
        faint,
        off,
        ..
    } = style.0;
    write!(out, "{} ... ", report.path.display())?;
    let ran = report.examples_run();
    let count = format!("{ran} example{}", if ran == 1 { "" } else { "s" });
    let timing = format!("{faint}({count}, {}){off}", show(report.duration));
    match &report.outcome {
        Outcome::Passed => writeln!(out, "{good}ok{off} {timing}")?,
        Outcome::Flaky => writeln!(out, "{note}flaky{off} {timing}")?,
        Outcome::Failed => writeln!(out, "{bad}FAILED{off} {timing}")?,
        Outcome::Skipped(skip) => writeln!(out, "{note}skipped{off} ({})", skip.reason)?,
        Outcome::Broken(_) => writeln!(out, "{bad}broken{off}")?,
        Outcome::Fault(fault) => writeln!(out, "{bad}harness fault{off}: {fault}")?,
        Outcome::Interrupted => writeln!(out, "{note}interrupted{off}")?,
        Outcome::NotRun(why) => writeln!(out, "{note}not run{off} ({why})")?,
    }
    Ok(())
}

/// Writes what went wrong in a spec.
pub fn details(out: &mut dyn Write, report: &SpecReport, style: Style) -> io::Result<()> {
    let Palette {
        note, faint, off, ..
    } = style.0;
    if let Outcome::Broken(faults) = &report.outcome {
        for fault in faults {
            writeln!(out, "{}", shown(fault))?;
        }
    }
    for example in report.failures() {
        failure(out, report, example, style)?;
    }
    let not_run = report.examples.iter().filter_map(|e| match e.verdict {
        Verdict::NotRun(why) => Some(why),
        _ => None,
    });
    let why = not_run.clone().next_back();
    if let Some(why) = why.filter(|why| report.examples_run() > 0 && *why != Unrun::Interrupted) {
        let count = not_run.count();
        let (plural, were) = if count == 1 {
            ("", "was")
        } else {
            ("s", "were")
        };
        let why = why.words();
        writeln!(
            out,
            "{note}{count} example{plural} {were} not run: {why}{off}"
        )?;
    }
    for text in &report.notes {
        writeln!(out, "{note}{}{off}", shown(text))?;
    }
    for leak in &report.leaks {
        writeln!(out, "{note}{leak}{off}")?;
    }
    if report.outcome == Outcome::Failed && !report.log.trim().is_empty() {
        writeln!(out, "written to standard error by examples:")?;
        for line in shown(report.log.trim_end()).lines() {
            writeln!(out, "{faint}  | {line}{off}")?;
        }
    }
    if let Some(sandbox) = &report.sandbox {
        writeln!(out, "sandbox: {}", sandbox.display())?;
    }
    Ok(())
}

fn failure(
    out: &mut dyn Write,
    report: &SpecReport,
    entry: &ExampleReport,
    style: Style,
) -> io::Result<()> {
    let Palette { note, bad, off, .. } = style.0;
    let example = &entry.example;
    let place = format!(
        "{}:{}",
        example.file_in(&report.path).display(),
        example.line
    );
    writeln!(out)?;
    let headline = entry.headline();
    let follows = entry
        .follows
        .map(|line| format!(" (follows from line {line})"));
    let follows = follows.unwrap_or_default();
    writeln!(out, "{bad}{place}: {}{off}{follows}", shown(&headline))?;
    for line in shown(&example.with_prompts()).lines() {
        writeln!(out, "    {line}")?;
    }
    for text in entry.notes.iter().filter(|text| **text != headline) {
        writeln!(out, "{note}  {}{off}", shown(text))?;
    }
    let (Some(actual), Some(found)) = (&entry.actual, entry.difference()) else {
        return Ok(());
    };
    let got = actual.shown();
    let expected_lines = example.expected.lines().count();
    if example.expected.is_empty() && got.is_empty() {
        // Whatever is wrong was told above.
    } else if example.expected.is_empty() {
        writeln!(out, "  expected nothing, got:")?;
    } else if got.is_empty() {
        writeln!(out, "  expected, got nothing:")?;
    } else if !found.lines.iter().any(is_difference) {
        writeln!(
            out,
            "  each line fits by itself; the white space around a wildcard does not:"
        )?;
    } else if found.first < expected_lines {
        let line = example.expected_line + found.first;
        writeln!(
            out,
            "  - expected, + got, ~ by wildcard; first difference at line {line}:"
        )?;
    } else {
        writeln!(
            out,
            "  - expected, + got, ~ by wildcard; more came than expected:"
        )?;
    }
    for line in &found.lines {
        difference_line(out, line, style)?;
    }
    for text in &found.notes {
        writeln!(out, "{note}  {text}{off}")?;
    }
    Ok(())
}

/// Whether the line is on one side alone.
fn is_difference(line: &Line) -> bool {
    matches!(line, Line::Missing(..) | Line::Extra(..))
}

/// Writes one line of a difference.
pub fn difference_line(out: &mut dyn Write, line: &Line, style: Style) -> io::Result<()> {
    let Palette {
        good,
        bad,
        faint,
        strong,
        off,
        ..
    } = style.0;
    match line {
        Line::Same(text) => writeln!(out, "      {text}"),
        Line::Taken(text) => writeln!(out, "    {faint}~ {text}{off}"),
        Line::Cut(count) => writeln!(out, "    {faint}~ [{count} more lines]{off}"),
        Line::Wild(text, ranges) => {
            writeln!(out, "    ~ {}", marked(text, ranges, "", faint, off))?;
            let carets = carets(ranges);
            if carets.is_empty() {
                Ok(())
            } else {
                writeln!(out, "    {faint}  {carets}{off}")
            }
        }
        Line::Missing(text, ranges) => {
            writeln!(
                out,
                "    {bad}- {}{off}",
                marked(text, ranges, bad, strong, off)
            )
        }
        Line::Extra(text, ranges) => {
            writeln!(
                out,
                "    {good}+ {}{off}",
                marked(text, ranges, good, strong, off)
            )
        }
    }
}

/// The text with the parts at these characters in another colour.
fn marked(text: &str, ranges: &[Range<usize>], base: &str, mark: &str, off: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        if ranges
            .iter()
            .any(|range| range.start == index && !range.is_empty())
        {
            shown.push_str(mark);
        }
        shown.push(c);
        if ranges
            .iter()
            .any(|range| range.end == index + 1 && !range.is_empty())
        {
            shown.push_str(off);
            shown.push_str(base);
        }
    }
    shown
}

fn carets(ranges: &[Range<usize>]) -> String {
    let mut line = String::new();
    for range in ranges {
        while line.len() < range.start {
            line.push(' ');
        }
        while line.len() < range.end {
            line.push('^');
        }
    }
    line.trim_end().to_owned()
}

/// Writes the closing lines of a run.
pub fn summary(
    out: &mut dyn Write,
    totals: &Totals,
    duration: Duration,
    style: Style,
) -> io::Result<()> {
    let Palette { good, bad, off, .. } = style.0;
    let verdict = match totals.exit_code() {
        0 => format!("{good}ok{off}"),
        1 => format!("{bad}FAILED{off}"),
        2 => format!("{bad}BROKEN{off}"),
        3 => format!("{bad}HARNESS FAULT{off}"),
        4 => format!("{bad}NOTHING RAN{off}"),
        6 => format!("{bad}OTHER SKIPS{off}"),
        _ => format!("{bad}INTERRUPTED{off}"),
    };
    let mut parts = vec![
        format!("{} passed", totals.passed),
        format!("{} failed", totals.failed),
        format!("{} skipped", totals.skipped),
    ];
    let extra = [
        (totals.flaky, "flaky"),
        (totals.broken, "broken"),
        (totals.faults, "faults"),
        (totals.interrupted, "interrupted"),
        (totals.not_run, "not run"),
    ];
    parts.extend(
        extra
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}")),
    );
    let follow_ons = match totals.follow_ons {
        0 => String::new(),
        1 => " (1 follows from another)".into(),
        count => format!(" ({count} follow from others)"),
    };
    writeln!(out)?;
    writeln!(
        out,
        "test result: {verdict}. {}; {} examples, {} failed{follow_ons}; finished in {}",
        parts.join("; "),
        totals.examples,
        totals.failed_examples,
        show(duration)
    )
}
