//! Tensors with one element, which is what scalars and texts of newer writers
//! are, and the strings of those that hold pictures.

use half::{bf16, f16};

use super::wire::{Field, Fields};

/// The element types of tensors that matter here.
pub(super) mod dtype {
    pub const FLOAT: u64 = 1;
    pub const DOUBLE: u64 = 2;
    pub const INT32: u64 = 3;
    pub const UINT8: u64 = 4;
    pub const INT16: u64 = 5;
    pub const INT8: u64 = 6;
    pub const STRING: u64 = 7;
    pub const INT64: u64 = 9;
    pub const BFLOAT16: u64 = 14;
    pub const UINT16: u64 = 17;
    pub const HALF: u64 = 19;
    pub const UINT32: u64 = 22;
    pub const UINT64: u64 = 23;
}

/// How many strings are kept: width, height and the first picture.
const STRINGS: usize = 3;

/// What is needed of a tensor to tell its one element.
#[derive(Debug, Default)]
pub(super) struct Tensor<'a> {
    dtype: u64,
    shape: &'a [u8],
    content: &'a [u8],
    // The elements in the field of their type: how many, and the last.
    elements: usize,
    last: Element,
    strings: [Option<&'a [u8]>; STRINGS],
}

/// An element in the field of its type.
#[derive(Debug, Clone, Copy, Default)]
enum Element {
    #[default]
    None,
    Float(f32),
    Double(f64),
    Integer(u64),
}

impl<'a> Tensor<'a> {
    pub(super) fn decode(message: &'a [u8]) -> Self {
        let mut tensor = Self::default();
        for field in Fields::new(message) {
            match field {
                (1, Field::Varint(dtype)) => tensor.dtype = dtype,
                (2, Field::Bytes(shape)) => tensor.shape = shape,
                (4, Field::Bytes(content)) => tensor.content = content,
                (8, Field::Bytes(text)) => tensor.add_string(text),
                (number, field) if Some(number) == tensor.field() => tensor.add(field),
                _ => {}
            }
        }
        tensor
    }

    /// The number of the field with the elements. Writers tell the type first.
    fn field(&self) -> Option<u64> {
        Some(match self.dtype {
            dtype::FLOAT => 5,
            dtype::DOUBLE => 6,
            dtype::INT32 | dtype::INT16 | dtype::INT8 | dtype::UINT16 | dtype::UINT8 => 7,
            dtype::INT64 => 10,
            dtype::HALF | dtype::BFLOAT16 => 13,
            dtype::UINT32 => 16,
            dtype::UINT64 => 17,
            _ => return None,
        })
    }

    fn add(&mut self, field: Field<'a>) {
        match (field, self.dtype) {
            (Field::Varint(number), _) => self.add_element(Element::Integer(number)),
            (Field::Fixed32(bytes), _) => self.add_float(bytes),
            (Field::Fixed64(bytes), _) => self.add_double(bytes),
            (Field::Bytes(packed), dtype::FLOAT) => {
                packed
                    .as_chunks()
                    .0
                    .iter()
                    .for_each(|bytes| self.add_float(*bytes));
            }
            (Field::Bytes(packed), dtype::DOUBLE) => {
                packed
                    .as_chunks()
                    .0
                    .iter()
                    .for_each(|bytes| self.add_double(*bytes));
            }
            (Field::Bytes(packed), _) => {
                for number in Fields::packed(packed) {
                    self.add_element(Element::Integer(number));
                }
            }
        }
    }

    fn add_float(&mut self, bytes: [u8; 4]) {
        self.add_element(Element::Float(f32::from_le_bytes(bytes)));
    }

    fn add_double(&mut self, bytes: [u8; 8]) {
        self.add_element(Element::Double(f64::from_le_bytes(bytes)));
    }

    fn add_element(&mut self, element: Element) {
        self.elements += 1;
        self.last = element;
    }

    fn add_string(&mut self, text: &'a [u8]) {
        if let Some(place) = self.strings.iter_mut().find(|place| place.is_none()) {
            *place = Some(text);
        }
    }

    /// The first strings, where the elements are such.
    pub(super) fn strings(&self) -> [Option<&'a [u8]>; STRINGS] {
        match self.dtype {
            dtype::STRING => self.strings,
            _ => [None; STRINGS],
        }
    }

    /// The one element, where it is a number.
    pub(super) fn number(&self) -> Option<f64> {
        if self.field().is_none() || !self.has_one_element() {
            return None;
        }
        if !self.content.is_empty() {
            return self.number_of_content();
        }
        if self.elements != 1 {
            return None;
        }
        Some(match self.last {
            Element::None => return None,
            Element::Float(number) => number.into(),
            Element::Double(number) => number,
            Element::Integer(number) => match self.dtype {
                dtype::HALF => f16::from_bits(number as u16).to_f64(),
                dtype::BFLOAT16 => bf16::from_bits(number as u16).to_f64(),
                dtype::UINT64 => number as f64,
                // Negative numbers are written with 64 bits, whatever their type.
                _ => number.cast_signed() as f64,
            },
        })
    }

    fn number_of_content(&self) -> Option<f64> {
        let content = self.content;
        Some(match self.dtype {
            dtype::FLOAT => f32::from_le_bytes(content.try_into().ok()?).into(),
            dtype::DOUBLE => f64::from_le_bytes(content.try_into().ok()?),
            dtype::HALF => f16::from_le_bytes(content.try_into().ok()?).to_f64(),
            dtype::BFLOAT16 => bf16::from_le_bytes(content.try_into().ok()?).to_f64(),
            dtype::INT8 => i8::from_le_bytes(content.try_into().ok()?).into(),
            dtype::INT16 => i16::from_le_bytes(content.try_into().ok()?).into(),
            dtype::INT32 => i32::from_le_bytes(content.try_into().ok()?).into(),
            dtype::INT64 => i64::from_le_bytes(content.try_into().ok()?) as f64,
            dtype::UINT8 => u8::from_le_bytes(content.try_into().ok()?).into(),
            dtype::UINT16 => u16::from_le_bytes(content.try_into().ok()?).into(),
            dtype::UINT32 => u32::from_le_bytes(content.try_into().ok()?).into(),
            dtype::UINT64 => u64::from_le_bytes(content.try_into().ok()?) as f64,
            _ => return None,
        })
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
