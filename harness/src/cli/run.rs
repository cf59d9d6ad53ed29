//! `harness run`: runs specs and reports them.

mod keys;
mod rounds;
mod skips;
mod watch;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::{Args, ValueEnum};

use self::rounds::Rounds;
use self::skips::SkipArgs;
use super::execution::{Work, jobs};
use super::select::Selected;
use super::{Colour, Select, Stop};
use crate::discovery::Choices;
use crate::duration::{parse_duration, show};
use crate::front_matter::TimeLimits;
use crate::history::History;
use crate::interrupt::Interrupt;
use crate::progress::Mode;
use crate::report::{Reports, Request, provenance};
use crate::suite::{Empty, Leaks};

/// A running spec is told of after this time where progress is not drawn.
const SLOW: Duration = Duration::from_secs(60);

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArgs {
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    order: Order,
    #[command(flatten)]
    time: Time,
    #[command(flatten)]
    skips: SkipArgs,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  harness run specs                              all specs below a folder
  harness run specs/login.md:40                  the section of line 40, with what sets it up
  harness run 'specs/login.md#Wrong password'    the section with this heading
  harness run specs --tag fast --fail-fast       stop at the first failure
  harness run specs --failed                     what failed last time
  harness run specs --changed=main               what differs from a branch
  harness run specs --shard 2/3                  a third of all, on one of three machines
  harness run specs/login.md --repeat 50 --until-fail
  harness run specs --watch                      again whenever something changes
  harness run specs --shuffle                    in another order; --seed repeats it";

#[derive(Debug, Args)]
#[command(next_help_heading = "How they run")]
struct How {
    /// Program under test; put first on PATH under the name the suite gives it.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder that samples are copied from.
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
    /// Let this environment variable through to the specs.
    #[arg(long, value_name = "NAME", value_parser = variable)]
    env: Vec<String>,
    /// What a spec that leaves processes running gets [default: as the suite says].
    #[arg(long, value_name = "WHAT")]
    leaks: Option<LeaksArg>,
    /// What a spec without examples is: skipped, or broken [default: as the suite
    /// says].
    #[arg(long, value_name = "WHAT")]
    empty: Option<EmptyArg>,
    /// Keep the sandbox of each spec, and say where it is.
    #[arg(long)]
    keep: bool,
    /// Run specs that their front matter would skip.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Order and repetition")]
struct Order {
    /// How many specs run at a time [default: number of processors].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Stop at the first failure: the spec, or the whole run.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "run")]
    fail_fast: Option<FailFast>,
    /// Run a spec that fails up to N times more; one that passes then is flaky.
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// Whether a flaky spec fails the run.
    #[arg(long, value_name = "WHAT", default_value = "pass")]
    flaky: Flaky,
    /// Run everything N times.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: Option<u32>,
    /// Run everything again until something fails, at most as often as --repeat
    /// says.
    #[arg(long)]
    until_fail: bool,
    /// Run on, and run specs again when they change, or what they are run with:
    /// included files, suite file, prelude, samples, program under test.
    #[arg(long, conflicts_with_all = ["repeat", "until_fail", "shard", "changed", "failed", "not_run", "skips", "record_skips"])]
    watch: bool,
    /// Run the specs in random order, and tell the seed of it.
    #[arg(long)]
    shuffle: bool,
    /// Run the specs in the order of this seed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Time limits")]
struct Time {
    /// Limit of one command, and of one example without its commands, as in `90s`
    /// [default: as the spec or the suite says, else 5m].
    #[arg(long, value_name = "TIME", value_parser = limit)]
    timeout: Option<Duration>,
    /// Limit of one spec [default: as it or the suite says, else 20m].
    #[arg(long, value_name = "TIME", value_parser = limit)]
    spec_timeout: Option<Duration>,
    /// Limit of the whole run; what ran until then is reported [default: as the
    /// suite says, else 45m].
    #[arg(long, value_name = "TIME", value_parser = limit)]
    run_timeout: Option<Duration>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct Output {
    /// Tell about each example, and which specs were the slowest.
    #[arg(long, short)]
    verbose: bool,
    /// Tell only about specs that did not pass.
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Tell on standard error, where progress cannot be drawn, about a spec that
    /// runs for longer [default: 1m].
    #[arg(long, value_name = "TIME", value_parser = limit)]
    slow: Option<Duration>,
    /// Write a report, as in `jsonl=report.jsonl`; may be given several times.
    /// FILE `-` is standard output, which then holds nothing else.
    #[arg(long, value_name = "FORMAT=FILE")]
    report: Vec<Request>,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailFast {
    /// No more examples of the spec that failed.
    Spec,
    /// That, and no more specs.
    Run,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Flaky {
    /// It does.
    Fail,
    /// It does not.
    Pass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LeaksArg {
    /// A line in the report; it can still pass.
    Warn,
    /// It fails.
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EmptyArg {
    /// It is skipped.
    Skip,
    /// It is broken, unless its front matter skips it.
    Fail,
}

fn limit(text: &str) -> Result<Duration, String> {
    let limit = parse_duration(text).map_err(|error| error.to_string())?;
    if limit.is_zero() {
        return Err("no time at all".into());
    }
    Ok(limit)
}

fn variable(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(['=', '\0']) {
        return Err("not the name of an environment variable".into());
    }
    Ok(text.to_owned())
}

impl RunArgs {
    fn choices(&self) -> Choices {
        let time = &self.time;
        Choices {
            binary: self.how.binary.clone(),
            samples: self.how.samples.clone(),
            keep: self.how.keep,
            force: self.how.force,
            pass: self.how.env.clone(),
            fail_fast: self.order.fail_fast.is_some(),
            limits: TimeLimits {
                command: time.timeout,
                example: time.timeout,
                spec: time.spec_timeout,
            },
            run_limit: time.run_timeout,
            leaks: self.how.leaks.map(|leaks| match leaks {
                LeaksArg::Warn => Leaks::Warn,
                LeaksArg::Fail => Leaks::Fail,
            }),
            empty: self.how.empty.map(|empty| match empty {
                EmptyArg::Skip => Empty::Skip,
                EmptyArg::Fail => Empty::Fail,
            }),
            ..Choices::default()
        }
    }

    fn jobs(&self) -> usize {
        jobs(self.order.jobs)
    }

    /// The arguments that decide how specs are run: who gives them again gets the
    /// same verdicts.
    fn options(&self) -> Vec<String> {
        let files = [
            ("--suite", &self.select.suite),
            ("--binary", &self.how.binary),
            ("--samples", &self.how.samples),
        ];
        let mut arguments = Vec::new();
        for (name, file) in files {
            if let Some(file) = file {
                arguments.extend([name.to_owned(), file.display().to_string()]);
            }
        }
        let limits = [
            ("--timeout", self.time.timeout),
            ("--spec-timeout", self.time.spec_timeout),
            ("--run-timeout", self.time.run_timeout),
        ];
        for (name, limit) in limits {
            arguments.extend(limit.map(|limit| format!("{name}={}", show(limit))));
        }
        arguments.extend(self.how.env.iter().map(|name| format!("--env={name}")));
        if let Some(seed) = self.order.seed {
            arguments.push(format!("--seed={seed}"));
        }
        if self.order.retries > 0 {
            arguments.push(format!("--retries={}", self.order.retries));
        }
        arguments.extend(self.how.force.then(|| "--force".to_owned()));
        arguments
    }

    fn reports(&self, work: &[Work]) -> Result<Reports, Stop> {
        let specs = work.iter().map(|work| work.found.path.as_path());
        let settings = work.iter().map(|work| &*work.setting);
        let run = || {
            let (selection, options) = (self.select.arguments(), self.options());
            provenance::gather(&self.select.paths, selection, options, settings)
        };
        Ok(Reports::open(&self.output.report, specs, run)?)
    }

    fn progress(&self) -> Mode {
        match Mode::for_standard_error() {
            Mode::Plain if self.output.quiet => Mode::Off,
            mode => mode,
        }
    }
}

/// The specs of a run, and what is known of them.
struct Chosen {
    work: Vec<Work>,
    /// What left others out, for the reader.
    left_out: String,
    history: History,
}

impl Chosen {
    fn find(args: &RunArgs) -> Result<Chosen, Stop> {
        let Selected {
            mut finder,
            selection,
            history,
        } = args.select.choose(args.choices())?;
        let mut work = Vec::new();
        let left_out = selection.reasons();
        for found in selection.found {
            let setting = finder.setting(&found.suite)?;
            work.push(Work { found, setting });
        }
        Ok(Chosen {
            work,
            left_out,
            history,
        })
    }
}

pub(super) fn run(args: &RunArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    if args.order.watch {
        watch::refuse(args)?;
        return watch::watch(args, interrupt);
    }
    let skips = args.skips.list()?;
    let Chosen {
        work,
        left_out,
        history,
    } = Chosen::find(args)?;
    let rounds = Rounds {
        args,
        work: &work,
        left_out: &left_out,
        skips: skips.as_ref(),
        is_dropped: &AtomicBool::new(false),
    };
    rounds.run(&interrupt, history, args.reports(&work)?)
}
