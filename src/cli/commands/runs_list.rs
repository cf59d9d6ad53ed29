//! `guild runs list`: runs in a table, with details, with comments or as JSON.

use clap::{ArgAction, Args as ClapArgs};

use crate::base::yaml::{Map, Value};
use crate::base::{number, parallel};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, refuse_both};
use crate::cli::console::{Stream, Tone};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Cell, Shown, Source, Table, details, python_json};
use crate::runs::Run;

/// How many runs are shown at a time.
const PAGE: usize = 20;

/// About how much is written at a time, in bytes.
const PIECE: usize = 1 << 16;

/// How far comments are indented.
const COMMENT_INDENT: usize = 4;

/// List runs, latest first.
///
/// A run is shown with its number in this list and the start of its id, its
/// operation, when it was started, its status, and its label. Both the number
/// and the id stand for the run in other commands: 'guild runs info 2',
/// 'guild cat --output 5fd1e3'. Numbers count in the list as filtered, so give
/// a command the same filters as the list you read its numbers from.
///
/// The folder an operation is from follows in parentheses if it is not the
/// current one.
///
/// The latest 20 runs are shown: '-m' shows 20 more, as often as it is given,
/// '-n' as many as you say, and '-a' all of them.
///
/// # Filters
///
/// What is filtered by in different ways must all hold: '-Fo train -Sc' are
/// runs of 'train' that completed. What is given several times needs to hold
/// once: '-Ft good -Ft best' are runs with either tag.
///
/// '--operation' compares whole names, so use '*' for a part of one, as in
/// 'train*'; a text that starts with '^' or ends with '$' is a regular
/// expression. '--label' is part of the label. For '--label' and '--comment'
/// a '-' stands for runs without.
///
/// # Filter expressions
///
/// '--filter' compares what runs have with values. Put EXPR in quotes:
///
///     guild runs list -F 'lr = 0.1 and (loss < 0.5 or status = running)'
///
/// A name is that of an attribute, a flag or a scalar, whichever is there first;
/// 'attr:NAME', 'flag:NAME' and 'scalar:NAME' say which is meant. Attributes are
/// 'id', 'operation', 'op' and 'op_model' (its parts), 'from', 'status', 'label',
/// 'tags', 'marked', 'started', 'stopped', 'time' (how long it took),
/// 'sourcecode' and all others that runs keep or log.
///
/// Comparisons are '=', '!=', '<', '<=', '>', '>=', 'is' and 'is not'. Numbers
/// compare by size and text by its letters; text with blanks needs quotes. What
/// a run does not have 'is undefined'.
///
///     op in [train, test]         one of several values
///     label contains best         part of a text, in any case
///     tags contains [a, b]        items of a list, all of them
///     tags not contains draft     the opposite
///
/// A scalar is its last value, unless 'first', 'min', 'max', 'avg', 'total' or
/// 'count' stands before it; with 'step' behind it is that value's step:
///
///     guild runs list -F 'min loss < 0.1 and min loss step > 100'
///
/// Join comparisons with 'and' and 'or', and turn them round with 'not'. 'and'
/// and 'or' are read from the right, one like the other: use parentheses where
/// you mix them.
///
/// # Time ranges
///
/// '--started' is a time range, as in '-Fs today' or '-Fs "last 2 hours"'. Times
/// are local. RANGE is one of:
///
///     today, yesterday            a day
///     this UNIT, 2 UNITs ago      the whole minute, hour, day, week, month, year
///     last week                   the whole week, month or year before this one
///     last [N] UNITs              so many minutes, hours or days up to now
///     DATE, TIME, DATE TIME       a day, a minute, or a second
///     before X, after X           X is one of the above, but for 'last N'
///     between X and Y             with both of them, in any order
///
/// DATE is '2026-1-31', '26-1-31' or '1-31', TIME is '9:05' or '9:05:30'. Between
/// two dates is up to the start of the later one.
///
/// # Status
///
/// A run is pending, staged, running, completed, terminated or in error. Each
/// has an option, an opposite such as '--not-completed', and a letter: '-Sce'
/// are runs that completed or failed.
///
/// # Examples
///
/// List all runs that ended well or badly, on short lines:
///
///     guild runs list -a -s -Sce
///
/// List runs of 'train' with their comments:
///
///     guild runs list -Fo train -c
///
/// Act on the runs of 'train' that failed, one by one, in a script:
///
///     for run in $(guild runs list --ids -a -Fo train -Se); do ...; done
///
/// Read everything about all runs in a script:
///
///     guild runs list --json
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// Show all runs instead of the latest 20.
    #[arg(short, long)]
    all: bool,

    /// Show 20 more runs. May be given several times.
    #[arg(short, long, action = ArgAction::Count)]
    more: u8,

    /// Show N runs at the most.
    #[arg(short = 'n', long, value_name = "N", value_parser = number::positive)]
    limit: Option<u64>,

    /// Show deleted runs.
    #[arg(short, long)]
    deleted: bool,

    /// Show the runs in PATH: a folder, a zip file, or the name of an archive.
    #[arg(short = 'A', long, value_name = "PATH")]
    archive: Option<String>,

    /// Show the comments of each run.
    #[arg(short, long)]
    comments: bool,

    /// Show details of each run.
    #[arg(short, long)]
    verbose: bool,

    /// Show all runs as JSON, for programs to read.
    #[arg(long)]
    json: bool,

    /// Show a simpler list: no ids and no times.
    #[arg(short, long)]
    simplified: bool,

    /// Show the full id of each run and nothing else.
    #[arg(long)]
    ids: bool,

    /// Show how long ago runs were started, instead of when.
    #[arg(long)]
    ago: bool,

    #[command(flatten)]
    matching: MatchArgs,
}

/// Lists runs.
///
/// # Errors
/// Options that contradict each other; runs that cannot be listed.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    list(args, &context.path, context)
}

/// Lists runs; messages point at the help page of the command `path`.
///
/// # Errors
/// As [`main`].
pub fn list(args: &Args, path: &str, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let comments = ("--comments", args.comments);
    let verbose = ("--verbose", args.verbose);
    let json = ("--json", args.json);
    let ids = ("--ids", args.ids);
    let ago = ("--ago", args.ago);
    let archive = args.archive.as_ref().filter(|path| !path.is_empty());
    refuse_both(
        &[
            (comments, verbose),
            (comments, json),
            (json, verbose),
            (ids, comments),
            (ids, verbose),
            (ids, json),
            (ids, ("--simplified", args.simplified)),
            (ago, ids),
            (ago, json),
            (ago, ("--simplified", args.simplified)),
            (
                ("--archive", archive.is_some()),
                ("--deleted", args.deleted),
            ),
            (("--all", args.all), ("--limit", args.limit.is_some())),
        ],
        path,
    )?;
    let keep = &args.matching.keep;
    let mut source = match archive {
        Some(archive) => Some(Source::find(archive, context)?),
        None => None,
    };
    let runs = match &mut source {
        Some(source) => source.runs(keep, context)?,
        None if args.deleted => listing::filtered(&listing::trash(context), keep, context)?,
        None => listing::filtered(&listing::live_runs(context), keep, context)?,
    };
    let mut learn = |runs: &[Run]| match &mut source {
        Some(source) => source.learn(runs, context),
        None => Ok(()),
    };
    let runs = runs.list()?;
    if args.json {
        learn(runs)?;
        if args.all || args.more > 0 || args.limit.is_some() {
            let note = "--json option always shows all runs";
            context.console.tell(note, Tone::Dim);
        }
        print_json(runs, context);
    } else if args.ids {
        print_ids(first(runs, args, context), context);
    } else {
        let shown = first(runs, args, context);
        learn(shown)?;
        print_table(shown, args, context);
    }
    Ok(())
}

/// The runs to show, and a note if those are not all.
fn first<'a>(runs: &'a [Run], args: &Args, context: &Context) -> &'a [Run] {
    let limit = match args.limit {
        _ if args.all => return runs,
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        None => PAGE * (usize::from(args.more) + 1),
    };
    let shown = &runs[..limit.min(runs.len())];
    if args.limit.is_none() && shown.len() < runs.len() {
        let note = format!(
            "Showing the first {} runs ({} total) - use --all to show all or -m to show more",
            shown.len(),
            runs.len()
        );
        context.console.tell(&note, Tone::Dim);
    }
    shown
}

fn print_ids(runs: &[Run], context: &Context) {
    let lines: String = runs.iter().map(|run| format!("{}\n", run.id())).collect();
    context.console.data(lines.as_bytes());
}

fn print_table<'a>(runs: &'a [Run], args: &Args, context: &'a Context) {
    let has_more = args.comments || args.verbose;
    let numbered: Vec<(usize, &Run)> = (1..).zip(runs).collect();
    let mut table = Table::new(0);
    let read = |(number, run): &(usize, &'a Run)| {
        let shown = Shown::new(run, context);
        (row(&shown, *number, args), shown)
    };
    parallel::in_turn(&numbered, read, |(cells, shown)| {
        table.push(cells);
        if !has_more {
            shown.warn();
        }
        true
    });
    let mut lines = table.lines(Stream::Stdout, &context.console);
    let mut text = String::new();
    let mut print = |below: Vec<String>| {
        for line in lines.next().into_iter().chain(below) {
            text.push_str(&line);
            text.push('\n');
        }
        if text.len() > PIECE {
            context.console.data(text.as_bytes());
            text.clear();
        }
        !context.console.is_stdout_gone()
    };
    if has_more {
        // Details are read while they are printed: those of all runs at once
        // are more than anyone wants in memory.
        let read =
            |(number, run): &(usize, &'a Run)| below(Shown::new(run, context), *number, args);
        parallel::in_turn(&numbered, read, |(below, shown)| {
            shown.warn();
            print(below)
        });
    } else {
        runs.iter().all(|_| print(Vec::new()));
    }
    context.console.data(text.as_bytes());
}

/// The lines below the row of a run. Its row is read again, so that there is one
/// warning for both.
fn below<'a>(shown: Shown<'a>, number: usize, args: &Args) -> (Vec<String>, Shown<'a>) {
    row(&shown, number, args);
    let lines = match args.comments {
        true => comment_lines(&shown),
        false => detail_lines(&shown),
    };
    (lines, shown)
}

fn row(shown: &Shown<'_>, number: usize, args: &Args) -> Vec<Cell> {
    let mut row = vec![
        Cell::plain(match args.simplified {
            true => format!("[{number}]"),
            false => format!("[{number}:{}]", shown.run().short_id()),
        }),
        shown.operation(),
    ];
    if args.ago {
        row.push(Cell::plain(shown.started_ago()));
    } else if !args.simplified {
        row.push(Cell::plain(shown.started()));
    }
    row.push(Cell::plain(shown.status()));
    row.push(Cell::plain(shown.label()));
    row
}

fn detail_lines(shown: &Shown<'_>) -> Vec<String> {
    let details = details(shown).into_iter();
    details
        .map(|(name, value)| match value {
            Value::Str(text) => format!("  {name}: {text}"),
            other => format!("  {name}: {}", listing::flag_text(&other)),
        })
        .collect()
}

fn comment_lines(shown: &Shown<'_>) -> Vec<String> {
    let columns = shown.context().console.columns();
    let comments = shown.or_default(shown.run().comments()).into_iter();
    let lines =
        comments.map(|comment| listing::comment_lines(&comment, "  ", COMMENT_INDENT, columns));
    lines.flatten().collect()
}

fn print_json(runs: &[Run], context: &Context) {
    let mut text = String::from("[");
    let mut between = "";
    let read = |run| {
        let shown = Shown::new(run, context);
        (python_json(&json(run, &shown)), shown)
    };
    parallel::in_turn(runs, read, |(json, shown)| {
        text.push_str(std::mem::replace(&mut between, ", "));
        text.push_str(&json);
        shown.warn();
        // All of 100,000 runs is more than anyone wants in memory.
        if text.len() > PIECE {
            context.console.data(text.as_bytes());
            text.clear();
        }
        !context.console.is_stdout_gone()
    });
    text.push_str("]\n");
    context.console.data(text.as_bytes());
}

/// What is told of `run`, which is the run that is `shown` or inside it.
fn json(run: &Run, shown: &Shown<'_>) -> Value {
    let opref = shown.or_default(run.opref().map(|opref| opref.to_string()));
    let mut map = Map::new();
    map.insert("id", run.id());
    map.insert("run_dir", run.shown_dir());
    map.insert("opref", opref);
    for name in [
        "exit_status",
        "cmd",
        "comments",
        "marked",
        "label",
        "started",
        "status",
        "stopped",
        "tags",
    ] {
        let value = match name {
            "status" => Some(run.status().as_str().into()),
            name => shown.or_default(run.attr(name)),
        };
        map.insert(name, value);
    }
    if let Some(proto) = run.proto() {
        map.insert("batch_proto", json(&proto, shown));
    }
    Value::Map(map)
}
