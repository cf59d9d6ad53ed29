//! Files outside the sandbox that a spec makes, changes or removes.
//!
//! Looked at are the folder of samples with all below it, the folders of the spec
//! and of its suite file, and the names in the current and the home folder. What
//! is elsewhere, as in the folder for temporary files, is not seen.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use walkdir::WalkDir;

use crate::lock::lock;

/// How many files a folder may have; one with more is not looked at.
const MOST: usize = 20_000;

/// What of a folder is looked at, from less to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Which names there are.
    Names,
    /// The files in it.
    Files,
    /// All that is below it.
    Tree,
}

/// Device, inode, size and time of the last change of contents; a folder has none.
type Stamp = Option<(u64, u64, u64, i64, i64)>;
/// What is in a folder; nothing where there is too much to look at.
type Stamps = BTreeMap<PathBuf, Stamp>;

/// The folders that are looked at, and what was in them the last time.
#[derive(Debug, Default)]
pub(crate) struct Outside(Mutex<HashMap<PathBuf, (Depth, Stamps)>>);

impl Outside {
    /// Looks at folders that were not looked at yet.
    pub fn enter(&self, places: &[(PathBuf, Depth)]) {
        let mut known = lock(&self.0);
        for (folder, depth) in places {
            if known.get(folder).is_none_or(|(before, _)| before < depth) {
                known.insert(folder.clone(), (*depth, look(folder, *depth)));
            }
        }
    }

    /// What has changed in folders since they were looked at last, each change
    /// told once.
    pub fn leave(&self, places: &[(PathBuf, Depth)]) -> Vec<String> {
        let mut known = lock(&self.0);
        let mut changes = Vec::new();
        for (folder, _) in places {
            if let Some((depth, before)) = known.get_mut(folder) {
                let now = look(folder, *depth);
                compare(before, &now, &mut changes);
                *before = now;
            }
        }
        changes
    }

    /// Takes the present state of a file for granted: the harness wrote it.
    pub fn accept(&self, file: &Path) {
        for (depth, stamps) in lock(&self.0).values_mut() {
            if let (Some(known), Ok(data)) = (stamps.get_mut(file), file.symlink_metadata()) {
                *known = stamp(&data, *depth);
            }
        }
    }
}

/// Folders, each once, without those that are not there and those where files come
/// and go anyway.
pub(crate) fn places(
    wanted: impl IntoIterator<Item = (Option<PathBuf>, Depth)>,
) -> Vec<(PathBuf, Depth)> {
    let temporary = env::temp_dir().canonicalize().ok();
    let mut places: Vec<(PathBuf, Depth)> = Vec::new();
    for (folder, depth) in wanted {
        let Some(folder) = folder.and_then(|folder| folder.canonicalize().ok()) else {
            continue;
        };
        if Some(&folder) == temporary.as_ref() {
            continue;
        }
        match places.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, known)) => *known = depth.max(*known),
            None => places.push((folder, depth)),
        }
    }
    places
}

fn look(folder: &Path, depth: Depth) -> Stamps {
    let levels = if depth == Depth::Tree { usize::MAX } else { 1 };
    let entries = WalkDir::new(folder).min_depth(1).max_depth(levels);
    let entries = entries.into_iter().flatten().take(MOST + 1);
    let stamps: Stamps = entries
        .filter_map(|entry| {
            let data = match depth {
                Depth::Names => None,
                _ => stamp(&entry.metadata().ok()?, depth),
            };
            Some((entry.into_path(), data))
        })
        .collect();
    if stamps.len() > MOST {
        return Stamps::new();
    }
    stamps
}

fn stamp(data: &fs::Metadata, depth: Depth) -> Stamp {
    let is_compared = depth != Depth::Names && !data.is_dir();
    is_compared.then(|| {
        (
            data.dev(),
            data.ino(),
            data.size(),
            data.mtime(),
            data.mtime_nsec(),
        )
    })
}

fn compare(before: &Stamps, now: &Stamps, changes: &mut Vec<String>) {
    let mut tell = |path: &Path, how: &str| {
        let change = format!("{} ({how})", path.display());
        if !changes.contains(&change) {
            changes.push(change);
        }
    };
    for (path, stamp) in now {
        match before.get(path) {
            None => tell(path, "new"),
            Some(known) if known != stamp => tell(path, "changed"),
            Some(_) => {}
        }
    }
    for path in before.keys().filter(|path| !now.contains_key(*path)) {
        tell(path, "removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap().join("samples");
        let file = |name: &str| folder.join(name);
        fs::create_dir_all(file("a/b")).unwrap();
        for name in ["a/b/kept", "a/b/gone", "changed", "ours"] {
            fs::write(file(name), "1").unwrap();
        }
        let places = places([
            (Some(folder.clone()), Depth::Names),
            (Some(folder.clone()), Depth::Tree),
            (Some(file("none")), Depth::Tree),
            (Some(env::temp_dir()), Depth::Tree),
            (None, Depth::Files),
        ]);
        assert_eq!(places, [(folder.clone(), Depth::Tree)]);
        let outside = Outside::default();
        outside.enter(&places);
        assert!(outside.leave(&places).is_empty());
        fs::write(file("a/b/new"), "").unwrap();
        fs::write(file("changed"), "22").unwrap();
        fs::write(file("ours"), "22").unwrap();
        fs::remove_file(file("a/b/gone")).unwrap();
        outside.accept(&file("ours"));
        let expected = [
            ("a/b/new", "new"),
            ("changed", "changed"),
            ("a/b/gone", "removed"),
        ]
        .map(|(name, how)| format!("{} ({how})", file(name).display()));
        assert_eq!(outside.leave(&places), expected);
        assert!(outside.leave(&places).is_empty());
    }

    #[test]
    fn names_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        fs::write(folder.join("log"), "").unwrap();
        let places = vec![(folder.clone(), Depth::Names)];
        let outside = Outside::default();
        outside.enter(&places);
        fs::write(folder.join("log"), "more").unwrap();
        assert!(outside.leave(&places).is_empty());
        fs::create_dir(folder.join("new")).unwrap();
        assert_eq!(outside.leave(&places).len(), 1);
    }
}
