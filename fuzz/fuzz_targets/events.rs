//! Event files: any bytes can be read, and tell the same however they come. The
//! input is read as a file, and as the messages of one whose checksums are right,
//! each after a byte that tells its length.
#![no_main]

use std::io::Read;

use guild::tfevents::{Data, Reader};
use libfuzzer_sys::fuzz_target;

/// Hands out a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.0.len()).min(7);
        self.0.read(&mut buffer[..count])
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let sum = crc32c::crc32c(bytes).rotate_right(15);
    sum.wrapping_add(0xa282_ead8).to_le_bytes()
}

fn framed(mut input: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    while let [length, rest @ ..] = input {
        let (message, rest) = rest.split_at(rest.len().min((*length).into()));
        let length = (message.len() as u64).to_le_bytes();
        for part in [&length[..], &checksum(&length), message, &checksum(message)] {
            file.extend_from_slice(part);
        }
        input = rest;
    }
    file
}

/// All that the file tells, and how far it was read.
fn told(input: impl Read, size: usize) -> (Vec<String>, u64) {
    let mut reader = Reader::new(input);
    let mut told = Vec::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        told.push(format!("{} {}", event.step, event.wall_time));
        for value in event.values() {
            if let Data::Image(place) = &value.data {
                assert!(place.encoded.start <= place.encoded.end);
                assert!(place.encoded.end <= size as u64);
            }
            if let Data::Hparams(data) = &value.data {
                told.push(format!("{:?}", data.decode()));
            }
            told.push(format!("{value:?}"));
        }
    }
    assert!(reader.position() <= size as u64);
    (told, reader.position())
}

fuzz_target!(|input: &[u8]| {
    for file in [input.to_vec(), framed(input)] {
        let (whole, end) = told(&file[..], file.len());
        assert_eq!(told(Trickle(&file), file.len()), (whole.clone(), end));
        // Going on where an earlier reader stopped tells the rest.
        let mut reader = Reader::new(&file[..]);
        if reader.next_event().is_ok_and(|event| event.is_some()) {
            let position = reader.position();
            let rest = &file[position as usize..];
            let mut resumed = Reader::resumed(rest, position);
            let mut count = 1;
            while resumed.next_event().is_ok_and(|event| event.is_some()) {
                count += 1;
            }
            assert_eq!(resumed.position(), end);
            assert!(whole.len() >= count);
        }
    }
});
