//! Files that take what processes write. Nobody has to read them while a spec
//! runs; a flood is thrown away before it fills the disk.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::escape::text;
use crate::secrets::Secrets;

/// A log that processes write to.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    most: u64,
}

impl Log {
    /// What is to be written to.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// How many bytes there are.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Makes the file. `most` is the size in bytes at which it is emptied.
    pub fn create(path: &Path, most: u64) -> io::Result<Self> {
        // To be appended to, so that writing goes on at the start when it is
        // emptied.
        let file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        Ok(Log { file, most })
    }

    /// Empties it if it has grown too long.
    pub fn limit(&mut self) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        if size > self.most {
            self.file.set_len(0)?;
            writeln!(self.file, "[log cut: {size} bytes before]")?;
        }
        Ok(())
    }

    /// Takes secrets out of it.
    pub fn hide(&mut self, secrets: &Secrets) -> io::Result<()> {
        if secrets.is_empty() {
            return Ok(());
        }
        self.limit()?;
        let mut log = text(&self.tail(u64::MAX)?);
        secrets.hide(&mut log);
        self.file.set_len(0)?;
        self.file.write_all(log.as_bytes())
    }

    /// The end of it, at most so many bytes.
    pub fn tail(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let size = self.file.metadata()?.len();
        self.file.seek(SeekFrom::Start(size.saturating_sub(most)))?;
        let mut bytes = Vec::new();
        (&self.file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
