//! `guild label`: the labels of runs.

use clap::Args as ClapArgs;
use regex::Regex;

use crate::base::python_text;
use crate::base::yaml::{Map, Value};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg, refuse_both, require_one};
use crate::cli::console::Tone;
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::op::label::{self, Names};
use crate::runs::{NotesLock, Run};

/// Set, change or clear the labels of runs.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Numbers count in the list as filtered. Without
/// RUN it is the latest run.
///
/// In VAL, '${FLAG}' stands for the value of a flag, '${label}' for the run's
/// label so far and '${default_label}' for the label that guild gives a run by
/// itself.
///
/// What '--remove' takes out are whole words; VAL is a regular expression.
///
/// # Examples
///
/// Label the latest run, and add to the labels of the latest three:
///
///     guild label --set 'best so far'
///     guild label 1:3 --append good
///
/// Label all runs of 'train' by their learning rates:
///
///     guild label : -Fo train --set 'rate ${learning_rate}'
///
/// Take the word 'good' out again:
///
///     guild label 1:3 --remove good
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Make VAL the label.
    #[arg(short, long, value_name = "VAL")]
    set: Option<String>,

    /// Put VAL before the label.
    #[arg(short, long, value_name = "VAL")]
    prepend: Option<String>,

    /// Put VAL behind the label.
    #[arg(short, long, value_name = "VAL")]
    append: Option<String>,

    /// Take VAL out of the label. May be given several times.
    #[arg(long, alias = "-rm", value_name = "VAL")]
    remove: Vec<String>,

    /// Clear the label.
    #[arg(short, long)]
    clear: bool,

    #[command(flatten)]
    matching: MatchArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Changes labels.
///
/// # Errors
/// Options that contradict each other or say nothing; arguments that mean no
/// run; a no at the prompt; a label that cannot be written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let change = Change::of(args, context)?;
    args.matching.remote.check()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, "1", context)?;
    if runs.is_empty() {
        context.console.note("No runs to modify.");
        return Ok(());
    }
    if !args.yes.yes {
        let heading = change.heading();
        listing::confirm(&runs, (&heading, Tone::Plain), ("Continue?", true), context)?;
    }
    let _lock = NotesLock::take(&context.home)?;
    // Plan first: a label that cannot be made leaves all runs as they are.
    let labels: Vec<Option<String>> = runs
        .iter()
        .map(|run| change.label(run, context))
        .collect::<Result<_, Failure>>()?;
    for (run, label) in runs.iter().zip(&labels) {
        match label {
            Some(label) => run.write_attr("label", &Value::from(label.as_str()))?,
            None => run.delete_attr("label")?,
        }
    }
    let done = match change {
        Change::Clear => "Cleared label for",
        _ => "Labeled",
    };
    context
        .console
        .note(&format!("{done} {} run(s)", runs.len()));
    Ok(())
}

/// What is done to a label.
enum Change {
    Set(String),
    Prepend(String),
    Append(String),
    Remove(Vec<Part>),
    Clear,
}

/// What is taken out of a label.
struct Part {
    text: String,
    regex: Regex,
}

impl Change {
    /// What the options say.
    fn of(args: &Args, context: &Context) -> Result<Self, Failure> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (set, prepend) = (given(&args.set), given(&args.prepend));
        let append = given(&args.append);
        let pair = |name, value: &Option<String>| (name, value.is_some());
        let sets = pair("--set", &set);
        let appends = pair("--append", &append);
        let prepends = pair("--prepend", &prepend);
        let removes = ("--remove", !args.remove.is_empty());
        let clears = ("--clear", args.clear);
        let all = [sets, appends, prepends, removes, clears];
        require_one(&all, &context.path)?;
        refuse_both(
            &[
                (sets, appends),
                (sets, prepends),
                (sets, removes),
                (sets, clears),
                (appends, prepends),
                (appends, clears),
                (appends, removes),
                (prepends, clears),
                (prepends, removes),
                (removes, clears),
            ],
            &context.path,
        )?;
        Ok(match (set, prepend, append) {
            (Some(text), ..) => Self::Set(text),
            (_, Some(text), _) => Self::Prepend(text),
            (.., Some(text)) => Self::Append(text),
            _ if args.clear => Self::Clear,
            _ => Self::Remove(
                args.remove
                    .iter()
                    .map(|text| Part::new(text))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// The first line of the preview.
    fn heading(&self) -> String {
        let what = match self {
            Self::Set(text) => {
                return format!("You are about to label the following runs with '{text}':");
            }
            Self::Prepend(text) => format!("prepend '{text}' to the label"),
            Self::Append(text) => format!("append '{text}' to the label"),
            Self::Remove(parts) => {
                let texts: Vec<_> = parts
                    .iter()
                    .map(|part| format!("'{}'", part.text))
                    .collect();
                format!("remove {} from the label", texts.join(", "))
            }
            Self::Clear => "clear the label".to_string(),
        };
        format!("You are about to {what} of the following runs:")
    }

    /// The new label of `run`; none clears it.
    fn label(&self, run: &Run, context: &Context) -> Result<Option<String>, Failure> {
        if matches!(self, Self::Clear) {
            return Ok(None);
        }
        // What a new label does not refer to need not be readable.
        let refers = |text: &str| text.contains("${");
        let old = match self {
            Self::Set(text) if !refers(text) => String::new(),
            _ => run.text_attr("label")?.unwrap_or_default(),
        };
        let fill = |template: &str| -> Result<String, Failure> {
            if !refers(template) {
                return Ok(template.trim().to_string());
            }
            let mut values = match run.attr("flags")? {
                Some(Value::Map(values)) => values,
                _ => Map::new(),
            };
            let default = label::default_label(&values);
            // Here the name is the label's own, whatever flags there are.
            values.remove("label");
            let names = Names {
                values: &values,
                texts: &[("label", &old), ("default_label", &default)],
            };
            let mut warn = |text: String| context.console.warn(&text);
            Ok(label::render(template, names, &mut warn).trim().to_string())
        };
        let label = match self {
            Self::Set(text) => fill(text)?,
            Self::Prepend(text) => format!("{} {old}", fill(text)?),
            Self::Append(text) => format!("{old} {}", fill(text)?),
            Self::Remove(parts) => parts.iter().fold(old, |label, part| part.remove(&label)),
            Self::Clear => String::new(),
        };
        Ok(Some(label.trim().to_string()))
    }
}

impl Part {
    fn new(text: &str) -> Result<Self, Failure> {
        let regex = Regex::new(&whole_words(text)).map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            Failure::error(format!(
                "cannot remove label part {}: {}",
                python_text::str_repr(text),
                reason.trim_start_matches("error: ")
            ))
        })?;
        Ok(Self {
            text: text.to_string(),
            regex,
        })
    }

    /// `label` without the part.
    fn remove(&self, label: &str) -> String {
        without(label, &self.regex)
    }
}

/// `label` without `word`, which is no pattern, where it stands by itself.
pub(super) fn without_word(label: &str, word: &str) -> String {
    match Regex::new(&whole_words(&regex::escape(word))) {
        Ok(regex) => without(label, &regex),
        // Only a word too long for a pattern, which no label holds.
        Err(_) => label.to_string(),
    }
}

/// The pattern of whole words that `pattern` matches.
fn whole_words(pattern: &str) -> String {
    format!(r"(?:^|\s)(?:{pattern})(?:$|\s)")
}

fn without(label: &str, regex: &Regex) -> String {
    if !regex.is_match(label) {
        return label.to_string();
    }
    let rest = regex.split(label).map(str::trim);
    let rest: Vec<&str> = rest.filter(|text| !text.is_empty()).collect();
    rest.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_taken_out() {
        for (part, label, expected) in [
            ("b", "a b c", "a c"),
            ("b", "b", ""),
            ("b", "ab bc", "ab bc"),
            ("x=\\d", "x=1 y=2", "y=2"),
            ("a|c", "a b c", "b"),
            ("z", "a  b", "a  b"),
        ] {
            assert_eq!(Part::new(part).unwrap().remove(label), expected, "{part}");
        }
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let failure = Part::new("[").err().unwrap();
        let start = "guild: cannot remove label part '[': ";
        assert!(failure.message.starts_with(start), "{}", failure.message);
    }
}
