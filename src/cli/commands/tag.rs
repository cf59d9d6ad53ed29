//! `guild tag`: the tags of runs.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;

use super::label;
use crate::base::shell_text;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg, refuse_both, require_one};
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown};
use crate::runs::{NotesLock, Run};

/// Add tags to runs, take them away, or list them.
///
/// Tags are words of your own by which other commands pick runs: 'guild runs
/// --tag good'.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Numbers count in the list as filtered. Without
/// RUN it is the latest run; '--list-all' lists the tags of all runs.
///
/// The label that guild gives a run starts with its tags. It stays as it is
/// when tags change, unless you say '--sync-labels'.
///
/// # Examples
///
/// Tag the latest run, and the label with it:
///
///     guild tag --add best --add 2024 --sync-labels
///
/// Rename a tag of all runs that have it:
///
///     guild tag : -Ft tmp --delete tmp --add old
///
/// List all tags, and the runs with one of them:
///
///     guild tag --list-all
///     guild runs -Ft best
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Add TAG. May be given several times.
    #[arg(short, long, value_name = "TAG")]
    add: Vec<String>,

    /// Take TAG away. May be given several times.
    #[arg(short, long, value_name = "TAG")]
    delete: Vec<String>,

    /// Take all tags away.
    #[arg(short, long)]
    clear: bool,

    /// Change the labels of the runs along with the tags.
    #[arg(short, long)]
    sync_labels: bool,

    /// List the tags of the runs, and change nothing.
    #[arg(long)]
    list_all: bool,

    #[command(flatten)]
    matching: MatchArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Changes or lists tags.
///
/// # Errors
/// Options that contradict each other or say nothing; arguments that mean no
/// run; a no at the prompt; tags that cannot be read or written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let add = ("--add", !args.add.is_empty());
    let delete = ("--delete", !args.delete.is_empty());
    let clear = ("--clear", args.clear);
    let list = ("--list-all", args.list_all);
    require_one(&[add, delete, clear, list], &context.path)?;
    refuse_both(&[(add, list), (delete, list), (clear, list)], &context.path)?;
    args.matching.remote.check()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let default = if args.list_all { ":" } else { "1" };
    let runs = listing::pick_all(&runs, &args.runs.runs, default, context)?;
    if args.list_all {
        print_tags(&runs, context);
        return Ok(());
    }
    if runs.is_empty() {
        context.console.note("No runs to modify.");
        return Ok(());
    }
    if !args.yes.yes {
        confirm(&runs, args, context)?;
    }
    let lock = NotesLock::take(&context.home)?;
    // Plan first: tags that cannot be read leave all runs as they are.
    let changes: Vec<Change> = runs
        .iter()
        .map(|run| Change::of(run, args))
        .collect::<Result<_, Failure>>()?;
    for (run, change) in runs.iter().zip(&changes) {
        run.write_tags(&change.tags, &lock)?;
        if let Some(label) = &change.label {
            run.write_attr("label", &Value::from(label.as_str()))?;
        }
    }
    context
        .console
        .note(&format!("Modified tags for {} run(s)", runs.len()));
    Ok(())
}

fn print_tags(runs: &[Run], context: &Context) {
    let mut tags = BTreeSet::new();
    for run in runs {
        let shown = Shown::new(run, context);
        tags.extend(shown.or_default(run.tags()));
        shown.warn();
    }
    let lines: String = tags.iter().map(|tag| format!("{tag}\n")).collect();
    context.console.data(lines.as_bytes());
}

fn confirm(runs: &[Run], args: &Args, context: &Context) -> Result<(), Failure> {
    let console = &context.console;
    console.note("You are about to modify tags for the following runs:");
    let labels = match args.sync_labels {
        true => "Labels are updated to reflect the latest tags.",
        false => "Labels are not updated - use --sync-labels to apply changes run labels.",
    };
    listing::confirm(runs, (labels, Tone::Warning), ("Continue?", true), context)
}

/// What becomes of a run.
struct Change {
    tags: Vec<String>,
    /// The new label, if it changes.
    label: Option<String>,
}

impl Change {
    fn of(run: &Run, args: &Args) -> Result<Self, Failure> {
        // What is taken away in whole need not be readable.
        let old = match args.clear && !args.sync_labels {
            true => Vec::new(),
            false => run.tags()?,
        };
        let deleted = if args.clear { &old } else { &args.delete };
        let tags = changed_tags(&old, deleted, &args.add);
        let label = if args.sync_labels {
            let label = run.text_attr("label")?.unwrap_or_default();
            let synced = synced_label(&label, deleted, &args.add);
            (synced != label).then_some(synced)
        } else {
            None
        };
        Ok(Self { tags, label })
    }
}

/// Each tag once, in order.
fn changed_tags(old: &[String], deleted: &[String], added: &[String]) -> Vec<String> {
    let kept = old.iter().filter(|tag| !deleted.contains(tag));
    let tags: BTreeSet<&String> = kept.chain(added).collect();
    tags.into_iter().cloned().collect()
}

/// `label` without the tags that are `deleted`, and with the tags that are
/// `added` before it, unless it has them.
fn synced_label(label: &str, deleted: &[String], added: &[String]) -> String {
    let tags = deleted
        .iter()
        .map(|tag| tag.trim())
        .filter(|tag| !tag.is_empty());
    let rest = tags.fold(label.to_string(), |label, tag| {
        label::without_word(&label, tag)
    });
    // A label with an open quote still has words.
    let words = shell_text::split(&rest)
        .unwrap_or_else(|_| rest.split_whitespace().map(str::to_string).collect());
    let mut parts: Vec<&str> = Vec::new();
    for tag in added.iter().map(|tag| tag.trim()) {
        if !tag.is_empty() && !words.iter().any(|word| word == tag) && !parts.contains(&tag) {
            parts.push(tag);
        }
    }
    parts.push(&rest);
    parts.join(" ").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tags_are_sorted_and_come_once() {
        let tags = changed_tags(
            &texts(&["b", "a", "b"]),
            &texts(&["a", "x"]),
            &texts(&["é", "Z", "b", "c"]),
        );
        assert_eq!(tags, ["Z", "b", "c", "é"]);
        assert_eq!(
            changed_tags(&texts(&["a"]), &texts(&["a"]), &[]),
            [] as [&str; 0]
        );
    }

    #[test]
    fn labels_follow_their_tags() {
        for (label, deleted, added, expected) in [
            ("lr=0.1", &[][..], &["a", "b", "a"][..], "a b lr=0.1"),
            ("a lr=0.1", &[], &["a"], "a lr=0.1"),
            ("a b lr=0.1", &["a"], &["c"], "c b lr=0.1"),
            ("a lr=0.1", &["a"], &["a"], "a lr=0.1"),
            ("a", &["a"], &[], ""),
            ("", &[], &["a"], "a"),
            ("data a-b a", &["a"], &[], "data a-b"),
            ("x.y xzy", &["x.y"], &[], "xzy"),
            ("c++ lr=1", &["c++"], &[], "lr=1"),
            ("two  words here", &["here"], &[], "two  words"),
            ("two  words", &["nope"], &[], "two  words"),
            ("it's x", &["x"], &["y"], "y it's"),
            ("'a b' c", &[], &["a b"], "'a b' c"),
        ] {
            let synced = synced_label(label, &texts(deleted), &texts(added));
            assert_eq!(synced, expected, "{label} -{deleted:?} +{added:?}");
        }
    }
}
