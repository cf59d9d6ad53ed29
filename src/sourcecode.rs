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
    let (patterns, fault) = match guild_ignore(root) {
        Ok(patterns) => (patterns, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let ignored = git.ignored(root, &patterns);
    match ignored.inspect_err(|error| warn(error.to_string())) {
        Ok(Some(ignored)) => {
            if let Some(error) = fault {
                warn(format!("{error}: what it lists is not left out"));
            }
            rules::git_rules(&ignored)
        }
        Ok(None) | Err(_) => rules::plain_rules(limits, python),
    }
}

/// The patterns of a `.guildignore` file.
fn guild_ignore(root: &Path) -> files::Result<Vec<String>> {
    let bytes = files::read_if_exists(&root.join(".guildignore"))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(str::trim);
    let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(patterns.map(str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// What `git check-ignore` says of each of `paths`, tracked or not.
    fn is_ignored(root: &Path, paths: &[String]) -> Vec<bool> {
        let mut child = Command::new("git")
            .args(["check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"])
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut asked = child.stdin.take().unwrap();
        asked.write_all(paths.join("\0").as_bytes()).unwrap();
        drop(asked);
        let told = child.wait_with_output().unwrap().stdout;
        let fields: Vec<_> = told.split(|&byte| byte == 0).collect();
        // Source, line, pattern and path; a pattern with `!` takes back.
        let answers = fields.chunks_exact(4);
        let ignored = answers.map(|answer| !answer[2].is_empty() && answer[2][0] != b'!');
        ignored.collect()
    }

    fn git(root: &Path, args: &[&str]) {
        let done = Command::new("git").args(args).current_dir(root).output();
        assert!(done.unwrap().status.success());
    }

    #[test]
    fn what_is_taken_in_a_repository_is_what_git_does_not_ignore() {
        let mut random = fastrand::Rng::with_seed(7);
        let names = ["a", "b", "c.log", "d.tmp", "e f", "é.log"];
        let patterns = [
            "*.log", "!c.log", "/a", "b/", "a/*", "!a/b", "d.*", "**/e f", "c.log",
        ];
        for _ in 0..40 {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path();
            git(root, &["init", "-q"]);
            let mut paths = Vec::new();
            for _ in 0..30 {
                let depth = random.usize(1..4);
                let parts: Vec<&str> = (0..depth).map(|_| names[random.usize(..6)]).collect();
                let path = parts.join("/");
                let full = root.join(&path);
                let is_new = std::fs::create_dir_all(full.parent().unwrap()).is_ok();
                if is_new && !full.exists() && std::fs::write(&full, "").is_ok() {
                    paths.push(path);
                }
            }
            for place in ["", "a", "b"] {
                let mut text = String::new();
                for _ in 0..random.usize(..4) {
                    writeln!(text, "{}", patterns[random.usize(..patterns.len())]).unwrap();
                }
                // `a` and `b` may be files.
                let _ = std::fs::write(root.join(place).join(".gitignore"), text);
            }
            if random.bool() {
                let path = &paths[random.usize(..paths.len())];
                git(root, &["add", "-f", path]);
            }
            let mut warn = |text: String| panic!("{text}");
            let program = Git::new("git");
            let rules = default_rules(root, &program, Limits::default(), true, &mut warn);
            let selection = select(root, &rules, &|_| false);
            let mut taken: Vec<_> = selection.paths.iter().map(|path| path.to_str()).collect();
            taken.sort_unstable();
            let mut expected: Vec<_> = paths
                .iter()
                .zip(is_ignored(root, &paths))
                .filter(|(_, ignored)| !ignored)
                .map(|(path, _)| Some(path.as_str()))
                .collect();
            expected.sort_unstable();
            assert_eq!(taken, expected);
        }
    }
}
