//! Bytes as text, and back.

use std::borrow::Cow;

/// A string that stands for bytes, each character for one.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

/// Bytes as text: UTF-8 where they are, `\xNN` where they are not.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// The text with control characters, other than the ends of lines and tabs, written
/// out: what a terminal is shown must not drive it.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let drives = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(drives) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if drives(c) {
            shown.push_str(&format!("\\x{:02x}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(text("é\u{1F600}".as_bytes()), "é\u{1F600}");
        assert_eq!(text(b"a\xff\xc3b\xe2\x82"), "a\\xff\\xc3b\\xe2\\x82");
        assert_eq!(bytes("a\u{ff}"), b"a\xff");
    }

    #[test]
    fn what_drives_a_terminal_is_written_out() {
        assert_eq!(shown("a\tb\né"), "a\tb\né");
        assert_eq!(shown("\u{1b}]0;x\u{7}\0\r"), "\\x1b]0;x\\x07\\x00\\x0d");
    }
}
