//! `guild diff`: how two runs differ, or a run and a folder.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::diff_matrix;
use super::diff_program::Programs;
use super::diff_sides::{self, Pair};
use crate::cli::args::{MatchArgs, RunsArg, refuse_both};
use crate::cli::console::Stream;
use crate::cli::failure::{ERROR, Failure, USAGE};
use crate::cli::pager::Pager;
use crate::cli::{Context, listing};
use crate::diff;
use crate::runs::Run;

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
/// is compared with what is in its project now, or with '--working-dir' in another
/// folder that stands for its project, such as a second checkout. With '--dir' the
/// files of one run are compared with those in a folder.
///
/// # Matrix
///
/// With '--matrix' two or more runs are compared, which may be given as a range
/// like '1:5', and a table shows what they do not have in common: a row for each
/// flag, attribute, scalar and file, and a column for each run. Scalars are their
/// last values. A file is shown by its size, or where that does not tell it apart
/// by the start of the SHA-1 of what is in it. Ids, times and other things that
/// are always different are left out. The options that name what to compare do so
/// here too.
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
///
/// Show in what the runs of 'train' differ, then only in which flags:
///
///     guild diff --matrix -Fo train :
///     guild diff --matrix -Fo train : --flags
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

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

    /// Compare a run's source code with the folder PATH in place of its project.
    #[arg(long, value_name = "PATH")]
    working_dir: Option<OsString>,

    /// Compare a run with the folder PATH.
    #[arg(short, long, value_name = "PATH")]
    dir: Option<OsString>,

    /// Show a table of what differs between two or more runs.
    #[arg(long)]
    matrix: bool,

    /// Show differences with the program CMD.
    #[arg(short, long, value_name = "CMD")]
    cmd: Option<String>,

    #[command(flatten)]
    matching: MatchArgs,
}

impl Args {
    /// The folder to compare a run with.
    pub(super) fn dir(&self) -> Option<PathBuf> {
        given(self.dir.as_ref())
    }

    /// The folder that stands for the project of a run.
    pub(super) fn working_dir(&self) -> Option<PathBuf> {
        given(self.working_dir.as_ref())
    }

    /// The option by which one run is compared with something else than a run.
    pub(super) fn one_run_option(&self) -> Option<&'static str> {
        let options = [
            ("--dir", self.dir().is_some()),
            ("--working-dir", self.working_dir().is_some()),
            ("--working", self.working),
        ];
        let mut options = options.into_iter().filter(|(_, given)| *given);
        options.next().map(|(option, _)| option)
    }

    /// Objects to paths that are not below the folders that are compared.
    pub(super) fn check_paths(&self, context: &Context) -> Result<(), Failure> {
        if self.paths.iter().any(|path| Path::new(path).is_absolute()) {
            return Err(Failure::with_help("PATH must be relative", &context.path));
        }
        Ok(())
    }

    /// Objects to what does not go together.
    fn check(&self, context: &Context) -> Result<(), Failure> {
        if !self.matrix && self.runs.runs.len() > 2 {
            let extra = &self.runs.runs[2..];
            let plural = if extra.len() > 1 { "s" } else { "" };
            let message = format!("unexpected extra argument{plural} '{}'", extra.join(" "));
            return Err(Failure {
                exit_code: USAGE,
                ..Failure::with_help(message, &context.path)
            });
        }
        let matrix = ("--matrix", self.matrix);
        let working = ("--working", self.working);
        let working_dir = ("--working-dir", self.working_dir().is_some());
        let dir = ("--dir", self.dir().is_some());
        let sourcecode = ("--sourcecode", self.sourcecode);
        let pairs = [
            (matrix, ("--cmd", self.cmd.is_some())),
            (matrix, working),
            (matrix, working_dir),
            (matrix, dir),
            (working, dir),
            (working, sourcecode),
            (working_dir, dir),
            (working_dir, sourcecode),
        ];
        refuse_both(&pairs, &context.path)
    }

    /// The arguments that say which runs are compared without a matrix.
    fn specs(&self) -> Result<Vec<&str>, Failure> {
        let spec = |at: usize| self.runs.runs.get(at).map_or("", String::as_str);
        let specs = [spec(0), spec(1)];
        let [one, other] = specs.map(|spec| !spec.is_empty());
        match (one, other, self.one_run_option()) {
            (false, _, Some(_)) => Ok(vec!["1"]),
            (false, _, None) => Ok(LATEST_TWO.to_vec()),
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

/// The latest two runs, the older one first.
const LATEST_TWO: [&str; 2] = ["2", "1"];

fn given(dir: Option<&OsString>) -> Option<PathBuf> {
    let dir = dir.filter(|dir| !dir.is_empty());
    dir.map(PathBuf::from)
}

/// Shows how runs differ.
///
/// # Errors
/// There are no such runs; something cannot be compared; the program that shows
/// differences cannot be started.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.check(context)?;
    args.matching.remote.check()?;
    if args.matrix {
        return diff_matrix::show(&matrix_runs(args, context)?, args, context);
    }
    let pairs = diff_sides::of(&picked(&args.specs()?, args, context)?, args, context)?;
    show(&pairs, args.cmd.as_deref(), context)
}

/// The runs that `specs` mean, one each.
fn picked(specs: &[&str], args: &Args, context: &Context) -> Result<Vec<Run>, Failure> {
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    // No id that happens to start so is meant where nothing is given.
    let is_default = args.runs.runs.iter().all(String::is_empty);
    let pick = |spec: &&str| match spec.parse() {
        Ok(number) if is_default => listing::pick_numbered(&runs, number, context),
        _ => listing::pick_one(&runs, Some(spec), context),
    };
    specs.iter().map(pick).collect()
}

/// The runs of a matrix, each once.
fn matrix_runs(args: &Args, context: &Context) -> Result<Vec<Run>, Failure> {
    let specs: Vec<String> = args
        .runs
        .runs
        .iter()
        .filter(|spec| !spec.is_empty())
        .cloned()
        .collect();
    if specs.is_empty() {
        return picked(&LATEST_TWO, args, context);
    }
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let mut picked = listing::pick_each(&runs, &specs, context)?;
    if picked.len() < 2 {
        return Err(Failure::with_help(
            "--matrix requires two or more runs",
            &context.path,
        ));
    }
    let mut seen = HashSet::new();
    picked.retain(|run| seen.insert(run.dir().to_path_buf()));
    Ok(picked)
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
