//! Reading what a run's process prints: to the run's files and to the terminal
//! as it comes, and its lines to whoever looks for scalars in them.

use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::base::clock::{now_micros, now_millis};
use crate::runs::{OutputWriter, Run};
use crate::scalars::{self, Lines};

/// How much is read at once.
const BUFFER: usize = 65536;

/// How long a stream may take to finish its line before the other goes on.
/// Python prints a line and its end in two steps; without a pause the lines of
/// both streams would run into each other.
const LINE_PAUSE: Duration = Duration::from_millis(5);

/// Takes the output of both streams of one process.
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Mutex<Shared>>,
    line_ended: Arc<Condvar>,
    quiet: bool,
}

struct Shared {
    writer: Option<OutputWriter>,
    scalars: Option<scalars::Capture>,
    // Per stream, when the line that it is in the middle of was last added to.
    open_lines: [Option<Instant>; 2],
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
            open_lines: [None; 2],
            failure: None,
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
            line_ended: Arc::default(),
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
                    self.begin(stream);
                    if !terminal_gone {
                        // A reader that went away must not end the run.
                        terminal_gone = tee(stream, bytes).is_err();
                    }
                    self.write(|writer| writer.write(stream.number(), bytes, now_millis()));
                    self.look(|look| lines.push(bytes, look));
                    self.finish(stream, bytes.ends_with(b"\n"));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.write(|writer| writer.end(stream.number(), now_millis()));
        self.look(|look| lines.end(look));
        self.finish(stream, true);
    }

    /// Why output could not be written, if it could not.
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    /// Waits for the other stream to finish its line, for a moment at the most.
    fn begin(&self, stream: Stream) {
        let own = usize::from(stream.number());
        let mut shared = self.lock();
        while let Some(at) = shared.open_lines[1 - own] {
            let Some(left) = LINE_PAUSE.checked_sub(at.elapsed()) else {
                break;
            };
            shared = match self.line_ended.wait_timeout(shared, left) {
                Ok((shared, _)) => shared,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        shared.open_lines[own] = Some(Instant::now());
    }

    /// Ends what [`Capture::begin`] began; `is_whole` if a line ends there.
    fn finish(&self, stream: Stream, is_whole: bool) {
        let open = (!is_whole).then(Instant::now);
        self.lock().open_lines[usize::from(stream.number())] = open;
        self.line_ended.notify_all();
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
