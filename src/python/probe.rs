//! The flags of a script by way of importing it in the user's Python, as far as
//! it reads its arguments.
//!
//! What the Python side tells (`python/guild/probe.py`) is kept for as long as
//! all that it was read from stays as it is: see `cache`.

mod answer;
mod cache;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::found::Found;
use super::{embedded, interpreter};
use crate::base::exchange::{self, Bounds};
use crate::base::files;
use crate::home::Home;

use self::answer::Answer;

/// How long a script may take to the point where it reads its arguments, in
/// seconds.
pub const SECONDS: u64 = 60;

/// How much longer the process is waited for, which ends itself at that time.
const GRACE: Duration = Duration::from_secs(5);

/// The most that a script may print, and its answer have, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// Why a script's flags are not known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no Python.
    #[error(transparent)]
    NoPython(#[from] interpreter::NotFound),
    /// The Python side cannot be unpacked.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Python cannot be started, or does not end.
    #[error("{program}: {source}")]
    Python {
        /// The interpreter.
        program: String,
        /// What went wrong.
        source: exchange::Error,
    },
    /// The script failed: in its own words, or in those of its error.
    #[error("{0}")]
    Script(String),
}

/// What is asked of a script.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The script, as an absolute path.
    pub script: &'a Path,
    /// The package that it is a module of; empty for none.
    pub package: &'a str,
    /// Arguments that come before those of flags.
    pub arguments: &'a [String],
    /// How the script takes its flags: `args` or `args:click`.
    pub dest: &'a str,
    /// Folders to import from, before all others.
    pub path: &'a [PathBuf],
    /// The folder of the project, where the script is started.
    pub project_dir: &'a Path,
}

/// The flags of a script.
///
/// `starting` is called before Python is started; it is not where the answer
/// is known from before.
///
/// # Errors
/// There is no Python, or the script fails before it reads its arguments.
pub fn find(home: &Home, request: &Request<'_>, starting: impl FnOnce()) -> Result<Found, Error> {
    let python = interpreter::find(home)?;
    let entry = (home.variable("NO_IMPORT_FLAGS_CACHE").as_deref() != Some("1"))
        .then(|| cache::Entry::new(home, request, &python));
    if let Some(answer) = entry.as_ref().and_then(|entry| entry.read(home)) {
        return Ok(answer.into_found(request.dest));
    }
    starting();
    let started = SystemTime::now();
    let answer = ask(home, request, &python)?;
    if let Some(entry) = entry {
        // Without it the script is imported again, which is no loss of an answer.
        let _ = entry.write(home, &answer, started);
    }
    Ok(answer.into_found(request.dest))
}

/// Has Python import the script.
fn ask(home: &Home, request: &Request<'_>, python: &Path) -> Result<Answer, Error> {
    let package = embedded::unpack(&home.cache_dir())?;
    let text = serde_json::json!({
        "script": request.script,
        "package": request.package,
        "arguments": request.arguments,
        "path": request.path,
        "roots": roots(request),
        "click": request.dest == "args:click",
        "seconds": SECONDS,
    });
    let program: OsString = package.join("guild").join("probe.py").into();
    let args: [OsString; 4] = [python.into(), "-B".into(), program, text.to_string().into()];
    let mut env = home.environment().clone();
    let mut search = vec![package];
    search.extend(super::search_path::python_path(home));
    // A folder with a colon in its name cannot be told to Python in any way.
    let search = std::env::join_paths(search).unwrap_or_default();
    env.insert("PYTHONPATH".into(), search);
    env.insert("PYTHONDONTWRITEBYTECODE".into(), "1".into());
    let bounds = Bounds {
        time: Duration::from_secs(SECONDS) + GRACE,
        bytes: MOST_BYTES,
    };
    let told = exchange::ask(&args, request.project_dir, &env, b"", bounds).map_err(|source| {
        Error::Python {
            program: python.display().to_string(),
            source,
        }
    })?;
    answer::read(&told).map_err(Error::Script)
}

/// The folders whose modules are the project's: where the script is, and the
/// project, unless that is no more than what the script and the current folder
/// have in common.
fn roots<'a>(request: &Request<'a>) -> Vec<&'a Path> {
    let script_dir = request.script.parent();
    let project = (request.project_dir.components().count() > 2).then_some(request.project_dir);
    script_dir.into_iter().chain(project).collect()
}
