//! `harness compare`: the same specs with two programs.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use clap::Args;
use regex::Regex;
use similar::TextDiff;

use super::execution::{self, Work};
use super::select::find;
use super::{Colour, Select, Stop, USAGE};
use crate::discovery::Choices;
use crate::duration::show;
use crate::interrupt::Interrupt;
use crate::matcher::ANSI;
use crate::ordered::in_order;
use crate::runner::Runner;
use crate::verdict::{ExampleReport, Outcome, SpecReport, Totals, Verdict};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    select: Select,
    /// The two programs under test: give it twice.
    #[arg(long, value_name = "FILE", required = true)]
    binary: Vec<PathBuf>,
    /// Folder that samples are copied from.
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
    /// How many specs run at a time [default: number of processors]. With 1, times
    /// are told most truly.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Show, too, where outputs differ that the spec takes both of.
    #[arg(long)]
    outputs: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

const EXAMPLES: &str = "Example:
  harness compare specs --binary old/tool --binary target/release/tool

Exit codes: 0 all verdicts alike, 1 a verdict differs or both fail with other output, \
2 usage error, 3 fault of the harness, 4 nothing ran, 5 interrupted.";

pub(super) fn compare(args: &CompareArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let [a, b] = args.binary.as_slice() else {
        return Err(Stop {
            message: "compare takes two programs: give --binary twice".into(),
            code: USAGE,
        });
    };
    let (with_a, with_b) = (work(args, a)?, work(args, b)?);
    let runner = Runner::new(interrupt)?;
    let mut out = io::stdout().lock();
    let plural = if with_a.len() == 1 { "" } else { "s" };
    writeln!(out, "comparing {} spec{plural}", with_a.len())?;
    writeln!(out, "A: {}\nB: {}", a.display(), b.display())?;
    let mut comparison = Comparison {
        colour: args.color.on_output(),
        shows_outputs: args.outputs,
        ..Comparison::default()
    };
    in_order(
        with_a.len(),
        execution::jobs(args.jobs),
        // One after the other, so that each has the same rest of the machine.
        |index| (with_a[index].run(&runner), with_b[index].run(&runner)),
        |_, (a, b)| comparison.take(&mut out, &a, &b),
    )?;
    if runner.is_interrupted() {
        return Err(Stop {
            message: "interrupted: nothing is concluded".into(),
            code: 5,
        });
    }
    Ok(comparison.conclude(&mut out)?)
}

fn work(args: &CompareArgs, binary: &Path) -> Result<Vec<Work>, Stop> {
    let choices = Choices {
        suite: args.select.suite.clone(),
        binary: Some(binary.to_owned()),
        samples: args.samples.clone(),
        keep_output: true,
        ..Choices::default()
    };
    let (mut finder, found) = find(&args.select, choices)?;
    found
        .into_iter()
        .map(|found| {
            let setting = finder.setting(&found.suite)?;
            Ok(Work { found, setting })
        })
        .collect()
}

/// What was compared so far.
#[derive(Debug, Default)]
struct Comparison {
    colour: bool,
    shows_outputs: bool,
    alike: usize,
    verdicts: usize,
    failures: usize,
    outputs: usize,
    times: Vec<(PathBuf, Duration, Duration)>,
    totals: [Totals; 2],
}

impl Comparison {
    /// Takes the reports of one spec, and shows where they differ.
    fn take(&mut self, out: &mut dyn Write, a: &SpecReport, b: &SpecReport) -> io::Result<()> {
        self.totals[0].add(a);
        self.totals[1].add(b);
        if a.examples_run() + b.examples_run() > 0 {
            self.times
                .push((a.path.clone(), a.command_time(), b.command_time()));
        }
        for (name, report) in [("A", a), ("B", b)] {
            match &report.outcome {
                Outcome::Fault(fault) => writeln!(out, "{}: {name}: {fault}", path(a))?,
                Outcome::Broken(faults) if name == "A" => writeln!(out, "{}", faults.join("\n"))?,
                _ => {}
            }
        }
        for (left, right) in a.examples.iter().zip(&b.examples) {
            self.example(out, &a.path, left, right)?;
        }
        out.flush()
    }

    fn example(
        &mut self,
        out: &mut dyn Write,
        spec: &Path,
        a: &ExampleReport,
        b: &ExampleReport,
    ) -> io::Result<()> {
        let texts = [text(a), text(b)];
        let same_output = texts[0] == texts[1];
        let what = match (&a.verdict, &b.verdict) {
            (Verdict::Passed, Verdict::Passed) if !same_output => {
                self.alike += 1;
                self.outputs += 1;
                if !self.shows_outputs {
                    return Ok(());
                }
                "passes with both, with other output".to_owned()
            }
            (Verdict::Failed, Verdict::Failed) if !same_output => {
                self.failures += 1;
                "fails with both, with other output".to_owned()
            }
            (left, right) if left.word() == right.word() => {
                self.alike += 1;
                return Ok(());
            }
            (left, right) => {
                self.verdicts += 1;
                format!("{} with A, {} with B", left.word(), right.word())
            }
        };
        let file = a.example.file_in(spec).display();
        writeln!(out, "\n{file}:{}: {what}", a.example.line)?;
        for line in a.example.with_prompts().lines() {
            writeln!(out, "    {line}")?;
        }
        write!(out, "{}", self.difference(&texts))
    }

    fn difference(&self, [a, b]: &[String; 2]) -> String {
        let (red, green, off) = match self.colour {
            true => ("\x1b[31m", "\x1b[32m", "\x1b[0m"),
            false => ("", "", ""),
        };
        let mut shown = String::new();
        let lines = TextDiff::from_lines(a, b);
        for hunk in lines.unified_diff().context_radius(2).iter_hunks() {
            for change in hunk.iter_changes() {
                let (mark, colour) = match change.tag() {
                    similar::ChangeTag::Delete => ("A", red),
                    similar::ChangeTag::Insert => ("B", green),
                    similar::ChangeTag::Equal => (" ", ""),
                };
                let end = if colour.is_empty() { "" } else { off };
                let line = change.value().trim_end_matches('\n');
                // Writing to a string cannot fail.
                let _ = writeln!(shown, "  {colour}{mark} {line}{end}");
            }
        }
        shown
    }

    /// Prints times and sums. Returns the exit code.
    fn conclude(&mut self, out: &mut dyn Write) -> io::Result<u8> {
        let width = self.times.iter().map(|(path, ..)| shown_width(path)).max();
        let width = width.unwrap_or_default().max("total".len());
        let sum = |pick: fn(&(PathBuf, Duration, Duration)) -> Duration| {
            self.times.iter().map(pick).sum::<Duration>()
        };
        let total = (PathBuf::from("total"), sum(|row| row.1), sum(|row| row.2));
        writeln!(
            out,
            "\n{:width$}  {:>9}  {:>9}  {:>6}",
            "commands", "A", "B", "A/B"
        )?;
        for (path, a, b) in self.times.iter().chain([&total]) {
            let ratio = a.as_secs_f64() / b.as_secs_f64();
            let ratio = if ratio.is_finite() {
                format!("{ratio:.1}")
            } else {
                String::new()
            };
            let row = format!(
                "{:width$}  {:>9}  {:>9}  {ratio:>6}",
                path.display(),
                show(*a),
                show(*b)
            );
            writeln!(out, "{}", row.trim_end())?;
        }
        let code = match self.totals.each_ref().map(Totals::exit_code) {
            [3, _] | [_, 3] => 3,
            [2, _] | [_, 2] => 2,
            _ if self.verdicts + self.failures > 0 => 1,
            [4, 4] => 4,
            _ => 0,
        };
        let verdict = match code {
            0 => "alike",
            1 => "DIFFERENT",
            4 => "NOTHING RAN",
            _ => "FAILED",
        };
        writeln!(
            out,
            "\ncompared: {verdict}. {} alike, {} of them with other output that the specs take; \
             {} verdicts differ; {} failures differ",
            self.alike, self.outputs, self.verdicts, self.failures
        )?;
        Ok(code)
    }
}

fn path(report: &SpecReport) -> String {
    report.path.display().to_string()
}

fn shown_width(path: &Path) -> usize {
    path.display().to_string().chars().count()
}

/// What an example printed, as it would be in any sandbox.
fn text(entry: &ExampleReport) -> String {
    let Some(actual) = &entry.actual else {
        return entry.notes.join("\n");
    };
    let shown = actual.shown();
    let plain = ANSI.replace_all(&shown, "");
    SANDBOX.replace_all(&plain, "<sandbox>").into_owned()
}

/// The folder of a sandbox.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a spec")]
static SANDBOX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:/[^\s/]+)+/harness-[0-9A-Za-z]{6}").expect("valid pattern"));
