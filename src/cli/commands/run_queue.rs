//! Queues of `guild run`: what they say while they start runs, and how.

use std::sync::Arc;
use std::time::Duration;

use super::internal::QueueArgs;
use super::run;
use crate::base::yaml::Value;
use crate::base::{clock, signals, terminal};
use crate::cli::failure::Failure;
use crate::cli::{Context, say};
use crate::op::supervise::Supervisor;
use crate::op::{Log, RunRequest};
use crate::queue::{End, Logger, Queue, Settings, StartCommand};
use crate::runs::Run;

/// The level of messages that only tell what is done, as `LOG_LEVEL` has it.
const INFO: i64 = 20;

/// Starts staged runs as the queue of `run`; this is its process.
pub fn start_all(run: &Run, args: &QueueArgs, context: &Context) -> Result<(), Failure> {
    let seconds = args.poll_interval.max(1).unsigned_abs();
    let settings = Settings {
        poll_interval: Duration::from_secs(seconds),
        run_once: args.run_once,
        wait_for_running: waits(run, args)?,
        gpus: args.gpus.clone().filter(|gpus| !gpus.is_empty()),
    };
    let start = |command: StartCommand<'_>, supervisor: &Arc<Supervisor>| {
        crate::cli::code_of(|| start(command, supervisor, context))
    };
    let queue = Queue::new(run, settings, &context.home, logger(context));
    match queue.run(&start).map_err(Failure::error)? {
        End::Completed => Ok(()),
        End::Signal(signal) => {
            signals::end_by(signal);
            Err(Failure::silent(128_u8.saturating_add(signal as u8)))
        }
    }
}

/// Whether a queue waits for running runs, which users say in two ways.
fn waits(run: &Run, args: &QueueArgs) -> Result<bool, Failure> {
    let flags = run.attr("flags")?;
    let flags = flags.as_ref().and_then(Value::as_map);
    let ignores = flags.and_then(|flags| flags.get("ignore-running"));
    let ignores = ignores
        .filter(|value| !value.is_null())
        .map(Value::is_truthy);
    match ignores {
        Some(true) if args.wait_for_running => Err(Failure::error(
            "cannot both wait for running runs and ignore them\nSet either 'wait-for-running' or \
             'ignore-running'.",
        )),
        Some(ignores) => Ok(!ignores),
        None => Ok(args.wait_for_running),
    }
}

/// What prints what a queue says, in the form of Guild AI's log.
fn logger(context: &Context) -> Logger {
    let level = context.home.variable("LOG_LEVEL");
    let level: Option<i64> = level.and_then(|level| level.parse().ok());
    let is_told = level.unwrap_or(INFO) <= INFO;
    Arc::new(move |log| {
        let (name, text) = match log {
            Log::Info(_) if !is_told => return,
            Log::Info(text) => ("INFO", text),
            Log::Warning(text) => ("WARNING", text),
            Log::Error(text) => ("ERROR", text),
        };
        let time = clock::local_text(clock::now_micros());
        let text = terminal::harmless(&text).into_owned();
        say(&format!("{name}: [guild] {time} {text}"));
    })
}

/// Does in this process what `guild run --start` does.
fn start(
    command: StartCommand<'_>,
    supervisor: &Arc<Supervisor>,
    context: &Context,
) -> Result<(), Failure> {
    let run = command.run;
    let request = RunRequest {
        restart: Some(run.dir().to_str().unwrap_or(run.id()).to_string()),
        gpus: command.gpus.map(str::to_string),
        yes: true,
        ..RunRequest::default()
    };
    let home = context.home.moved(&command.folder, command.environment);
    let mut context = Context::new(home.map_err(Failure::error)?, false, "guild run");
    context.supervisor = Some(supervisor.clone());
    run::run(&request, &context)?;
    crate::cli::all_written(&context.console)
}
