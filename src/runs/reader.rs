//! Reading several files of one run by way of its open folder: looking for a file
//! there costs a third of walking the whole path, and most of what a filter looks
//! for is not there.

use super::status::{self, Status};
use super::{Result, Run, plain_integer};
use crate::base::folder::Folder;
use crate::base::yaml::{self, Value};
use crate::opref::OpRef;

/// More than most files that guild keeps have, in bytes.
const USUAL_BYTES: usize = 4096;

/// What guild keeps of a run.
#[derive(Debug)]
pub struct RunReader<'a> {
    run: &'a Run,
    folder: Option<Folder>,
}

impl Run {
    /// Opens the run to read several things of it.
    pub fn reader(&self) -> RunReader<'_> {
        let folder = Folder::open(&self.guild_path(""));
        RunReader {
            run: self,
            folder: folder.ok().flatten(),
        }
    }
}

impl RunReader<'_> {
    /// The attribute `name`, as [`Run::attr`] has it.
    ///
    /// # Errors
    /// As [`Run::attr`].
    pub fn attr(&self, name: &str) -> Result<Option<Value>> {
        let mut buffer = [0; USUAL_BYTES];
        let path = format!("attrs/{name}");
        let read = self
            .folder
            .as_ref()
            .map(|folder| folder.read_start(path.as_bytes(), &mut buffer));
        match read {
            Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            // Whatever is amiss or large is read and told the usual way.
            Some(Ok(bytes)) if !bytes.is_empty() && bytes.len() < USUAL_BYTES => {
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
            _ => self.run.attr(name),
        }
    }

    /// The operation the run was made from, as [`Run::opref`] has it.
    ///
    /// # Errors
    /// As [`Run::opref`].
    pub fn opref(&self) -> Result<OpRef> {
        let mut buffer = [0; USUAL_BYTES];
        let folder = self.folder.as_ref();
        let read = folder.and_then(|folder| folder.read_start(b"opref", &mut buffer).ok());
        let text = read.filter(|bytes| bytes.len() < USUAL_BYTES);
        let opref = text.and_then(|bytes| OpRef::parse(&String::from_utf8_lossy(bytes)).ok());
        opref.map_or_else(|| self.run.opref(), Ok)
    }

    /// The state of the run, as [`Run::status`] has it.
    pub fn status(&self) -> Status {
        let Some(folder) = &self.folder else {
            return self.run.status();
        };
        let has = |name: &str| folder.has(name.as_bytes());
        let lock = || has("LOCK").then(|| self.run.read_lock()).flatten();
        status::derive(has, lock, || match self.attr("exit_status") {
            Ok(Some(Value::Int(code))) => Ok(Some(code)),
            Ok(None) => Ok(None),
            _ => Err(()),
        })
    }

    /// Whether it runs others, as [`Run::is_batch`] has it.
    pub fn is_batch(&self) -> bool {
        let folder = self.folder.as_ref();
        folder.map_or_else(|| self.run.is_batch(), |folder| folder.has(b"proto"))
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
