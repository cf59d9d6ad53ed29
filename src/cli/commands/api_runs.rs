//! `guild api runs`: all that is known of runs, as JSON.

use clap::Args as ClapArgs;

use super::api_run_data::RunData;
use crate::base::parallel;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown, formatted_json, python_json};
use crate::runs::Run;

/// How many bytes are gathered before they are printed.
const CHUNK: usize = 64 * 1024;

/// Show runs as JSON.
///
/// The answer is a list with a mapping for each run: what it is, its flags,
/// attributes, comments and tags, its files and its scalars. Runs of a batch
/// operation are left out, but not the runs it started.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Numbers count in the list as filtered. Without
/// RUN all runs that pass the filters are shown.
///
/// # Examples
///
/// Show the latest run, laid out for people to read:
///
///     guild api runs 1 --format
///
/// Read the last loss of each run of 'train' that completed:
///
///     guild api runs -Fo train -Sc | jq '.[].scalars[].lastVal'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Lay the answer out for people to read.
    #[arg(short, long)]
    format: bool,

    #[command(flatten)]
    keep: KeepArgs,

    /// Answer as version 1 or 2 of this command does; 2 unless given.
    #[arg(short = 'v', long, value_name = "[1|2]", value_parser = api_version, default_value = "2")]
    api_version: u8,

    /// Show deleted runs.
    #[arg(short, long)]
    deleted: bool,

    /// Show runs of batch operations too, as '--deleted' does.
    #[arg(long)]
    include_batch: bool,
}

fn api_version(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(1),
        "2" => Ok(2),
        _ => Err(format!("'{text}' is not one of '1', '2'.")),
    }
}

/// Shows runs.
///
/// # Errors
/// Arguments that mean no run; runs that cannot be listed.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let store = match args.deleted {
        true => listing::trash(context),
        false => listing::live_runs(context),
    };
    let runs = listing::filtered(&store, &args.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    let batches = args.include_batch || args.deleted;
    let mut answer = Answer::new(args.format, context);
    let describe = |run| (batches || !Run::is_batch(run)).then(|| describe(run, args, context));
    parallel::in_turn(&runs, describe, |described| {
        if let Some((json, shown)) = described {
            answer.push(&json);
            shown.warn();
        }
        !context.console.is_stdout_gone()
    });
    answer.end();
    Ok(())
}

/// What is told of `run`, and the run, with what could not be read.
fn describe<'a>(run: &'a Run, args: &Args, context: &'a Context) -> (String, Shown<'a>) {
    let shown = Shown::new(run, context);
    let data = RunData::new(&shown);
    let data = match args.api_version {
        1 => data.version_1(),
        _ => data.version_2(),
    };
    let json = match args.format {
        true => format!("\n  {}", formatted_json(&data, 1)),
        false => python_json(&data),
    };
    (json, shown)
}

/// A list that is printed as it grows.
struct Answer<'a> {
    context: &'a Context,
    format: bool,
    is_empty: bool,
    pending: String,
}

impl<'a> Answer<'a> {
    fn new(format: bool, context: &'a Context) -> Self {
        Self {
            context,
            format,
            is_empty: true,
            pending: "[".to_string(),
        }
    }

    fn push(&mut self, json: &str) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.pending.push_str(if self.format { "," } else { ", " });
        }
        self.pending.push_str(json);
        if self.pending.len() >= CHUNK {
            self.print();
        }
    }

    fn end(mut self) {
        if self.format && !self.is_empty {
            self.pending.push('\n');
        }
        self.pending.push_str("]\n");
        self.print();
    }

    fn print(&mut self) {
        self.context.console.data(self.pending.as_bytes());
        self.pending.clear();
    }
}
