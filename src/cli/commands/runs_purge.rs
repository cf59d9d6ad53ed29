//! `guild runs purge`: the trash emptied.

use clap::Args as ClapArgs;

use super::runs_delete::for_each;
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg};
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::listing;

/// Remove deleted runs for good.
///
/// RUN is a deleted run's number in the list that 'guild runs --deleted' shows,
/// a range of numbers, or an id or the start of one. Without RUN all deleted
/// runs that pass the filters are removed.
///
/// What is purged cannot be brought back.
///
/// # Examples
///
/// Empty the trash:
///
///     guild runs purge
///
/// Remove the deleted runs that failed, without being asked:
///
///     guild runs purge -Se --yes
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

/// Purges deleted runs.
///
/// # Errors
/// Arguments that mean no deleted run; a no at the prompt; a run that cannot
/// be removed.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let trash = listing::trash(context);
    trash.sweep()?;
    let runs = listing::filtered(&trash, &args.matching.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("Nothing to purge.");
        return Ok(());
    }
    if !args.yes.yes {
        let heading = "WARNING: You are about to permanently delete the following runs:";
        let question = format!("Permanently delete {} run(s)?", runs.len());
        let heading = (heading, Tone::Warning);
        listing::confirm(&runs, heading, (&question, false), context)?;
    }
    for_each(&runs, "Permanently deleted", context, |run| {
        Ok(trash.remove(run)?)
    })
}
