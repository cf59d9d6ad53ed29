//! The manifest: which files of a run are source code or dependencies, one per
//! line, so that all others are known to be generated.
//!
//! `s RUNPATH SHA1 SRCPATH`, `d RUNPATH SHA1|- URI [SUBPATH]` and `i` as `d`;
//! fields are shell-quoted. Lines are only ever appended; the last one for a
//! path holds.

use std::collections::BTreeMap;
use std::io::Write;

use super::{Result, Run};
use crate::base::{files, shell_text};

/// The most bytes of a manifest that are read: some millions of files.
const MOST: u64 = 1 << 30;

/// Why a file is in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Copied from the project's source code.
    SourceCode,
    /// Resolved from a dependency.
    Dependency,
    /// Put there by a plugin for its own use.
    Internal,
}

impl EntryKind {
    fn letter(self) -> &'static str {
        match self {
            EntryKind::SourceCode => "s",
            EntryKind::Dependency => "d",
            EntryKind::Internal => "i",
        }
    }

    fn of_letter(letter: &str) -> Option<Self> {
        match letter {
            "s" => Some(EntryKind::SourceCode),
            "d" => Some(EntryKind::Dependency),
            "i" => Some(EntryKind::Internal),
            _ => None,
        }
    }
}

/// One line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Why the file is there.
    pub kind: EntryKind,
    /// Its path relative to the run directory, with `/`.
    pub path: String,
    /// SHA-1 of its bytes in hexadecimal; none for what is no regular file.
    pub sha1: Option<String>,
    /// Where it came from: a path relative to the source root, or a URI, and
    /// a path inside an archive.
    pub source: Vec<String>,
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = shell_text::split(line).ok()?.into_iter();
        let kind = EntryKind::of_letter(&fields.next()?)?;
        let path = fields.next()?;
        let sha1 = fields.next().filter(|hash| hash != "-");
        Some(Self {
            kind,
            path,
            sha1,
            source: fields.collect(),
        })
    }

    fn to_line(&self) -> String {
        let fixed = [
            self.kind.letter(),
            &self.path,
            self.sha1.as_deref().unwrap_or("-"),
        ];
        let fields = fixed
            .into_iter()
            .chain(self.source.iter().map(String::as_str));
        let mut line = fields.map(shell_text::quote).collect::<Vec<_>>().join(" ");
        line.push('\n');
        line
    }
}

/// A run's manifest as read: the last entry for each path.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Manifest {
    entries: BTreeMap<String, Entry>,
}

impl Manifest {
    /// The entry of the path, relative to the run directory.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All entries in path order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Whether the path, or a folder above it, is listed: it was not generated
    /// by the run.
    pub fn covers(&self, path: &str) -> bool {
        self.covering(path).is_some()
    }

    /// The entry of the path, or of the nearest folder above it that is listed.
    pub fn covering(&self, path: &str) -> Option<&Entry> {
        let mut at = path;
        loop {
            if let Some(entry) = self.entries.get(at) {
                return Some(entry);
            }
            at = at.rsplit_once('/')?.0;
        }
    }
}

impl Run {
    /// Reads the manifest; an empty one where the run has none. Lines that
    /// make no sense are passed over, since a crash may have cut the last.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn manifest(&self) -> Result<Manifest> {
        let bytes = files::read_up_to(&self.guild_path("manifest"), MOST)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let entries = text
            .lines()
            .filter_map(Entry::parse)
            .map(|entry| (entry.path.clone(), entry))
            .collect();
        Ok(Manifest { entries })
    }

    /// Whether the run has a manifest, be it an empty one.
    pub fn has_manifest(&self) -> bool {
        self.guild_path("manifest").exists()
    }

    /// Replaces the manifest by `entries`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn replace_manifest(&self, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        let lines: String = entries.into_iter().map(|entry| entry.to_line()).collect();
        Ok(files::write_atomic(
            &self.guild_path("manifest"),
            lines.as_bytes(),
        )?)
    }

    /// Adds `entries` at the end of the manifest, which is made where missing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append_manifest(&self, entries: &[Entry]) -> Result<()> {
        let path = self.guild_path("manifest");
        let lines: String = entries.iter().map(Entry::to_line).collect();
        let mut file = files::open_append(&path)?;
        file.write_all(lines.as_bytes())
            .map_err(|source| files::Error::new("write", &path, source))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = "\
s guild.yml 691b4d7a9328f3f6d721be9137c60a9331a9361b guild.yml
s 'a b.txt' a724b2af01f8498aaf94c8c766335bdbab54cf2c 'a b.txt'
s src/deep/t.py 7448d8798a4380162d4b56f9b452e2f6f9e24e7a deep/t.py
d unz/data - file:arc.zip data
d conf.yml b4eee816a3e39eab472fcc9c4b5e6403e47700f2 config:conf.yml
";

    #[test]
    fn lines_of_a_real_manifest_survive_a_round_trip() {
        for line in REAL.lines() {
            assert_eq!(Entry::parse(line).unwrap().to_line().trim_end(), line);
        }
    }

    #[test]
    fn a_cut_or_foreign_line_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        std::fs::write(run.guild_path("manifest"), format!("{REAL}x y\n\ns 'cut")).unwrap();
        assert_eq!(run.manifest().unwrap().iter().count(), 5);
    }

    #[test]
    fn what_lies_below_a_listed_folder_is_covered() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        run.append_manifest(&[Entry::parse("d unz/data - file:arc.zip data").unwrap()])
            .unwrap();
        let manifest = run.manifest().unwrap();
        assert!(manifest.covers("unz/data/x/y"));
        assert!(!manifest.covers("unz"));
        assert!(!manifest.covers("unz/data2"));
    }
}
