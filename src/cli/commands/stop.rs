//! `guild stop` and `guild runs stop`: end runs.

use std::time::Duration;

use crate::cli::args::{FilterArgs, RemoteArg, RunsArg};
use crate::cli::console::Tone;
use crate::cli::failure::{ABORTED, Failure};
use crate::cli::{Context, listing};
use crate::op::stop::{self, StopOutcome};
use crate::runs::{Run, Status};

/// End one or more runs.
///
/// Without RUN, all running runs are ended. A run's process is asked to end,
/// and so is everything it started; '--force' kills what has not ended in time.
///
/// # Examples
///
/// End all runs of a script that are running:
///
///     guild stop --operation train.py
///
/// Give the latest run ten seconds to end, then kill it:
///
///     guild stop 1 --timeout 10 --force
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Do it without asking.
    #[arg(short, long)]
    yes: bool,

    /// Do not wait for remote runs to end.
    #[arg(short, long)]
    no_wait: bool,

    /// Kill runs that have not ended after '--timeout'.
    #[arg(long)]
    force: bool,

    /// Wait N seconds for a run to end (30 unless given).
    #[arg(long, value_name = "N", value_parser = crate::base::number::not_negative)]
    timeout: Option<u64>,

    #[command(flatten)]
    runs: RunsArg,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    remote: RemoteArg,
}

const DEFAULT_TIMEOUT: u64 = 30;

/// Ends the runs that are meant.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.remote.check()?;
    let runs = selected(args, context)?;
    if runs.is_empty() {
        context.console.note("Nothing to stop.");
        return Ok(());
    }
    if !args.yes && !confirm(&runs, context)? {
        return Err(Failure::silent(ABORTED));
    }
    let timeout = Duration::from_secs(args.timeout.unwrap_or(DEFAULT_TIMEOUT));
    let mut running = Vec::new();
    for run in runs {
        match run.process().map(|process| process.pid) {
            Some(pid) => {
                let note = format!("Stopping {} (pid {pid})", run.id());
                context.console.note(&note);
                running.push(run);
            }
            None => {
                let line = format!("Run {} is not running", run.id());
                context.console.line(&line);
            }
        }
    }
    let mut failure = Ok(());
    for run in &stop::outer_first(running) {
        // One that goes on running does not keep the others from being stopped.
        failure = stop(run, timeout, args.force, context).and(failure);
    }
    failure
}

/// The local runs that are meant; without arguments those that run.
fn selected(args: &Args, context: &Context) -> Result<Vec<Run>, Failure> {
    let mut filter = listing::filter(&args.filters, None, context)?;
    if args.runs.runs.is_empty() {
        filter.statuses = vec![Status::Running];
    }
    let runs = listing::Filtered::new(&listing::live_runs(context), filter);
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    Ok(runs
        .into_iter()
        .filter(|run| run.remote().is_none())
        .collect())
}

fn confirm(runs: &[Run], context: &Context) -> Result<bool, Failure> {
    context
        .console
        .tell("You are about to stop the following runs:", Tone::Warning);
    listing::print_preview(runs, context);
    let question = format!("Stop {} run(s)?", runs.len());
    context.console.confirm(&question, false)
}

fn stop(run: &Run, timeout: Duration, force: bool, context: &Context) -> Result<(), Failure> {
    match stop::stop(run, timeout, force) {
        // A step ends together with its pipeline.
        StopOutcome::NotRunning | StopOutcome::Stopped => Ok(()),
        StopOutcome::Survivors(pids) => {
            let pids: Vec<_> = pids.iter().map(ToString::to_string).collect();
            context.console.line(&format!(
                "The following processes did not stop as expected: {}",
                pids.join(", ")
            ));
            Err(Failure::silent(crate::cli::failure::ERROR))
        }
    }
}
