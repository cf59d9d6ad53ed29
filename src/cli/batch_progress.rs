//! A line at the terminal that says how far a batch is whose trials run side by side.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Context;
use super::console::Stream as Output;
use crate::base::clock;
use crate::batch::progress::Progress;
use crate::op::display::{AsItComes, Display, Stream, WholeLines};
use crate::runs::Run;

/// How often the line is made anew.
const INTERVAL: Duration = Duration::from_millis(500);

/// Shows the output of a batch above a line that says how far it is.
pub struct BatchProgress {
    lines: WholeLines<Above>,
}

/// Takes the line away while something is shown.
struct Above(ProgressBar);

/// Makes the line anew until it is dropped, which takes the line away.
pub struct Showing {
    bar: ProgressBar,
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Begins to show how far the batch `run` is, if there is a terminal to show it at:
/// what is to show its output, and what is to be kept meanwhile.
pub fn show(run: &Run, context: &Context) -> Option<(Arc<dyn Display>, Showing)> {
    if !context.console.is_terminal(Output::Stderr) {
        return None;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg}").ok()?;
    let bar = bar.with_style(style);
    let display = BatchProgress {
        lines: WholeLines::new("", Above(bar.clone())),
    };
    let (wake, woken) = channel();
    let (run, shown) = (run.clone(), bar.clone());
    let update = move || {
        while woken.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            if let Some(progress) = Progress::of_run(&run) {
                shown.set_message(line(&progress, clock::now_micros()));
            }
        }
    };
    let showing = Showing {
        bar,
        wake: Some(wake),
        thread: Some(thread::Builder::new().spawn(update).ok()?),
    };
    Some((Arc::new(display), showing))
}

fn line(progress: &Progress, now: i64) -> String {
    // What takes longer than expected has no expected end any more.
    let left = progress.ends.map(|ends| (ends - now) / 1_000_000);
    let left = left.filter(|&left| left > 0);
    match left {
        Some(left) => format!("{progress}, about {} left", duration(left.unsigned_abs())),
        None => progress.to_string(),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

impl Display for BatchProgress {
    fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.lines.show(stream, bytes)
    }
}

impl Display for Above {
    fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.0.suspend(|| AsItComes.show(stream, bytes))
    }
}

impl Drop for Showing {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // It does nothing but show.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_the_batch_is() {
        let mut progress = Progress {
            total: 10,
            done: 3,
            running: 2,
            ..Progress::default()
        };
        assert_eq!(line(&progress, 0), "3 of 10 done, 2 running");
        progress.failed = 1;
        progress.best = Some(("loss".to_string(), 0.25));
        progress.ends = Some(90_000_000);
        assert_eq!(
            line(&progress, 0),
            "3 of 10 done, 2 running, 1 failed, best loss 0.25, about 2 min left"
        );
        assert!(line(&progress, 91_000_000).ends_with("best loss 0.25"));
        assert_eq!(duration(7300), "2 h 1 min");
        assert_eq!(duration(5), "5 s");
    }
}
