//! What there is to start, and what there is to wait for.

use crate::flags;
use crate::runs::{Result, Run, Status, Store};

/// The runs that a queue looks at.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those that are staged, the first that was staged first.
    pub staged: Vec<Run>,
    /// Those that run, or that a process is about to start.
    pub busy: Vec<Run>,
    /// Those that are being made or that wait for their batch.
    pub pending: Vec<Run>,
}

impl Found {
    /// What is in `store` now.
    ///
    /// # Errors
    /// The folder of runs cannot be listed.
    pub(super) fn in_store(store: &Store) -> Result<Self> {
        let is_of_interest = |run: &Run| {
            let status = run.status();
            matches!(status, Status::Staged | Status::Running | Status::Pending)
        };
        let mut found = Self::default();
        for run in store.list_where(is_of_interest)?.into_iter().rev() {
            match run.status() {
                Status::Staged => found.staged.push(run),
                Status::Running => found.busy.push(run),
                Status::Pending => {
                    if run.process().is_some() {
                        found.busy.push(run.clone());
                    }
                    found.pending.push(run);
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The GPUs that `run` was staged for, if for any. What cannot be read says nothing.
pub(super) fn gpus(run: &Run) -> Option<String> {
    let params = run.attr("run_params").ok()??;
    let gpus = params.as_map()?.get("gpus")?;
    gpus.is_truthy().then(|| flags::plain_text(gpus))
}

/// Whether `run` is one of a queue.
pub(super) fn is_queue(run: &Run) -> bool {
    run.opref().is_ok_and(|opref| opref.is_queue())
}
