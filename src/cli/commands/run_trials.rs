//! The trials of a batch: shown and saved without being run, and run by the process
//! of the batch.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::run_batch::{Batch, failure};
use super::{run, run_steps};
use crate::base::yaml::Map;
use crate::base::{files, signals};
use crate::batch::table::{self, Form};
use crate::batch::{End, Process, Trial, TrialEnd, Wanted};
use crate::cli::failure::Failure;
use crate::cli::{Context, listing};
use crate::home::expand_user;
use crate::op::RunRequest;
use crate::op::display::{AsItComes, WholeLines};
use crate::op::plan::Plan;
use crate::runs::Run;

/// Shows the command lines, shows the trials, or saves them, if that is asked for;
/// `plan` is that of what is run.
///
/// # Errors
/// The trials are not known before they are run; they make no sense; the file cannot
/// be written.
pub(super) fn show_only(
    batch: &Batch,
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<bool, Failure> {
    if request.print_cmd {
        run::show_only(&batch.plan, request, context)?;
        for flags in trials(batch, plan, request, "printing trials command", context)? {
            let mut trial = plan.clone();
            trial.values.all = flags;
            run::show_only(&trial, request, context)?;
        }
    } else if request.print_env {
        run::show_only(plan, request, context)?;
    } else if request.print_trials {
        let trials = trials(batch, plan, request, "printing trials", context)?;
        for line in table::lines(&trials) {
            context.console.line(line.trim_end());
        }
    } else if let Some(name) = &request.save_trials {
        let form = Form::of(name).map_err(Failure::error)?;
        let (path, shown) = place(name, context);
        context.console.line(&format!("Saving trials to {shown}"));
        let trials = trials(batch, plan, request, "saving trials", context)?;
        save(&trials, form, &path)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The trials of a batch that none of them is needed for to tell.
fn trials(
    batch: &Batch,
    plan: &Plan,
    request: &RunRequest,
    what: &str,
    context: &Context,
) -> Result<Vec<Map>, Failure> {
    let unknown = || Failure::bare(format!("ERROR: [guild] optimizer does not support {what}"));
    let method = batch.method().ok_or_else(unknown)?;
    let seed = request.random_seed.filter(|&seed| seed != 0);
    let seed = seed.map_or_else(|| u64::from(context.home.random_u32()), i64::unsigned_abs);
    let wanted = Wanted::of_values(&plan.values);
    let trials = wanted.trials(
        &method,
        &batch.plan.values.all,
        batch.settings.max_trials,
        seed,
    );
    let trials = trials.map_err(|error| failure(&error))?;
    trials.ok_or_else(unknown)
}

/// The file called `name`, and how messages show it.
fn place(name: &str, context: &Context) -> (PathBuf, String) {
    let home = &context.home;
    let named = expand_user(name, home.user_home());
    let path = home.cwd().join(&named);
    let shown = match home.cwd() == home.process_cwd() {
        true => named,
        false => path.clone(),
    };
    let shown = crate::base::text::abbreviate_home(&shown, home.user_home());
    (path, shown)
}

fn save(trials: &[Map], form: Form, path: &Path) -> Result<(), Failure> {
    let bytes = match form {
        Form::Csv => table::csv(trials).map_err(|error| Failure::system(path, &error))?,
        Form::Json => listing::python_json(&table::value(trials)).into_bytes(),
    };
    Ok(files::write_atomic(path, &bytes)?)
}

/// Runs the trials of the batch `run`; this is its process.
pub(super) fn run_all(run: &Run, context: &Context) -> Result<(), Failure> {
    let log = run_steps::logger(context);
    let process = Process::of_run(run, &context.home, &log).map_err(|error| failure(&error))?;
    let run_trial = |trial: Trial<'_>| run_trial(trial, context);
    match process.run(&run_trial).map_err(|error| failure(&error))? {
        End::Completed => Ok(()),
        End::TrialFailed(code) => Err(Failure::silent(code)),
        End::Signal(signal) => {
            signals::end_by(signal);
            Err(Failure::silent(128_u8.saturating_add(signal as u8)))
        }
    }
}

/// Does in this process what `guild run --start` does for `trial`.
fn run_trial(trial: Trial<'_>, context: &Context) -> TrialEnd {
    let request = RunRequest {
        restart: Some(trial.run.dir().display().to_string()),
        gpus: trial.devices.map(str::to_string),
        stage: trial.stage,
        quiet: trial.stage,
        yes: true,
        ..RunRequest::default()
    };
    let run_it = || -> Result<(), Failure> {
        let home = &context.home;
        let home = home.moved(home.process_cwd(), home.environment().clone());
        let debug = context.console.has_debug();
        let mut context = Context::new(home.map_err(Failure::error)?, debug, "guild run");
        context.ending = Some("trial");
        context.supervisor = Some(trial.supervisor.clone());
        if trial.is_beside_others {
            let prefix = format!("[{}] ", trial.run.short_id());
            context.display = Arc::new(WholeLines::new(&prefix, AsItComes));
            context.console = context.console.with_prefix(&prefix);
        }
        run::run(&request, &context)
    };
    let mut message = String::new();
    let code = crate::cli::survive(|| match run_it() {
        Ok(()) => 0,
        Err(failure) => {
            let text = failure.message.as_str();
            message = text.strip_prefix("guild: ").unwrap_or(text).to_string();
            failure.exit_code
        }
    });
    TrialEnd { code, message }
}
