//! `guild merge`: files of a run back to its project.

use std::ffi::OsString;

use clap::Args as ClapArgs;

use super::merge_plan::{self, Merge};
use super::merge_text;
use crate::cli::Context;
use crate::cli::args::{KeepNamedArgs, RunArg, YesArg};
use crate::cli::failure::{ABORTED, Failure};
use crate::cli::listing;

/// Copy files of a run back to its project.
///
/// Source code goes to where it came from, and so do dependencies that are files
/// of the project. Files that the run has made stay in the run, unless '--all'
/// asks for them. Nothing is copied that the project has already.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// Files go to the current directory, which must be that of the run's project;
/// '--target-dir' names another, which need not be.
///
/// A file with other content is replaced only if git has a copy of what is there
/// now: it is committed or staged, and not changed since. '--replace' replaces
/// any file, '--no-replace' none.
///
/// # Examples
///
/// See what would be copied, then copy it:
///
///     guild merge --preview
///     guild merge
///
/// Look at all files of the best run, side by side with the project:
///
///     guild merge 3 --all --target-dir ../best
///
/// Get source code back as it was, but for the tests:
///
///     guild merge 5fd1e3 --sourcecode --exclude 'tests/*'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    pub(super) run: RunArg,

    #[command(flatten)]
    pub(super) keep: KeepNamedArgs,

    /// Copy files to DIR instead of the current directory; it is made where
    /// missing.
    #[arg(short, long, value_name = "DIR")]
    pub(super) target_dir: Option<OsString>,

    /// Copy source code only, and with '--all' files that the run has made.
    #[arg(short, long)]
    pub(super) sourcecode: bool,

    /// Copy files that the run has made, too.
    #[arg(short, long)]
    pub(super) all: bool,

    /// Do not copy source code. There is no short form: '-S' is '--no-summary'.
    #[arg(long)]
    pub(super) skip_sourcecode: bool,

    /// Do not copy dependencies.
    #[arg(short = 'D', long)]
    pub(super) skip_deps: bool,

    /// Leave out files that match PATTERN, in which '*' stands for '/' too. May
    /// be given several times.
    #[arg(short = 'x', long, value_name = "PATTERN")]
    pub(super) exclude: Vec<String>,

    /// Do not write a summary of the run; none is written anyway.
    #[arg(short = 'S', long)]
    no_summary: bool,

    /// A name for the summary, which is not written.
    #[arg(long, value_name = "NAME")]
    summary_name: Option<String>,

    /// Show what would be copied and what not, and copy nothing.
    #[arg(short, long)]
    pub(super) preview: bool,

    #[command(flatten)]
    pub(super) yes: YesArg,

    /// Replace any file.
    #[arg(long)]
    pub(super) replace: bool,

    /// Replace no file.
    #[arg(long)]
    pub(super) no_replace: bool,
}

/// Copies files of a run.
///
/// # Errors
/// There is no such run; it is of another project; files must not be replaced;
/// the answer is no; a file cannot be read or written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let merge = merge_plan::prepare(args, context)?;
    if let Some(objection) = &merge.objection {
        return Err(merge_text::objection(objection, &merge.target_name));
    }
    let console = &context.console;
    if args.preview {
        console.note(&format!(
            "Merge will copy files from the following run to {}:",
            merge.target_name
        ));
        listing::print_preview(std::slice::from_ref(&merge.run), context);
        merge_text::copies(&merge.plan).for_each(|line| console.note(&line));
        merge_text::skipped(&merge.plan).for_each(|line| console.note(&line));
        return Ok(());
    }
    if merge.plan.copies.is_empty() {
        console.note("Nothing to copy for the following run:");
        listing::print_preview(std::slice::from_ref(&merge.run), context);
        console.note(&format!(
            "Try '{} --preview' for a list of skipped files.",
            context.path
        ));
        return Ok(());
    }
    if !args.yes.yes {
        confirm(&merge, context)?;
    }
    merge.apply(&mut |copy| {
        console.note(&format!("Copying {}", copy.target_path.display()));
    })
}

fn confirm(merge: &Merge, context: &Context) -> Result<(), Failure> {
    let console = &context.console;
    console.note(&format!(
        "You are about to copy files from the following run to {}:",
        merge.target_name
    ));
    listing::print_preview(std::slice::from_ref(&merge.run), context);
    merge_text::copies(&merge.plan).for_each(|line| console.note(&line));
    let files = match merge.plan.skipped.len() {
        0 => None,
        1 => Some("1 file".to_string()),
        count => Some(format!("{count} files")),
    };
    if let Some(files) = files {
        console.note(&format!(
            "{files} will not be copied (use --preview to show the full list)"
        ));
    }
    // The contract has the choice twice.
    if console.confirm("Continue (y/N)?", false)? {
        Ok(())
    } else {
        Err(Failure::silent(ABORTED))
    }
}
