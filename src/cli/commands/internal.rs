//! Commands that guild gives itself: the starter of a background run, the watch
//! over a starter, and the processes of pipelines, batches and queues.

use std::path::PathBuf;
use std::time::Duration;

use super::{run_queue, run_start, run_steps, run_trials};
use crate::base::{files, process};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::op::making::Making;
use crate::op::plan::Plan;
use crate::op::{RunRequest, watch};
use crate::runs::Run;

/// Start a run that is made, and follow it.
#[derive(Debug, clap::Args)]
pub struct StartArgs {
    /// The run directory.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The operation as shown to the user.
    #[arg(long)]
    op: Option<String>,
    /// The file with this process's id.
    #[arg(long)]
    pidfile: Option<PathBuf>,
    /// End the run after this many seconds.
    #[arg(long)]
    stop_after: Option<f64>,
}

/// Follows a background run to its end.
pub fn start(args: &StartArgs, context: &Context) -> Result<(), Failure> {
    process::leave_session();
    wait_for_go();
    let dir = args
        .dir
        .clone()
        .ok_or_else(|| Failure::error("missing DIR"))?;
    let run = Run::at(dir);
    let making = Making::take_charge(run.clone()).map_err(Failure::error)?;
    let plan = Plan::of_run(&run, &RunRequest::default(), &context.home).map_err(Failure::error)?;
    let op = args.op.clone().unwrap_or_default();
    let limit = args.stop_after.map(Duration::from_secs_f64);
    let pidfile = args.pidfile.as_deref();
    let supervisor = run_start::supervisor(pidfile, context)?;
    let status = run_start::execute(making, &op, &plan, true, limit, &supervisor, context);
    drop(supervisor);
    if let Some(pidfile) = pidfile {
        files::remove_if_exists(pidfile)?;
    }
    let status = status?;
    if status == 0 && plan.config.delete_on_success {
        run_start::delete(&run, &op, context)?;
    }
    run_start::exit_with(status)
}

/// Waits until whoever started this process has nothing more to set up for it.
fn wait_for_go() {
    // A failure is an end, too: the other side has gone.
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// Watch over the process that follows a run.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    /// The file with the id of the process that is watched.
    #[arg(long)]
    pidfile: Option<PathBuf>,
}

/// Ends the run that is looked after if whoever holds standard input goes without
/// a goodbye.
pub fn watch(args: &WatchArgs, _context: &Context) -> Result<(), Failure> {
    watch::keep(args.pidfile.as_deref(), std::io::stdin().lock());
    Ok(())
}

/// Run the steps of the run that RUN_DIR in the environment names.
#[derive(Debug, clap::Args)]
pub struct StepsArgs {}

/// Runs the steps of a pipeline, as its process.
pub fn steps(_args: &StepsArgs, context: &Context) -> Result<(), Failure> {
    run_steps::run_all(&own_run(context)?, context)
}

/// Run the trials of the batch that RUN_DIR in the environment names.
#[derive(Debug, clap::Args)]
pub struct BatchArgs {}

/// Runs the trials of a batch, as its process.
pub fn batch(_args: &BatchArgs, context: &Context) -> Result<(), Failure> {
    run_trials::run_all(&own_run(context)?, context)
}

/// Start staged runs, as the run that RUN_DIR in the environment names.
#[derive(Debug, clap::Args)]
pub struct QueueArgs {
    /// Number of seconds after which to look for staged runs at the latest.
    #[arg(long, default_value_t = 10)]
    pub poll_interval: i64,
    /// Start the runs that are staged and end.
    #[arg(long)]
    pub run_once: bool,
    /// Start a run only when no other is running.
    #[arg(long)]
    pub wait_for_running: bool,
    /// GPUs for the runs that are started.
    #[arg(long)]
    pub gpus: Option<String>,
}

/// Starts staged runs, as the process of a queue.
pub fn queue(args: &QueueArgs, context: &Context) -> Result<(), Failure> {
    run_queue::start_all(&own_run(context)?, args, context)
}

/// The run that this process is the process of.
fn own_run(context: &Context) -> Result<Run, Failure> {
    let dir = context.home.variable("RUN_DIR");
    let dir = dir.ok_or_else(|| Failure::error("missing RUN_DIR in the environment"))?;
    Ok(Run::at(dir))
}
