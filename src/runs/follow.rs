//! Reading a run's output while it grows.
//!
//! New output is looked for in short pauses that get longer while there is
//! none, rather than by notifications of the file system: those do not come
//! for what another machine writes to a shared folder, and whether the run's
//! process is still there has to be asked anyway.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Result, Run, Status};
use crate::base::files;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// The pauses between two looks: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// How long whoever started a run may take to record its end, from the last
/// output on, once the run's process has gone.
const RECORD_WAIT: Duration = Duration::from_secs(3);

/// How following a run's output came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The run does not run, and this is its status.
    Ended(Status),
    /// The run directory has gone.
    Deleted,
    /// The sink wants no more.
    Left,
}

impl Run {
    /// Hands the run's output to `sink`, first what is there and then what is
    /// added, until the run ends. `sink` also gets empty chunks, between pauses
    /// of at most a tenth of a second, and ends it all by returning false.
    ///
    /// A run that is started again in the meantime is followed from the start
    /// of its new output.
    ///
    /// # Errors
    /// The output cannot be read.
    pub fn follow_output(&self, mut sink: impl FnMut(&[u8]) -> bool) -> Result<Followed> {
        let mut reader = OutputReader::of(self);
        let mut chunk = vec![0; CHUNK];
        let mut pause = FIRST_PAUSE;
        let mut going_on = GoingOn::default();
        loop {
            // Asked before reading, so that what is printed last is not missed.
            let goes_on = going_on.check(self);
            let mut is_new = false;
            loop {
                let count = reader.read(&mut chunk)?;
                if !sink(&chunk[..count]) {
                    return Ok(Followed::Left);
                }
                if count == 0 {
                    break;
                }
                is_new = true;
            }
            if is_new {
                pause = FIRST_PAUSE;
                going_on.quiet_since = None;
            }
            if !self.exists() {
                return Ok(Followed::Deleted);
            }
            if !goes_on {
                return Ok(Followed::Ended(self.status()));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether more output may come.
#[derive(Debug, Default)]
struct GoingOn {
    /// The run's process was there.
    ran: bool,
    /// Since when it has gone without anything new.
    quiet_since: Option<Instant>,
}

impl GoingOn {
    fn check(&mut self, run: &Run) -> bool {
        // A pending run that has a process is being started.
        if run.process().is_some() || run.status() == Status::Running {
            self.ran = true;
            self.quiet_since = None;
            return true;
        }
        // Whoever started it still passes on the rest of its output, and takes
        // the lock away when its end is recorded.
        if !self.ran || !run.is_locked() {
            return false;
        }
        self.quiet_since.get_or_insert_with(Instant::now).elapsed() < RECORD_WAIT
    }
}

/// The output file, from start to end, whatever becomes of it.
#[derive(Debug)]
struct OutputReader {
    path: PathBuf,
    file: Option<File>,
    position: u64,
}

impl OutputReader {
    fn of(run: &Run) -> Self {
        Self {
            path: run.output_path(),
            file: None,
            position: 0,
        }
    }

    /// Reads what comes next into `chunk` and tells how much it is; nothing
    /// where there is nothing new or no file.
    fn read(&mut self, chunk: &mut [u8]) -> Result<usize> {
        let failed = |source| files::Error::new("read", &self.path, source);
        if let Some(file) = &self.file {
            let count = read_at(file, chunk, self.position).map_err(failed)?;
            if count > 0 {
                self.position += count as u64;
                return Ok(count);
            }
            if file.metadata().map_err(failed)?.len() < self.position {
                self.position = 0;
            }
            if !self.is_replaced(file) {
                return self.read_more(chunk);
            }
        }
        match files::open(&self.path) {
            Ok(file) => self.file = Some(file),
            Err(error) if error.is_not_found() => return Ok(0),
            Err(error) => return Err(error.into()),
        }
        self.position = 0;
        self.read_more(chunk)
    }

    fn read_more(&mut self, chunk: &mut [u8]) -> Result<usize> {
        let Some(file) = &self.file else { return Ok(0) };
        let count = read_at(file, chunk, self.position)
            .map_err(|source| files::Error::new("read", &self.path, source))?;
        self.position += count as u64;
        Ok(count)
    }

    /// Whether another file has the name by now.
    fn is_replaced(&self, file: &File) -> bool {
        match (fs::metadata(&self.path), file.metadata()) {
            (Ok(now), Ok(open)) => (now.dev(), now.ino()) != (open.dev(), open.ino()),
            _ => false,
        }
    }
}

fn read_at(file: &File, chunk: &mut [u8], position: u64) -> io::Result<usize> {
    loop {
        match file.read_at(chunk, position) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (tempfile::TempDir, Run) {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        fs::write(run.guild_path("opref"), "x").unwrap();
        (dir, run)
    }

    fn rest(reader: &mut OutputReader) -> String {
        let mut text = Vec::new();
        let mut chunk = [0; 3];
        loop {
            match reader.read(&mut chunk).unwrap() {
                0 => return String::from_utf8(text).unwrap(),
                count => text.extend_from_slice(&chunk[..count]),
            }
        }
    }

    #[test]
    fn the_reader_keeps_up_with_what_becomes_of_the_file() {
        let (_dir, run) = run();
        let mut reader = OutputReader::of(&run);
        assert_eq!(rest(&mut reader), "");
        fs::write(run.output_path(), "one\n").unwrap();
        assert_eq!(rest(&mut reader), "one\n");
        fs::write(run.output_path(), "one\ntwo\n").unwrap();
        assert_eq!(rest(&mut reader), "two\n");
        fs::write(run.output_path(), "again\n").unwrap();
        assert_eq!(rest(&mut reader), "again\n");
        files::write_atomic(&run.output_path(), b"another file\n").unwrap();
        assert_eq!(rest(&mut reader), "another file\n");
        fs::remove_file(run.output_path()).unwrap();
        assert_eq!(rest(&mut reader), "");
    }

    #[test]
    fn a_run_that_does_not_run_is_read_to_its_end() {
        let (_dir, run) = run();
        fs::write(run.output_path(), "x".repeat(CHUNK + 1)).unwrap();
        fs::write(run.guild_path("LOCK"), "999999999").unwrap();
        let mut length = 0;
        let followed = run.follow_output(|chunk| {
            length += chunk.len();
            true
        });
        assert_eq!(followed.unwrap(), Followed::Ended(Status::Terminated));
        assert_eq!(length, CHUNK + 1);
    }

    #[test]
    fn the_sink_ends_it_and_so_does_a_run_that_goes_away() {
        let (dir, run) = run();
        let pid = std::process::id().to_string();
        fs::write(run.guild_path("LOCK"), pid).unwrap();
        let followed = run.follow_output(|_| false);
        assert_eq!(followed.unwrap(), Followed::Left);
        fs::write(run.output_path(), "last words\n").unwrap();
        let mut text = Vec::new();
        let followed = run.follow_output(|chunk| {
            text.extend_from_slice(chunk);
            if run.exists() {
                fs::rename(run.dir(), dir.path().join("away")).unwrap();
            }
            true
        });
        assert_eq!(followed.unwrap(), Followed::Deleted);
        assert_eq!(text, b"last words\n");
    }
}
