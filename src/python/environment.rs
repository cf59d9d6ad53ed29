//! What the user's Python is and has, asked of itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{embedded, interpreter};
use crate::base::exchange::{self, Bounds};
use crate::base::files;
use crate::home::Home;

/// Why nothing is known of the user's Python.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error(transparent)]
    NotFound(#[from] interpreter::NotFound),
    /// The program's own Python files cannot be unpacked.
    #[error(transparent)]
    File(#[from] files::Error),
    /// It does not answer.
    #[error("{exe} {error}")]
    Exchange {
        /// The interpreter.
        exe: String,
        /// What went wrong.
        error: exchange::Error,
    },
    /// It answers something else.
    #[error("{exe} does not tell its version{reason}")]
    NoAnswer {
        /// The interpreter.
        exe: String,
        /// What it said instead, from a colon on.
        reason: String,
    },
}

/// A version or another fact, and whether it is as it should be.
pub type Fact = (String, bool);

/// What a Python is and has.
#[derive(Debug, Clone, Deserialize)]
pub struct Environment {
    /// Its version, in its own words.
    pub version: String,
    /// Its file.
    pub executable: String,
    /// Where it imports from.
    pub path: Vec<PathBuf>,
    /// Versions of the modules that were asked for.
    pub modules: BTreeMap<String, Fact>,
    /// What PyTorch says, by name, if it was asked.
    #[serde(default)]
    pub pytorch: Vec<(String, String, bool)>,
    /// What TensorFlow says, by name, if it was asked.
    #[serde(default)]
    pub tensorflow: Vec<(String, String, bool)>,
}

/// How long imports may take. The answer is short.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(120),
    bytes: 1 << 20,
};

/// Asks the user's Python for the versions of `modules`; `options` are
/// `--pytorch` and `--tensorflow`.
///
/// # Errors
/// There is no Python, or it does not answer.
pub fn ask(home: &Home, modules: &[&str], options: &[&str]) -> Result<Environment, Error> {
    let exe = interpreter::find(home)?;
    let package = embedded::unpack(&home.cache_dir())?;
    let script = package.join("guild").join("environment.py");
    let script = script.display().to_string();
    let shown = exe.display().to_string();
    let args: Vec<&str> = [shown.as_str(), script.as_str()]
        .into_iter()
        .chain(modules.iter().copied())
        .chain(options.iter().copied())
        .collect();
    let answer = exchange::ask(&args, home.cwd(), home.environment(), b"", BOUNDS);
    let answer = answer.map_err(|error| Error::Exchange {
        exe: shown.clone(),
        error,
    })?;
    serde_json::from_slice(&answer.output).map_err(|_| {
        let said = String::from_utf8_lossy(&answer.errors);
        let last = said.lines().last().unwrap_or_default();
        Error::NoAnswer {
            exe: shown.clone(),
            reason: match last {
                "" => String::new(),
                last => format!(": {last}"),
            },
        }
    })
}
