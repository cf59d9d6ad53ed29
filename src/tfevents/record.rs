//! The framing of records: the length of the payload as 64 bits, its checksum,
//! the payload, its checksum; little-endian throughout.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

/// Length and checksum of the length.
const HEADER: usize = 12;

/// The checksum of the payload.
const TRAILER: usize = 4;

/// How much is read at once.
const BLOCK: usize = 65536;

/// Payloads beyond this length are passed over: images and graphs can be that
/// big, an event with scalars or texts is not.
const MAX_PAYLOAD: u64 = 64 << 20;

/// The CRC-32C of `bytes`, turned and shifted as record files have it.
fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// Appends `payload` as a record to `output`.
pub(super) fn append(output: &mut Vec<u8>, payload: &[u8]) {
    let length = (payload.len() as u64).to_le_bytes();
    output.extend_from_slice(&length);
    output.extend_from_slice(&checksum(&length).to_le_bytes());
    output.extend_from_slice(payload);
    output.extend_from_slice(&checksum(payload).to_le_bytes());
}

/// Reads the payloads of records one after the other.
///
/// A record that is not all there yet is none: a later call reads it if the
/// input has grown. A wrong checksum is the end for good.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    // What of the buffer was read and not handed out.
    unread: Range<usize>,
    payload: Range<usize>,
    // Where in the input the record after the last one begins.
    position: u64,
    // What is left of a record that is passed over.
    skipping: u64,
    // How long that record is.
    skipped: u64,
    damaged: bool,
}

impl<R: Read> Records<R> {
    /// The records of `input`, which is at the byte `position` of a file, where a
    /// record begins.
    pub(super) fn new(input: R, position: u64) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            unread: 0..0,
            payload: 0..0,
            position,
            skipping: 0,
            skipped: 0,
            damaged: false,
        }
    }

    /// Whether reading ended at bytes that are no record.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Where in the file the record after the last one begins.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Where in the file the payload begins that the last call of
    /// [`Self::advance`] came to.
    pub(super) fn payload_position(&self) -> u64 {
        self.position - (self.payload.len() + TRAILER) as u64
    }

    /// The payload that the last call of [`Self::advance`] came to.
    pub(super) fn payload(&self) -> &[u8] {
        &self.buffer[self.payload.clone()]
    }

    /// Goes to the next record; false where there is none.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        self.payload = 0..0;
        if self.damaged || !self.skip()? {
            return Ok(false);
        }
        while self.fill(HEADER)? {
            let Some(length) = self.length() else {
                self.damaged = true;
                return Ok(false);
            };
            if length > MAX_PAYLOAD {
                self.unread.start += HEADER;
                self.skipping = length.saturating_add(TRAILER as u64);
                self.skipped = self.skipping.saturating_add(HEADER as u64);
                if !self.skip()? {
                    return Ok(false);
                }
                continue;
            }
            let length = length as usize;
            if !self.fill(HEADER + length + TRAILER)? {
                return Ok(false);
            }
            return Ok(self.take(length));
        }
        Ok(false)
    }

    /// The length that the header at hand tells, if its checksum is right.
    fn length(&self) -> Option<u64> {
        let (length, rest) = self.buffer[self.unread.clone()].split_first_chunk()?;
        let (sum, _) = rest.split_first_chunk()?;
        (checksum(length) == u32::from_le_bytes(*sum)).then_some(u64::from_le_bytes(*length))
    }

    /// Moves on to the record whose `length` bytes of payload are at hand.
    fn take(&mut self, length: usize) -> bool {
        let start = self.unread.start + HEADER;
        let payload = start..start + length;
        let bytes = &self.buffer[payload.clone()];
        let sum = self.buffer[payload.end..].first_chunk().copied();
        if sum != Some(checksum(bytes).to_le_bytes()) {
            self.damaged = true;
            return false;
        }
        self.unread.start = payload.end + TRAILER;
        self.position += (HEADER + length + TRAILER) as u64;
        self.payload = payload;
        true
    }

    /// Passes over what is left of a big record; false if the input ends in it.
    fn skip(&mut self) -> io::Result<bool> {
        while self.skipping > 0 {
            if !self.fill(1)? {
                return Ok(false);
            }
            let count = self.skipping.min(self.unread.len() as u64);
            self.unread.start += count as usize;
            self.skipping -= count;
        }
        self.position = self
            .position
            .saturating_add(std::mem::take(&mut self.skipped));
        Ok(true)
    }

    /// Sees to `wanted` unread bytes; false if the input ends before.
    #[inline]
    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        if self.unread.len() >= wanted {
            return Ok(true);
        }
        self.fill_from_input(wanted)
    }

    fn fill_from_input(&mut self, wanted: usize) -> io::Result<bool> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        while self.unread.len() < wanted {
            if self.unread.end == self.buffer.len() {
                // Grows with what really comes, whatever length a header tells.
                let size = (self.buffer.len() * 2).max(BLOCK);
                self.buffer.resize(size, 0);
            }
            match self.input.read(&mut self.buffer[self.unread.end..]) {
                Ok(0) => return Ok(false),
                Ok(count) => self.unread.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Hands out few bytes at a time, as a pipe may.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    fn read(input: impl Read) -> (Vec<Vec<u8>>, bool) {
        let mut records = Records::new(input, 0);
        let mut payloads = Vec::new();
        while records.advance().unwrap() {
            payloads.push(records.payload().to_vec());
        }
        (payloads, records.is_damaged())
    }

    fn framed(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for payload in payloads {
            append(&mut bytes, payload);
        }
        bytes
    }

    #[test]
    fn a_record_has_the_documented_bytes() {
        let mut bytes = Vec::new();
        append(&mut bytes, b"\x1a\x0dbrain.Event:2");
        let expected = b"\x0f\0\0\0\0\0\0\0\x6d\x53\x2b\x09\x1a\x0dbrain.Event:2\xfc\x98\x51\x29";
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_record_larger_than_a_block_is_read_whole() {
        let payloads = [vec![7; BLOCK * 3 + 5], vec![], vec![8; BLOCK]];
        assert_eq!(read(&framed(&payloads)[..]), (payloads.to_vec(), false));
    }

    #[test]
    fn a_record_beyond_all_measure_is_passed_over() {
        let big = vec![0; MAX_PAYLOAD as usize + 1];
        let bytes = framed(&[b"a".to_vec(), big, b"b".to_vec()]);
        assert_eq!(
            read(&bytes[..]),
            (vec![b"a".to_vec(), b"b".to_vec()], false)
        );
    }

    #[test]
    fn a_length_without_end_takes_no_memory() {
        let length = u64::MAX.to_le_bytes();
        let mut bytes = length.to_vec();
        bytes.extend(checksum(&length).to_le_bytes());
        bytes.extend([1; 100]);
        assert_eq!(read(&bytes[..]), (vec![], false));
    }

    #[test]
    fn a_tail_that_was_missing_is_read_once_it_is_there() {
        struct Growing<'a>(Vec<&'a [u8]>);
        impl Read for Growing<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0.is_empty() {
                    return Ok(0);
                }
                let part = self.0.remove(0);
                buffer[..part.len()].copy_from_slice(part);
                Ok(part.len())
            }
        }
        let bytes = framed(&[b"one".to_vec(), b"two".to_vec()]);
        let mut records = Records::new(Growing(vec![&bytes[..25], b"", &bytes[25..]]), 0);
        assert!(records.advance().unwrap());
        assert!(!records.advance().unwrap());
        assert!(records.advance().unwrap());
        assert_eq!(records.payload(), b"two");
        assert!(!records.is_damaged());
    }

    proptest! {
        #[test]
        fn payloads_read_as_they_were_written(
            payloads in vec(vec(any::<u8>(), 0..200), 0..20),
            step in 1..300usize,
        ) {
            let bytes = framed(&payloads);
            prop_assert_eq!(read(Trickle(&bytes, step)), (payloads, false));
        }

        #[test]
        fn a_cut_file_gives_the_records_before_the_cut(
            payloads in vec(vec(any::<u8>(), 0..50), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let bytes = framed(&payloads);
            let cut = cut.index(bytes.len());
            let (found, damaged) = read(&bytes[..cut]);
            prop_assert!(!damaged);
            prop_assert!(payloads.starts_with(&found));
            let next = found.len() + 1;
            prop_assert!(framed(&payloads[..next]).len() > cut);
        }

        #[test]
        fn a_changed_byte_gives_the_records_before_it(
            payloads in vec(vec(any::<u8>(), 0..50), 1..8),
            place in any::<prop::sample::Index>(),
            change in 1..=255u8,
        ) {
            let mut bytes = framed(&payloads);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            let (found, damaged) = read(&bytes[..]);
            prop_assert!(damaged);
            prop_assert!(payloads.starts_with(&found));
            prop_assert!(framed(&payloads[..found.len() + 1]).len() > place);
        }
    }
}
