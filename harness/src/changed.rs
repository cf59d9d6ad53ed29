//! Which files changed, as git tells.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why it cannot be told what changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangedError {
    /// There is no git.
    #[error("cannot tell what changed: git: {0}")]
    NoGit(io::Error),
    /// No repository.
    #[error("{0}: not in a git repository, so it cannot be told what changed")]
    NoRepository(PathBuf),
    /// Git did not do it.
    #[error("cannot tell what changed: git {command}: {message}")]
    Git {
        /// The command.
        command: String,
        /// What git said.
        message: String,
    },
}

/// The files that differ from a revision, those not tracked included.
#[derive(Debug)]
pub struct Changed {
    revision: String,
    /// By the top folder of the repository.
    known: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Changed {
    /// What differs from this revision.
    pub fn since(revision: &str) -> Self {
        Changed {
            revision: revision.to_owned(),
            known: BTreeMap::new(),
        }
    }

    /// Whether a file, or one below a folder, changed. One that does not exist did
    /// not. Not to be asked while specs run, since it starts processes: see
    /// [`crate::reaper`].
    pub fn has(&mut self, path: &Path) -> Result<bool, ChangedError> {
        let Ok(path) = path.canonicalize() else {
            return Ok(false);
        };
        let top = self.repository(&path)?;
        Ok(self.known[&top].iter().any(|file| file.starts_with(&path)))
    }

    /// The top folder of the repository of a path, with its changes known.
    fn repository(&mut self, path: &Path) -> Result<PathBuf, ChangedError> {
        let folder = match path.parent() {
            Some(parent) if !path.is_dir() => parent,
            _ => path,
        };
        // The deepest, should there be one inside another.
        if let Some(top) = self.known.keys().rev().find(|top| folder.starts_with(top)) {
            return Ok(top.clone());
        }
        let output =
            git(folder, &["rev-parse", "--show-toplevel"]).map_err(|error| match error {
                ChangedError::Git { .. } => ChangedError::NoRepository(folder.to_owned()),
                other => other,
            })?;
        let top = PathBuf::from(OsStr::from_bytes(output.trim_ascii_end()));
        // With `--`, what is no revision is not taken for a file.
        let tracked = git(&top, &["diff", "--name-only", "-z", &self.revision, "--"])?;
        let untracked = git(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let files = [tracked, untracked]
            .concat()
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .map(|name| top.join(OsStr::from_bytes(name)))
            .collect();
        self.known.insert(top.clone(), files);
        Ok(top)
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, ChangedError> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(ChangedError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let first = message.lines().next().unwrap_or("failed");
    Err(ChangedError::Git {
        command: arguments.join(" "),
        message: first.trim_start_matches("fatal: ").to_owned(),
    })
}
