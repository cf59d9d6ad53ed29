//! Answers of probes, kept by the content of all that they were read from: the
//! script and every other file of the project that was read, the variables that
//! were asked for, the interpreter and the folders of its libraries, base
//! arguments, our own Python side.
//!
//! An entry is one file, replaced in one step, so that several programs can
//! write it at once. One that is not whole, or not of this version, is none.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::Request;
use super::answer::Answer;
use crate::base::files;
use crate::home::Home;
use crate::python::embedded;

/// Files that are larger count by size and time instead of content.
const MOST_READ: u64 = 4 << 20;

/// Where an answer is kept.
pub(super) struct Entry {
    path: PathBuf,
}

/// What is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// What each thing was like that the answer was read from, by its name.
    files: BTreeMap<PathBuf, String>,
    variables: BTreeMap<String, String>,
    folders: BTreeMap<PathBuf, String>,
    answer: Answer,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Miss {
    #[error("not learned before")]
    NotThere,
    #[error("learned before, but not as it is kept now")]
    Unreadable,
    #[error("learned before, but {0} has changed since")]
    Changed(String),
}

impl Entry {
    /// The entry for a request to `python`, which has `seconds` for it.
    pub(super) fn new(home: &Home, request: &Request<'_>, python: &Path, seconds: f64) -> Self {
        let mut hash = Md5::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        add(embedded::digest().as_bytes());
        add(request.script.as_os_str().as_encoded_bytes());
        add(request.package.as_bytes());
        add(request.dest.as_bytes());
        add(request.project_dir.as_os_str().as_encoded_bytes());
        for path in request.path {
            add(path.as_os_str().as_encoded_bytes());
        }
        add(b"--");
        for argument in request.arguments {
            add(argument.as_bytes());
        }
        add(b"--");
        add(&seconds.to_le_bytes());
        add(python.as_os_str().as_encoded_bytes());
        let program = std::fs::canonicalize(python).unwrap_or_else(|_| python.to_path_buf());
        add(program.as_os_str().as_encoded_bytes());
        add(state_of_file(&program).as_bytes());
        for name in [
            "PYTHONPATH",
            "PYENV_VERSION",
            "PYENV_ROOT",
            "ASDF_PYTHON_VERSION",
        ] {
            add(home.variable(name).unwrap_or_default().as_bytes());
        }
        // Files by which a program named `python` may choose the interpreter.
        for dir in request.project_dir.ancestors().chain(home.user_home()) {
            for name in [".python-version", ".tool-versions", ".pyenv/version"] {
                add(state_of_file(&dir.join(name)).as_bytes());
            }
        }
        let name: String = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            path: home.probe_answers_dir().join(name),
        }
    }

    /// The file that it is in.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The answer, if all that it was read from is as it was.
    ///
    /// # Errors
    /// There is none, or it is not so any more.
    pub(super) fn read(&self, home: &Home) -> Result<Answer, Miss> {
        let bytes = files::read(&self.path).map_err(|_| Miss::NotThere)?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| Miss::Unreadable)?;
        let of_path = |(path, _): (&PathBuf, &String)| path.display().to_string();
        let mut variables = kept.variables.iter();
        let mut folders = kept.folders.iter();
        let mut files = kept.files.iter();
        let changed = variables
            .find(|(name, digest)| digest_of_variable(home, name) != **digest)
            .map(|(name, _)| format!("the variable {name}"))
            .or_else(|| {
                folders
                    .find(|(path, state)| state_of_file(path) != **state)
                    .map(of_path)
            })
            .or_else(|| {
                files
                    .find(|(path, digest)| digest_of_file(path) != **digest)
                    .map(of_path)
            });
        match changed {
            Some(what) => Err(Miss::Changed(what)),
            None => Ok(kept.answer),
        }
    }

    /// Keeps an answer of a probe that was started at `started`, unless
    /// something it was read from has changed since; tells whether it did.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(
        &self,
        home: &Home,
        answer: &Answer,
        started: SystemTime,
    ) -> files::Result<bool> {
        // One that is not there was looked for in vain, and so may be again.
        let is_newer = |path: &PathBuf| {
            let modified = std::fs::metadata(path).and_then(|meta| meta.modified());
            modified.is_ok_and(|modified| modified >= started)
        };
        let mut read = answer.reads.iter().chain(&answer.folders);
        if !answer.complete || read.any(is_newer) {
            return Ok(false);
        }
        let kept = Kept {
            files: answer
                .reads
                .iter()
                .map(|path| (path.clone(), digest_of_file(path)))
                .collect(),
            variables: answer
                .variables
                .iter()
                .map(|name| (name.clone(), digest_of_variable(home, name)))
                .collect(),
            folders: answer
                .folders
                .iter()
                .map(|path| (path.clone(), state_of_file(path)))
                .collect(),
            answer: answer.clone(),
        };
        // All of it is text, numbers and lists.
        let Ok(text) = serde_json::to_vec(&kept) else {
            return Ok(false);
        };
        files::create_dir_all(&home.probe_answers_dir())?;
        files::write_atomic(&self.path, &text)?;
        Ok(true)
    }
}

/// What a variable's value is, without the value itself, which may be a secret.
fn digest_of_variable(home: &Home, name: &str) -> String {
    match home.environment().get(OsStr::new(name)) {
        None => String::new(),
        Some(value) => {
            let text = [name.as_bytes(), b"=", value.as_encoded_bytes()].concat();
            digest(&text)
        }
    }
}

fn digest_of_file(path: &Path) -> String {
    let small = std::fs::metadata(path).is_ok_and(|meta| meta.len() <= MOST_READ);
    let bytes = small.then(|| files::read(path).ok()).flatten();
    bytes.map_or_else(|| state_of_file(path), |bytes| digest(&bytes))
}

/// What a file or folder looks like from outside; empty where there is none.
fn state_of_file(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(
        |_| String::new(),
        |meta| format!("{} {}.{:09}", meta.len(), meta.mtime(), meta.mtime_nsec()),
    )
}

fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
