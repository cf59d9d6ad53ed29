//! The terminal: data on stdout, chatter on stderr, prompts, colour.
//!
//! Colour goes to a terminal only, and never where `NO_COLOR` is set.

use std::cell::Cell;
use std::io::{self, BufRead, IsTerminal, Write};

use super::failure::Failure;
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
    /// Something went wrong.
    Error,
}

/// Where a command prints.
#[derive(Debug)]
pub struct Console {
    colour: [bool; 2],
    columns: usize,
    stdout_gone: Cell<bool>,
}

impl Console {
    /// The console of this process.
    pub fn new(home: &Home) -> Self {
        let wanted = home.variable("NO_COLOR").is_none()
            && home.variable("TERM").is_none_or(|term| term != "dumb");
        Self {
            colour: [
                wanted && io::stdout().is_terminal(),
                wanted && io::stderr().is_terminal(),
            ],
            columns: columns(home.variable("COLUMNS").as_deref()),
            stdout_gone: Cell::new(false),
        }
    }

    /// The width of the terminal in characters, 80 where there is none.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Prints a line on stdout.
    pub fn line(&self, text: &str) {
        self.data(format!("{text}\n").as_bytes());
    }

    /// Prints bytes on stdout. A reader that went away, such as `head`, is no
    /// error: the rest is dropped.
    pub fn data(&self, bytes: &[u8]) {
        if self.stdout_gone.get() {
            return;
        }
        let mut stdout = io::stdout().lock();
        if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
            self.stdout_gone.set(true);
        }
    }

    /// Whether stdout takes no more.
    pub fn is_stdout_gone(&self) -> bool {
        self.stdout_gone.get()
    }

    /// Prints a line on stdout, dimmed on a terminal.
    pub fn remark(&self, text: &str) {
        self.line(&paint(text, Tone::Dim, self.colour[0]));
    }

    /// Prints a line on stderr.
    pub fn note(&self, text: &str) {
        self.tell(text, Tone::Plain);
    }

    /// Prints a line on stderr that stands out on a terminal.
    pub fn tell(&self, text: &str, tone: Tone) {
        let text = paint(text, tone, self.colour[1]);
        // There is nowhere to report that stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Prints `WARNING: text` on stderr.
    pub fn warn(&self, text: &str) {
        self.tell(&format!("WARNING: {text}"), Tone::Warning);
    }

    /// Asks a yes or no question on stderr; an empty answer is `default`.
    ///
    /// # Errors
    /// The end of input, or no readable input: the command is over.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Failure> {
        let choice = if default { "(Y/n)" } else { "(y/N)" };
        loop {
            // Nobody to ask where stderr is closed; the answer is read all the same.
            let _ = write!(io::stderr().lock(), "{question} {choice} ");
            let mut answer = String::new();
            let read = io::stdin().lock().read_line(&mut answer);
            if !matches!(read, Ok(count) if count > 0) {
                self.note("");
                return Err(Failure::silent(super::failure::ERROR));
            }
            match answer.trim().to_lowercase().as_str() {
                "" => return Ok(default),
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.note("Answer with y or n."),
            }
        }
    }
}

fn paint(text: &str, tone: Tone, colour: bool) -> String {
    let code = match tone {
        Tone::Plain => return text.to_string(),
        Tone::Dim => 2,
        Tone::Warning => 33,
        Tone::Error => 31,
    };
    if colour {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_string()
    }
}

fn columns(variable: Option<&str>) -> usize {
    let given = variable.and_then(|text| text.parse().ok());
    given
        .or_else(crate::base::terminal::columns)
        .filter(|&columns| columns > 0)
        .unwrap_or(80)
}
