//! Copying a folder, and removing one whatever its permissions are.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A copy that failed.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub(crate) struct CopyError {
    path: PathBuf,
    source: io::Error,
}

/// Copies a folder with what is in it to `target`, which may exist. Links stay
/// links; sockets and the like are left out. What is copied can be written to by
/// its owner, even if the original cannot.
pub(crate) fn copy_tree(source: &Path, target: &Path) -> Result<(), CopyError> {
    if !source.is_dir() {
        let kind = if source.exists() {
            io::ErrorKind::NotADirectory
        } else {
            io::ErrorKind::NotFound
        };
        return Err(CopyError {
            path: source.to_owned(),
            source: kind.into(),
        });
    }
    for entry in WalkDir::new(source) {
        let entry = entry.map_err(|error| CopyError {
            path: error.path().unwrap_or(source).to_owned(),
            source: error.into(),
        })?;
        let relative = entry.path().strip_prefix(source).unwrap_or(entry.path());
        let copy = target.join(relative);
        copy_entry(&entry, &copy).map_err(|source| CopyError { path: copy, source })?;
    }
    Ok(())
}

fn copy_entry(entry: &walkdir::DirEntry, copy: &Path) -> io::Result<()> {
    let kind = entry.file_type();
    if kind.is_dir() {
        return fs::create_dir_all(copy);
    }
    if kind.is_symlink() {
        return symlink(fs::read_link(entry.path())?, copy);
    }
    if kind.is_file() {
        fs::copy(entry.path(), copy)?;
        let mut permissions = fs::metadata(copy)?.permissions();
        if permissions.mode() & 0o200 == 0 {
            permissions.set_mode(permissions.mode() | 0o200);
            fs::set_permissions(copy, permissions)?;
        }
    }
    Ok(())
}

/// Removes a folder with what is in it. A folder that forbids it is first made
/// to allow it.
pub(crate) fn remove_tree(folder: &Path) -> io::Result<()> {
    if fs::remove_dir_all(folder).is_ok() {
        return Ok(());
    }
    for entry in WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            // What stays closed shows in the second attempt.
            let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
        }
    }
    // Folders below a closed one were not seen yet.
    for entry in WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
        }
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_whole_and_writable() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("a");
        fs::create_dir_all(source.join("d/e")).unwrap();
        fs::write(source.join("d/f"), "x").unwrap();
        fs::set_permissions(source.join("d/f"), fs::Permissions::from_mode(0o555)).unwrap();
        symlink("f", source.join("d/l")).unwrap();
        let target = root.path().join("b");
        copy_tree(&source, &target).unwrap();
        assert_eq!(fs::read_to_string(target.join("d/f")).unwrap(), "x");
        assert_eq!(
            fs::metadata(target.join("d/f"))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o755
        );
        assert_eq!(fs::read_link(target.join("d/l")).unwrap(), Path::new("f"));
        assert!(target.join("d/e").is_dir());
        let missing = copy_tree(&root.path().join("none"), &target)
            .unwrap_err()
            .to_string();
        assert!(missing.contains("none"), "{missing}");
    }

    #[test]
    fn a_closed_folder_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a");
        fs::create_dir_all(folder.join("b/c/d")).unwrap();
        fs::set_permissions(folder.join("b/c"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(folder.join("b"), fs::Permissions::from_mode(0o000)).unwrap();
        remove_tree(&folder).unwrap();
        assert!(!folder.exists());
    }
}
