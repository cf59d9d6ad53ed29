//! What of a project is copied into a run, and the digest of it.
//!
//! Two sets of default rules: inside a git repository, what git does not
//! ignore; elsewhere, text files of moderate size and number. What a guild file
//! says (`definition`) comes after these.

mod definition;
mod rules;
mod text_file;
mod walk;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use md5::Md5;
use sha1::{Digest, Sha1};

pub use definition::{Definition, What};
pub use rules::{Kind, Rule, RuleSet};
pub use text_file::is_text;
pub use walk::{Selection, select};

use crate::base::files;
use crate::base::git::Git;
use crate::runs::{self, Entry, EntryKind, Run};

/// The largest file that default rules copy outside git, in bytes.
pub const MAX_DEFAULT_FILE_SIZE: u64 = 1_048_576;

/// The most files that default rules copy outside git.
pub const MAX_DEFAULT_FILE_COUNT: usize = 100;

/// Limits of the default rules outside git.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest file that is copied, in bytes.
    pub file_size: u64,
    /// The most files that are copied.
    pub file_count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_size: MAX_DEFAULT_FILE_SIZE,
            file_count: MAX_DEFAULT_FILE_COUNT,
        }
    }
}

/// The source code files of `run` by its manifest, relative to
/// [`Run::source_dir`].
///
/// # Errors
/// The manifest cannot be read.
pub fn files_of(run: &Run) -> runs::Result<BTreeSet<PathBuf>> {
    let dir = run.source_dir();
    let below = dir.strip_prefix(run.dir()).unwrap_or(Path::new(""));
    let manifest = run.manifest()?;
    let entries = manifest
        .iter()
        .filter(|entry| entry.kind == EntryKind::SourceCode);
    let paths = entries.filter_map(|entry| Path::new(&entry.path).strip_prefix(below).ok());
    Ok(paths.map(Path::to_path_buf).collect())
}

/// The default rules for the project in `root`; `python` adds those that leave
/// out what Python makes.
pub fn default_rules(root: &Path, git: &Git, limits: Limits, python: bool) -> RuleSet {
    match git.ignored(root, &guild_ignore(root)) {
        Some(ignored) => rules::git_rules(&ignored),
        None => rules::plain_rules(limits, python),
    }
}

/// The patterns of a `.guildignore` file.
fn guild_ignore(root: &Path) -> Vec<String> {
    let bytes = files::read(&root.join(".guildignore")).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_string)
        .collect()
}

/// Copies the selected files of `root` into the folder `dest` of `run` (`.` is
/// the run directory), records them in the manifest, and returns the digest of
/// all; none where nothing was selected. A file that cannot be copied is told
/// to `warn` and left out.
///
/// # Errors
/// The run cannot be written.
pub fn copy(
    run: &Run,
    root: &Path,
    dest: &str,
    selected: &[PathBuf],
    warn: &mut dyn FnMut(String),
) -> runs::Result<Option<String>> {
    let mut entries = Vec::new();
    for path in selected {
        let source = root.join(path);
        let run_path = match dest {
            "" | "." => path.clone(),
            dest => Path::new(dest).join(path),
        };
        let target = run.dir().join(&run_path);
        if let Some(parent) = target.parent() {
            files::create_dir_all(parent)?;
        }
        if let Err(error) = files::copy(&source, &target) {
            warn(format!("skipping source code file: {error}"));
            continue;
        }
        entries.push(Entry {
            kind: EntryKind::SourceCode,
            path: slashed(&run_path),
            sha1: Some(sha1(&target)?),
            source: vec![slashed(path)],
        });
    }
    run.append_manifest(&entries)?;
    digest(run, &entries)
}

/// The digest of a run's source code: MD5 over path, NUL, bytes, NUL of each
/// file in the order of paths.
fn digest(run: &Run, entries: &[Entry]) -> runs::Result<Option<String>> {
    if entries.is_empty() {
        return Ok(None);
    }
    let mut paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut hash = Md5::new();
    for path in paths {
        hash.update(path.as_bytes());
        hash.update([0]);
        update(&mut hash, &run.dir().join(path))?;
        hash.update([0]);
    }
    Ok(Some(hex(&hash.finalize())))
}

/// The SHA-1 of a file, as manifests have it.
///
/// # Errors
/// The file cannot be read.
pub fn sha1(path: &Path) -> files::Result<String> {
    Ok(hex(&hash_file::<Sha1>(path)?))
}

fn hash_file<D: Digest>(path: &Path) -> files::Result<Vec<u8>> {
    let mut hash = D::new();
    update(&mut hash, path)?;
    Ok(hash.finalize().to_vec())
}

fn update<D: Digest>(hash: &mut D, path: &Path) -> files::Result<()> {
    let mut file = files::open(path)?;
    let mut buffer = [0; 65536];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(files::Error::new("read", path, source)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opref::OpRef;
    use crate::runs::Creation;

    #[test]
    fn the_digest_is_the_one_of_the_reference() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("a.py"), "print(1)\n").unwrap();
        std::fs::write(root.join("sub/b.txt"), "x\n").unwrap();
        let opref = OpRef::script(&root, "a.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        let run = Run::create(&dir.path().join("run"), &creation).unwrap();
        let rules = rules::plain_rules(Limits::default(), true);
        let selection = select(&root, &rules);
        let mut warn = |text: String| panic!("{text}");
        let digest = copy(&run, &root, ".", &selection.paths, &mut warn).unwrap();
        // Test vector of the run format.
        assert_eq!(digest.unwrap(), "e9cf8071fe12cca0cd430ce1982a7ef7");
        let manifest = run.manifest().unwrap();
        let entry = manifest.get("sub/b.txt").unwrap();
        assert_eq!(entry.source, ["sub/b.txt"]);
        assert_eq!(copy(&run, &root, ".", &[], &mut warn).unwrap(), None);
    }
}
