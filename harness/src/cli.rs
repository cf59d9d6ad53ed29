//! The command line of `harness`: one file per command.

mod compare;
mod conform;
mod execution;
mod explain;
mod features;
mod lint;
mod list;
mod new;
mod report;
mod run;
mod select;
mod single;
mod update;
mod verbose;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use self::select::Select;
use crate::discovery::DiscoveryError;
use crate::report::ReportError;

/// The exit code of a usage error or a spec that cannot be read.
const USAGE: u8 = 2;
/// The exit code of a fault of the harness itself.
const FAULT: u8 = 3;
/// The exit code when nothing ran.
const NOTHING: u8 = 4;
/// The exit code when nobody reads what is written any more, as shells tell of a
/// program that SIGPIPE ended.
const CLOSED: u8 = 141;

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

const EXIT_CODES: &str = "\
Examples:
  harness run specs                     all specs below a folder
  harness run specs --filter login      those with a text in their path
  harness run specs/login.md:40         the section that line 40 is in
  harness run specs --failed            what failed last time
  harness list specs --tag slow         without running anything

Exit codes:
  0  all as expected
  1  a spec failed
  2  usage error, or a spec, suite file or prelude that is broken
  3  fault of the harness
  4  nothing ran
  5  interrupted, or over the time of --run-timeout
  6  what is skipped or known to fail is not what a file says";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run specs, several at a time, and report them in their order.
    ///
    /// A spec is a program: its examples can do whatever you can. Only what PATH
    /// names is run. Specs see no environment variables but those that they need,
    /// the suite file lets through, or --env names.
    Run(Box<run::RunArgs>),
    /// Hold a program against a suite that is not its own.
    Conform(conform::ConformArgs),
    /// Run the same specs with two programs, and tell where they differ.
    Compare(compare::CompareArgs),
    /// Put what examples print now into specs as what is expected of them.
    Update(update::UpdateArgs),
    /// Make a spec from a shell session.
    New(new::NewArgs),
    /// Show how one example was read and compared.
    Explain(explain::ExplainArgs),
    /// Merge and compare reports that were written before.
    Report(report::ReportArgs),
    /// List specs and how many examples each has.
    List(list::ListArgs),
    /// Find what makes specs say less than they seem to, without running them.
    Lint(lint::LintArgs),
    /// List what specs ask of the machine, and what it has.
    Features(features::FeaturesArgs),
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
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Stop {
                message: String::new(),
                code: CLOSED,
            };
        }
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
        Command::New(args) => new::new(args),
        Command::Explain(args) => explain::explain(args),
        Command::Report(args) => report::report(args),
        Command::List(args) => list::list(args),
        Command::Lint(args) => lint::lint(args),
        Command::Features(args) => features::features(args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            if !stop.message.is_empty() {
                let _ = writeln!(io::stderr(), "harness: {}", stop.message);
            }
            ExitCode::from(stop.code)
        }
    }
}
