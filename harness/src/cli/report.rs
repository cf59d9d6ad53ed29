//! `harness report`: reports that were written before, merged and compared.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Stop, USAGE};
use crate::report::comparison::compare;
use crate::report::merge::merge;
use crate::report::record::Document;
use crate::report::{Request, jsonl, write};

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make one report of those of the shards of a run, in any format.
    Merge(MergeArgs),
    /// Tell what fails in the second report and did not in the first, and what
    /// passes again. The exit code is 1 if something newly fails.
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// JSON lines reports; one alone is only written in other formats.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write a report, as in `junit=report.xml`; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", default_value = "jsonl=-")]
    report: Vec<Request>,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// The JSON lines report to start from.
    before: PathBuf,
    /// The JSON lines report to compare with it.
    after: PathBuf,
}

pub(super) fn report(args: &ReportArgs) -> Result<u8, Stop> {
    match &args.command {
        Command::Merge(args) => {
            let documents: Result<Vec<Document>, Stop> =
                args.files.iter().map(|file| read(file)).collect();
            let document = merge(documents?).map_err(|error| usage(error.to_string()))?;
            write(&args.report, &document)?;
            Ok(0)
        }
        Command::Diff(args) => {
            let found = compare(&read(&args.before)?, &read(&args.after)?);
            let mut out = io::stdout().lock();
            found.write(&mut out)?;
            out.flush()?;
            Ok(u8::from(!found.newly_failing.is_empty()))
        }
    }
}

fn read(file: &Path) -> Result<Document, Stop> {
    let fault = |what: String| usage(format!("{}: {what}", file.display()));
    let input = File::open(file).map_err(|error| fault(error.to_string()))?;
    jsonl::read(BufReader::new(input)).map_err(|error| fault(error.to_string()))
}

fn usage(message: String) -> Stop {
    Stop {
        message,
        code: USAGE,
    }
}
