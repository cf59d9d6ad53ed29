//! One of the files of the index: what is known of some of the runs.
//!
//! A line that names the format, the checksum of all that follows, and then for
//! each run the lengths of its name and of what is known of it, 32 bits each, and
//! both. Numbers are little-endian. A file that is anything else counts as empty.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::base::files;

/// What the file starts with; the number goes up when its format changes, or that
/// of what is known of a run.
const FORMAT: &[u8] = b"guild scalars 2\n";

/// Files beyond this size are damaged.
const MOST: u64 = 1 << 30;

/// What a file of the index holds.
#[derive(Debug, Default)]
pub(super) struct Shard {
    bytes: Vec<u8>,
    places: HashMap<String, Range<usize>>,
}

impl Shard {
    /// Reads the file at `path`.
    pub(super) fn read(path: &Path) -> Self {
        let bytes = files::read_up_to(path, MOST).ok().flatten();
        bytes.and_then(Self::parse).unwrap_or_default()
    }

    fn parse(bytes: Vec<u8>) -> Option<Self> {
        let body = bytes.strip_prefix(FORMAT)?;
        let (sum, mut rest) = body.split_first_chunk()?;
        if crc32c::crc32c(rest) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut places = HashMap::new();
        while !rest.is_empty() {
            let name = part(&mut rest)?;
            let name = std::str::from_utf8(name).ok()?.to_string();
            let length = part(&mut rest)?.len();
            let end = bytes.len() - rest.len();
            places.insert(name, end - length..end);
        }
        Some(Self { bytes, places })
    }

    /// What is known of the run `name`.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.bytes.get(self.places.get(name)?.clone())
    }

    /// The names of the runs.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Writes a file with `entries` in one step.
    pub(super) fn write<'a>(
        path: &Path,
        entries: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> files::Result<()> {
        let mut body = Vec::new();
        for (name, entry) in entries {
            // No run has so much that its length does not fit; if one had, it would
            // be read anew each time.
            let (Ok(name_length), Ok(length)) =
                (u32::try_from(name.len()), u32::try_from(entry.len()))
            else {
                continue;
            };
            body.extend_from_slice(&name_length.to_le_bytes());
            body.extend_from_slice(name.as_bytes());
            body.extend_from_slice(&length.to_le_bytes());
            body.extend_from_slice(entry);
        }
        let mut bytes = FORMAT.to_vec();
        bytes.extend_from_slice(&crc32c::crc32c(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        // The name is not another for each process: one that was killed leaves one
        // file at the most, which the next replaces.
        let part = path.with_extension("part");
        std::fs::write(&part, &bytes)
            .map_err(|source| files::Error::new("write", &part, source))?;
        files::rename(&part, path)
    }
}

/// Takes the next part, a length and as many bytes.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (bytes, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}
