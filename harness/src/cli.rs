//! The command line of `harness`.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::discovery::{Choices, DiscoveryError, Finder, Found, spec_files};
use crate::gate;
use crate::interrupt::Interrupt;
use crate::report::{self, Style, Totals};
use crate::runner::{Outcome, Runner, Setting, SpecReport};
use crate::spec::SpecError;

/// The exit code of a usage error or a spec that cannot be read.
const USAGE: u8 = 2;
/// The exit code of a fault of the harness itself.
const FAULT: u8 = 3;
/// The exit code when nothing ran.
const NOTHING: u8 = 4;

/// Runs the examples in Markdown specs and compares their output with what the
/// specs say.
///
/// A spec is a program: its examples can do whatever you can. Run only specs you
/// trust.
#[derive(Debug, Parser)]
#[command(name = "harness", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all as expected, 1 a spec failed, 2 usage error or broken \
spec, 3 fault of the harness, 4 nothing ran, 5 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run specs.
    Run(RunArgs),
    /// List specs and how many examples each has.
    List(ListArgs),
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    select: Select,
    /// Program under test; put first on PATH under the name the suite gives it.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder that samples are copied from.
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
    /// How many specs run at a time [default: number of processors].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Keep the sandbox of each spec, and say where it is.
    #[arg(long)]
    keep: bool,
    /// Run specs that their front matter would skip.
    #[arg(long)]
    force: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    select: Select,
}

#[derive(Debug, Args)]
struct Select {
    /// Spec files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Suite file [default: suite.toml beside or above the spec, else
    /// specs/suite.toml].
    #[arg(long, value_name = "FILE")]
    suite: Option<PathBuf>,
    /// Only specs with this text in their path.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What ends the program early: what to say, and the exit code.
#[derive(Debug)]
struct Stop {
    message: String,
    code: u8,
}

impl From<DiscoveryError> for Stop {
    fn from(error: DiscoveryError) -> Self {
        Stop {
            message: error.to_string(),
            code: USAGE,
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop {
            message: error.to_string(),
            code: FAULT,
        }
    }
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap; a closed stream is no reason
            // to say more.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let result = match &cli.command {
        Command::Run(args) => run(args),
        Command::List(args) => list(args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            let _ = writeln!(io::stderr(), "harness: {}", stop.message);
            ExitCode::from(stop.code)
        }
    }
}

fn find(select: &Select, choices: Choices) -> Result<(Finder, Vec<Found>), Stop> {
    let mut finder = Finder::new(choices, std::env::current_dir()?);
    let mut found = Vec::new();
    for path in spec_files(&select.paths)? {
        let filter = select.filter.as_deref().unwrap_or_default();
        if path.to_string_lossy().contains(filter) {
            found.push(finder.read(&path)?);
        }
    }
    Ok((finder, found))
}

fn list(args: &ListArgs) -> Result<u8, Stop> {
    let choices = Choices {
        suite: args.select.suite.clone(),
        ..Choices::default()
    };
    let (mut finder, found) = find(&args.select, choices)?;
    let mut out = io::stdout().lock();
    let mut code = if found.is_empty() { NOTHING } else { 0 };
    for found in found {
        let path = found.path.display();
        match found.spec {
            Err(error) => {
                code = USAGE;
                writeln!(io::stderr(), "{error}")?;
            }
            Ok(spec) => {
                let count = spec.examples.len();
                let plural = if count == 1 { "" } else { "s" };
                let skip = gate::skip(&spec.options, &finder.surroundings(&found.suite)?);
                let skip = skip
                    .map(|s| format!(" (skipped: {})", s.reason))
                    .unwrap_or_default();
                writeln!(out, "{path}: {count} example{plural}{skip}")?;
            }
        }
    }
    Ok(code)
}

fn run(args: &RunArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let choices = Choices {
        suite: args.select.suite.clone(),
        binary: args.binary.clone(),
        samples: args.samples.clone(),
        keep: args.keep,
        force: args.force,
    };
    let (mut finder, found) = find(&args.select, choices)?;
    let mut work = Vec::new();
    for found in found {
        let setting = finder.setting(&found.suite)?;
        work.push((found, setting));
    }
    let runner = Runner::new(interrupt)?;
    let style = Style::new(match args.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    });
    let default_jobs = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or(default_jobs, usize::from);
    run_all(&runner, &work, jobs, style)
}

/// A spec, or why it cannot be read, and how to run it.
type Work = (Found, std::sync::Arc<Setting>);

fn run_all(runner: &Runner, work: &[Work], jobs: usize, style: Style) -> Result<u8, Stop> {
    let start = Instant::now();
    let mut out = io::stdout().lock();
    let plural = if work.len() == 1 { "" } else { "s" };
    writeln!(out, "running {} spec{plural}", work.len())?;
    for program in programs(work) {
        writeln!(out, "{program}")?;
    }
    let mut totals = Totals::default();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let printed = thread::scope(|scope| {
        for _ in 0..jobs.min(work.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = work.get(index) else { break };
                    // The receiver goes when output fails; the rest is then moot.
                    if sender.send((index, run_one(runner, item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        print_in_order(&mut out, &receiver, work.len(), &mut totals, style)
    });
    for name in runner.unclaimed() {
        totals.leaks += 1;
        writeln!(out, "left running by one of the specs, ended: {name}")?;
    }
    printed?;
    report::summary(&mut out, &totals, start.elapsed(), style)?;
    let code = totals.exit_code();
    Ok(if runner.is_interrupted() { 5 } else { code })
}

/// What is tested, so that a report tells which build it is about.
fn programs(work: &[Work]) -> BTreeSet<String> {
    let program = |(_, setting): &Work| {
        let name = setting.suite.program.as_ref()?;
        Some(format!(
            "testing {name}: {}",
            setting.binary.as_ref()?.display()
        ))
    };
    work.iter().filter_map(program).collect()
}

/// Prints reports in the order of the specs, each as soon as those before it are
/// printed.
fn print_in_order(
    out: &mut dyn Write,
    receiver: &mpsc::Receiver<(usize, SpecReport)>,
    count: usize,
    totals: &mut Totals,
    style: Style,
) -> io::Result<()> {
    let mut waiting: Vec<Option<SpecReport>> =
        std::iter::repeat_with(|| None).take(count).collect();
    let mut at = 0;
    for (index, report) in receiver {
        waiting[index] = Some(report);
        while let Some(report) = waiting.get_mut(at).and_then(Option::take) {
            totals.add(&report);
            report::spec(out, &report, style)?;
            out.flush()?;
            at += 1;
        }
    }
    Ok(())
}

fn run_one(runner: &Runner, (found, setting): &Work) -> SpecReport {
    match &found.spec {
        Ok(spec) => runner.run(spec, setting),
        Err(SpecError::Malformed(faults)) => {
            let faults = faults.iter().map(ToString::to_string).collect();
            SpecReport::without_run(&found.path, Outcome::Broken(faults))
        }
        Err(error) => {
            SpecReport::without_run(&found.path, Outcome::Broken(vec![error.to_string()]))
        }
    }
}
