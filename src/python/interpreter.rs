//! Which Python runs a script.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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
