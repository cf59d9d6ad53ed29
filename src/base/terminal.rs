//! The terminal: its size, waiting for what the user types, whether anybody reads
//! on, and keeping text from steering it.

use std::borrow::Cow;

/// The width in characters of the terminal on stdout, stderr or stdin.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}

/// The height in lines of that terminal.
pub fn rows() -> Option<usize> {
    terminal_size::terminal_size().map(|(_, terminal_size::Height(height))| usize::from(height))
}

/// Whether anybody may still read what is written to `stream`: false for a pipe whose
/// reader has closed it.
pub fn has_reader(stream: impl std::os::fd::AsFd) -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    // Errors are always told, whatever is asked for.
    let mut sources = [PollFd::new(stream.as_fd(), PollFlags::empty())];
    let asked = poll(&mut sources, PollTimeout::ZERO);
    let told = sources[0].revents().unwrap_or(PollFlags::empty());
    asked.is_err() || !told.intersects(PollFlags::POLLERR | PollFlags::POLLNVAL)
}

/// `text` with a sign in the place of each control character, which a terminal
/// would obey: `\u{241b}` for an escape. It stays as long as it is.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(sign).collect())
}

/// The same but for line ends, tabs and colours, which may stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(steers) {
        let (before, from) = rest.split_at(start);
        shown.push_str(before);
        let kept = colour_length(from);
        let taken = if kept == 0 {
            let control = from.chars().next().unwrap_or_default();
            shown.push(sign(control));
            control.len_utf8()
        } else {
            shown.push_str(&from[..kept]);
            kept
        };
        rest = &from[taken..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// How many bytes at the start of `text` set colours (`ESC [ numbers m`).
fn colour_length(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\x1b[") else {
        return 0;
    };
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';');
    match end {
        Some(end) if numbers[end..].starts_with('m') => "\x1b[".len() + end + 1,
        _ => 0,
    }
}

/// What stands for a control character: its picture where Unicode has one.
fn sign(c: char) -> char {
    match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        0x80..0xa0 => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// Does `ask` and waits for a line on the terminal that stdin is; false if the
/// user presses Ctrl-C from then on, which then does not end the program. Where
/// this cannot be told apart it returns at once, and Ctrl-C ends the program.
#[cfg(target_os = "linux")]
pub fn wait_for_line(ask: impl FnOnce()) -> bool {
    use std::os::fd::AsFd;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::{SfdFlags, SignalFd};

    let mut interrupt = SigSet::empty();
    interrupt.add(Signal::SIGINT);
    let signals = SignalFd::with_flags(&interrupt, SfdFlags::SFD_CLOEXEC);
    let (Ok(signals), Ok(())) = (signals, interrupt.thread_block()) else {
        ask();
        return true;
    };
    ask();
    let stdin = std::io::stdin();
    let mut sources = [
        PollFd::new(stdin.as_fd(), PollFlags::POLLIN),
        PollFd::new(signals.as_fd(), PollFlags::POLLIN),
    ];
    while poll(&mut sources, PollTimeout::NONE) == Err(nix::Error::EINTR) {}
    let interrupted = sources[1].any().unwrap_or(false);
    if interrupted {
        // Taken, so that it is not delivered once it is let through again.
        let _ = signals.read_signal();
    }
    // The mask was just changed with success; there is no other way back.
    let _ = interrupt.thread_unblock();
    !interrupted
}

/// As above, where signals cannot be read like a file.
#[cfg(not(target_os = "linux"))]
pub fn wait_for_line(ask: impl FnOnce()) -> bool {
    ask();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_does_not_steer_a_terminal() {
        assert_eq!(visible("lr=0.1 é"), "lr=0.1 é");
        assert_eq!(
            visible("\x1b[2J\ta\n\u{7f}\u{9b}"),
            "\u{241b}[2J\u{2409}a\u{240a}\u{2421}\u{fffd}"
        );
        assert_eq!(
            harmless("\x1b[33mW\x1b[0m\t\n\x1b[2J\x1b[\r\x1b"),
            "\x1b[33mW\x1b[0m\t\n\u{241b}[2J\u{241b}[\u{240d}\u{241b}"
        );
    }

    #[test]
    fn a_pipe_has_a_reader_until_it_is_closed() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert!(has_reader(&writer));
        drop(reader);
        assert!(!has_reader(&writer));
        assert!(has_reader(std::fs::File::create("/dev/null").unwrap()));
    }
}
