//! The file that a zip file is written to.
//!
//! The writer of zip files ends a file when it is dropped, and complains on
//! stderr where it cannot; so after an error, and once the file is given up,
//! nothing more is written, and the writer is told that all is well.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

/// What the writer writes to.
#[derive(Debug)]
pub(super) struct Output {
    file: File,
    is_broken: Rc<Cell<bool>>,
    /// Position and length that the file would have, had it been written on.
    supposed: Option<(u64, u64)>,
}

/// The same file, for whoever owns the writer. The file is given up when this is
/// dropped.
#[derive(Debug)]
pub(super) struct OutputHandle {
    file: File,
    is_broken: Rc<Cell<bool>>,
}

impl Output {
    /// Writes to `file` from its start.
    ///
    /// # Errors
    /// The system has no room for another descriptor.
    pub(super) fn new(file: File) -> io::Result<(Self, OutputHandle)> {
        let handle = OutputHandle {
            file: file.try_clone()?,
            is_broken: Rc::default(),
        };
        let output = Self {
            file,
            is_broken: Rc::clone(&handle.is_broken),
            supposed: None,
        };
        Ok((output, handle))
    }

    /// The file itself.
    pub(super) fn into_file(self) -> File {
        self.file
    }

    /// Position and length, once nothing is written any more.
    fn supposed(&mut self) -> io::Result<Option<(u64, u64)>> {
        if self.is_broken.get() && self.supposed.is_none() {
            let position = self.file.stream_position()?;
            self.supposed = Some((position, self.file.metadata()?.len().max(position)));
        }
        Ok(self.supposed)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some((position, length)) = self.supposed()? {
            let position = position.saturating_add(bytes.len() as u64);
            self.supposed = Some((position, length.max(position)));
            return Ok(bytes.len());
        }
        let written = self.file.write(bytes);
        let is_error = |error: &io::Error| error.kind() != io::ErrorKind::Interrupted;
        if written.as_ref().is_err_and(is_error) {
            self.is_broken.set(true);
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for Output {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for Output {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let Some((position, length)) = self.supposed()? else {
            return self.file.seek(to);
        };
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => position.checked_add_signed(offset),
            SeekFrom::End(offset) => length.checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.supposed = Some((position, length));
        Ok(position)
    }
}

impl OutputHandle {
    /// The file itself.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether something could not be written.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.get()
    }

    /// Ends the file where the writer stands.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn cut_off(&self) -> io::Result<()> {
        if self.is_broken() {
            return Ok(());
        }
        // Both descriptors have one position.
        let position = (&self.file).stream_position()?;
        self.file.set_len(position)
    }
}

impl Drop for OutputHandle {
    fn drop(&mut self) {
        self.is_broken.set(true);
    }
}
