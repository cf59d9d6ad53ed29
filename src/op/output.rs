//! Reading what a run's process prints: to the run's files and to the terminal
//! as it comes, and its lines to whoever looks for scalars in them.

use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::clock::{now_micros, now_millis};
use crate::runs::{OutputWriter, Run};
use crate::scalars::{self, Lines};

/// How much is read at once.
const BUFFER: usize = 65536;

/// Takes the output of both streams of one process.
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Mutex<Shared>>,
    quiet: bool,
}

struct Shared {
    writer: Option<OutputWriter>,
    scalars: Option<scalars::Capture>,
    // The first failure to write, to be told once at the end.
    failure: Option<String>,
}

/// One of a process's output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    fn number(self) -> u8 {
        match self {
            Stream::Stdout => 0,
            Stream::Stderr => 1,
        }
    }
}

impl Capture {
    /// Starts empty output files in `run`; with `quiet` nothing goes to the
    /// terminal. Lines are offered to `scalars`.
    ///
    /// # Errors
    /// A file cannot be made.
    pub fn new(
        run: &Run,
        quiet: bool,
        scalars: Option<scalars::Capture>,
    ) -> crate::runs::Result<Self> {
        let writer = run.create_output()?;
        let shared = Shared {
            writer: Some(writer),
            scalars,
            failure: None,
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
            quiet,
        })
    }

    /// Reads `input` to its end.
    pub fn read(&self, stream: Stream, mut input: impl Read) {
        let mut buffer = vec![0; BUFFER];
        let mut lines = Lines::default();
        let mut terminal_gone = self.quiet;
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = &buffer[..count];
                    if !terminal_gone {
                        // A reader that went away must not end the run.
                        terminal_gone = tee(stream, bytes).is_err();
                    }
                    self.write(|writer| writer.write(stream.number(), bytes, now_millis()));
                    self.look(|look| lines.push(bytes, look));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.write(|writer| writer.end(stream.number(), now_millis()));
        self.look(|look| lines.end(look));
    }

    /// Why output could not be written, if it could not.
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    fn write(&self, act: impl FnOnce(&mut OutputWriter) -> crate::runs::Result<()>) {
        let mut shared = self.lock();
        let Some(writer) = &mut shared.writer else {
            return;
        };
        if let Err(error) = act(writer) {
            // The process goes on, and so does what the terminal shows of it.
            shared.failure = Some(error.to_string());
            shared.writer = None;
        }
    }

    /// Looks for scalars in the lines that `lines` hands over.
    fn look(&self, lines: impl FnOnce(&mut dyn FnMut(&[u8]))) {
        let mut shared = self.lock();
        let shared = &mut *shared;
        let Some(scalars) = &mut shared.scalars else {
            return;
        };
        let wall_time = now_micros() as f64 / 1e6;
        let mut failure = None;
        lines(&mut |line| {
            if let (None, Err(error)) = (&failure, scalars.line(line, wall_time)) {
                failure = Some(error.to_string());
            }
        });
        if let Some(failure) = failure {
            shared.failure.get_or_insert(failure);
            shared.scalars = None;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        // A panic in the other reader leaves nothing half done in here.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tee(stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
    match stream {
        Stream::Stdout => {
            let mut out = std::io::stdout().lock();
            write_patiently(&mut out, bytes)?;
            patiently(|| out.flush())
        }
        Stream::Stderr => write_patiently(&mut std::io::stderr().lock(), bytes),
    }
}

fn write_patiently(out: &mut impl Write, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match patiently(|| out.write(bytes))? {
            0 => return Err(ErrorKind::WriteZero.into()),
            count => bytes = &bytes[count..],
        }
    }
    Ok(())
}

/// Does `act` again until it is not interrupted and need not wait: another
/// program may have switched the terminal to not waiting.
fn patiently<T>(mut act: impl FnMut() -> std::io::Result<T>) -> std::io::Result<T> {
    loop {
        match act() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Readiness would need the descriptor; a reader that is behind is slow anyway.
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            other => return other,
        }
    }
}
