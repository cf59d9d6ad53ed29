//! Quoted texts, as filter expressions and columns have them.

use std::fmt::Write;

use crate::base::yaml::{self, Value};

/// How much of `text`, which starts with a quote, is a quoted text: up to the
/// next quote of that kind on the same line, but for one behind a `\`. None
/// where there is no such quote.
pub(super) fn length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, quote) = chars.next()?;
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => return None,
            '\\' => {
                chars.next().filter(|(_, escaped)| *escaped != '\n')?;
            }
            c if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// What a quoted text says: between double quotes the escapes of YAML count,
/// between single ones a `\` stands for itself, but before a quote.
///
/// # Errors
/// What is wrong with an escape.
pub(super) fn unquote(quoted: &str) -> Result<String, String> {
    if let Some(text) = quoted
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        return Ok(text.replace("\\'", "'"));
    }
    match yaml::load(quoted) {
        Ok(Value::Str(text)) => Ok(text),
        Ok(_) => Err("no text".to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// `text` in double quotes, on one line, so that it reads back as the same.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = "\"".to_string();
    for c in text.chars() {
        // Writing to a text does not fail.
        let _ = match c {
            '"' | '\\' => write!(quoted, "\\{c}"),
            ' '..='~' => write!(quoted, "{c}"),
            c if u32::from(c) < 0x1_0000 => write!(quoted, "\\u{:04x}", u32::from(c)),
            c => write!(quoted, "\\U{:08x}", u32::from(c)),
        };
    }
    quoted.push('"');
    quoted
}
