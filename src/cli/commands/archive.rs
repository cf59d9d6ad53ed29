//! `guild archive`: runs out of guild home, to be kept under a name.

use clap::Args as ClapArgs;

use super::export;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, YesArg};
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Cell, Table};
use crate::runs::transfer::Manner;
use crate::runs::{Archive, Run};

/// Move or copy runs to an archive.
///
/// An archive is a folder of runs with a name, kept beside the user's
/// configuration. Archived runs are not listed by 'guild runs', but by 'guild
/// runs --archive NAME'; 'guild import NAME' brings them back.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// ':3' or '5:', or an id or the start of one. Numbers count in the list as
/// filtered. Without RUN all runs that pass the filters are archived.
///
/// # Examples
///
/// Move all runs of last year's operation to a new archive:
///
///     guild archive 'old runs' --create -Fo train
///
/// Show archives and where they are:
///
///     guild archive --list --verbose
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// The name of the archive.
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    runs: RunsArg,

    /// Make the archive if there is none of that name.
    #[arg(long)]
    create: bool,

    /// Show all archives and do nothing else.
    #[arg(short, long)]
    list: bool,

    /// Copy runs instead of moving them.
    #[arg(short, long)]
    copy: bool,

    /// Copy what links point at instead of the links.
    #[arg(short = 'r', long)]
    copy_resources: bool,

    /// Say what a new archive is for.
    #[arg(short, long, value_name = "TEXT")]
    description: Option<String>,

    /// With '--list', show where each archive is.
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    keep: KeepArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Archives runs, or lists archives.
///
/// # Errors
/// No name, or that of no archive; arguments that mean no run; a no at a prompt;
/// a run that cannot be copied.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    if args.list {
        return list(args.verbose, context);
    }
    let name = args.name.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        Failure::error(format!(
            "missing argument for NAME\nTry '{} --list' to list available archives.",
            context.path
        ))
    })?;
    let archive = find(name, args, context)?;
    let runs = listing::filtered(&listing::live_runs(context), &args.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, ":", context)?;
    if runs.is_empty() {
        context.console.note("No runs to archive.");
        return Ok(());
    }
    let manner = Manner {
        moves: !args.copy,
        copies_resources: args.copy_resources,
    };
    if !args.yes.yes {
        let verb = if args.copy { "copy" } else { "move" };
        let heading = format!("You are about to archive ({verb}) the following runs to '{name}':");
        export::confirm(&heading, &runs, (manner, "archived"), context)?;
    }
    let runs = export::without_running(runs, manner, context);
    let archive = match archive {
        Some(archive) => still_there(archive)?,
        None => {
            context.console.line(&format!("Creating '{name}'"));
            let id = context.home.new_run_id();
            let description = args.description.as_deref().filter(|text| !text.is_empty());
            listing::archives(context).create(&id, name, description)?
        }
    };
    let id = |run: &Run| run.id().to_string();
    let tally = export::to_folder(archive.dir(), &runs, manner, id, context)?;
    let text = format!("Archived {} run(s) to '{name}'", tally.done);
    context.console.note(&text);
    tally.result(runs.len())
}

/// The archive `name`; none where it is to be made.
fn find(name: &str, args: &Args, context: &Context) -> Result<Option<Archive>, Failure> {
    let found = listing::archives(context).find(name)?;
    if found.is_none() && !args.create {
        return Err(Failure::error(format!(
            "archive '{name}' does not exist\nTry '{} --list' to list available archives or use \
             the '--create' option.",
            context.path
        )));
    }
    Ok(found)
}

/// The archive, unless somebody removed it while the user was asked.
fn still_there(archive: Archive) -> Result<Archive, Failure> {
    if archive.dir().is_dir() {
        return Ok(archive);
    }
    Err(Failure::error(format!(
        "archive directory {} no longer exists\nTry the command with a different archive or use \
         '--create'.",
        archive.dir().display()
    )))
}

fn list(verbose: bool, context: &Context) -> Result<(), Failure> {
    let (archives, faults) = listing::archives(context).list()?;
    for fault in faults {
        context.console.error(&fault);
    }
    let mut table = Table::new(0);
    for archive in &archives {
        table.push(vec![
            Cell::plain(archive.name()),
            Cell::plain(archive.description().unwrap_or_default()),
        ]);
    }
    let lines = table.lines(Stream::Stdout, &context.console);
    for (line, archive) in lines.zip(&archives) {
        context.console.line(line.trim_end());
        if verbose {
            let path = context.home.display(archive.dir());
            context.console.line(&format!("  path: {path}"));
        }
    }
    Ok(())
}
