//! The files of a run that a merge looks at.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::base::files::{self, Error};
use crate::base::folder_trail::{Refusal, Trail};
use crate::runs::{Manifest, Run};

/// The folder that guild keeps in a run for itself.
const GUILD_DIR: &str = ".guild";

/// The paths of all files in the directory of `run`, in their order as texts.
/// Links are followed, each folder is entered once on a way down. Of guild's own
/// folder there are those that `manifest` lists.
///
/// # Errors
/// A folder cannot be listed, or links lead to it without end.
pub(super) fn list(run: &Run, manifest: &Manifest) -> files::Result<Vec<PathBuf>> {
    let mut walk = Walk {
        root: run.dir(),
        trail: Trail::default(),
        found: Vec::new(),
    };
    walk.folder(Path::new(""))?;
    let own = manifest.iter().map(|entry| Path::new(&entry.path));
    let own = own.filter(|path| {
        let plain = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        plain && path.starts_with(GUILD_DIR) && walk.root.join(path).is_file()
    });
    let mut found: Vec<PathBuf> = own.map(Path::to_path_buf).collect();
    found.append(&mut walk.found);
    found.sort_by(|left, right| super::path_cmp(left, right));
    Ok(found)
}

struct Walk<'a> {
    root: &'a Path,
    trail: Trail,
    found: Vec<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) -> files::Result<()> {
        let dir = self.root.join(folder);
        let meta = fs::metadata(&dir).map_err(|source| Error::new("read", &dir, source))?;
        match self.trail.enter(&meta) {
            Ok(()) => {}
            Err(Refusal::Loop) => return Ok(()),
            Err(refusal) => return Err(Error::new("list", &dir, io::Error::other(refusal))),
        }
        for name in files::names(&dir)? {
            let path = folder.join(name);
            if path == Path::new(GUILD_DIR) {
                continue;
            }
            let full = self.root.join(&path);
            match fs::metadata(&full) {
                Ok(meta) if meta.is_dir() => self.folder(&path)?,
                Ok(meta) if meta.is_file() => self.found.push(path),
                // Special files.
                Ok(_) => {}
                // A file that went, or a link to nowhere.
                Err(error) if leads_nowhere(&error) => {}
                Err(source) => return Err(Error::new("read", &full, source)),
            }
        }
        self.trail.leave();
        Ok(())
    }
}

fn leads_nowhere(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    ) || error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32)
}
