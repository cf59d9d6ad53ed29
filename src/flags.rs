//! Flag values: read from `name=value` arguments, shown in previews and labels,
//! and handed to operations as arguments and environment variables.
//!
//! The rules are those of sections 2.8 (reading), 4.2 and 5.2 (handing over) of
//! the run format. Which flags an operation has, and whether a value suits its
//! flag, is not known here; nor are trials made of lists and functions.

mod decode;
mod encode;
mod format;
mod function;
mod percent;
mod references;
mod sequence;
#[cfg(test)]
mod tests;

pub use self::decode::{decode, decode_as, is_type, sequence_fault};
pub use self::encode::{
    FlagArgs, FlagDest, FlagSpec, encode_arg, encode_env, encode_globals, env_name, flag_args,
    flag_env, join_words, plain_text, python_repr, split_text,
};
pub use self::format::{
    ShortPaths, Shorten, assignment, assignments, default_label, format_value, label_value,
    name_text, preview_value, quoted_value, short_float,
};
pub use self::function::{Function, is_function, parse_function};
pub use self::percent::{FormatError, percent};
pub use self::references::{ReferenceError, Undefined, replace_references, with_flags};

/// An argument that should be `name=value` and is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid argument '{0}': expected NAME=VAL")]
pub struct NotAnAssignment(pub String);

/// Splits a `name=value` argument at its first `=`. The value is still text; the
/// name may be anything, even empty.
///
/// # Errors
/// If there is no `=`.
pub fn split_assignment(argument: &str) -> Result<(&str, &str), NotAnAssignment> {
    argument
        .split_once('=')
        .ok_or_else(|| NotAnAssignment(argument.to_owned()))
}
