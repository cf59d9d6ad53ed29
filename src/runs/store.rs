//! The folder of all runs, and the trash.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Result, Run, names, plain_integer};
use crate::base::folder::Folder;
use crate::base::{file_copy, files, parallel};
use crate::home::Home;

/// More than a time has digits.
const TIME_BYTES: usize = 64;

/// What the name of a run starts with while it is being removed.
const REMOVED: &str = ".removed-";

/// A folder of runs, live or deleted. Names that start with a dot are no runs.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    names_file: Option<PathBuf>,
    /// The run whose links say which runs are meant, if not all are.
    linked_from: Option<Run>,
}

impl Store {
    /// The runs in `dir`, which need not exist.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            names_file: None,
            linked_from: None,
        }
    }

    /// The runs beside `parent` that it links to. It need not exist.
    pub fn linked_from(parent: &Run) -> Self {
        Self {
            linked_from: Some(parent.clone()),
            ..Self::new(parent.dir().parent().unwrap_or(Path::new("/")))
        }
    }

    /// The live runs as this process is to see them: all, or in a step of a
    /// pipeline those of that pipeline.
    pub fn visible(home: &Home) -> Self {
        match home.pipeline_dir() {
            Some(dir) => Self::linked_from(&Run::at(dir)),
            None => Self::new(home.runs_dir()).remembering_names(home.run_names_file()),
        }
    }

    /// The same, with the names of many runs remembered in the file at `path`,
    /// which may be deleted at any time.
    #[must_use]
    pub fn remembering_names(self, path: PathBuf) -> Self {
        Self {
            names_file: Some(path),
            ..self
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The run with the full id `id`, if there is one.
    pub fn get(&self, id: &str) -> Option<Run> {
        let plain = !id.is_empty() && !id.contains('/') && !id.starts_with('.');
        let run = plain.then(|| Run::at(self.dir.join(id)))?;
        if let Some(parent) = &self.linked_from
            && !parent.linked_names().ok()?.iter().any(|name| name == id)
        {
            return None;
        }
        run.exists().then_some(run)
    }

    /// All runs, latest first; those without a time come last, by id.
    ///
    /// # Errors
    /// The folder is there and cannot be listed. A damaged run is no error.
    pub fn list(&self) -> Result<Vec<Run>> {
        self.list_where(|_| true)
    }

    /// The runs that `keep` holds for, in the order of [`Store::list`]. The time
    /// is read of those only.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn list_where(&self, keep: impl Fn(&Run) -> bool + Sync) -> Result<Vec<Run>> {
        let names = match &self.linked_from {
            Some(parent) => parent.linked_names()?,
            None => files::names(&self.dir)?,
        };
        self.runs_named(names, keep)
    }

    /// Folders that are no runs yet: of a run that is just being made, or of none.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn unfinished(&self) -> Result<Vec<Run>> {
        let Some(folder) = Folder::open(&self.dir)? else {
            return Ok(Vec::new());
        };
        let names = files::names(&self.dir)?.into_iter();
        let others = names.filter(|name| {
            !name.as_bytes().starts_with(b".") && !folder.has(&below(name, "opref"))
        });
        Ok(others.map(|name| Run::at(self.dir.join(name))).collect())
    }

    /// The runs whose ids start with `prefix`, in the order of [`Store::list`].
    /// Nothing is read of the others.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn starting_with(&self, prefix: &str) -> Result<Vec<Run>> {
        self.runs_named(self.names(prefix)?.0, |_| true)
    }

    /// The most runs that [`Store::list`] can find now.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn most(&self) -> Result<usize> {
        // A dot: no name of a run starts so.
        Ok(self.names(".")?.1)
    }

    fn names(&self, prefix: &str) -> Result<(Vec<OsString>, usize)> {
        if let Some(parent) = &self.linked_from {
            let mut names = parent.linked_names()?;
            let count = names.len();
            names.retain(|name| name.as_bytes().starts_with(prefix.as_bytes()));
            return Ok((names, count));
        }
        names::starting_with(&self.dir, self.names_file.as_deref(), prefix)
    }

    /// The runs among the entries `names` that `keep` holds for, latest first.
    fn runs_named(
        &self,
        names: Vec<OsString>,
        keep: impl Fn(&Run) -> bool + Sync,
    ) -> Result<Vec<Run>> {
        let Some(folder) = Folder::open(&self.dir)? else {
            return Ok(Vec::new());
        };
        let stamped = parallel::map(&names, |name| {
            let run = self.run_named(&folder, name).filter(|run| keep(run))?;
            Some((timestamp(&folder, name, &run), run))
        });
        let mut stamped: Vec<(Option<i64>, Run)> = stamped.into_iter().flatten().collect();
        stamped.sort_unstable_by(|(left_time, left), (right_time, right)| {
            right_time
                .cmp(left_time)
                .then_with(|| left.id().cmp(right.id()))
                .then_with(|| left.dir().cmp(right.dir()))
        });
        Ok(stamped.into_iter().map(|(_, run)| run).collect())
    }

    /// The run `name` of the open `folder`, if there is one.
    fn run_named(&self, folder: &Folder, name: &OsStr) -> Option<Run> {
        let is_run = !name.as_bytes().starts_with(b".") && folder.has(&below(name, "opref"));
        is_run.then(|| Run::at(self.dir.join(name)))
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
        // Whatever keeps this from being removed keeps the rest too, and says so.
        let _ = files::remove_if_exists(&Run::at(&hidden).guild_path("opref"));
        Ok(file_copy::remove_tree(&hidden)?)
    }

    /// Removes what removals that were cut short have left. What cannot be
    /// removed, such as what another process is removing, stays for next time.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn sweep(&self) -> Result<()> {
        for name in files::names(&self.dir)? {
            if name.as_encoded_bytes().starts_with(REMOVED.as_bytes()) {
                let _ = file_copy::remove_tree(&self.dir.join(name));
            }
        }
        Ok(())
    }
}

/// What is at `path` of the run `name`, seen from the folder of runs.
fn below(name: &OsStr, path: &str) -> Vec<u8> {
    [name.as_bytes(), b"/.guild/", path.as_bytes()].concat()
}

/// The time of `run`, which is called `name` in the open `folder`, as
/// [`Run::timestamp`] has it. This is what listing 100,000 runs consists of, so it
/// takes the way around through [`Run`] only where something is amiss.
fn timestamp(folder: &Folder, name: &OsStr, run: &Run) -> Option<i64> {
    let mut buffer = [0; TIME_BYTES];
    let started = folder.read_start(&below(name, "attrs/started"), &mut buffer);
    match started.map(plain_integer) {
        Ok(Some(time)) => Some(time),
        _ => run.timestamp(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    /// What [`Store::list`] must find, run by run.
    fn listed_plainly(store: &Store) -> Vec<Run> {
        let names = files::names(store.dir()).unwrap();
        let mut runs: Vec<Run> = names
            .iter()
            .map(|name| Run::at(store.dir().join(name)))
            .filter(Run::exists)
            .collect();
        runs.sort_by_key(|run| (std::cmp::Reverse(run.timestamp()), run.id().to_string()));
        runs
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]

        #[test]
        fn listing_finds_what_reading_each_run_finds(
            runs in proptest::collection::vec((0..4, 0..14, 0..4), 0..20)
        ) {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::new(dir.path());
            for (number, (opref, started, initialized)) in runs.iter().enumerate() {
                let run = Run::at(dir.path().join(format!("r{number}")));
                files::create_dir_all(&run.guild_path("attrs")).unwrap();
                spoil(&run.guild_path("opref"), *opref);
                spoil(&run.attr_path("started"), *started);
                spoil(&run.attr_path("initialized"), *initialized);
            }
            prop_assert_eq!(store.list().unwrap(), listed_plainly(&store));
        }
    }

    /// Puts one of several things at `path`, whole and broken.
    fn spoil(path: &Path, kind: i32) {
        let text: &[u8] = match kind {
            0 => b"5\n",
            1 => return,
            2 => b"7",
            3 => b"",
            4 => b"1795352829514738\n",
            5 => b"-3\n",
            6 => b"010\n",
            7 => b"1_0 # ten\n",
            8 => b"\xff\n",
            9 => b"[1",
            10 => return std::fs::create_dir(path).unwrap(),
            11 => return std::os::unix::fs::symlink("opref", path).unwrap_or(()),
            12 => return nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap(),
            _ => &[b' '; 100],
        };
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn runs_are_found_by_the_start_of_their_ids() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        assert_eq!(store.starting_with("").unwrap(), []);
        for (started, id) in ["ab", "abc", "b"].iter().enumerate() {
            make(&store, id, started as i64);
        }
        std::fs::create_dir(dir.path().join("abd")).unwrap();
        let found = store.starting_with("ab").unwrap();
        let found: Vec<&str> = found.iter().map(Run::id).collect();
        assert_eq!(found, ["abc", "ab"]);
        assert_eq!(store.most().unwrap(), 4);
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
        let locked = run.dir().join("locked/inner");
        files::create_dir_all(&locked).unwrap();
        file_copy::set_attributes(&run.dir().join("locked"), 0o500, None).unwrap();
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
