//! `guild runs restore`: runs back from the trash.

use clap::Args as ClapArgs;

use super::runs_delete::{for_each, move_run};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg};
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::listing;

/// Bring deleted runs back.
///
/// RUN is a deleted run's number in the list that 'guild runs --deleted' shows,
/// a range of numbers, or an id or the start of one. Without RUN all deleted
/// runs that pass the filters are brought back.
///
/// A run that was deleted with '--permanent', or purged, is gone.
///
/// # Examples
///
/// Show what was deleted, and bring the latest of it back:
///
///     guild runs --deleted
///     guild runs restore 1
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    #[command(flatten)]
    matching: MatchArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Restores runs.
///
/// # Errors
/// Arguments that mean no deleted run; a no at the prompt; a run that cannot
/// be moved.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let trash = listing::trash(context);
    let runs = listing::filtered(&trash, &args.matching.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("Nothing to restore.");
        return Ok(());
    }
    if !args.yes.yes {
        let heading = ("You are about to restore the following runs:", Tone::Plain);
        let question = format!("Restore {} run(s)?", runs.len());
        listing::confirm(&runs, heading, (&question, true), context)?;
    }
    let store = listing::live_runs(context);
    for_each(&runs, "Restored", context, |run| {
        if let Some(present) = store.get(run.id()) {
            let path = context.home.display(present.dir());
            context
                .console
                .warn(&format!("{path} exists, moving it aside"));
        }
        move_run(run, &trash, &store, context)
    })
}
