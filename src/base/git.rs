//! What git knows of a folder, asked of the `git` program.
//!
//! Nothing is started where no folder above has a `.git`, so that a project
//! outside a repository pays nothing.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The commit a folder is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The full hash of the last commit that touched the folder.
    pub hash: String,
    /// Whether the folder's working tree differs from it.
    pub dirty: bool,
}

/// The files of a working tree, relative to the folder that was asked about.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct WorkingTree {
    tracked: HashSet<PathBuf>,
    unstaged: HashSet<PathBuf>,
}

impl WorkingTree {
    /// Whether git looks after the file: it is tracked, or would be once it is
    /// added. Not so are files that git ignores or was told to overlook.
    pub fn knows(&self, path: &Path) -> bool {
        self.tracked.contains(path) || self.unstaged.contains(path)
    }

    /// Whether the file holds something that git has no copy of, or is missing
    /// where git has one.
    pub fn is_unstaged(&self, path: &Path) -> bool {
        self.unstaged.contains(path)
    }

    /// Reads what `git ls-files -v -z` tells: a letter, a blank and a path.
    fn parse(listing: &[u8]) -> Self {
        let mut tree = Self::default();
        for record in listing.split(|&byte| byte == 0) {
            let [letter, b' ', path @ ..] = record else {
                continue;
            };
            let path = PathBuf::from(OsStr::from_bytes(path));
            match letter {
                b'H' => tree.tracked.insert(path),
                // A small letter or `S`: changes are overlooked on purpose.
                b'a'..=b'z' | b'S' => continue,
                _ => tree.unstaged.insert(path),
            };
        }
        tree
    }
}

/// Where files of a repository are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The hash of the commit they are at.
    pub commit: String,
    /// The folder they are in, relative to the repository's; empty for that.
    pub below: String,
    /// The URL of the repository that this one is a copy of, if it has one.
    pub url: Option<String>,
}

/// A remote as a URL: `user@host:path` is another way to say `ssh`.
fn remote_url(remote: &str) -> Option<String> {
    if remote.contains("://") {
        return Some(remote.to_string());
    }
    if Path::new(remote).exists() {
        let path = std::path::absolute(remote).ok()?;
        return Some(format!("file://{}", path.display()));
    }
    let (host, path) = remote.split_once(':')?;
    (!path.starts_with('/') && !host.contains('/')).then(|| format!("ssh://{host}/{path}"))
}

/// Why git gives no answer where it should.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It failed, and not because there is no repository.
    #[error("error listing ignored files ({code}): {said}")]
    Listing {
        /// Its exit code.
        code: i32,
        /// What it said.
        said: String,
    },
}

/// The exit code of git outside of a repository, or in one that it does not
/// trust.
const NO_REPOSITORY: i32 = 128;

/// The first version that tells of ignored folders as such together with files
/// that are tracked.
const TELLS_FOLDERS: (u32, u32) = (2, 32);

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
        // Both at once: each goes through a part of the repository.
        let status = self.start(dir, &["status", "--short"])?;
        let hash = self.output(
            dir,
            &["log", "-1", "--no-show-signature", "--format=%H", "--", "."],
        );
        let status = status.wait_with_output().ok()?;
        let hash = String::from_utf8(hash?).ok()?.trim().to_string();
        (!hash.is_empty() && status.status.success()).then_some(Commit {
            hash,
            dirty: !status.stdout.is_empty(),
        })
    }

    /// Where the files in `dir` are from; none outside a repository, before the
    /// first commit, or where there is no git.
    pub fn origin(&self, dir: &Path) -> Option<Origin> {
        if !in_repository(dir) {
            return None;
        }
        let line = |args: &[&str]| {
            let output = String::from_utf8(self.output(dir, args)?).ok()?;
            Some(output.trim_end_matches('\n').to_string())
        };
        let remotes = line(&["config", "--get-regexp", r"remote\..*\.url"]).unwrap_or_default();
        let remote = remotes
            .lines()
            .find(|line| line.starts_with("remote.origin.url "))
            .or_else(|| remotes.lines().next());
        Some(Origin {
            commit: line(&["rev-parse", "HEAD"])?,
            below: line(&["rev-parse", "--show-prefix"])?
                .trim_end_matches('/')
                .to_string(),
            url: remote.and_then(|line| remote_url(line.split_once(' ')?.1)),
        })
    }

    /// Paths below `dir` that git ignores, relative to it, tracked ones too; an
    /// ignored folder ends in `/`. `patterns` are ignored as well. None where
    /// `dir` is in no repository, or there is no git.
    ///
    /// # Errors
    /// Git fails for another reason.
    pub fn ignored(&self, dir: &Path, patterns: &[String]) -> Result<Option<Vec<String>>, Error> {
        if !in_repository(dir) {
            return Ok(None);
        }
        let version = self.start(dir, &["version"]);
        let ignored = self.list_ignored(dir, patterns, true);
        let version = version.and_then(|version| version.wait_with_output().ok());
        let Some(mut ignored) = ignored? else {
            return Ok(None);
        };
        let version = version.and_then(|told| version_of(&String::from_utf8_lossy(&told.stdout)));
        if version.is_some_and(|version| version < TELLS_FOLDERS) {
            // Files in ignored folders are told one by one, or not at all.
            ignored.extend(self.list_ignored(dir, patterns, false)?.unwrap_or_default());
        }
        Ok(Some(ignored))
    }

    fn list_ignored(
        &self,
        dir: &Path,
        patterns: &[String],
        folders: bool,
    ) -> Result<Option<Vec<String>>, Error> {
        let mut args = vec!["ls-files", "-z", "-ioc", "--exclude-standard"];
        if folders {
            args.push("--directory");
        }
        for pattern in patterns {
            args.extend(["-x", pattern]);
        }
        let mut command = self.command(dir, &args);
        let Ok(told) = command.stderr(Stdio::piped()).output() else {
            return Ok(None);
        };
        match told.status.code() {
            Some(0) => {
                let paths = told.stdout.split(|&byte| byte == 0);
                let paths = paths.filter(|path| !path.is_empty());
                let text = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
                Ok(Some(paths.map(text).collect()))
            }
            Some(NO_REPOSITORY) => Ok(None),
            code => Err(Error::Listing {
                code: code.unwrap_or(-1),
                said: String::from_utf8_lossy(&told.stderr).trim().to_string(),
            }),
        }
    }

    /// The files below `dir`, but for those that git ignores. None where `dir` is
    /// in no repository or git does not answer.
    pub fn working_tree(&self, dir: &Path) -> Option<WorkingTree> {
        if !in_repository(dir) {
            return None;
        }
        let args = [
            "ls-files",
            "-v",
            "-z",
            "--cached",
            "--modified",
            "--deleted",
            "--others",
            "--exclude-standard",
        ];
        self.output(dir, &args)
            .map(|listing| WorkingTree::parse(&listing))
    }

    fn output(&self, dir: &Path, args: &[&str]) -> Option<Vec<u8>> {
        let output = self.command(dir, args).output().ok()?;
        output.status.success().then_some(output.stdout)
    }

    fn start(&self, dir: &Path, args: &[&str]) -> Option<Child> {
        self.command(dir, args).stdout(Stdio::piped()).spawn().ok()
    }

    fn command(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            // A status must not write the index that a user's git may hold.
            .env("GIT_OPTIONAL_LOCKS", "0");
        command
    }
}

/// The first two numbers of what `git version` prints.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(' ').nth(2)?.trim().split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

/// Whether a folder above `dir`, or `dir` itself, is that of a repository; links
/// on the way to it are followed.
pub fn in_repository(dir: &Path) -> bool {
    let is_below = |dir: &Path| dir.ancestors().any(|at| at.join(".git").exists());
    std::env::var_os("GIT_DIR").is_some()
        || is_below(dir)
        || dir
            .canonicalize()
            .is_ok_and(|real| real != dir && is_below(&real))
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
        let ignored = Git::new("git").ignored(dir.path(), &[]);
        assert_eq!(ignored.unwrap(), None);
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
    fn what_git_has_no_copy_of_is_unstaged() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Git::new("git").working_tree(dir.path()), None);
        let path = dir.path().join("sub dir");
        std::fs::create_dir(&path).unwrap();
        git(dir.path(), &["init", "-q"]);
        std::fs::write(path.join(".gitignore"), "*.log\n").unwrap();
        let names = ["same", "changed", "staged", "gone", "é", "overlooked"];
        for name in names {
            std::fs::write(path.join(name), "1\n").unwrap();
        }
        git(dir.path(), &["add", "."]);
        git(dir.path(), &["commit", "-qm", "first"]);
        for name in ["changed", "staged", "é", "a.log", "new/new", "overlooked"] {
            std::fs::create_dir_all(path.join("new")).unwrap();
            std::fs::write(path.join(name), "2\n").unwrap();
        }
        std::fs::remove_file(path.join("gone")).unwrap();
        git(&path, &["add", "staged"]);
        git(&path, &["update-index", "--assume-unchanged", "overlooked"]);
        let tree = Git::new("git").working_tree(&path).unwrap();
        let state = |name: &str| {
            let path = Path::new(name);
            (tree.knows(path), tree.is_unstaged(path))
        };
        for name in ["same", "staged"] {
            assert_eq!(state(name), (true, false), "{name}");
        }
        for name in ["changed", "gone", "é", "new/new"] {
            assert_eq!(state(name), (true, true), "{name}");
        }
        for name in ["a.log", "overlooked", "nowhere"] {
            assert_eq!(state(name), (false, false), "{name}");
        }
    }

    #[test]
    fn a_version_has_two_numbers_at_least() {
        for (text, version) in [
            ("git version 2.25.1\n", Some((2, 25))),
            ("git version 2.39.3 (Apple Git-146)\n", Some((2, 39))),
            ("git version 3.0\n", Some((3, 0))),
            ("git version next\n", None),
            ("", None),
        ] {
            assert_eq!(version_of(text), version, "{text}");
        }
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
            .unwrap()
            .unwrap();
        ignored.sort();
        assert_eq!(ignored, ["a.log", "c.tmp", "out/"]);
    }
}
