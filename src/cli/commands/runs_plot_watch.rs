//! Charts that follow runs on a terminal.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::runs_plot::{Args, frame};
use super::runs_plot_lines;
use crate::base::signals::{self, Signals};
use crate::base::{files, number, terminal};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::whole_screen::{self, Keys, WholeScreen};
use crate::plot::{self, Frame};
use crate::runs::{Run, Status};

/// How long it takes at the most to notice that the user is done.
const PAUSE: Duration = Duration::from_millis(50);

/// The lowest chart in which something is to be seen.
const LOWEST: u16 = 5;

/// Draws the scalars of `runs` every so many seconds until none of them is running
/// or the user is done; then once more, to stay.
///
/// # Errors
/// There are no runs; the terminal cannot be used.
pub(super) fn main(
    args: &Args,
    runs: &[Run],
    interval: u64,
    context: &Context,
) -> Result<(), Failure> {
    if runs.is_empty() {
        return Err(Failure::error("no matching runs"));
    }
    let unusable = |error: io::Error| {
        let reason = files::reason(&error);
        Failure::error(format!("cannot use the terminal: {reason}"))
    };
    let signals = watch_signals().map_err(unusable)?;
    let screen = WholeScreen::take(Keys::Usual).map_err(unusable)?;
    let is_done = || signals.have_come() || context.console.is_stdout_gone();
    loop {
        // Asked before reading, so that what a run logs last is read.
        let goes_on = runs.iter().any(may_log);
        let page = page(args, runs, context);
        context.console.data(painted(&page).as_bytes());
        if !goes_on {
            break;
        }
        let next = Instant::now() + Duration::from_secs(interval.min(number::YEAR));
        let size = (terminal::columns(), terminal::rows());
        // A terminal of another size is drawn on at once.
        while Instant::now() < next && size == (terminal::columns(), terminal::rows()) {
            if is_done() {
                return leave(screen, args, runs, context);
            }
            thread::sleep(PAUSE);
        }
    }
    leave(screen, args, runs, context)
}

/// Takes note of signals that ask to end. A second one does not wait for what is
/// being drawn.
fn watch_signals() -> io::Result<Signals> {
    let has_come = AtomicBool::new(false);
    signals::watch(move |origin| {
        if has_come.swap(true, Ordering::SeqCst) {
            whole_screen::give_back();
            signals::end_by(origin.signal);
        }
        true
    })
}

/// Whether `run` is at work or may be soon.
fn may_log(run: &Run) -> bool {
    matches!(run.status(), Status::Running | Status::Pending)
}

fn leave(screen: WholeScreen, args: &Args, runs: &[Run], context: &Context) -> Result<(), Failure> {
    let lines = page(args, runs, context);
    let text = lines.join("\n") + "\n";
    drop(screen);
    context.console.data(text.as_bytes());
    Ok(())
}

/// The lines of all charts that fit on the terminal.
fn page(args: &Args, runs: &[Run], context: &Context) -> Vec<String> {
    let charts = runs_plot_lines::charts(args, runs, context);
    if charts.is_empty() {
        return vec!["Waiting for scalars".to_string()];
    }
    let screen = terminal::rows().unwrap_or(24).saturating_sub(1).max(1);
    let columns = terminal::columns().unwrap_or(80);
    let usual = frame(args, context);
    let columns = u16::try_from(columns)
        .unwrap_or(u16::MAX)
        .min(usual.columns);
    // Title, legend and a blank line.
    let around: usize = charts.iter().map(|chart| chart.lines.len() + 2).sum();
    let each = screen.saturating_sub(around) / charts.len();
    let rows = u16::try_from(each).unwrap_or(u16::MAX);
    let frame = Frame {
        columns,
        rows: rows.clamp(LOWEST, usual.rows.max(LOWEST)),
        ..usual
    };
    let mut page = Vec::new();
    for (index, chart) in charts.iter().enumerate() {
        let lines = plot::text(chart, frame);
        let more = charts.len() - index;
        let room = screen.saturating_sub(page.len());
        let needed = lines.len() + 1 + usize::from(more > 1);
        if index > 0 && needed > room {
            page.push(format!("(and {more} more: choose with '--scalar')"));
            break;
        }
        if index > 0 {
            page.push(String::new());
        }
        page.extend(lines);
    }
    page.truncate(screen);
    page
}

/// `lines` over what was on the screen before.
fn painted(lines: &[String]) -> String {
    let mut text = "\x1b[H".to_string();
    for line in lines {
        text.push_str(line);
        text.push_str("\x1b[K\r\n");
    }
    text.push_str("\x1b[J");
    text
}
