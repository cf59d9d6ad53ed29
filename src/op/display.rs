//! Showing what runs print while they run, as it comes or line by line.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How much of a line without an end is held back, in bytes.
const LONGEST_LINE: usize = 1 << 16;

/// One of a process's output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// Its number, as the files of runs have it.
    pub(super) fn number(self) -> u8 {
        match self {
            Stream::Stdout => 0,
            Stream::Stderr => 1,
        }
    }
}

/// What shows the output of a run, beside the files that keep it.
pub trait Display: Send + Sync {
    /// Shows what came on `stream`; nothing is its end.
    ///
    /// # Errors
    /// It cannot be shown, such as where a reader went away. Then no more comes.
    fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()>;
}

/// Shows output as it comes, on the streams of this process that are called the same.
#[derive(Debug, Clone, Copy)]
pub struct AsItComes;

impl Display for AsItComes {
    fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Stdout => {
                let mut out = io::stdout().lock();
                write_patiently(&mut out, bytes)?;
                patiently(|| out.flush())
            }
            Stream::Stderr => write_patiently(&mut io::stderr().lock(), bytes),
        }
    }
}

/// Shows whole lines only, each with a word before it that says whose it is, so that
/// the output of several runs can be told apart. Of a line that was written over,
/// as progress bars are, the last state is shown.
pub struct WholeLines<D> {
    prefix: Vec<u8>,
    below: D,
    /// The beginning of a line of each stream.
    begun: [Mutex<Vec<u8>>; 2],
}

impl<D: Display> WholeLines<D> {
    /// Has `below` show lines with `prefix` before them.
    pub fn new(prefix: &str, below: D) -> Self {
        Self {
            prefix: prefix.as_bytes().to_vec(),
            below,
            begun: Default::default(),
        }
    }

    fn take_line(&self, line: &[u8], lines: &mut Vec<u8>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let shown = line.rsplit(|&byte| byte == b'\r').next().unwrap_or(line);
        lines.extend_from_slice(&self.prefix);
        lines.extend_from_slice(shown);
        lines.push(b'\n');
    }
}

impl<D: Display> Display for WholeLines<D> {
    fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let begun = &self.begun[usize::from(stream.number())];
        // What is in there is whole at every instant.
        let mut begun = begun.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        begun.extend_from_slice(bytes);
        while let Some(end) = begun.iter().position(|&byte| byte == b'\n') {
            self.take_line(&begun[..end], &mut lines);
            begun.drain(..=end);
        }
        let is_last = bytes.is_empty() && !begun.is_empty();
        if is_last || begun.len() > LONGEST_LINE {
            self.take_line(&begun, &mut lines);
            begun.clear();
        }
        match lines.is_empty() {
            true => Ok(()),
            // At once, so that nothing comes between a line and its end.
            false => self.below.show(stream, &lines),
        }
    }
}

fn write_patiently(out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
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
fn patiently<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match act() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Readiness would need the descriptor; a reader that is behind is slow anyway.
                thread::sleep(Duration::from_millis(2));
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it is to show.
    #[derive(Default)]
    struct Kept(Mutex<Vec<(Stream, String)>>);

    impl Display for &Kept {
        fn show(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.0.lock().unwrap().push((stream, text));
            Ok(())
        }
    }

    fn shown(pieces: &[(Stream, &str)]) -> Vec<(Stream, String)> {
        let kept = Kept::default();
        let lines = WholeLines::new("[a] ", &kept);
        for (stream, text) in pieces {
            lines.show(*stream, text.as_bytes()).unwrap();
        }
        kept.0.into_inner().unwrap()
    }

    #[test]
    fn lines_are_shown_when_they_are_whole() {
        use Stream::{Stderr, Stdout};
        let pieces = [
            (Stdout, "one\ntwo"),
            (Stderr, "err"),
            (Stdout, " more\n"),
            (Stderr, ""),
            (Stdout, ""),
        ];
        let expected = [
            (Stdout, "[a] one\n".to_string()),
            (Stdout, "[a] two more\n".to_string()),
            (Stderr, "[a] err\n".to_string()),
        ];
        assert_eq!(shown(&pieces), expected);
    }

    #[test]
    fn of_a_line_that_was_written_over_the_last_state_is_shown() {
        let pieces = [(Stream::Stdout, "10%\r20%\r30%\r\nend\r\n\n")];
        let expected = [(Stream::Stdout, "[a] 30%\n[a] end\n[a] \n".to_string())];
        assert_eq!(shown(&pieces), expected);
    }

    #[test]
    fn a_line_without_an_end_is_not_held_back_for_ever() {
        let long = "x".repeat(LONGEST_LINE + 1);
        assert_eq!(shown(&[(Stream::Stdout, &long)]).len(), 1);
    }
}
