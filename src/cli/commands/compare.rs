//! `guild compare`: runs side by side.

use std::io::{self, Write};

use clap::Args as ClapArgs;

use super::compare_hiplot;
use crate::base::output_file::OutputFile;
use crate::base::{number, parallel, terminal, text};
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, refuse_both};
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown};
use crate::compare::{self, Direction, Sameness, Table, Wanted};
use crate::query::columns::ColumnSpec;
use crate::runs::Run;
use crate::scalars;
use crate::select;

/// Blanks between the columns of a table.
const GAP: usize = 2;

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
/// '--table' shows the rows as text, '--csv' writes them for a spreadsheet.
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
///     guild compare -t -Fo train -cc '=lr, min loss as best, min loss step as at'
///
/// Write what differs between completed runs to a file:
///
///     guild compare -Sc --skip-unchanged --csv runs.csv
#[derive(Debug, ClapArgs)]
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
    let csv = given(&args.csv);
    let table = ("--table", args.table);
    let csv_given = ("--csv", csv.is_some());
    let tool = ("--tool", args.tool.is_some());
    refuse_both(
        &[(table, csv_given), (table, tool), (csv_given, tool)],
        &context.path,
    )?;
    let wanted = wanted(args)?;
    if args.print_scalars {
        return print_scalars(args, context);
    }
    if let Some(path) = csv {
        let table = arranged(args, &wanted, Sameness::Equal, context)?;
        return write_csv(&table, path, context);
    }
    if args.tool.is_some() {
        let table = || arranged(args, &wanted, Sameness::Equal, context);
        return compare_hiplot::main(table, context);
    }
    if !args.table && context.console.is_interactive() {
        return Err(Failure::error(
            "the viewer is not available yet\nUse '--table' to show a table, or '--csv FILE' to \
             write one to a file.",
        ));
    }
    print_table(&arranged(args, &wanted, Sameness::Shown, context)?, context);
    Ok(())
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

/// The table that the options ask for.
fn arranged(
    args: &Args,
    wanted: &Wanted,
    sameness: Sameness,
    context: &Context,
) -> Result<Table, Failure> {
    let chosen = (args.runs.runs.as_slice(), &args.keep);
    let runs = compared_runs(chosen, args.include_batch, context)?;
    let mut table = compare::table(runs, wanted, &context.home);
    context.warn_all(&table.warnings);
    let order = match (given(&args.min), given(&args.max)) {
        (Some(heading), _) => Some((heading, Direction::Ascending)),
        (None, Some(heading)) => Some((heading, Direction::Descending)),
        (None, None) => None,
    };
    if let Some((heading, direction)) = order {
        match table.column(heading) {
            Some(column) => table.sort(column, direction),
            None if table.rows.is_empty() => {}
            None => context.console.warn(&format!(
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

/// Shows the table as text. It is not cut at the width of a terminal: who wants
/// less names the columns.
fn print_table(table: &Table, context: &Context) {
    if table.columns.is_empty() {
        return;
    }
    let on_terminal = context.console.is_terminal(Stream::Stdout);
    let cell = |text: &str| match on_terminal {
        true => terminal::visible(text).into_owned(),
        false => text.to_string(),
    };
    let row = |row: &compare::Row| -> Vec<String> {
        let cells = row.cells.iter();
        cells.map(|it| cell(&compare::shown(it))).collect()
    };
    let headings = table.columns.iter().map(|column| cell(&column.heading));
    let mut rows = vec![headings.collect()];
    rows.extend(table.rows.iter().map(row));
    let text: String = text::table(&rows, GAP)
        .into_iter()
        .map(|line| line + "\n")
        .collect();
    context.console.data(text.as_bytes());
}

fn write_csv(table: &Table, path: &str, context: &Context) -> Result<(), Failure> {
    if path == "-" {
        // What stdout does not take is told when the command is over.
        let _ = compare::write_csv(table, Stdout(context));
        return Ok(());
    }
    let full_path = context.home.cwd().join(path);
    let mut file = OutputFile::create(&full_path)?;
    compare::write_csv(table, &mut file).map_err(|error| file.failed(error))?;
    file.finish()?;
    let note = format!("Wrote {} row(s) to {path}", table.rows.len());
    context.console.note(&note);
    Ok(())
}

/// Standard output, as it takes what is written piece by piece.
struct Stdout<'a>(&'a Context);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.console.data(bytes);
        match self.0.console.is_stdout_gone() {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn print_scalars(args: &Args, context: &Context) -> Result<(), Failure> {
    let chosen = (args.runs.runs.as_slice(), &args.keep);
    for run in compared_runs(chosen, true, context)? {
        let shown = Shown::new(&run, context);
        let mut warn = |error: scalars::Error| shown.fault(&error);
        let summaries = scalars::summaries(run.dir(), &mut warn);
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
