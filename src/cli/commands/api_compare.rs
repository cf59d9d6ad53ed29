//! `guild api compare`: the table of a comparison, as JSON.

use clap::Args as ClapArgs;

use super::compare::compared_runs;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg};
use crate::cli::failure::Failure;
use crate::cli::listing::{formatted_json, python_json};
use crate::compare::{self, Wanted};

/// Show a comparison of runs as JSON.
///
/// The answer is a list of rows: first the headings, then a list of values for
/// each run, the whole id of the run first. Columns are those of 'guild compare'.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Without RUN all runs that pass the filters are
/// compared.
///
/// # Examples
///
/// Compare the three latest runs, laid out for people to read:
///
///     guild api compare :3 --format
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Lay the answer out for people to read.
    #[arg(short, long)]
    format: bool,

    /// Show runs of batches, too.
    #[arg(long)]
    include_batch: bool,

    #[command(flatten)]
    keep: KeepArgs,
}

/// Shows a comparison.
///
/// # Errors
/// Arguments that mean no run; runs that cannot be listed.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let chosen = (args.runs.runs.as_slice(), &args.keep);
    let runs = compared_runs(chosen, args.include_batch, context)?;
    let table = compare::table(runs, &Wanted::default(), &context.home, &context.scalars);
    context.warn_all(&table.warnings);
    let mut rows = Vec::with_capacity(table.rows.len() + 1);
    if !table.columns.is_empty() {
        let headings = table.columns.iter().skip(1);
        let headings = headings.map(|column| Value::from(column.heading.as_str()));
        rows.push(Value::List(first("id", headings)));
    }
    rows.extend(table.rows.iter().map(|row| {
        let cells = row.cells.iter().skip(1).map(|cell| match cell {
            // JSON has no number that is none.
            Value::Float(number) if number.is_nan() => Value::Null,
            cell => cell.clone(),
        });
        Value::List(first(row.run.id(), cells))
    }));
    let answer = Value::List(rows);
    context.console.line(&match args.format {
        true => formatted_json(&answer, 0),
        false => python_json(&answer),
    });
    Ok(())
}

/// `text`, and `values` behind it.
fn first(text: &str, values: impl Iterator<Item = Value>) -> Vec<Value> {
    std::iter::once(Value::from(text)).chain(values).collect()
}
