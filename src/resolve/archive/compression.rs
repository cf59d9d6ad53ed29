//! What archives, and entries of zip files, are compressed with. Whatever a file
//! says of itself, no more memory is taken than any usual program would need.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use zip::CompressionMethod;

use super::Error;
use super::zstd::ZstdReader;
use crate::base::files;

/// The most memory that something compressed may ask for, in bytes: what the largest
/// preset of xz takes, many times over.
pub(super) const MAX_MEMORY: u64 = 2 << 30;

/// The same in KB.
const MAX_KB: u32 = 2 << 20;

/// What errors say where something else comes after the end of what is compressed.
pub(super) const TRAILING: &str = "invalid data after stream";

/// The content of a tar file, whatever it is compressed with: its first bytes tell,
/// as its name may say anything.
///
/// # Errors
/// It cannot be read, or is empty.
pub(super) fn of_tar(archive: &Path) -> Result<Box<dyn Read>, Error> {
    let mut file = BufReader::with_capacity(128 << 10, files::open(archive)?);
    let start = file
        .fill_buf()
        .map_err(|source| files::Error::new("read", archive, source))?;
    Ok(match start {
        [] => {
            return Err(Error::Damaged {
                archive: archive.to_path_buf(),
                reason: "it is empty".to_string(),
            });
        }
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(file)),
        [b'B', b'Z', b'h', ..] => Box::new(MultiBzDecoder::new(file)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Box::new(XzReader::new_mem_limit(file, true, MAX_KB))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(ZstdReader::new(file)),
        _ => Box::new(file),
    })
}

/// Whether an error of reading is about something after the end of what is
/// compressed, which most programs pass over.
pub(super) fn is_about_trailing_bytes(error: &io::Error) -> bool {
    let text = error.to_string();
    let texts = ["invalid gzip header", "bz2 header missing", TRAILING];
    texts.into_iter().any(|trailing| text.contains(trailing))
}

/// The content, of `size` bytes, of an entry of a zip file that was compressed by
/// `method` to `packed`; none for a method that is not known.
///
/// # Errors
/// It asks for too much memory, or is damaged.
pub(super) fn of_entry<'a>(
    method: CompressionMethod,
    mut packed: impl Read + 'a,
    size: u64,
) -> io::Result<Option<Box<dyn Read + 'a>>> {
    Ok(Some(match method {
        CompressionMethod::BZIP2 => Box::new(MultiBzDecoder::new(BufReader::new(packed))),
        CompressionMethod::LZMA => {
            // A version, and how long the properties are that come next.
            let mut head = [0; 4];
            packed.read_exact(&mut head)?;
            let mut properties = [0; 13];
            packed.read_exact(&mut properties[..5])?;
            if head[2..] != [5, 0] {
                return Err(io::Error::other("unknown properties"));
            }
            // As a file of its own has it, which is where the limit is known.
            properties[5..].copy_from_slice(&size.to_le_bytes());
            let packed = io::Cursor::new(properties).chain(BufReader::new(packed));
            Box::new(LzmaReader::new_mem_limit(packed, MAX_KB, None)?)
        }
        CompressionMethod::ZSTD => Box::new(ZstdReader::new(BufReader::new(packed))),
        CompressionMethod::XZ => {
            let packed = BufReader::new(packed);
            Box::new(XzReader::new_mem_limit(packed, false, MAX_KB))
        }
        _ => return Ok(None),
    }))
}

/// Reads what has the checksum `expected`.
pub(super) struct Checked<R> {
    inner: R,
    hasher: crc32fast::Hasher,
    expected: u32,
}

impl<R: Read> Checked<R> {
    /// Reads `inner` and fails at its end if it has another checksum.
    pub fn new(inner: R, expected: u32) -> Self {
        Self {
            inner,
            hasher: crc32fast::Hasher::new(),
            expected,
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        let is_end = count == 0 && !buffer.is_empty();
        if is_end && self.hasher.clone().finalize() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "wrong checksum"));
        }
        Ok(count)
    }
}
