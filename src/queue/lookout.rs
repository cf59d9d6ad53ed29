//! Waiting for runs to be staged and to end.
//!
//! The folder of runs tells of new runs; the folder `.guild` of a run tells when
//! it is staged and when it ends. Of that of each run that may come to either, up
//! to a number, changes are waited for. Whatever comes unseen, such as a run of long
//! ago that is staged again, is found when the queue looks again by itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::found::Found;
use crate::base::folder_watch::FolderWatch;
use crate::runs::{Result, Run, Store};

/// The most runs that are watched; a system has few watches to give.
const MOST: usize = 500;

/// How long to wait for what comes together with a change.
const TOGETHER: Duration = Duration::from_millis(20);

/// What a queue watches while it waits.
pub(super) struct Lookout {
    runs_dir: PathBuf,
    watch: Option<FolderWatch>,
}

impl Lookout {
    /// Watches over the runs of `store`. Where the system watches nothing, waiting is
    /// only that.
    pub(super) fn over(store: &Store) -> Self {
        Self {
            runs_dir: store.dir().to_path_buf(),
            watch: FolderWatch::new().ok(),
        }
    }

    /// What is in `store`. Whatever changes it after that ends [`Lookout::wait`].
    ///
    /// # Errors
    /// The folder of runs cannot be listed.
    pub(super) fn found(&mut self, store: &Store) -> Result<Found> {
        let mut is_new = self.add(&self.runs_dir.clone());
        loop {
            let found = Found::in_store(store)?;
            let unfinished = store.unfinished()?;
            let changing = found.busy.iter().chain(&found.pending).chain(&unfinished);
            let folders: HashSet<PathBuf> = changing.take(MOST).map(Run::nearest_folder).collect();
            for folder in &folders {
                is_new |= self.add(folder);
            }
            if !std::mem::take(&mut is_new) {
                self.keep_only(&folders);
                return Ok(found);
            }
            // What was watched only now may have changed before.
        }
    }

    /// Waits for a change, up to `limit`.
    pub(super) fn wait(&mut self, limit: Duration) {
        let Some(watch) = &mut self.watch else {
            std::thread::sleep(limit);
            return;
        };
        match watch.wait(limit) {
            Ok(true) => std::thread::sleep(TOGETHER.min(limit)),
            Ok(false) => {}
            Err(_) => self.watch = None,
        }
    }

    /// Watches `folder`; returns whether it was not watched before.
    fn add(&mut self, folder: &Path) -> bool {
        let watch = self.watch.as_mut();
        // A folder that has gone, or one too many for the system.
        watch.is_some_and(|watch| watch.add(folder).unwrap_or(false))
    }

    fn keep_only(&mut self, folders: &HashSet<PathBuf>) {
        if let Some(watch) = &mut self.watch {
            let runs_dir = &self.runs_dir;
            watch.retain(|folder| folder == runs_dir || folders.contains(folder));
        }
    }
}
