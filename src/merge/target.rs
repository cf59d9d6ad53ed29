//! The folder that files are copied to, and what stands in their way there.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Error, Result};
use crate::base::files;

/// How much of two files is compared at once, in bytes.
const BLOCK: usize = 65536;

/// Why a file must not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Hazard {
    /// Its path leads out of the target, by itself or through a link.
    #[error("it is outside of the directory")]
    Outside,
    /// It belongs to git or guild.
    #[error("it belongs to git or guild")]
    Private,
    /// A folder has its name.
    #[error("it is a directory")]
    Directory,
    /// A link has its name; what the link leads to must not change.
    #[error("it is a link")]
    Link,
    /// A pipe, a socket or a device has its name.
    #[error("it is not a regular file")]
    Special,
    /// It is write-protected.
    #[error("it is read-only")]
    ReadOnly,
    /// A file has the name of a folder on the way to it.
    #[error("a file is in the place of its directory")]
    NoFolder,
}

/// What tells one content of a file from a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// What is where a file is to be put.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Missing,
    /// A file with the same bytes.
    Same,
    /// A file with other bytes.
    Different(Stamp),
    /// Something that must not be written.
    Hazard(Hazard),
}

/// A folder that files are copied to. It need not exist.
#[derive(Debug, Clone)]
pub(super) struct Target {
    dir: PathBuf,
    /// Its path without links; none where it does not exist.
    real: Option<PathBuf>,
}

impl Target {
    pub(super) fn new(dir: &Path) -> Result<Self> {
        let real = match fs::canonicalize(dir) {
            Ok(real) if real.is_dir() => Some(real),
            Ok(_) => return Err(Error::NotADirectory(dir.to_path_buf())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(files::Error::new("read", dir, source).into()),
        };
        Ok(Self {
            dir: dir.to_path_buf(),
            real,
        })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What is at `path` below the folder, held against the file `source`.
    pub(super) fn find(&self, path: &Path, source: &Path) -> Result<Found> {
        let full = self.dir.join(path);
        if is_private(path) {
            return Ok(Found::Hazard(Hazard::Private));
        }
        let is_same = match fs::metadata(&full) {
            Ok(meta) if meta.is_file() => same_bytes(&full, source)?,
            _ => false,
        };
        if is_same {
            return Ok(Found::Same);
        }
        self.look(path)
    }

    /// What is at `path` below the folder, whatever is in it.
    pub(super) fn look(&self, path: &Path) -> Result<Found> {
        if let Some(hazard) = self.hazard_on_the_way(path)? {
            return Ok(Found::Hazard(hazard));
        }
        let full = self.dir.join(path);
        let meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(source) => return Err(files::Error::new("read", &full, source).into()),
        };
        Ok(match meta.file_type() {
            kind if kind.is_symlink() => Found::Hazard(Hazard::Link),
            kind if kind.is_dir() => Found::Hazard(Hazard::Directory),
            kind if !kind.is_file() => Found::Hazard(Hazard::Special),
            _ if meta.permissions().readonly() => Found::Hazard(Hazard::ReadOnly),
            _ => Found::Different(Stamp::of(&meta)),
        })
    }

    /// What is wrong with the folders on the way to `path`: the nearest one that
    /// exists must be a folder inside the target.
    fn hazard_on_the_way(&self, path: &Path) -> Result<Option<Hazard>> {
        let Some(real) = &self.real else {
            return Ok(None);
        };
        for above in path.ancestors().skip(1) {
            let full = self.dir.join(above);
            match fs::symlink_metadata(&full) {
                Ok(_) => {}
                Err(error) if is_missing(&error) => continue,
                Err(source) => return Err(files::Error::new("read", &full, source).into()),
            }
            return Ok(match fs::canonicalize(&full) {
                Ok(folder) if !folder.is_dir() => Some(Hazard::NoFolder),
                Ok(folder) => match folder.strip_prefix(real) {
                    Ok(below) => is_private(below).then_some(Hazard::Private),
                    Err(_) => Some(Hazard::Outside),
                },
                // A link to nowhere.
                Err(_) => Some(Hazard::NoFolder),
            });
        }
        Ok(None)
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether the path is in the folder that git or guild keeps in a project.
fn is_private(path: &Path) -> bool {
    let first = path.components().next();
    first.is_some_and(|part| {
        let name = part.as_os_str();
        [".git", ".guild"]
            .iter()
            .any(|private| name.eq_ignore_ascii_case(private))
    })
}

fn same_bytes(left: &Path, right: &Path) -> files::Result<bool> {
    let (mut left_file, mut right_file) = (files::open(left)?, files::open(right)?);
    let size = |file: &File, path| {
        let meta = file.metadata();
        meta.map(|meta| meta.len())
            .map_err(|source| files::Error::new("read", path, source))
    };
    if size(&left_file, left)? != size(&right_file, right)? {
        return Ok(false);
    }
    let (mut left_block, mut right_block) = (vec![0; BLOCK], vec![0; BLOCK]);
    loop {
        let left_part = read_block(&mut left_file, &mut left_block, left)?;
        let right_part = read_block(&mut right_file, &mut right_block, right)?;
        if left_part != right_part {
            return Ok(false);
        }
        if left_part.is_empty() {
            return Ok(true);
        }
    }
}

/// The next bytes of a file: as many as `block` holds, fewer at its end.
fn read_block<'a>(file: &mut File, block: &'a mut [u8], path: &Path) -> files::Result<&'a [u8]> {
    let mut filled = 0;
    while filled < block.len() {
        match file.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(files::Error::new("read", path, source)),
        }
    }
    Ok(&block[..filled])
}
