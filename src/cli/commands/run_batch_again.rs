//! `guild run --restart` and `--start` of a batch.

use super::run_batch::{self, Batch};
use super::{run, run_restart, run_start, run_trials};
use crate::batch::{CONTINUES, make};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::op::RunRequest;
use crate::op::plan::Plan;
use crate::op::source;
use crate::runs::{Run, Status};
use crate::select;

/// Starts the batch `run` again, whose trials are made like `proto`: those that it
/// has not done, or new ones where it is done.
///
/// # Errors
/// It cannot be read or written; as for any run.
pub(super) fn restart(
    run: &Run,
    proto: &Run,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    let home = &context.home;
    let seen = run.status();
    let (mut plan, operation) = run_restart::plan_again(proto, request, context)?;
    let mut batch = run_batch::of_run(run, operation.as_ref(), request, context)?;
    if plan.values.trials.is_empty() {
        plan.values.trials = crate::batch::Wanted::of_proto(proto)?.trials;
    }
    if run_trials::show_only(&batch, &plan, request, context)? {
        return Ok(());
    }
    let shown = proto.opref()?.model_op();
    let verb = if request.stage { "stage" } else { "start" };
    let subject = format!("{} ({shown})", run.id());
    if !request.yes {
        let more = batch.flag_lines();
        let subject = format!("{subject}{}", batch.described(&plan)?);
        if !run::confirm(verb, &subject, &plan, &more, context)? {
            return Ok(());
        }
    }
    let before = run.status();
    if request.needed && is_done(run, proto, (&batch, &plan)) {
        run_restart::tell_unchanged(context);
        return Ok(());
    }
    // One that a queue has claimed was staged, and is not pending by itself.
    let is_claimed = before == Status::Pending && run.process().is_some();
    if !is_claimed && !matches!(before, Status::Completed | Status::Staged) {
        let on = (CONTINUES.to_string(), "1".to_string());
        batch.plan.start_env.push(on);
    }
    run_batch::check_devices(&batch, request, context)?;
    let mut warn = |text: String| context.console.warn(&text);
    let making = run_batch::with_batch_comment(request, &subject, context, |request| {
        let plans = (&mut batch.plan, &mut plan);
        make::take_up(run, seen, plans, &batch.settings, request, home, &mut warn)
            .map_err(Failure::error)
    })?;
    if request.force_sourcecode
        && let Some(operation) = &operation
    {
        proto.write_opref(&operation.opref)?;
        source::replace(proto, operation, &plan, home, &mut warn)?;
    }
    run::resolve(run, &batch.plan, request, context)?;
    let shown = select::operation_name(run);
    run_start::go(making, &shown, &batch.plan, request, context)
}

/// Whether a batch with these plans would be what `run` is already.
fn is_done(run: &Run, proto: &Run, (batch, plan): (&Batch, &Plan)) -> bool {
    run.status() == Status::Completed
        && run::has_values(run, &batch.plan)
        && run::has_values(proto, plan)
}
