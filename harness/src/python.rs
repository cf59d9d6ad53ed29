//! The Python interpreter that evaluates examples.

use std::env;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::command::{Command, run};
use crate::interrupt::Interrupt;
use crate::ownership::Owner;
use crate::reaper::Reaper;

/// What an interpreter is asked.
const ASK: &[u8] = b"exec \"$HARNESS_PYTHON\" -I -S -c \
    'import sys; print(*sys.version_info[:2], sys.executable)'";
/// How long an interpreter may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// An interpreter. It is asked about itself only when needed, since that costs a
/// start.
#[derive(Debug, Clone)]
pub struct Python {
    path: PathBuf,
    told: Arc<OnceLock<Told>>,
}

/// What an interpreter tells about itself.
#[derive(Debug, Clone, Default)]
struct Told {
    version: (u32, u32),
    file: Option<PathBuf>,
}

impl Python {
    /// The interpreter of this name or path, if there is one.
    pub fn find(name: &str) -> Option<Self> {
        let path = find_program(name)?;
        Some(Python {
            path,
            told: Arc::default(),
        })
    }

    /// An interpreter of a version known before.
    #[cfg(test)]
    pub fn of_version(major: u32, minor: u32) -> Self {
        let told = Told {
            version: (major, minor),
            file: None,
        };
        Python {
            path: PathBuf::new(),
            told: Arc::new(OnceLock::from(told)),
        }
    }

    /// The file to execute. Where the name stands for a script, as the shims of
    /// version managers are, it is the interpreter that the script starts: each
    /// start is then faster, and the script adds nothing to the environment.
    pub fn file(&self) -> &Path {
        let is_script = || {
            let mut start = [0; 2];
            let read = File::open(&self.path).and_then(|mut file| file.read_exact(&mut start));
            read.is_ok() && start == *b"#!"
        };
        if self.told.get().is_none() && !is_script() {
            return &self.path;
        }
        self.told().file.as_deref().unwrap_or(&self.path)
    }

    /// Major and minor version; zeros if it does not tell.
    pub fn version(&self) -> (u32, u32) {
        self.told().version
    }

    fn told(&self) -> &Told {
        self.told.get_or_init(|| self.ask().unwrap_or_default())
    }

    fn ask(&self) -> Option<Told> {
        // Version managers choose by variables of their own, so this one start
        // sees the whole environment.
        let mut environment: Vec<(Vec<u8>, Vec<u8>)> = env::vars_os()
            .map(|(name, value)| (name.into_vec(), value.into_vec()))
            .collect();
        environment.push((
            b"HARNESS_PYTHON".to_vec(),
            self.path.clone().into_os_string().into_vec(),
        ));
        let directory = env::current_dir().ok()?;
        let command = Command {
            environment,
            timeout: LIMIT,
            keep: 1 << 16,
            ..Command::of_line(ASK, &directory)
        };
        let interrupt = Interrupt::new().ok()?;
        let outcome = run(
            command,
            &Owner::new(Arc::default()),
            Reaper::get().ok()?,
            &interrupt,
        )
        .ok()?;
        let text = String::from_utf8(outcome.output).ok()?;
        let mut words = text.trim().splitn(3, ' ');
        let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let file = words
            .next()
            .map(PathBuf::from)
            .filter(|file| is_executable(file));
        Some(Told { version, file })
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
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        let shim = folder.path().join("python3");
        std::fs::write(&shim, "#!/bin/sh\nexec python3 \"$@\"\n").unwrap();
        std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).unwrap();
        let python = Python::find(shim.to_str().unwrap()).unwrap();
        assert_ne!(python.file(), shim);
        assert!(is_executable(python.file()));
    }

    #[test]
    fn the_version_of_the_interpreter_here() {
        let python = Python::find("python3").unwrap();
        let (major, minor) = python.version();
        assert_eq!(major, 3);
        assert!(minor >= 6);
        assert!(is_executable(python.file()));
        assert!(Python::find("no-such-python").is_none());
    }
}
