//! The bytes of files: whole where there are few, else piece by piece.

use std::io::Read;
use std::path::Path;

use crate::base::files;

/// Larger files are only said to differ: lines of both are held in memory.
pub(super) const LARGEST: u64 = 4 << 20;

/// How many bytes at the start of a file decide whether it is text.
const SAMPLE: usize = 8000;

/// Bytes read at a time of files that are not shown.
const CHUNK: usize = 64 * 1024;

/// All bytes of the file at `path`, of a missing one none; nothing where there
/// are more than [`LARGEST`].
pub(super) fn read_small(path: &Path) -> files::Result<Option<Vec<u8>>> {
    let file = match files::open(path) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(Some(Vec::new())),
        Err(error) => return Err(error),
    };
    let failed = |error| files::Error::new("read", path, error);
    if file.metadata().map_err(failed)?.len() > LARGEST {
        return Ok(None);
    }
    // The file of a running process may grow meanwhile.
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

/// Whether the bytes are no text, by a NUL among the first.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(SAMPLE).any(|&byte| byte == 0)
}

/// A file that is read piece by piece.
pub(super) struct Large<'a> {
    path: &'a Path,
    file: std::fs::File,
    /// In bytes, when it was opened.
    pub(super) size: u64,
}

impl<'a> Large<'a> {
    pub(super) fn open(path: &'a Path) -> files::Result<Self> {
        let file = files::open(path)?;
        let size = match file.metadata() {
            Ok(found) => found.len(),
            Err(error) => return Err(files::Error::new("read", path, error)),
        };
        Ok(Self { path, file, size })
    }

    /// The bytes that decide whether it is text.
    pub(super) fn sample(&self) -> files::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = files::open(self.path)?.take(SAMPLE as u64);
        file.read_to_end(&mut bytes)
            .map_err(|error| files::Error::new("read", self.path, error))?;
        Ok(bytes)
    }

    /// Whether both files have the same bytes.
    pub(super) fn same_bytes(mut self, mut other: Self) -> files::Result<bool> {
        if self.size != other.size {
            return Ok(false);
        }
        let (mut old, mut new) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
        loop {
            self.next_chunk(&mut old)?;
            other.next_chunk(&mut new)?;
            if old != new {
                return Ok(false);
            }
            if old.is_empty() {
                return Ok(true);
            }
        }
    }

    fn next_chunk(&mut self, bytes: &mut Vec<u8>) -> files::Result<()> {
        bytes.clear();
        let mut chunk = (&mut self.file).take(CHUNK as u64);
        chunk
            .read_to_end(bytes)
            .map(drop)
            .map_err(|error| files::Error::new("read", self.path, error))
    }
}
