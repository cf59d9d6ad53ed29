//! Reading from several pipes in the order in which something arrives on them.
//!
//! A thread for each would be at the mercy of the scheduler: what came first may be
//! read last. Linux keeps what is ready in the order in which it became so, and
//! `epoll` tells in that order; for macOS `kqueue` would, which is not written yet.
//! What arrives on both while a read is under way can still change places.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// The ends of pipes that are read from.
pub struct Arrivals {
    epoll: Epoll,
    inputs: Vec<Input>,
    /// Inputs that have something, the first to have it first.
    ready: VecDeque<usize>,
}

struct Input {
    file: File,
    /// Whether nobody can write any more, so that what is left ends by itself.
    is_closed: bool,
    has_ended: bool,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The number of the input.
    pub input: usize,
    /// How many bytes were read; none at the end of the input.
    pub count: usize,
}

impl Arrivals {
    /// Takes the reading ends of pipes, numbered as they come.
    ///
    /// # Errors
    /// The system has no more descriptors.
    pub fn of(pipes: Vec<OwnedFd>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let mut inputs = Vec::new();
        for (number, pipe) in pipes.into_iter().enumerate() {
            // Told once for each time that something comes, so that the order is
            // that of arrival.
            let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
            epoll.add(&pipe, EpollEvent::new(flags, number as u64))?;
            // Nothing may wait for one input while another has something. The ends that
            // are written to are not changed by this.
            rustix::io::ioctl_fionbio(&pipe, true)?;
            inputs.push(Input {
                file: File::from(pipe),
                is_closed: false,
                has_ended: false,
            });
        }
        Ok(Self {
            epoll,
            inputs,
            ready: VecDeque::new(),
        })
    }

    /// Waits for something to arrive and reads it to `buffer`. None when all inputs
    /// have ended.
    ///
    /// # Errors
    /// An input cannot be read.
    pub fn next(&mut self, buffer: &mut [u8]) -> io::Result<Option<Arrival>> {
        while self.inputs.iter().any(|input| !input.has_ended) {
            let timeout = match self.ready.is_empty() {
                true => EpollTimeout::NONE,
                false => EpollTimeout::ZERO,
            };
            self.look(timeout)?;
            let Some(input) = self.ready.pop_front() else {
                continue;
            };
            if let Some(arrival) = self.read(input, buffer)? {
                return Ok(Some(arrival));
            }
        }
        Ok(None)
    }

    /// As [`Arrivals::next`], for `input` alone. None if nothing arrives on it within
    /// `timeout`, or it has ended.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn next_on(
        &mut self,
        input: usize,
        timeout: Duration,
        buffer: &mut [u8],
    ) -> io::Result<Option<Arrival>> {
        let deadline = Instant::now() + timeout;
        loop {
            if self.inputs[input].has_ended {
                return Ok(None);
            }
            if let Some(place) = self.ready.iter().position(|&ready| ready == input) {
                self.ready.remove(place);
                if let Some(arrival) = self.read(input, buffer)? {
                    return Ok(Some(arrival));
                }
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            // In whole milliseconds, and one at the least, or it would not wait.
            let millis = u16::try_from(left.as_millis()).unwrap_or(u16::MAX).max(1);
            self.look(EpollTimeout::from(millis))?;
        }
    }

    /// Adds the inputs on which something has arrived, waiting for one.
    fn look(&mut self, timeout: EpollTimeout) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); 8];
        let count = match self.epoll.wait(&mut events, timeout) {
            Err(Errno::EINTR) => 0,
            other => other?,
        };
        for event in &events[..count] {
            let number = event.data() as usize;
            let ended = EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
            if event.events().intersects(ended) {
                self.inputs[number].is_closed = true;
            }
            if !self.ready.contains(&number) {
                self.ready.push_back(number);
            }
        }
        Ok(())
    }

    /// Reads what an input has; none where that is nothing yet.
    fn read(&mut self, number: usize, buffer: &mut [u8]) -> io::Result<Option<Arrival>> {
        let input = &mut self.inputs[number];
        let count = loop {
            match input.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => {
                    input.has_ended = true;
                    return Err(error);
                }
                Ok(count) => break count,
            }
        };
        input.has_ended = count == 0;
        // A pipe that gave less than it might is empty, and tells of what comes next;
        // but it tells of its end only once.
        if count == buffer.len() || (input.is_closed && !input.has_ended) {
            self.ready.push_back(number);
        }
        Ok(Some(Arrival {
            input: number,
            count,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pipes<const COUNT: usize>() -> (Arrivals, [File; COUNT]) {
        let pairs = [(); COUNT].map(|()| std::io::pipe().unwrap());
        let mut readers = Vec::new();
        let writers = pairs.map(|(reader, writer)| {
            readers.push(OwnedFd::from(reader));
            File::from(OwnedFd::from(writer))
        });
        (Arrivals::of(readers).unwrap(), writers)
    }

    fn all(arrivals: &mut Arrivals, buffer: &mut [u8]) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        while let Some(arrival) = arrivals.next(buffer).unwrap() {
            let text = String::from_utf8_lossy(&buffer[..arrival.count]);
            all.push((arrival.input, text.into_owned()));
        }
        all
    }

    fn texts(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        expected
            .iter()
            .map(|&(input, text)| (input, text.to_string()))
            .collect()
    }

    #[test]
    fn what_came_first_is_read_first() {
        for order in [[0, 1], [1, 0]] {
            let (mut arrivals, mut writers) = pipes::<2>();
            for number in order {
                write!(writers[number], "{number}").unwrap();
            }
            let mut buffer = [0; 10];
            for number in order {
                let arrival = Arrival {
                    input: number,
                    count: 1,
                };
                assert_eq!(arrivals.next(&mut buffer).unwrap(), Some(arrival));
            }
        }
    }

    #[test]
    fn all_is_read_up_to_the_ends() {
        let (mut arrivals, [mut one, mut two]) = pipes::<2>();
        one.write_all(b"abcdefgh").unwrap();
        two.write_all(b"12").unwrap();
        drop((one, two));
        let read = all(&mut arrivals, &mut [0; 4]);
        let expected = [(0, "abcd"), (1, "12"), (0, "efgh"), (1, ""), (0, "")];
        assert_eq!(read, texts(&expected));
        let (mut arrivals, []) = pipes::<0>();
        assert_eq!(all(&mut arrivals, &mut [0; 4]), []);
    }

    #[test]
    fn an_input_that_fills_the_buffer_and_pauses_keeps_no_other_waiting() {
        let (mut arrivals, [mut one, mut two]) = pipes::<2>();
        one.write_all(b"abcd").unwrap();
        let mut buffer = [0; 4];
        let arrival = |input: usize, count: usize| Some(Arrival { input, count });
        assert_eq!(arrivals.next(&mut buffer).unwrap(), arrival(0, 4));
        two.write_all(b"12").unwrap();
        assert_eq!(arrivals.next(&mut buffer).unwrap(), arrival(1, 2));
        one.write_all(b"efgh").unwrap();
        assert_eq!(arrivals.next(&mut buffer).unwrap(), arrival(0, 4));
        let moment = Duration::from_millis(1);
        assert_eq!(arrivals.next_on(0, moment, &mut buffer).unwrap(), None);
    }

    #[test]
    fn one_input_can_be_waited_for() {
        let (mut arrivals, [mut one, mut two]) = pipes::<2>();
        let moment = Duration::from_millis(1);
        two.write_all(b"2").unwrap();
        let mut buffer = [0; 4];
        assert_eq!(arrivals.next_on(0, moment, &mut buffer).unwrap(), None);
        one.write_all(b"1").unwrap();
        let arrival = Some(Arrival { input: 0, count: 1 });
        assert_eq!(arrivals.next_on(0, moment, &mut buffer).unwrap(), arrival);
        drop(one);
        let end = Some(Arrival { input: 0, count: 0 });
        assert_eq!(arrivals.next_on(0, moment, &mut buffer).unwrap(), end);
        assert_eq!(arrivals.next_on(0, moment, &mut buffer).unwrap(), None);
        drop(two);
        assert_eq!(all(&mut arrivals, &mut buffer), texts(&[(1, "2"), (1, "")]));
    }
}
