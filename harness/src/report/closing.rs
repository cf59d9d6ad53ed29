//! What a person reads at the end of a run: what failed, once more and with the
//! command that runs it again, and why specs were skipped.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::reproduce::command;
use super::text::Style;
use crate::escape::shown;
use crate::verdict::{ExampleReport, Outcome, SpecReport, Verdict};

/// The most failures that are listed.
const MOST: usize = 50;
/// From how many skips on their kinds are counted.
const MANY: usize = 5;

/// Writes the list of failures and the kinds of skips of a run. `options` are the
/// arguments that decide how specs are run.
pub fn closing(
    out: &mut dyn Write,
    reports: &[SpecReport],
    options: &[String],
    style: Style,
) -> io::Result<()> {
    let failed: Vec<Failure> = reports.iter().flat_map(failures).collect();
    if !failed.is_empty() {
        writeln!(out, "\nfailed, and how to run it again:")?;
    }
    for failure in failed.iter().take(MOST) {
        let path = failure.report.path.display();
        let place = match failure.example {
            Some(ExampleReport { example, .. }) => {
                let file = example.file_in(&failure.report.path).display();
                format!("{file}:{}:{}", example.line, example.indent + 1)
            }
            None => path.to_string(),
        };
        writeln!(
            out,
            "  {}",
            style.bad(&format!("{place}: {}", failure.what))
        )?;
        // A line of an included file is no address in the spec.
        let own = failure.example.filter(|entry| entry.example.file.is_none());
        let line = own.map(|entry| entry.example.line);
        let again = command(&path.to_string(), line, options);
        writeln!(out, "      {again}")?;
    }
    if failed.len() > MOST {
        writeln!(out, "  and {} more", failed.len() - MOST)?;
    }
    skips(out, reports)
}

/// One thing that failed.
struct Failure<'a> {
    report: &'a SpecReport,
    /// The example; `None` for the spec as a whole.
    example: Option<&'a ExampleReport>,
    what: String,
}

fn failures(report: &SpecReport) -> Vec<Failure<'_>> {
    let whole = |what: &str| Failure {
        report,
        example: None,
        what: what.to_owned(),
    };
    match &report.outcome {
        Outcome::Broken(_) => vec![whole("broken")],
        Outcome::Fault(_) => vec![whole("harness fault")],
        Outcome::Failed => {
            let own: Vec<Failure> = report
                .failures()
                .map(|entry| of_example(report, entry))
                .collect();
            match report.leaks.first() {
                Some(leak) if own.is_empty() => vec![whole(&leak.to_string())],
                None if own.is_empty() => vec![whole("failed")],
                _ => own,
            }
        }
        _ => Vec::new(),
    }
}

fn of_example<'a>(report: &'a SpecReport, entry: &'a ExampleReport) -> Failure<'a> {
    let what = match entry.follows {
        Some(line) => format!("{} (follows from line {line})", shown(&entry.headline())),
        None => shown(&entry.headline()).into_owned(),
    };
    Failure {
        report,
        example: Some(entry),
        what,
    }
}

/// How many skips there are of each kind, where there are many.
fn skips(out: &mut dyn Write, reports: &[SpecReport]) -> io::Result<()> {
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for report in reports {
        if let Outcome::Skipped(skip) = &report.outcome {
            kinds.entry(skip.kind.word()).or_default().0 += 1;
        } else {
            for entry in &report.examples {
                if let Verdict::Skipped(skip) = &entry.verdict {
                    kinds.entry(skip.kind.word()).or_default().1 += 1;
                }
            }
        }
    }
    let all: usize = kinds
        .values()
        .map(|(specs, examples)| specs + examples)
        .sum();
    if all < MANY {
        return Ok(());
    }
    let number = |number: usize, name: &str| match number {
        0 => None,
        1 => Some(format!("1 {name}")),
        _ => Some(format!("{number} {name}s")),
    };
    writeln!(out, "\nskipped:")?;
    for (kind, (specs, examples)) in kinds {
        let parts = [number(specs, "spec"), number(examples, "example")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        writeln!(out, "  {kind}: {}", parts.join(", "))?;
    }
    Ok(())
}
