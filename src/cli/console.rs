//! The terminal: data on stdout, chatter on stderr, prompts, colour.
//!
//! Colour goes to a terminal only, and never where `NO_COLOR` is set.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use crate::base::terminal;
use crate::home::Home;

/// How a line on stderr stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A remark that may be overlooked.
    Dim,
    /// Something to look at before going on.
    Warning,
}

/// One of the two streams that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Data.
    Stdout,
    /// Chatter.
    Stderr,
}

/// From which level on log lines are told, as Python counts levels: `LOG_LEVEL`, or
/// 20 without it.
mod level {
    /// What guild does, for who looks for a fault.
    pub const DEBUG: i64 = 10;
    /// What users want to follow.
    pub const INFO: i64 = 20;
    /// What may be wrong.
    pub const WARNING: i64 = 30;
    /// What is wrong.
    pub const ERROR: i64 = 40;
}

/// Where a command prints.
#[derive(Debug)]
pub struct Console {
    level: i64,
    colour: [bool; 2],
    columns: usize,
    stdout_terminal: bool,
    stderr_terminal: bool,
    stdout_gone: AtomicBool,
    write_error: Mutex<Option<io::Error>>,
    /// What is before each line.
    prefix: String,
}

impl Console {
    /// The console of this process.
    pub fn new(home: &Home) -> Self {
        let wanted = home.variable("NO_COLOR").is_none()
            && home.variable("TERM").is_none_or(|term| term != "dumb");
        let level = home
            .variable("LOG_LEVEL")
            .and_then(|text| text.trim().parse().ok());
        Self {
            level: level.unwrap_or(level::INFO),
            colour: [
                wanted && io::stdout().is_terminal(),
                wanted && io::stderr().is_terminal(),
            ],
            columns: columns(home.variable("COLUMNS").as_deref()),
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
            stdout_gone: AtomicBool::new(false),
            write_error: Mutex::default(),
            prefix: String::new(),
        }
    }

    /// A console that paints where `colour` says so, and whose stdout is a
    /// terminal of `columns` if there are any.
    #[cfg(test)]
    pub fn fixed(colour: bool, columns: Option<usize>) -> Self {
        Self {
            level: level::INFO,
            colour: [colour; 2],
            columns: columns.unwrap_or(80),
            stdout_terminal: columns.is_some(),
            stderr_terminal: columns.is_some(),
            stdout_gone: AtomicBool::new(false),
            write_error: Mutex::default(),
            prefix: String::new(),
        }
    }

    /// The width of the terminal in characters, 80 where there is none.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The width that tables are cut at; none where stdout is no terminal.
    pub fn table_width(&self) -> Option<usize> {
        self.stdout_terminal.then_some(self.columns)
    }

    /// Whether somebody sits at both ends: a terminal on stdin and stdout.
    pub fn is_interactive(&self) -> bool {
        self.stdout_terminal && io::stdin().is_terminal()
    }

    /// `text` as it stands out on `stream`.
    pub fn paint(&self, text: &str, tone: Tone, stream: Stream) -> String {
        paint(text, tone, self.colour[stream as usize])
    }

    /// Whether what goes to `stream` may have colours.
    pub fn has_colour(&self, stream: Stream) -> bool {
        self.colour[stream as usize]
    }

    /// Whether `stream` is a terminal.
    pub fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Stdout => self.stdout_terminal,
            Stream::Stderr => self.stderr_terminal,
        }
    }

    /// `text` as it may go to `stream`: nothing in it steers a terminal but for
    /// colours.
    fn harmless<'a>(&self, text: &'a str, stream: Stream) -> Cow<'a, str> {
        if self.is_terminal(stream) {
            terminal::harmless(text)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Prints a line on stdout.
    pub fn line(&self, text: &str) {
        let text = self.harmless(text, Stream::Stdout);
        self.data(self.prefixed(&text).as_bytes());
    }

    fn prefixed(&self, text: &str) -> String {
        let prefix = &self.prefix;
        match prefix.is_empty() {
            true => format!("{text}\n"),
            false => format!("{prefix}{}\n", text.replace('\n', &format!("\n{prefix}"))),
        }
    }

    /// Prints bytes on stdout. A reader that went away, such as `head`, is no
    /// error: the rest is dropped.
    pub fn data(&self, bytes: &[u8]) {
        if self.stdout_gone.load(Ordering::Relaxed) {
            return;
        }
        let mut stdout = io::stdout().lock();
        if let Err(error) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            self.stdout_gone.store(true, Ordering::Relaxed);
            if error.kind() != io::ErrorKind::BrokenPipe {
                *lock(&self.write_error) = Some(error);
            }
        }
    }

    /// Why data could not be printed, other than that its reader went away.
    pub fn take_write_error(&self) -> Option<io::Error> {
        lock(&self.write_error).take()
    }

    /// Whether stdout takes no more, as where the reader of a pipe went away.
    pub fn is_stdout_gone(&self) -> bool {
        self.stdout_gone.load(Ordering::Relaxed) || !terminal::has_reader(io::stdout())
    }

    /// Prints a line on stderr.
    pub fn note(&self, text: &str) {
        self.tell(text, Tone::Plain);
    }

    /// Prints a line on stderr that stands out on a terminal.
    pub fn tell(&self, text: &str, tone: Tone) {
        let text = paint(&self.harmless(text, Stream::Stderr), tone, self.colour[1]);
        // At once, so that nothing comes between the line and its end. There is nowhere
        // to report that stderr is closed.
        let _ = io::stderr()
            .lock()
            .write_all(self.prefixed(&text).as_bytes());
    }

    /// The same with `prefix` before each line, for one of several that tell things.
    pub fn with_prefix(self, prefix: &str) -> Self {
        let prefix = prefix.to_string();
        Self { prefix, ..self }
    }

    /// Tells what is only of interest when looking for a cause, too.
    pub fn with_debug(self) -> Self {
        let level = level::DEBUG;
        Self { level, ..self }
    }

    /// Whether what is only of interest when looking for a cause is told.
    pub fn has_debug(&self) -> bool {
        self.level <= level::DEBUG
    }

    /// Logs a line on stderr.
    pub fn info(&self, text: &str) {
        self.log(level::INFO, text);
    }

    /// Logs `WARNING: text` on stderr.
    pub fn warn(&self, text: &str) {
        self.log(level::WARNING, &format!("WARNING: {text}"));
    }

    /// Logs `ERROR: text` on stderr.
    pub fn error(&self, text: &str) {
        self.log(level::ERROR, &format!("ERROR: {text}"));
    }

    fn log(&self, level: i64, text: &str) {
        let tone = if level < level::WARNING {
            Tone::Plain
        } else {
            Tone::Warning
        };
        if level >= self.level {
            self.tell(text, tone);
        }
    }

    /// Asks a yes or no question on stderr; an empty answer is `default`, and
    /// whatever is not clearly a yes is a no.
    ///
    /// # Errors
    /// The end of input, no readable input, or Ctrl-C: the command is over.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Failure> {
        let choice = if default { "(Y/n)" } else { "(y/N)" };
        let ask = || {
            // Nobody to ask where stderr is closed; the answer is read all the same.
            let _ = write!(io::stderr().lock(), "{question} {choice} ");
        };
        let mut answer = Vec::new();
        let typed = if io::stdin().is_terminal() {
            terminal::wait_for_line(ask)
        } else {
            ask();
            true
        };
        let read = match typed {
            true => io::stdin().lock().read_until(b'\n', &mut answer),
            false => Ok(0),
        };
        if !matches!(read, Ok(count) if count > 0) {
            self.note("");
            return Err(Failure::silent(super::failure::ERROR));
        }
        Ok(is_yes(&String::from_utf8_lossy(&answer), default))
    }
}

fn is_yes(answer: &str, default: bool) -> bool {
    match answer.trim().to_lowercase().as_str() {
        "" => default,
        "y" | "yes" => true,
        _ => false,
    }
}

fn paint(text: &str, tone: Tone, colour: bool) -> String {
    let code = match tone {
        Tone::Plain => return text.to_string(),
        Tone::Dim => 2,
        Tone::Warning => 33,
    };
    if colour && !text.is_empty() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_string()
    }
}

/// What `mutex` holds; a thread that panicked leaves nothing half done in it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn columns(variable: Option<&str>) -> usize {
    let given = variable.and_then(|text| text.parse().ok());
    given
        .or_else(terminal::columns)
        .filter(|&columns| columns > 0)
        .unwrap_or(80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for (answer, default, expected) in [
            ("\n", true, true),
            ("\n", false, false),
            (" Y \n", false, true),
            ("yes", false, true),
            ("n\n", true, false),
            ("yep\n", true, false),
        ] {
            assert_eq!(is_yes(answer, default), expected, "{answer:?}");
        }
    }

    #[test]
    fn tones_are_colours_only_where_there_are_any() {
        let paint = |colour| {
            let console = Console::fixed(colour, None);
            console.paint("careful", Tone::Warning, Stream::Stderr)
        };
        assert_eq!(paint(true), "\x1b[33mcareful\x1b[0m");
        assert_eq!(paint(false), "careful");
    }
}
