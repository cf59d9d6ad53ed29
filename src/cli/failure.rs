//! How a command fails: the message for the user and the exit code.

use std::io;
use std::path::Path;

use crate::base::python_text;

/// The program's ordinary error exit code.
pub const ERROR: u8 = 1;

/// The exit code of a command line that makes no sense.
pub const USAGE: u8 = 2;

/// The exit code of a command whose prompt was answered with no.
pub const ABORTED: u8 = 4;

/// Why a command ends other than well.
#[derive(Debug)]
pub struct Failure {
    /// What is said on stderr, whole; nothing where it is empty.
    pub message: String,
    /// The process's exit code.
    pub exit_code: u8,
}

impl Failure {
    /// An ordinary error: `guild: MESSAGE`.
    pub fn error(message: impl std::fmt::Display) -> Self {
        Self {
            message: format!("guild: {message}"),
            exit_code: ERROR,
        }
    }

    /// An ordinary error that points at the help page of the command `path`.
    pub fn with_help(message: impl std::fmt::Display, path: &str) -> Self {
        Self::error(format!(
            "{message}\nTry '{path} --help' for more information."
        ))
    }

    /// An error whose message has no `guild:` before it.
    pub fn bare(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit_code: ERROR,
        }
    }

    /// The failure, with what is wrong elsewhere told before it.
    pub fn after(mut self, reason: Option<&str>) -> Self {
        if let Some(reason) = reason {
            self.message = format!("ERROR: {reason}\n{}", self.message);
        }
        self
    }

    /// A failed system call on `path` in the words of the contract, which are
    /// Python's.
    pub fn system(path: &Path, error: &io::Error) -> Self {
        let path = python_text::str_repr(&path.to_string_lossy());
        let text = error.to_string();
        match (error.raw_os_error(), text.split_once(" (os error")) {
            (Some(code), Some((text, _))) => Self::error(format!("[Errno {code}] {text}: {path}")),
            _ => Self::error(format!("{text}: {path}")),
        }
    }

    /// The signal `signal` ended the command when so much was `done`.
    pub fn interrupted(signal: i32, done: &str) -> Self {
        Self {
            message: format!("guild: interrupted after {done}"),
            exit_code: u8::try_from(128 + signal).unwrap_or(ERROR),
        }
    }

    /// There is nothing at `path`.
    pub fn does_not_exist(path: &Path) -> Self {
        Self::error(format!("{} does not exist", path.display()))
    }

    /// Ends with `exit_code` and says nothing.
    pub fn silent(exit_code: u8) -> Self {
        Self {
            message: String::new(),
            exit_code,
        }
    }
}

/// Errors of the modules below are told as they are.
macro_rules! from_error {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::error(error)
            }
        })+
    };
}

from_error!(
    crate::base::files::Error,
    crate::base::flock::Error,
    crate::merge::Error,
    crate::runs::Error,
    crate::runs::transfer::Error,
    crate::select::FilterError,
    crate::tensorboard::Error,
);
