//! Reading what a run's process prints: to the run's files and to what shows it, and
//! its lines to whoever looks for scalars in them.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::display::{Display, Stream};
use crate::base::arrivals::{Arrival, Arrivals};
use crate::base::clock::{now_micros, now_millis};
use crate::runs::{OutputWriter, Run};
use crate::scalars::{self, Lines};

/// How much is read at once.
const BUFFER: usize = 65536;

/// How many pieces of output are held that are not written yet.
const BACKLOG: usize = 64;

/// How long a stream may take to finish its line before the other goes on.
/// Python prints a line and its end in two steps; without a pause the lines of
/// both streams would run into each other.
const LINE_PAUSE: Duration = Duration::from_millis(5);

/// Takes the output of both streams of one process.
#[derive(Clone)]
pub struct Capture {
    shared: Arc<Mutex<Shared>>,
    display: Option<Arc<dyn Display>>,
}

struct Shared {
    writer: Option<OutputWriter>,
    scalars: Option<scalars::Capture>,
    // The first failure to write, to be told once at the end.
    failure: Option<String>,
    is_closed: bool,
}

/// What was read at once.
struct Piece {
    /// The number of the pipe.
    input: usize,
    /// None at its end.
    bytes: Vec<u8>,
    /// When, in milliseconds since the epoch.
    millis: i64,
}

/// What is known of a stream that is read.
struct Reading {
    stream: Stream,
    lines: Lines,
    /// What shows it; none where nobody looks, any more or at all.
    display: Option<Arc<dyn Display>>,
}

impl Capture {
    /// Starts empty output files in `run`. What comes is shown by `display`, and its
    /// lines are offered to `scalars`.
    ///
    /// # Errors
    /// A file cannot be made.
    pub fn new(
        run: &Run,
        display: Option<Arc<dyn Display>>,
        scalars: Option<scalars::Capture>,
    ) -> crate::runs::Result<Self> {
        let writer = run.create_output()?;
        let shared = Shared {
            writer: Some(writer),
            scalars,
            failure: None,
            is_closed: false,
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
            display,
        })
    }

    /// Reads the pipes of the process's streams to their ends, in the order in which
    /// something comes. `warn` hears what the user should know of looking for scalars.
    pub fn read(&self, pipes: Vec<(Stream, OwnedFd)>, warn: &mut dyn FnMut(String)) {
        let (streams, pipes): (Vec<_>, Vec<_>) = pipes.into_iter().unzip();
        let mut readings: Vec<_> = streams
            .into_iter()
            .map(|stream| self.reading(stream))
            .collect();
        let (sender, arrived) = sync_channel(BACKLOG);
        // Whoever reads does nothing else, so as not to find several lines of each
        // stream, of which no order is known.
        let failed = sender.clone();
        let read = move || {
            if let Err(error) = Arrivals::of(pipes).and_then(|pipes| hand_on(pipes, &sender)) {
                let _ = sender.send(Err(error));
            }
        };
        if let Err(error) = thread::Builder::new().spawn(read) {
            // There is room: nothing was sent yet.
            let _ = failed.send(Err(error));
        }
        drop(failed);
        for piece in arrived {
            match piece {
                Ok(piece) => self.take(&mut readings[piece.input], &piece, warn),
                Err(error) => {
                    let mut shared = self.lock();
                    shared.failure.get_or_insert(error.to_string());
                }
            }
        }
    }

    fn reading(&self, stream: Stream) -> Reading {
        Reading {
            stream,
            lines: Lines::default(),
            display: self.display.clone(),
        }
    }

    /// Takes what came on a stream; nothing is its end.
    fn take(&self, reading: &mut Reading, piece: &Piece, warn: &mut dyn FnMut(String)) {
        if self.lock().is_closed {
            return;
        }
        let (stream, bytes) = (reading.stream, piece.bytes.as_slice());
        if let Some(display) = &reading.display
            && display.show(stream, bytes).is_err()
        {
            // A reader that went away must not end the run.
            reading.display = None;
        }
        if bytes.is_empty() {
            self.write(|writer| writer.end(stream.number(), piece.millis));
            self.look(|look| reading.lines.end(look), warn);
            return;
        }
        self.write(|writer| writer.write(stream.number(), bytes, piece.millis));
        self.look(|look| reading.lines.push(bytes, look), warn);
    }

    /// Takes nothing that comes from now on: the run has ended, and what others
    /// print is not to be mixed with it.
    pub fn close(&self) {
        let mut shared = self.lock();
        shared.is_closed = true;
        shared.writer = None;
        shared.scalars = None;
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
    fn look(&self, lines: impl FnOnce(&mut dyn FnMut(&[u8])), warn: &mut dyn FnMut(String)) {
        let mut shared = self.lock();
        let shared = &mut *shared;
        let Some(scalars) = &mut shared.scalars else {
            return;
        };
        let wall_time = now_micros() as f64 / 1e6;
        let mut failure = None;
        lines(&mut |line| {
            if let (None, Err(error)) = (&failure, scalars.line(line, wall_time, warn)) {
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

/// Hands what arrives to `sender` until all has ended. A stream that begins a line
/// may finish it before the other goes on, if it takes no longer than a moment.
fn hand_on(mut pipes: Arrivals, sender: &SyncSender<io::Result<Piece>>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    while let Some(arrival) = pipes.next(&mut buffer)? {
        let mut next = Some(arrival);
        let mut deadline = None;
        while let Some(Arrival { input, count }) = next.take() {
            let bytes = buffer[..count].to_vec();
            let is_whole = bytes.last().is_none_or(|&last| last == b'\n');
            let millis = now_millis();
            let piece = Piece {
                input,
                bytes,
                millis,
            };
            if sender.send(Ok(piece)).is_err() {
                return Ok(());
            }
            if !is_whole {
                let deadline = *deadline.get_or_insert_with(|| Instant::now() + LINE_PAUSE);
                let left = deadline.saturating_duration_since(Instant::now());
                next = pipes.next_on(input, left, &mut buffer)?;
            }
        }
    }
    Ok(())
}
