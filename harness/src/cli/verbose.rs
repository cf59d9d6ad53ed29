//! What `--verbose` tells beyond the report.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::duration::show;
use crate::verdict::{SpecReport, Verdict};

/// How many of the slowest specs are told.
const SLOWEST: usize = 10;

/// Writes a line for each example.
pub(super) fn examples(out: &mut dyn Write, report: &SpecReport) -> io::Result<()> {
    for entry in &report.examples {
        let example = &entry.example;
        let source = example.source.lines().next().unwrap_or_default();
        let how = match &entry.verdict {
            Verdict::Passed | Verdict::Failed => show(entry.duration),
            Verdict::Skipped(skip) => skip.reason.clone(),
            Verdict::NotRun(why) => why.words().to_owned(),
        };
        let word = entry.verdict.word();
        let source: String = source.chars().take(50).collect();
        let place = format!(
            "{}:{}",
            example.file_in(&report.path).display(),
            example.line
        );
        writeln!(out, "    {place} {word} ({how}): {source}")?;
    }
    Ok(())
}

/// Writes which specs took the longest.
pub(super) fn slowest(out: &mut dyn Write, reports: &[SpecReport]) -> io::Result<()> {
    let mut longest: Vec<&SpecReport> = reports.iter().filter(|r| !r.duration.is_zero()).collect();
    if longest.len() < 2 {
        return Ok(());
    }
    longest.sort_by_key(|report| Reverse(report.duration));
    longest.truncate(SLOWEST);
    writeln!(out, "\nslowest:")?;
    for report in longest {
        let time = show(report.duration);
        let commands = show(report.command_time());
        let path = report.path.display();
        writeln!(out, "{time:>8}  {path} ({commands} in commands)")?;
    }
    Ok(())
}
