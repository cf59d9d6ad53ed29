//! Writing what an archive of anybody holds into a folder, and nothing outside of
//! it: names are checked, nothing is written through a link, links lead to places
//! in the folder and are made last.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::Error;
use crate::base::{entry_name, file_copy, files};
use crate::resolve::cache::CacheFolder;

/// How much is read and written at a time.
const CHUNK: usize = 128 << 10;

/// How many bytes a file has before it is looked whether there is room.
const LARGE: u64 = 64 << 20;

/// Permission bits of what an archive has none for.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// What an archive says of an entry beside its content.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attributes {
    /// Permission bits.
    pub mode: Option<u32>,
    /// When it was modified.
    pub modified: Option<SystemTime>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Made {
    File,
    Folder,
    /// A folder that no entry has named yet, above others.
    Above,
    Link(PathBuf),
}

/// What was extracted so far.
pub(super) struct Entries<'a> {
    archive: &'a Path,
    root: &'a Path,
    reserved: Option<String>,
    names: Vec<String>,
    made: HashMap<PathBuf, Made>,
    folders: Vec<(PathBuf, Attributes)>,
    chunk: Vec<u8>,
}

impl<'a> Entries<'a> {
    /// Entries of `archive`, which go to the empty folder `root`.
    pub fn new(archive: &'a Path, root: &'a Path) -> Self {
        Self {
            archive,
            root,
            reserved: None,
            names: Vec::new(),
            made: HashMap::new(),
            folders: Vec::new(),
            chunk: vec![0; CHUNK],
        }
    }

    /// No entry may have the name `name` at the top.
    pub fn reserve(&mut self, name: &str) {
        self.reserved = Some(name.to_string());
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// It may not have that name; it cannot be made.
    pub fn folder(&mut self, name: &[u8], attributes: Attributes) -> Result<(), Error> {
        let Some(path) = self.place(name)? else {
            return Ok(());
        };
        match self.made.get(&path) {
            None => files::create_dir(&self.root.join(&path))?,
            Some(Made::Folder | Made::Above) => {}
            Some(_) => return Err(self.refuse(name, "is a folder and something else")),
        }
        self.note(&path, Made::Folder);
        self.folders.push((path, attributes));
        Ok(())
    }

    /// Writes a file with `size` bytes from `content`.
    ///
    /// # Errors
    /// It may not have that name; the content is damaged or of another size; it
    /// cannot be written.
    pub fn file(
        &mut self,
        name: &[u8],
        size: u64,
        content: &mut dyn Read,
        attributes: Attributes,
    ) -> Result<(), Error> {
        let Some((path, target)) = self.place_of_file(name)? else {
            return Ok(());
        };
        self.check_room(name, size)?;
        let got = self.write(&target, name, content)?;
        if got != size {
            let reason = format!("has {got} of {size} bytes");
            return Err(self.refuse(name, &reason));
        }
        self.finish_file(&path, &target, attributes)
    }

    /// Writes a file with all of `content`, whose size is not known.
    ///
    /// # Errors
    /// As for [`Entries::file`].
    pub fn file_to_end(
        &mut self,
        name: &[u8],
        content: &mut dyn Read,
        attributes: Attributes,
    ) -> Result<(), Error> {
        let Some((path, target)) = self.place_of_file(name)? else {
            return Ok(());
        };
        self.write(&target, name, content)?;
        self.finish_file(&path, &target, attributes)
    }

    /// Copies a file that was extracted before, which the archive has once for
    /// several names.
    ///
    /// # Errors
    /// It may not have that name; `of` is no file.
    pub fn same_file(
        &mut self,
        name: &[u8],
        of: &[u8],
        attributes: Attributes,
    ) -> Result<(), Error> {
        let source = self
            .checked(of)?
            .filter(|path| self.made.get(path) == Some(&Made::File));
        let Some(source) = source else {
            return Err(self.refuse(name, "is a hard link to what is no file before it"));
        };
        let Some((path, target)) = self.place_of_file(name)? else {
            return Ok(());
        };
        if source != path {
            files::copy(&self.root.join(source), &target)?;
        }
        self.finish_file(&path, &target, attributes)
    }

    /// Notes a symbolic link, which is made at the end.
    ///
    /// # Errors
    /// It may not have that name, or leads out of the archive.
    pub fn link(&mut self, name: &[u8], target: &[u8]) -> Result<(), Error> {
        let Some(path) = self.place(name)? else {
            return Ok(());
        };
        let target = PathBuf::from(std::ffi::OsStr::from_bytes(target));
        if !stays_inside(&path, &target) {
            let reason = format!("is a link that leads outside, to '{}'", target.display());
            return Err(self.refuse(name, &reason));
        }
        match self.made.get(&path) {
            Some(Made::Folder | Made::Above) => {
                return Err(self.refuse(name, "is a folder and something else"));
            }
            Some(Made::File) => files::remove_if_exists(&self.root.join(&path))?,
            Some(Made::Link(_)) | None => {}
        }
        self.note(&path, Made::Link(target));
        Ok(())
    }

    /// Makes the links and gives folders their attributes. The result is the names
    /// in the order of the archive.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn finish(self) -> Result<Vec<String>, Error> {
        for (path, made) in &self.made {
            if let Made::Link(target) = made {
                let path = self.root.join(path);
                symlink(target, &path)
                    .map_err(|source| files::Error::new("write", &path, source))?;
            }
        }
        // The inner ones first: writing in a folder changes its time.
        for (path, attributes) in self.folders.iter().rev() {
            let mode = attributes.mode.unwrap_or(FOLDER_MODE) & 0o777 | 0o700;
            file_copy::set_attributes(&self.root.join(path), mode, attributes.modified)?;
        }
        Ok(self.names)
    }

    /// An error of the entry `name`.
    pub fn refuse(&self, name: &[u8], reason: &str) -> Error {
        Error::Entry {
            archive: self.archive.to_path_buf(),
            name: String::from_utf8_lossy(name).into_owned(),
            reason: reason.to_string(),
        }
    }

    fn checked(&self, name: &[u8]) -> Result<Option<PathBuf>, Error> {
        entry_name::path(name).map_err(|reason| self.refuse(name, reason))
    }

    /// Where the entry goes, with the folders above it made; none where it is the
    /// folder itself.
    fn place(&mut self, name: &[u8]) -> Result<Option<PathBuf>, Error> {
        let Some(path) = self.checked(name)? else {
            return Ok(None);
        };
        if name.contains(&b'\n') {
            return Err(self.refuse(name, "has a line break in its name"));
        }
        let top = path.iter().next().unwrap_or_default().to_string_lossy();
        if CacheFolder::is_note(&top) || self.reserved.as_deref() == Some(&*top) {
            return Err(self.refuse(name, "has a name that is taken beside the archive"));
        }
        let mut above = PathBuf::new();
        for part in path.parent().into_iter().flat_map(Path::components) {
            above.push(part);
            match self.made.get(&above) {
                Some(Made::Folder | Made::Above) => {}
                Some(Made::File) => return Err(self.refuse(name, "is below a file")),
                Some(Made::Link(_)) => {
                    return Err(self.refuse(name, "would be written through a link"));
                }
                None => {
                    files::create_dir(&self.root.join(&above))?;
                    self.made.insert(above.clone(), Made::Above);
                }
            }
        }
        Ok(Some(path))
    }

    /// As [`Entries::place`], for a file, which replaces one of the same name.
    fn place_of_file(&mut self, name: &[u8]) -> Result<Option<(PathBuf, PathBuf)>, Error> {
        let Some(path) = self.place(name)? else {
            return Err(self.refuse(name, "is a file without a name"));
        };
        if matches!(self.made.get(&path), Some(Made::Folder | Made::Above)) {
            return Err(self.refuse(name, "is a folder and something else"));
        }
        let target = self.root.join(&path);
        Ok(Some((path, target)))
    }

    /// Refuses a file that is larger than the disk, which little in an archive can
    /// become, before the disk is full.
    fn check_room(&self, name: &[u8], size: u64) -> Result<(), Error> {
        let free = match size > LARGE {
            true => file_copy::free_space(self.root),
            false => None,
        };
        match free.filter(|&free| free < size) {
            Some(free) => {
                let folder = self.root.parent().and_then(Path::parent);
                let folder = folder.unwrap_or(self.root).display();
                let reason = format!("has {size} bytes, but only {free} are free in '{folder}'");
                Err(self.refuse(name, &reason))
            }
            None => Ok(()),
        }
    }

    /// Writes all of `content` to the file `target` and tells how much that was.
    fn write(&mut self, target: &Path, name: &[u8], content: &mut dyn Read) -> Result<u64, Error> {
        let failed = |source| files::Error::new("write", target, source);
        let mut file = File::create(target).map_err(failed)?;
        let mut got = 0;
        loop {
            let count = match content.read(&mut self.chunk) {
                Ok(0) => return Ok(got),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let reason = format!("is damaged ({error})");
                    return Err(self.refuse(name, &reason));
                }
            };
            file.write_all(&self.chunk[..count]).map_err(failed)?;
            got += count as u64;
        }
    }

    fn finish_file(
        &mut self,
        path: &Path,
        target: &Path,
        attributes: Attributes,
    ) -> Result<(), Error> {
        let mode = attributes.mode.unwrap_or(FILE_MODE) & 0o777 | 0o600;
        file_copy::set_attributes(target, mode, attributes.modified)?;
        self.note(path, Made::File);
        Ok(())
    }

    /// Notes what was made. A name that comes twice is listed once.
    fn note(&mut self, path: &Path, made: Made) {
        let before = self.made.insert(path.to_path_buf(), made);
        if matches!(before, None | Some(Made::Above)) {
            self.names.push(path.to_string_lossy().into_owned());
        }
    }
}

/// Whether a link at `path` leads to a place below the root, whatever other links
/// there are: all of which lead there too, and none of which is above `path`. A
/// target that goes up after it went down could go up from where a link leads.
fn stays_inside(path: &Path, target: &Path) -> bool {
    let depth = path.components().count() - 1;
    let mut up = 0;
    let mut went_down = false;
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if went_down => return false,
            Component::ParentDir => up += 1,
            Component::Normal(_) => went_down = true,
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    up <= depth && !target.as_os_str().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_places_inside() {
        for (path, target, expected) in [
            ("a", "b", true),
            ("a/b", "../c", true),
            ("a/b", "..", true),
            ("a/b/c", "./../../d/e", true),
            ("a", "../b", false),
            ("a/b", "../../c", false),
            ("a/b", "c/../../..", false),
            ("a/b", "c/../d", false),
            ("a", "/etc/passwd", false),
            ("a", "", false),
        ] {
            let inside = stays_inside(Path::new(path), Path::new(target));
            assert_eq!(inside, expected, "{path} -> {target}");
        }
    }
}
