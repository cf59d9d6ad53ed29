//! The flags of a script by way of importing it in the user's Python, as far as
//! it reads its arguments.
//!
//! What the Python side tells (`python/guild/probe.py`) is kept for as long as
//! all that it was read from stays as it is: see `cache`. So is that a script
//! took too long, which nobody waits for twice.

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
/// seconds, unless the variable [`SECONDS_VARIABLE`] says otherwise. One that has
/// nothing left that would read any is ended sooner: see `probe_time.py`.
const SECONDS: f64 = 60.0;

/// The variable with another limit, in seconds.
const SECONDS_VARIABLE: &str = "IMPORT_FLAGS_SECONDS";

/// How much longer the process is waited for, which ends itself at that time.
const GRACE: Duration = Duration::from_secs(5);

/// The most that a script may print, and its answer have, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// Why a script's flags are not known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no Python, or none that the operation can do with.
    #[error(transparent)]
    NoPython(#[from] interpreter::Unmatched),
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
    /// The script was ended, since it took too long.
    #[error(
        "{0}\nIf it reads no arguments, say so with 'flags-import: no' for an operation in \
         guild.yml; {SECONDS_VARIABLE} sets another limit."
    )]
    TooLong(String),
}

/// What importing a script tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// Its flags.
    pub found: Found,
    /// Whether that is known from an earlier import.
    pub is_kept: bool,
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
    /// Which versions of Python it runs under, such as `>=3.9`.
    pub python_requires: Option<&'a str>,
}

/// The flags of a script.
///
/// `starting` is called before Python is started; it is not where the answer
/// is known from before.
///
/// # Errors
/// There is no such Python, or the script fails before it reads its arguments.
pub fn find(home: &Home, request: &Request<'_>, starting: impl FnOnce()) -> Result<Learned, Error> {
    let python = interpreter::matching(home, request.python_requires)?;
    let seconds = seconds(home);
    let entry = (home.variable("NO_IMPORT_FLAGS_CACHE").as_deref() != Some("1"))
        .then(|| cache::Entry::new(home, request, &python, seconds));
    let kept = entry.as_ref().map(|entry| (entry, entry.read(home)));
    home.remark(|| match &kept {
        None => "what was learned before is not used: NO_IMPORT_FLAGS_CACHE is 1".to_string(),
        Some((entry, Ok(_))) => format!("learned before: {}", entry.path().display()),
        Some((entry, Err(miss))) => format!("{}: {miss}", entry.path().display()),
    });
    if let Some((_, Ok(answer))) = kept {
        return learned(answer, request.dest, true);
    }
    starting();
    // Before, since what changes from here on is not kept.
    embedded::unpack(&home.cache_dir())?;
    let started = SystemTime::now();
    let answer = ask(home, request, &python, seconds)?;
    if let Some(entry) = entry {
        // Without it the script is imported again, which is no loss of an answer.
        let kept = entry.write(home, &answer, started);
        home.remark(|| match kept {
            Ok(true) => format!("kept in {}", entry.path().display()),
            Ok(false) => "not kept: what it was read from changed meanwhile".to_string(),
            Err(error) => format!("not kept: {error}"),
        });
    }
    learned(answer, request.dest, false)
}

fn learned(answer: Answer, dest: &str, is_kept: bool) -> Result<Learned, Error> {
    match answer.error {
        Some(why) => Err(Error::TooLong(why)),
        None => Ok(Learned {
            found: answer.into_found(dest),
            is_kept,
        }),
    }
}

/// How long a script may take, in seconds.
fn seconds(home: &Home) -> f64 {
    let set = home.variable(SECONDS_VARIABLE);
    let set = set.and_then(|text| text.trim().parse::<f64>().ok());
    // No longer than a day, which any kind of clock can count.
    set.filter(|seconds| (0.0..=86_400.0).contains(seconds))
        .unwrap_or(SECONDS)
}

/// Has Python import the script.
fn ask(home: &Home, request: &Request<'_>, python: &Path, seconds: f64) -> Result<Answer, Error> {
    let package = embedded::unpack(&home.cache_dir())?;
    let text = serde_json::json!({
        "script": request.script,
        "package": request.package,
        "arguments": request.arguments,
        "path": request.path,
        "roots": roots(request),
        "click": request.dest == "args:click",
        "seconds": seconds,
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
        time: Duration::from_secs_f64(seconds) + GRACE,
        bytes: MOST_BYTES,
    };
    home.remark(|| format!("asking {args:?} in {}", request.project_dir.display()));
    let told = exchange::ask(&args, request.project_dir, &env, b"", bounds).map_err(|source| {
        Error::Python {
            program: python.display().to_string(),
            source,
        }
    })?;
    let printed = String::from_utf8_lossy(&told.errors);
    home.remark(|| match printed.trim_end() {
        "" => "it printed nothing".to_string(),
        printed => format!("it printed:\n{printed}"),
    });
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
