//! Values of YAML documents, and how they compare: strictly, and as Python's `==`
//! and `<` do it. Not how they are read or written.

use std::cmp::Ordering;

use super::Map;

/// A value that YAML can hold, in Python's types.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `null`, Python's `None`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other integer, in decimal with an optional `-` and no leading zero.
    BigInt(String),
    /// A float, infinities and NaN included.
    Float(f64),
    /// Text.
    Str(String),
    /// A date or a date and time, as Python's `str` writes it.
    Timestamp(String),
    /// Bytes, `!!binary` in YAML.
    Bytes(Vec<u8>),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping.
    Map(Map),
    /// A set, `!!set` in YAML: the keys of a mapping whose values are null.
    Set(Map),
}

impl Value {
    /// The text of a [`Value::Str`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a [`Value::Int`]; not of a boolean or a float.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of a float or any integer, as a float.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Int(number) => Some(*number as f64),
            Self::BigInt(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The truth of a [`Value::Bool`].
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The items of a [`Value::List`].
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a [`Value::Map`].
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of the value's Python type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::BigInt(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Timestamp(text) if text.len() == "2020-01-02".len() => "date",
            Self::Timestamp(_) => "datetime",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "dict",
            Self::Set(_) => "set",
        }
    }

    /// Whether Python takes the value for true: not null, zero or empty.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(map) | Self::Set(map) => !map.is_empty(),
            Self::BigInt(_) | Self::Timestamp(_) => true,
        }
    }

    /// Whether Python's `==` holds: `1`, `1.0` and `True` are one value, and NaN
    /// is none, not even itself.
    ///
    /// `PartialEq` is stricter on types and gentler on NaN: it says whether two
    /// values are written the same way, save for the order of map entries.
    pub fn python_eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.python_eq(b))
            }
            (Self::Map(a), Self::Map(b)) | (Self::Set(a), Self::Set(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get_value(key).is_some_and(|b| a.python_eq(b)))
            }
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.compare(b) == Some(Ordering::Equal),
                (None, None) => self == other,
                _ => false,
            },
        }
    }

    /// The order of Python's `<`, or nothing where Python refuses to compare.
    pub fn python_cmp(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Self::Str(a), Self::Str(b)) => Some(a.cmp(b)),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => {
                (timestamp_kind(a) == timestamp_kind(b)).then(|| a.cmp(b))
            }
            (Self::List(a), Self::List(b)) => a
                .iter()
                .zip(b)
                .find(|(a, b)| !a.python_eq(b))
                .map_or_else(|| Some(a.len().cmp(&b.len())), |(a, b)| a.python_cmp(b)),
            _ => self.number()?.compare(other.number()?),
        }
    }

    /// An order of all values that agrees with [`Value::python_cmp`].
    pub(super) fn total_cmp(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Self::List(a), Self::List(b)) => a
                .iter()
                .zip(b)
                .map(|(a, b)| a.total_cmp(b))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            _ => self
                .python_cmp(other)
                .unwrap_or_else(|| self.order_class().cmp(&other.order_class())),
        }
    }

    /// Values of one class compare with each other, save NaN, maps and sets.
    fn order_class(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Float(number) if number.is_nan() => 1,
            Self::Bool(_) | Self::Int(_) | Self::BigInt(_) | Self::Float(_) => 2,
            Self::Str(_) => 3,
            Self::Bytes(_) => 4,
            Self::Timestamp(text) => 5 + timestamp_kind(text),
            Self::List(_) => 9,
            Self::Map(_) => 10,
            Self::Set(_) => 11,
        }
    }

    fn number(&self) -> Option<Number<'_>> {
        match self {
            Self::Bool(truth) => Some(Number::Int(i64::from(*truth))),
            Self::Int(number) => Some(Number::Int(*number)),
            Self::BigInt(digits) => Some(Number::Big(digits)),
            Self::Float(number) => Some(Number::Float(*number)),
            _ => None,
        }
    }
}

/// Dates do not compare with date-times, nor times of a zone with those of none.
fn timestamp_kind(text: &str) -> u8 {
    match text.get("2020-01-02".len()..) {
        None | Some("") => 0,
        Some(time) if time.contains(['+', '-']) => 1,
        Some(_) => 2,
    }
}

/// The numbers that Python compares across types.
#[derive(Clone, Copy)]
enum Number<'a> {
    Int(i64),
    Big(&'a str),
    Float(f64),
}

impl Number<'_> {
    fn compare(self, other: Number<'_>) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => compare_int_float(a, b),
            (a, b @ Number::Int(_)) => b.compare(a).map(Ordering::reverse),
            (Number::Big(a), Number::Big(b)) => Some(compare_digits(a, b)),
            // Any integer outside 64 bits lies beyond every other one.
            (Number::Int(_), Number::Big(digits)) => Some(if digits.starts_with('-') {
                Ordering::Greater
            } else {
                Ordering::Less
            }),
            (Number::Big(digits), Number::Float(b)) if b.is_finite() => {
                // In digits, as two large integers may share the nearest float.
                Some(compare_digits(digits, &format!("{b:.0}")))
            }
            (Number::Big(_), Number::Float(b)) => 0.0.partial_cmp(&b),
            (Number::Float(_), Number::Big(_)) => other.compare(self).map(Ordering::reverse),
        }
    }
}

fn compare_int_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // A float of this size has no fraction and lies outside 64 bits.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    Some(
        int.cmp(&(whole as i64))
            .then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)),
    )
}

fn compare_digits(a: &str, b: &str) -> Ordering {
    let magnitude = |text: &str| (text.len(), text.to_owned());
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (Some(a), Some(b)) => magnitude(b).cmp(&magnitude(a)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => magnitude(a).cmp(&magnitude(b)),
    }
}

/// Equal types and equal contents. NaN equals NaN, so that a value equals itself
/// read back; `0.0` equals `-0.0`. See [`Value::python_eq`] for Python's `==`.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) | (Self::Set(a), Self::Set(b)) => a == b,
            (Self::BigInt(a), Self::BigInt(b))
            | (Self::Str(a), Self::Str(b))
            | (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
