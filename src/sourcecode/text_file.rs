//! Whether a file holds text, by its extension or its first bytes.

use std::io::Read;
use std::path::Path;

use crate::base::files;

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

/// Whether the file at `path` holds text.
///
/// # Errors
/// That depends on what is in it, and it cannot be read.
pub fn is_text(path: &Path) -> files::Result<bool> {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some(extension) if TEXT.contains(&extension) => Ok(true),
        Some(extension) if BINARY.contains(&extension) => Ok(false),
        _ => Ok(is_text_sample(&sample(path)?)),
    }
}

fn sample(path: &Path) -> files::Result<Vec<u8>> {
    let mut sample = Vec::with_capacity(SAMPLE);
    let file = files::open(path)?;
    file.take(SAMPLE as u64)
        .read_to_end(&mut sample)
        .map_err(|source| files::Error::new("read", path, source))?;
    Ok(sample)
}

/// Text is what decodes as UTF-8, or as the UTF-16 or UTF-32 that it says it is;
/// of the rest, what has mostly printable characters and neither NUL nor 0xFF.
fn is_text_sample(sample: &[u8]) -> bool {
    if sample.is_empty() {
        return true;
    }
    if let Some(is_text) = is_wide_text(sample) {
        return is_text;
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

/// Whether a sample that starts with the mark of UTF-16 or UTF-32 holds that;
/// none where there is no such mark.
fn is_wide_text(sample: &[u8]) -> Option<bool> {
    let decodes = |units: Vec<u16>| {
        let units = units.split_last().map_or(&[][..], |(_, start)| start);
        // The last one may be half a character.
        char::decode_utf16(units.iter().copied()).all(|decoded| decoded.is_ok())
    };
    let pairs = || sample.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    let fours = || {
        sample
            .chunks_exact(4)
            .map(|four| [four[0], four[1], four[2], four[3]])
    };
    let is_char = |unit: u32| char::from_u32(unit).is_some();
    match sample {
        [0xff, 0xfe, 0, 0, ..] => Some(fours().map(u32::from_le_bytes).all(is_char)),
        [0, 0, 0xfe, 0xff, ..] => Some(fours().map(u32::from_be_bytes).all(is_char)),
        [0xff, 0xfe, ..] => Some(decodes(pairs().map(u16::from_le_bytes).collect())),
        [0xfe, 0xff, ..] => Some(decodes(pairs().map(u16::from_be_bytes).collect())),
        _ => None,
    }
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
        assert!(is_text_sample(b"\xff\xfeh\0i\0"));
        assert!(is_text_sample(b"\xfe\xff\0h\0i"));
        assert!(is_text_sample(b"\xff\xfe\0\0h\0\0\0"));
        assert!(is_text_sample(b"\0\0\xfe\xff\0\0\0h"));
        assert!(!is_text_sample(b"\xff\xfe\0\xdch\0i\0"));
        assert!(!is_text_sample(b"\xff\xfe\0\0\xff\xff\xff\xff"));
        assert!(!is_text_sample(b"nul\0byte"));
        assert!(!is_text_sample(b"ff \xff byte"));
        assert!(!is_text_sample(b"\x89PNG\r\n\x1a\n\0\0"));
        assert!(!is_text_sample(&[1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn an_extension_decides_without_a_look_inside() {
        assert!(is_text(Path::new("/nowhere/a.PY")).unwrap());
        assert!(!is_text(Path::new("/nowhere/a.png")).unwrap());
        assert!(is_text(Path::new("/nowhere/a.unknown")).is_err());
    }
}
