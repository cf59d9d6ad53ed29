//! What of a project is copied into a run, and the digest of it.
//!
//! Two sets of default rules: inside a git repository, what git does not
//! ignore; elsewhere, text files of moderate size and number. What a guild file
//! says (`definition`) comes after these.

mod candidate;
mod copy;
mod definition;
mod rules;
mod text_file;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use copy::{Snapshot, copy, remove};
pub use definition::{Definition, What};
pub use rules::{Kind, Rule, RuleSet};
pub use text_file::is_text;
pub use walk::{Fault, Selection, select, survey};

use crate::base::files;
use crate::base::git::Git;
use crate::runs::{self, EntryKind, Run};

/// The largest file that default rules copy outside git, in bytes.
pub const MAX_DEFAULT_FILE_SIZE: u64 = 1_048_576;

/// The most files that default rules copy outside git.
pub const MAX_DEFAULT_FILE_COUNT: usize = 100;

/// Limits of the default rules outside git.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest file that is copied, in bytes.
    pub file_size: u64,
    /// The most files that are copied.
    pub file_count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_size: MAX_DEFAULT_FILE_SIZE,
            file_count: MAX_DEFAULT_FILE_COUNT,
        }
    }
}

/// The source code files of `run` by its manifest, relative to
/// [`Run::source_dir`].
///
/// # Errors
/// The manifest cannot be read.
pub fn files_of(run: &Run) -> runs::Result<BTreeSet<PathBuf>> {
    let dir = run.source_dir();
    let below = dir.strip_prefix(run.dir()).unwrap_or(Path::new(""));
    let manifest = run.manifest()?;
    let entries = manifest
        .iter()
        .filter(|entry| entry.kind == EntryKind::SourceCode);
    let paths = entries.filter_map(|entry| Path::new(&entry.path).strip_prefix(below).ok());
    Ok(paths.map(Path::to_path_buf).collect())
}

/// The default rules for the project in `root`; `python` adds those that leave
/// out what Python makes. Where git should tell what it ignores and fails, that
/// is told to `warn`, and the rules are those outside git.
pub fn default_rules(
    root: &Path,
    git: &Git,
    limits: Limits,
    python: bool,
    warn: &mut dyn FnMut(String),
) -> RuleSet {
    let ignored = git.ignored(root, &guild_ignore(root));
    match ignored.inspect_err(|error| warn(error.to_string())) {
        Ok(Some(ignored)) => rules::git_rules(&ignored),
        Ok(None) | Err(_) => rules::plain_rules(limits, python),
    }
}

/// The patterns of a `.guildignore` file.
fn guild_ignore(root: &Path) -> Vec<String> {
    let bytes = files::read(&root.join(".guildignore")).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_string)
        .collect()
}
