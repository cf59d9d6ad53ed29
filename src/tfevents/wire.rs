//! The wire format of protocol buffers, as far as event files need it.

/// The fields of a message in the order they were written.
///
/// Ends at the first byte that makes no sense: whatever the bytes are, reading
/// neither fails nor takes more memory than they do.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// The value of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The numbers that are packed into one field.
    pub(super) fn packed(bytes: &'a [u8]) -> impl Iterator<Item = u64> {
        let mut fields = Self::new(bytes);
        std::iter::from_fn(move || fields.varint())
    }

    #[inline]
    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(self.array()?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                Field::Bytes(bytes)
            }
            5 => Field::Fixed32(self.array()?),
            // Groups, which these messages do not have, and what is undefined.
            _ => return None,
        };
        Some((key >> 3, field))
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Some(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for (place, &byte) in self.rest.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                self.rest = &self.rest[place + 1..];
                return Some(number);
            }
        }
        None
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        field
    }
}

/// A message being written.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn varint(mut self, field: u8, number: u64) -> Self {
        self.key(field, 0);
        self.raw_varint(number);
        self
    }

    pub(super) fn double(mut self, field: u8, number: f64) -> Self {
        self.key(field, 1);
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn float(mut self, field: u8, number: f32) -> Self {
        self.key(field, 5);
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn bytes(mut self, field: u8, bytes: &[u8]) -> Self {
        self.key(field, 2);
        self.raw_varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(super) fn message(self, field: u8, message: &Message) -> Self {
        self.bytes(field, &message.bytes)
    }

    // Field numbers up to 15 take one byte; the messages written here have no others.
    fn key(&mut self, field: u8, wire_type: u8) {
        self.bytes.push(field << 3 | wire_type);
    }

    fn raw_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_as_they_were_written() {
        let message = Message::new()
            .varint(1, 300)
            .double(2, 1.5)
            .float(3, -2.0)
            .bytes(4, b"abc")
            .varint(5, u64::MAX);
        let fields: Vec<_> = Fields::new(message.as_bytes()).collect();
        let expected = [
            (1, Field::Varint(300)),
            (2, Field::Fixed64(1.5f64.to_le_bytes())),
            (3, Field::Fixed32((-2.0f32).to_le_bytes())),
            (4, Field::Bytes(b"abc")),
            (5, Field::Varint(u64::MAX)),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn reading_ends_where_bytes_make_no_sense() {
        let read = |bytes: &[u8]| Fields::new(bytes).count();
        assert_eq!(read(&[0x08, 1, 0x12, 200, 1, 2]), 1, "length past the end");
        assert_eq!(read(&[0x08, 1, 0x0b, 0x0c]), 1, "group");
        assert_eq!(read(&[0x08, 1, 0x08, 0x80]), 1, "half a number");
        assert_eq!(read(&[0x08, 1, 0x0d, 0, 0]), 1, "half a float");
        assert_eq!(read(&[0xff; 12]), 0, "endless number");
        assert_eq!(
            read(&[
                0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1
            ]),
            0
        );
    }
}
