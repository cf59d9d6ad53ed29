//! The rounds of a run: every spec once, or as often as asked.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::skips::{Held, List};
use super::{FailFast, Flaky, RunArgs, SLOW};
use crate::cli::execution::Work;
use crate::cli::{Stop, verbose};
use crate::history::History;
use crate::interrupt::Interrupt;
use crate::ordered::taken;
use crate::progress::Progress;
use crate::report::record::End;
use crate::report::{self, Reports, Style};
use crate::runner::Runner;
use crate::schedule::{Queue, Task, longest_first};
use crate::verdict::{Outcome, SpecReport, Totals};

/// What is to be run, and how.
pub(super) struct Rounds<'a> {
    pub args: &'a RunArgs,
    pub work: &'a [Work],
    /// What left other specs out, for the reader.
    pub left_out: &'a str,
    /// The list that skips are held against, or recorded in.
    pub skips: Option<&'a List>,
    /// Set when the rounds are interrupted to be run again: then nothing is told of
    /// what did not run.
    pub is_dropped: &'a AtomicBool,
}

/// What came of the rounds so far.
struct Results {
    totals: Totals,
    reports: Vec<SpecReport>,
    files: Reports,
    history: History,
}

impl Rounds<'_> {
    /// Runs all rounds and reports them. Returns the exit code.
    pub fn run(
        &self,
        interrupt: &Arc<Interrupt>,
        history: History,
        files: Reports,
    ) -> Result<u8, Stop> {
        let start = Instant::now();
        let runner = Runner::new(Arc::clone(interrupt))?;
        let colour = self.args.output.color;
        let (mut out, colour): (Box<dyn Write>, bool) = if files.take_output() {
            (Box::new(io::stderr()), colour.on(&io::stderr()))
        } else {
            (Box::new(io::stdout().lock()), colour.on(&io::stdout()))
        };
        let style = Style::new(colour);
        self.head(&mut out)?;
        let mut results = Results {
            totals: Totals {
                flaky_fails: self.args.order.flaky == Flaky::Fail,
                ..Totals::default()
            },
            reports: Vec::new(),
            files,
            history,
        };
        let printed = self.rounds(&runner, &mut out, style, &mut results);
        let unclaimed = runner.unclaimed();
        let strict = runner.fails_on_leaks();
        results.totals.add_unclaimed(&unclaimed, strict);
        results.totals.ended_early = runner.is_interrupted();
        let skips = self
            .skips
            .map(|list| list.hold(self.work, &results.reports));
        results.totals.skips_differ = skips.as_ref().is_some_and(Held::differs);
        let code = results.totals.exit_code();
        let elapsed = start.elapsed();
        // Even where the text could not be printed.
        let end = End::of(
            &results.totals,
            code,
            results.totals.ended_early,
            unclaimed.clone(),
            elapsed,
        );
        let written = results.files.write(end);
        printed?;
        for leak in unclaimed {
            writeln!(out, "by one of the specs, {leak}")?;
        }
        if self.args.output.verbose {
            verbose::slowest(&mut out, &results.reports)?;
        }
        let options = self.args.options();
        if self.is_dropped() {
            report::summary(&mut out, &results.totals, elapsed, style)?;
            written?;
            return Ok(code);
        }
        report::closing(&mut out, &results.reports, &options, style)?;
        let concluded = skips.map_or(Ok(()), |skips| skips.conclude(&mut out));
        report::summary(&mut out, &results.totals, elapsed, style)?;
        written?;
        concluded?;
        Ok(code)
    }

    fn is_dropped(&self) -> bool {
        self.is_dropped.load(Ordering::SeqCst)
    }

    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = self.work.len();
        let plural = if count == 1 { "" } else { "s" };
        if count > 0 && self.args.output.quiet {
            return Ok(());
        }
        match self.left_out {
            "" => writeln!(out, "running {count} spec{plural}")?,
            by => writeln!(out, "running {count} spec{plural}, left out: {by}")?,
        }
        for program in programs(self.work) {
            writeln!(out, "{program}")?;
        }
        Ok(())
    }

    fn rounds(
        &self,
        runner: &Runner,
        out: &mut dyn Write,
        style: Style,
        results: &mut Results,
    ) -> io::Result<()> {
        let order = &self.args.order;
        let endless = if order.until_fail { u32::MAX } else { 1 };
        let count = order.repeat.unwrap_or(endless);
        let shuffle = order.shuffle.then(|| fastrand::u64(..=u64::from(u32::MAX)));
        let seed = order.seed.or(shuffle);
        for round in 0..count {
            match count {
                1 => {}
                u32::MAX => writeln!(out, "round {}", round + 1)?,
                _ => writeln!(out, "round {} of {count}", round + 1)?,
            }
            let seed = seed.map(|seed| seed.wrapping_add(round.into()));
            if let Some(seed) = seed {
                writeln!(out, "in the order of --seed {seed}")?;
            }
            out.flush()?;
            let before = results.totals.failed + results.totals.flaky;
            self.round(runner, seed, out, style, results)?;
            let has_failed = results.totals.failed + results.totals.flaky > before;
            let is_over = has_failed && (order.until_fail || self.stops_the_run());
            if is_over || runner.is_interrupted() || self.work.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Whether the first failure is the end of the run.
    fn stops_the_run(&self) -> bool {
        self.args.order.fail_fast == Some(FailFast::Run)
    }

    fn round(
        &self,
        runner: &Runner,
        seed: Option<u64>,
        out: &mut dyn Write,
        style: Style,
        results: &mut Results,
    ) -> io::Result<()> {
        let mut specs: Vec<&Work> = self.work.iter().collect();
        if let Some(seed) = seed {
            fastrand::Rng::with_seed(seed).shuffle(&mut specs);
        }
        let jobs = self.args.jobs();
        let queue = queue(&specs, &results.history, jobs, seed.is_none());
        let slow = self.args.output.slow.unwrap_or(SLOW);
        let progress = Progress::new(self.args.progress(), specs.len(), slow);
        let work = |index: usize| {
            let Work { found, setting } = specs[index];
            progress.started(index, found.path.display().to_string());
            let report = found.run_with_retries(runner, setting, self.args.order.retries);
            let failed = !is_fine(&report.outcome);
            if failed && self.stops_the_run() {
                queue.close();
            }
            progress.ended(index, failed);
            queue.done(index);
            report
        };
        let first = results.reports.len();
        let printed = taken(
            specs.len(),
            jobs,
            || queue.take(),
            work,
            |index, report| {
                let why = || Outcome::NotRun("stopped at the first failure".into());
                let path = &specs[index].found.path;
                let report = report.unwrap_or_else(|| SpecReport::without_run(path, why()));
                results.totals.add(&report);
                results.files.add(&report);
                let shown = progress.aside(|| self.show(out, &report, style));
                results.reports.push(report);
                shown
            },
        );
        drop(progress);
        let ended = specs.iter().zip(&results.reports[first..]);
        let whole = ended.filter(|(work, _)| !work.found.is_part);
        let told = results.history.notes().len();
        results
            .history
            .record(whole.map(|(work, report)| (&work.found, report)));
        // A cache that cannot be written is the business of none but the curious.
        if self.args.output.verbose || self.args.select.names_history() {
            for note in &results.history.notes()[told..] {
                writeln!(io::stderr(), "harness: {note}")?;
            }
        }
        printed
    }

    fn show(&self, out: &mut dyn Write, report: &SpecReport, style: Style) -> io::Result<()> {
        if self.is_dropped() && matches!(report.outcome, Outcome::Interrupted | Outcome::NotRun(_))
        {
            return Ok(());
        }
        let is_dull = matches!(report.outcome, Outcome::Passed | Outcome::Skipped(_));
        if self.args.output.quiet && is_dull && report.leaks.is_empty() {
            return Ok(());
        }
        report::spec(out, report, style)?;
        if self.args.output.verbose {
            verbose::examples(out, report)?;
        }
        out.flush()
    }
}

/// Whether a spec that ends so is no failure.
fn is_fine(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Passed | Outcome::Flaky | Outcome::Skipped(_) | Outcome::NotRun(_)
    )
}

fn queue(specs: &[&Work], history: &History, jobs: usize, may_reorder: bool) -> Queue {
    let task = |work: &&Work| match &work.found.spec {
        Ok(spec) => {
            let entry = history.entry(&work.found);
            Task::of(spec, entry.map(|entry| entry.duration()))
        }
        Err(_) => Task::default(),
    };
    let tasks: Vec<Task> = specs.iter().map(task).collect();
    // One at a time nothing is gained by another order, and reports come sooner.
    let order = if may_reorder && jobs > 1 {
        longest_first(&tasks)
    } else {
        (0..tasks.len()).collect()
    };
    Queue::new(tasks, order)
}

/// What is tested, so that a report tells which build it is about.
fn programs(work: &[Work]) -> BTreeSet<String> {
    let program = |work: &Work| {
        let name = work.setting.suite.program.as_ref()?;
        let binary = work.setting.binary.as_ref()?;
        Some(format!("testing {name}: {}", binary.display()))
    };
    work.iter().filter_map(program).collect()
}
