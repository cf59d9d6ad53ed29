//! Event messages: when, at which step, and the values of their summary.

use std::borrow::Cow;
use std::ops::Range;

use super::hparams::PluginData;
use super::tensor::Tensor;
use super::wire::{Field, Fields};

/// One event. What could not be decoded is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// Seconds since the epoch; 0 where the writer told none.
    pub wall_time: f64,
    /// The step of the values.
    pub step: i64,
    message: Placed<'a>,
    summary: &'a [u8],
}

/// A message, and where in its file it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Placed<'a> {
    bytes: &'a [u8],
    position: u64,
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
    /// A number: a simple value, or a tensor with one number.
    Scalar(f64),
    /// A text: the first string of a tensor.
    Text(Cow<'a, str>),
    /// A picture, or the first of several.
    Image(ImagePlace),
    /// What the hparams plugin has to tell.
    Hparams(PluginData<'a>),
    /// Anything else, such as a histogram.
    Other,
}

/// Where a picture is in its event file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePlace {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The bytes of the file that are the content of a PNG, JPEG or GIF file.
    pub encoded: Range<u64>,
}

/// The values of an event's summary, in the order they were written.
#[derive(Debug, Clone)]
pub struct Values<'a> {
    message: Placed<'a>,
    summary: Fields<'a>,
}

impl<'a> Event<'a> {
    /// The event that `bytes` are, which begin at the byte `position` of the file.
    pub(super) fn decode(bytes: &'a [u8], position: u64) -> Self {
        let mut event = Self {
            wall_time: 0.0,
            step: 0,
            message: Placed { bytes, position },
            summary: &[],
        };
        for field in Fields::new(bytes) {
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
            message: self.message,
            summary: Fields::new(self.summary),
        }
    }
}

impl Placed<'_> {
    /// Where in the file `part` is, some bytes of the message.
    fn place(&self, part: &[u8]) -> Range<u64> {
        let offset = part.as_ptr() as usize - self.bytes.as_ptr() as usize;
        let start = self.position + offset as u64;
        start..start + part.len() as u64
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let message = self.message;
        self.summary.find_map(|field| match field {
            (1, Field::Bytes(bytes)) => Some(Value::decode(bytes, message)),
            _ => None,
        })
    }
}

impl<'a> Value<'a> {
    fn decode(bytes: &'a [u8], message: Placed<'a>) -> Self {
        let mut tag = Cow::Borrowed("");
        let mut data = Data::Other;
        let mut tensor = None;
        let mut metadata: &[u8] = &[];
        for field in Fields::new(bytes) {
            match field {
                (1, Field::Bytes(bytes)) => tag = String::from_utf8_lossy(bytes),
                (2, Field::Fixed32(bytes)) => {
                    (data, tensor) = (Data::Scalar(f32::from_le_bytes(bytes).into()), None);
                }
                (4, Field::Bytes(image)) => (data, tensor) = (picture(image, message), None),
                (8, Field::Bytes(bytes)) => tensor = Some(bytes),
                // The other kinds of data, of which a value has one.
                (3 | 5 | 6, Field::Bytes(_)) => (data, tensor) = (Data::Other, None),
                (9, Field::Bytes(bytes)) => metadata = bytes,
                _ => {}
            }
        }
        if let Some(bytes) = tensor {
            data = tensor_data(bytes, metadata, message);
        }
        Self { tag, data }
    }
}

/// A picture as older writers have it.
#[inline(never)]
fn picture<'a>(image: &[u8], message: Placed<'_>) -> Data<'a> {
    let mut place = ImagePlace {
        width: 0,
        height: 0,
        encoded: 0..0,
    };
    for field in Fields::new(image) {
        match field {
            (1, Field::Varint(height)) => place.height = height as u32,
            (2, Field::Varint(width)) => place.width = width as u32,
            (4, Field::Bytes(encoded)) => place.encoded = message.place(encoded),
            _ => {}
        }
    }
    Data::Image(place)
}

/// What a value says of the plugin that it is for.
#[derive(Debug, Default)]
struct Plugin<'a> {
    name: &'a [u8],
    content: &'a [u8],
}

impl<'a> Plugin<'a> {
    fn decode(metadata: &'a [u8]) -> Self {
        let mut plugin = Self::default();
        let data = Fields::new(metadata).find_map(|field| match field {
            (1, Field::Bytes(data)) => Some(data),
            _ => None,
        });
        for field in Fields::new(data.unwrap_or_default()) {
            match field {
                (1, Field::Bytes(name)) => plugin.name = name,
                (2, Field::Bytes(content)) => plugin.content = content,
                _ => {}
            }
        }
        plugin
    }
}

/// What a value with a tensor is, by what its metadata says.
#[inline(never)]
fn tensor_data<'a>(tensor: &'a [u8], metadata: &'a [u8], message: Placed<'_>) -> Data<'a> {
    let tensor = Tensor::decode(tensor);
    let plugin = Plugin::decode(metadata);
    match (plugin.name, tensor.strings()) {
        (b"hparams", _) => Data::Hparams(PluginData::new(plugin.content)),
        (b"images", [Some(width), Some(height), Some(encoded)]) => {
            let pixels = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
            Data::Image(ImagePlace {
                width: pixels(width).unwrap_or_default(),
                height: pixels(height).unwrap_or_default(),
                encoded: message.place(encoded),
            })
        }
        (_, [Some(text), ..]) => Data::Text(String::from_utf8_lossy(text)),
        _ => tensor.number().map_or(Data::Other, Data::Scalar),
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
        let value = Message::new().bytes(1, b"t").message(8, &tensor);
        only(&value)
    }

    /// The data of an event with one value.
    fn only(value: &Message) -> Data<'static> {
        let summary = Message::new().message(1, value);
        let message = Message::new().message(5, &summary);
        let event = Event::decode(message.as_bytes(), 100);
        match event.values().next().unwrap().data {
            Data::Scalar(number) => Data::Scalar(number),
            Data::Text(text) => Data::Text(text.into_owned().into()),
            Data::Image(place) => {
                // Told by the bytes that are there.
                let start = place.encoded.start as usize - 100;
                let end = place.encoded.end as usize - 100;
                assert_eq!(message.as_bytes()[start..end], *b"PNG");
                Data::Image(place)
            }
            Data::Hparams(_) | Data::Other => Data::Other,
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
        assert_eq!(data(tensor(8, &[]).bytes(4, &float)), Data::Other);
        assert_eq!(data(tensor(10, &[]).varint(11, 1)), Data::Other);
        assert_eq!(data(tensor(3, &[]).bytes(4, &float[..2])), Data::Other);
        assert_eq!(data(tensor(3, &[]).varint(10, 1)), Data::Other);
        assert_eq!(data(tensor(3, &[2]).bytes(7, &[1, 2])), Data::Other);
    }

    #[test]
    fn numbers_of_all_types_are_scalars() {
        let minus_two = (-2i64).cast_unsigned();
        let content = |dtype, bytes: &[u8]| data(tensor(dtype, &[]).bytes(4, bytes));
        assert_eq!(content(3, &(-2i32).to_le_bytes()), Data::Scalar(-2.0));
        assert_eq!(content(4, &[200]), Data::Scalar(200.0));
        assert_eq!(content(5, &(-2i16).to_le_bytes()), Data::Scalar(-2.0));
        assert_eq!(content(6, &[0xfe]), Data::Scalar(-2.0));
        assert_eq!(content(9, &(-2i64).to_le_bytes()), Data::Scalar(-2.0));
        assert_eq!(content(14, &[0xc0, 0x3f]), Data::Scalar(1.5));
        assert_eq!(content(17, &[0xff, 0xff]), Data::Scalar(65535.0));
        assert_eq!(content(19, &[0x00, 0x3e]), Data::Scalar(1.5));
        assert_eq!(content(22, &[0, 0, 0, 0x80]), Data::Scalar(2_147_483_648.0));
        assert_eq!(
            content(23, &[0, 0, 0, 0, 0, 0, 0, 0x80]),
            Data::Scalar(9.223_372_036_854_776e18)
        );
        for dtype in [3, 5, 6] {
            let number = tensor(dtype, &[]).varint(7, minus_two);
            assert_eq!(data(number), Data::Scalar(-2.0));
        }
        assert_eq!(
            data(tensor(3, &[1]).bytes(7, &[0x96, 1])),
            Data::Scalar(150.0)
        );
        assert_eq!(
            data(tensor(9, &[]).varint(10, minus_two)),
            Data::Scalar(-2.0)
        );
        assert_eq!(data(tensor(14, &[]).varint(13, 0x3fc0)), Data::Scalar(1.5));
        assert_eq!(
            data(tensor(19, &[]).bytes(13, &[0x80, 0x7c])),
            Data::Scalar(1.5)
        );
    }

    #[test]
    fn pictures_are_told_by_their_place() {
        let picture = Message::new().varint(1, 2).varint(2, 3).bytes(4, b"PNG");
        let value = Message::new().bytes(1, b"i").message(4, &picture);
        let metadata = Message::new().message(1, &Message::new().bytes(1, b"images"));
        let strings = tensor(7, &[3])
            .bytes(8, b"3")
            .bytes(8, b"2")
            .bytes(8, b"PNG");
        let newer = Message::new().bytes(1, b"i").message(8, &strings);
        for value in [value, newer.message(9, &metadata)] {
            let Data::Image(place) = only(&value) else {
                panic!("a picture");
            };
            assert_eq!((place.width, place.height), (3, 2));
        }
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
            .message(1, &Message::new().bytes(1, b"i").bytes(5, b"histogram"))
            .message(1, &value(b"b", 2.0));
        let message = Message::new().varint(2, 5).message(5, &summary);
        let event = Event::decode(message.as_bytes(), 0);
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
