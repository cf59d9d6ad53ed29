//! `guild select`: ids, folders and attributes of runs, for scripts to use.

use std::cmp::Ordering;

use clap::Args as ClapArgs;

use crate::base::yaml::{self, Map, Value};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, refuse_both};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Column, Shown, compare_values, detail};
use crate::runs::Run;

/// Show the id of a run, its folder or its attributes.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Without RUN it is the latest run that passes
/// the filters. It is an error if there is none, so that a script can rely on
/// what it gets. With several RUNs, or with '--all', all of them are shown, one
/// on each line, and none is no error.
///
/// # Attributes
///
/// '--attr' shows an attribute instead of the id: one of those that 'guild runs
/// info' shows, as it shows it, or the content of an attribute that guild keeps
/// with the run, such as 'flags', 'env' or 'platform', as YAML. '--attrs' shows
/// all that guild keeps, as one YAML map.
///
/// # Best runs
///
/// '--min' and '--max' choose the run with the smallest or the largest value of
/// COLSPEC: the name of a scalar, '=NAME' for a flag or '.NAME' for an attribute.
/// Of a scalar it is the last value, unless 'first', 'min', 'max', 'avg', 'total'
/// or 'count' stands before its name; with 'step' behind it is that value's step.
/// Runs without such a value come last.
///
/// # Examples
///
/// Go to the folder of the latest run of 'train':
///
///     cd $(guild select -Fo train --path)
///
/// Show the flags of the run with the smallest loss, and the id of the run with
/// the largest learning rate:
///
///     guild select --min loss --attr flags
///     guild select --max =learning_rate
///
/// Show the ids of all runs that failed:
///
///     guild select --all -Se
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Select all matching runs, not just the latest.
    #[arg(short = 'A', long)]
    all: bool,

    /// Select the run with the smallest value of COLSPEC.
    #[arg(long, alias = "-min", value_name = "COLSPEC")]
    min: Option<String>,

    /// Select the run with the largest value of COLSPEC.
    #[arg(long, alias = "-max", value_name = "COLSPEC")]
    max: Option<String>,

    /// Show the first eight characters of the id.
    #[arg(short, long)]
    short_id: bool,

    /// Show the attribute ATTR instead of the id.
    #[arg(short, long, value_name = "ATTR")]
    attr: Option<String>,

    /// Show all attributes instead of the id.
    #[arg(long)]
    attrs: bool,

    /// Show the run directory instead of the id.
    #[arg(short, long, alias = "dir")]
    path: bool,

    #[command(flatten)]
    matching: MatchArgs,
}

/// Selects runs.
///
/// # Errors
/// Options that contradict each other; there are no such runs or attributes.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (attr, min, max) = (given(&args.attr), given(&args.min), given(&args.max));
    let short_id = ("--short-id", args.short_id);
    let attrs = ("--attrs", args.attrs);
    refuse_both(
        &[
            (short_id, ("--attr", attr.is_some())),
            (short_id, attrs),
            (("--attr", attr.is_some()), attrs),
            (("--min", min.is_some()), ("--max", max.is_some())),
        ],
        &context.path,
    )?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let specs = &args.runs.runs;
    let several = || match specs.as_slice() {
        [] => Ok(runs.list()?.to_vec()),
        specs => listing::pick_each(&runs, specs, context),
    };
    let selected = match (&min, &max) {
        (Some(column), _) => vec![extreme(several()?, column, Ordering::Less, context)?],
        (_, Some(column)) => vec![extreme(several()?, column, Ordering::Greater, context)?],
        _ if args.all || specs.len() > 1 => several()?,
        _ => vec![listing::pick_one(
            &runs,
            specs.first().map(String::as_str),
            context,
        )?],
    };
    for (number, run) in selected.iter().enumerate() {
        if args.attrs && number > 0 {
            context.console.line("---");
        }
        print(run, args, attr.as_deref(), context)?;
    }
    Ok(())
}

fn print(run: &Run, args: &Args, attr: Option<&str>, context: &Context) -> Result<(), Failure> {
    use std::os::unix::ffi::OsStrExt;
    let shown = Shown::new(run, context);
    if let Some(name) = attr {
        context.console.line(&attribute(&shown, name)?);
    } else if args.attrs {
        context
            .console
            .line(&yaml::dump_shown(&Value::Map(attributes(&shown))));
    } else if args.short_id {
        context.console.line(run.short_id());
    } else if args.path {
        let line = [run.dir().as_os_str().as_bytes(), b"\n"].concat();
        context.console.data(&line);
    } else {
        context.console.line(run.id());
    }
    shown.warn();
    Ok(())
}

/// All attributes that are kept with the run.
fn attributes(shown: &Shown<'_>) -> Map {
    let names = shown.or_default(shown.run().attr_names());
    let value = |name: &String| shown.attr(name).unwrap_or_default();
    names
        .iter()
        .map(|name| (name.as_str(), value(name)))
        .collect()
}

/// The attribute `name` as it is shown.
fn attribute(shown: &Shown<'_>, name: &str) -> Result<String, Failure> {
    if let Some(text) = detail(shown, name) {
        return Ok(text);
    }
    let names = shown.or_default(shown.run().attr_names());
    if !names.iter().any(|known| known == name) {
        return Err(Failure::error(format!("no such run attribute '{name}'")));
    }
    let value = shown.run().attr(name)?;
    Ok(yaml::dump_shown(&value.unwrap_or_default()))
}

/// The run of `runs` whose value of `column` is `wanted` than that of all
/// others, the latest of several.
fn extreme(
    runs: Vec<Run>,
    column: &str,
    wanted: Ordering,
    context: &Context,
) -> Result<Run, Failure> {
    let column = Column::parse(column)
        .map_err(|reason| Failure::error(format!("invalid col spec '{column}': {reason}")))?;
    let mut best: Option<(Run, Option<Value>)> = None;
    for run in runs {
        let shown = Shown::new(&run, context);
        let value = column.value(&shown);
        shown.warn();
        let better = match &best {
            None => true,
            Some((_, None)) => value.is_some(),
            Some((_, Some(best))) => value
                .as_ref()
                .is_some_and(|value| compare_values(value, best) == wanted),
        };
        if better {
            best = Some((run, value));
        }
    }
    let best = best.ok_or_else(|| Failure::error("no matching runs"))?;
    Ok(best.0)
}
