//! What is running, shown while it runs: redrawn at a terminal, a line now and
//! then elsewhere. Always on standard error, so that the report stays clean.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::duration::show;
use crate::lock::lock;

/// How often the display is redrawn.
const TICK: Duration = Duration::from_millis(150);
/// How many running specs are shown at most.
const ROWS: usize = 8;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Redrawn in place, at a terminal.
    Terminal,
    /// A line for each spec that takes long.
    Plain,
    /// Not at all.
    Off,
}

impl Mode {
    /// The mode that suits standard error.
    pub fn for_standard_error() -> Self {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
        if io::stderr().is_terminal() && !is_dumb {
            Mode::Terminal
        } else {
            Mode::Plain
        }
    }
}

/// The display of one run; it is gone when this is dropped.
#[derive(Debug)]
pub struct Progress {
    display: Arc<Display>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Display {
    mode: Mode,
    slow: Duration,
    start: Instant,
    state: Mutex<State>,
    bars: MultiProgress,
}

#[derive(Debug)]
struct State {
    total: usize,
    ended: usize,
    failed: usize,
    running: BTreeMap<usize, Running>,
    rows: Vec<ProgressBar>,
}

#[derive(Debug)]
struct Running {
    name: String,
    since: Instant,
    told: bool,
}

impl Progress {
    /// Shows the progress of so many specs. In plain mode a spec is told of that
    /// runs longer than `slow`.
    pub fn new(mode: Mode, total: usize, slow: Duration) -> Self {
        let target = match mode {
            Mode::Terminal => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        };
        let display = Arc::new(Display {
            mode,
            slow,
            start: Instant::now(),
            state: Mutex::new(State {
                total,
                ended: 0,
                failed: 0,
                running: BTreeMap::new(),
                rows: Vec::new(),
            }),
            bars: MultiProgress::with_draw_target(target),
        });
        let (stop, stopped) = mpsc::channel();
        let shown = Arc::clone(&display);
        let tick = move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                shown.tick();
            }
        };
        // Without a thread to draw it there is no progress to see, and no harm.
        let thread = match mode {
            Mode::Off => None,
            _ => thread::Builder::new()
                .name("progress".into())
                .spawn(tick)
                .ok(),
        };
        Progress {
            display,
            stop: Some(stop),
            thread,
        }
    }

    /// A spec has started.
    pub fn started(&self, index: usize, name: String) {
        let running = Running {
            name,
            since: Instant::now(),
            told: false,
        };
        lock(&self.display.state).running.insert(index, running);
    }

    /// A spec has ended.
    pub fn ended(&self, index: usize, failed: bool) {
        let mut state = lock(&self.display.state);
        state.running.remove(&index);
        state.ended += 1;
        state.failed += usize::from(failed);
    }

    /// Prints something with the display out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.display.bars.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the display would be the only loss.
            let _ = thread.join();
        }
        for row in &lock(&self.display.state).rows {
            row.finish_and_clear();
        }
    }
}

impl Display {
    fn tick(&self) {
        let mut state = lock(&self.state);
        match self.mode {
            Mode::Terminal => self.draw(&mut state),
            Mode::Plain => tell_slow(&mut state, self.slow),
            Mode::Off => {}
        }
    }

    fn draw(&self, state: &mut State) {
        let lines = lines(state, self.start.elapsed());
        while state.rows.len() > lines.len() {
            if let Some(row) = state.rows.pop() {
                row.finish_and_clear();
                self.bars.remove(&row);
            }
        }
        while state.rows.len() < lines.len() {
            let row = self.bars.add(ProgressBar::no_length());
            // Cut where the terminal ends.
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                row.set_style(style);
            }
            state.rows.push(row);
        }
        for (row, line) in state.rows.iter().zip(lines) {
            row.set_message(line);
        }
    }
}

/// The lines of the display: the counts, and what is running, the longest first.
fn lines(state: &State, elapsed: Duration) -> Vec<String> {
    let failed = match state.failed {
        0 => String::new(),
        count => format!(", {count} failed"),
    };
    let mut lines = vec![format!(
        "{} of {} specs{failed}, {}",
        state.ended,
        state.total,
        seconds(elapsed)
    )];
    let mut running: Vec<&Running> = state.running.values().collect();
    running.sort_by_key(|spec| spec.since);
    for spec in running.iter().take(ROWS) {
        let time = seconds(spec.since.elapsed());
        lines.push(format!("{time:>6}  {}", spec.name));
    }
    if running.len() > ROWS {
        lines.push(format!("        and {} more", running.len() - ROWS));
    }
    lines
}

/// Whole seconds, and minutes where there are some.
fn seconds(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds => format!("{}m{:02}s", seconds / 60, seconds % 60),
    }
}

fn tell_slow(state: &mut State, slow: Duration) {
    for spec in state.running.values_mut() {
        if !spec.told && spec.since.elapsed() >= slow {
            spec.told = true;
            // With no standard error there is nobody to tell.
            let _ = writeln!(
                io::stderr(),
                "harness: slow: {} has been running for {}",
                spec.name,
                show(slow)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_what_runs() {
        let running = |number: usize| Running {
            name: format!("{number}.md"),
            since: Instant::now(),
            told: false,
        };
        let mut state = State {
            total: 40,
            ended: 12,
            failed: 0,
            running: (0..2).map(|number| (number, running(number))).collect(),
            rows: Vec::new(),
        };
        let elapsed = Duration::from_secs(75);
        let shown = lines(&state, elapsed);
        assert_eq!(
            shown,
            ["12 of 40 specs, 1m15s", "    0s  0.md", "    0s  1.md"]
        );
        state.failed = 2;
        state.running = (0..20).map(|number| (number, running(number))).collect();
        let shown = lines(&state, elapsed);
        assert_eq!(shown[0], "12 of 40 specs, 2 failed, 1m15s");
        assert_eq!(shown.last().unwrap().trim(), "and 12 more");
        assert_eq!(shown.len(), 2 + ROWS);
    }
}
