//! What a report says of where it comes from: which program, which specs, which
//! machine.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::record::{Program, Revision, Run, VERSION};
use crate::command::{self, Command};
use crate::interrupt::Interrupt;
use crate::ownership::Owner;
use crate::reaper::Reaper;
use crate::runner::Setting;

/// What git is asked: the commit, and the first file that differs from it.
const ASK_GIT: &[u8] = b"git rev-parse --verify --quiet HEAD 2>/dev/null \
    && git --no-optional-locks status --porcelain --untracked-files=normal -- . 2>/dev/null";
/// How long git may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The provenance of a run of the specs that `paths` stand for, in these
/// settings. `selection` are the arguments that choose among them, and `options`
/// those that decide how they are run.
pub fn gather<'a>(
    paths: &[PathBuf],
    selection: Vec<String>,
    options: Vec<String>,
    settings: impl IntoIterator<Item = &'a Setting>,
) -> Run {
    let mut python = BTreeMap::new();
    let mut programs = BTreeMap::new();
    let mut suites = BTreeSet::new();
    for setting in settings {
        let interpreter = &setting.surroundings.python;
        python
            .entry(interpreter.file().display().to_string())
            .or_insert_with(|| {
                let (major, minor) = interpreter.version();
                format!("{major}.{minor}")
            });
        suites.extend(setting.suite.file.as_ref().map(|f| f.display().to_string()));
        if let (Some(name), Some(binary)) = (&setting.suite.program, &setting.binary) {
            programs
                .entry((name, binary))
                .or_insert_with(|| digest(binary));
        }
    }
    let programs = programs.into_iter().map(|((name, path), sha256)| Program {
        name: name.clone(),
        path: path.display().to_string(),
        sha256,
    });
    Run {
        version: VERSION,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        started: jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string(),
        directory: env::current_dir().map_or_else(|_| String::new(), |d| d.display().to_string()),
        os: env::consts::OS.to_owned(),
        arch: env::consts::ARCH.to_owned(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        python,
        programs: programs.collect(),
        suites: suites.into_iter().collect(),
        revision: paths.first().and_then(|path| revision(path)),
        paths: paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        selection,
        options,
    }
}

/// The SHA-256 of a file in hexadecimal; empty if it cannot be read.
pub fn digest(path: &Path) -> String {
    let mut hasher = Sha256::new();
    // A pipe would be waited for.
    let is_file = path.metadata().is_ok_and(|data| data.is_file());
    let mut read = || io::copy(&mut File::open(path)?, &mut hasher);
    if !is_file || read().is_err() {
        return String::new();
    }
    format!("{:x}", hasher.finalize())
}

/// The state of the repository that a path is in, if it is in one.
fn revision(path: &Path) -> Option<Revision> {
    let path = path.canonicalize().ok()?;
    let directory = if path.is_dir() { &path } else { path.parent()? };
    let environment = env::vars_os().map(|(name, value)| (name.into_vec(), value.into_vec()));
    let command = Command {
        environment: environment.collect(),
        timeout: LIMIT,
        keep: 1 << 16,
        ..Command::of_line(ASK_GIT, directory)
    };
    let interrupt = Interrupt::new().ok()?;
    let outcome = command::run(
        command,
        &Owner::new(Arc::default()),
        Reaper::get().ok()?,
        &interrupt,
    )
    .ok()?;
    let text = String::from_utf8_lossy(&outcome.output);
    let mut lines = text.lines();
    let commit = lines.next().filter(|_| outcome.code == 0)?.to_owned();
    Some(Revision {
        commit,
        modified: lines.next().is_some(),
    })
}
