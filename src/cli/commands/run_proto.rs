//! `guild run --proto`: a new run like an earlier one.

use super::run_batch::{self, Batch};
use super::{run, run_edit, run_restart, run_start, run_steps, run_trials};
use crate::batch::Wanted;
use crate::batch::make::Part;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::op::plan::Plan;
use crate::op::{RunRequest, proto};
use crate::opref::OpRef;
use crate::project::{self, Operation};
use crate::runs::Run;

/// Runs what the run ran that `spec` means, with its flag values unless others
/// are given.
///
/// # Errors
/// There is no such run, or it cannot be made again; as for any run.
pub fn main(spec: &str, request: &RunRequest, context: &Context) -> Result<(), Failure> {
    let found = run_restart::find(spec, context)?;
    let like = found.proto();
    let batch_like = like.is_some().then_some(&found);
    let like = like.unwrap_or_else(|| found.clone());
    let mut plan = Plan::of_run(&like, request, &context.home).map_err(Failure::error)?;
    let operation = match request.op_spec() {
        None => match request.optimizer.is_some() || request.optimize {
            true => Some(find_again(&like, context)?),
            false => run_restart::needed_operation(&like, request, context)?,
        },
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
    let batch = match (batch_like, &operation) {
        (Some(batch), _) => {
            if plan.values.trials.is_empty() {
                plan.values.trials = Wanted::of_proto(&like)?.trials;
            }
            Some(run_batch::of_run(
                batch,
                operation.as_ref(),
                request,
                context,
            )?)
        }
        (None, Some(operation)) => run_batch::of_operation(operation, &mut plan, request, context)?,
        (None, None) => {
            run_batch::check_no_batch(request, context)?;
            None
        }
    };
    if let Some(batch) = batch {
        return run_batch_like(
            batch,
            batch_like,
            (&like, operation.as_ref()),
            plan,
            request,
            context,
        );
    }
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

/// Starts a batch, like the run `batch_like` if there is one, whose trials are like
/// the run `like`, of `operation` where that is at hand.
fn run_batch_like(
    batch: Batch,
    batch_like: Option<&Run>,
    (like, operation): (&Run, Option<&Operation>),
    mut plan: Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    if run_trials::show_only(&batch, &plan, request, context)? {
        return Ok(());
    }
    let opref = match operation {
        Some(operation) => operation.opref.clone(),
        None => like.opref()?,
    };
    if !request.yes {
        let subject = format!("{}{}", opref.model_op(), batch.described(&plan)?);
        let more = batch.flag_lines();
        if !run::confirm(&run::verb(request), &subject, &plan, &more, context)? {
            return Ok(());
        }
    }
    if request.needed && batch.is_done(&opref, &plan, context)? {
        return Ok(());
    }
    let user = Part {
        operation,
        plan: &mut plan,
        like: Some(like),
    };
    run_batch::start(batch, user, batch_like, request, context)
}

/// The operation of `run` as it is defined now.
fn find_again(run: &Run, context: &Context) -> Result<Operation, Failure> {
    let found = project::find_again(&context.home, &run.opref()?);
    found.map_err(|error| run::project_failure(&error, context))
}
