//! Digests of files and texts, in hexadecimal.

use std::io::Read;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256};

use super::files;

/// The SHA-1 of the bytes of a file.
///
/// # Errors
/// The file cannot be read.
pub fn sha1_of_file(path: &Path) -> files::Result<String> {
    of_file::<Sha1>(path)
}

/// The SHA-256 of the bytes of a file.
///
/// # Errors
/// The file cannot be read.
pub fn sha256_of_file(path: &Path) -> files::Result<String> {
    of_file::<Sha256>(path)
}

/// The SHA-1 of a text.
pub fn sha1(text: &str) -> String {
    hex(&Sha1::digest(text))
}

/// The SHA-224 of a text.
pub fn sha224(text: &str) -> String {
    hex(&Sha224::digest(text))
}

fn of_file<D: Digest>(path: &Path) -> files::Result<String> {
    let mut file = files::open(path)?;
    let mut hash = D::new();
    let mut buffer = [0; 65536];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(files::Error::new("read", path, source)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_other_programs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty");
        std::fs::write(&path, "").unwrap();
        let sha1_of_nothing = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert_eq!(sha1_of_file(&path).unwrap(), sha1_of_nothing);
        assert_eq!(sha1(""), sha1_of_nothing);
        assert!(sha256_of_file(&path).unwrap().starts_with("e3b0c44298fc"));
        // Test vector of the run format.
        assert_eq!(
            sha224("file\n/home/u/proj/arc.zip"),
            "74a62dd9e2250d540028231f5f6d1f95cbd7b70114b830a7a4a3704b"
        );
    }
}
