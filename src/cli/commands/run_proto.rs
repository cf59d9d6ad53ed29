//! `guild run --proto`: a new run like an earlier one.

use super::{run, run_edit, run_restart, run_start, run_steps};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::op::plan::Plan;
use crate::op::{RunRequest, proto};
use crate::opref::OpRef;
use crate::project;

/// Runs what the run ran that `spec` means, with its flag values unless others
/// are given.
///
/// # Errors
/// There is no such run, or it cannot be made again; as for any run.
pub fn main(spec: &str, request: &RunRequest, context: &Context) -> Result<(), Failure> {
    let like = run_restart::find(spec, context)?;
    if like.is_batch() {
        let id = like.short_id();
        let reason = format!("cannot make a run like {id}: batches are not available yet");
        return Err(Failure::error(reason));
    }
    let mut plan = Plan::of_run(&like, request, &context.home).map_err(Failure::error)?;
    let operation = match request.op_spec() {
        None => run_restart::needed_operation(&like, request, context)?,
        spec => {
            let found = project::find(&context.home, spec);
            Some(found.map_err(|error| run::project_failure(&error, context))?)
        }
    };
    if let Some(operation) = &operation {
        context.warn_all(&operation.warnings);
        let values = run::flag_values(operation, Some(&plan.values.all), request, context)?;
        plan.set_values(operation, values, &context.home)
            .map_err(Failure::error)?;
    } else if request.edit_flags {
        plan.values.all = run_edit::plain(&plan.values.all, context)?;
    }
    run_restart::restore_secrets(&like, &mut plan, context);
    run::debug_source(&mut plan, request, context)?;
    if run::show_only(&plan, request, context)? {
        return Ok(());
    }
    let (opref, shown) = match &operation {
        Some(operation) => (operation.opref.clone(), operation.spec.clone()),
        None => {
            let opref = like.opref()?;
            let shown = opref.model_op();
            (opref, shown)
        }
    };
    if !request.yes {
        let steps = run_steps::preview(&plan, &opref, request, None, context)?;
        if !run::confirm(&run::verb(request), &shown, &plan, &steps, context)? {
            return Ok(());
        }
    }
    let operation_of = |opref: &OpRef| (opref.name.clone(), opref.model_op());
    let is_same = like
        .opref()
        .is_ok_and(|own| operation_of(&own) == operation_of(&opref));
    if request.needed && is_same && run_restart::is_done(&like, &plan) {
        run_restart::tell_unchanged(context);
        return Ok(());
    }
    if request.needed && run::is_done(&opref, &plan, context)? {
        return Ok(());
    }
    let home = &context.home;
    let mut warn = |text: String| context.console.warn(&text);
    let made = run::with_comment(request, &shown, context, |request| {
        let dir = run::run_dir(request, context);
        let operation = operation.as_ref();
        proto::create(&dir, &like, operation, &mut plan, request, home, &mut warn)
            .map_err(Failure::error)
    })?;
    run::resolve(&made, &plan, request, context)?;
    run_start::go(made, &shown, &plan, request, context)
}
