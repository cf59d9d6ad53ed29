//! `harness update`: what examples print now, put into specs as what is expected.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;

use super::execution::{self, Work};
use super::select::find;
use super::{Colour, Select, Stop, USAGE};
use crate::discovery::Choices;
use crate::files::replace;
use crate::interrupt::Interrupt;
use crate::ordered::in_order;
use crate::rewrite::rewrite;
use crate::runner::Runner;
use crate::verdict::{Outcome, SpecReport, Totals};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UpdateArgs {
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
    /// Change nothing: print the patch, and fail if there is one.
    #[arg(long)]
    check: bool,
    /// Take exceptions that nobody expected as expected from now on.
    #[arg(long)]
    exceptions: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

const EXAMPLES: &str = "Examples:
  harness update specs/run.md            rewrite what differs, and show it
  harness update --check specs | git apply

Lines of expected output that still match are kept, with their wildcards and captures. \
Read the patch: what a program prints is not always what it should.

Exit codes: 0 done or nothing to do, 1 something is left that could not be updated, or with \
--check a patch is needed, 2 usage error or broken spec, 3 fault of the harness, 4 nothing ran, \
5 interrupted.";

pub(super) fn update(args: &UpdateArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    if !args.check && std::env::var_os("CI").is_some_and(|v| !v.is_empty() && v != "false") {
        return Err(Stop {
            message: "update changes no specs where CI is set; use --check".into(),
            code: USAGE,
        });
    }
    let choices = Choices {
        suite: args.select.suite.clone(),
        binary: args.binary.clone(),
        samples: args.samples.clone(),
        keep_output: true,
        ..Choices::default()
    };
    let (mut finder, found) = find(&args.select, choices)?;
    let mut work = Vec::new();
    for found in found {
        let setting = finder.setting(&found.suite)?;
        // Read before it is run, so that a change while it runs is noticed.
        let bytes = fs::read(&found.path).unwrap_or_default();
        work.push((Work { found, setting }, bytes));
    }
    let runner = Runner::new(interrupt)?;
    let mut out = io::stdout().lock();
    let mut update = Update {
        check: args.check,
        exceptions: args.exceptions,
        colour: args.color.on(&io::stdout()),
        specs: 0,
        examples: 0,
        left: 0,
        totals: Totals::default(),
    };
    in_order(
        work.len(),
        execution::jobs(args.jobs),
        |index| work[index].0.run(&runner),
        |index, report| update.take(&mut out, &work[index].0, &work[index].1, &report),
    )?;
    if runner.is_interrupted() {
        return Ok(5);
    }
    Ok(update.conclude(&mut out)?)
}

/// What was updated so far.
struct Update {
    check: bool,
    exceptions: bool,
    colour: bool,
    specs: usize,
    examples: usize,
    left: usize,
    totals: Totals,
}

impl Update {
    fn take(
        &mut self,
        out: &mut dyn Write,
        work: &Work,
        bytes: &[u8],
        report: &SpecReport,
    ) -> Result<(), Stop> {
        self.totals.add(report);
        let path = &report.path;
        match &report.outcome {
            Outcome::Broken(faults) => writeln!(io::stderr(), "{}", faults.join("\n"))?,
            Outcome::Fault(fault) => writeln!(io::stderr(), "{}: {fault}", path.display())?,
            _ => {}
        }
        let (Ok(spec), Outcome::Failed) = (&work.found.spec, &report.outcome) else {
            return Ok(());
        };
        let vocabulary = work.setting.suite.vocabulary();
        let new = rewrite(bytes, spec, &report.examples, self.exceptions, &vocabulary);
        for left in &new.refused {
            let place = format!("{}:{}", left.file.display(), left.line);
            writeln!(io::stderr(), "{place}: left as it is: {}", left.why)?;
        }
        self.left += new.refused.len();
        if new.changed.is_empty() {
            return Ok(());
        }
        self.specs += 1;
        self.examples += new.changed.len();
        let old = String::from_utf8_lossy(bytes);
        write!(out, "{}", patch(path, &old, &new.text, self.colour))?;
        if !self.check {
            write_back(path, bytes, &new.text)?;
        }
        out.flush()?;
        Ok(())
    }

    fn conclude(&self, out: &mut dyn Write) -> io::Result<u8> {
        let code = match self.totals.exit_code() {
            code @ 2..=4 => code,
            _ if self.left > 0 || (self.check && self.examples > 0) => 1,
            _ => 0,
        };
        let verb = if self.check { "to update" } else { "updated" };
        // With --check, standard output is a patch and nothing else.
        let mut err = io::stderr();
        let out: &mut dyn Write = if self.check { &mut err } else { out };
        writeln!(
            out,
            "{verb}: {} in {}; left as they are: {}",
            counted(self.examples, "example"),
            counted(self.specs, "spec"),
            self.left
        )?;
        Ok(code)
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Writes the new document, unless the old one was changed in the meantime.
fn write_back(path: &Path, old: &[u8], new: &str) -> Result<(), Stop> {
    let fault = |error: io::Error| Stop {
        message: format!("{}: {error}", path.display()),
        code: 3,
    };
    if fs::read(path).map_err(fault)? != old {
        return Err(Stop {
            message: format!(
                "{}: changed while its examples ran; run the update again",
                path.display()
            ),
            code: 3,
        });
    }
    replace(path, new.as_bytes()).map_err(fault)
}

/// The change as a patch that `git apply` takes, seen from the current directory.
fn patch(path: &Path, old: &str, new: &str, colour: bool) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let name = path.strip_prefix(&current).unwrap_or(path);
    let name = name.strip_prefix(".").unwrap_or(name).display();
    let (from, to) = (format!("a/{name}"), format!("b/{name}"));
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(&from, &to).to_string();
    if !colour {
        return text;
    }
    let painted = text.split_inclusive('\n').map(|line| {
        let (paint, body) = match (line.chars().next(), line.trim_end_matches('\n')) {
            (Some('-'), body) => ("\x1b[31m", body),
            (Some('+'), body) => ("\x1b[32m", body),
            (Some('@'), body) => ("\x1b[36m", body),
            _ => return line.to_owned(),
        };
        format!("{paint}{body}\x1b[0m\n")
    });
    painted.collect()
}
