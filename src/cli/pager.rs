//! Long output in the user's pager, on a terminal; elsewhere as it is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::process::Child;

use super::Context;
use super::outside::HeldInterrupt;
use crate::base::command;

/// How many bytes are gathered before they are handed on.
const GATHERED: usize = 64 * 1024;

/// The user's pager, else `less` or `more`. One that is not there is passed over
/// without a word; one that cannot be started reads nothing, so the next can take
/// over. A first word with `=` in it is a variable for the pager.
const SCRIPT: &str = r#"trap : INT
pager=${PAGER:-}
case ${pager%% *} in
*=*) ;;
*) command -v "${pager%% *}" > /dev/null || pager= ;;
esac
if [ -n "$pager" ]; then
    eval "$pager"
    code=$?
    case $code in 126 | 127) ;; *) exit $code ;; esac
fi
command -v less > /dev/null && exec less
command -v more > /dev/null && exec more
exec cat"#;

/// What `less` is told where the user tells it nothing: colours as they are, and
/// no pager for what fits on the screen.
const LESS_FOR_OUTPUT: &str = "FRX";

/// The same for a file that is to be shown in a pager, however short.
const LESS_FOR_FILE: &str = "-R";

/// Shows the rest of `file` in a pager, and waits for the user to leave it. Says
/// whether that was possible: somebody at a terminal that can do it.
pub fn show(file: &File, context: &Context) -> bool {
    if !can_page(context) {
        return false;
    }
    let _held = HeldInterrupt::new();
    let environment = environment(LESS_FOR_FILE, context);
    let words = ["sh", "-c", SCRIPT];
    let start = |file| command::start_on(&words, context.home.cwd(), &environment, file);
    let child = file.try_clone().and_then(start);
    child.and_then(|mut child| child.wait()).is_ok()
}

fn can_page(context: &Context) -> bool {
    let terminal = context.home.variable("TERM");
    terminal.is_some_and(|terminal| terminal != "dumb") && context.console.is_interactive()
}

fn environment(less: &str, context: &Context) -> BTreeMap<OsString, OsString> {
    let mut environment = context.home.environment().clone();
    let option = environment.entry("LESS".into());
    option.or_insert_with(|| less.into());
    environment
}

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
        if !can_page(self.context) {
            return Reader::Console;
        }
        let held = HeldInterrupt::new();
        let environment = environment(LESS_FOR_OUTPUT, self.context);
        let dir = self.context.home.cwd();
        match command::start_reader(&["sh", "-c", SCRIPT], dir, &environment) {
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
