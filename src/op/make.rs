//! Writing a run: its directory, attributes and source code, and taking an
//! earlier run up again.

use std::path::Path;
use std::time::Duration;

use super::making::Making;
use super::plan::{self, Plan};
use super::request::RunRequest;
use super::{label, launch, source};
use crate::base::process::{self, Process};
use crate::base::yaml::{Map, Value};
use crate::base::{files, flock, parallel};
use crate::flags;
use crate::home::Home;
use crate::opref::OpRef;
use crate::project::Operation;
use crate::runs::{self, Comment, Creation, NotesLock, Run, Status};

/// How long the lock on run statuses is waited for.
const STATUS_LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a run cannot be made or taken up again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The run cannot be read or written.
    #[error(transparent)]
    Run(#[from] runs::Error),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] crate::base::files::Error),
    /// There is no plan to be made.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// No command line or environment can be made.
    #[error(transparent)]
    Launch(#[from] launch::Error),
    /// The lock on statuses is held.
    #[error(transparent)]
    Lock(#[from] flock::Error),
    /// The system refuses to tell of signals.
    #[error("cannot handle signals: {0}")]
    Signals(std::io::Error),
    /// Neither a definition nor a run says what is to be made.
    #[error("there is neither a definition nor a run to make the run from")]
    NothingToMake,
    /// The run runs already.
    #[error(
        "cannot restart run {0} because it's running\nUse 'guild stop {0}' to stop it first and \
         try again."
    )]
    Running(String),
    /// Another process started the run since it was looked at.
    #[error(
        "run {0} is not started because another process has started it meanwhile\nUse 'guild run \
         --restart {0}' to run it again."
    )]
    StartedMeanwhile(String),
}

/// Makes a new pending run of `operation` by `plan` in `dir`.
///
/// # Errors
/// Something of the run cannot be written.
pub fn create(
    dir: &Path,
    operation: &Operation,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    // What is wrong with the definition is told before there is a run.
    launch::command_line(&plan.config, &plan.values.all, home)?;
    launch::operation_env(&plan.config, &plan.values.all, home)?;
    let run = claim_new(dir, &operation.opref, home)?;
    fill(&run, operation, plan, request, home, warn)?;
    Ok(run)
}

/// Makes a pending run in `dir` that is this process's to start. A run that is
/// there already, which only a given folder can have, is replaced.
///
/// # Errors
/// The run that is there is running, or the new one cannot be written.
pub(super) fn claim_new(dir: &Path, opref: &OpRef, home: &Home) -> Result<Making, Error> {
    let _lock = flock::lock(&home.status_lock(), STATUS_LOCK_TIMEOUT)?;
    let run = Run::at(dir);
    check_not_running(&run)?;
    let run = Making::take_charge(run).map_err(Error::Signals)?;
    if run.exists() {
        run.set_pending()?;
        run.clear()?;
    }
    let creation = Creation {
        opref,
        initialized: home.now_micros(),
    };
    let is_new = !dir.exists();
    let made = Run::create(dir, &creation).map_err(Error::from);
    let claimed = made.and_then(|run| claim(&run));
    if claimed.is_err() && is_new {
        // Half a run is of no use. What cannot be removed, no listing shows.
        let _ = files::remove_dir_all(dir);
    }
    claimed.map(|()| run)
}

fn check_not_running(run: &Run) -> Result<(), Error> {
    // One that this process has claimed is its own to start.
    let others = run
        .process()
        .filter(|&process| Some(process) != Process::current());
    if others.is_some() || run.status() == Status::Running {
        return Err(Error::Running(run.id().to_string()));
    }
    Ok(())
}

/// Makes the run this process's to start.
fn claim(run: &Run) -> Result<(), Error> {
    match Process::current() {
        Some(process) => Ok(run.claim(process)?),
        None => Ok(()),
    }
}

/// Writes what a new run has beside its reference and id.
fn fill(
    run: &Run,
    operation: &Operation,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    // A run with a manifest and no digest is known to be made by half.
    run.append_manifest(&[])?;
    let names = operation.plugins.iter().copied().map(Value::from).collect();
    run.write_attr("plugins", &Value::List(names))?;
    write_tags(run, request, operation)?;
    if let Some(comment) = &request.comment {
        add_comment(run, comment, home)?;
    }
    write_attrs(run, plan, request, home, warn)?;
    let host = home.variable("HOST").unwrap_or_else(process::host_name);
    run.write_attr("host", &host.into())?;
    let user = home.variable("USER").unwrap_or_default();
    run.write_attr("user", &user.into())?;
    run.write_attr("platform", &platform())?;
    write_defined_attrs(run, operation, warn)?;
    source::copy(run, operation, plan, home, warn)?;
    write_params(run, request)
}

/// Writes what is new each time a run is started.
///
/// # Errors
/// Something of the run cannot be written, or no command line can be made.
pub(super) fn write_attrs(
    run: &Run,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    fix_python_path(plan, home)?;
    let line = launch::command_line(&plan.config, &plan.values.all, home)?;
    line.warnings.into_iter().for_each(&mut *warn);
    let args = line.args.into_iter().map(Value::from).collect();
    run.write_attr("cmd", &Value::List(args))?;
    let template = plan.config.label_template.as_deref();
    let label = label::label(template, &plan.values.all, warn);
    if label.is_empty() {
        run.delete_attr("label")?;
    } else {
        run.write_attr("label", &label.into())?;
    }
    run.write_attr("flags", &Value::Map(plan.values.all.clone()))?;
    run.write_attr("user_flags", &Value::Map(plan.values.user.clone()))?;
    let seed = request
        .random_seed
        .filter(|&seed| seed != 0)
        .or(run.integer_attr("random_seed").ok().flatten())
        .unwrap_or_else(|| i64::from(home.random_u32()));
    run.write_attr("random_seed", &Value::Int(seed))?;
    run.write_attr("op", &plan.config.to_value())?;
    if let Some(steps) = &plan.steps {
        run.write_attr("steps", steps)?;
    }
    Ok(())
}

/// Writes `PYTHONPATH` as the process will have it, without what is inherited
/// only now, so that Guild AI can start the run too.
fn fix_python_path(plan: &mut Plan, home: &Home) -> Result<(), Error> {
    if !plan.config.cmd_env.contains("PYTHONPATH") {
        return Ok(());
    }
    let env = launch::operation_env(&plan.config, &plan.values.all, home)?;
    if let Some(path) = env.get("PYTHONPATH") {
        plan.config.cmd_env.insert("PYTHONPATH", path.as_str());
    }
    Ok(())
}

fn write_tags(run: &Run, request: &RunRequest, operation: &Operation) -> Result<(), Error> {
    let mut tags = request.tags.clone();
    for tag in &operation.settings.tags {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    if !tags.is_empty() {
        let tags = tags.into_iter().map(Value::from).collect();
        run.write_attr("tags", &Value::List(tags))?;
    }
    Ok(())
}

/// Writes the attributes that the definition gives to runs.
fn write_defined_attrs(
    run: &Run,
    operation: &Operation,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let Some(definition) = &operation.definition else {
        return Ok(());
    };
    let mut attrs = Map::new();
    for (name, value) in definition.run_attrs.iter() {
        let text = flags::plain_text(name);
        if runs::RESERVED_ATTRS.contains(&text.as_str()) {
            warn(format!(
                "Invalid run attribute '{text}' (reserved attribute) - ignoring"
            ));
        } else {
            attrs.insert(name.clone(), value.clone());
        }
    }
    if !attrs.is_empty() {
        run.write_attr("opdef_attrs", &Value::Map(attrs))?;
    }
    Ok(())
}

/// Adds a comment of this user.
///
/// # Errors
/// The comments are held by another command for too long, or cannot be written.
pub(super) fn add_comment(run: &Run, body: &str, home: &Home) -> Result<(), Error> {
    let lock = NotesLock::take(home)?;
    Ok(run.add_comment(&Comment::new(body, None, home), &lock)?)
}

fn platform() -> Value {
    let [system, host, release, version, machine] = process::system_name();
    let bits = usize::BITS;
    let cpus = parallel::cores();
    let items: Map = [
        ("architecture", Value::from(format!("{bits}bit ELF"))),
        ("processor", Value::from("")),
        // Told by the interpreter itself once it runs.
        ("python_version", Value::from("")),
        (
            "uname",
            Value::from(format!("{system} {host} {release} {version} {machine} ")),
        ),
        ("cpus", Value::Int(cpus as i64)),
    ]
    .into_iter()
    .collect();
    Value::Map(items)
}

/// Takes up `run` again by `plan`: marks it pending, forgets how it ended and
/// writes what is new. `seen` is the status that it had when that was decided. Of two
/// that try this at once, one gets an error, and so does one that was to start a run
/// that another has started and that has ended since.
///
/// # Errors
/// The run runs or was run, or cannot be written.
pub fn take_up(
    run: &Run,
    seen: Status,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    let run = {
        let _lock = flock::lock(&home.status_lock(), STATUS_LOCK_TIMEOUT)?;
        check_not_running(run)?;
        let is_to_start = |status| matches!(status, Status::Staged | Status::Pending);
        if is_to_start(seen) && !is_to_start(run.status()) {
            return Err(Error::StartedMeanwhile(run.id().to_string()));
        }
        let run = Making::take_charge(run.clone()).map_err(Error::Signals)?;
        run.set_pending()?;
        run.clear_ended()?;
        claim(&run)?;
        run
    };
    renew(&run, plan, request, home, warn)?;
    Ok(run)
}

/// Writes what is new of a run that is taken up.
///
/// # Errors
/// Something of it cannot be written.
pub fn renew(
    run: &Run,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    write_attrs(run, plan, request, home, warn)?;
    if !request.tags.is_empty() {
        let tags = request.tags.iter().cloned().map(Value::from);
        run.write_attr("tags", &Value::List(tags.collect()))?;
    }
    if let Some(comment) = &request.comment {
        add_comment(run, comment, home)?;
    }
    update_params(run, request)
}

/// Records the parameters of a new run.
///
/// # Errors
/// They cannot be written.
pub fn write_params(run: &Run, request: &RunRequest) -> Result<(), Error> {
    Ok(run.write_attr("run_params", &Value::Map(request.to_params()))?)
}

/// Updates the parameters that a restart may change, where they are given.
fn update_params(run: &Run, request: &RunRequest) -> Result<(), Error> {
    let mut params = match run.attr("run_params")? {
        Some(Value::Map(params)) => params,
        _ => request.to_params(),
    };
    let new = request.to_params();
    for name in ["force_sourcecode", "gpus", "label", "needed", "tags"] {
        if let Some(value) = new.get(name).filter(|value| value.is_truthy()) {
            params.insert(name, value.clone());
        }
    }
    Ok(run.write_attr("run_params", &Value::Map(params))?)
}
