//! `guild mark`: which runs others are to use.

use clap::Args as ClapArgs;

use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, YesArg};
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::listing;

/// Mark runs, or take marks away.
///
/// An operation that needs a run of another one uses the marked run of it
/// rather than the latest. Marked runs are listed as '[marked]'.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Numbers count in the list as filtered. Without
/// RUN the latest run that is not marked gets a mark, and '--clear' takes the
/// marks of all marked runs away.
///
/// # Examples
///
/// Mark the second run of 'train', and see which runs are marked:
///
///     guild mark -Fo train 2
///     guild runs --marked
///
/// Take its mark away, then all marks:
///
///     guild mark --clear -Fo train 2
///     guild mark --clear
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Take the mark away.
    #[arg(short, long)]
    clear: bool,

    #[command(flatten)]
    keep: KeepArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Marks runs.
///
/// # Errors
/// Arguments that mean no run; a no at the prompt; a mark that cannot be
/// written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let store = listing::live_runs(context);
    let mut runs = listing::filtered(&store, &args.keep, context)?;
    if args.runs.runs.is_empty() {
        runs.retain(|run| run.is_marked() == args.clear)?;
    }
    let default = if args.clear { ":" } else { "1" };
    let runs = listing::pick_all(&runs, &args.runs.runs, default, context)?;
    let (verb, done) = match args.clear {
        true => ("unmark", "Unmarked"),
        false => ("mark", "Marked"),
    };
    if runs.is_empty() {
        context.console.note(&format!("No runs to {verb}."));
        return Ok(());
    }
    if !args.yes.yes {
        let heading = format!("You are about to {verb} the following runs:");
        listing::confirm(&runs, (&heading, Tone::Plain), ("Continue?", true), context)?;
    }
    for run in &runs {
        match args.clear {
            true => run.delete_attr("marked")?,
            false => run.write_attr("marked", &Value::Bool(true))?,
        }
    }
    context
        .console
        .note(&format!("{done} {} run(s)", runs.len()));
    Ok(())
}
