//! The terminal of standard input, while single keys are read from it.

use std::io::{self, IsTerminal};
use std::sync::Mutex;

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

use crate::lock::lock;

/// What the terminal was like before, while it is changed.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Keys can be read one by one, without being shown, until this is dropped. Those
/// that send signals still do.
#[derive(Debug)]
pub(crate) struct SingleKeys(());

impl SingleKeys {
    /// Prepares the terminal. None if standard input is no terminal, or one that
    /// another process group has.
    pub fn prepare() -> Option<SingleKeys> {
        let input = io::stdin();
        if !input.is_terminal() || tcgetpgrp(&input).ok()? != getpgrp() {
            return None;
        }
        let before = tcgetattr(&input).ok()?;
        let mut changed = before.clone();
        changed
            .local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO);
        *lock(&BEFORE) = Some(before);
        let keys = SingleKeys(());
        tcsetattr(&input, SetArg::TCSANOW, &changed).ok()?;
        Some(keys)
    }
}

impl Drop for SingleKeys {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal what it was, if it was changed.
pub(crate) fn restore() {
    if let Some(before) = lock(&BEFORE).take() {
        // It may be gone.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
    }
}
