//! Copying source code into a run, and the digest of it.

use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use md5::Md5;
use sha1::{Digest, Sha1};

use super::walk;
use crate::base::file_snapshot::{Copier, Fault};
use crate::base::{digest, files, parallel};
use crate::runs::{self, Entry, EntryKind, Run};

/// What came of copying source code.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The digest of all that was copied; none where nothing was.
    pub digest: Option<String>,
    /// What was selected and cannot be read.
    pub faults: Vec<walk::Fault>,
    /// What changed each time it was copied, relative to the root.
    pub torn: Vec<PathBuf>,
}

/// Copies the selected files of `root` into the folder `dest` of `run` (`.` is
/// the run directory), and records them in the manifest. A file that cannot be
/// read is left out, and told.
///
/// # Errors
/// The run cannot be written.
pub fn copy(run: &Run, root: &Path, dest: &str, selected: &[PathBuf]) -> runs::Result<Snapshot> {
    let mut jobs: Vec<Job<'_>> = selected
        .iter()
        .enumerate()
        .map(|(number, path)| Job::new(number, path, dest))
        .collect();
    // The order of the digest.
    jobs.sort_unstable_by(|left, right| left.run_path.cmp(&right.run_path));
    make_folders(run, dest, &jobs)?;
    let copier = Copier::default();
    let mut digest = RunDigest::default();
    let mut snapshot = Snapshot::default();
    let mut entries: Vec<(usize, Entry)> = Vec::with_capacity(jobs.len());
    let mut failed = None;
    parallel::in_turn(
        &jobs,
        |job| (job, job.copy(run, root, &copier)),
        |(job, copied)| {
            let recorded = copied.and_then(|copied| {
                digest.add(&job.run_path, &copied)?;
                Ok(copied)
            });
            match recorded {
                Ok(copied) => {
                    if copied.torn {
                        snapshot.torn.push(job.path.to_path_buf());
                    }
                    entries.push((job.number, job.entry(copied.sha1)));
                }
                Err(Fault::Source(error)) => snapshot.faults.push(walk::Fault {
                    path: job.path.to_path_buf(),
                    is_folder: false,
                    reason: files::reason(&error.source),
                }),
                Err(Fault::Target(error)) => failed = Some(error),
            }
            failed.is_none()
        },
    );
    if let Some(error) = failed {
        return Err(error.into());
    }
    entries.sort_unstable_by_key(|(number, _)| *number);
    let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    run.append_manifest(&entries)?;
    snapshot.digest = digest.finish();
    Ok(snapshot)
}

/// One file that is to be copied.
struct Job<'a> {
    // Its place among those that were selected.
    number: usize,
    path: &'a Path,
    run_path: String,
}

/// What came of it.
struct Done {
    sha1: String,
    target: PathBuf,
    content: Option<Vec<u8>>,
    torn: bool,
}

impl<'a> Job<'a> {
    fn new(number: usize, path: &'a Path, dest: &str) -> Self {
        let run_path = match dest {
            "" | "." => path.to_path_buf(),
            dest => Path::new(dest).join(path),
        };
        Self {
            number,
            path,
            run_path: slashed(&run_path),
        }
    }

    fn copy(&self, run: &Run, root: &Path, copier: &Copier) -> Result<Done, Fault> {
        let target = run.dir().join(&self.run_path);
        let copied = copier.copy(&root.join(self.path), &target)?;
        let sha1 = match &copied.content {
            Some(content) => hex(&Sha1::digest(content)),
            None => digest::sha1_of_file(&target).map_err(Fault::Target)?,
        };
        Ok(Done {
            sha1,
            target,
            content: copied.content,
            torn: copied.torn,
        })
    }

    fn entry(&self, sha1: String) -> Entry {
        Entry {
            kind: EntryKind::SourceCode,
            path: self.run_path.clone(),
            sha1: Some(sha1),
            source: vec![slashed(self.path)],
        }
    }
}

/// Makes the folders that the files of `jobs` go to.
fn make_folders(run: &Run, dest: &str, jobs: &[Job<'_>]) -> files::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    files::create_dir_all(&run.dir().join(dest))?;
    let folders: BTreeSet<&Path> = jobs
        .iter()
        .flat_map(|job| Path::new(&job.run_path).ancestors().skip(1))
        .filter(|folder| folder.as_os_str().as_bytes() != b"")
        .collect();
    for folder in folders {
        files::ensure_dir(&run.dir().join(folder))?;
    }
    Ok(())
}

/// Removes the source code of `run`, so that another can take its place. Files
/// that were changed since they were copied stay, as does all that is no
/// source code.
///
/// # Errors
/// The run cannot be read or written.
pub fn remove(run: &Run) -> runs::Result<()> {
    let manifest = run.manifest()?;
    let (sources, others): (Vec<&Entry>, Vec<&Entry>) = manifest
        .iter()
        .partition(|entry| entry.kind == EntryKind::SourceCode);
    for entry in sources {
        let path = run.dir().join(&entry.path);
        let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
        if is_file && digest::sha1_of_file(&path).ok() == entry.sha1 {
            files::remove_if_exists(&path)?;
        }
    }
    run.replace_manifest(others.into_iter().cloned())
}

/// The digest of a run's source code: MD5 over path, NUL, bytes, NUL of each
/// file in the order of paths.
#[derive(Default)]
struct RunDigest {
    hash: Md5,
    is_used: bool,
}

impl RunDigest {
    fn add(&mut self, path: &str, file: &Done) -> Result<(), Fault> {
        self.is_used = true;
        self.hash.update(path.as_bytes());
        self.hash.update([0]);
        match &file.content {
            Some(content) => self.hash.update(content),
            None => update(&mut self.hash, &file.target).map_err(Fault::Target)?,
        }
        self.hash.update([0]);
        Ok(())
    }

    fn finish(self) -> Option<String> {
        self.is_used.then(|| hex(&self.hash.finalize()))
    }
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
    use super::super::{Limits, rules, select};
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
        let selection = select(&root, &rules, &|_| false);
        let digest = copy(&run, &root, ".", &selection.paths).unwrap().digest;
        // Test vector of the run format.
        assert_eq!(digest.unwrap(), "e9cf8071fe12cca0cd430ce1982a7ef7");
        let manifest = run.manifest().unwrap();
        let entry = manifest.get("sub/b.txt").unwrap();
        assert_eq!(entry.source, ["sub/b.txt"]);
        assert_eq!(copy(&run, &root, ".", &[]).unwrap().digest, None);
    }

    #[test]
    fn what_vanishes_before_it_is_copied_is_told_and_the_rest_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/b.txt"), "x\n").unwrap();
        let opref = OpRef::script(&root, "a.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        let run = Run::create(&dir.path().join("run"), &creation).unwrap();
        let selected = ["gone.py", "sub/b.txt", "sub"].map(PathBuf::from);
        let snapshot = copy(&run, &root, "dest/deep", &selected).unwrap();
        let faults: Vec<_> = snapshot
            .faults
            .iter()
            .map(|fault| (fault.path.to_str().unwrap(), fault.reason.as_str()))
            .collect();
        let expected = [
            ("gone.py", "no such file or directory"),
            ("sub", "is a directory"),
        ];
        assert_eq!(faults, expected);
        let manifest = run.manifest().unwrap();
        assert_eq!(manifest.iter().count(), 1);
        assert!(manifest.get("dest/deep/sub/b.txt").is_some());
        remove(&run).unwrap();
        assert!(!run.dir().join("dest/deep/sub/b.txt").exists());
        assert_eq!(run.manifest().unwrap().iter().count(), 0);
    }
}
