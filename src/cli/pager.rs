//! Long output in the user's pager, on a terminal; elsewhere as it is.

use std::io::{self, Write};
use std::process::Child;

use super::Context;
use super::outside::HeldInterrupt;
use crate::base::command;

/// How many bytes are gathered before they are handed on.
const GATHERED: usize = 64 * 1024;

/// The user's pager, else `less` or `more`. A pager that is not there reads
/// nothing, so the next can take over.
const SCRIPT: &str = r#"trap : INT
if [ -n "${PAGER:-}" ]; then
    eval "$PAGER"
    code=$?
    case $code in 126 | 127) ;; *) exit $code ;; esac
fi
command -v less > /dev/null && exec less
command -v more > /dev/null && exec more
exec cat"#;

/// A writer whose output goes through a pager, which starts with the first of
/// it. A write fails with [`io::ErrorKind::BrokenPipe`] once nobody reads on.
pub struct Pager<'a> {
    context: &'a Context,
    gathered: Vec<u8>,
    to: Reader,
}

/// Who gets the output.
enum Reader {
    NotKnown,
    Console,
    Program(Child, HeldInterrupt),
}

impl<'a> Pager<'a> {
    /// A pager that is not started yet.
    pub fn new(context: &'a Context) -> Self {
        Self {
            context,
            gathered: Vec::new(),
            to: Reader::NotKnown,
        }
    }

    /// Hands on what is left, and waits for the user to leave the pager.
    pub fn finish(mut self) {
        // Nobody reading any more is how pagers are left.
        let _ = self.flush();
        if let Reader::Program(child, _held) = &mut self.to {
            drop(child.stdin.take());
            // It is our child and was not waited for: this cannot fail.
            let _ = child.wait();
        }
    }

    fn start(&self) -> Reader {
        let home = &self.context.home;
        let dumb = home.variable("TERM").is_none_or(|term| term == "dumb");
        if dumb || !self.context.console.is_interactive() {
            return Reader::Console;
        }
        let held = HeldInterrupt::new();
        let mut environment = home.environment().clone();
        // Colours as they are, and no pager for what fits on the screen.
        let less = environment.entry("LESS".into());
        less.or_insert_with(|| "FRX".into());
        match command::start_reader(&["sh", "-c", SCRIPT], home.cwd(), &environment) {
            Ok(child) => Reader::Program(child, held),
            Err(_) => Reader::Console,
        }
    }
}

impl Write for Pager<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        if gathered.is_empty() {
            return Ok(());
        }
        if let Reader::NotKnown = self.to {
            self.to = self.start();
        }
        let console = &self.context.console;
        match &mut self.to {
            Reader::Program(child, _) => match &mut child.stdin {
                Some(stdin) => stdin.write_all(&gathered),
                None => Ok(()),
            },
            _ => {
                console.data(&gathered);
                match console.is_stdout_gone() {
                    true => Err(io::ErrorKind::BrokenPipe.into()),
                    false => Ok(()),
                }
            }
        }
    }
}
