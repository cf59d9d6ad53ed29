//! The command line of `harness`: one file per command.

mod compare;
mod conform;
mod execution;
mod explain;
mod list;
mod report;
mod run;
mod update;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::discovery::{Choices, DiscoveryError, Finder, Found, spec_files};
use crate::report::ReportError;

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
    Run(run::RunArgs),
    /// Hold a program against a suite that is not its own.
    Conform(conform::ConformArgs),
    /// Run the same specs with two programs, and tell where they differ.
    Compare(compare::CompareArgs),
    /// Put what examples print now into specs as what is expected of them.
    Update(update::UpdateArgs),
    /// Show how one example was read and compared.
    Explain(explain::ExplainArgs),
    /// Merge and compare reports that were written before.
    Report(report::ReportArgs),
    /// List specs and how many examples each has.
    List(list::ListArgs),
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

impl Colour {
    /// Whether to use colour on standard output.
    fn on_output(self) -> bool {
        self.on(&io::stdout())
    }

    /// Whether to use colour on this stream.
    fn on(self, stream: &impl IsTerminal) -> bool {
        match self {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            }
        }
    }
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

impl From<ReportError> for Stop {
    fn from(error: ReportError) -> Self {
        let code = match error {
            ReportError::StandardOutput => USAGE,
            ReportError::Write { .. } => FAULT,
        };
        Stop {
            message: error.to_string(),
            code,
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
        Command::Run(args) => run::run(args),
        Command::Compare(args) => compare::compare(args),
        Command::Conform(args) => conform::conform(args),
        Command::Update(args) => update::update(args),
        Command::Explain(args) => explain::explain(args),
        Command::Report(args) => report::report(args),
        Command::List(args) => list::list(args),
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
