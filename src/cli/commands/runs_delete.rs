//! `guild runs delete`: runs to the trash, or away for good.

use std::io::ErrorKind;
use std::time::Duration;

use clap::Args as ClapArgs;

use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg};
use crate::cli::console::Tone;
use crate::cli::failure::{ABORTED, Failure};
use crate::cli::listing::{self, Source};
use crate::cli::transfer::Watch;
use crate::op::stop::{self, StopOutcome};
use crate::runs::transfer::Folder;
use crate::runs::{self, Run, Status, Store};

/// How long a run may take to stop before it is deleted.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Delete runs.
///
/// Deleted runs go to the trash: list them with 'guild runs --deleted', bring
/// them back with 'guild runs restore', and free the space they take with 'guild
/// runs purge'. With '--permanent' runs are not kept and cannot be brought back.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// ':3' or '5:', or an id or the start of one. Numbers count in the list as
/// filtered. Without RUN all runs that pass the filters are deleted.
///
/// Runs that are still running are stopped first, after a second question.
///
/// # Examples
///
/// Delete the latest three runs, and all runs that failed:
///
///     guild runs delete 1:3
///     guild runs delete -Se
///
/// Delete runs labelled 'test' for good, without being asked:
///
///     guild runs rm -Fl test --permanent --yes
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Delete runs in PATH: a folder, or the name of an archive.
    #[arg(short = 'A', long, value_name = "PATH")]
    archive: Option<String>,

    #[command(flatten)]
    matching: MatchArgs,

    #[command(flatten)]
    yes: YesArg,

    /// Delete runs for good; they cannot be brought back.
    #[arg(short, long)]
    permanent: bool,
}

/// Deletes runs.
///
/// # Errors
/// Arguments that mean no run; a no at a prompt; a run that does not stop or
/// cannot be moved.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let archive = args.archive.as_deref().filter(|path| !path.is_empty());
    let store = match archive {
        Some(archive) => archive_store(archive, context)?,
        None => listing::live_runs(context),
    };
    if args.permanent {
        store.sweep()?;
    }
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("Nothing to delete.");
        return Ok(());
    }
    if !args.yes.yes {
        let count = runs.len();
        if args.permanent {
            let heading = "WARNING: You are about to permanently delete the following runs:";
            let question = format!("Permanently delete {count} run(s)?");
            let heading = (heading, Tone::Warning);
            listing::confirm(&runs, heading, (&question, false), context)?;
        } else {
            let heading = ("You are about to delete the following runs:", Tone::Plain);
            let question = format!("Delete {count} run(s)?");
            listing::confirm(&runs, heading, (&question, true), context)?;
        }
    }
    stop_running(&runs, args.yes.yes, context)?;
    if args.permanent {
        let done = "Permanently deleted";
        return for_each(&runs, done, context, |run| Ok(store.remove(run)?));
    }
    let trash = listing::trash(context);
    for_each(&runs, "Deleted", context, |run| {
        move_run(run, &store, &trash, context)
    })
}

/// The folder of runs that `archive` stands for.
fn archive_store(archive: &str, context: &Context) -> Result<Store, Failure> {
    match Source::find(archive, context)? {
        Source::Folder { store, .. } => Ok(store),
        Source::Zip(_) | Source::Unreadable => Err(Failure::error(format!(
            "cannot delete runs from {archive}: runs in zip files cannot be changed\nImport \
             those that you want to keep and export them to another zip file."
        ))),
    }
}

/// Moves `run` of `store` to `to`, which may be on another disk: the trash on
/// delete, and back on restore.
///
/// # Errors
/// It cannot be moved, and is where it was.
pub(super) fn move_run(
    run: &Run,
    store: &Store,
    to: &Store,
    context: &Context,
) -> Result<(), Failure> {
    match store.move_to(run, to) {
        Err(runs::Error::File(error)) if error.source.kind() == ErrorKind::CrossesDevices => {
            let watch = Watch::unwatched(context);
            Folder::open(to.dir())?.replace(run, &watch)?;
        }
        other => drop(other?),
    }
    Ok(())
}

/// Stops those of `runs` that run on this machine, after asking. A run that
/// goes on running keeps all of them from being deleted.
fn stop_running(runs: &[Run], yes: bool, context: &Context) -> Result<(), Failure> {
    let is_running = |run: &&Run| run.status() == Status::Running && run.remote().is_none();
    let running: Vec<Run> = runs.iter().filter(is_running).cloned().collect();
    if running.is_empty() {
        return Ok(());
    }
    if !yes {
        let warning = "WARNING: One or more runs are still running and will be stopped before \
                       being deleted.";
        context.console.tell(warning, Tone::Warning);
        if !context
            .console
            .confirm("Really delete these runs?", false)?
        {
            return Err(Failure::silent(ABORTED));
        }
    }
    for run in &stop::outer_first(running) {
        if let Some(process) = run.process() {
            let pid = process.pid;
            context
                .console
                .note(&format!("Stopping {} (pid {pid})", run.id()));
        }
        if let StopOutcome::Survivors(pids) = stop::stop(run, STOP_TIMEOUT, false) {
            let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
            return Err(Failure::error(format!(
                "no runs were deleted because run {} did not stop: processes {} are still \
                 running\nTry 'guild stop --force {}' first.",
                run.id(),
                pids.join(", "),
                run.short_id()
            )));
        }
    }
    Ok(())
}

/// Does `act` to each of `runs` and tells for how many it is `done`. One that
/// fails does not keep the others from it.
///
/// # Errors
/// All that failed.
pub(super) fn for_each(
    runs: &[Run],
    done: &str,
    context: &Context,
    act: impl Fn(&Run) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let failures: Vec<Failure> = runs.iter().filter_map(|run| act(run).err()).collect();
    let count = runs.len() - failures.len();
    context.console.note(&format!("{done} {count} run(s)"));
    if failures.is_empty() {
        return Ok(());
    }
    let messages: Vec<String> = failures
        .into_iter()
        .map(|failure| failure.message)
        .collect();
    Err(Failure::bare(messages.join("\n")))
}
