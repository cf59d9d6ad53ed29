//! What git knows of a folder, asked of the `git` program.
//!
//! Nothing is started where no folder above has a `.git`, so that a project
//! outside a repository pays nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The commit a folder is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The full hash of the last commit that touched the folder.
    pub hash: String,
    /// Whether the folder's working tree differs from it.
    pub dirty: bool,
}

/// A git program, by name or path.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
}

impl Git {
    /// The git that `program` names.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
        }
    }

    /// The last commit that touched `dir`; none outside a repository, before
    /// the first commit, or where there is no git.
    pub fn commit(&self, dir: &Path) -> Option<Commit> {
        if !in_repository(dir) {
            return None;
        }
        let hash = self.output(dir, &["log", "-1", "--format=%H", "--", "."])?;
        let hash = String::from_utf8(hash).ok()?.trim().to_string();
        if hash.is_empty() {
            return None;
        }
        let status = self.output(dir, &["status", "--short"])?;
        Some(Commit {
            hash,
            dirty: !status.is_empty(),
        })
    }

    /// Paths below `dir` that git ignores, relative to it; an ignored folder
    /// ends in `/`. `patterns` are ignored as well. None where `dir` is in no
    /// repository or git does not answer.
    pub fn ignored(&self, dir: &Path, patterns: &[String]) -> Option<Vec<String>> {
        if !in_repository(dir) {
            return None;
        }
        let mut args = vec![
            "ls-files",
            "-z",
            "-ioc",
            "--exclude-standard",
            "--directory",
        ];
        for pattern in patterns {
            args.extend(["-x", pattern]);
        }
        let listing = self.output(dir, &args)?;
        Some(
            listing
                .split(|&byte| byte == 0)
                .filter(|path| !path.is_empty())
                .map(|path| String::from_utf8_lossy(path).into_owned())
                .collect(),
        )
    }

    fn output(&self, dir: &Path, args: &[&str]) -> Option<Vec<u8>> {
        let output = Command::new(&self.program)
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            // A status must not write the index that a user's git may hold.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .output()
            .ok()?;
        output.status.success().then_some(output.stdout)
    }
}

fn in_repository(dir: &Path) -> bool {
    std::env::var_os("GIT_DIR").is_some() || dir.ancestors().any(|at| at.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(args)
            .current_dir(dir)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[test]
    fn a_folder_outside_a_repository_has_no_commit() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Git::new("git").commit(dir.path()), None);
        assert_eq!(Git::new("git").ignored(dir.path(), &[]), None);
    }

    #[test]
    fn a_commit_is_dirty_once_a_file_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        git(path, &["init", "-q"]);
        assert_eq!(Git::new("git").commit(path), None);
        std::fs::write(path.join("a.py"), "1\n").unwrap();
        git(path, &["add", "."]);
        git(path, &["commit", "-qm", "first"]);
        let clean = Git::new("git").commit(path).unwrap();
        assert_eq!(clean.hash.len(), 40);
        assert!(!clean.dirty);
        std::fs::write(path.join("a.py"), "2\n").unwrap();
        assert!(Git::new("git").commit(path).unwrap().dirty);
    }

    #[test]
    fn ignored_folders_end_in_a_slash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        git(path, &["init", "-q"]);
        std::fs::write(path.join(".gitignore"), "*.log\nout/\n").unwrap();
        std::fs::create_dir(path.join("out")).unwrap();
        for name in ["a.log", "b.py", "c.tmp", "out/x"] {
            std::fs::write(path.join(name), "").unwrap();
        }
        let mut ignored = Git::new("git")
            .ignored(path, &["*.tmp".to_string()])
            .unwrap();
        ignored.sort();
        assert_eq!(ignored, ["a.log", "c.tmp", "out/"]);
    }
}
