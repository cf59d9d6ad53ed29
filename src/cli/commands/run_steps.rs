//! Pipelines of `guild run`: what is shown of their steps before they run, and
//! what they say while they do.

use std::ffi::OsString;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use clap::{Args, FromArgMatches};

use super::run;
use crate::base::signals;
use crate::cli::Context;
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::words::{self, Request};
use crate::op::plan::Plan;
use crate::op::supervise::Supervisor;
use crate::op::{Log, RunRequest};
use crate::opref::OpRef;
use crate::runs::{Run, StepLink};
use crate::steps::{End, Parent, Pipeline, Planned, Step, StepCommand};

/// The exit code of a pipeline that a check ended.
const CHECK_FAILED: u8 = 3;

/// The level of messages that only tell what is done, as `LOG_LEVEL` has it.
const INFO: i64 = 20;

/// The level where nothing says which.
const DEFAULT_LEVEL: i64 = 30;

/// What prints messages of the process of a run that runs others.
pub fn logger(context: &Context) -> impl Fn(Log) + '_ {
    let level = context.home.variable("LOG_LEVEL");
    let level = level.and_then(|level| level.parse().ok());
    let is_told = level.unwrap_or(DEFAULT_LEVEL) <= INFO;
    move |log: Log| {
        let (name, text, tone) = match log {
            Log::Info(_) if !is_told => return,
            Log::Info(text) => ("INFO", text, Tone::Plain),
            Log::Warning(text) => ("WARNING", text, Tone::Warning),
            Log::Error(text) => ("ERROR", text, Tone::Warning),
        };
        context
            .console
            .tell(&format!("{name}: [guild] {text}"), tone);
    }
}

/// Runs the steps of `run`; this is its process.
pub fn run_all(run: &Run, context: &Context) -> Result<(), Failure> {
    let log = logger(context);
    let pipeline = Pipeline::of_run(run, &parse, &context.home, &log).map_err(Failure::error)?;
    let failure = |message: String, exit_code: u8| Failure {
        exit_code,
        ..Failure::error(message)
    };
    let run_step = |command: StepCommand, supervisor: &Arc<Supervisor>| {
        crate::cli::code_of(|| run_step(command, supervisor, context))
    };
    match pipeline.run(&run_step).map_err(Failure::error)? {
        End::Completed => Ok(()),
        End::CheckFailed => Err(failure(
            "stopping because a check failed - see above for details".to_string(),
            CHECK_FAILED,
        )),
        End::Failed { step, code } => Err(failure(
            format!("stopping because step '{step}' failed with exit code {code}"),
            code,
        )),
        End::Signal(signal) => {
            signals::end_by(signal);
            Err(Failure::silent(128_u8.saturating_add(signal as u8)))
        }
    }
}

/// Does in this process what `guild run` does with the words of a step.
fn run_step(
    command: StepCommand,
    supervisor: &Arc<Supervisor>,
    context: &Context,
) -> Result<(), Failure> {
    let request = read(command.words).map_err(Failure::error)?;
    let home = context.home.moved(&command.folder, command.environment);
    let mut context = Context::new(home.map_err(Failure::error)?, false, "guild run");
    context.supervisor = Some(supervisor.clone());
    run::run(&request, &context)?;
    crate::cli::all_written(&context.console)
}

/// The lines that a preview has of the steps of `plan`; none where it has none.
/// `again` is the run that is to be restarted.
///
/// # Errors
/// The steps make no sense.
pub fn preview(
    plan: &Plan,
    opref: &OpRef,
    request: &RunRequest,
    again: Option<&Run>,
    context: &Context,
) -> Result<Vec<String>, Failure> {
    let Some(steps) = plan.steps.as_ref().filter(|_| plan.config.runs_steps()) else {
        return Ok(Vec::new());
    };
    let before = again.map(Parent::of_run).transpose();
    let before = before.map_err(Failure::error)?.unwrap_or_default();
    let parent = Parent {
        opref: Some(opref.clone()),
        flags: plan.values.all.clone(),
        label: request.label.clone().or(before.label),
        tags: match request.tags.is_empty() {
            true => before.tags,
            false => request.tags.clone(),
        },
    };
    let mut warn = |text: String| context.console.warn(&text);
    let steps = Step::read_all(steps, &parent, &parse, &mut warn);
    let planned = steps.and_then(Planned::all).map_err(Failure::error)?;
    let heading = std::iter::once("Steps:".to_string());
    let lines = planned.iter().map(|planned| {
        let words = planned.step.words().join(" ");
        let run = again.map(|again| again.step_link(&planned.link));
        match run {
            Some(StepLink::Run(run)) => format!(
                "  {}: {words} (again as {}, {})",
                planned.link,
                run.short_id(),
                run.status()
            ),
            _ => format!("  {}: {words}", planned.link),
        }
    });
    Ok(heading.chain(lines).collect())
}

/// What the words after `guild run` ask for.
fn parse(typed: &[String]) -> Result<RunRequest, String> {
    read(typed.iter().map(Into::into))
}

fn read(typed: impl IntoIterator<Item = OsString>) -> Result<RunRequest, String> {
    // Made once: it has many options, and there may be many steps.
    static COMMAND: LazyLock<Mutex<clap::Command>> = LazyLock::new(|| {
        let command = clap::Command::new("run")
            .disable_help_flag(true)
            .args_override_self(true);
        Mutex::new(RunRequest::augment_args(command))
    });
    let mut command = COMMAND.lock().unwrap_or_else(PoisonError::into_inner);
    let request = words::read(&command, typed);
    let Request::Run(read) = request.map_err(|error| error.to_string())? else {
        return Err("a step cannot ask for help".to_string());
    };
    let matches = command.try_get_matches_from_mut(read);
    let request = matches.and_then(|mut matches| RunRequest::from_arg_matches_mut(&mut matches));
    request.map_err(|error| {
        let reason = std::error::Error::source(&error).map(ToString::to_string);
        reason.unwrap_or_else(|| error.to_string().trim_end().to_string())
    })
}
