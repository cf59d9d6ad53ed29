//! `guild compare`: runs side by side.

use clap::Args as ClapArgs;

use super::compare_output::{self, Format};
use super::{compare_hiplot, compare_view};
use crate::base::{number, parallel};
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, refuse_both};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown};
use crate::compare::{self, Direction, Sameness, Table, Wanted};
use crate::query::columns::ColumnSpec;
use crate::runs::Run;
use crate::select;

/// Compare runs by their flags and results.
///
/// Each run is a row: its id, operation, start, time, status and label, then its
/// flags, its attributes, the step of its scalars and their last values. An
/// operation may say in the guild file what its runs are compared by instead
/// ('compare'). RUN is a run's number in the list of runs, a range of numbers
/// such as '2:4', or an id or the start of one; without RUN all runs are
/// compared, latest first. Runs of batches are left out unless '--include-batch'
/// asks for them.
///
/// At a terminal the table fills the screen: arrow keys move, 's' sorts by a
/// column, '/' searches, 'f' shows only some rows, Enter shows all about a run,
/// '?' shows the other keys, and 'q' quits. Elsewhere it is printed as text, as
/// '--table' has it anywhere. '--csv' writes it for a spreadsheet,
/// '--json-lines', '--parquet' and '--arrow' for programs, with their types.
///
/// # Columns
///
/// '--cols' adds columns, separated by commas; '--strict-cols' shows these alone.
/// A column is the name of a scalar, '=NAME' for a flag or '.NAME' for an
/// attribute. A scalar's is the last value, unless 'first', 'min', 'max', 'avg',
/// 'total' or 'count' stands before the name; with 'step' behind it is that
/// value's step. Scalars of one folder of the run only are 'FOLDER#NAME'. A '*' in a name
/// stands for any text. 'as HEADING' says what stands above. Put names with
/// blanks in quotes.
///
/// Columns with one heading are one column, in which a run has the first of the
/// values that it has.
///
/// # Examples
///
/// Show the three runs with the smallest loss:
///
///     guild compare --table --min loss --top 3
///
/// Show when each run of 'train' was best, beside its learning rate:
///
///     guild compare -t -Fo train -cc '=lr, min loss as best, min loss step'
///
/// Write what differs between completed runs to a file:
///
///     guild compare -Sc --skip-unchanged --csv runs.csv
#[derive(Debug, Clone, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Show the runs with the smallest values of COLUMN first, a heading of the
    /// table.
    #[arg(long, value_name = "COLUMN")]
    min: Option<String>,

    /// Show the runs with the largest values of COLUMN first.
    #[arg(long, value_name = "COLUMN")]
    max: Option<String>,

    /// Show the first N runs only.
    #[arg(short = 'n', long, alias = "top", value_name = "N", value_parser = number::positive)]
    limit: Option<u64>,

    /// Show the digest of source code, too.
    #[arg(short, long)]
    extra_cols: bool,

    /// Show scalars of the system, too.
    #[arg(short = 's', long)]
    all_scalars: bool,

    /// Show COLUMNS behind the others.
    #[arg(short, long, alias = "columns", value_name = "COLUMNS")]
    cols: Option<String>,

    /// Show COLUMNS and no others.
    #[arg(long, aliases = ["-cc", "strict-columns"], value_name = "COLUMNS")]
    strict_cols: Option<String>,

    /// Leave out flags, attributes and scalars, and what operations say runs are
    /// compared by.
    #[arg(short = 'p', long)]
    skip_op_cols: bool,

    /// Leave out what every run has, but the id.
    #[arg(short = 'r', long)]
    skip_core: bool,

    /// Leave out columns in which all runs have the same.
    #[arg(short = 'u', long)]
    skip_unchanged: bool,

    /// Show a table as text.
    #[arg(short, long)]
    table: bool,

    /// Write comma-separated values to the file PATH, or to standard output for
    /// '-'.
    #[arg(long, value_name = "PATH")]
    csv: Option<String>,

    /// Write lines of JSON, an object for each run, to the file PATH, or to
    /// standard output for '-'.
    #[arg(long, value_name = "PATH")]
    json_lines: Option<String>,

    /// Write a Parquet file PATH.
    #[arg(long, value_name = "PATH")]
    parquet: Option<String>,

    /// Write an Arrow file PATH.
    #[arg(long, value_name = "PATH")]
    arrow: Option<String>,

    /// Compare runs in another program: 'hiplot', which draws a line for each.
    #[arg(long, value_name = "TOOL", value_parser = tool)]
    tool: Option<String>,

    /// Show runs of batches, too.
    #[arg(long)]
    include_batch: bool,

    /// Show the scalars of each run, and no comparison.
    #[arg(long)]
    print_scalars: bool,

    #[command(flatten)]
    keep: KeepArgs,
}

fn tool(name: &str) -> Result<String, String> {
    match name {
        "hiplot" => Ok(name.to_string()),
        _ => Err(format!("'{name}' is not 'hiplot'.")),
    }
}

/// Compares runs.
///
/// # Errors
/// Options that contradict each other; columns that make no sense; runs that there
/// are not; a file that cannot be written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let file = file(args, &context.path)?;
    let wanted = wanted(args)?;
    if args.print_scalars {
        return print_scalars(args, context);
    }
    if let Some((format, path)) = file {
        let table = arranged(args, &wanted, Sameness::Equal, context)?;
        return compare_output::write(&table, format, path, context);
    }
    if args.tool.is_some() {
        let table = || arranged(args, &wanted, Sameness::Equal, context);
        return compare_hiplot::main(table, context);
    }
    if !args.table && compare_view::is_possible(context) {
        let args = args.clone();
        let table = move |context: &Context| table_of(&args, &wanted, Sameness::Shown, context);
        return compare_view::view(table, context);
    }
    let table = arranged(args, &wanted, Sameness::Shown, context)?;
    compare_output::print_table(&table, context);
    Ok(())
}

/// The file that the options ask for: what it is, and where it goes.
fn file<'a>(args: &'a Args, path: &str) -> Result<Option<(Format, &'a str)>, Failure> {
    let files = [
        ("--csv", Format::Csv, given(&args.csv)),
        ("--json-lines", Format::JsonLines, given(&args.json_lines)),
        ("--parquet", Format::Parquet, given(&args.parquet)),
        ("--arrow", Format::Arrow, given(&args.arrow)),
    ];
    // In the order in which two of them are named where both are given.
    let table = ("--table", args.table);
    let tool = ("--tool", args.tool.is_some());
    let given = files.iter().map(|(name, _, file)| (*name, file.is_some()));
    let ways: Vec<_> = std::iter::once(table).chain(given).chain([tool]).collect();
    for (at, first) in ways.iter().enumerate() {
        let pairs = ways[at + 1..].iter().map(|second| (*first, *second));
        refuse_both(&pairs.collect::<Vec<_>>(), path)?;
    }
    let mut files = files.into_iter();
    Ok(files.find_map(|(_, format, file)| Some((format, file?))))
}

/// The text of an option; an empty one counts as not given.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// The columns that the options ask for.
fn wanted(args: &Args) -> Result<Wanted, Failure> {
    let (option, columns) = match (given(&args.cols), given(&args.strict_cols)) {
        (Some(_), Some(_)) => {
            return Err(Failure::error("--cols cannot be used with --strict-cols"));
        }
        (None, Some(columns)) => ("--strict-cols", Some(columns)),
        (columns, None) => ("--cols", columns),
    };
    let is_strict = given(&args.strict_cols).is_some();
    Ok(Wanted {
        without_core: args.skip_core || is_strict,
        with_extra: args.extra_cols,
        without_operation: args.skip_op_cols || is_strict,
        all_scalars: args.all_scalars,
        columns: columns.map_or(Ok(Vec::new()), |text| columns_of(option, text))?,
    })
}

/// The columns that the text of an option lists.
fn columns_of(option: &str, text: &str) -> Result<Vec<ColumnSpec>, Failure> {
    ColumnSpec::parse_list(text).map_err(|error| {
        let message = format!(
            "invalid columns for '{option}': {error}\n{}",
            error.marked(text)
        );
        Failure::error(message.trim_end())
    })
}

/// The runs that are compared, latest first.
pub(super) fn compared_runs(
    (specs, keep): (&[String], &KeepArgs),
    include_batch: bool,
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, keep, context)?;
    let runs = listing::pick_all(&runs, specs, ":", context)?;
    if include_batch {
        return Ok(runs);
    }
    let batches = parallel::map(&runs, Run::is_batch);
    let runs = runs.into_iter().zip(batches);
    Ok(runs
        .filter_map(|(run, batch)| (!batch).then_some(run))
        .collect())
}

/// The table that the options ask for; what there is to warn of is told.
fn arranged(
    args: &Args,
    wanted: &Wanted,
    sameness: Sameness,
    context: &Context,
) -> Result<Table, Failure> {
    let table = table_of(args, wanted, sameness, context)?;
    context.warn_all(&table.warnings);
    Ok(table)
}

/// The table that the options ask for.
fn table_of(
    args: &Args,
    wanted: &Wanted,
    sameness: Sameness,
    context: &Context,
) -> Result<Table, Failure> {
    let chosen = (args.runs.runs.as_slice(), &args.keep);
    let runs = compared_runs(chosen, args.include_batch, context)?;
    let mut table = compare::table(runs, wanted, &context.home, &context.scalars);
    let order = match (given(&args.min), given(&args.max)) {
        (Some(heading), _) => Some((heading, Direction::Ascending)),
        (None, Some(heading)) => Some((heading, Direction::Descending)),
        (None, None) => None,
    };
    if let Some((heading, direction)) = order {
        match table.column(heading) {
            Some(column) => table.sort(column, direction),
            None if table.rows.is_empty() => {}
            None => table.warnings.push(format!(
                "no column '{heading}' to sort by - use a heading of the table"
            )),
        }
    }
    if let Some(limit) = args.limit {
        table
            .rows
            .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    if sameness == Sameness::Shown {
        table.show_marks();
    }
    if args.skip_unchanged {
        table.drop_unchanged(sameness);
    }
    Ok(table)
}

/// Shows the scalars of each run.
fn print_scalars(args: &Args, context: &Context) -> Result<(), Failure> {
    let chosen = (args.runs.runs.as_slice(), &args.keep);
    for run in compared_runs(chosen, true, context)? {
        let shown = Shown::new(&run, context);
        let summaries = shown.scalars();
        let operation = select::operation_name(&run);
        let mut text = format!("[{}] {operation}\n", run.short_id());
        for summary in summaries {
            let (key, last) = (summary.key(), summary.last);
            text.push_str(&format!(
                "  {key}: {} (step {})\n",
                six_digits(last.value),
                last.step
            ));
        }
        context.console.data(text.as_bytes());
        shown.warn();
    }
    Ok(())
}

/// A number with six digits behind the point; `nan` where it is none.
fn six_digits(number: f64) -> String {
    match number.is_nan() {
        true => "nan".to_string(),
        false => format!("{number:.6}"),
    }
}
