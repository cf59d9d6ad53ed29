//! Reading event files.

use std::io::{self, Read};

use super::event::Event;
use super::record::Records;

/// Reads the events of a file one after the other. Input need not be buffered.
///
/// A tail that is cut off, as in a file that is being written, ends the events;
/// a later call goes on if the input has grown.
#[derive(Debug)]
pub struct Reader<R> {
    records: Records<R>,
}

impl<R: Read> Reader<R> {
    /// A reader from the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            records: Records::new(input, 0),
        }
    }

    /// A reader that goes on at the byte `position` of a file, where `input` is:
    /// one that [`Reader::position`] told.
    pub fn resumed(input: R, position: u64) -> Self {
        Self {
            records: Records::new(input, position),
        }
    }

    /// How many bytes of the file the events so far have taken.
    pub fn position(&self) -> u64 {
        self.records.position()
    }

    /// The next event, which is valid until the one after it is asked for.
    ///
    /// # Errors
    /// The input cannot be read. Bytes that are no events are no error.
    pub fn next_event(&mut self) -> io::Result<Option<Event<'_>>> {
        if !self.records.advance()? {
            return Ok(None);
        }
        Ok(Some(Event::decode(
            self.records.payload(),
            self.records.payload_position(),
        )))
    }

    /// Whether the events ended at bytes that are no record.
    pub fn is_damaged(&self) -> bool {
        self.records.is_damaged()
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Data;
    use super::super::record;
    use super::super::writer::tests::EXAMPLE;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    type Scalar = (String, i64, f64, f64);

    fn scalars(input: &[u8]) -> Vec<Scalar> {
        let mut reader = Reader::new(input);
        let mut found = Vec::new();
        while let Some(event) = reader.next_event().unwrap() {
            for value in event.values() {
                if let Data::Scalar(number) = value.data {
                    found.push((value.tag.into_owned(), event.step, number, event.wall_time));
                }
            }
        }
        found
    }

    #[test]
    fn the_documented_file_is_read() {
        let found = scalars(EXAMPLE);
        let told: Vec<_> = found
            .iter()
            .map(|(tag, step, value, _)| (&tag[..], *step, *value))
            .collect();
        assert_eq!(told, [("loss", 0, 0.0), ("loss", 1, 0.0010000000474974513)]);
        assert_eq!(
            found[0].3,
            f64::from_le_bytes(*b"\xeb\xb4\xec\x3f\xba\xc0\xda\x41")
        );
        assert_eq!(scalars(&EXAMPLE[..EXAMPLE.len() - 1]).len(), 1);
        assert_eq!(
            scalars(&EXAMPLE[31..]).len(),
            2,
            "the version may be missing"
        );
    }

    #[test]
    fn a_message_that_makes_no_sense_has_no_values() {
        let mut bytes = Vec::new();
        record::append(&mut bytes, &[0xff; 20]);
        bytes.extend_from_slice(&EXAMPLE[31..]);
        assert_eq!(scalars(&bytes).len(), 2);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in vec(any::<u8>(), 0..400)) {
            scalars(&bytes);
        }

        #[test]
        fn any_message_can_be_read(
            messages in vec(vec(any::<u8>(), 0..60), 0..8),
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut bytes = Vec::new();
            for message in messages {
                record::append(&mut bytes, &message);
            }
            // A message that is nearly right gets deeper into the decoder.
            let mut message = EXAMPLE[74..74 + 0x1a].to_vec();
            for (place, byte) in changes {
                let place = place.index(message.len());
                message[place] = byte;
            }
            record::append(&mut bytes, &message);
            scalars(&bytes);
        }
    }
}
