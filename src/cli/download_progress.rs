//! What is told while something is fetched: remarks, and how far it is, on a
//! terminal only.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Context;
use super::console::Stream;
use crate::resolve::{Notice, Progress};

/// How long a download goes on in silence.
const QUIET: Duration = Duration::from_millis(500);

/// Tells the user what is going on.
pub struct DownloadProgress<'a> {
    context: &'a Context,
    download: RefCell<Option<Download>>,
}

struct Download {
    begun: Instant,
    /// Knows how fast it is from the beginning on.
    bar: ProgressBar,
}

impl<'a> DownloadProgress<'a> {
    /// Tells it on the console of `context`.
    pub fn new(context: &'a Context) -> Self {
        Self {
            context,
            download: RefCell::default(),
        }
    }

    /// Tells the user something.
    pub fn tell(&self, notice: Notice) {
        match notice {
            Notice::Debug(text) => self.context.debug(&text),
            Notice::Info(text) => self.context.console.info(&text),
            Notice::Warning(text) => self.context.console.warn(&text),
            Notice::Progress(Progress::Begin { total, done }) => {
                *self.download.borrow_mut() = Some(Download {
                    begun: Instant::now(),
                    bar: bar(total, done),
                });
            }
            Notice::Progress(Progress::Advance(bytes)) => self.advance(bytes),
            Notice::Progress(Progress::End) => {
                if let Some(download) = self.download.take() {
                    download.bar.finish_and_clear();
                }
            }
        }
    }

    fn advance(&self, bytes: u64) {
        let download = self.download.borrow();
        let Some(Download { begun, bar }) = download.as_ref() else {
            return;
        };
        if bar.is_hidden()
            && begun.elapsed() > QUIET
            && self.context.console.is_terminal(Stream::Stderr)
        {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.inc(bytes);
    }
}

/// A bar where the end is known, else a count; not shown yet. `done` bytes were there
/// before.
fn bar(total: Option<u64>, done: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    bar.set_position(done);
    bar.reset_eta();
    let template = match total {
        Some(_) => "  {bar:30} {bytes} of {total_bytes} ({bytes_per_sec}, {eta} left)",
        None => "  {bytes} ({bytes_per_sec})",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        // Only a mistake in the template, and then the default does.
        Err(_) => bar,
    }
}
