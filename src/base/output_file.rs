//! Files that users ask for by name: the old content or the new, never a part.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::files;

/// A file that is being written. It is there when [`OutputFile::finish`] is done;
/// until then what was there stays. What is no regular file, such as a pipe or
/// `/dev/null`, is written as it is.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    /// What is written, and where it goes from there; none where it is `path` itself.
    temporary: Option<(PathBuf, PathBuf)>,
    file: BufWriter<File>,
}

impl OutputFile {
    /// Starts to write the file at `path`. Folders that are missing are made.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: &Path) -> files::Result<Self> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            files::create_dir_all(dir)?;
        }
        let failed = |source| files::Error::new("write", path, source);
        // A link stays one: what it leads to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let is_special = fs::metadata(&real).is_ok_and(|meta| !meta.is_file());
        let (temporary, file) = if is_special {
            let file = fs::OpenOptions::new().write(true).open(&real);
            (None, file.map_err(failed)?)
        } else {
            let beside = beside(&real);
            let file = File::create_new(&beside).map_err(failed)?;
            (Some((beside, real)), file)
        };
        Ok(Self {
            path: path.to_path_buf(),
            temporary,
            file: BufWriter::new(file),
        })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// It cannot be written in full, or put there; what was there stays.
    pub fn finish(mut self) -> files::Result<()> {
        self.file.flush().map_err(|error| self.failed(error))?;
        if let Some((beside, real)) = &self.temporary {
            if let Ok(meta) = fs::metadata(real) {
                // Best effort: the content is what matters.
                let _ = fs::set_permissions(beside, meta.permissions());
            }
            fs::rename(beside, real).map_err(|error| self.failed(error))?;
            self.temporary = None;
        }
        Ok(())
    }

    /// That writing failed for `reason`.
    pub fn failed(&self, reason: io::Error) -> files::Error {
        files::Error::new("write", &self.path, reason)
    }
}

/// A name for the file at `path` while it is written, in the same folder.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
    path.with_file_name(name)
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.temporary {
            // Whatever kept it from being finished is told already.
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = files::names(dir).unwrap().into_iter();
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/x");
        for text in ["one", "two"] {
            let mut file = OutputFile::create(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            assert_ne!(fs::read_to_string(&path).unwrap_or_default(), text);
            file.finish().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        }
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        let mut unfinished = OutputFile::create(&path).unwrap();
        unfinished.write_all(b"three").unwrap();
        drop(unfinished);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(&dir.path().join("sub")), ["x"]);
    }

    #[test]
    fn links_and_what_is_no_file_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        let write = |path: &Path| {
            let mut file = OutputFile::create(path)?;
            file.write_all(b"new").map_err(|error| file.failed(error))?;
            file.finish()
        };
        write(&link).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        write(Path::new("/dev/null")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let error = write(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&dir.path().display().to_string()), "{error}");
        assert_eq!(names(dir.path()), ["link", "real"]);
    }
}
