//! The trials of a batch: runs that start as copies of its proto, and the links by
//! which the batch's run names them.
//!
//! A trial lists from the moment that its `opref` is there, which is written last.

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Result, Run};
use crate::base::yaml::{self, Value};
use crate::base::{files, folder_copy};

/// Files of this size and smaller are kept in memory, since a batch has many trials.
const MAX_KEPT: u64 = 64 << 10;

/// So much is kept in memory at the most.
const MAX_ALL_KEPT: u64 = 8 << 20;

/// What is no part of a copy: who holds the proto, and what state it is in.
const STATE: [&str; 5] = ["LOCK", "LOCK.process", "PENDING", "STAGED", "opref"];

/// Everything that each trial starts with.
#[derive(Debug)]
pub struct TrialSource {
    dir: PathBuf,
    opref: Vec<u8>,
    folders: Vec<PathBuf>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// A small file of the run's own.
    Own(Vec<u8>),
    /// Another small file.
    Kept(Vec<u8>, fs::Metadata),
    /// A file that is copied each time.
    Large,
    Link(PathBuf),
}

impl TrialSource {
    /// Reads what the trials of a batch with this proto start with.
    ///
    /// # Errors
    /// Something of the proto cannot be read.
    pub fn read(proto: &Run) -> Result<Self> {
        let mut source = Self {
            dir: proto.dir.clone(),
            opref: files::read(&proto.guild_path("opref"))?,
            folders: Vec::new(),
            entries: Vec::new(),
        };
        let mut kept = 0;
        source.add(Path::new(""), &mut kept)?;
        Ok(source)
    }

    fn add(&mut self, below: &Path, kept: &mut u64) -> Result<()> {
        let is_state = |name: &OsString| STATE.iter().any(|state| name == state);
        for (name, kind) in files::entries(&self.dir.join(below))? {
            let path = below.join(&name);
            let full = self.dir.join(&path);
            let read = |error| files::Error::new("read", &full, error);
            let content = if below == Path::new(".guild") && is_state(&name) {
                continue;
            } else if kind.is_dir() {
                self.folders.push(path.clone());
                self.add(&path, kept)?;
                continue;
            } else if kind.is_symlink() {
                Content::Link(fs::read_link(&full).map_err(read)?)
            } else if !kind.is_file() {
                continue;
            } else {
                let meta = fs::metadata(&full).map_err(read)?;
                let is_own = path.starts_with(".guild");
                if meta.len() > MAX_KEPT || *kept + meta.len() > MAX_ALL_KEPT {
                    Content::Large
                } else {
                    *kept += meta.len();
                    let bytes = files::read(&full)?;
                    match is_own {
                        true => Content::Own(bytes),
                        false => Content::Kept(bytes, meta),
                    }
                }
            };
            self.entries.push(Entry { path, content });
        }
        Ok(())
    }

    /// Makes a pending trial in `dir`, which is not there yet, with `attrs` in the
    /// place of what the proto has.
    ///
    /// # Errors
    /// A file or folder cannot be made.
    pub fn make(&self, dir: &Path, attrs: &[(&str, Value)]) -> Result<Run> {
        let run = Run::at(dir);
        if let Some(runs) = dir.parent() {
            files::create_dir_all(runs)?;
        }
        files::create_dir(dir)?;
        for folder in &self.folders {
            files::create_dir(&dir.join(folder))?;
        }
        write_new(&run.guild_path("PENDING"), b"", None)?;
        let attr_path = |name: &str| Path::new(".guild/attrs").join(name);
        let given: Vec<(PathBuf, &Value)> = attrs
            .iter()
            .map(|(name, value)| (attr_path(name), value))
            .collect();
        for entry in &self.entries {
            if !given.iter().any(|(path, _)| *path == entry.path) {
                self.copy(entry, dir)?;
            }
        }
        for (path, value) in given {
            write_new(&dir.join(path), yaml::dump_file(value).as_bytes(), None)?;
        }
        write_new(&run.guild_path("opref"), &self.opref, None)?;
        Ok(run)
    }

    fn copy(&self, entry: &Entry, dir: &Path) -> Result<()> {
        let path = dir.join(&entry.path);
        match &entry.content {
            Content::Own(bytes) => write_new(&path, bytes, None),
            Content::Kept(bytes, meta) => write_new(&path, bytes, Some(meta)),
            Content::Large => Ok(folder_copy::copy_file(&self.dir.join(&entry.path), &path)?),
            Content::Link(target) => Ok(files::symlink(target, &path)?),
        }
    }
}

/// Writes a file that nobody reads before its run is there, with the permissions
/// and the time that `like` says.
fn write_new(path: &Path, bytes: &[u8], like: Option<&fs::Metadata>) -> Result<()> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        if let Some(like) = like {
            file.set_times(FileTimes::new().set_modified(like.modified()?))?;
            file.set_permissions(like.permissions())?;
        }
        Ok(())
    };
    write().map_err(|error| files::Error::new("write", path, error).into())
}

impl Run {
    /// The proto of a batch that is being made: a run inside this one.
    pub fn proto_dir(&self) -> PathBuf {
        self.guild_path("proto")
    }

    /// Makes the link that says that `trial`, which may not be there yet, is one of
    /// this batch.
    ///
    /// # Errors
    /// The link cannot be made.
    pub fn link_trial(&self, trial: &Run) -> Result<()> {
        let link = self.dir.join(trial.id());
        let beside = trial.dir.parent() == self.dir.parent();
        let target = match beside {
            true => Path::new("..").join(trial.id()),
            false => trial.dir.clone(),
        };
        Ok(files::symlink(&target, &link)?)
    }

    /// The trials that this batch has links to and that are there, in the order in
    /// which they were made.
    ///
    /// # Errors
    /// The run directory cannot be listed.
    pub fn trials(&self) -> Result<Vec<Run>> {
        let mut trials = Vec::new();
        for (name, kind) in files::entries(&self.dir)? {
            if !kind.is_symlink() {
                continue;
            }
            let Ok(target) = self.dir.join(&name).canonicalize() else {
                continue;
            };
            let trial = Run::at(target);
            if name == trial.id.as_str() && trial.exists() {
                trials.push((trial.timestamp(), trial));
            }
        }
        trials.sort_by(|left, right| (left.0, &left.1.id).cmp(&(right.0, &right.1.id)));
        Ok(trials.into_iter().map(|(_, trial)| trial).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Creation, Status};
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::base::file_copy;
    use crate::opref::OpRef;

    #[test]
    fn a_trial_is_a_pending_copy_with_values_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let opref = OpRef::script(Path::new("/p"), "x.py");
        let creation = Creation {
            opref: &opref,
            initialized: 7,
        };
        let batch = Run::create(&dir.join("batch"), &creation).unwrap();
        let proto = Run::create(&batch.proto_dir(), &creation).unwrap();
        fs::create_dir(proto.dir().join("sub")).unwrap();
        let script = proto.dir().join("sub/x.py");
        fs::write(&script, "print(1)").unwrap();
        file_copy::set_attributes(&script, 0o755, None).unwrap();
        fs::write(proto.dir().join("large"), vec![b'x'; 100_000]).unwrap();
        std::os::unix::fs::symlink("sub", proto.dir().join("link")).unwrap();
        fs::write(proto.guild_path("LOCK"), "1").unwrap();

        let source = TrialSource::read(&proto).unwrap();
        let trial = batch.sibling("t1");
        batch.link_trial(&trial).unwrap();
        assert!(batch.trials().unwrap().is_empty());
        let made = source
            .make(trial.dir(), &[("id", "t1".into()), ("flags", 5.into())])
            .unwrap();
        assert_eq!(made.status(), Status::Pending);
        assert!(!made.is_locked());
        assert_eq!(made.opref().unwrap(), opref);
        assert_eq!(made.text_attr("id").unwrap().as_deref(), Some("t1"));
        assert_eq!(made.integer_attr("initialized").unwrap(), Some(7));
        let copied = fs::metadata(trial.dir().join("link/x.py")).unwrap();
        assert_eq!(copied.mode() & 0o777, 0o755);
        assert_eq!(
            fs::metadata(trial.dir().join("large")).unwrap().len(),
            100_000
        );
        assert_eq!(batch.trials().unwrap(), [trial]);
    }
}
