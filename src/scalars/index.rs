//! What the event files of many runs told, remembered in guild home, so that only
//! what has come since is read.
//!
//! Nothing in it is needed: the files may be deleted at any time, and whatever is
//! damaged is made again. Of each run it keeps which folders and links were seen
//! and how far each event file was read; asking the system about these is all
//! that an unchanged run costs. Runs are spread over many files by their names,
//! so that a run that changes has little written again.

mod entry;
mod folder;
mod known;
mod place;
mod shard;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

pub(super) use entry::Entry;
use known::Kept;
pub use known::{Known, Results};
use place::Place;
use shard::Shard;

use super::{Error, ScalarSummary};
use crate::base::folder::Folder;
use crate::base::{files, flock, parallel};
use crate::home::Home;
use crate::runs::Run;

/// How many files runs are spread over.
const SHARDS: usize = 256;

/// How long is waited for another process that writes.
const PATIENCE: Duration = Duration::from_secs(2);

/// The index of a guild home. Several threads may ask it at once; what they had
/// to read is remembered when it is dropped.
#[derive(Debug)]
pub struct Index {
    guild_home: PathBuf,
    dir: PathBuf,
    slots: Vec<Slot>,
    /// The guild home, once it was asked for.
    opened: OnceLock<Option<Folder>>,
    /// Tells the time.
    now: fn() -> SystemTime,
}

/// A file of the index, read when a run that belongs there is first asked for.
#[derive(Debug, Default)]
struct Slot {
    shard: OnceLock<Shard>,
    changed: Mutex<HashMap<String, Vec<u8>>>,
    asked: AtomicUsize,
}

impl Index {
    /// The index of `home`, of which nothing is read yet.
    pub fn new(home: &Home) -> Self {
        Self::at(home.guild_home().to_path_buf(), home.scalar_index_dir())
    }

    fn at(guild_home: PathBuf, dir: PathBuf) -> Self {
        Self {
            guild_home,
            dir,
            slots: (0..SHARDS).map(|_| Slot::default()).collect(),
            opened: OnceLock::new(),
            now: SystemTime::now,
        }
    }

    /// What `runs` measured and logged, in their order. They are read at once.
    pub fn all(&self, runs: &[Run]) -> Vec<Results> {
        parallel::map_slow(runs, |run| self.results(run))
    }

    /// What `run` measured and logged.
    pub fn results(&self, run: &Run) -> Results {
        self.known(run, |known| known.results())
    }

    /// The scalars of `run`, by prefix and tag. What cannot be read is handed to
    /// `warn`, and the rest read all the same.
    pub fn scalars(&self, run: &Run, warn: &mut dyn FnMut(Error)) -> Vec<ScalarSummary> {
        let results = self.results(run);
        results.problems.into_iter().for_each(warn);
        results.scalars
    }

    /// Hands what is known of `run` now to `take`; what it reads of the run by way of
    /// that is known the next time.
    pub fn known<R>(&self, run: &Run, take: impl FnOnce(&Known<'_>) -> R) -> R {
        let mut problems = Vec::new();
        let Some(name) = self.name(run) else {
            let entry = Entry::read(run.dir(), None, &mut problems);
            let place = Place::new(run.dir(), None);
            return take(&Known::new(&entry, &place, problems, (self.now)()));
        };
        let slot = &self.slots[shard_of(&name)];
        let shard = slot.shard.get_or_init(|| Shard::read(&self.path(&name)));
        slot.asked.fetch_add(1, Ordering::Relaxed);
        let changed = slot.changed().get(&name).cloned();
        let bytes = changed.as_deref().or_else(|| shard.get(&name));
        let before = bytes.and_then(|bytes| postcard::from_bytes::<Entry<'_>>(bytes).ok());
        let home = || Folder::open(&self.guild_home).ok().flatten();
        let home = self.opened.get_or_init(home).as_ref();
        let place = Place::new(run.dir(), home.map(|home| (home, &name[..])));
        let (mut entry, is_new) = match before {
            Some(before) if before.is_current(&place) => (before, false),
            before => {
                let entry = Entry::read(run.dir(), before.as_ref(), &mut problems);
                (entry, true)
            }
        };
        let is_whole = problems.is_empty();
        let known = Known::new(&entry, &place, problems, (self.now)());
        let taken = take(&known);
        let notes = known.into_notes();
        if is_whole && (is_new || !notes.is_empty()) {
            entry.kept = Kept::merged(entry.kept, notes);
            if let Ok(new) = postcard::to_allocvec(&entry)
                && bytes != Some(&new[..])
            {
                slot.changed().insert(name, new);
            }
        }
        taken
    }

    /// The name that the index knows `run` by; none if it is not in the home.
    fn name(&self, run: &Run) -> Option<String> {
        let name = run.dir().strip_prefix(&self.guild_home).ok()?;
        Some(name.to_str()?.to_string())
    }

    /// The file that belongs to the run `name`.
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{:02x}", shard_of(name)))
    }

    /// Writes what has changed. As nothing of it is needed, a failure is none.
    fn save(&self) -> Result<(), flock::Error> {
        // Runs that are gone are looked for where that is no more work than what
        // was done.
        let asked: usize = self.slots.iter().map(Slot::asked).sum();
        let known: usize = self.slots.iter().map(|slot| slot.names().count()).sum();
        let look = known > asked && known <= 2 * asked;
        let is_gone = |name: &str| !self.is_there(name);
        let slots = self
            .slots
            .iter()
            .filter(|slot| !slot.changed().is_empty() || look && slot.names().any(is_gone));
        let slots: Vec<_> = slots.collect();
        if slots.is_empty() {
            return Ok(());
        }
        files::create_dir_all(&self.dir)?;
        let _lock = flock::lock(&self.dir.join("lock"), PATIENCE)?;
        for slot in slots {
            slot.write(self)?;
        }
        Ok(())
    }

    fn is_there(&self, name: &str) -> bool {
        Run::at(self.guild_home.join(name)).exists()
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // The runs are read again next time.
        let _ = self.save();
    }
}

impl Slot {
    fn changed(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        // A thread that panicked left whole entries.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// The names of the runs that were known before.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.shard.get().into_iter().flat_map(Shard::names)
    }

    /// Writes the file again, with what another process may have added since.
    fn write(&self, index: &Index) -> files::Result<()> {
        let changed = self.changed();
        let changed_names = changed.keys().map(String::as_str);
        let Some(name) = changed_names.chain(self.names()).next() else {
            return Ok(());
        };
        let path = index.path(name);
        let now = Shard::read(&path);
        let kept = now
            .names()
            .filter(|name| !changed.contains_key(*name) && index.is_there(name))
            .filter_map(|name| Some((name, now.get(name)?)));
        let changed = changed.iter().map(|(name, entry)| (&name[..], &entry[..]));
        Shard::write(&path, kept.chain(changed))
    }
}

/// The number of the file that belongs to the run `name`.
fn shard_of(name: &str) -> usize {
    crc32c::crc32c(name.as_bytes()) as usize % SHARDS
}
