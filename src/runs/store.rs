//! The folder of all runs, and the trash.

use std::path::{Path, PathBuf};
use std::thread;

use super::{Result, Run};
use crate::base::files;

/// Fewer directory entries than this are read on one thread.
const ENTRIES_PER_THREAD: usize = 500;

/// The most threads that read the store at once.
const MAX_THREADS: usize = 8;

/// A folder of runs, live or deleted.
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
        let plain = !id.is_empty() && !id.contains('/') && id != "." && id != "..";
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
        if target.symlink_metadata().is_ok() {
            let suffix = &uuid::Uuid::new_v4().simple().to_string()[..8];
            let aside = to.dir.join(format!("{}_{suffix}", run.id()));
            files::rename(&target, &aside)?;
        }
        files::rename(run.dir(), &target)?;
        Ok(Run::at(target))
    }

    /// Removes `run` for good. Its `opref` goes first, so that a removal cut
    /// short leaves no half run in listings.
    ///
    /// # Errors
    /// Something in the directory cannot be removed.
    pub fn remove(&self, run: &Run) -> Result<()> {
        files::remove_if_exists(&run.guild_path("opref"))?;
        Ok(files::remove_dir_all(run.dir())?)
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
}
