//! Reading several attributes of one run by way of its open folder: looking for
//! a file there costs a third of walking the whole path, and most of what a
//! filter looks for is not there.

use super::{Result, Run};
use crate::base::folder::Folder;
use crate::base::yaml::{self, Value};

/// More than most attributes have, in bytes.
const USUAL_BYTES: usize = 4096;

/// The attributes of a run.
#[derive(Debug)]
pub struct AttrReader<'a> {
    run: &'a Run,
    folder: Option<Folder>,
}

impl Run {
    /// Opens the attributes to read several of them.
    pub fn attr_reader(&self) -> AttrReader<'_> {
        let folder = Folder::open(&self.guild_path("attrs"));
        AttrReader {
            run: self,
            folder: folder.ok().flatten(),
        }
    }
}

impl AttrReader<'_> {
    /// The attribute `name`, as [`Run::attr`] has it.
    ///
    /// # Errors
    /// As [`Run::attr`].
    pub fn attr(&self, name: &str) -> Result<Option<Value>> {
        let mut buffer = [0; USUAL_BYTES];
        let read = self
            .folder
            .as_ref()
            .map(|folder| folder.read_start(name.as_bytes(), &mut buffer));
        match read {
            Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            // Whatever is amiss or large is read and told the usual way.
            Some(Ok(bytes)) if !bytes.is_empty() && bytes.len() < USUAL_BYTES => {
                match yaml::load_bytes(bytes) {
                    Ok(Value::Null) => Ok(None),
                    Ok(value) => Ok(Some(value)),
                    Err(_) => self.run.attr(name),
                }
            }
            _ => self.run.attr(name),
        }
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
        assert_eq!(run.attr_reader().attr("label").unwrap(), None);
        files::create_dir_all(&attrs).unwrap();
        let long = format!("- {}\n", "x".repeat(USUAL_BYTES));
        for (name, text) in [
            ("flags", "lr: 0.1\n"),
            ("label", "good\n"),
            ("null", "null\n"),
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
        assert_eq!(names.len(), 9);
        let reader = run.attr_reader();
        for name in names.iter().map(String::as_str).chain(["missing"]) {
            let found = reader.attr(name).map_err(|error| error.to_string());
            let expected = run.attr(name).map_err(|error| error.to_string());
            assert_eq!(found, expected, "{name}");
        }
    }
}
