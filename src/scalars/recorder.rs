//! Scalars that this program measures itself.

use std::path::PathBuf;

use super::Result;
use super::event_file::{EventFile, Place};

/// Writes scalars to an event file of its own, which is made with the first.
#[derive(Debug)]
pub struct Recorder(EventFile);

impl Recorder {
    /// A recorder for `events_dir`; the file is named after `host`, `pid` and the
    /// time of the start in seconds since the epoch.
    pub fn new(events_dir: impl Into<PathBuf>, host: &str, pid: u32, start_seconds: u64) -> Self {
        let place = Place {
            dir: events_dir.into(),
            host: host.to_string(),
            pid,
            seconds: start_seconds,
        };
        Self(EventFile::new(place, ""))
    }

    /// Adds the value of `tag` at `step`, measured at `wall_time` in seconds since
    /// the epoch.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn scalar(&mut self, tag: &str, step: i64, value: f64, wall_time: f64) -> Result<()> {
        self.0
            .write(|file| file.scalar(tag, step, value, wall_time))
    }
}
