//! Going through a project's folders and asking the rules.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::rules::{Limit, RuleSet};
use crate::base::files;

/// What the rules select.
#[derive(Debug, Default)]
pub struct Selection {
    /// Files relative to the root: those of a folder by name, then its folders.
    pub paths: Vec<PathBuf>,
    /// Files that were left out for their size alone.
    pub too_large: Vec<PathBuf>,
    /// Whether files were left out because of their number alone.
    pub too_many: bool,
    /// What was left out: of a folder its folders, then its files.
    pub skipped: Vec<PathBuf>,
    /// What cannot be read.
    pub unreadable: Vec<files::Error>,
}

/// Selects files below `root`. Links are followed, each folder is entered once
/// on a way down, and what is neither file nor folder (sockets, pipes,
/// devices) is passed over.
pub fn select(root: &Path, rules: &RuleSet) -> Selection {
    if rules.is_disabled() {
        return Selection::default();
    }
    let mut walk = Walk {
        root,
        rules,
        counts: vec![0; rules.rules.len()],
        above: HashSet::new(),
        selection: Selection::default(),
    };
    walk.folder("");
    walk.selection
}

struct Walk<'a> {
    root: &'a Path,
    rules: &'a RuleSet,
    counts: Vec<usize>,
    // Device and inode of the folders above, against loops of links.
    above: HashSet<(u64, u64)>,
    selection: Selection,
}

impl Walk<'_> {
    fn folder(&mut self, path: &str) {
        let dir = self.root.join(path);
        let Ok(meta) = dir.metadata() else { return };
        let identity = (meta.dev(), meta.ino());
        if !self.above.insert(identity) {
            return;
        }
        let names = match files::names(&dir) {
            Ok(names) => names,
            Err(error) => {
                self.selection.unreadable.push(error);
                Vec::new()
            }
        };
        let mut folders = Vec::new();
        let mut regular = Vec::new();
        let mut others = Vec::new();
        for name in names {
            let name = name.to_string_lossy().into_owned();
            let below = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            match self.root.join(&below).metadata() {
                Ok(meta) if meta.is_dir() => folders.push(below),
                Ok(meta) if meta.is_file() => regular.push((below, Some(meta.len()))),
                // Dangling links and special files.
                _ => others.push(below),
            }
        }
        folders.sort();
        folders.retain(|folder| {
            let enters = self.rules.enters(self.root, folder);
            if !enters {
                self.selection.skipped.push(PathBuf::from(folder));
            }
            enters
        });
        regular.extend(others.into_iter().map(|path| (path, None)));
        regular.sort();
        for (file, size) in regular {
            match size {
                Some(size) => self.file(&file, size),
                None => self.selection.skipped.push(PathBuf::from(file)),
            }
        }
        for folder in folders {
            self.folder(&folder);
        }
        self.above.remove(&identity);
    }

    fn file(&mut self, path: &str, size: u64) {
        let (taken, limit) = self.rules.takes(self.root, path, size, &mut self.counts);
        if !taken {
            self.selection.skipped.push(PathBuf::from(path));
        }
        match (taken, limit) {
            (true, _) => self.selection.paths.push(PathBuf::from(path)),
            (false, Some(Limit::Size)) => self.selection.too_large.push(PathBuf::from(path)),
            (false, Some(Limit::Count)) => self.selection.too_many = true,
            (false, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::rules::{git_rules, plain_rules};
    use super::*;

    fn project(paths: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in paths {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text\n").unwrap();
        }
        dir
    }

    fn selected(root: &Path, rules: &RuleSet) -> Vec<String> {
        let paths = select(root, rules).paths;
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn outside_git_text_is_taken_and_what_python_makes_is_not() {
        let dir = project(&[
            "b.py",
            "a.py",
            ".hidden",
            "sub/c.txt",
            "sub/build/x.py",
            "__pycache__/a.py",
            ".venv/x.py",
            "env/bin/activate",
            "env/x.py",
            "skip/.guild-nocopy",
            "image.png",
        ]);
        let rules = plain_rules(Limits::default(), true);
        assert_eq!(
            selected(dir.path(), &rules),
            [".hidden", "a.py", "b.py", "sub/c.txt"]
        );
        let rules = plain_rules(Limits::default(), false);
        assert!(selected(dir.path(), &rules).contains(&"sub/build/x.py".to_string()));
    }

    #[test]
    fn limits_leave_out_and_say_so() {
        let dir = project(&["a.txt", "b.txt", "c.txt"]);
        std::fs::write(dir.path().join("b.txt"), "x".repeat(100)).unwrap();
        let limits = Limits {
            file_size: 50,
            file_count: 10,
        };
        let selection = select(dir.path(), &plain_rules(limits, true));
        assert_eq!(selection.paths.len(), 2);
        assert_eq!(selection.too_large, [PathBuf::from("b.txt")]);
        assert!(!selection.too_many);
        let limits = Limits {
            file_size: 1000,
            file_count: 2,
        };
        let selection = select(dir.path(), &plain_rules(limits, true));
        assert_eq!(selection.paths.len(), 2);
        assert!(selection.too_many);
    }

    #[test]
    fn git_rules_mean_exact_places() {
        let dir = project(&[
            "a.py",
            "x/a.py",
            "x/out/f",
            "out/f",
            ".git/config",
            "b[1].py",
        ]);
        let ignored = [
            "a.py".to_string(),
            "out/".to_string(),
            "b[1].py".to_string(),
        ];
        assert_eq!(
            selected(dir.path(), &git_rules(&ignored)),
            ["x/a.py", "x/out/f"]
        );
    }

    #[test]
    fn a_loop_of_links_ends_and_special_files_are_passed_over() {
        let dir = project(&["sub/a.py"]);
        std::os::unix::fs::symlink("..", dir.path().join("sub/up")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
        let pipe = dir.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let rules = plain_rules(Limits::default(), true);
        assert_eq!(selected(dir.path(), &rules), ["sub/a.py"]);
    }
}
