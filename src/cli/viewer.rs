//! The full-screen viewer of a table of runs.
//!
//! It is in three parts: what is shown and how keys change it (`state`, which
//! knows nothing of a terminal), how that looks (`draw`), and the terminal it is
//! on (`terminal`).

mod asking;
mod columns;
mod draw;
mod filter;
mod grid;
mod keys;
mod motion;
mod number;
mod overlay;
mod prompt;
mod rows;
mod screen;
mod search;
mod sort;
mod state;
mod terminal;
mod text;
mod theme;

pub use grid::{Cell, Grid, Row};
pub use terminal::show;

use super::failure::Failure;

/// Where the viewer's runs come from. It is asked on other threads than the one
/// that it is made on.
pub trait Source: Send + Sync {
    /// Reads the runs, as they are now.
    ///
    /// # Errors
    /// They cannot be read.
    fn read(&self) -> Result<Loaded, Failure>;

    /// Lines that say all there is to say of the run with this id.
    ///
    /// # Errors
    /// There is no such run any more.
    fn details(&self, run_id: &str) -> Result<Vec<String>, Failure>;

    /// Marks the run with this id, or takes its mark away.
    ///
    /// # Errors
    /// There is no such run any more; the mark cannot be written.
    fn set_marked(&self, run_id: &str, marked: bool) -> Result<(), Failure>;
}

/// Runs that were read.
#[derive(Debug)]
pub struct Loaded {
    /// The table of them.
    pub grid: Grid,
    /// What the user should know of it.
    pub warnings: Vec<String>,
}

/// How the user left the viewer.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// By a key, with these runs picked.
    Quit(Vec<String>),
    /// By a signal, or as if by one.
    Signal(i32),
}

#[cfg(test)]
mod tests;
