//! Taking whole runs from one place to another: folders of runs and zip files,
//! copied or moved.
//!
//! A run is put together in a scratch folder beside where it goes and renamed
//! there when it is whole, so that no listing ever shows a part of one. Content
//! is copied in parts; no file is held in memory.

mod folder;
mod scratch;
mod tree;
mod walk;
mod zip_check;
mod zip_entry;
mod zip_extract;
mod zip_link;
mod zip_output;
mod zip_source;
mod zip_target;

#[cfg(test)]
mod tests;

pub use folder::Folder;
pub use zip_source::{Depth, ZipSource};
pub use zip_target::ZipTarget;

use std::io;
use std::path::{Path, PathBuf};

use super::Run;
use crate::base::files;

/// Why runs cannot be transferred.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A run cannot be read.
    #[error(transparent)]
    Run(#[from] super::Error),
    /// Not a zip file at all.
    #[error("File is not a zip file")]
    NotZip,
    /// A zip file that cannot be read as one.
    #[error("damaged zip file ({0})")]
    DamagedZip(String),
    /// An entry of a zip file that is not extracted for a reason.
    #[error("'{name}' {reason}")]
    Entry {
        /// The entry as it is named in the zip file.
        name: String,
        /// What is the matter with it, as the rest of a sentence.
        reason: String,
    },
    /// The runs would not fit on the disk.
    #[error(
        "{} holds {needed} bytes but there is room for {free} bytes in {}",
        archive.display(),
        folder.display()
    )]
    NoRoom {
        /// The zip file.
        archive: PathBuf,
        /// Where it was to be extracted.
        folder: PathBuf,
        /// How much there is to extract.
        needed: u64,
        /// How much may be written.
        free: u64,
    },
    /// A run was to be put into itself.
    #[error("cannot put run {id} into {}, which is inside of it", place.display())]
    IntoItself {
        /// The run.
        id: String,
        /// The folder that it was to go to.
        place: PathBuf,
    },
    /// Another program wrote the zip file meanwhile.
    #[error("{} was changed by another program and is left as it is; run the command again", .0.display())]
    Changed(PathBuf),
    /// A run was deleted while it was being copied.
    #[error("run {0} was changed while it was copied: it has no operation any more")]
    Vanished(String),
    /// A file name that zip files cannot hold.
    #[error("cannot write {} to a zip file: its name is not UTF-8", .0.display())]
    NameNotUtf8(PathBuf),
    /// The program was asked to end by a signal of this number.
    #[error("interrupted")]
    Stopped(i32),
}

impl Error {
    /// Whether everything that comes after will fail for the same reason: the
    /// user asked to end, or nothing can be written any more.
    pub fn is_final(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match self {
            Self::Stopped(_) => true,
            Self::File(error) => matches!(
                error.source.kind(),
                StorageFull | QuotaExceeded | ReadOnlyFilesystem
            ),
            _ => false,
        }
    }
}

/// Result of a transfer.
pub type Result<T> = std::result::Result<T, Error>;

/// Who is told how a transfer goes on, and may end it.
pub trait Observer {
    /// So many bytes more were dealt with.
    fn transferred(&self, bytes: u64);

    /// The number of the signal that asks to end, if one came.
    fn stop_requested(&self) -> Option<i32>;

    /// Something of a run is not as it was, or was left out.
    fn remark(&self, text: &str);
}

/// How runs are transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Whether they are removed where they were.
    pub moves: bool,
    /// Whether what links point at is copied instead of the links.
    pub copies_resources: bool,
}

/// What came of the transfer of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The run is there.
    Done,
    /// Something of that name was there before, and is left as it is.
    Exists,
}

/// Whether `path` is named as a zip file is.
pub fn is_zip_name(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Makes sure that `folder`, which takes `run`, is not inside of it: a copy would
/// hold itself, and what is moved would be lost.
///
/// # Errors
/// It is.
fn check_apart(run: &Run, folder: &Path) -> Result<()> {
    let (Ok(inner), Ok(outer)) = (folder.canonicalize(), run.dir().canonicalize()) else {
        // What is not there is told by what reads it.
        return Ok(());
    };
    match inner.starts_with(outer) {
        true => Err(Error::IntoItself {
            id: run.id().to_string(),
            place: folder.to_path_buf(),
        }),
        false => Ok(()),
    }
}

/// Ends a transfer that was asked to end.
fn check_stop(observer: &dyn Observer) -> Result<()> {
    match observer.stop_requested() {
        Some(signal) => Err(Error::Stopped(signal)),
        None => Ok(()),
    }
}

/// Tells `observer` of copied bytes; an error, which [`copy_error`] knows, if it
/// wants to end.
fn report(observer: &dyn Observer, bytes: u64) -> io::Result<()> {
    observer.transferred(bytes);
    match observer.stop_requested() {
        Some(_) => Err(io::Error::from(io::ErrorKind::Interrupted)),
        None => Ok(()),
    }
}

/// Why copying `from` to `to` failed. What the disk of the copy has to do with
/// is about `to`.
fn copy_error(from: &Path, to: &Path, error: io::Error, observer: &dyn Observer) -> Error {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    if let Some(signal) = observer.stop_requested() {
        return Error::Stopped(signal);
    }
    let about_target = matches!(
        error.kind(),
        StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem
    );
    match about_target {
        true => files::Error::new("write", to, error).into(),
        false => files::Error::new("copy", from, error).into(),
    }
}

/// An observer for transfers that nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn transferred(&self, _bytes: u64) {}

    fn stop_requested(&self) -> Option<i32> {
        None
    }

    fn remark(&self, _text: &str) {}
}
