//! Bytes as text, and back.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(text("é\u{1F600}".as_bytes()), "é\u{1F600}");
        assert_eq!(text(b"a\xff\xc3b\xe2\x82"), "a\\xff\\xc3b\\xe2\\x82");
        assert_eq!(bytes("a\u{ff}"), b"a\xff");
    }
}
