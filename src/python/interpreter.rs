//! Which Python runs a script.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::requirement::{self, Interpreter, Requirement};
use crate::base::files;
use crate::home::Home;

/// No Python was found.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot find a Python interpreter: there is no 'python3' or 'python' on the path\nInstall \
     Python, or set GUILD_PYTHON_EXE to the interpreter to use."
)]
pub struct NotFound;

/// The interpreter for scripts: `GUILD_PYTHON_EXE`, else that of an activated
/// environment, else `python3` and then `python` on the path.
///
/// # Errors
/// There is none.
pub fn find(home: &Home) -> Result<PathBuf, NotFound> {
    if let Some(exe) = home.variable("GUILD_PYTHON_EXE") {
        return Ok(PathBuf::from(exe));
    }
    let activated = ["CONDA_PREFIX", "VIRTUAL_ENV"]
        .into_iter()
        .filter_map(|name| home.variable(name))
        .map(|root| Path::new(&root).join("bin/python"))
        .find(|exe| is_executable(exe));
    activated
        .or_else(|| which(home, "python3"))
        .or_else(|| which(home, "python"))
        .ok_or(NotFound)
}

/// Why no Python is what an operation requires.
#[derive(Debug, thiserror::Error)]
pub enum Unmatched {
    /// There is no Python at all.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// There is none of such a version.
    #[error("cannot find a python interpreter for requirement {0}")]
    NoneFits(Requirement),
    /// The requirement is none.
    #[error("invalid setting for operation: {0}")]
    Requirement(#[from] requirement::Error),
}

/// The interpreter for scripts that have a requirement such as `>=3.9,<3.12`:
/// the oldest that fits of those beside the one that [`find`] finds, else of
/// those on the path, else of those that pyenv has.
///
/// # Errors
/// There is none, or the requirement is none.
pub fn matching(home: &Home, requires: Option<&str>) -> Result<PathBuf, Unmatched> {
    let Some(text) = requires.filter(|text| !text.trim().is_empty()) else {
        return Ok(find(home)?);
    };
    let requirement = Requirement::parse(text)?;
    let places = [beside_default(home), on_path(home), of_pyenv(home)];
    let found = places.into_iter().find_map(|mut interpreters| {
        interpreters.sort_by(|left, right| left.version.cmp(&right.version));
        interpreters
            .into_iter()
            .find(|interpreter| requirement.fits(interpreter, home))
    });
    match found {
        Some(interpreter) => Ok(interpreter.exe),
        None => Err(Unmatched::NoneFits(requirement)),
    }
}

fn beside_default(home: &Home) -> Vec<Interpreter> {
    let default = find(home).ok();
    let dir = default.as_deref().and_then(Path::parent);
    dir.map(in_folder).unwrap_or_default()
}

fn on_path(home: &Home) -> Vec<Interpreter> {
    let path = home.variable("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|dir| in_folder(&home.cwd().join(dir)))
        .collect()
}

fn pyenv_root(home: &Home) -> Option<PathBuf> {
    let root = home.variable("PYENV_ROOT").map(PathBuf::from);
    root.or_else(|| Some(home.user_home()?.join(".pyenv")))
}

fn of_pyenv(home: &Home) -> Vec<Interpreter> {
    let Some(versions) = pyenv_root(home).map(|root| root.join("versions")) else {
        return Vec::new();
    };
    let names = files::names(&versions).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| {
            // Others, such as `pypy3.9` and named environments, are not what
            // a version means.
            let version = name.to_str()?.parse().ok()?;
            let exe = versions.join(&name).join("bin/python");
            is_executable(&exe).then_some(Interpreter { exe, version })
        })
        .collect()
}

/// The interpreters in `dir` whose names tell their versions.
fn in_folder(dir: &Path) -> Vec<Interpreter> {
    // What pyenv and its like put on the path for all versions they have starts
    // only the one that is switched to.
    if dir.ends_with("shims") {
        return Vec::new();
    }
    let names = files::names(dir).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| {
            let version = name.to_str()?.strip_prefix("python")?;
            let version = version.parse().ok()?;
            let exe = dir.join(&name);
            is_executable(&exe).then_some(Interpreter { exe, version })
        })
        .collect()
}

/// The program called `name` on the path.
pub fn which(home: &Home, name: &str) -> Option<PathBuf> {
    let path = home.variable("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| home.cwd().join(dir).join(name))
        .find(|exe| is_executable(exe))
}

/// Whether `path` is a file that may be executed.
pub fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
