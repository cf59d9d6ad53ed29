//! The folder of all runs, and the trash.

use std::path::{Path, PathBuf};
use std::thread;

use super::{Result, Run};
use crate::base::files;

/// Fewer directory entries than this are read on one thread.
const ENTRIES_PER_THREAD: usize = 500;

/// The most threads that read the store at once.
const MAX_THREADS: usize = 8;

/// What the name of a run starts with while it is being removed.
const REMOVED: &str = ".removed-";

/// A folder of runs, live or deleted. Names that start with a dot are no runs.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// The runs in `dir`, which need not exist.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The run with the full id `id`, if there is one.
    pub fn get(&self, id: &str) -> Option<Run> {
        let plain = !id.is_empty() && !id.contains('/') && !id.starts_with('.');
        let run = plain.then(|| Run::at(self.dir.join(id)))?;
        run.exists().then_some(run)
    }

    /// All runs, latest first; those without a time come last, by id.
    ///
    /// # Errors
    /// The folder is there and cannot be listed. A damaged run is no error.
    pub fn list(&self) -> Result<Vec<Run>> {
        let names: Vec<_> = files::names(&self.dir)?;
        let mut stamped = self.stamp(&names);
        stamped.sort_by(|(left_time, left), (right_time, right)| {
            right_time
                .cmp(left_time)
                .then_with(|| left.id().cmp(right.id()))
        });
        Ok(stamped.into_iter().map(|(_, run)| run).collect())
    }

    /// The runs among the entries `names`, each with its time. The work is
    /// waiting for the system to open files, so it is spread over the cores.
    fn stamp(&self, names: &[std::ffi::OsString]) -> Vec<(Option<i64>, Run)> {
        let read = |names: &[std::ffi::OsString]| -> Vec<_> {
            names
                .iter()
                .filter(|name| !name.as_encoded_bytes().starts_with(b"."))
                .map(|name| Run::at(self.dir.join(name)))
                .filter(Run::exists)
                .map(|run| (run.timestamp(), run))
                .collect()
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (names.len() / ENTRIES_PER_THREAD).clamp(1, cores.min(MAX_THREADS));
        if threads == 1 {
            return read(names);
        }
        let part = names.len().div_ceil(threads);
        thread::scope(|scope| {
            let workers: Vec<_> = names
                .chunks(part)
                .map(|chunk| scope.spawn(move || read(chunk)))
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| match worker.join() {
                    Ok(runs) => runs,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        })
    }

    /// Moves `run` of this store to `to` (the trash on delete, the store on
    /// restore). A run with the same id that is there already is renamed to
    /// `ID_XXXXXXXX`, so nothing is lost.
    ///
    /// # Errors
    /// A folder cannot be made or renamed; the run is then where it was.
    pub fn move_to(&self, run: &Run, to: &Store) -> Result<Run> {
        files::create_dir_all(&to.dir)?;
        let target = to.dir.join(run.id());
        // A rename never replaces a folder that holds something, so that what is
        // in the way is only put aside if the run is still there to take its place.
        if files::rename(run.dir(), &target).is_ok() {
            return Ok(Run::at(target));
        }
        if target.symlink_metadata().is_ok() && run.dir().symlink_metadata().is_ok() {
            let suffix = &uuid::Uuid::new_v4().simple().to_string()[..8];
            let aside = to.dir.join(format!("{}_{suffix}", run.id()));
            files::rename(&target, &aside)?;
            return match files::rename(run.dir(), &target) {
                Ok(()) => Ok(Run::at(target)),
                Err(error) => {
                    // Back to how it was; the first error is what matters.
                    let _ = files::rename(&aside, &target);
                    Err(error.into())
                }
            };
        }
        files::rename(run.dir(), &target)?;
        Ok(Run::at(target))
    }

    /// Removes `run` for good. It goes under a hidden name first and loses its
    /// `opref` next, so that a removal cut short leaves no half run in listings;
    /// [`Store::sweep`] removes what is left of it.
    ///
    /// # Errors
    /// Something in the directory cannot be removed.
    pub fn remove(&self, run: &Run) -> Result<()> {
        let suffix = uuid::Uuid::new_v4().simple();
        let hidden = self.dir.join(format!("{REMOVED}{}-{suffix}", run.id()));
        files::rename(run.dir(), &hidden)?;
        if hidden.is_symlink() {
            // Somebody keeps the run elsewhere; it is theirs.
            return Ok(files::remove_if_exists(&hidden)?);
        }
        files::remove_if_exists(&Run::at(&hidden).guild_path("opref"))?;
        Ok(files::remove_dir_all(&hidden)?)
    }

    /// Removes what removals that were cut short have left. What cannot be
    /// removed, such as what another process is removing, stays for next time.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn sweep(&self) -> Result<()> {
        for name in files::names(&self.dir)? {
            if name.as_encoded_bytes().starts_with(REMOVED.as_bytes()) {
                let _ = files::remove_dir_all(&self.dir.join(name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Creation;
    use super::*;
    use crate::base::yaml::Value;
    use crate::opref::OpRef;

    fn make(store: &Store, id: &str, started: i64) -> Run {
        let opref = OpRef::script(Path::new("/p"), "x.py");
        let creation = Creation {
            opref: &opref,
            initialized: started,
        };
        let run = Run::create(&store.dir().join(id), &creation).unwrap();
        run.write_attr("started", &Value::Int(started)).unwrap();
        run
    }

    fn ids(store: &Store) -> Vec<String> {
        let runs = store.list().unwrap();
        runs.iter().map(|run| run.id().to_string()).collect()
    }

    #[test]
    fn runs_list_latest_first_on_one_thread_and_on_many() {
        for count in [3, 1200] {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::new(dir.path().join("runs"));
            for number in 0..count {
                make(&store, &format!("r{number:05}"), i64::from(number));
            }
            let listed = ids(&store);
            assert_eq!(listed.len(), count as usize);
            assert!(listed.windows(2).all(|pair| pair[0] > pair[1]));
        }
    }

    #[test]
    fn what_is_no_run_is_left_out_and_a_damaged_run_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("runs"));
        assert_eq!(ids(&store), [] as [&str; 0]);
        let run = make(&store, "good", 5);
        let damaged = make(&store, "damaged", 6);
        std::fs::create_dir(store.dir().join("no-run")).unwrap();
        std::fs::write(store.dir().join("file"), "").unwrap();
        std::os::unix::fs::symlink("nowhere", store.dir().join("dangling")).unwrap();
        std::fs::write(damaged.guild_path("opref"), b"\xff\xfe(").unwrap();
        std::fs::write(damaged.attr_path("started"), b"\0\0").unwrap();
        assert_eq!(ids(&store), ["damaged", "good"]);
        assert_eq!(store.get("good"), Some(run));
        assert_eq!(store.get("../runs/good"), None);
    }

    #[test]
    fn a_second_delete_of_an_id_keeps_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("runs"));
        let trash = Store::new(dir.path().join("trash"));
        for started in [1, 2] {
            let run = make(&store, "same", started);
            store.move_to(&run, &trash).unwrap();
        }
        let deleted = ids(&trash);
        assert_eq!(deleted[0], "same");
        assert_eq!(deleted[1].len(), "same_12345678".len());
        let run = trash.get("same").unwrap();
        trash.remove(&run).unwrap();
        assert_eq!(ids(&trash).len(), 1);
    }

    #[test]
    fn a_removal_that_was_cut_short_is_no_run_and_is_swept_up() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("runs"));
        let run = make(&store, "gone", 1);
        let hidden = store.dir().join(format!("{REMOVED}gone-1"));
        std::fs::rename(run.dir(), &hidden).unwrap();
        assert_eq!(ids(&store), [] as [&str; 0]);
        store.sweep().unwrap();
        assert!(!hidden.exists());
    }

    #[test]
    fn removing_a_link_to_a_run_leaves_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = Store::new(dir.path().join("elsewhere"));
        let store = Store::new(dir.path().join("runs"));
        let run = make(&elsewhere, "linked", 1);
        std::fs::create_dir(store.dir()).unwrap();
        std::os::unix::fs::symlink(run.dir(), store.dir().join("linked")).unwrap();
        store.remove(&store.get("linked").unwrap()).unwrap();
        assert_eq!(ids(&store), [] as [&str; 0]);
        assert_eq!(ids(&elsewhere), ["linked"]);
    }
}
