//! How runs look in tables, and picking those a command is about.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Context;
use super::args::{FilterArgs, StatusArgs};
use super::failure::Failure;
use crate::base::text;
use crate::base::yaml::Value;
use crate::runs::{Run, Store};
use crate::select::{self, Filter, SpecError};

/// The longest folder that is shown behind an operation.
const MAX_DIR: usize = 28;

/// Local time of `micros` since the epoch, as listings show it.
pub fn format_time(micros: i64) -> String {
    match Timestamp::from_microsecond(micros) {
        Ok(time) => time
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => String::new(),
    }
}

/// When the run was started, as listings show it; empty where it was not.
pub fn started(run: &Run) -> String {
    time_attr(run, "started")
}

/// The time in the attribute `name`, as listings show it.
pub fn time_attr(run: &Run, name: &str) -> String {
    run.integer_attr(name)
        .ok()
        .flatten()
        .map(format_time)
        .unwrap_or_default()
}

/// The run's status, with the remote it runs on.
pub fn status(run: &Run) -> String {
    match run.remote() {
        Some(remote) => format!("{} ({remote})", run.status()),
        None => run.status().to_string(),
    }
}

/// The run's label; empty where it has none.
pub fn label(run: &Run) -> String {
    run.text_attr("label").ok().flatten().unwrap_or_default()
}

/// Whether the run is marked.
pub fn is_marked(run: &Run) -> bool {
    matches!(run.attr("marked"), Ok(Some(value)) if value.is_truthy())
}

/// The operation with the folder it is from, where that is not the current
/// one, and whether the run is marked.
pub fn operation(run: &Run, context: &Context) -> String {
    let mut text = select::operation_name(run);
    let source = run.proto().unwrap_or_else(|| run.clone());
    let opref = source.opref().ok();
    if let Some(dir) = opref.as_ref().and_then(|opref| opref.dir())
        && let Some(shown) = shown_dir(dir, context)
    {
        text.push_str(&format!(" ({shown})"));
    }
    if is_marked(run) {
        text.push_str(" [marked]");
    }
    text
}

/// `dir` as seen from the current folder; none where it is that.
fn shown_dir(dir: &Path, context: &Context) -> Option<String> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (dir, cwd) = (real(dir), real(context.home.cwd()));
    if dir == cwd {
        return None;
    }
    let parent = cwd.parent();
    let shown = if let Ok(below) = dir.strip_prefix(&cwd) {
        below.display().to_string()
    } else if Some(dir.as_path()) == parent {
        "../".to_string()
    } else if let Some(below) = parent
        .filter(|parent| parent.parent().is_some())
        .and_then(|parent| dir.strip_prefix(parent).ok())
    {
        format!("../{}", below.display())
    } else {
        context.home.display(&dir)
    };
    Some(text::shorten_path(&shown, MAX_DIR))
}

/// The cells of a run in the tables that commands show before they act.
pub fn preview_row(run: &Run, context: &Context) -> Vec<String> {
    vec![
        format!("[{}]", run.short_id()),
        operation(run, context),
        started(run),
        status(run),
        label(run),
    ]
}

/// Prints `runs` on stderr, two blanks in, as commands show them before they act.
pub fn print_preview(runs: &[Run], context: &Context) {
    let rows: Vec<_> = runs.iter().map(|run| preview_row(run, context)).collect();
    for line in text::table(&rows, 2) {
        context.console.note(&format!("  {line}"));
    }
}

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
pub fn filtered(
    store: &Store,
    filters: &FilterArgs,
    statuses: Option<&StatusArgs>,
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let filter = filter(filters, statuses, context)?;
    Ok(filter.apply(store.list()?))
}

/// The live runs.
pub fn live_runs(context: &Context) -> Store {
    Store::new(context.home.runs_dir())
}

/// The runs of `runs` that the arguments `specs` mean, each once, in the order
/// given; those of `default` where there are none.
///
/// # Errors
/// An argument that means no run, or an id of several.
pub fn pick_all(
    runs: &[Run],
    specs: &[String],
    default: &str,
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let default = [default.to_string()];
    let specs = if specs.is_empty() { &default } else { specs };
    let mut picked: Vec<Run> = Vec::new();
    for spec in specs {
        for run in select::select(runs, spec).map_err(|error| spec_failure(error, context))? {
            if !picked.contains(&run) {
                picked.push(run);
            }
        }
    }
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
pub fn spec_failure(error: SpecError, context: &Context) -> Failure {
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

/// A flag value in one piece of text, as previews and details show it.
pub fn flag_text(value: &Value) -> String {
    crate::flags::format_value(value)
}
