//! Picking the runs a command is about: filters first, then arguments.

use crate::cli::Context;
use crate::cli::args::{FilterArgs, KeepArgs, StatusArgs};
use crate::cli::failure::Failure;
use crate::runs::{Run, Store};
use crate::select::{self, Filter, SpecError};

/// Which runs to keep, from the options of a command.
///
/// # Errors
/// Options that contradict each other, or are not available yet.
pub fn filter(
    filters: &FilterArgs,
    statuses: Option<&StatusArgs>,
    context: &Context,
) -> Result<Filter, Failure> {
    if filters.filter.is_some() {
        return Err(Failure::error(
            "filter expressions are not available yet\nUse '--operation', '--label', '--tag' \
             and the like instead of '--filter'.",
        ));
    }
    if filters.started.is_some() {
        return Err(Failure::error(
            "time ranges are not available yet\nRun the command without '--started'.",
        ));
    }
    let statuses = match statuses {
        Some(statuses) => statuses
            .wanted()
            .map_err(|message| Failure::with_help(message, &context.path))?,
        None => Vec::new(),
    };
    let filter = Filter {
        operations: filters.operation.clone(),
        labels: filters.label.clone(),
        unlabeled: filters.unlabeled,
        tags: filters.tag.clone(),
        comments: filters.comment.clone(),
        marked: filters.marked,
        unmarked: filters.unmarked,
        digest: filters.digest.clone(),
        statuses,
    };
    filter.check()?;
    Ok(filter)
}

/// The runs of `store` that pass the options of a command, latest first.
///
/// # Errors
/// As [`filter`]; the store cannot be listed.
pub fn filtered(store: &Store, keep: &KeepArgs, context: &Context) -> Result<Vec<Run>, Failure> {
    let filter = filter(&keep.filters, Some(&keep.statuses), context)?;
    Ok(filter.apply(store.list()?))
}

/// The live runs.
pub fn live_runs(context: &Context) -> Store {
    Store::new(context.home.runs_dir())
}

/// The deleted runs.
pub fn trash(context: &Context) -> Store {
    Store::new(context.home.trash_dir())
}

/// The runs of `runs` that the arguments `specs` mean, argument by argument;
/// a run that several of them mean comes several times.
///
/// # Errors
/// An argument that means no run, or an id of several.
pub fn pick_each(runs: &[Run], specs: &[String], context: &Context) -> Result<Vec<Run>, Failure> {
    let mut picked = Vec::new();
    for spec in specs {
        let meant = select::select(runs, spec);
        picked.extend(meant.map_err(|error| spec_failure(error, context))?);
    }
    Ok(picked)
}

/// The runs of `runs` that the arguments `specs` mean, each once, in the order
/// given; those of `default` where there are none.
///
/// # Errors
/// As [`pick_each`].
pub fn pick_all(
    runs: &[Run],
    specs: &[String],
    default: &str,
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let default = [default.to_string()];
    let specs = if specs.is_empty() { &default } else { specs };
    let mut seen = std::collections::HashSet::new();
    let mut picked = pick_each(runs, specs, context)?;
    picked.retain(|run| seen.insert(run.id().to_string()));
    Ok(picked)
}

/// The one run of `runs` that the argument `spec` means; the first where there
/// is no argument.
///
/// # Errors
/// There are no runs; the argument means none or several.
pub fn pick_one(runs: &[Run], spec: Option<&str>, context: &Context) -> Result<Run, Failure> {
    if runs.is_empty() {
        return Err(Failure::error("no matching runs"));
    }
    let spec = spec.filter(|spec| !spec.is_empty()).unwrap_or("1");
    let found = select::select(runs, spec).map_err(|error| spec_failure(error, context))?;
    match found.as_slice() {
        [] => Err(spec_failure(SpecError::NoMatch(spec.to_string()), context)),
        [only] => Ok(only.clone()),
        several => Err(spec_failure(SpecError::several(spec, several), context)),
    }
}

/// What is said of an argument that means no run or too many.
fn spec_failure(error: SpecError, context: &Context) -> Failure {
    match error {
        SpecError::NoMatch(spec) => Failure::error(format!(
            "could not find a run matching '{spec}'\nTry 'guild runs list' for a list or '{} \
             --help' for more information.",
            context.path
        )),
        SpecError::Several(spec, ids) => {
            let ids: String = ids.iter().map(|id| format!("\n  {id}")).collect();
            Failure::bare(format!("'{spec}' matches multiple runs:{ids}"))
        }
    }
}
