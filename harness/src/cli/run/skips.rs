//! `--skips` and `--record-skips`: what is skipped is data.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::execution::Work;
use crate::cli::{FAULT, Stop, USAGE};
use crate::files::replace;
use crate::skips::{Skips, SkipsError};
use crate::verdict::SpecReport;

#[derive(Debug, Args)]
#[command(next_help_heading = "Skips")]
pub(super) struct SkipArgs {
    /// Fail with exit code 6 if what is skipped is not what this list says.
    #[arg(long, value_name = "FILE", conflicts_with = "record_skips")]
    skips: Option<PathBuf>,
    /// Write what is skipped, and why, to this list; what it says about specs that
    /// do not run stays.
    #[arg(long, value_name = "FILE")]
    record_skips: Option<PathBuf>,
}

/// The list that a run is held against, or that it writes.
pub(super) struct List {
    file: PathBuf,
    before: Skips,
    records: bool,
    current: PathBuf,
}

/// The skips of a run, beside the list.
pub(super) struct Held<'a> {
    list: &'a List,
    now: Skips,
}

impl From<SkipsError> for Stop {
    fn from(error: SkipsError) -> Self {
        Stop {
            message: error.to_string(),
            code: USAGE,
        }
    }
}

impl SkipArgs {
    /// Reads the list, if there is to be one.
    pub fn list(&self) -> Result<Option<List>, Stop> {
        let Some(file) = self.skips.as_ref().or(self.record_skips.as_ref()) else {
            return Ok(None);
        };
        let records = self.record_skips.is_some();
        let before = Skips::read(file)?;
        if before.is_none() && !records {
            return Err(Stop {
                message: format!(
                    "{}: no such list of skips; make it with --record-skips",
                    file.display()
                ),
                code: USAGE,
            });
        }
        Ok(Some(List {
            file: file.clone(),
            before: before.unwrap_or_default(),
            records,
            current: std::env::current_dir()?,
        }))
    }
}

impl List {
    /// Holds the reports of a run against the list.
    pub fn hold(&self, work: &[Work], reports: &[SpecReport]) -> Held<'_> {
        let parts = work.iter().filter(|work| work.found.is_part);
        let parts: BTreeSet<&Path> = parts.map(|work| work.found.path.as_path()).collect();
        Held {
            list: self,
            now: self.before.after(reports, &parts, &self.current),
        }
    }
}

impl Held<'_> {
    /// Whether the run is one that failed for its skips.
    pub fn differs(&self) -> bool {
        !self.list.records && self.now != self.list.before
    }

    /// Tells what differs, or writes the list.
    pub fn conclude(&self, out: &mut dyn Write) -> Result<(), Stop> {
        let file = self.list.file.display();
        if self.list.records {
            replace(&self.list.file, self.now.text().as_bytes()).map_err(|error| Stop {
                message: format!("{file}: {error}"),
                code: FAULT,
            })?;
            let count = self.now.count();
            let plural = if count == 1 { "" } else { "s" };
            writeln!(out, "\nrecorded in {file}: {count} skip{plural}")?;
            return Ok(());
        }
        let new = self.now.without(&self.list.before);
        let gone = self.list.before.without(&self.now);
        tell(out, &format!("skipped, and not in {file}:"), &new)?;
        tell(out, &format!("in {file}, and not skipped:"), &gone)?;
        Ok(())
    }
}

fn tell(out: &mut dyn Write, what: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{what}")?;
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
