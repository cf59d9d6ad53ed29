//! Reading several files of one run by way of its open folder: looking for a file
//! there costs a third of walking the whole path, and most of what a filter looks
//! for is not there.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::io::ErrorKind;

use super::status::{self, Status};
use super::{Run, plain_integer};
use crate::base::folder::Folder;
use crate::base::stamp::Stamp;
use crate::base::yaml::{self, Value};
use crate::opref::OpRef;

/// More than most files that guild keeps have, in bytes.
const USUAL_BYTES: usize = 4096;

/// The folders of a run, relative to its directory, that a memory is about. Paths are
/// below the first.
pub const MEMORY_DIRS: [&str; 2] = [".guild", ".guild/attrs"];

/// What somebody remembers of small files of a run from an earlier time, by their
/// paths below the folder that guild keeps in it.
pub trait Memory {
    /// What is known of the file at `path`, if that is still so.
    fn recall(&self, path: &str) -> Recalled<'_>;

    /// Hears what has just been seen at `path`.
    fn note(&self, path: &str, seen: Seen<'_>);
}

/// What is remembered of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalled<'a> {
    /// Nothing that still holds.
    Unknown,
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// It has this text.
    Text(&'a str),
}

/// What has been seen of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// It was not there.
    Absent,
    /// It was there.
    Present,
    /// It had this text, and this stamp before it was read.
    Text(Stamp, &'a str),
}

/// What guild keeps of a run.
pub struct RunReader<'a> {
    run: &'a Run,
    folder: OnceCell<Option<Folder>>,
    memory: Option<&'a dyn Memory>,
}

impl Run {
    /// Prepares to read several things of the run.
    pub fn reader(&self) -> RunReader<'_> {
        RunReader {
            run: self,
            folder: OnceCell::new(),
            memory: None,
        }
    }
}

impl<'a> RunReader<'a> {
    /// The same, which asks `memory` before it looks at the disk.
    #[must_use]
    pub fn remembering(self, memory: &'a dyn Memory) -> Self {
        Self {
            memory: Some(memory),
            ..self
        }
    }

    fn folder(&self) -> Option<&Folder> {
        let open = || Folder::open(&self.run.guild_path("")).ok().flatten();
        self.folder.get_or_init(open).as_ref()
    }

    fn recall(&self, path: &str) -> Recalled<'a> {
        self.memory
            .map_or(Recalled::Unknown, |memory| memory.recall(path))
    }

    /// The start of the file at `path`; the error is whether it is not there.
    fn read_start<'b>(&self, path: &str, buffer: &'b mut [u8]) -> Option<Result<&'b [u8], bool>> {
        let folder = self.folder()?;
        let is_missing = |error: std::io::Error| error.kind() == ErrorKind::NotFound;
        let Some(memory) = self.memory else {
            return Some(
                folder
                    .read_start(path.as_bytes(), buffer)
                    .map_err(is_missing),
            );
        };
        let read = folder.read_start_stamped(path.as_bytes(), buffer);
        match &read {
            Ok((stamp, bytes)) if stamp.size() == bytes.len() as u64 => {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    memory.note(path, Seen::Text(*stamp, text));
                }
            }
            Ok(_) => {}
            Err(_) if folder.lacks(path.as_bytes()) => memory.note(path, Seen::Absent),
            Err(_) => {}
        }
        Some(read.map(|(_, bytes)| bytes).map_err(is_missing))
    }

    /// The attribute `name`, as [`Run::attr`] has it.
    ///
    /// # Errors
    /// As [`Run::attr`].
    pub fn attr(&self, name: &str) -> super::Result<Option<Value>> {
        let path = format!("attrs/{name}");
        match self.recall(&path) {
            Recalled::Absent => return Ok(None),
            Recalled::Text(text) => return self.attr_of(name, text.as_bytes()),
            Recalled::Present | Recalled::Unknown => {}
        }
        let mut buffer = [0; USUAL_BYTES];
        match self.read_start(&path, &mut buffer) {
            Some(Err(true)) => Ok(None),
            // Whatever is amiss or large is read and told the usual way.
            Some(Ok(bytes)) if !bytes.is_empty() && bytes.len() < USUAL_BYTES => {
                self.attr_of(name, bytes)
            }
            _ => self.run.attr(name),
        }
    }

    /// The attribute `name`, whose file holds `bytes`.
    fn attr_of(&self, name: &str, bytes: &[u8]) -> super::Result<Option<Value>> {
        // Times and exit statuses need no YAML.
        if let Some(number) = plain_integer(bytes) {
            return Ok(Some(Value::Int(number)));
        }
        match yaml::load_bytes(bytes) {
            Ok(Value::Null) => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(_) => self.run.attr(name),
        }
    }

    /// The operation the run was made from, as [`Run::opref`] has it.
    ///
    /// # Errors
    /// As [`Run::opref`].
    pub fn opref(&self) -> super::Result<OpRef> {
        let mut buffer = [0; USUAL_BYTES];
        let text = match self.recall("opref") {
            Recalled::Text(text) => Some(Cow::Borrowed(text)),
            _ => {
                let read = self.read_start("opref", &mut buffer);
                let bytes = read.and_then(Result::ok);
                let whole = bytes.filter(|bytes| bytes.len() < USUAL_BYTES);
                whole.map(String::from_utf8_lossy)
            }
        };
        let opref = text.and_then(|text| OpRef::parse(&text).ok());
        opref.map_or_else(|| self.run.opref(), Ok)
    }

    /// Whether something is at `path`.
    fn has(&self, path: &str) -> bool {
        match self.recall(path) {
            Recalled::Absent => return false,
            Recalled::Present | Recalled::Text(_) => return true,
            Recalled::Unknown => {}
        }
        let Some(folder) = self.folder() else {
            return self.run.guild_path(path).exists();
        };
        let is_there = folder.has(path.as_bytes());
        if let Some(memory) = self.memory {
            if is_there && folder.holds(path.as_bytes()) {
                memory.note(path, Seen::Present);
            } else if !is_there && folder.lacks(path.as_bytes()) {
                memory.note(path, Seen::Absent);
            }
        }
        is_there
    }

    /// The state of the run, as [`Run::status`] has it.
    pub fn status(&self) -> Status {
        // Whether a process is there is asked each time.
        let lock = || self.has("LOCK").then(|| self.run.read_lock()).flatten();
        status::derive(
            |name| self.has(name),
            lock,
            || match self.attr("exit_status") {
                Ok(Some(Value::Int(code))) => Ok(Some(code)),
                Ok(None) => Ok(None),
                _ => Err(()),
            },
        )
    }

    /// Whether it runs others, as [`Run::is_batch`] has it.
    pub fn is_batch(&self) -> bool {
        self.has("proto")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    #[test]
    fn attributes_are_those_that_the_run_has() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        let attrs = run.guild_path("attrs");
        assert_eq!(run.reader().attr("label").unwrap(), None);
        files::create_dir_all(&attrs).unwrap();
        let long = format!("- {}\n", "x".repeat(USUAL_BYTES));
        for (name, text) in [
            ("flags", "lr: 0.1\n"),
            ("label", "good\n"),
            ("null", "null\n"),
            ("number", "-7\n"),
            ("empty", ""),
            ("long", long.as_str()),
            ("damaged", "{a: ["),
        ] {
            std::fs::write(attrs.join(name), text).unwrap();
        }
        std::fs::create_dir(attrs.join("folder")).unwrap();
        nix::unistd::mkfifo(&attrs.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::os::unix::fs::symlink("label", attrs.join("link")).unwrap();
        let names = run.attr_names().unwrap();
        assert_eq!(names.len(), 10);
        let reader = run.reader();
        for name in names.iter().map(String::as_str).chain(["missing"]) {
            let found = reader.attr(name).map_err(|error| error.to_string());
            let expected = run.attr(name).map_err(|error| error.to_string());
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(reader.attr("number").unwrap(), Some(Value::Int(-7)));
    }

    #[test]
    fn the_rest_is_what_the_run_says() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        assert_eq!(run.reader().status(), run.status());
        assert!(run.reader().opref().is_err() && !run.reader().is_batch());
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        let opref = OpRef::script(std::path::Path::new("/x"), "a b");
        run.write_opref(&opref).unwrap();
        assert_eq!(run.reader().opref().unwrap(), opref);
        for (name, text) in [
            ("attrs/exit_status", "0"),
            ("attrs/exit_status", "-9"),
            ("attrs/exit_status", "[1"),
            ("LOCK", "999999999"),
            ("STAGED", ""),
            ("PENDING", ""),
            ("LOCK.remote", "there"),
            ("proto", ""),
        ] {
            std::fs::write(run.guild_path(name), text).unwrap();
            assert_eq!(run.reader().status(), run.status(), "{name} {text}");
        }
        assert!(run.reader().is_batch());
    }
}
