//! `harness conform`: holds a program against a suite that is not its own.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::execution::{self, Work};
use super::{Colour, Stop, USAGE};
use crate::discovery::{Choices, Finder, spec_files};
use crate::files::replace;
use crate::interrupt::Interrupt;
use crate::ledger::{Entry, Ledger, LedgerError, Standing};
use crate::numbers::Numbers;
use crate::ordered::in_order;
use crate::report::{self, Style};
use crate::runner::Runner;
use crate::suite;
use crate::verdict::{Outcome, SpecReport, Totals};

/// The exit code when the suite is not the one that the ledger is about.
const DRIFT: u8 = 6;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ConformArgs {
    /// Folder of the specs, which may be somebody else's.
    #[arg(long, value_name = "DIR")]
    suite: PathBuf,
    /// Ledger: which examples are expected to pass, and why the others do not.
    #[arg(long, value_name = "FILE")]
    expect: PathBuf,
    /// Suite file [default: suite.toml beside the ledger, else as for run].
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Program under test; put first on PATH under the name the suite gives it.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder that samples are copied from.
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
    /// Only specs with this text in their path.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// How many specs run at a time [default: number of processors].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Write what passes now to the ledger. What was expected to pass and does not
    /// is an error all the same.
    #[arg(long)]
    record: bool,
    /// With --record: run everything N times, and record as passing only what
    /// passes each time.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "record",
          value_parser = clap::value_parser!(u16).range(1..))]
    times: u16,
    /// Run specs that lost something again, up to N times, one at a time. Lost is
    /// only what never passes.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    retries: u16,
    /// With --record: what does not pass any more may leave the ledger.
    #[arg(long, requires = "record")]
    shrink: bool,
    /// Fail with exit code 6 when an example passes that is not expected to.
    #[arg(long)]
    strict: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

const EXAMPLES: &str = "Examples:
  harness conform --suite ~/other/specs --expect ledger.toml --record
  harness conform --suite ~/other/specs --expect ledger.toml --binary target/release/tool

Exit codes: 0 all that was expected, 1 an example that was expected to pass did not, \
2 usage error, 3 fault of the harness, 4 nothing ran, 5 interrupted, 6 the suite has other specs \
or examples than the ledger, or with --strict more passes than expected.";

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Stop {
            message: error.to_string(),
            code: USAGE,
        }
    }
}

pub(super) fn conform(args: &ConformArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let before = Ledger::read(&args.expect)?;
    if before.is_none() && !args.record {
        return Err(Stop {
            message: format!(
                "{}: no such ledger; make it with --record",
                args.expect.display()
            ),
            code: USAGE,
        });
    }
    let before = before.unwrap_or_default();
    let work = find(args)?;
    let runner = Runner::new(interrupt)?;
    let mut gate = Gate {
        before: &before,
        names: work
            .iter()
            .map(|item| name(args, &item.found.path))
            .collect(),
        style: Style::new(args.color.on_output()),
        now: BTreeMap::new(),
        totals: Totals::default(),
    };
    let jobs = execution::jobs(args.jobs);
    let mut out = io::stdout().lock();
    for _ in 0..args.times {
        in_order(
            work.len(),
            jobs,
            |index| work[index].run(&runner),
            |index, report| gate.take(&mut out, index, &work[index], &report, Entry::both),
        )?;
    }
    for _ in 0..args.retries {
        let lost = gate.lost();
        if lost.is_empty() || runner.is_interrupted() {
            break;
        }
        for index in lost {
            writeln!(out, "{}: once more", gate.names[index])?;
            let report = work[index].run(&runner);
            let expected = before.specs.get(&gate.names[index]);
            let expected = expected.map(|entry| entry.passing.clone());
            gate.take(&mut out, index, &work[index], &report, |entry, now| {
                entry.regained(now, &expected.clone().unwrap_or_default())
            })?;
        }
    }
    if runner.is_interrupted() || gate.totals.interrupted > 0 {
        return Err(Stop {
            message: "interrupted: nothing is concluded".into(),
            code: 5,
        });
    }
    let standings = gate.standings(&args.filter);
    gate.score(&mut out)?;
    let code = gate.conclude(&mut out, &standings, args)?;
    if args.record {
        return gate.record(&mut out, args, &standings, code);
    }
    Ok(code)
}

fn find(args: &ConformArgs) -> Result<Vec<Work>, Stop> {
    let beside = args.expect.parent().map(|f| f.join(suite::FILE_NAME));
    let choices = Choices {
        suite: args
            .settings
            .clone()
            .or(beside.filter(|file| file.is_file())),
        binary: args.binary.clone(),
        samples: args.samples.clone(),
        ..Choices::default()
    };
    let mut finder = Finder::new(choices, std::env::current_dir()?);
    let mut work = Vec::new();
    for path in spec_files(std::slice::from_ref(&args.suite))? {
        if name(args, &path).contains(&args.filter) {
            work.push(Work::find(&mut finder, &path)?);
        }
    }
    Ok(work)
}

/// The name of a spec in the ledger: its path in the suite.
fn name(args: &ConformArgs, path: &Path) -> String {
    let below = path.strip_prefix(&args.suite).unwrap_or(path);
    below.to_string_lossy().into_owned()
}

/// Specs of the ledger that the suite has no more, and how the others stand.
struct Standings {
    gone: Vec<String>,
    of: BTreeMap<String, Standing>,
}

impl Standings {
    fn count(&self, numbers: impl Fn(&Standing) -> &Numbers) -> usize {
        self.of
            .values()
            .map(|standing| numbers(standing).len())
            .sum()
    }
}

/// A run, held against the ledger.
struct Gate<'a> {
    before: &'a Ledger,
    names: Vec<String>,
    style: Style,
    now: BTreeMap<String, Entry>,
    totals: Totals,
}

impl Gate<'_> {
    /// Takes the report of a spec, and shows what of it was expected to pass and
    /// did not. `join` makes one of what several runs of the spec say.
    fn take(
        &mut self,
        out: &mut dyn Write,
        index: usize,
        work: &Work,
        report: &SpecReport,
        join: impl Fn(&Entry, &Entry) -> Entry,
    ) -> io::Result<()> {
        self.totals.add(report);
        let name = &self.names[index];
        let entry = Entry::of(work.examples(), report, &self.before.causes);
        let expected = self.before.specs.get(name);
        let lost = Standing::of(expected, &entry).lost;
        if let Outcome::Fault(fault) = &report.outcome {
            writeln!(out, "{name}: harness fault: {fault}")?;
        } else if !lost.is_empty() {
            show_lost(out, name, report, &lost, self.style)?;
        }
        let entry = match self.now.remove(name) {
            Some(other) => join(&other, &entry),
            None => entry,
        };
        self.now.insert(name.clone(), entry);
        Ok(())
    }

    /// The places of the specs that lost something.
    fn lost(&self) -> Vec<usize> {
        let has_lost = |name: &String| {
            let (before, now) = (self.before.specs.get(name), self.now.get(name));
            now.is_some_and(|now| !Standing::of(before, now).lost.is_empty())
        };
        (0..self.names.len())
            .filter(|index| has_lost(&self.names[*index]))
            .collect()
    }

    fn standings(&self, filter: &str) -> Standings {
        let gone = self.before.specs.keys();
        Standings {
            gone: gone
                .filter(|name| name.contains(filter) && !self.now.contains_key(*name))
                .cloned()
                .collect(),
            of: self
                .now
                .iter()
                .map(|(name, now)| {
                    let standing = Standing::of(self.before.specs.get(name), now);
                    (name.clone(), standing)
                })
                .collect(),
        }
    }

    /// Prints how many examples pass, by area.
    fn score(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut areas: BTreeMap<String, [usize; 3]> = BTreeMap::new();
        let mut all = [0; 3];
        for (name, entry) in &self.now {
            let sums = areas.entry(self.before.area(name)).or_default();
            for sum in [sums, &mut all] {
                sum[0] += 1;
                sum[1] += entry.examples;
                sum[2] += entry.passing.len();
            }
        }
        let width = areas.keys().map(|name| name.chars().count()).max();
        let width = width.unwrap_or_default().max("total".len());
        writeln!(out, "{:width$}  specs  examples  passing", "area")?;
        let total = ("total".to_owned(), all);
        for (name, [specs, examples, passing]) in areas.into_iter().chain([total]) {
            let share = (passing * 100).checked_div(examples).unwrap_or_default();
            writeln!(
                out,
                "{name:width$}  {specs:5}  {examples:8}  {passing:7}  {share:3}%"
            )?;
        }
        Ok(())
    }

    /// Prints what differs from the ledger. Returns the exit code.
    fn conclude(
        &self,
        out: &mut dyn Write,
        standings: &Standings,
        args: &ConformArgs,
    ) -> io::Result<u8> {
        for name in &standings.gone {
            writeln!(out, "{name}: in the ledger, and not in the suite")?;
        }
        let mut drifted = !standings.gone.is_empty();
        for (name, standing) in &standings.of {
            let is_unknown = standing.is_new && !args.record;
            drifted |= is_unknown || standing.examples_before.is_some();
            let now = self.now.get(name).map_or(0, |entry| entry.examples);
            if is_unknown {
                writeln!(out, "{name}: not in the ledger")?;
            }
            if let Some(before) = standing.examples_before {
                writeln!(out, "{name}: {now} examples; the ledger has {before}")?;
            }
            if !standing.gained.is_empty() {
                writeln!(out, "{name}: now passes: {}", standing.gained)?;
            }
            if !standing.unlucky.is_empty() {
                writeln!(
                    out,
                    "{name}: does not pass, which happens: {}",
                    standing.unlucky
                )?;
            }
            if !standing.lost.is_empty() {
                writeln!(
                    out,
                    "{name}: expected to pass, and does not: {}",
                    standing.lost
                )?;
            }
        }
        let lost = standings.count(|standing| &standing.lost);
        let gained = standings.count(|standing| &standing.gained);
        let code = match self.totals.exit_code() {
            3 => 3,
            _ if lost > 0 => 1,
            _ if drifted || (args.strict && gained > 0) => DRIFT,
            _ if self.now.values().all(|entry| entry.passing.is_empty()) => 4,
            _ => 0,
        };
        let passing: usize = self.now.values().map(|entry| entry.passing.len()).sum();
        let verdict = if code == 0 { "ok" } else { "FAILED" };
        writeln!(
            out,
            "conformance: {verdict}. {passing} pass; {lost} lost; {gained} gained"
        )?;
        Ok(code)
    }

    /// Writes the ledger, unless that would lose something. Returns the exit code.
    fn record(
        &self,
        out: &mut dyn Write,
        args: &ConformArgs,
        standings: &Standings,
        code: u8,
    ) -> Result<u8, Stop> {
        let lost = standings.count(|standing| &standing.lost);
        let file = args.expect.display();
        if code == 3 || (!args.shrink && lost + standings.gone.len() > 0) {
            writeln!(
                out,
                "{file} is left as it is: with --shrink, what is lost leaves it"
            )?;
            return Ok(code.max(1));
        }
        let mut ledger = self.before.clone();
        ledger
            .specs
            .retain(|name, _| !standings.gone.contains(name));
        for (name, now) in &self.now {
            let entry = match self.before.specs.get(name) {
                Some(before) => now.with_reasons_of(before),
                None => now.clone(),
            };
            ledger.specs.insert(name.clone(), entry);
        }
        replace(&args.expect, ledger.text().as_bytes()).map_err(|error| Stop {
            message: format!("{file}: {error}"),
            code: 3,
        })?;
        writeln!(out, "recorded in {file}")?;
        Ok(0)
    }
}

/// Shows the failures of a spec that its ledger knows nothing of.
fn show_lost(
    out: &mut dyn Write,
    name: &str,
    report: &SpecReport,
    lost: &Numbers,
    style: Style,
) -> io::Result<()> {
    let mut shown = report.clone();
    shown.path = PathBuf::from(name);
    let mut number = 0;
    shown.examples.retain(|_| {
        number += 1;
        lost.contains(number)
    });
    report::spec(out, &shown, style)?;
    writeln!(out)
}
