//! Watching over a transfer of runs: progress on a terminal, remarks, and what
//! ends it early.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Context;
use super::console::{Console, Stream};
use super::failure::Failure;
use crate::base::interrupt::Interrupt;
use crate::runs::Run;
use crate::runs::transfer::{Error, Observer, Outcome};

/// How long a run is copied in silence.
const QUIET: Duration = Duration::from_millis(500);

/// Watches a transfer.
pub struct Watch<'a> {
    console: &'a Console,
    interrupt: Option<Interrupt>,
    bar: RefCell<Option<Bar>>,
}

struct Bar {
    begun: Instant,
    shown: Option<ProgressBar>,
    bytes: u64,
}

impl<'a> Watch<'a> {
    /// Shows progress, and notes what asks the program to end.
    pub fn new(context: &'a Context) -> Self {
        Self {
            interrupt: Some(Interrupt::watch()),
            ..Self::unwatched(context)
        }
    }

    /// Only passes remarks on.
    pub fn unwatched(context: &'a Context) -> Self {
        Self {
            console: &context.console,
            interrupt: None,
            bar: RefCell::default(),
        }
    }

    /// Begins with a run, of which `text` is told.
    pub fn begin(&self, text: &str) {
        self.end();
        self.console.note(text);
        *self.bar.borrow_mut() = Some(Bar {
            begun: Instant::now(),
            shown: None,
            bytes: 0,
        });
    }

    /// The run is done.
    pub fn end(&self) {
        if let Some(bar) = self.bar.take().and_then(|bar| bar.shown) {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Watch<'_> {
    fn transferred(&self, bytes: u64) {
        let mut bar = self.bar.borrow_mut();
        let Some(bar) = bar.as_mut() else {
            return;
        };
        bar.bytes += bytes;
        if bar.shown.is_none()
            && bar.begun.elapsed() > QUIET
            && self.console.is_terminal(Stream::Stderr)
        {
            bar.shown = Some(spinner());
        }
        if let Some(shown) = &bar.shown {
            shown.set_position(bar.bytes);
        }
    }

    fn stop_requested(&self) -> Option<i32> {
        self.interrupt.as_ref().and_then(Interrupt::signal)
    }

    fn remark(&self, text: &str) {
        match self
            .bar
            .borrow()
            .as_ref()
            .and_then(|bar| bar.shown.as_ref())
        {
            Some(shown) => shown.suspend(|| self.console.warn(text)),
            None => self.console.warn(text),
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("  {bytes} ({bytes_per_sec})") {
        Ok(style) => bar.with_style(style),
        // Only a mistake in the template, and then the default does.
        Err(_) => bar,
    }
}

/// What came of the transfer of several runs.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many were transferred.
    pub done: usize,
    failures: Vec<String>,
    stopped: Option<i32>,
}

impl Tally {
    /// Has `take` transfer each of `runs`. One that fails does not keep the others
    /// from it, unless they would fail too. `verb` says what is done to a run, and
    /// `place` names where it was found to be already.
    pub fn of(
        runs: &[Run],
        verb: &str,
        watch: &Watch<'_>,
        place: impl Fn(&Run) -> String,
        has: impl Fn(&Run) -> bool,
        mut take: impl FnMut(&Run) -> Result<Outcome, Error>,
    ) -> Self {
        let mut tally = Self::default();
        let exists = |run: &Run| {
            watch
                .console
                .warn(&format!("{} exists, skipping", place(run)))
        };
        for run in runs {
            if has(run) {
                exists(run);
                continue;
            }
            if let Some(signal) = watch.stop_requested() {
                tally.stopped = Some(signal);
                break;
            }
            watch.begin(&format!("{verb} {}", run.id()));
            let outcome = take(run);
            watch.end();
            match outcome {
                Ok(Outcome::Done) => tally.done += 1,
                Ok(Outcome::Exists) => exists(run),
                Err(Error::Stopped(signal)) => {
                    tally.stopped = Some(signal);
                    break;
                }
                Err(error) => {
                    tally.fail(&error);
                    if error.is_final() {
                        break;
                    }
                }
            }
        }
        tally
    }

    /// Takes `error`, because of which nothing was done after all.
    pub fn undo(&mut self, error: &Error) {
        self.done = 0;
        self.fail(error);
    }

    /// Takes `error`, which came after what was done.
    pub fn fail(&mut self, error: &Error) {
        self.failures.push(format!("guild: {error}"));
    }

    /// How the command ends: with the exit code of the signal that ended it, or
    /// with all failures.
    ///
    /// # Errors
    /// Not all runs were transferred.
    pub fn result(self, wanted: usize) -> Result<(), Failure> {
        if let Some(signal) = self.stopped {
            let done = self.done;
            let done = format!("{done} of {wanted} run(s)");
            return Err(Failure::interrupted(signal, &done));
        }
        match self.failures.is_empty() {
            true => Ok(()),
            false => Err(Failure::bare(self.failures.join("\n"))),
        }
    }
}
