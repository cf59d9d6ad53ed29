//! Ending a run's processes, all of them.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::base::clock;
use crate::base::number;
use crate::base::process::{self, Process};
use crate::runs::{Ended, Run};

/// How long descendants may take to end by themselves while the run's process
/// is ending.
pub(super) const CHILDREN_GRACE: Duration = Duration::from_secs(5);

/// How long they may take once that process has gone.
pub(super) const ORPHANS_GRACE: Duration = Duration::from_millis(500);

/// How long killed processes may take to go.
const KILL_WAIT: Duration = Duration::from_secs(5);

/// How long whoever started the run may take to record its end.
const OWNER_WAIT: Duration = Duration::from_secs(3);

/// The exit status of a process that was asked to end, and of a killed one.
const TERMINATED: i64 = -(Signal::SIGTERM as i64);
const KILLED: i64 = -(Signal::SIGKILL as i64);

/// What came of stopping a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopOutcome {
    /// It was not running.
    NotRunning,
    /// None of its processes is left.
    Stopped,
    /// These did not end; the run is still running.
    Survivors(Vec<i32>),
}

/// A run's process and everything that came from it.
#[derive(Debug, Clone)]
pub struct Tree {
    root: Option<Process>,
    members: Vec<Process>,
}

impl Tree {
    /// The processes of `run` as they are now: its own, the descendants of
    /// that, and those that left their parents but still carry the id of the run,
    /// or of one of its steps, in their environment.
    pub fn of(run: &Run) -> Self {
        Self::rooted(run, run.process())
    }

    /// The same where the process of `run` is known to be `root`, whatever the run
    /// has recorded.
    pub(super) fn rooted(run: &Run, root: Option<Process>) -> Self {
        let mut tree = Self {
            root,
            members: root.into_iter().collect(),
        };
        tree.refresh(run);
        tree
    }

    /// Adds what was started since.
    pub fn refresh(&mut self, run: &Run) {
        let started = self.root.map_or(0, |root| root.start_ticks);
        let inner = inner_runs(run);
        let ids: Vec<&str> = std::iter::once(run).chain(&inner).map(Run::id).collect();
        let found = self
            .members
            .clone()
            .into_iter()
            .flat_map(process::descendants)
            .chain(
                // An older process with the id is a shell the user sourced a
                // staged environment in.
                process::with_environment("RUN_ID", &ids)
                    .into_iter()
                    .filter(|process| process.start_ticks >= started),
            );
        for process in found.collect::<Vec<_>>() {
            if !self.members.contains(&process) {
                self.members.push(process);
            }
        }
    }

    /// Sends `signal` to all but this process, which counts as the run's while it
    /// makes it; to descendants first, so that who is to record the end of one
    /// still can.
    pub fn signal(&self, signal: Signal) {
        let this = std::process::id();
        let others = self.members.iter().rev();
        for process in others.filter(|process| process.pid.cast_unsigned() != this) {
            // A process we may not signal is reported as a survivor.
            let _ = process.signal(signal);
        }
    }

    fn wait(&self, timeout: Duration) -> Vec<Process> {
        process::wait_gone(&self.members, timeout)
    }

    fn descendants(&self) -> Vec<Process> {
        let members = self.members.iter().copied();
        members
            .filter(|&process| Some(process) != self.root)
            .collect()
    }
}

/// The runs that `run` started and that have not ended: its steps, theirs, and so on.
fn inner_runs(run: &Run) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut todo = run.linked_runs();
    while let Some(inner) = todo.pop() {
        // A link of a script's own may lead anywhere.
        if inner != *run && inner.is_locked() && !found.contains(&inner) {
            todo.extend(inner.linked_runs());
            found.push(inner);
        }
    }
    found
}

/// Records that steps of `run` were killed with it, where nobody else has.
pub(super) fn end_inner(run: &Run) {
    for inner in inner_runs(run) {
        if inner.process().is_none_or(|process| !process.is_alive()) {
            end(&inner, KILLED);
            // What is left of one that was being made stays pending.
            let _ = inner.clear_pending();
        }
    }
}

/// `runs` in the order in which they are to be stopped: as they are, but for queues,
/// which go before all others, and for pipelines, which go before their steps. A
/// pipeline whose step was stopped first would end by itself, as one whose step has
/// failed, and a queue would start another run.
pub fn outer_first(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by_key(|run| !run.opref().is_ok_and(|opref| opref.is_queue()));
    let mut outer: Vec<Vec<usize>> = vec![Vec::new(); runs.len()];
    for (number, run) in runs.iter().enumerate() {
        for inner in run.linked_runs() {
            if let Some(inner) = runs.iter().position(|run| *run == inner) {
                outer[inner].push(number);
            }
        }
    }
    let mut order = Vec::new();
    let mut seen = vec![false; runs.len()];
    // A run comes twice: to have those that link to it go first, and then itself.
    let mut todo: Vec<(usize, bool)> = (0..runs.len()).rev().map(|run| (run, false)).collect();
    while let Some((run, is_next)) = todo.pop() {
        if is_next {
            order.push(runs[run].clone());
        } else if !std::mem::replace(&mut seen[run], true) {
            todo.push((run, true));
            todo.extend(outer[run].iter().map(|&outer| (outer, false)));
        }
    }
    order
}

/// Ends `run`: asks its process to, gives its descendants a while to follow,
/// asks those too, and waits up to `timeout` for all; with `force` kills what
/// is left. Whoever started the run records its end; if that process has gone,
/// this one does.
pub fn stop(run: &Run, timeout: Duration, force: bool) -> StopOutcome {
    let Some(root) = run.process() else {
        return StopOutcome::NotRunning;
    };
    let timeout = timeout.min(Duration::from_secs(number::YEAR));
    let mut tree = Tree::of(run);
    // A refusal shows as a survivor below.
    let _ = root.signal(Signal::SIGTERM);
    let deadline = std::time::Instant::now() + timeout;
    let grace = CHILDREN_GRACE.min(timeout);
    process::wait_gone(&[root], grace);
    if !process::wait_gone(&tree.descendants(), ORPHANS_GRACE.min(timeout)).is_empty() {
        tree.refresh(run);
        for process in tree.descendants() {
            let _ = process.signal(Signal::SIGTERM);
        }
    }
    let mut left = tree.wait(deadline.saturating_duration_since(std::time::Instant::now()));
    let mut status = TERMINATED;
    if !left.is_empty() && force {
        tree.refresh(run);
        tree.signal(Signal::SIGKILL);
        if left.contains(&root) {
            status = KILLED;
        }
        left = tree.wait(KILL_WAIT);
        end_inner(run);
    }
    if !left.is_empty() {
        return StopOutcome::Survivors(left.iter().map(|process| process.pid).collect());
    }
    record(run, status);
    StopOutcome::Stopped
}

/// Waits for the run's owner to record its end, and does so itself if it does not.
fn record(run: &Run, exit_status: i64) {
    let deadline = std::time::Instant::now() + OWNER_WAIT;
    while run.is_locked() && std::time::Instant::now() < deadline {
        // The owner is no child of ours: its work shows only in the files.
        std::thread::sleep(Duration::from_millis(2));
    }
    if run.is_locked() {
        end(run, exit_status);
    }
}

/// Records that the run ended with `exit_status` now.
pub(super) fn end(run: &Run, exit_status: i64) {
    let stopped = clock::now_micros();
    // The run directory may have been deleted: nothing is left to record in.
    let _ = run.set_ended(Ended {
        exit_status,
        stopped,
    });
}

/// Ends everything of a run whose starter has gone, and records it; `root` is
/// the run's process if it was told. A run whose process was not started yet is
/// ended too: nobody is left to start it.
pub(super) fn end_orphan(run: &Run, root: Option<Process>, grace: Duration) {
    let mut tree = Tree::rooted(run, root);
    tree.signal(Signal::SIGTERM);
    let mut status = TERMINATED;
    if !tree.wait(grace).is_empty() {
        tree.refresh(run);
        tree.signal(Signal::SIGKILL);
        tree.wait(KILL_WAIT);
        end_inner(run);
        status = KILLED;
    }
    end(run, status);
    // Pending until its end is recorded, so that it never shows as anything else.
    let _ = run.clear_pending();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_go_before_their_steps_and_others_stay_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let run = |id: &str| {
            std::fs::create_dir_all(dir.join(id).join(".guild")).unwrap();
            Run::at(dir.join(id))
        };
        let [step, other, inner, outer, last] =
            ["step", "other", "inner", "outer", "last"].map(run);
        outer.link_step("inner", &inner).unwrap();
        inner.link_step("step", &step).unwrap();
        // A link of a script's own may lead anywhere.
        step.link_step("up", &outer).unwrap();
        let runs = vec![step, other, inner, outer, last];
        let ordered = outer_first(runs[1..].to_vec());
        let ids: Vec<_> = ordered.iter().map(Run::id).collect();
        assert_eq!(ids, ["other", "outer", "inner", "last"]);
        let all = outer_first(runs);
        let ids: std::collections::BTreeSet<_> = all.iter().map(Run::id).collect();
        assert_eq!((all.len(), ids.len()), (5, 5));
    }
}
