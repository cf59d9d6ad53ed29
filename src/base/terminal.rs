//! The terminal: its size, and waiting for what the user types.

/// The width in characters of the terminal on stdout, stderr or stdin.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
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
