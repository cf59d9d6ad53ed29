//! Lines of a stream that arrives in pieces.

use std::borrow::Cow;

use crate::base::python_text::is_space;

/// Lines beyond this length are dropped: they are data, not words.
const MAX_LINE: usize = 1 << 20;

/// Bytes below this value do not count as text of a line.
const FIRST_TEXT_BYTE: u8 = 9;

/// Puts the pieces of one stream together to lines.
#[derive(Debug, Default)]
pub struct Lines {
    // What came since the last line feed.
    open: Vec<u8>,
    overlong: bool,
}

impl Lines {
    /// Takes the next piece of the stream and hands on each line that is whole
    /// by now, without its line feed.
    pub fn push(&mut self, mut bytes: &[u8], mut line: impl FnMut(&[u8])) {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            let (head, tail) = bytes.split_at(end);
            bytes = &tail[1..];
            if self.open.is_empty() && !self.overlong && head.len() <= MAX_LINE {
                line(head);
            } else {
                self.keep(head);
                self.end(&mut line);
            }
        }
        self.keep(bytes);
    }

    /// Hands on what came after the last line feed, if anything did.
    pub fn end(&mut self, line: impl FnOnce(&[u8])) {
        if !self.overlong && !self.open.is_empty() {
            line(&self.open);
        }
        self.open.clear();
        self.overlong = false;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.overlong || self.open.len() + bytes.len() > MAX_LINE {
            self.overlong = true;
            self.open = Vec::new();
        } else {
            self.open.extend_from_slice(bytes);
        }
    }
}

/// The text of a line: without control characters below tab, without what is
/// not UTF-8, and without white space at its end.
pub fn text(line: &[u8]) -> Cow<'_, str> {
    let is_text = |byte: &u8| *byte >= FIRST_TEXT_BYTE;
    if line.iter().all(is_text)
        && let Ok(text) = std::str::from_utf8(line)
    {
        return Cow::Borrowed(text.trim_end_matches(is_space));
    }
    let line: Vec<u8> = line.iter().copied().filter(is_text).collect();
    let mut text: String = line.utf8_chunks().map(|chunk| chunk.valid()).collect();
    text.truncate(text.trim_end_matches(is_space).len());
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        let mut keep = |line: &[u8]| found.push(String::from_utf8_lossy(line).into_owned());
        for piece in pieces {
            lines.push(piece, &mut keep);
        }
        lines.end(&mut keep);
        found
    }

    #[test]
    fn pieces_become_lines() {
        assert_eq!(lines(&[b"a\nb", b"", b"c\n\nd"]), ["a", "bc", "", "d"]);
        assert_eq!(lines(&[b"a", b"\n", b"b\n"]), ["a", "b"]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_line_beyond_all_measure_is_dropped() {
        let long = vec![b'x'; MAX_LINE];
        assert_eq!(
            lines(&[&long, b"y\nz\n", &long, b"y", b"y\n", b"end"]),
            ["z", "end"]
        );
        let whole = [&long[..], b"x\nz\n"].concat();
        assert_eq!(lines(&[&whole]), ["z"]);
    }

    #[test]
    fn text_is_what_python_would_see() {
        assert_eq!(text(b"loss: 1"), "loss: 1");
        assert_eq!(text(b"lo\x01ss: 1 \t\r\x1f"), "loss: 1");
        assert_eq!(text("é: 1\u{a0}\u{2003}".as_bytes()), "é: 1");
        assert_eq!(text(b"k\xff\xc3(: 8\xe2\x82"), "k(: 8");
        assert_eq!(text(b"\xc3\x01\xa9"), "é");
        assert_eq!(text(b" \x08 "), "");
    }
}
