//! Base64 as `!!binary` values have it: lines of 76 characters when written,
//! anything outside the alphabet skipped when read.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes of one line of MIME base64.
const LINE_BYTES: usize = 57;

/// Encodes bytes, each line ended by a line break.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(LINE_BYTES) {
        for group in line.chunks(3) {
            let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                let sextet = bits >> (18 - 6 * place) & 0x3F;
                let is_data = place <= group.len();
                text.push(if is_data {
                    char::from(ALPHABET[sextet as usize])
                } else {
                    '='
                });
            }
        }
        text.push('\n');
    }
    text
}

/// Decodes text up to its padding. The error is Python's wording.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut padding = 0;
    for c in text.bytes() {
        if c == b'=' {
            padding += 1;
            // Padding that completes a group ends the data, whatever follows.
            if count % 4 >= 2 && count % 4 + padding >= 4 {
                return Ok(bytes);
            }
            continue;
        }
        let Some(sextet) = sextet(c) else { continue };
        padding = 0;
        bits = bits << 6 | sextet;
        count += 1;
        if count % 4 != 1 {
            let unused = [0, 0, 4, 2][count % 4];
            bytes.push((bits >> unused & 0xFF) as u8);
        }
    }
    match count % 4 {
        0 => Ok(bytes),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({count}) \
             cannot be 1 more than a multiple of 4"
        )),
        _ => Err("Incorrect padding".to_owned()),
    }
}

fn sextet(c: u8) -> Option<u32> {
    let at = match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(at))
}
