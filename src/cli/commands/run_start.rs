//! Starting a run that is made: now, in the background, or later.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::base::process::Process;
use crate::base::yaml::Value;
use crate::base::{command, files, shell_text};
use crate::batch::side_by_side::SideBySide;
use crate::cli::failure::Failure;
use crate::cli::{Context, batch_progress};
use crate::op::making::Making;
use crate::op::plan::Plan;
use crate::op::supervise::{Remark, Start, Supervisor};
use crate::op::{RunRequest, launch};
use crate::runs::{self, Run, Status, Store};

/// How long a background start is waited for.
const START_WAIT: Duration = Duration::from_secs(2);

/// Starts `run`, stages it, or starts it in the background, as asked for; the
/// exit code is that of its process.
pub fn go(
    run: Making,
    op: &str,
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    let limit = prepare(&run, request, context)?;
    if request.stage {
        return stage(run, op, plan, request, context);
    }
    if request.background || request.pidfile.is_some() {
        return in_background(run, op, plan, request, limit, context);
    }
    let made = Run::clone(&run);
    let status = match &context.supervisor {
        Some(supervisor) => execute(run, op, plan, request.quiet, limit, supervisor, context),
        None => {
            let supervisor = supervisor(None, context)?;
            execute(run, op, plan, request.quiet, limit, &supervisor, context)
        }
    }?;
    if status == 0 && plan.config.delete_on_success {
        delete(&made, op, context)?;
    }
    exit_with(status)
}

/// Records that the run is about to start, and returns its time limit.
fn prepare(
    run: &Run,
    request: &RunRequest,
    context: &Context,
) -> Result<Option<Duration>, Failure> {
    set_started(run, context)?;
    request.stop_after.map(minutes).transpose()
}

fn set_started(run: &Run, context: &Context) -> Result<(), Failure> {
    Ok(run.write_attr("started", &Value::Int(context.home.now_micros()))?)
}

/// A time limit in minutes.
pub fn minutes(number: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(number * 60.0)
        .map_err(|_| Failure::error(format!("invalid value for --stop-after: {number}")))
}

/// What follows the runs of this process.
pub fn supervisor(pidfile: Option<&Path>, context: &Context) -> Result<Supervisor, Failure> {
    Supervisor::start(&context.home, pidfile).map_err(Failure::error)
}

/// Runs the process of `run` to its end and returns its exit status.
pub fn execute(
    run: Making,
    op: &str,
    plan: &Plan,
    quiet: bool,
    stop_after: Option<Duration>,
    supervisor: &Supervisor,
    context: &Context,
) -> Result<i64, Failure> {
    let tell = |remark: Remark| match remark {
        Remark::Info(text) => context.console.info(&text),
        Remark::Warning(text) => context.console.warn(&text),
        Remark::Debug(text) => context.debug(&text),
        Remark::Ending(pid) => {
            if let Some(what) = context.ending {
                let text = format!("INFO: [guild] Stopping {what} (proc {pid})");
                context.console.note(&text);
            }
        }
    };
    let shows_progress =
        !quiet && run.proto().is_some() && SideBySide::of_run(&run)?.is_for_several();
    let progress = shows_progress.then(|| batch_progress::show(&run, context));
    let progress = progress.flatten();
    let display = match &progress {
        Some((display, _)) => Some(display.clone()),
        None => (!quiet).then(|| context.display.clone()),
    };
    let start = Start {
        home: &context.home,
        run,
        op,
        config: &plan.config,
        values: &plan.values.all,
        extra_env: extra_env(plan, context),
        display,
        debug: context.console.has_debug(),
        stop_after,
        tell: &tell,
    };
    supervisor.execute(start).map_err(Failure::error)
}

/// Variables that options ask for.
fn extra_env(plan: &Plan, context: &Context) -> Vec<(String, String)> {
    let debug = context
        .console
        .has_debug()
        .then(|| ("LOG_LEVEL".to_string(), "10".to_string()));
    plan.start_env.iter().cloned().chain(debug).collect()
}

/// Ends this process with the exit status of a run's.
pub fn exit_with(status: i64) -> Result<(), Failure> {
    match status.rem_euclid(256) {
        0 => Ok(()),
        code => Err(Failure::silent(code as u8)),
    }
}

/// Moves a run that ended well and is of no further use to the trash.
pub fn delete(run: &Run, op: &str, context: &Context) -> Result<(), Failure> {
    let text = format!(
        "Deleting interim run {} ('{op}' is configured for deletion on success)",
        run.id()
    );
    // Its trials are what is wanted of a batch.
    match run.proto() {
        Some(_) => context.debug(&text),
        None => context.console.note(&text),
    }
    let store = Store::new(context.home.runs_dir());
    if store.get(run.id()).as_ref() == Some(run) {
        store.move_to(run, &Store::new(context.home.trash_dir()))?;
    }
    Ok(())
}

fn stage(
    run: Making,
    op: &str,
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    let env = launch::environment(
        &plan.config,
        &plan.values.all,
        &run,
        &context.home,
        &extra_env(plan, context),
    )
    .map_err(Failure::error)?;
    run.write_env_file(&launch::env_file(&env, &plan.config.env_secrets))?;
    run.set_staged()?;
    let run = run.leave();
    if request.quiet {
        return Ok(());
    }
    if run.dir().parent() == Some(&context.home.runs_dir()) {
        let id = run.id();
        context.console.line(&format!("{op} staged as {id}"));
        context.console.line(&format!(
            "To start the operation, use 'guild run --start {id}'"
        ));
        return Ok(());
    }
    let line = launch::command_line(&plan.config, &plan.values.all, &context.home)
        .map_err(Failure::error)?;
    let dir = run.dir().display();
    context.console.line(&format!("{op} staged in '{dir}'"));
    context.console.line(&format!(
        "To start the operation, use \"(cd '{dir}' && source .guild/ENV && {})\"",
        shell_text::join(&line.args)
    ));
    Ok(())
}

/// Starts a process of this program that follows the run, and leaves it.
fn in_background(
    run: Making,
    op: &str,
    plan: &Plan,
    request: &RunRequest,
    limit: Option<Duration>,
    context: &Context,
) -> Result<(), Failure> {
    let home = &context.home;
    let (shown, pidfile) = match &request.pidfile {
        Some(path) => (path.clone(), home.process_cwd().join(path)),
        None => {
            let path = new_pidfile(context)?;
            (path.display().to_string(), path)
        }
    };
    let mut args: Vec<std::ffi::OsString> = vec![
        "-H".into(),
        home.guild_home().into(),
        "_start".into(),
        "--op".into(),
        op.into(),
        "--pidfile".into(),
        pidfile.clone().into(),
        run.dir().into(),
    ];
    if context.console.has_debug() {
        args.insert(0, "--debug".into());
    }
    if let Some(limit) = limit {
        args.push("--stop-after".into());
        args.push(limit.as_secs_f64().to_string().into());
    }
    files::create_dir_all(home.guild_home())?;
    let program = home
        .executable()
        .ok_or_else(|| Failure::error("cannot tell this program's own file"))?;
    let mut env = home.environment().clone();
    // What the run does not keep and its process is to have all the same.
    let unkept = launch::secrets(&plan.config, &plan.values.all, home).map_err(Failure::error)?;
    for (name, value) in unkept.into_iter().chain(plan.start_env.iter().cloned()) {
        env.insert(name.into(), value.into());
    }
    let mut child = command::start_background(program, &args, home.process_cwd(), &env)
        .map_err(|error| Failure::error(format!("cannot start in the background: {error}")))?;
    // It waits for the end of its input, so that it finds the run to be its own,
    // and does not remove the pidfile before it is there.
    let told = files::write_atomic(&pidfile, child.id().to_string().as_bytes());
    let process = Process::find(child.id() as i32);
    let run = match told
        .map_err(runs::Error::from)
        .and_then(|()| run.hand_over(process))
    {
        Ok(run) => run,
        Err(error) => {
            // It has gone if it cannot be killed.
            let _ = child.kill();
            let _ = child.wait();
            return Err(error.into());
        }
    };
    drop(child);
    wait_until_started(&run);
    if !request.quiet {
        context.console.note(&format!(
            "{op} started in background as {} (pidfile {shown})",
            run.id()
        ));
    }
    Ok(())
}

/// Waits until the run's process is there or the start has failed, so that a
/// command that comes next finds the run as it is. Not for long: the starter
/// goes on either way.
fn wait_until_started(run: &Run) {
    let deadline = Instant::now() + START_WAIT;
    while run.status() == Status::Pending && Instant::now() < deadline {
        // The starter is another process: its work shows only in the files.
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn new_pidfile(context: &Context) -> Result<PathBuf, Failure> {
    let id = context.home.new_run_id();
    let path = context
        .home
        .temp_dir()
        .join(format!("guild-pid-{}", &id[..8]));
    files::write_new(&path, b"")?;
    Ok(path)
}
