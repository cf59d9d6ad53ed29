//! `guild run --restart` and `--start`: taking up a run again.

use std::path::Path;

use super::{run, run_batch, run_batch_again, run_edit, run_start, run_steps};
use crate::cli::failure::Failure;
use crate::cli::{Context, listing};
use crate::home::{expand_user, tidy};
use crate::op::RunRequest;
use crate::op::make;
use crate::op::plan::Plan;
use crate::op::source;
use crate::project;
use crate::resolve::upstream;
use crate::runs::{Run, Status};
use crate::select::{self, SpecError};

/// Starts the run that `spec` means, in its own directory.
pub fn restart(spec: &str, request: &RunRequest, context: &Context) -> Result<(), Failure> {
    let run = find(spec, context)?;
    let seen = run.status();
    if let Some(proto) = run.proto() {
        return run_batch_again::restart(&run, &proto, request, context);
    }
    let (mut plan, operation) = plan_again(&run, request, context)?;
    if plan.values.are_for_batch() {
        let id = run.short_id();
        return Err(Failure::error(format!(
            "cannot start run {id} with several values: it is one run\nUse '--proto {id}' to start \
             a batch of runs like it."
        )));
    }
    run_batch::check_no_batch(request, context)?;
    if run::show_only(&plan, request, context)? {
        return Ok(());
    }
    let shown = run
        .opref()
        .map_or_else(|_| select::operation_name(&run), |opref| opref.model_op());
    let verb = if request.stage { "stage" } else { "start" };
    let subject = format!("{} ({shown})", run.id());
    if !request.yes {
        let steps = match run.opref() {
            Ok(opref) => run_steps::preview(&plan, &opref, request, Some(&run), context)?,
            Err(_) => Vec::new(),
        };
        if !run::confirm(verb, &subject, &plan, &steps, context)? {
            return Ok(());
        }
    }
    if request.needed && is_done(&run, &plan) {
        tell_unchanged(context);
        return Ok(());
    }
    let mut warn = |text: String| context.console.warn(&text);
    let run = run::with_comment(request, &subject, context, |request| {
        make::take_up(&run, seen, &mut plan, request, &context.home, &mut warn)
            .map_err(Failure::error)
    })?;
    if request.force_sourcecode
        && let Some(operation) = &operation
    {
        // It is of that definition from here on.
        run.write_opref(&operation.opref)?;
        source::replace(&run, operation, &plan, &context.home, &mut warn)?;
    }
    run::resolve(&run, &plan, request, context)?;
    run_start::go(run, &shown, &plan, request, context)
}

/// What `run` is made of when it is taken up again, and the definition of its
/// operation, where that is needed.
///
/// # Errors
/// The run cannot be read; its operation is not there any more.
pub(super) fn plan_again(
    run: &Run,
    request: &RunRequest,
    context: &Context,
) -> Result<(Plan, Option<project::Operation>), Failure> {
    let mut plan = Plan::of_run(run, request, &context.home).map_err(Failure::error)?;
    let operation = needed_operation(run, request, context)?;
    if let Some(operation) = &operation {
        context.warn_all(&operation.warnings);
        let values = run::flag_values(operation, Some(&plan.values.all), request, context)?;
        plan.set_values(operation, values, &context.home)
            .map_err(Failure::error)?;
        if request.force_sourcecode {
            plan.steps = operation.steps();
        }
    } else if request.edit_flags {
        plan.values.all = run_edit::plain(&plan.values.all, context)?;
    }
    restore_secrets(run, &mut plan, context);
    run::debug_source(&mut plan, request, context)?;
    Ok((plan, operation))
}

/// Says that a run would only be what there is already.
pub(super) fn tell_unchanged(context: &Context) {
    context
        .console
        .line("Skipping run because flags have not changed (--needed specified)");
}

/// Whether a run with the values of `plan` would be what `run` is already.
pub(super) fn is_done(run: &Run, plan: &Plan) -> bool {
    let has_ended = match run.status() {
        Status::Completed => true,
        // What a pipeline or a queue has not done by then it can still do.
        Status::Terminated => plan.config.own_command().is_none(),
        _ => false,
    };
    has_ended && run::has_values(run, plan)
}

/// Puts back what is secret and so not kept with the run.
pub(super) fn restore_secrets(run: &Run, plan: &mut Plan, context: &Context) {
    if plan.config.env_secrets.is_empty() {
        return;
    }
    let opref = run.opref().ok();
    let definition = opref.and_then(|opref| project::find_again(&context.home, &opref).ok());
    for name in plan.restore_secrets(definition.as_ref(), &context.home) {
        context.console.warn(&format!(
            "variable '{name}' is secret, so its value is not kept with the run - set it in the \
             environment if the operation needs it"
        ));
    }
}

/// The definition of the run's operation, where the restart needs it.
pub(super) fn needed_operation(
    run: &Run,
    request: &RunRequest,
    context: &Context,
) -> Result<Option<project::Operation>, Failure> {
    if request.flag_words().is_empty() && !request.force_sourcecode {
        return Ok(None);
    }
    let opref = run.opref()?;
    project::find_again(&context.home, &opref)
        .map(Some)
        .map_err(|error| {
            Failure::error(format!(
                "cannot find definition for operation '{}' in run {}: {error}\nThis is required \
                 when setting flags or using '--force-sourcecode' for restart or a new run.",
                opref.model_op(),
                run.id()
            ))
            .after(error.reason())
        })
}

/// The run that `spec` means: a run directory, the marked or latest run of an
/// operation whatever its status, or the run with that id, or else whose id starts so.
pub(super) fn find(spec: &str, context: &Context) -> Result<Run, Failure> {
    let path = expand_user(spec, context.home.user_home());
    if path.is_absolute() || spec.starts_with('.') {
        let run = Run::at(tidy(&context.home.cwd().join(&path)));
        return if run.exists() {
            Ok(run)
        } else {
            Err(no_match(spec))
        };
    }
    let runs = listing::live_runs(context).list()?;
    let is_of_operation = upstream::of_operation(spec);
    let is_meant = |run: &&Run| select::operation_name(run) == spec || is_of_operation(run);
    let of_operation: Vec<&Run> = runs.iter().filter(is_meant).collect();
    let marked = of_operation.iter().find(|run| run.is_marked());
    if let Some(run) = marked.or(of_operation.first()) {
        return Ok((*run).clone());
    }
    match select::select_by_id(&runs, spec) {
        Ok(mut found) => found.pop().ok_or_else(|| no_match(spec)),
        Err(SpecError::NoMatch(_)) => Err(no_match(spec)),
        Err(several) => Err(listing::spec_failure(several, context)),
    }
}

fn no_match(spec: &str) -> Failure {
    let exists = Path::new(spec).is_absolute() && Path::new(spec).exists();
    let hint = if exists {
        " (it is not a run directory)"
    } else {
        ""
    };
    Failure::error(format!(
        "could not find a run matching '{spec}'{hint}\nTry 'guild runs list' for a list."
    ))
}
