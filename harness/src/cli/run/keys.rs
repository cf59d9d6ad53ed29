//! What the user asks for while specs are watched: by a key, or by a signal.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;

use crate::interrupt::Interrupt;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Everything is to run again.
    Again,
    /// No more.
    End,
}

/// Hands on what is asked for, until `tell` returns false or the end is asked for.
/// Keys are read only `with_keys`.
pub(super) fn listen(
    interrupt: Arc<Interrupt>,
    with_keys: bool,
    tell: impl Fn(Key) -> bool + Send + 'static,
) -> io::Result<()> {
    let wait = move || {
        let mut with_keys = with_keys;
        loop {
            let (signal, readable) = ready(&interrupt, with_keys);
            if signal {
                tell(Key::End);
                return;
            }
            if !readable {
                continue;
            }
            // Not through the buffer of the library, which could keep a key back.
            let mut typed = [0; 64];
            let count = match read(io::stdin(), &mut typed) {
                Ok(count) if count > 0 => count,
                // The terminal is gone.
                _ => {
                    with_keys = false;
                    continue;
                }
            };
            for key in typed[..count].iter().filter_map(|byte| key_of(*byte)) {
                if !tell(key) || key == Key::End {
                    return;
                }
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(wait)?;
    Ok(())
}

fn key_of(byte: u8) -> Option<Key> {
    match byte {
        b'q' | b'Q' => Some(Key::End),
        b'\n' | b'\r' => Some(Key::Again),
        _ => None,
    }
}

/// Waits for a signal or a key: whether there is one of each.
fn ready(interrupt: &Interrupt, with_keys: bool) -> (bool, bool) {
    let input = io::stdin();
    let mut awaited = vec![PollFd::new(interrupt.descriptor(), PollFlags::POLLIN)];
    if with_keys {
        awaited.push(PollFd::new(input.as_fd(), PollFlags::POLLIN));
    }
    match poll(&mut awaited, PollTimeout::NONE) {
        Err(Errno::EINTR) => return (false, false),
        // Nothing can be waited for: better to end than to be deaf.
        Err(_) => return (true, false),
        Ok(_) => {}
    }
    let is_ready = |fd: &PollFd| fd.any().unwrap_or(true);
    (is_ready(&awaited[0]), awaited.get(1).is_some_and(is_ready))
}
