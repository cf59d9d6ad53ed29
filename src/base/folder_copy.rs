//! Copies of folders that stand alone.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Component, Path, PathBuf};

use super::file_copy;
use super::files::{self, Error, Result};
use super::folder_trail::{Identity, Refusal, Trail, identity};
use super::paths;

/// How many of the folders that links lead around to are named.
const MOST_REFUSED: usize = 20;

/// Copies the file at `from` to the new file `to`: content, permission bits, time
/// of modification. Blocks are shared where the file system can.
///
/// # Errors
/// `from` cannot be read, or `to` not be written.
pub fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let source = files::open(from)?;
    let copy = || {
        let meta = source.metadata()?;
        let written = fs::File::create_new(to)?;
        file_copy::copy_contents(&source, &written, meta.len(), &mut |_| Ok(()))?;
        written.set_times(fs::FileTimes::new().set_modified(meta.modified()?))?;
        written.set_permissions(meta.permissions())
    };
    copy().map_err(|error| Error::new("copy", from, error))
}

/// Copies the folder at `from` to the new folder `to` with all that is in it. A
/// link to something else in the folder leads to the copy of that; what other
/// links lead to is copied in their place. The folders `left_out`, such as one
/// that `to` is in, are no part of it; what is no file, folder or link is left out
/// with a word to `warn`, as is a folder that links lead to without end.
///
/// # Errors
/// Something cannot be read or written; what was copied until then stays.
pub fn copy_folder(
    from: &Path,
    to: &Path,
    left_out: &[&Path],
    warn: &mut dyn FnMut(String),
) -> Result<()> {
    let unreadable = |error| Error::new("read", from, error);
    let root = from.canonicalize().map_err(unreadable)?;
    let meta = fs::metadata(&root).map_err(unreadable)?;
    let known = left_out.iter().filter_map(|path| fs::metadata(path).ok());
    let mut copy = FolderCopy {
        root: root.clone(),
        left_out: known.map(|meta| identity(&meta)).collect(),
        trail: Trail::default(),
        followed: 0,
        refused: 0,
        warn,
    };
    copy.folder(Place::new(&root, from), to, &meta)?;
    let more = copy.refused.saturating_sub(MOST_REFUSED);
    if more > 0 {
        let path = from.display();
        (copy.warn)(format!(
            "{path}: skipping {more} more that links lead back to"
        ));
    }
    Ok(())
}

/// Something that is copied.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// Its path, with no link among the folders above it.
    real: &'a Path,
    /// Its path as the user would have it.
    shown: &'a Path,
}

impl<'a> Place<'a> {
    fn new(real: &'a Path, shown: &'a Path) -> Self {
        Self { real, shown }
    }
}

struct FolderCopy<'a> {
    /// The folder itself, by the path without links.
    root: PathBuf,
    left_out: Vec<Identity>,
    trail: Trail,
    /// How many links were followed to where the copy is. What is behind them has
    /// another place in the copy than in the folder.
    followed: usize,
    /// How many folders were not entered for the links on the way to them.
    refused: usize,
    warn: &'a mut dyn FnMut(String),
}

impl FolderCopy<'_> {
    fn folder(&mut self, from: Place<'_>, to: &Path, meta: &Metadata) -> Result<()> {
        match self.trail.enter(meta) {
            Ok(()) => {}
            Err(refusal) => {
                self.refuse(from, refusal);
                return Ok(());
            }
        }
        files::create_dir(to)?;
        let mut names = files::names(from.real)?;
        names.sort_unstable();
        for name in names {
            let (real, shown) = (from.real.join(&name), from.shown.join(&name));
            self.entry(Place::new(&real, &shown), &to.join(&name))?;
        }
        self.trail.leave();
        // Only now: a folder that may not be written takes no files.
        file_copy::set_attributes(to, meta.mode(), meta.modified().ok())
    }

    fn entry(&mut self, from: Place<'_>, to: &Path) -> Result<()> {
        let meta = match fs::symlink_metadata(from.real) {
            Ok(meta) => meta,
            // Gone since it was listed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::new("read", from.shown, error)),
        };
        match meta.is_symlink() {
            true => self.link(from, to),
            false => self.real(from, to, &meta),
        }
    }

    fn real(&mut self, from: Place<'_>, to: &Path, meta: &Metadata) -> Result<()> {
        if meta.is_dir() && self.left_out.contains(&identity(meta)) {
            Ok(())
        } else if meta.is_dir() {
            self.folder(from, to, meta)
        } else if meta.is_file() {
            copy_file(from.real, to)
        } else {
            let path = from.shown.display();
            (self.warn)(format!("{path} is no file or folder, skipping"));
            Ok(())
        }
    }

    fn link(&mut self, from: Place<'_>, to: &Path) -> Result<()> {
        let unreadable = |error| Error::new("read", from.shown, error);
        let target = fs::read_link(from.real).map_err(unreadable)?;
        let behind = from.real.canonicalize().and_then(|path| {
            let meta = fs::metadata(&path)?;
            Ok((path, meta))
        });
        let target = match behind {
            // What leads nowhere leads nowhere in the copy.
            Err(_) => target,
            Ok((path, meta)) => {
                let is_within = self.followed == 0 && path.starts_with(&self.root);
                if is_within && self.stays_inside(from.real, &target) {
                    target
                } else if self.trail.refusal(&meta) == Some(Refusal::Loop) {
                    self.refuse(from, Refusal::Loop);
                    return Ok(());
                } else if is_within {
                    let folder = from.real.parent().unwrap_or(&self.root);
                    paths::relative_path(folder, &path)
                } else {
                    self.followed += 1;
                    let copied = self.real(Place::new(&path, from.shown), to, &meta);
                    self.followed -= 1;
                    return copied;
                }
            }
        };
        symlink(target, to).map_err(|error| Error::new("write", to, error))
    }

    /// Whether `target`, the text of the link at `from`, says how to go there without
    /// going out of the folder, so that it says the same in the copy.
    fn stays_inside(&self, from: &Path, target: &Path) -> bool {
        let below = from.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let mut depth = below.components().count().saturating_sub(1);
        target.components().all(|part| match part {
            Component::Normal(_) => {
                depth += 1;
                true
            }
            Component::CurDir => true,
            Component::ParentDir => {
                let is_below = depth > 0;
                depth = depth.saturating_sub(1);
                is_below
            }
            Component::RootDir | Component::Prefix(_) => false,
        })
    }

    fn refuse(&mut self, from: Place<'_>, refusal: Refusal) {
        self.refused += 1;
        if self.refused > MOST_REFUSED {
            return;
        }
        let path = from.shown.display();
        (self.warn)(match refusal {
            Refusal::Loop => format!("{path} leads back to where it is, skipping"),
            Refusal::TooOften => format!("{path}: {refusal}, skipping"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stands_alone() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("from/sub")).unwrap();
        fs::create_dir_all(at("runs/1")).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        fs::write(at("elsewhere/far"), "far").unwrap();
        fs::write(at("from/sub/file"), "near").unwrap();
        symlink("sub/file", at("from/inside")).unwrap();
        symlink(at("elsewhere"), at("from/outside")).unwrap();
        symlink(at("elsewhere/far"), at("from/far")).unwrap();
        symlink("nothing", at("from/nowhere")).unwrap();
        symlink(at("from"), at("from/sub/circle")).unwrap();
        fs::rename(at("runs"), at("from/runs")).unwrap();
        let mut told = Vec::new();
        let left_out = at("from/runs");
        copy_folder(&at("from"), &at("to"), &[&left_out], &mut |text| {
            told.push(text);
        })
        .unwrap();
        fs::remove_dir_all(at("from")).unwrap();
        fs::remove_dir_all(at("elsewhere")).unwrap();
        let read = |path: &str| fs::read_to_string(at(path)).unwrap();
        assert_eq!(read("to/inside"), "near");
        assert_eq!(read("to/outside/far"), "far");
        assert_eq!(read("to/far"), "far");
        assert!(fs::symlink_metadata(at("to/nowhere")).unwrap().is_symlink());
        assert!(!at("to/runs").exists() && !at("to/sub/circle").exists());
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn links_lead_to_the_copy_wherever_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("from/sub")).unwrap();
        fs::create_dir_all(at("elsewhere/sub")).unwrap();
        fs::write(at("from/sub/file"), "near").unwrap();
        fs::write(at("from/top"), "top").unwrap();
        fs::write(at("elsewhere/top"), "far").unwrap();
        symlink("../top", at("from/sub/plain")).unwrap();
        symlink("../../from/top", at("from/sub/around")).unwrap();
        symlink(at("from/sub"), at("from/absolute")).unwrap();
        // From outside of the folder into it, and around outside of it.
        symlink(at("elsewhere"), at("from/out")).unwrap();
        symlink("../top", at("elsewhere/sub/up")).unwrap();
        symlink("../from/sub", at("elsewhere/back")).unwrap();
        copy_folder(&at("from"), &at("deep"), &[], &mut |text| panic!("{text}")).unwrap();
        fs::create_dir_all(at("other/place")).unwrap();
        fs::rename(at("deep"), at("other/place/to")).unwrap();
        fs::remove_dir_all(at("from")).unwrap();
        fs::remove_dir_all(at("elsewhere")).unwrap();
        let read = |path: &str| fs::read_to_string(at("other/place/to").join(path)).unwrap();
        assert_eq!(read("sub/plain"), "top");
        assert_eq!(read("sub/around"), "top");
        assert_eq!(read("absolute/file"), "near");
        assert_eq!(read("out/sub/up"), "far");
        assert_eq!(read("out/back/file"), "near");
        assert_eq!(read("out/back/plain"), "top");
    }

    #[test]
    fn folders_full_of_links_to_each_other_come_to_an_end() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            fs::create_dir_all(at("maze").join(name)).unwrap();
            for other in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                symlink(format!("../{other}"), at("maze").join(name).join(other)).unwrap();
            }
        }
        fs::create_dir(at("from")).unwrap();
        symlink(at("maze"), at("from/maze")).unwrap();
        let mut told = Vec::new();
        copy_folder(&at("from"), &at("to"), &[], &mut |text| told.push(text)).unwrap();
        assert_eq!(told.len(), MOST_REFUSED + 1);
        assert!(told[MOST_REFUSED].contains("more that links lead back to"));
    }
}
