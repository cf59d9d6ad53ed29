//! YAML as PyYAML reads and writes it.
//!
//! Run attributes, guild files, flag values on command lines and in the
//! environment are all YAML that Guild AI 0.9 must be able to read, and some of
//! it must match what Guild AI would have written byte for byte. This module is
//! that dialect: YAML 1.1 types, the float forms Guild AI adds (`1e3`), sorted
//! keys, folding at column 80, ASCII only. The rules are section 2.8 of the run
//! format.
//!
//! It is not a general YAML library: no custom tags, no comments kept, one
//! document per text, and nothing here knows what a value is for.

mod analyze;
mod binary;
mod compose;
mod construct;
mod emit;
mod layout;
mod map;
mod parse;
#[cfg(test)]
mod read;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;
mod value;
mod write;
#[cfg(test)]
mod written;

use thiserror::Error as ThisError;

pub use self::compose::{Entry, Node, NodeKind, load_spanned};
pub use self::layout::{Layout, LayoutKind, layout};
pub use self::map::{IntoEntries, Map};
pub use self::value::Value;

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{problem}")]
pub struct Error {
    context: Option<(String, Mark)>,
    problem: String,
    mark: Mark,
    /// The character's place in the whole text, where PyYAML tells it instead of
    /// line and column.
    position: Option<usize>,
}

/// A position in a text, counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Mark {
    line: usize,
    column: usize,
}

impl Error {
    fn new(problem: impl Into<String>, mark: Mark) -> Self {
        Self {
            context: None,
            problem: problem.into(),
            mark,
            position: None,
        }
    }

    fn at_position(problem: impl Into<String>, mark: Mark, position: usize) -> Self {
        Self {
            position: Some(position),
            ..Self::new(problem, mark)
        }
    }

    fn within(mut self, context: impl Into<String>, mark: Mark) -> Self {
        self.context = Some((context.into(), mark));
        self
    }

    /// The line of the problem, counted from one.
    pub fn line(&self) -> usize {
        self.mark.line + 1
    }

    /// The column of the problem in characters, counted from one.
    pub fn column(&self) -> usize {
        self.mark.column + 1
    }

    /// What was being read when the problem was met, for example
    /// `while parsing a block mapping`.
    pub fn context(&self) -> Option<&str> {
        self.context.as_ref().map(|(text, _)| text.as_str())
    }

    /// The whole error over several lines, as PyYAML words it for a file that
    /// has the given name: context and its place, then problem and its place.
    pub fn report(&self, source: &str) -> String {
        let place = |mark: Mark| {
            format!(
                "  in \"{source}\", line {}, column {}",
                mark.line + 1,
                mark.column + 1
            )
        };
        let mut lines = Vec::new();
        if let Some((context, mark)) = &self.context {
            lines.push(context.clone());
            if *mark != self.mark {
                lines.push(place(*mark));
            }
        }
        lines.push(self.problem.clone());
        lines.push(match self.position {
            Some(position) => format!("  in \"{source}\", position {position}"),
            None => place(self.mark),
        });
        lines.join("\n")
    }
}

/// Reads the one document of a text. An empty text is null.
///
/// # Errors
/// Whatever PyYAML's safe loader refuses: bad syntax, a second document, an
/// unknown tag or alias, a date that does not exist. Also what it would accept
/// at a price: values that contain themselves, nesting past 100 levels and
/// aliases that expand beyond reason.
pub fn load(text: &str) -> Result<Value, Error> {
    Ok(load_spanned(text)?.map_or(Value::Null, Node::into_value))
}

/// Reads the one document of a file's bytes: UTF-8, or UTF-16 if it begins with
/// a byte order mark.
///
/// # Errors
/// As [`load`], and for bytes that are not text.
pub fn load_bytes(bytes: &[u8]) -> Result<Value, Error> {
    load(&decode_text(bytes)?)
}

/// The text of a file's bytes, see [`load_bytes`].
///
/// # Errors
/// They are not text.
pub fn decode_text(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, Error> {
    let utf16 = |from_bytes: fn([u8; 2]) -> u16| {
        let units = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| from_bytes(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        match text {
            Ok(text) if bytes.len().is_multiple_of(2) => Ok(text.into()),
            _ => Err(Error::new("invalid utf-16 text", Mark::default())),
        }
    };
    if bytes.starts_with(&[0xFF, 0xFE]) {
        return utf16(u16::from_le_bytes);
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return utf16(u16::from_be_bytes);
    }
    str::from_utf8(bytes).map(Into::into).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let mark = Mark {
            line: before.iter().filter(|b| **b == b'\n').count(),
            column: String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count(),
        };
        let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
        let problem = format!("unacceptable character #x{byte:04x}: invalid utf-8");
        Error::at_position(problem, mark, error.valid_up_to())
    })
}

/// Writes a value as the content of an attribute file, without the final line
/// break: block style, sorted keys, and `y` and `n` quoted for readers that
/// take YAML 1.1 at its word.
pub fn dump(value: &Value) -> String {
    emit::emit(value, emit::Style::Block, true)
}

/// Writes a value for people to read: as [`dump`] does, but with `y` and `n` plain.
pub fn dump_shown(value: &Value) -> String {
    emit::emit(value, emit::Style::Block, false)
}

/// Writes a value as one command-line argument or environment variable: flow
/// style. Long values still wrap at column 80, as Guild AI's do.
pub fn dump_flow(value: &Value) -> String {
    emit::emit(value, emit::Style::Flow, false)
}

/// Writes a value as a whole attribute file: [`dump`] and a line break.
pub fn dump_file(value: &Value) -> String {
    let mut text = dump(value);
    text.push('\n');
    text
}
