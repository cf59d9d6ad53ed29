//! The terminal that the viewer is on: keys and signals from it; runs that are read meanwhile.

use std::any::Any;
use std::io::{self, Stdout, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event};
use ratatui::layout::{Position, Rect, Size};

use super::draw::draw;
use super::keys::Key;
use super::state::{Effect, Reading, Viewer};
use super::theme::Theme;
use super::{Ended, Loaded, Source};
use crate::base::files;
use crate::base::signals::{self, Signals};
use crate::cli::failure::Failure;
use crate::cli::whole_screen::{self, Keys, WholeScreen};

/// A table that is there so soon is shown at once, without a word that it is read.
const SOON: Duration = Duration::from_millis(150);

/// How often the screen tells how long runs have been being read.
const TICK: Duration = Duration::from_millis(250);

/// From one refresh to the next, where runs are kept fresh.
const BETWEEN_REFRESHES: Duration = Duration::from_secs(5);

/// What the viewer is told.
enum Message {
    /// Something happened at the terminal.
    Input(Event),
    /// Nothing more comes from it.
    InputEnded(io::Error),
    /// This process got a signal.
    Signal(i32),
    /// Runs were read.
    Read(Box<Result<Loaded, Failure>>),
    /// Reading them hit a defect of the program.
    Panicked(Box<dyn Any + Send>),
}

/// Shows what comes from `source` until the user leaves.
///
/// # Errors
/// The runs cannot be read the first time; the terminal cannot be used.
pub fn show(source: Arc<dyn Source>, colour: bool) -> Result<Ended, Failure> {
    let (sender, inbox) = channel();
    let to = sender.clone();
    let signals =
        signals::watch_with_stops(move |origin| to.send(Message::Signal(origin.signal)).is_ok());
    let signals = signals.map_err(unusable)?;
    let mut session = Session {
        source,
        inbox,
        sender,
        theme: Theme::new(colour),
        viewer: Viewer::new(Size::default()),
        read_since: None,
        last_read: Instant::now(),
        _signals: signals,
    };
    session.start_reading();
    // What is wrong with the command itself is told before the screen is taken.
    let first = match session.inbox.recv_timeout(SOON) {
        Ok(Message::Read(read)) => Some(Message::Read(Box::new(Ok((*read)?)))),
        Ok(Message::Signal(signal)) if !is_about_stops(signal) => {
            return Ok(Ended::Signal(signal));
        }
        first => first.ok(),
    };
    let mut screen = Screen::take().map_err(unusable)?;
    session.run(&mut screen, first)
}

/// The terminal does not do what a viewer needs.
fn unusable(error: io::Error) -> Failure {
    let reason = files::reason(&error);
    Failure::error(format!(
        "cannot use the terminal: {reason}\nUse --table to print the comparison instead."
    ))
}

fn is_about_stops(signal: i32) -> bool {
    signal == signals::STOP || signal == signals::CONTINUE
}

/// A viewer at work.
struct Session {
    source: Arc<dyn Source>,
    inbox: Receiver<Message>,
    sender: Sender<Message>,
    theme: Theme,
    viewer: Viewer,
    /// Since when runs are being read.
    read_since: Option<Instant>,
    /// When they were read last.
    last_read: Instant,
    _signals: Signals,
}

/// Whether to go on.
enum Next {
    Go,
    End(Ended),
}

impl Session {
    fn run(&mut self, screen: &mut Screen, first: Option<Message>) -> Result<Ended, Failure> {
        listen(self.sender.clone());
        if let Some(message) = first
            && let Next::End(ended) = self.take(message, screen)?
        {
            return Ok(ended);
        }
        loop {
            self.tell_time();
            screen
                .draw(&mut self.viewer, self.theme)
                .map_err(unusable)?;
            // All that came meanwhile is taken before the screen is drawn again.
            let mut message = self.wait();
            while let Some(taken) = message {
                if let Next::End(ended) = self.take(taken, screen)? {
                    return Ok(ended);
                }
                message = self.inbox.try_recv().ok();
            }
            if self.refresh_is_due() {
                self.start_reading();
            }
        }
    }

    /// The next message; none when there is something to do without.
    fn wait(&self) -> Option<Message> {
        let patience = match self.read_since {
            Some(_) => TICK,
            None if self.viewer.keeps_refreshing => {
                BETWEEN_REFRESHES.saturating_sub(self.last_read.elapsed())
            }
            // This session has a sender itself: the channel does not end.
            None => return self.inbox.recv().ok(),
        };
        self.inbox.recv_timeout(patience).ok()
    }

    fn refresh_is_due(&self) -> bool {
        self.viewer.keeps_refreshing
            && self.read_since.is_none()
            && self.last_read.elapsed() >= BETWEEN_REFRESHES
    }

    fn tell_time(&mut self) {
        if let Some(since) = self.read_since
            && self.viewer.reading != Reading::First
        {
            self.viewer.reading = Reading::Again(since.elapsed().as_secs());
        }
    }

    /// Reads the runs on a thread of its own, unless that goes on already.
    fn start_reading(&mut self) {
        if self.read_since.is_some() {
            return;
        }
        self.read_since = Some(Instant::now());
        let (source, sender) = (Arc::clone(&self.source), self.sender.clone());
        thread::spawn(move || {
            let read = panic::catch_unwind(AssertUnwindSafe(|| source.read()));
            // Nobody waits for it any more where the viewer was left.
            let _ = sender.send(match read {
                Ok(read) => Message::Read(Box::new(read)),
                Err(panicked) => Message::Panicked(panicked),
            });
        });
    }

    fn take(&mut self, message: Message, screen: &mut Screen) -> Result<Next, Failure> {
        match message {
            Message::Input(Event::Key(key)) => {
                let effect = Key::of(key).and_then(|key| self.viewer.key(key));
                return match effect {
                    Some(effect) => self.perform(effect, screen),
                    None => Ok(Next::Go),
                };
            }
            Message::Input(Event::Paste(text)) => self.viewer.paste(&text),
            // The screen is drawn after every message, in the size that it has.
            Message::Input(_) => {}
            Message::InputEnded(error) => return Err(unusable(error)),
            Message::Signal(signals::STOP) => screen.stop().map_err(unusable)?,
            Message::Signal(signals::CONTINUE) => screen.retake().map_err(unusable)?,
            Message::Signal(signal) => return Ok(Next::End(Ended::Signal(signal))),
            Message::Read(read) => {
                self.read_since = None;
                self.last_read = Instant::now();
                let first = self.viewer.reading == Reading::First;
                match *read {
                    Ok(loaded) => self.viewer.load(loaded.grid, loaded.warnings),
                    Err(failure) if first => return Err(failure),
                    Err(failure) => self.viewer.fail(told(&failure)),
                }
            }
            Message::Panicked(panicked) => panic::resume_unwind(panicked),
        }
        Ok(Next::Go)
    }

    fn perform(&mut self, effect: Effect, screen: &mut Screen) -> Result<Next, Failure> {
        match effect {
            Effect::Quit => return Ok(Next::End(Ended::Quit(self.viewer.picked_ids()))),
            Effect::Interrupt => return Ok(Next::End(Ended::Signal(signals::INTERRUPT))),
            // Comes back as a signal, which all of a pipeline of programs get.
            Effect::Suspend => signals::ask_group_to_stop(),
            Effect::Redraw => screen.retake().map_err(unusable)?,
            Effect::Refresh => self.start_reading(),
            Effect::Copy { text, what } => {
                screen.copy(&text).map_err(unusable)?;
                self.viewer.inform(format!("Copied {what}"));
            }
            Effect::Details(run_id) => match self.source.details(&run_id) {
                Ok(lines) => {
                    let title = format!("Run {run_id}");
                    self.viewer.show(&title, lines.iter().map(String::as_str));
                }
                Err(failure) => self.viewer.object(told(&failure)),
            },
            Effect::Mark { run_id, marked } => match self.source.set_marked(&run_id, marked) {
                Ok(()) => {
                    self.viewer.set_marked(&run_id, marked);
                    let done = if marked { "Marked" } else { "Unmarked" };
                    self.viewer.inform(format!("{done} run {run_id}"));
                }
                Err(failure) => self.viewer.object(told(&failure)),
            },
        }
        Ok(Next::Go)
    }
}

/// What a failure says, on one line.
fn told(failure: &Failure) -> String {
    let text = failure.message.replace('\n', " ");
    text.strip_prefix("guild: ").unwrap_or(&text).to_string()
}

/// Hands on what happens at the terminal, for the rest of the process.
fn listen(to: Sender<Message>) {
    thread::spawn(move || {
        loop {
            let (message, ended) = match event::read() {
                Ok(event) => (Message::Input(event), false),
                Err(error) => (Message::InputEnded(error), true),
            };
            if to.send(message).is_err() || ended {
                return;
            }
        }
    });
}

/// The terminal.
struct Screen {
    terminal: ratatui::Terminal<CrosstermBackend<Stdout>>,
    _whole: WholeScreen,
}

impl Screen {
    fn take() -> io::Result<Self> {
        let whole = WholeScreen::take(Keys::Raw)?;
        let terminal = ratatui::Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self {
            terminal,
            _whole: whole,
        })
    }

    fn draw(&mut self, viewer: &mut Viewer, theme: Theme) -> io::Result<()> {
        if !whole_screen::is_taken() {
            return Ok(());
        }
        viewer.resize(self.terminal.size()?);
        self.terminal.draw(|frame| draw(viewer, theme, frame))?;
        Ok(())
    }

    /// Gives the terminal back to the shell until that has this process go on.
    fn stop(&mut self) -> io::Result<()> {
        whole_screen::give_back();
        signals::stop();
        self.retake()
    }

    /// Takes the terminal whatever became of it, and draws it anew.
    fn retake(&mut self) -> io::Result<()> {
        whole_screen::retake(Keys::Raw)?;
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Asks the terminal to put `text` on the clipboard of the user (OSC 52).
    fn copy(&mut self, text: &str) -> io::Result<()> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut stdout = io::stdout().lock();
        write!(stdout, "\x1b]52;c;{encoded}\x07")?;
        stdout.flush()
    }
}
