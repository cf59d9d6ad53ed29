//! `guild diff`: how two runs differ, or a run and a folder.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::diff_program::Programs;
use super::diff_sides::{self, Pair};
use crate::cli::args::{MatchArgs, refuse_both};
use crate::cli::console::Stream;
use crate::cli::failure::{ERROR, Failure};
use crate::cli::pager::Pager;
use crate::cli::{Context, listing};
use crate::diff;

/// Show how runs differ.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN the latest two runs are compared, the older one first. Filters
/// choose among which runs RUN counts.
///
/// Without further options all files of the runs are compared, those that guild
/// keeps for itself too. Options name what to compare instead, and add up:
/// '--flags --output' compares the flags, then the output. A PATH is relative to
/// the run directory, or to where the run has its source code if
/// '--sourcecode' or '--working' is given.
///
/// With '--working' one run's source code, of the latest run unless RUN is given,
/// is compared with what is in its project now. With '--dir' the files of one run
/// are compared with those in a folder.
///
/// # Program
///
/// Differences are shown line by line, in colour and in a pager on a terminal.
/// CMD is another program to show them, whose last two arguments are the files or
/// folders. To always use it, put it into the user's config file, by itself or by
/// file name extension:
///
///     diff:
///       command:
///         .ipynb: nbdiff
///         default: meld
///
/// # Exit code
///
/// The exit code is 0 whether or not there are differences, and 1 if something
/// could not be compared. That of another program is ignored.
///
/// # Examples
///
/// Compare the flags of the latest two runs, then what they printed:
///
///     guild diff --flags
///     guild diff --output
///
/// Show what has changed in the project since the third run:
///
///     guild diff 3 --working
///
/// Compare a file of two runs with another program:
///
///     guild diff 5 1 --path notes.md --cmd 'diff --side-by-side'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// A run by number or id.
    #[arg(value_name = "RUN")]
    run: Option<String>,

    /// The run to compare it with.
    #[arg(value_name = "RUN")]
    other_run: Option<String>,

    /// Compare what the runs printed.
    #[arg(short = 'O', long)]
    pub(super) output: bool,

    /// Compare source code.
    #[arg(short, long)]
    pub(super) sourcecode: bool,

    /// Compare the environments of the runs' processes.
    #[arg(short, long)]
    pub(super) env: bool,

    /// Compare flags.
    #[arg(short, long)]
    pub(super) flags: bool,

    /// Compare all attributes, which include environment, flags and
    /// dependencies.
    #[arg(short, long)]
    pub(super) attrs: bool,

    /// Compare resolved dependencies.
    #[arg(short = 'D', long)]
    pub(super) deps: bool,

    /// Compare the file or folder PATH. May be given several times.
    #[arg(id = "path", short, long, value_name = "PATH")]
    pub(super) paths: Vec<OsString>,

    /// Compare a run's source code with its project.
    #[arg(short, long)]
    pub(super) working: bool,

    /// Compare a run with the folder PATH.
    #[arg(short, long, value_name = "PATH")]
    dir: Option<OsString>,

    /// Show differences with the program CMD.
    #[arg(short, long, value_name = "CMD")]
    cmd: Option<String>,

    #[command(flatten)]
    matching: MatchArgs,
}

impl Args {
    /// The folder to compare a run with.
    pub(super) fn dir(&self) -> Option<PathBuf> {
        let dir = self.dir.as_ref().filter(|dir| !dir.is_empty());
        dir.map(PathBuf::from)
    }

    /// Which runs are compared, as in the list of runs.
    fn specs(&self) -> Result<Vec<&str>, Failure> {
        let given = |spec: &'_ Option<String>| spec.as_deref().is_some_and(|spec| !spec.is_empty());
        let one = match (self.working, self.dir()) {
            (_, Some(_)) => Some("--dir"),
            (true, _) => Some("--working"),
            _ => None,
        };
        let specs = [&self.run, &self.other_run].map(|spec| spec.as_deref().unwrap_or_default());
        match (given(&self.run), given(&self.other_run), one) {
            (false, _, Some(_)) => Ok(vec!["1"]),
            (false, _, None) => Ok(vec!["2", "1"]),
            (true, false, Some(_)) => Ok(vec![specs[0]]),
            (true, false, None) => Err(Failure::error(
                "diff requires two runs\nTry specifying a second RUN or 'guild diff --help' for \
                 more information.",
            )),
            (true, true, Some(option)) => Err(Failure::error(format!(
                "cannot specify second RUN and {option}"
            ))),
            (true, true, None) => Ok(specs.to_vec()),
        }
    }
}

/// Shows how runs differ.
///
/// # Errors
/// There are no such runs; something cannot be compared; the program that shows
/// differences cannot be started.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let working = ("--working", args.working);
    refuse_both(
        &[
            (working, ("--dir", args.dir().is_some())),
            (working, ("--sourcecode", args.sourcecode)),
        ],
        &context.path,
    )?;
    let specs = args.specs()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let picked = specs
        .into_iter()
        .map(|spec| listing::pick_one(&runs, Some(spec), context))
        .collect::<Result<Vec<_>, _>>()?;
    let pairs = diff_sides::of(&picked, args, context)?;
    show(&pairs, args.cmd.as_deref(), context)
}

/// Shows how the sides of each pair differ, one after the other.
fn show(pairs: &[Pair], cmd: Option<&str>, context: &Context) -> Result<(), Failure> {
    let programs = Programs::new(cmd, context)?;
    let mut faults = Vec::new();
    let mut too_large = false;
    let mut pager = Pager::new(context);
    // A path is shown as it was typed where that leads to it.
    let current = match context.home.cwd() == context.home.process_cwd() {
        true => Path::new(""),
        false => context.home.cwd(),
    };
    for pair in pairs {
        if let Some(program) = programs.program_for(pair.left.path())? {
            std::mem::replace(&mut pager, Pager::new(context)).finish();
            program.run(pair, context)?;
            continue;
        }
        let [left, right] = [&pair.left, &pair.right].map(|side| side.under(current));
        let colour = context.console.has_colour(Stream::Stdout);
        match diff::compare(&left, &right, pair.missing, colour, &mut pager) {
            Ok(outcome) => {
                faults.extend(outcome.faults);
                too_large |= outcome.too_large;
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(Failure::error(format!("cannot write output: {error}"))),
        }
    }
    pager.finish();
    if too_large {
        context
            .console
            .note("To see how large files differ use another program, such as '--cmd diff'.");
    }
    for fault in &faults {
        context.console.note(&format!("guild: {fault}"));
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Failure::silent(ERROR)),
    }
}
