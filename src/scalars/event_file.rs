//! An event file that is made with its first value.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Result;
use crate::base::files;
use crate::tfevents::Writer;

/// Where event files go, and who writes them.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) host: String,
    pub(super) pid: u32,
    pub(super) seconds: u64,
}

/// One event file, if it has values.
#[derive(Debug)]
pub(super) struct EventFile {
    place: Place,
    suffix: &'static str,
    open: Option<(PathBuf, Writer<File>)>,
}

impl EventFile {
    /// The file at `place` whose name ends with `suffix`. Nothing is made.
    pub(super) fn new(place: Place, suffix: &'static str) -> Self {
        Self {
            place,
            suffix,
            open: None,
        }
    }

    /// Adds a value by `add`.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub(super) fn write(
        &mut self,
        add: impl FnOnce(&mut Writer<File>) -> std::io::Result<()>,
    ) -> Result<()> {
        let (path, writer) = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(create(&self.place, self.suffix)?),
        };
        add(writer).map_err(|source| files::Error::new("write", path, source))?;
        Ok(())
    }
}

fn create(place: &Place, suffix: &str) -> Result<(PathBuf, Writer<File>)> {
    // Event files are told apart by how many this process has written.
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let Place {
            host, pid, seconds, ..
        } = place;
        let name = format!("events.out.tfevents.{seconds:010}.{host}.{pid}.{count}{suffix}");
        let path = place.dir.join(name);
        // Appending keeps a value whole where others write to the file as well.
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            // The file of another process that had this id within the second.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => {
                let writer = opened.and_then(Writer::new);
                let writer = writer.map_err(|source| files::Error::new("write", &path, source))?;
                return Ok((path, writer));
            }
        }
    }
}
