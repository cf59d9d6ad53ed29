//! Whether a file holds text, by its extension or its first bytes.

use std::io::Read;
use std::path::Path;

/// Extensions that always mean text.
const TEXT: &[&str] = &["csv", "md", "py", "sh", "txt"];

/// Extensions that never mean text.
const BINARY: &[&str] = &[
    "7z", "ai", "aif", "avi", "bin", "bmp", "deb", "doc", "docx", "gif", "gz", "ico", "jpeg",
    "jpg", "key", "mid", "midi", "mov", "mp3", "mp4", "mpa", "mpeg", "ogg", "pdf", "pickle", "pkg",
    "pkl", "png", "ppt", "pptx", "ps", "psd", "pyc", "rar", "rpm", "svg", "swf", "tar", "tif",
    "tiff", "wav", "wma", "wmv", "xlr", "xls", "xlsx", "xz", "z", "zip",
];

/// How many bytes decide where the extension does not.
const SAMPLE: usize = 1024;

/// Whether the file at `path` holds text. One that cannot be read does not.
pub fn is_text(path: &Path) -> bool {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some(extension) if TEXT.contains(&extension) => true,
        Some(extension) if BINARY.contains(&extension) => false,
        _ => sample(path).is_some_and(|sample| is_text_sample(&sample)),
    }
}

fn sample(path: &Path) -> Option<Vec<u8>> {
    let mut sample = Vec::with_capacity(SAMPLE);
    let file = crate::base::files::open(path).ok()?;
    file.take(SAMPLE as u64).read_to_end(&mut sample).ok()?;
    Some(sample)
}

/// Text is what decodes as UTF-8; of the rest, what has mostly printable
/// characters and neither NUL nor 0xFF.
fn is_text_sample(sample: &[u8]) -> bool {
    if sample.is_empty() {
        return true;
    }
    if sample.contains(&0) {
        return false;
    }
    match std::str::from_utf8(sample) {
        Ok(_) => return !is_likely_binary(sample) || !sample.is_ascii(),
        // The sample may end inside a character.
        Err(error) if error.error_len().is_none() => return true,
        Err(_) => {}
    }
    !is_likely_binary(sample) && !sample.contains(&0xff)
}

/// By the shares of bytes that are no printable ASCII, and that are no high
/// characters of an 8-bit character set.
fn is_likely_binary(sample: &[u8]) -> bool {
    let share = |is_text: fn(u8) -> bool| {
        let others = sample.iter().filter(|&&byte| !is_text(byte)).count();
        others as f64 / sample.len() as f64
    };
    let printable = |byte| matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x08 | 0x20..=0x7e);
    let not_low = share(printable);
    let not_high = share(|byte| byte >= 0x7f);
    (not_low > 0.30 && not_high < 0.05) || (not_low > 0.8 && not_high > 0.8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_where_the_extension_does_not() {
        assert!(is_text_sample(b""));
        assert!(is_text_sample(b"plain text\n"));
        assert!(is_text_sample("grüße".as_bytes()));
        assert!(is_text_sample(&"grüße".as_bytes()[..3]));
        assert!(is_text_sample(b"latin \xe9 text"));
        assert!(!is_text_sample(b"nul\0byte"));
        assert!(!is_text_sample(b"ff \xff byte"));
        assert!(!is_text_sample(b"\x89PNG\r\n\x1a\n\0\0"));
        assert!(!is_text_sample(&[1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn an_extension_decides_without_a_look_inside() {
        assert!(is_text(Path::new("/nowhere/a.PY")));
        assert!(!is_text(Path::new("/nowhere/a.png")));
        assert!(!is_text(Path::new("/nowhere/a.unknown")));
    }
}
