//! Writing files so that nobody sees half of one.

use std::io::{self, Write};
use std::path::Path;

/// Puts a file in place, whole: it is written under another name in the same
/// folder and renamed. Its permissions are those of the file it replaces.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // The file behind a link is meant, not the link.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // Told as the system does, and not with the other name in it.
    folder.metadata()?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    let permissions = match path.metadata() {
        Ok(data) => data.permissions(),
        // What the process would give a new file.
        Err(_) => new_file_permissions(),
    };
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn new_file_permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        replace(&file, b"1").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let link = folder.path().join("l");
        symlink("a", &link).unwrap();
        replace(&link, b"2").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"2");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o755
        );
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(replace(&folder.path().join("none/a"), b"").is_err());
    }
}
