//! How names and lines look in a diff.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What a part of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Place,
    Removed,
    Added,
    /// What is said of a file instead of its lines.
    Remark,
}

/// Whether the parts of a diff have colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// Adds `bytes`, which have no line break, to `line` as `part` looks.
    pub(super) fn push(self, line: &mut Vec<u8>, bytes: &[u8], part: Part) {
        if !self.0 {
            line.extend_from_slice(bytes);
            return;
        }
        let code = match part {
            Part::Header => "1",
            Part::Place => "36",
            Part::Removed => "31",
            Part::Added => "32",
            Part::Remark => "33",
        };
        line.extend_from_slice(format!("\x1b[{code}m").as_bytes());
        line.extend_from_slice(bytes);
        line.extend_from_slice(b"\x1b[0m");
    }
}

/// The bytes of `path`; in quotes, with escapes, where it holds what would break
/// a line or a quote, as `patch` reads it.
pub(super) fn name(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_bytes();
    let is_plain = |byte: &u8| !byte.is_ascii_control() && !matches!(byte, b'"' | b'\\');
    if bytes.iter().all(is_plain) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'"'];
    for byte in bytes {
        match byte {
            b'\n' => quoted.extend_from_slice(b"\\n"),
            b'\t' => quoted.extend_from_slice(b"\\t"),
            b'\r' => quoted.extend_from_slice(b"\\r"),
            b'"' | b'\\' => quoted.extend_from_slice(&[b'\\', *byte]),
            byte if is_plain(byte) => quoted.push(*byte),
            byte => quoted.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}

/// A number of bytes for people.
pub(super) fn size(bytes: u64) -> String {
    const MEGA: f64 = 1_000_000.0;
    format!("{:.1} MB", bytes as f64 / MEGA)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn names_that_would_break_a_line_are_quoted() {
        let shown = |bytes: &[u8]| name(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(shown(b"a b/c"), b"a b/c");
        assert_eq!(shown(b"caf\xe9"), b"caf\xe9");
        assert_eq!(shown(b"a\nb\x1b\""), br#""a\nb\033\"""#);
    }

    #[test]
    fn colours_surround_what_they_are_for() {
        let painted = |colour| {
            let mut line = Vec::new();
            Paint(colour).push(&mut line, b"+x", Part::Added);
            line
        };
        assert_eq!(painted(true), b"\x1b[32m+x\x1b[0m");
        assert_eq!(painted(false), b"+x");
    }
}
