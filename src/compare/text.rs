//! Values as text.

use std::borrow::Cow;

use crate::base::yaml::Value;
use crate::flags;

/// How many digits behind the point people are shown.
const DIGITS: usize = 6;

/// A value as tables show it to people: floats cut to six digits, which makes
/// nothing look like more than it is, `yes` and `no`, nothing for null.
pub fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Str(text) => Cow::Borrowed(text),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "yes" } else { "no" }),
        Value::Float(_) => Cow::Owned(flags::short_float(value, DIGITS)),
        other => Cow::Owned(flags::plain_text(other)),
    }
}

/// A value as text for programs, in full and as Python has it; nothing for null.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => flags::plain_text(other),
    }
}
