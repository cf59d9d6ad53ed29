//! Event messages: when, at which step, and the values of their summary.

use std::borrow::Cow;

use super::wire::{Field, Fields};

/// The element types of tensors that matter here.
mod dtype {
    pub const FLOAT: u64 = 1;
    pub const DOUBLE: u64 = 2;
    pub const STRING: u64 = 7;
}

/// One event. What could not be decoded is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// Seconds since the epoch; 0 where the writer told none.
    pub wall_time: f64,
    /// The step of the values.
    pub step: i64,
    summary: &'a [u8],
}

/// A value of an event's summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Value<'a> {
    /// The name.
    pub tag: Cow<'a, str>,
    /// What it is.
    pub data: Data<'a>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data<'a> {
    /// A number: a simple value, or a tensor with one float or double.
    Scalar(f64),
    /// A text: the first string of a tensor.
    Text(Cow<'a, str>),
    /// Anything else, such as an image or a histogram.
    Other,
}

/// The values of an event's summary, in the order they were written.
#[derive(Debug, Clone)]
pub struct Values<'a> {
    summary: Fields<'a>,
}

impl<'a> Event<'a> {
    pub(super) fn decode(message: &'a [u8]) -> Self {
        let mut event = Self {
            wall_time: 0.0,
            step: 0,
            summary: &[],
        };
        for field in Fields::new(message) {
            match field {
                (1, Field::Fixed64(bytes)) => event.wall_time = f64::from_le_bytes(bytes),
                (2, Field::Varint(number)) => event.step = number.cast_signed(),
                (5, Field::Bytes(bytes)) => event.summary = bytes,
                _ => {}
            }
        }
        event
    }

    /// The values that belong to this event.
    pub fn values(&self) -> Values<'a> {
        Values {
            summary: Fields::new(self.summary),
        }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.summary.find_map(|field| match field {
            (1, Field::Bytes(message)) => Some(Value::decode(message)),
            _ => None,
        })
    }
}

impl<'a> Value<'a> {
    fn decode(message: &'a [u8]) -> Self {
        let mut value = Self {
            tag: Cow::Borrowed(""),
            data: Data::Other,
        };
        for field in Fields::new(message) {
            match field {
                (1, Field::Bytes(tag)) => value.tag = String::from_utf8_lossy(tag),
                (2, Field::Fixed32(bytes)) => {
                    value.data = Data::Scalar(f32::from_le_bytes(bytes).into());
                }
                (8, Field::Bytes(message)) => {
                    value.data = Tensor::decode(message).data().unwrap_or(Data::Other);
                }
                // The other kinds of data, of which a value has one.
                (3..=6, Field::Bytes(_)) => value.data = Data::Other,
                _ => {}
            }
        }
        value
    }
}

/// What is needed of a tensor to tell its one element.
#[derive(Debug, Default)]
struct Tensor<'a> {
    dtype: u64,
    shape: &'a [u8],
    content: &'a [u8],
    // The elements in a field of their own type: how many, and the last.
    floats: (usize, f32),
    doubles: (usize, f64),
    text: Option<&'a [u8]>,
}

impl<'a> Tensor<'a> {
    fn decode(message: &'a [u8]) -> Self {
        let mut tensor = Self::default();
        for field in Fields::new(message) {
            match field {
                (1, Field::Varint(dtype)) => tensor.dtype = dtype,
                (2, Field::Bytes(shape)) => tensor.shape = shape,
                (4, Field::Bytes(content)) => tensor.content = content,
                (5, Field::Fixed32(bytes)) => tensor.add_float(bytes),
                (5, Field::Bytes(packed)) => {
                    for bytes in packed.as_chunks().0 {
                        tensor.add_float(*bytes);
                    }
                }
                (6, Field::Fixed64(bytes)) => tensor.add_double(bytes),
                (6, Field::Bytes(packed)) => {
                    for bytes in packed.as_chunks().0 {
                        tensor.add_double(*bytes);
                    }
                }
                (8, Field::Bytes(text)) => {
                    tensor.text.get_or_insert(text);
                }
                _ => {}
            }
        }
        tensor
    }

    fn add_float(&mut self, bytes: [u8; 4]) {
        self.floats = (self.floats.0 + 1, f32::from_le_bytes(bytes));
    }

    fn add_double(&mut self, bytes: [u8; 8]) {
        self.doubles = (self.doubles.0 + 1, f64::from_le_bytes(bytes));
    }

    fn data(&self) -> Option<Data<'a>> {
        match self.dtype {
            dtype::STRING => self.text.map(String::from_utf8_lossy).map(Data::Text),
            dtype::FLOAT if self.has_one_element() => {
                let number = match (self.content, self.floats) {
                    ([], (1, number)) => number,
                    (content, _) => f32::from_le_bytes(content.try_into().ok()?),
                };
                Some(Data::Scalar(number.into()))
            }
            dtype::DOUBLE if self.has_one_element() => {
                let number = match (self.content, self.doubles) {
                    ([], (1, number)) => number,
                    (content, _) => f64::from_le_bytes(content.try_into().ok()?),
                };
                Some(Data::Scalar(number))
            }
            _ => None,
        }
    }

    /// Whether every dimension, if there is any, is of size one.
    fn has_one_element(&self) -> bool {
        Fields::new(self.shape).all(|field| match field {
            (2, Field::Bytes(dimension)) => {
                // A size of 0 is not written.
                Fields::new(dimension).any(|size| size == (1, Field::Varint(1)))
            }
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Message;
    use super::*;

    fn tensor(dtype: u64, shape: &[u64]) -> Message {
        let dimensions = shape.iter().fold(Message::new(), |shape, &size| {
            shape.message(2, &Message::new().varint(1, size))
        });
        Message::new().varint(1, dtype).message(2, &dimensions)
    }

    fn data(tensor: Message) -> Data<'static> {
        let message = Message::new().bytes(1, b"t").message(8, &tensor);
        match Value::decode(message.as_bytes()).data {
            Data::Scalar(number) => Data::Scalar(number),
            Data::Text(text) => Data::Text(text.into_owned().into()),
            Data::Other => Data::Other,
        }
    }

    #[test]
    fn a_tensor_with_one_element_is_a_scalar() {
        let float = 1.5f32.to_le_bytes();
        let double = 3.1f64.to_le_bytes();
        for shape in [&[][..], &[1], &[1, 1]] {
            assert_eq!(data(tensor(1, shape).bytes(4, &float)), Data::Scalar(1.5));
            assert_eq!(data(tensor(1, shape).bytes(5, &float)), Data::Scalar(1.5));
            assert_eq!(data(tensor(1, shape).float(5, 1.5)), Data::Scalar(1.5));
            assert_eq!(data(tensor(2, shape).bytes(4, &double)), Data::Scalar(3.1));
            assert_eq!(data(tensor(2, shape).bytes(6, &double)), Data::Scalar(3.1));
            assert_eq!(data(tensor(2, shape).double(6, 3.1)), Data::Scalar(3.1));
        }
        assert_eq!(
            data(tensor(1, &[]).bytes(4, b"").float(5, 2.0)),
            Data::Scalar(2.0)
        );
    }

    #[test]
    fn other_tensors_are_none() {
        let float = 1.5f32.to_le_bytes();
        let floats = [float, float].concat();
        assert_eq!(data(tensor(1, &[2]).bytes(4, &floats)), Data::Other);
        assert_eq!(data(tensor(1, &[]).bytes(5, &floats)), Data::Other);
        assert_eq!(data(tensor(1, &[3]).bytes(5, &float)), Data::Other);
        assert_eq!(data(tensor(1, &[0])), Data::Other);
        assert_eq!(data(tensor(1, &[])), Data::Other);
        assert_eq!(data(tensor(1, &[]).bytes(4, &float[..2])), Data::Other);
        assert_eq!(data(tensor(3, &[]).bytes(4, &float)), Data::Other);
        assert_eq!(data(tensor(19, &[]).bytes(4, &float[..2])), Data::Other);
    }

    #[test]
    fn a_tensor_of_strings_is_its_first() {
        let texts = tensor(7, &[2]).bytes(8, "é".as_bytes()).bytes(8, b"b");
        assert_eq!(data(texts), Data::Text("é".into()));
        assert_eq!(
            data(tensor(7, &[]).bytes(8, b"\xff")),
            Data::Text("\u{fffd}".into())
        );
        assert_eq!(data(tensor(7, &[])), Data::Other);
    }

    #[test]
    fn an_event_may_have_many_values() {
        let value = |tag: &[u8], number| Message::new().bytes(1, tag).float(2, number);
        let summary = Message::new()
            .message(1, &value(b"a", 1.0))
            .message(1, &Message::new().bytes(1, b"i").bytes(4, b"image"))
            .message(1, &value(b"b", 2.0));
        let message = Message::new().varint(2, 5).message(5, &summary);
        let event = Event::decode(message.as_bytes());
        assert_eq!((event.step, event.wall_time), (5, 0.0));
        let values: Vec<_> = event
            .values()
            .map(|value| (value.tag, value.data))
            .collect();
        let expected = [
            ("a".into(), Data::Scalar(1.0)),
            ("i".into(), Data::Other),
            ("b".into(), Data::Scalar(2.0)),
        ];
        assert_eq!(values, expected);
    }
}
