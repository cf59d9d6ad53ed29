//! Runs in TensorBoard: a log directory of links that is kept in step with the
//! runs, and the TensorBoard of the user's Python that shows it.
//!
//! `log_dir` is the folder; `monitor` brings it in step with a list of runs, each
//! with the files that `run_files` finds in it, under a name of `run_name`.
//! Beside the links are event files that TensorBoard alone needs: `parameters`
//! and `experiment` tell it of flags and metrics, `images` of pictures. `server`
//! is the process of TensorBoard. `export` writes scalars as a table.

mod experiment;
mod export;
mod images;
mod log_dir;
mod monitor;
mod parameters;
mod run_files;
mod run_name;
mod server;

pub use export::export_scalars;
pub use log_dir::LogDir;
pub use monitor::{Content, Monitor};
pub use run_name::Names;
pub use server::{Address, Listen, Server};

use std::path::PathBuf;

use crate::base::files;
use crate::python::interpreter;
use crate::runs;

/// Why runs cannot be shown in TensorBoard.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] files::Error),
    /// What is known of a run cannot be read.
    #[error(transparent)]
    Run(#[from] runs::Error),
    /// There is no Python to look for TensorBoard in.
    #[error(transparent)]
    NoPython(#[from] interpreter::NotFound),
    /// The Python cannot be started.
    #[error("cannot start {}: {}", python.display(), files::reason(source))]
    NotStarted {
        /// The interpreter.
        python: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The Python has no TensorBoard.
    #[error(
        "TensorBoard is not installed for {0}\nInstall it with '{0} -m pip install tensorboard', \
         or activate the environment that has it."
    )]
    NotInstalled(String),
    /// TensorBoard needs a module that the Python does not have.
    #[error(
        "TensorBoard cannot start: {error}\nInstall what it needs with '{python} -m pip install {package}'."
    )]
    Incomplete {
        /// The interpreter.
        python: String,
        /// The interpreter's words.
        error: String,
        /// What is to be installed.
        package: String,
    },
    /// TensorBoard is of a version that is not known to work.
    #[error(
        "TensorBoard {version} is too old: it must be 2.0 or later\nUpdate it with '{python} -m \
         pip install -U tensorboard'."
    )]
    TooOld {
        /// The interpreter.
        python: String,
        /// The version that it has.
        version: String,
    },
    /// TensorBoard refuses to start.
    #[error("TensorBoard cannot start: {0}")]
    Refused(String),
    /// TensorBoard is gone, and has said why itself.
    #[error("TensorBoard ended by itself")]
    Gone,
}

/// Result of showing runs in TensorBoard.
pub type Result<T> = std::result::Result<T, Error>;
