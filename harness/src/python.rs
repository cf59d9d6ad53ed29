//! The Python interpreter that evaluates examples.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::command::{Command, run};
use crate::interrupt::Interrupt;
use crate::ownership::Owner;
use crate::reaper::Reaper;

/// How long an interpreter may take to tell its version.
const LIMIT: Duration = Duration::from_secs(30);

/// An interpreter. Its version is asked for only when a gate needs it, since
/// that costs a start.
#[derive(Debug, Clone)]
pub struct Python {
    path: PathBuf,
    version: Arc<OnceLock<(u32, u32)>>,
}

impl Python {
    /// The interpreter of this name or path, if there is one.
    pub fn find(name: &str) -> Option<Self> {
        let path = find_program(name)?;
        Some(Python { path, version: Arc::default() })
    }

    /// An interpreter of a version known before.
    #[cfg(test)]
    pub fn of_version(major: u32, minor: u32) -> Self {
        Python { path: PathBuf::new(), version: Arc::new(OnceLock::from((major, minor))) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Major and minor version; zeros if it does not tell.
    pub fn version(&self) -> (u32, u32) {
        *self.version.get_or_init(|| self.ask().unwrap_or_default())
    }

    fn ask(&self) -> Option<(u32, u32)> {
        let line = b"exec \"$PYTHON\" -I -S -c 'import sys; print(*sys.version_info[:2])'";
        let path = self.path.as_os_str().as_encoded_bytes().to_vec();
        let command = Command {
            line,
            directory: Path::new("/"),
            environment: vec![(b"PYTHON".to_vec(), path)],
            timeout: LIMIT,
            keep: 1 << 10,
        };
        let outcome =
            run(command, &Owner::new(), Reaper::get().ok()?, &*Interrupt::new().ok()?).ok()?;
        let text = String::from_utf8(outcome.output).ok()?;
        let (major, minor) = text.trim().split_once(' ')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    }
}

/// The file that a program name stands for: itself if it has a slash, else the
/// first of that name on `PATH` that can be executed.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        let path = std::path::absolute(name).ok()?;
        return is_executable(&path).then_some(path);
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether a file can be executed.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_interpreter_here() {
        let python = Python::find("python3").unwrap();
        let (major, minor) = python.version();
        assert_eq!(major, 3);
        assert!(minor >= 6);
        assert!(Python::find("no-such-python").is_none());
    }
}
