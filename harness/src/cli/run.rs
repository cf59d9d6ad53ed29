//! `harness run`: runs specs and reports them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use clap::Args;

use super::{Colour, Select, Stop, find};
use crate::discovery::{Choices, Found};
use crate::interrupt::Interrupt;
use crate::ordered::in_order;
use crate::report::record::End;
use crate::report::{self, Reports, Request, Style, provenance};
use crate::runner::{Runner, Setting};
use crate::verdict::Totals;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
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
    /// Write a report, as in `jsonl=report.jsonl`; may be given several times.
    /// FILE `-` is standard output, which then holds nothing else.
    #[arg(long, value_name = "FORMAT=FILE")]
    report: Vec<Request>,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

pub(super) fn run(args: &RunArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let choices = Choices {
        suite: args.select.suite.clone(),
        binary: args.binary.clone(),
        samples: args.samples.clone(),
        keep: args.keep,
        force: args.force,
        ..Choices::default()
    };
    let (mut finder, found) = find(&args.select, choices)?;
    let mut work = Vec::new();
    for found in found {
        let setting = finder.setting(&found.suite)?;
        work.push((found, setting));
    }
    let runner = Runner::new(interrupt)?;
    let reports = open_reports(args, &work)?;
    let default_jobs = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or(default_jobs, usize::from);
    run_all(&runner, &work, jobs, reports, &args.options(), args.color)
}

fn open_reports(args: &RunArgs, work: &[Work]) -> Result<Reports, Stop> {
    let specs = work.iter().map(|(found, _)| found.path.as_path());
    let settings = work.iter().map(|(_, setting)| &**setting);
    let run = || {
        let (selection, options) = (args.selection(), args.options());
        provenance::gather(&args.select.paths, selection, options, settings)
    };
    Ok(Reports::open(&args.report, specs, run)?)
}

impl RunArgs {
    /// The arguments that choose among the specs below the paths.
    fn selection(&self) -> Vec<String> {
        let filter = self.select.filter.iter();
        filter
            .flat_map(|text| ["--filter".to_owned(), text.clone()])
            .collect()
    }

    /// The arguments that decide how specs are run: who gives them again gets the
    /// same verdicts.
    fn options(&self) -> Vec<String> {
        let files = [
            ("--suite", &self.select.suite),
            ("--binary", &self.binary),
            ("--samples", &self.samples),
        ];
        let mut arguments = Vec::new();
        for (name, file) in files {
            if let Some(file) = file {
                arguments.extend([name.to_owned(), file.display().to_string()]);
            }
        }
        arguments.extend(self.force.then(|| "--force".to_owned()));
        arguments
    }
}

/// A spec, or why it cannot be read, and how to run it.
type Work = (Found, std::sync::Arc<Setting>);

fn run_all(
    runner: &Runner,
    work: &[Work],
    jobs: usize,
    mut reports: Reports,
    options: &[String],
    colour: Colour,
) -> Result<u8, Stop> {
    let start = Instant::now();
    let (mut out, colour): (Box<dyn Write>, bool) = if reports.take_output() {
        (Box::new(io::stderr()), colour.on(&io::stderr()))
    } else {
        (Box::new(io::stdout().lock()), colour.on(&io::stdout()))
    };
    let style = Style::new(colour);
    let plural = if work.len() == 1 { "" } else { "s" };
    writeln!(out, "running {} spec{plural}", work.len())?;
    for program in programs(work) {
        writeln!(out, "{program}")?;
    }
    let mut totals = Totals::default();
    let mut ended = Vec::new();
    let printed = in_order(
        work.len(),
        jobs,
        |index| {
            let (found, setting) = &work[index];
            found.run(runner, setting)
        },
        |_, spec| {
            totals.add(&spec);
            reports.add(&spec);
            let shown = report::spec(&mut out, &spec, style).and_then(|()| out.flush());
            ended.push(spec);
            shown
        },
    );
    let unclaimed = runner.unclaimed();
    totals.add_unclaimed(&unclaimed, runner.fails_on_leaks());
    let interrupted = runner.is_interrupted();
    let code = if interrupted { 5 } else { totals.exit_code() };
    let elapsed = start.elapsed();
    // Even where the text could not be printed.
    let end = End::of(&totals, code, interrupted, unclaimed.clone(), elapsed);
    let written = reports.write(end);
    printed?;
    for leak in unclaimed {
        writeln!(out, "by one of the specs, {leak}")?;
    }
    report::closing(&mut out, &ended, options, style)?;
    report::summary(&mut out, &totals, elapsed, style)?;
    written?;
    Ok(code)
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
