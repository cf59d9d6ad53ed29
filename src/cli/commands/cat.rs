//! `guild cat`: a file of a run, or what the run printed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::Args as ClapArgs;

use crate::base::clock;
use crate::base::files;
use crate::cli::args::{MatchArgs, RunArg, refuse_both};
use crate::cli::failure::Failure;
use crate::cli::{Context, listing, pager};
use crate::runs::{self, LineRecord, Run};

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// Show a file of a run, or its output.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// PATH is relative to the run directory, or with '--sourcecode' to where the
/// run has its source code. 'guild ls' shows what there is. With '--output' it
/// is what the run printed, as it came. Bytes are shown as they are.
///
/// # Examples
///
/// Show what the latest run printed:
///
///     guild cat --output
///
/// Show a file that the second run made, in a pager:
///
///     guild cat 2 -p results.csv -pa
///
/// Show when the latest run printed each line:
///
///     guild cat --output --times
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    run: RunArg,

    /// Show the file PATH.
    #[arg(short, long, value_name = "PATH")]
    path: Option<OsString>,

    /// Look for PATH in the run's source code.
    #[arg(short, long)]
    sourcecode: bool,

    /// Show what the run printed instead of a file.
    #[arg(short = 'O', long)]
    output: bool,

    /// With '--output', show before each line when it was printed, and 'E' for
    /// lines of the error stream.
    #[arg(long)]
    times: bool,

    /// Show the file in a pager.
    #[arg(long, alias = "-pa")]
    page: bool,

    #[command(flatten)]
    matching: MatchArgs,
}

/// Shows a file.
///
/// # Errors
/// There is no such run or file, or it cannot be read.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = args
        .path
        .as_ref()
        .filter(|path| !path.is_empty())
        .map(Path::new);
    if path.is_some_and(Path::is_absolute) {
        return Err(Failure::with_help("PATH must be relative", &context.path));
    }
    if args.times && !args.output {
        let message = "--times needs --output";
        return Err(Failure::with_help(message, &context.path));
    }
    refuse_both(
        &[(("--times", args.times), ("--page", args.page))],
        &context.path,
    )?;
    args.matching.remote.check()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let run = listing::pick_one(&runs, args.run.run.as_deref(), context)?;
    let path = if args.output {
        if path.is_some() || args.sourcecode {
            let note = "--output cannot be used with other options - ignorning other options";
            context.console.note(note);
        }
        if args.times {
            return print_times(&run, context);
        }
        run.output_path()
    } else {
        let path = path.ok_or_else(|| {
            Failure::error("-p / --path is required unless --output is specified")
        })?;
        match args.sourcecode {
            true => run.source_dir().join(path),
            false => run.dir().join(path),
        }
    };
    let mut file = files::open(&path).map_err(|error| failure(&path, &error.source))?;
    if args.page && pager::show(&file, context) {
        return Ok(());
    }
    copy(&mut file, context).map_err(|error| failure(&path, &error))?;
    if args.page {
        context.console.data(b"\n");
    }
    Ok(())
}

/// Prints the output of `run` with the time and the stream of each line.
fn print_times(run: &Run, context: &Context) -> Result<(), Failure> {
    let path = run.output_path();
    let unreadable = |error: runs::Error| match error {
        runs::Error::File(error) => failure(&path, &error.source),
        other => other.into(),
    };
    let mut open_line = false;
    for piece in run.output_lines().map_err(unreadable)? {
        if context.console.is_stdout_gone() {
            break;
        }
        let piece = piece.map_err(unreadable)?;
        if piece.starts_line {
            context.console.data(line_head(piece.record).as_bytes());
        }
        context.console.data(&piece.bytes);
        open_line = !piece.bytes.ends_with(b"\n");
    }
    if open_line {
        context.console.data(b"\n");
    }
    Ok(())
}

/// What stands before a line: local time to the millisecond, and its stream.
fn line_head(record: Option<LineRecord>) -> String {
    let Some(record) = record else {
        return " ".repeat("2026-01-31 23:59:59.000   ".len());
    };
    let time = clock::local_text(record.millis.saturating_mul(1000));
    let millis = record.millis.rem_euclid(1000);
    let stream = if record.is_error { 'E' } else { ' ' };
    format!("{time}.{millis:03} {stream} ")
}

fn copy(file: &mut File, context: &Context) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    while !context.console.is_stdout_gone() {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => context.console.data(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is said of a file that cannot be read.
fn failure(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::does_not_exist(path),
        _ => Failure::system(path, error),
    }
}
