//! The text of a script: its encoding, and how deep it nests.

use std::borrow::Cow;

/// A script's text by the encoding that one of its first two lines declares
/// (PEP 263): UTF-8 unless it says otherwise, and the 8-bit ones whose bytes are
/// the first characters of Unicode.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if bytes.is_ascii() {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    match declared_encoding(bytes).as_deref() {
        None | Some("utf-8" | "utf8") => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1") => {
            Some(bytes.iter().map(|&byte| char::from(byte)).collect())
        }
        Some(_) => None,
    }
}

/// The name behind `coding:` or `coding=` in a comment of the first two lines.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    bytes.split(|&byte| byte == b'\n').take(2).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start().strip_prefix('#')?;
        let (_, rest) = comment.split_once("coding")?;
        let name = rest.strip_prefix([':', '='])?.trim_start();
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = &name[..end.unwrap_or(name.len())];
        Some(name.to_lowercase().replace('_', "-"))
    })
}

/// How deep the expressions of `text` may nest at the most: open brackets, or
/// operators and words in a row without a comma or the end of a line between.
/// Strings and comments do not count.
pub(super) fn nesting(text: &str) -> usize {
    let (mut open, mut row, mut deepest) = (0usize, 0usize, 0usize);
    let mut rest = text.as_bytes();
    let mut after_word = false;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let ends_word = *byte == b' ' && after_word;
        after_word = byte.is_ascii_alphabetic();
        match byte {
            _ if ends_word => row += 1,
            b'\'' | b'"' => rest = after_string(*byte, rest),
            b'#' => {
                let end = rest.iter().position(|&byte| byte == b'\n');
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b',' | b';' => row = 0,
            b'\n' if open == 0 => row = 0,
            b'+' | b'-' | b'*' | b'/' | b'~' | b'.' | b'%' | b'&' | b'|' | b'^' | b'@' | b':'
            | b'<' | b'>' | b'=' => row += 1,
            _ => {}
        }
        deepest = deepest.max(open + row);
    }
    deepest
}

/// What comes after the string that was just opened with `quote`.
fn after_string(quote: u8, text: &[u8]) -> &[u8] {
    let triple = text.starts_with(&[quote, quote]);
    let mut at = if triple { 2 } else { 0 };
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\n' if !triple => break,
            byte if byte == quote && !triple => break,
            byte if byte == quote && text[at..].starts_with(&[quote, quote]) => {
                at += 2;
                break;
            }
            _ => {}
        }
    }
    &text[at.min(text.len())..]
}
