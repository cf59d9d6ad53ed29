//! Writing what a run's process prints: its bytes to `output`, and the time
//! and the stream of each line to `output.index`.
//!
//! An index record has nine bytes: milliseconds since the epoch as a big-endian
//! 64-bit integer, then 0 for stdout or 1 for stderr.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::{Result, Run};
use crate::base::files;

/// Bytes below this value do not count as text of a line.
const FIRST_TEXT_BYTE: u8 = 9;

/// Captures the output of one process run. Both streams share the files.
#[derive(Debug)]
pub struct OutputWriter {
    output: File,
    index: File,
    paths: [PathBuf; 2],
    // Per stream: whether there is text since its last line feed.
    open_line: [bool; 2],
}

impl Run {
    /// Starts new, empty output files.
    ///
    /// # Errors
    /// A file cannot be made.
    pub fn create_output(&self) -> Result<OutputWriter> {
        let paths = [self.output_path(), self.output_index_path()];
        Ok(OutputWriter {
            output: files::create(&paths[0])?,
            index: files::create(&paths[1])?,
            paths,
            open_line: [false; 2],
        })
    }
}

impl OutputWriter {
    /// Adds `bytes` that came on `stream` (0 stdout, 1 stderr) at
    /// `millis` since the epoch.
    ///
    /// # Errors
    /// A file cannot be written, such as on a full disk.
    pub fn write(&mut self, stream: u8, bytes: &[u8], millis: i64) -> Result<()> {
        self.output
            .write_all(bytes)
            .map_err(|source| files::Error::new("write", &self.paths[0], source))?;
        let record = record(stream, millis);
        let mut records = Vec::new();
        let open = &mut self.open_line[usize::from(stream.min(1))];
        for &byte in bytes {
            match byte {
                b'\n' => {
                    records.extend_from_slice(&record);
                    *open = false;
                }
                FIRST_TEXT_BYTE.. => *open = true,
                _ => {}
            }
        }
        self.write_index(&records)
    }

    /// Ends `stream`: a last line without a line feed gets its record.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn end(&mut self, stream: u8, millis: i64) -> Result<()> {
        let open = std::mem::take(&mut self.open_line[usize::from(stream.min(1))]);
        if open {
            self.write_index(&record(stream, millis))?;
        }
        Ok(())
    }

    fn write_index(&mut self, records: &[u8]) -> Result<()> {
        self.index
            .write_all(records)
            .map_err(|source| files::Error::new("write", &self.paths[1], source))?;
        Ok(())
    }
}

fn record(stream: u8, millis: i64) -> [u8; 9] {
    let mut record = [0; 9];
    record[..8].copy_from_slice(&millis.to_be_bytes());
    record[8] = stream;
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_gets_a_record_and_so_does_an_open_tail() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.events_dir()).unwrap();
        let mut writer = run.create_output().unwrap();
        writer.write(0, b"one\n\ntw", 0x1a2035e2661).unwrap();
        writer.write(1, b"err\n\x01\x02", 0x1a2035e2997).unwrap();
        writer.write(0, b"o\xff", 0x1a2035e2998).unwrap();
        writer.end(0, 0x1a2035e2999).unwrap();
        // Only bytes below 9 since the last line feed: no record.
        writer.end(1, 0x1a2035e2999).unwrap();
        let output = files::read(&run.output_path()).unwrap();
        assert_eq!(output, b"one\n\ntwerr\n\x01\x02o\xff");
        let index = files::read(&run.output_index_path()).unwrap();
        let expected = [
            record(0, 0x1a2035e2661),
            record(0, 0x1a2035e2661),
            record(1, 0x1a2035e2997),
            record(0, 0x1a2035e2999),
        ];
        assert_eq!(index, expected.concat());
        assert_eq!(index[..9], [0, 0, 1, 0xa2, 3, 0x5e, 0x26, 0x61, 0]);
    }
}
