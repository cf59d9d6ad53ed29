//! `guild import`: runs from another folder, a zip file or an archive.

use std::cell::RefCell;

use clap::Args as ClapArgs;

use super::export;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, YesArg};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Source};
use crate::cli::transfer::{Tally, Watch};
use crate::runs::Run;
use crate::runs::transfer::{Folder, Manner, ZipSource};

/// Copy or move runs to guild home.
///
/// ARCHIVE is a folder or a zip file that runs were exported to, or the name of
/// an archive that 'guild archive --list' shows. Runs that are in guild home
/// already are left as they are.
///
/// RUN is a run's number in the list that 'guild runs --archive ARCHIVE' shows,
/// a range of numbers such as '2:4', ':3' or '5:', or an id or the start of one.
/// Numbers count in the list as filtered. Without RUN all runs that pass the
/// filters are imported.
///
/// A zip file is checked first: if anything in it would be written elsewhere than
/// into runs, nothing of it is. Its runs can only be copied.
///
/// # Examples
///
/// Look at the runs of a zip file, and take the second one over:
///
///     guild runs --archive best.zip
///     guild import best.zip 2
///
/// Bring back all archived runs of 'train':
///
///     guild import papers -Fo train --move
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// The folder, zip file or archive.
    #[arg(value_name = "ARCHIVE", required = true)]
    archive: String,

    #[command(flatten)]
    runs: RunsArg,

    /// Move runs instead of copying them.
    #[arg(short, long = "move")]
    moves: bool,

    /// Copy what links point at instead of the links.
    #[arg(long)]
    copy_resources: bool,

    #[command(flatten)]
    keep: KeepArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Imports runs.
///
/// # Errors
/// ARCHIVE means nothing, or is a zip file that would do harm; arguments that
/// mean no run; a no at a prompt; a run that cannot be copied.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut source = Source::find(&args.archive, context)?;
    if args.moves && !matches!(source, Source::Folder { .. }) {
        let message = "'--move' cannot be used with zip archives";
        return Err(Failure::error(message));
    }
    let runs = source.runs(&args.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("No runs to import.");
        return Ok(());
    }
    let manner = Manner {
        moves: args.moves,
        copies_resources: args.copy_resources,
    };
    if !args.yes.yes {
        source.learn(&runs, context)?;
        let verb = if args.moves { "move" } else { "copy" };
        let archive = &args.archive;
        let heading =
            format!("You are about to import ({verb}) the following runs from '{archive}':");
        export::confirm(&heading, &runs, (manner, "imported"), context)?;
    }
    let runs = export::without_running(runs, manner, context);
    let tally = match &mut source {
        Source::Zip(zip) => from_zip(zip, &runs, context)?,
        _ => from_folder(&runs, manner, context)?,
    };
    let (done, archive) = (tally.done, &args.archive);
    let text = format!("Imported {done} run(s) from {archive}");
    context.console.note(&text);
    tally.result(runs.len())
}

fn from_folder(runs: &[Run], manner: Manner, context: &Context) -> Result<Tally, Failure> {
    let folder = RefCell::new(Folder::open(context.home.runs_dir())?);
    let watch = Watch::new(context);
    Ok(Tally::of(
        runs,
        export::verb(manner),
        &watch,
        |run| run.id().to_string(),
        |run| folder.borrow().has(run.id()),
        |run| folder.borrow_mut().take(run, manner, &watch),
    ))
}

fn from_zip(zip: &mut ZipSource, runs: &[Run], context: &Context) -> Result<Tally, Failure> {
    let folder = RefCell::new(Folder::open(context.home.runs_dir())?);
    let new = runs.iter().filter(|run| !folder.borrow().has(run.id()));
    zip.check_room(new.map(Run::id), &context.home.runs_dir())?;
    let watch = Watch::new(context);
    Ok(Tally::of(
        runs,
        "Copying",
        &watch,
        |run| run.id().to_string(),
        |run| folder.borrow().has(run.id()),
        |run| zip.give(run.id(), &mut folder.borrow_mut(), &watch),
    ))
}
