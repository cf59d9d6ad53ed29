//! Reading what a run's process printed, with the time and the stream of each
//! line from `output.index`; see [`super::OutputWriter`] for the format.
//!
//! An index that is missing, short or damaged leaves lines without a record; it
//! never hides output.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::PathBuf;

use super::{Result, Run};
use crate::base::files;

/// What the index says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRecord {
    /// When its end was read, in milliseconds since the epoch.
    pub millis: i64,
    /// Whether it came on stderr rather than on stdout.
    pub is_error: bool,
}

/// A piece of a line of output: all of it, unless it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePiece {
    /// Bytes, with the line feed if the piece ends the line.
    pub bytes: Vec<u8>,
    /// Whether the line starts with this piece.
    pub starts_line: bool,
    /// What the index says of the line, if it does.
    pub record: Option<LineRecord>,
}

/// The output of a run in pieces of bounded size, in order.
#[derive(Debug)]
pub struct OutputLines {
    output: BufReader<File>,
    index: Option<BufReader<File>>,
    path: PathBuf,
    at_start: bool,
    record: Option<LineRecord>,
}

impl Run {
    /// The output so far, line by line.
    ///
    /// # Errors
    /// There is no output, or it cannot be read.
    pub fn output_lines(&self) -> Result<OutputLines> {
        let path = self.output_path();
        Ok(OutputLines {
            output: BufReader::new(files::open(&path)?),
            index: files::open(&self.output_index_path())
                .ok()
                .map(BufReader::new),
            path,
            at_start: true,
            record: None,
        })
    }
}

impl OutputLines {
    fn piece(&mut self) -> io::Result<Option<LinePiece>> {
        let buffer = loop {
            match self.output.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let bytes = buffer[..end.map_or(buffer.len(), |end| end + 1)].to_vec();
        self.output.consume(bytes.len());
        let starts_line = std::mem::replace(&mut self.at_start, end.is_some());
        if starts_line {
            self.record = self.next_record();
        }
        Ok(Some(LinePiece {
            bytes,
            starts_line,
            record: self.record,
        }))
    }

    fn next_record(&mut self) -> Option<LineRecord> {
        let mut record = [0; 9];
        let index = self.index.as_mut()?;
        let [millis @ .., stream] = match index.read_exact(&mut record) {
            Ok(()) => record,
            Err(_) => {
                // What follows would be read out of step.
                self.index = None;
                return None;
            }
        };
        Some(LineRecord {
            millis: i64::from_be_bytes(millis),
            is_error: stream != 0,
        })
    }
}

impl Iterator for OutputLines {
    type Item = Result<LinePiece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.piece()
            .map_err(|source| files::Error::new("read", &self.path, source).into())
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run() -> (tempfile::TempDir, Run) {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.events_dir()).unwrap();
        (dir, run)
    }

    #[test]
    fn lines_come_with_their_time_and_stream() {
        let (_dir, run) = run();
        let mut writer = run.create_output().unwrap();
        writer.write(0, b"one\n", 5).unwrap();
        writer.write(1, b"two", 6).unwrap();
        writer.end(1, 7).unwrap();
        let pieces: Vec<_> = run.output_lines().unwrap().map(Result::unwrap).collect();
        let record = |millis, is_error| Some(LineRecord { millis, is_error });
        assert_eq!(pieces[0].bytes, b"one\n");
        assert_eq!(pieces[0].record, record(5, false));
        assert_eq!(pieces[1].bytes, b"two");
        assert_eq!(pieces[1].record, record(7, true));
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn a_long_line_comes_in_pieces() {
        let (_dir, run) = run();
        let mut writer = run.create_output().unwrap();
        writer.write(0, &[b'x'; 100_000], 5).unwrap();
        writer.write(0, b"\ny\n", 6).unwrap();
        let pieces: Vec<_> = run.output_lines().unwrap().map(Result::unwrap).collect();
        let starts: Vec<_> = pieces.iter().filter(|piece| piece.starts_line).collect();
        assert_eq!(starts.len(), 2);
        assert!(pieces.len() > 2);
        assert_eq!(
            pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>(),
            100_003
        );
        assert!(pieces.iter().all(|piece| piece.record == starts[0].record));
    }

    #[test]
    fn a_damaged_index_hides_nothing() {
        let (_dir, run) = run();
        let mut writer = run.create_output().unwrap();
        writer.write(0, b"one\ntwo\n", 5).unwrap();
        std::fs::write(run.output_index_path(), [0; 13]).unwrap();
        let pieces: Vec<_> = run.output_lines().unwrap().map(Result::unwrap).collect();
        assert!(pieces[0].record.is_some());
        assert_eq!(pieces[1].record, None);
        std::fs::remove_file(run.output_index_path()).unwrap();
        assert_eq!(run.output_lines().unwrap().count(), 2);
    }

    proptest! {
        #[test]
        fn whole_lines_read_as_they_were_written(
            lines in prop::collection::vec(("[a-z\u{e9} ]{0,60}", 0..2_u8, 0..i64::MAX), 0..6)
        ) {
            let (_dir, run) = run();
            let mut writer = run.create_output().unwrap();
            for (text, stream, millis) in &lines {
                writer.write(*stream, format!("{text}\n").as_bytes(), *millis).unwrap();
            }
            let mut read: Vec<(Vec<u8>, Option<LineRecord>)> = Vec::new();
            for piece in run.output_lines().unwrap() {
                let piece = piece.unwrap();
                match read.last_mut() {
                    Some((bytes, _)) if !piece.starts_line => bytes.extend(piece.bytes),
                    _ => read.push((piece.bytes, piece.record)),
                }
            }
            let written: Vec<_> = lines
                .iter()
                .map(|(text, stream, millis)| {
                    let record = LineRecord { millis: *millis, is_error: *stream == 1 };
                    (format!("{text}\n").into_bytes(), Some(record))
                })
                .collect();
            prop_assert_eq!(read, written);
        }
    }
}
