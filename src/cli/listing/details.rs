//! The details of a run, name by name, as `runs --verbose` and `runs info`
//! show them.

use super::flag_text;
use super::shown::Shown;
use crate::base::clock::duration_text;
use crate::base::yaml::{self, Value};
use crate::cli::Context;
use crate::home;
use crate::runs::Run;
use crate::select;

/// The details in the order they are shown. A whole number stays one; all
/// else is text, empty where it is not set.
pub fn details(shown: &Shown<'_>) -> Vec<(&'static str, Value)> {
    let run = shown.run();
    let context = shown.context();
    let opref = shown.or_default(run.opref().map(Some));
    let from = opref.map_or_else(String::new, |opref| {
        select::operation_source(&opref, context.home.user_home())
    });
    let marked = if shown.is_marked() { "yes" } else { "no" };
    let exit_status = shown.or_default(run.integer_attr("exit_status"));
    let pid = run.lock_pid().map(i64::from);
    let number = |number: Option<i64>| number.map_or(Value::from(""), Value::from);
    vec![
        ("id", run.id().into()),
        ("operation", select::operation_name(run).into()),
        ("from", from.into()),
        ("status", run.status().as_str().into()),
        ("started", shown.started().into()),
        ("stopped", shown.time("stopped").into()),
        ("marked", marked.into()),
        ("label", shown.label().into()),
        ("sourcecode_digest", shown.text("sourcecode_digest").into()),
        ("vcs_commit", shown.text("vcs_commit").into()),
        ("run_dir", shown_dir(run, context).into()),
        ("command", command_text(shown).into()),
        ("exit_status", number(exit_status)),
        ("pid", number(pid)),
    ]
}

/// Where the run is, whatever the current folder.
fn shown_dir(run: &Run, context: &Context) -> String {
    let path = context.home.cwd().join(run.shown_dir());
    context.home.display(&home::tidy(&path))
}

/// The command line of the run's process: its words with blanks between, those
/// that are empty or have blanks in double quotes.
fn command_text(shown: &Shown<'_>) -> String {
    let command = shown.attr("cmd");
    let words = command
        .as_ref()
        .and_then(Value::as_list)
        .unwrap_or_default();
    let words: Vec<String> = words
        .iter()
        .map(|word| match word {
            Value::Str(text) if text.is_empty() || text.contains(' ') => format!("\"{text}\""),
            Value::Str(text) => text.clone(),
            other => yaml::dump_flow(other),
        })
        .collect();
    words.join(" ")
}

/// An attribute that `runs info` and listings show, as they show it.
pub fn detail(shown: &Shown<'_>, name: &str) -> Option<String> {
    let run = shown.run();
    let opref = || shown.or_default(run.opref().map(Some));
    let text = match name {
        "duration" => duration(shown).unwrap_or_default(),
        "index" | "short_index" => format!("[{}]", run.short_id()),
        "num_index" => "[?]".to_string(),
        "short_id" => run.short_id().to_string(),
        "status_with_remote" => shown.status(),
        "model" => opref().map(|opref| opref.model).unwrap_or_default(),
        "op_name" => opref().map(|opref| opref.op).unwrap_or_default(),
        "pkg_name" => opref().map(|opref| opref.name).unwrap_or_default(),
        name => {
            let (_, value) = details(shown)
                .into_iter()
                .find(|(known, _)| *known == name)?;
            match value {
                Value::Str(text) => text,
                other => flag_text(&other),
            }
        }
    };
    Some(text)
}

/// How long the run took, or has been running, as hours, minutes and seconds.
fn duration(shown: &Shown<'_>) -> Option<String> {
    let time = |name| shown.or_default(shown.run().integer_attr(name));
    let started = time("started")?;
    let stopped = time("stopped").unwrap_or_else(|| shown.context().home.now_micros());
    Some(duration_text(stopped.saturating_sub(started)))
}
