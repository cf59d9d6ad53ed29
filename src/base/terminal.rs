//! The terminal: its size, waiting for what the user types, and whether anybody
//! reads on.

/// The width in characters of the terminal on stdout, stderr or stdin.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
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
    fn a_pipe_has_a_reader_until_it_is_closed() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert!(has_reader(&writer));
        drop(reader);
        assert!(!has_reader(&writer));
        assert!(has_reader(std::fs::File::create("/dev/null").unwrap()));
    }
}
