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

/// A detail: its name, and how it is read.
type Detail = (&'static str, fn(&Shown<'_>) -> Value);

/// The details in the order they are shown.
const DETAILS: [Detail; 14] = [
    ("id", |shown| shown.run().id().into()),
    ("operation", |shown| {
        select::operation_name(shown.run()).into()
    }),
    ("from", |shown| from(shown).into()),
    ("status", |shown| shown.run().status().as_str().into()),
    ("started", |shown| shown.started().into()),
    ("stopped", |shown| shown.time("stopped").into()),
    ("marked", |shown| {
        if shown.is_marked() { "yes" } else { "no" }.into()
    }),
    ("label", |shown| shown.label().into()),
    ("sourcecode_digest", |shown| {
        shown.text("sourcecode_digest").into()
    }),
    ("vcs_commit", |shown| shown.text("vcs_commit").into()),
    ("run_dir", |shown| {
        shown_dir(shown.run(), shown.context()).into()
    }),
    ("command", |shown| command_text(shown).into()),
    ("exit_status", |shown| {
        number(shown.or_default(shown.run().integer_attr("exit_status")))
    }),
    ("pid", |shown| number(shown.run().lock_pid().map(i64::from))),
];

/// The details in the order they are shown. A whole number stays one; all
/// else is text, empty where it is not set.
pub fn details(shown: &Shown<'_>) -> Vec<(&'static str, Value)> {
    let details = DETAILS.iter();
    details.map(|(name, read)| (*name, read(shown))).collect()
}

fn number(number: Option<i64>) -> Value {
    number.map_or(Value::from(""), Value::from)
}

/// Where the run's operation is defined.
fn from(shown: &Shown<'_>) -> String {
    let opref = shown.or_default(shown.run().opref().map(Some));
    opref.map_or_else(String::new, |opref| {
        select::operation_source(&opref, shown.context().home.user_home())
    })
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
            let (_, read) = DETAILS.iter().find(|(known, _)| *known == name)?;
            match read(shown) {
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
