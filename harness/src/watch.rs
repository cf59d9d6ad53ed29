//! Which specs a change of files is about, and which folders to watch for changes.
//!
//! Folders are watched, not files: an editor may put another file in the place of
//! the one it saves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use walkdir::WalkDir;

use crate::address::{before_wildcards, split_part};
use crate::discovery::Found;
use crate::python::is_executable;
use crate::runner::Setting;
use crate::select;
use crate::spec::{Spec, SpecError};

/// What the result of a spec depends on; all paths as the system knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// The spec, as it was named or found.
    pub spec: PathBuf,
    /// The spec, what it includes, the suite file and its preludes.
    files: BTreeSet<PathBuf>,
    /// Folders of which everything counts.
    folders: BTreeSet<PathBuf>,
    /// Where the program under test is, or would be if it were built.
    programs: BTreeSet<PathBuf>,
}

impl Inputs {
    /// Those of a spec in its setting. Of one that cannot be read, what it includes
    /// is known as far as its faults tell.
    pub fn of(found: &Found, setting: &Setting) -> Inputs {
        let mut inputs = Inputs {
            spec: found.path.clone(),
            ..Inputs::default()
        };
        let included = match &found.spec {
            Ok(spec) => included(spec),
            Err(SpecError::Malformed(faults)) => {
                faults.iter().map(|fault| fault.path.clone()).collect()
            }
            Err(SpecError::Read { .. }) => Vec::new(),
        };
        for file in included.iter().chain([&found.path]) {
            add(&mut inputs.files, file);
        }
        for path in select::inputs(found).iter().chain(&setting.samples) {
            match path.is_dir() {
                true => add(&mut inputs.folders, path),
                false => add(&mut inputs.files, path),
            }
        }
        for program in found.suite.binaries.iter().chain(&setting.binary) {
            add(&mut inputs.programs, program);
        }
        inputs
    }

    /// Takes in what was known of the same spec before.
    pub fn merge(&mut self, before: &Inputs) {
        self.files.extend(before.files.iter().cloned());
    }

    /// Whether the spec may end otherwise now that something at this path changed.
    pub fn has(&self, changed: &Path) -> bool {
        let mut all = self.files.iter().chain(&self.folders).chain(&self.programs);
        // A folder may be moved with all that is below it.
        all.any(|path| path.starts_with(changed))
            || self.folders.iter().any(|path| changed.starts_with(path))
    }

    /// Whether this is a program under test that is not there as a whole.
    pub fn has_unfinished(&self, changed: &Path) -> bool {
        self.has_program(changed) && !is_executable(changed)
    }

    /// Whether this is a program under test.
    pub fn has_program(&self, changed: &Path) -> bool {
        self.programs.contains(changed)
    }

    /// The folders to watch.
    pub fn watched(&self) -> BTreeSet<PathBuf> {
        let files = self.files.iter().chain(&self.programs);
        let mut watched: BTreeSet<PathBuf> = files
            .chain(&self.folders)
            .filter_map(|path| path.parent().map(Path::to_owned))
            .collect();
        watched.extend(self.folders.iter().flat_map(|folder| tree(folder)));
        watched
    }
}

/// The files that a spec includes, and those included by them.
fn included(spec: &Spec) -> Vec<PathBuf> {
    let folder = spec.path.parent().unwrap_or(Path::new(""));
    let named = spec.include.iter().map(|one| folder.join(&one.path));
    let examples = spec.examples.iter().filter_map(|example| {
        let file = example.file.as_deref()?;
        Some(file.to_owned())
    });
    let scripts = spec.setup.iter().chain(&spec.teardown);
    let scripts = scripts.map(|script| script.file.clone());
    named.chain(examples).chain(scripts).collect()
}

/// Adds a path as its folder has it, and the one it is a link to. One in a folder
/// that is not there cannot be watched.
fn add(paths: &mut BTreeSet<PathBuf>, path: &Path) {
    let named = std::path::absolute(path).ok().and_then(|path| {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    });
    paths.extend(named);
    paths.extend(path.canonicalize());
}

/// The specs that changes are about: those whose inputs, before or now, changed,
/// and those that were not there before.
pub fn affected(
    before: &[Inputs],
    now: &[Inputs],
    changed: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let known: BTreeSet<&Path> = before.iter().map(|one| one.spec.as_path()).collect();
    let is_met = |inputs: &&Inputs| changed.iter().any(|path| inputs.has(path));
    let old = before.iter().filter(is_met);
    let new = now
        .iter()
        .filter(|one| !known.contains(one.spec.as_path()) || is_met(one));
    old.chain(new).map(|one| one.spec.clone()).collect()
}

/// The folders where specs may come to be that these names stand for.
pub fn roots(names: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for name in names {
        let text = name.to_string_lossy();
        if name.is_dir() {
            folders.extend(tree(name));
        } else if let Some((file, _)) = split_part(&text).filter(|_| !name.exists()) {
            folders.extend(folder_of(Path::new(file)));
        } else if !name.exists() && text.contains(['*', '?', '[', '{']) {
            let start = before_wildcards(&text);
            let start = if start == Path::new("") {
                Path::new(".")
            } else {
                start
            };
            folders.extend(tree(start));
        } else {
            folders.extend(folder_of(name));
        }
    }
    folders
}

fn folder_of(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    file.parent()?.canonicalize().ok()
}

/// A folder and those below it, without the hidden ones.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    WalkDir::new(folder)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || entry.file_type().is_dir() && !is_hidden(entry.file_name())
        })
        .flatten()
        .filter_map(|entry| entry.path().canonicalize().ok())
        .collect()
}

/// The paths that an event tells a change of. Being opened, read or linked to is
/// none; a file that can be executed may have become so.
pub fn changes(event: &notify::Event) -> Vec<PathBuf> {
    let paths = event.paths.iter().cloned();
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => paths.collect(),
        EventKind::Access(_) => Vec::new(),
        EventKind::Modify(ModifyKind::Metadata(_)) => {
            paths.filter(|path| is_executable(path)).collect()
        }
        _ => paths.collect(),
    }
}

/// Whether a change may be that of a spec that was not there before, or of a folder
/// of them: something that is no file is taken for one.
pub fn may_be_new(changed: &Path) -> bool {
    let is_spec = changed.extension().is_some_and(|end| end == "md");
    let is_suite = changed.file_name() == Some(crate::suite::FILE_NAME.as_ref());
    is_spec || is_suite || changed.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, DataChange, MetadataKind};
    use std::fs;

    fn inputs(spec: &str, files: &[&str], folders: &[&str], programs: &[&str]) -> Inputs {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect();
        Inputs {
            spec: spec.into(),
            files: paths(files),
            folders: paths(folders),
            programs: paths(programs),
        }
    }

    #[test]
    fn a_change_is_about_the_specs_it_is_an_input_of() {
        let all = [
            inputs("a.md", &["/s/a.md", "/s/suite.toml"], &["/x"], &["/bin/p"]),
            inputs("b.md", &["/s/b.md", "/s/suite.toml"], &["/x"], &["/bin/p"]),
            inputs("t/c.md", &["/t/c.md", "/s/b.md"], &[], &[]),
        ];
        let about = |changed: &str| -> Vec<String> {
            let found = affected(&all, &all, &BTreeSet::from([PathBuf::from(changed)]));
            found.iter().map(|one| one.display().to_string()).collect()
        };
        assert_eq!(about("/s/a.md"), ["a.md"]);
        assert_eq!(about("/s/b.md"), ["b.md", "t/c.md"]);
        assert_eq!(about("/s/suite.toml"), ["a.md", "b.md"]);
        assert_eq!(about("/x/deep/file"), ["a.md", "b.md"]);
        assert_eq!(about("/bin/p"), ["a.md", "b.md"]);
        assert_eq!(about("/t"), ["t/c.md"]);
        assert!(about("/s/other").is_empty() && about("/s/a.md~").is_empty());
        assert!(about("/bin/p.o").is_empty() && about("/xy").is_empty());
    }

    #[test]
    fn specs_that_come_and_go() {
        let (a, b) = (
            inputs("a.md", &["/a.md"], &[], &[]),
            inputs("b.md", &["/b.md"], &[], &[]),
        );
        let new = affected(
            std::slice::from_ref(&a),
            &[a.clone(), b.clone()],
            &BTreeSet::new(),
        );
        assert_eq!(new, BTreeSet::from(["b.md".into()]));
        assert!(affected(&[a.clone(), b], &[a], &BTreeSet::new()).is_empty());
    }

    #[test]
    fn events_that_change_something() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let seen = |kind| changes(&notify::Event::new(kind).add_path(file.path().into())).len();
        assert_eq!(seen(EventKind::Create(CreateKind::File)), 1);
        assert_eq!(
            seen(EventKind::Modify(ModifyKind::Data(DataChange::Any))),
            1
        );
        let closed = |mode| EventKind::Access(AccessKind::Close(mode));
        assert_eq!(seen(closed(AccessMode::Write)), 1);
        assert_eq!(seen(closed(AccessMode::Read)), 0);
        let mode = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
        assert_eq!(seen(mode), 0);
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(seen(mode), 1);
    }

    #[test]
    fn folders_of_names() {
        let root = tempfile::tempdir().unwrap();
        let top = root.path().canonicalize().unwrap();
        for folder in ["a/b", "a/.git", "c/d"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        fs::write(top.join("c/x.md"), "").unwrap();
        let of = |name: &str| -> Vec<String> {
            let found = roots(&[top.join(name)]);
            let names = found
                .iter()
                .map(|f| f.strip_prefix(&top).unwrap().display());
            names.map(|name| name.to_string()).collect()
        };
        assert_eq!(of("a"), ["a", "a/b"]);
        assert_eq!(of("c/x.md"), ["c"]);
        assert_eq!(of("c/x.md:3"), ["c"]);
        assert_eq!(of("c/x.md#A"), ["c"]);
        assert_eq!(of("c/gone.md"), ["c"]);
        assert_eq!(of("c/**/y*.md"), ["c", "c/d"]);
    }
}
