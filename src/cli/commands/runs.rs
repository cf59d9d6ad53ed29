//! `guild runs`: the group of commands on runs, and the list without one.

use clap::{Args as ClapArgs, Subcommand};

use super::{
    archive, comment, diff, export, import, label, mark, merge, runs_delete, runs_info, runs_list,
    runs_plot, runs_purge, runs_restore, stop, tag,
};
use crate::cli::Context;
use crate::cli::failure::Failure;

/// List runs, or do something with them.
///
/// Without COMMAND, runs are listed, latest first, and all options are those of
/// the list; 'guild runs list --help' explains them.
///
/// Deleted runs are kept until they are purged: list them with '--deleted' and
/// bring them back with 'guild runs restore'.
///
/// # Examples
///
/// List the latest runs, and only those that failed:
///
///     guild runs
///     guild runs -Se
///
/// Look at the second run of the list, then delete it:
///
///     guild runs info 2
///     guild runs rm 2
#[derive(Debug, ClapArgs)]
#[group(skip)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    list: runs_list::Args,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Archive(archive::Args),
    Comment(comment::Args),
    #[command(alias = "rm")]
    Delete(runs_delete::Args),
    Diff(diff::Args),
    Export(export::Args),
    Import(import::Args),
    Info(runs_info::Args),
    Label(label::Args),
    List(runs_list::Args),
    Mark(mark::Args),
    Merge(merge::Args),
    Plot(runs_plot::Args),
    Purge(runs_purge::Args),
    Restore(runs_restore::Args),
    Stop(stop::Args),
    Tag(tag::Args),
}

/// Runs the command of the group.
///
/// # Errors
/// As that command.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    match &args.command {
        None => runs_list::list(&args.list, &format!("{} list", context.path), context),
        Some(Command::Archive(args)) => archive::main(args, context),
        Some(Command::Comment(args)) => comment::main(args, context),
        Some(Command::Delete(args)) => runs_delete::main(args, context),
        Some(Command::Diff(args)) => diff::main(args, context),
        Some(Command::Export(args)) => export::main(args, context),
        Some(Command::Import(args)) => import::main(args, context),
        Some(Command::Info(args)) => runs_info::main(args, context),
        Some(Command::Label(args)) => label::main(args, context),
        Some(Command::List(args)) => runs_list::main(args, context),
        Some(Command::Mark(args)) => mark::main(args, context),
        Some(Command::Merge(args)) => merge::main(args, context),
        Some(Command::Plot(args)) => runs_plot::main(args, context),
        Some(Command::Purge(args)) => runs_purge::main(args, context),
        Some(Command::Restore(args)) => runs_restore::main(args, context),
        Some(Command::Stop(args)) => stop::main(args, context),
        Some(Command::Tag(args)) => tag::main(args, context),
    }
}
