//! Files of a run back to a project: which of them, where to, why not others,
//! and then doing it.
//!
//! A [`Plan`] is made first and changes nothing. The preview, the prompt and the
//! checks all read it. What it does later is held against the project once
//! more, file by file, so that nothing is overwritten that was not seen.

mod apply;
mod protection;
mod run_files;
mod target;

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

pub use protection::{Objection, Replacing};
pub use target::{Hazard, Stamp};

use crate::base::files;
use crate::base::text::fnmatch;
use crate::base::yaml::Value;
use crate::runs::{self, Entry, EntryKind, Manifest, Run};
use target::{Found, Target};

/// Why a merge cannot be planned or done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A run that does not tell which of its files are source code.
    #[error("run manifest does not exist for run {0}")]
    NoManifest(String),
    /// The target is there and is no folder.
    #[error("cannot copy files to {}: not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// A file of the target is not what it was when the merge was planned.
    #[error("{} changed in the meantime and was not replaced; run the command again", .0.display())]
    Changed(PathBuf),
    /// Something stands in the way that did not when the merge was planned.
    #[error("cannot write {}: {hazard}", path.display())]
    InTheWay {
        /// The file to be written.
        path: PathBuf,
        /// What stands in its way.
        hazard: Hazard,
    },
    /// The program was asked to end.
    #[error("interrupted after {copied} file(s)")]
    Stopped {
        /// The number of the signal.
        signal: i32,
        /// How many files were copied until then.
        copied: usize,
    },
    /// Something of the run cannot be read.
    #[error(transparent)]
    Run(#[from] runs::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] files::Error),
}

/// Result of planning or doing a merge.
pub type Result<T> = std::result::Result<T, Error>;

/// What a file is to its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Copied from the project's source code.
    SourceCode,
    /// Resolved from a dependency.
    Dependency,
    /// Put there by a plugin for its own use.
    Internal,
    /// All else, which the run itself has made.
    Generated,
}

/// Which files of a run are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Source code.
    pub sourcecode: bool,
    /// Dependencies that came from the project.
    pub dependencies: bool,
    /// Files that did not come from the project.
    pub generated: bool,
    /// Shell patterns of paths in the target that are left out all the same; a
    /// `*` stands for `/` too.
    pub exclude: Vec<String>,
}

/// Why a file is not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The target has the same.
    Unchanged,
    /// It matches a pattern of files to leave out.
    Excluded,
    /// Source code is not wanted.
    SourceCode,
    /// Dependencies are not wanted.
    Dependency,
    /// A dependency that came from elsewhere than the project.
    ForeignDependency,
    /// Files that did not come from the project are not wanted.
    Generated,
    /// A plugin's own.
    Internal,
}

/// A file to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFile {
    /// What it is.
    pub kind: FileKind,
    /// Its path in the run directory.
    pub run_path: PathBuf,
    /// Its path in the target.
    pub target_path: PathBuf,
    /// The file of the target that it replaces, as it was seen.
    pub replaces: Option<Stamp>,
}

/// A file that is not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    /// What it is.
    pub kind: FileKind,
    /// Its path in the run directory.
    pub run_path: PathBuf,
    /// Its path in the target, if it has a place there.
    pub target_path: Option<PathBuf>,
    /// Why it is not copied.
    pub reason: Reason,
}

/// A file that is wanted and must not be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// Its path in the target.
    pub target_path: PathBuf,
    /// Why not.
    pub hazard: Hazard,
}

/// What a merge would do.
#[derive(Debug, Clone)]
pub struct Plan {
    run: Run,
    target: Target,
    /// Files to be copied, by their paths in the run.
    pub copies: Vec<CopyFile>,
    /// Files that are not copied, by their paths in the run.
    pub skipped: Vec<SkippedFile>,
    /// Files that are wanted and must not be copied, by their paths in the run.
    /// As long as there are any, nothing is copied.
    pub refused: Vec<RefusedFile>,
}

impl Plan {
    /// Looks at the files of `run` and at the folder `target`, which need not
    /// exist, and changes nothing.
    ///
    /// # Errors
    /// The run has no manifest; `target` is no folder; a file cannot be read.
    pub fn new(run: &Run, target: &Path, choice: &Choice) -> Result<Self> {
        if !run.has_manifest() {
            return Err(Error::NoManifest(run.id().to_string()));
        }
        let mut plan = Self {
            run: run.clone(),
            target: Target::new(target)?,
            copies: Vec::new(),
            skipped: Vec::new(),
            refused: Vec::new(),
        };
        let manifest = run.manifest()?;
        let root = source_root(run)?;
        let mut wanted = Vec::new();
        for run_path in run_files::list(run, &manifest)? {
            let candidate = Candidate::of(run_path, &manifest, &root);
            match unwanted(&candidate, choice) {
                Some(reason) => plan.skip(candidate, reason),
                None => wanted.push(candidate),
            }
        }
        drop_overlaps(&mut wanted);
        for candidate in wanted {
            plan.compare(candidate)?;
        }
        plan.skipped
            .sort_by(|left, right| path_cmp(&left.run_path, &right.run_path));
        Ok(plan)
    }

    fn skip(&mut self, candidate: Candidate, reason: Reason) {
        self.skipped.push(SkippedFile {
            kind: candidate.kind,
            run_path: candidate.run_path,
            target_path: candidate.place.into_path(),
            reason,
        });
    }

    /// Decides what becomes of a file that is wanted by what is in its place.
    fn compare(&mut self, candidate: Candidate) -> Result<()> {
        let source = self.run.dir().join(&candidate.run_path);
        let found = match &candidate.place {
            Place::Inside(path) => self.target.find(path, &source)?,
            Place::Outside(_) => Found::Hazard(Hazard::Outside),
            Place::None => Found::Same,
        };
        let replaces = match found {
            Found::Same => {
                self.skip(candidate, Reason::Unchanged);
                return Ok(());
            }
            Found::Different(stamp) => Some(stamp),
            Found::Missing => None,
            Found::Hazard(hazard) => {
                let refused = candidate.place.into_path();
                self.refused.extend(refused.map(|target_path| RefusedFile {
                    target_path,
                    hazard,
                }));
                return Ok(());
            }
        };
        let Candidate { kind, run_path, .. } = candidate;
        let target_path = candidate.place.into_path();
        self.copies.extend(target_path.map(|target_path| CopyFile {
            kind,
            run_path,
            target_path,
            replaces,
        }));
        Ok(())
    }

    /// The files to be copied, by their paths in the target.
    pub fn copies_by_target(&self) -> Vec<&CopyFile> {
        let mut copies: Vec<&CopyFile> = self.copies.iter().collect();
        copies.sort_by(|left, right| {
            path_cmp(&left.target_path, &right.target_path)
                .then_with(|| path_cmp(&left.run_path, &right.run_path))
        });
        copies
    }
}

/// The order of paths as texts.
pub fn path_cmp(left: &Path, right: &Path) -> std::cmp::Ordering {
    left.as_os_str().cmp(right.as_os_str())
}

/// Why a file is not wanted, if it is not.
fn unwanted(candidate: &Candidate, choice: &Choice) -> Option<Reason> {
    match candidate.kind {
        FileKind::SourceCode if !choice.sourcecode => return Some(Reason::SourceCode),
        FileKind::Dependency if !choice.dependencies => return Some(Reason::Dependency),
        FileKind::Generated if !choice.generated => return Some(Reason::Generated),
        FileKind::Internal => return Some(Reason::Internal),
        _ => {}
    }
    let Some(path) = candidate.place.path() else {
        return Some(Reason::ForeignDependency);
    };
    let text = path.to_string_lossy();
    let excluded = choice.exclude.iter().any(|pattern| fnmatch(pattern, &text));
    excluded.then_some(Reason::Excluded)
}

/// Of several files for one place keeps one: what became of a file in the run
/// rather than the source code, and else the last.
fn drop_overlaps(candidates: &mut Vec<Candidate>) {
    let mut best: HashMap<PathBuf, (bool, usize)> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let rank = (candidate.kind != FileKind::SourceCode, at);
        if let Some(path) = candidate.place.path() {
            let kept = best.entry(path.to_path_buf()).or_insert(rank);
            *kept = rank.max(*kept);
        }
    }
    let kept: HashSet<usize> = best.into_values().map(|(_, at)| at).collect();
    let mut at = 0..;
    candidates.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
}

/// A file of a run and where it belongs.
struct Candidate {
    kind: FileKind,
    run_path: PathBuf,
    place: Place,
}

/// Where a file belongs.
enum Place {
    /// At this path below the target.
    Inside(PathBuf),
    /// At this path, which leads out of the target.
    Outside(PathBuf),
    /// Nowhere in a project.
    None,
}

impl Place {
    fn path(&self) -> Option<&Path> {
        match self {
            Place::Inside(path) | Place::Outside(path) => Some(path),
            Place::None => None,
        }
    }

    fn into_path(self) -> Option<PathBuf> {
        match self {
            Place::Inside(path) | Place::Outside(path) => Some(path),
            Place::None => None,
        }
    }
}

impl Candidate {
    /// The file at `run_path`, by its entry in `manifest`; source code came from
    /// the folder `root` of the project.
    fn of(run_path: PathBuf, manifest: &Manifest, root: &Path) -> Self {
        // What is in a folder that is listed is what the folder is.
        let entry = run_path.to_str().and_then(|path| manifest.covering(path));
        let (kind, place) = match entry {
            None => (FileKind::Generated, Place::Inside(run_path.clone())),
            Some(entry) => match entry.kind {
                EntryKind::SourceCode => (FileKind::SourceCode, source_place(entry, root)),
                EntryKind::Dependency => {
                    let place = dependency_place(entry, &run_path);
                    (FileKind::Dependency, place)
                }
                EntryKind::Internal => (FileKind::Internal, Place::None),
            },
        };
        Self {
            kind,
            run_path,
            place,
        }
    }
}

/// The folder of the project that source code was copied from.
fn source_root(run: &Run) -> runs::Result<PathBuf> {
    let op = run.attr("op")?;
    let sourcecode = op
        .as_ref()
        .and_then(Value::as_map)
        .and_then(|op| op.get("sourcecode"))
        .and_then(Value::as_map);
    let root = sourcecode
        .and_then(|sourcecode| sourcecode.get("root"))
        .and_then(Value::as_str);
    Ok(PathBuf::from(root.unwrap_or_default()))
}

fn source_place(entry: &Entry, root: &Path) -> Place {
    let Some(source) = entry.source.first() else {
        return Place::None;
    };
    let path = root.join(source);
    match inside(&path) {
        Some(inside) => Place::Inside(inside),
        None => Place::Outside(path),
    }
}

/// A dependency belongs where its file came from, and so does what is at
/// `run_path` in a folder that is one. What was outside of the project, or inside
/// an archive, is no file of the project.
fn dependency_place(entry: &Entry, run_path: &Path) -> Place {
    let [uri] = entry.source.as_slice() else {
        return Place::None;
    };
    let path = uri.strip_prefix("file:").map(Path::new).and_then(inside);
    let below = run_path.strip_prefix(&entry.path).unwrap_or(Path::new(""));
    path.map_or(Place::None, |path| match below.as_os_str().is_empty() {
        true => Place::Inside(path),
        false => Place::Inside(path.join(below)),
    })
}

/// `path` without `.` and `..`; none where it does not stay below where it
/// starts.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut parts: Vec<&OsStr> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    // No file has a NUL in its name.
    let usable = !parts.is_empty() && !path.as_os_str().as_bytes().contains(&0);
    usable.then(|| parts.into_iter().collect())
}

#[cfg(test)]
mod tests;
