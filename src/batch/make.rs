//! Writing a batch: its run, and the proto inside that its trials start from.

use std::path::Path;

use super::side_by_side::SideBySide;
use crate::base::yaml::{Map, Value};
use crate::home::Home;
use crate::op::make::{self, Error};
use crate::op::making::Making;
use crate::op::plan::Plan;
use crate::op::{RunRequest, proto};
use crate::project::Operation;
use crate::runs::{Run, Status};

/// One of the two runs that make up a batch: what it is of, and by what plan.
#[derive(Debug)]
pub struct Part<'a> {
    /// The definition of its operation, where that is at hand.
    pub operation: Option<&'a Operation>,
    /// What the run is made of.
    pub plan: &'a mut Plan,
    /// The run that it is made like, if it is made like one.
    pub like: Option<&'a Run>,
}

/// What a batch has beside what any run has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// What is to be made small, or large where a `-` is before it. It stays what it
    /// was where nothing says.
    pub objective: Option<String>,
    /// How many trials there are at the most.
    pub max_trials: Option<u64>,
    /// Whether trials are only staged.
    pub stage_trials: bool,
    /// How many trials run at once.
    pub side_by_side: SideBySide,
}

/// The request for the run of a batch itself, where `request` is that of the user.
pub fn request(request: &RunRequest) -> RunRequest {
    RunRequest {
        label: request.batch_label.clone(),
        tags: request.batch_tags.clone(),
        comment: request.batch_comment.clone(),
        edit_comment: request.edit_batch_comment,
        keep_run: request.keep_batch,
        ..request.clone()
    }
}

/// Makes a new pending batch in `dir`, with a proto made by the part `user`.
///
/// # Errors
/// Something of it cannot be written.
pub fn create(
    dir: &Path,
    batch: Part<'_>,
    user: Part<'_>,
    settings: &Settings,
    asked: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    let run = part(dir, batch, &request(asked), home, warn)?;
    fill(&run, user, settings, asked, home, warn)?;
    Ok(run)
}

fn part(
    dir: &Path,
    part: Part<'_>,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    match (part.like, part.operation) {
        (Some(like), operation) => {
            proto::create(dir, like, operation, part.plan, request, home, warn)
        }
        (None, Some(operation)) => make::create(dir, operation, part.plan, request, home, warn),
        (None, None) => Err(Error::NothingToMake),
    }
}

fn fill(
    run: &Run,
    user: Part<'_>,
    settings: &Settings,
    asked: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let trials = user.plan.values.trials.clone();
    // Nobody starts it, so that it stays pending.
    let proto = part(&run.proto_dir(), user, asked, home, warn)?.leave();
    proto.set_pending()?;
    write_trials(&proto, trials)?;
    write_settings(run, settings)?;
    // What the user asked for, in both of them.
    make::write_params(run, asked)
}

fn write_trials(proto: &Run, trials: Vec<Map>) -> Result<(), Error> {
    if trials.is_empty() {
        return Ok(());
    }
    let trials = trials.into_iter().map(Value::Map).collect();
    Ok(proto.write_attr("trials", &Value::List(trials))?)
}

fn write_settings(run: &Run, settings: &Settings) -> Result<(), Error> {
    if let Some(objective) = &settings.objective {
        run.write_attr("objective", &objective.as_str().into())?;
    }
    if let Some(most) = settings
        .max_trials
        .and_then(|most| i64::try_from(most).ok())
    {
        run.write_attr("max_trials", &Value::Int(most))?;
    }
    if settings.stage_trials {
        run.write_attr("stage_trials", &true.into())?;
    }
    settings.side_by_side.write(run)?;
    Ok(())
}

/// Takes up the batch `run` again by the plan `batch`, with its proto changed to
/// the plan `user`; `seen` is the status that it had when that was decided.
///
/// # Errors
/// The batch runs or was run, or cannot be written.
pub fn take_up(
    run: &Run,
    seen: Status,
    (batch, user): (&mut Plan, &mut Plan),
    settings: &Settings,
    asked: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    let run = make::take_up(run, seen, batch, &request(asked), home, warn)?;
    renew(&run, user, settings, asked, home, warn)?;
    Ok(run)
}

fn renew(
    run: &Run,
    user: &mut Plan,
    settings: &Settings,
    asked: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    write_settings(run, settings)?;
    let proto = Run::at(run.proto_dir());
    make::renew(&proto, user, asked, home, warn)?;
    write_trials(&proto, user.values.trials.clone())
}
