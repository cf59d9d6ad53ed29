//! `guild api`: what other programs ask guild, answered in JSON.

use clap::{Args as ClapArgs, Subcommand};

use super::{api_compare, api_help_op, api_merge, api_ops, api_runs};
use crate::cli::Context;
use crate::cli::failure::Failure;

/// Answer other programs in JSON.
///
/// These commands do what others do, and are for programs to run. The answers
/// may change from one version to the next.
///
/// # Examples
///
/// Show the latest run as JSON, laid out for people to read:
///
///     guild api runs 1 --format
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Compare(api_compare::Args),
    HelpOp(api_help_op::Args),
    Merge(api_merge::Args),
    Ops(api_ops::Args),
    Runs(api_runs::Args),
}

/// Runs the command of the group.
///
/// # Errors
/// As that command.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    match &args.command {
        Command::Compare(args) => api_compare::main(args, context),
        Command::HelpOp(args) => api_help_op::main(args, context),
        Command::Merge(args) => api_merge::main(args, context),
        Command::Ops(args) => api_ops::main(args, context),
        Command::Runs(args) => api_runs::main(args, context),
    }
}
