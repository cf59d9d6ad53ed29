//! Archives: folders of runs that the user knows by a name, all in one folder.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Result;
use crate::base::files;

/// The file in an archive that says what it is.
const METADATA: &str = "archive.json";

/// An archive of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    dir: PathBuf,
    label: Option<String>,
    description: Option<String>,
}

/// The folder of all archives.
#[derive(Debug, Clone)]
pub struct Archives {
    dir: PathBuf,
}

impl Archive {
    /// The folder with its runs.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name of its folder.
    fn dir_name(&self) -> String {
        let name = self.dir.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The name that the user gave it, else that of its folder.
    pub fn name(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.dir_name())
    }

    /// What the user said of it.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Reads the archive in `dir`. What is wrong with its metadata goes to
    /// `faults`, and it then has no name but that of its folder.
    fn read(dir: PathBuf, faults: &mut Vec<String>) -> Self {
        let path = dir.join(METADATA);
        let metadata = match files::read_if_exists(&path) {
            Ok(None) => None,
            Ok(Some(bytes)) => match serde_json::from_slice(&bytes) {
                Ok(Value::Object(map)) => Some(map),
                Ok(_) => {
                    let path = path.display();
                    faults.push(format!("unexpected archive metadata in {path}"));
                    None
                }
                Err(error) => {
                    faults.push(format!("reading {}: {error}", path.display()));
                    None
                }
            },
            Err(error) => {
                faults.push(format!("reading {}: {error}", path.display()));
                None
            }
        };
        let text = |key: &str| {
            let text = metadata.as_ref()?.get(key)?.as_str()?;
            (!text.is_empty()).then(|| text.to_string())
        };
        Self {
            label: text("label"),
            description: text("description"),
            dir,
        }
    }
}

impl Archives {
    /// The archives in `dir`, which need not exist.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// All archives by name, and what is wrong with their metadata.
    ///
    /// # Errors
    /// The folder is there and cannot be listed.
    pub fn list(&self) -> Result<(Vec<Archive>, Vec<String>)> {
        let mut faults = Vec::new();
        let mut archives = Vec::new();
        for entry in files::list_dir(&self.dir)? {
            let dir = entry.path();
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if dir.is_dir() && !is_hidden {
                archives.push(Archive::read(dir, &mut faults));
            }
        }
        archives.sort_by_key(|archive| (archive.name(), archive.dir.clone()));
        Ok((archives, faults))
    }

    /// The archive that the user calls `name`, else the one in a folder named so.
    ///
    /// # Errors
    /// As [`Archives::list`].
    pub fn find(&self, name: &str) -> Result<Option<Archive>> {
        let (archives, _) = self.list()?;
        let by_label = |archive: &&Archive| archive.label.as_deref() == Some(name);
        let by_folder = |archive: &&Archive| archive.dir_name() == name;
        let found = archives.iter().find(by_label);
        Ok(found.or_else(|| archives.iter().find(by_folder)).cloned())
    }

    /// Makes the archive `name` in a folder named `id`.
    ///
    /// # Errors
    /// The folder is there, or something in it cannot be written.
    pub fn create(&self, id: &str, name: &str, description: Option<&str>) -> Result<Archive> {
        let dir = self.dir.join(id);
        files::create_dir_all(&self.dir)?;
        // Under a hidden name until it has the user's: never listed without one.
        let made = self.dir.join(format!(".{id}"));
        files::create_dir(&made)?;
        let text = |text: &str| Value::from(text).to_string();
        let mut metadata = format!("{{\"label\": {}", text(name));
        if let Some(description) = description {
            metadata.push_str(&format!(", \"description\": {}", text(description)));
        }
        metadata.push('}');
        files::write_atomic(&made.join(METADATA), metadata.as_bytes())?;
        files::rename(&made, &dir)?;
        Ok(Archive {
            dir,
            label: Some(name.to_string()),
            description: description.map(str::to_string),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(archives: &Archives) -> Vec<String> {
        let (archives, _) = archives.list().unwrap();
        archives.iter().map(Archive::name).collect()
    }

    #[test]
    fn an_archive_is_found_by_its_name_or_folder() {
        let dir = tempfile::tempdir().unwrap();
        let archives = Archives::new(dir.path().join("archives"));
        assert_eq!(archives.find("x").unwrap(), None);
        let papers = archives.create("b2", "papers", Some("a \"b\"")).unwrap();
        let old = archives.create("a1", "old runs", None).unwrap();
        assert_eq!(names(&archives), ["old runs", "papers"]);
        assert_eq!(archives.find("papers").unwrap(), Some(papers.clone()));
        assert_eq!(archives.find("a1").unwrap(), Some(old));
        assert_eq!(papers.description(), Some("a \"b\""));
        let text = std::fs::read_to_string(papers.dir().join(METADATA)).unwrap();
        assert_eq!(text, r#"{"label": "papers", "description": "a \"b\""}"#);
        std::fs::create_dir(dir.path().join("archives/.half")).unwrap();
        assert_eq!(names(&archives), ["old runs", "papers"]);
    }

    #[test]
    fn damaged_metadata_is_told_and_leaves_the_name_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("list", "[1]"),
            ("none", ""),
            ("ok", r#"{"label": "fine"}"#),
        ] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
            std::fs::write(dir.path().join(name).join(METADATA), text).unwrap();
        }
        std::fs::create_dir(dir.path().join("bare")).unwrap();
        let archives = Archives::new(dir.path());
        assert_eq!(names(&archives), ["bare", "fine", "list", "none"]);
        let (_, faults) = archives.list().unwrap();
        assert!(
            faults[0].starts_with("unexpected archive metadata in"),
            "{faults:?}"
        );
        assert!(faults[1].starts_with("reading "), "{faults:?}");
        assert_eq!(faults.len(), 2);
    }
}
