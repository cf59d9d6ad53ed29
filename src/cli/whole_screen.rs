//! The whole screen of the terminal: taken by what draws on all of it, and given
//! back, whatever happens.

use std::io;
use std::panic;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};

/// Whether the screen is taken now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What the terminal makes of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// What it does for any program: it shows them, and Ctrl-C is a signal.
    Usual,
    /// Nothing: the program gets them as they are.
    Raw,
}

/// The screen. It is given back when this is dropped, and before a panic is told.
#[derive(Debug)]
pub struct WholeScreen(());

impl WholeScreen {
    /// Takes the screen, without a cursor; what is on it comes back in the end.
    ///
    /// # Errors
    /// The terminal refuses.
    pub fn take(keys: Keys) -> io::Result<Self> {
        give_back_on_panic();
        take_over(keys)?;
        Ok(Self(()))
    }
}

impl Drop for WholeScreen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether the screen is taken, and was not given back meanwhile.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Takes the screen again, whatever became of it.
///
/// # Errors
/// The terminal refuses.
pub fn retake(keys: Keys) -> io::Result<()> {
    give_back_modes();
    take_over(keys)
}

fn take_over(keys: Keys) -> io::Result<()> {
    if keys == Keys::Raw {
        enable_raw_mode()?;
    }
    TAKEN.store(true, Ordering::SeqCst);
    let mut stdout = io::stdout();
    let taken = execute!(stdout, EnterAlternateScreen, cursor::Hide);
    let taken = taken.and_then(|()| match keys {
        Keys::Raw => execute!(stdout, EnableBracketedPaste),
        Keys::Usual => Ok(()),
    });
    taken.inspect_err(|_| give_back())
}

/// Gives the screen back as it was, unless that was done.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut stdout = io::stdout();
    // There is nobody to tell where the terminal is gone.
    let _ = execute!(
        stdout,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    give_back_modes();
}

fn give_back_modes() {
    // As above. Nothing is done where the keys are as usual.
    let _ = disable_raw_mode();
}

/// What is told of a panic is to be seen when the screen is given back.
fn give_back_on_panic() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            tell(panic);
        }));
    });
}
