//! `guild watch`: what a run prints, as it prints it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args as ClapArgs;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use crate::base::files;
use crate::cli::Context;
use crate::cli::args::{FilterArgs, RemoteArg, RunArg};
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::runs::{Followed, Run, Status};

/// Follow the output of a run.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run that is running. Filters choose among which
/// runs RUN counts.
///
/// Shows what the run printed so far and then what it prints, until it ends.
/// Ctrl-C stops watching; the run goes on.
///
/// '--pid' names a run by a process: PID is the id of the run's process or of
/// the 'guild run' that started it, or a file that holds one, such as that of
/// 'guild run --pidfile'.
///
/// # Examples
///
/// Watch the run that is running:
///
///     guild watch
///
/// Start a run in the background, and see what it does:
///
///     guild run train.py --background -y
///     guild watch --operation train.py
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    run: RunArg,

    /// Watch the run of the process PID.
    #[arg(short, long, value_name = "PID")]
    pid: Option<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    remote: RemoteArg,
}

/// Watches a run.
///
/// # Errors
/// There is no such run, or its output cannot be read.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.remote.check()?;
    let run = selected(args, context)?;
    let note = |text: &str| context.console.note(text);
    note(&format!("Watching run {}", run.id()));
    let interrupted = Arc::new(AtomicBool::new(false));
    // A second Ctrl-C ends the program, as where output is held up. Where the
    // signal cannot be caught the first one does.
    let _ = flag::register_conditional_default(SIGINT, Arc::clone(&interrupted));
    let _ = flag::register(SIGINT, Arc::clone(&interrupted));
    let stops = || interrupted.load(Ordering::SeqCst);
    let followed = run.follow_output(|chunk| {
        context.console.data(chunk);
        !stops() && !context.console.is_stdout_gone()
    })?;
    match followed {
        Followed::Ended(status) => note(&format!(
            "Run {} stopped with a status of '{status}'",
            run.id()
        )),
        Followed::Deleted => return Err(Failure::error(format!("run {} was deleted", run.id()))),
        Followed::Left if stops() => {
            note(&format!("\nStopped watching {} (still running)", run.id()))
        }
        Followed::Left => {}
    }
    Ok(())
}

fn selected(args: &Args, context: &Context) -> Result<Run, Failure> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let run = given(&args.run.run);
    if let Some(pid) = given(&args.pid) {
        if run.is_some() || args.filters != FilterArgs::default() {
            return Err(Failure::error("--pid may not be used with other options"));
        }
        return run_of_pid(&pid, context);
    }
    let mut filter = listing::filter(&args.filters, None, context)?;
    if run.is_none() {
        filter.statuses = vec![Status::Running];
    }
    let runs = listing::Filtered::new(&listing::live_runs(context), filter);
    if run.is_none() && runs.list()?.is_empty() {
        return Err(Failure::error(
            "nothing to watch\nYou can view the output of a specific run using 'guild watch RUN'.",
        ));
    }
    listing::pick_one(&runs, run.as_deref(), context)
}

/// The run that `pid` means: the id of a process, or a file.
fn run_of_pid(pid: &str, context: &Context) -> Result<Run, Failure> {
    let number = match pid.trim().parse() {
        Ok(number) => number,
        Err(_) => {
            let path = context.home.cwd().join(pid);
            if let Some(run) = Run::of_job_file(&path) {
                return Ok(run);
            }
            pid_in(&path, pid)?
        }
    };
    let runs = listing::live_runs(context).list()?;
    let found = runs.into_iter().find(|run| is_process_of(number, run));
    found.ok_or_else(|| Failure::error(format!("cannot find run for pid {number}")))
}

/// The process id in the file `path`, which the user typed as `typed`.
fn pid_in(path: &Path, typed: &str) -> Result<i32, Failure> {
    let Some(bytes) = files::read_if_exists(path)? else {
        return Err(Failure::does_not_exist(Path::new(typed)));
    };
    let text = String::from_utf8_lossy(&bytes);
    text.trim()
        .parse()
        .map_err(|_| Failure::error(format!("pidfile {typed} does not contain a valid pid")))
}

/// Whether `pid` is the run's process or the one that started that.
fn is_process_of(pid: i32, run: &Run) -> bool {
    let process = run.process();
    process.is_some_and(|process| process.pid == pid || process.parent() == Some(pid))
}
