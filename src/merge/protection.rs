//! When files of the target may be replaced.

use std::path::PathBuf;

use super::Plan;
use crate::base::git::Git;

/// Which files of the target a merge may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacing {
    /// All.
    Always,
    /// None.
    Never,
    /// Those that git has a copy of.
    IfStaged,
}

/// Files that must not be replaced, by their paths in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// Files that would be replaced, and of which there is no other copy.
    Replaces(Vec<PathBuf>),
    /// Files with changes that git has no copy of.
    Unstaged(Vec<PathBuf>),
}

impl Plan {
    /// What speaks against doing what is planned.
    pub fn objection(&self, replacing: Replacing, git: &Git) -> Option<Objection> {
        let replaced = self.copied_paths(|replaces| replaces);
        match replacing {
            Replacing::Always => return None,
            Replacing::Never => return objection(replaced, Objection::Replaces),
            Replacing::IfStaged => {}
        }
        let dir = self.target.dir();
        let tree = dir.is_dir().then(|| git.working_tree(dir)).flatten();
        match tree {
            Some(tree) if replaced.iter().all(|path| tree.knows(path)) => {
                let mut unstaged = self.copied_paths(|_| true);
                unstaged.retain(|path| tree.is_unstaged(path));
                objection(unstaged, Objection::Unstaged)
            }
            _ => objection(replaced, Objection::Replaces),
        }
    }

    /// The paths in the target of the files to be copied, those that replace one
    /// or not as `wanted` says.
    fn copied_paths(&self, wanted: impl Fn(bool) -> bool) -> Vec<PathBuf> {
        let copies = self.copies_by_target().into_iter();
        let copies = copies.filter(|copy| wanted(copy.replaces.is_some()));
        copies.map(|copy| copy.target_path.clone()).collect()
    }
}

fn objection(paths: Vec<PathBuf>, kind: fn(Vec<PathBuf>) -> Objection) -> Option<Objection> {
    (!paths.is_empty()).then(|| kind(paths))
}
