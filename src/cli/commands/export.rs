//! `guild export`: runs to another folder or a zip file.

use std::path::Path;

use clap::Args as ClapArgs;

use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, YesArg};
use crate::cli::console::Tone;
use crate::cli::failure::{ABORTED, Failure};
use crate::cli::listing;
use crate::cli::transfer::{Tally, Watch};
use crate::runs::transfer::{self, Folder, Manner, ZipTarget};
use crate::runs::{Run, Status};

/// Copy or move runs to a folder or a zip file.
///
/// LOCATION is a folder, which is made if need be, or a file whose name ends in
/// '.zip'. Runs that LOCATION has already are left as they are; others are added.
/// 'guild runs --archive LOCATION' lists them, and 'guild import LOCATION'
/// brings them back.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// ':3' or '5:', or an id or the start of one. Numbers count in the list as
/// filtered. Without RUN all runs that pass the filters are exported.
///
/// Links stay links. With '--copy-resources' what they point at is copied
/// instead, for each run anew: this may need a lot of room.
///
/// # Examples
///
/// Copy the latest three runs to a zip file, to give it to somebody:
///
///     guild export best.zip 1:3
///
/// Move all runs that failed out of the way:
///
///     guild export ~/failed-runs -Se --move
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// The folder or zip file.
    #[arg(value_name = "LOCATION", required = true)]
    location: String,

    #[command(flatten)]
    runs: RunsArg,

    /// Move runs instead of copying them.
    #[arg(short, long = "move")]
    moves: bool,

    /// Copy what links point at instead of the links.
    #[arg(short = 'r', long)]
    copy_resources: bool,

    #[command(flatten)]
    keep: KeepArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Exports runs.
///
/// # Errors
/// LOCATION is a file but no zip file; arguments that mean no run; a no at a
/// prompt; a run that cannot be copied.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = context.home.cwd().join(&args.location);
    let is_zip = transfer::is_zip_name(&path) && !path.is_dir();
    if !is_zip && path.exists() && !path.is_dir() {
        let location = &args.location;
        return Err(Failure::error(format!("'{location}' is not a directory")));
    }
    let runs = listing::filtered(&listing::live_runs(context), &args.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("No runs to export.");
        return Ok(());
    }
    let manner = Manner {
        moves: args.moves,
        copies_resources: args.copy_resources,
    };
    if !args.yes.yes {
        let verb = if args.moves { "move" } else { "copy" };
        let location = &args.location;
        let heading = format!("You are about to {verb} the following runs to '{location}':");
        confirm(&heading, &runs, (manner, "exported"), context)?;
    }
    let runs = without_running(runs, manner, context);
    let tally = match is_zip {
        true => to_zip(&path, &runs, manner, args, context)?,
        false => {
            let shown = |run: &Run| {
                let place = Path::new(&args.location).join(run.id());
                place.display().to_string()
            };
            to_folder(&path, &runs, manner, shown, context)?
        }
    };
    let (done, location) = (tally.done, &args.location);
    let text = format!("Exported {done} run(s) to {location}");
    context.console.note(&text);
    tally.result(runs.len())
}

/// Shows `runs` under `heading` and asks whether to go on, and once more where
/// what links point at is to be copied.
///
/// # Errors
/// The answer is no, or there is none.
pub(super) fn confirm(
    heading: &str,
    runs: &[Run],
    (manner, done): (Manner, &str),
    context: &Context,
) -> Result<(), Failure> {
    listing::confirm(runs, (heading, Tone::Plain), ("Continue?", true), context)?;
    if manner.copies_resources {
        let warning = "WARNING: You specified --copy-resources, which will copy resources used \
                       by each run.";
        context.console.tell(warning, Tone::Warning);
        let question = format!("Really copy resources {done} runs?");
        if !context.console.confirm(&question, false)? {
            return Err(Failure::silent(ABORTED));
        }
    }
    Ok(())
}

/// Those of `runs` that may be taken away: a running one is not, since its process
/// must not lose its folder.
pub(super) fn without_running(runs: Vec<Run>, manner: Manner, context: &Context) -> Vec<Run> {
    let may_go = |run: &Run| {
        let stays = manner.moves && run.status() == Status::Running;
        if stays {
            let id = run.id();
            context.console.warn(&format!("{id} is running, skipping"));
        }
        !stays
    };
    runs.into_iter().filter(may_go).collect()
}

/// Transfers `runs` to the folder at `path`; messages name a run there as `shown`.
///
/// # Errors
/// The folder cannot be written at all.
pub(super) fn to_folder(
    path: &Path,
    runs: &[Run],
    manner: Manner,
    shown: impl Fn(&Run) -> String,
    context: &Context,
) -> Result<Tally, Failure> {
    let folder = std::cell::RefCell::new(Folder::open(path)?);
    folder.borrow().mark_as_export()?;
    let watch = Watch::new(context);
    Ok(Tally::of(
        runs,
        verb(manner),
        &watch,
        shown,
        |run| folder.borrow().has(run.id()),
        |run| folder.borrow_mut().take(run, manner, &watch),
    ))
}

fn to_zip(
    path: &Path,
    runs: &[Run],
    manner: Manner,
    args: &Args,
    context: &Context,
) -> Result<Tally, Failure> {
    let watch = Watch::new(context);
    let location = &args.location;
    let target = ZipTarget::open(path, &watch).map_err(|error| match error {
        transfer::Error::NotZip | transfer::Error::DamagedZip(_) => {
            Failure::error(format!("cannot write to {location}: {error}"))
        }
        other => other.into(),
    })?;
    let target = std::cell::RefCell::new(target);
    let mut tally = Tally::of(
        runs,
        verb(manner),
        &watch,
        |run| run.id().to_string(),
        |run| target.borrow().has(run.id()),
        |run| target.borrow_mut().take(run, manner, &watch),
    );
    let target = target.into_inner();
    match target.finish() {
        Ok(left) => left.iter().for_each(|error| tally.fail(error)),
        Err(error) => tally.undo(&error),
    }
    Ok(tally)
}

/// What is said of each run.
pub(super) fn verb(manner: Manner) -> &'static str {
    match manner.moves {
        true => "Moving",
        false => "Copying",
    }
}
