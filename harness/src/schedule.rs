//! Which spec runs when: the longest first, some never side by side, some alone.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::lock::lock;
use crate::spec::Spec;

/// What the schedule needs to know of a spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// No two tasks of a group run at the same time.
    pub group: Option<String>,
    /// Nothing runs at the same time.
    pub alone: bool,
    /// How long it took when it last ran.
    pub expected: Option<Duration>,
}

impl Task {
    /// The task of running a spec, which took this long when it last ran.
    pub fn of(spec: &Spec, expected: Option<Duration>) -> Self {
        let mut options =
            std::iter::once(&spec.options).chain(spec.examples.iter().map(|e| &e.options));
        Task {
            group: spec.group.clone(),
            alone: options.any(|options| options.is_on("TIMING_CRITICAL")),
            expected,
        }
    }
}

/// The order to start tasks in, if several may run at a time: those that run alone,
/// then those that never ran, then the longest first.
pub fn longest_first(tasks: &[Task]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|index| {
        let task = &tasks[*index];
        let longest = task.expected.unwrap_or(Duration::MAX);
        (Reverse(task.alone), Reverse(longest))
    });
    order
}

/// Splits tasks, given by name and how long each took, into `count` shards, and
/// returns which shard each is in, from 0. The order of the tasks does not matter.
/// The shards are of equal time as far as the times are known, else of equal number.
pub fn shards(tasks: &[(String, Option<Duration>)], count: usize) -> Vec<usize> {
    let known: Vec<Duration> = tasks.iter().filter_map(|(_, time)| *time).collect();
    let sum: Duration = known.iter().sum();
    let mean = match u32::try_from(known.len()) {
        Ok(number) if number > 0 => sum / number,
        _ => Duration::ZERO,
    };
    // So that many of no measurable time are still spread.
    let cost = |time: Option<Duration>| time.unwrap_or(mean).max(Duration::from_millis(1));
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|index| (Reverse(cost(tasks[*index].1)), &tasks[*index].0));
    let mut loads = vec![Duration::ZERO; count];
    let mut shard_of = vec![0; tasks.len()];
    for index in order {
        let least = (0..count).min_by_key(|shard| loads[*shard]).unwrap_or(0);
        shard_of[index] = least;
        loads[least] += cost(tasks[index].1);
    }
    shard_of
}

/// Hands out tasks to threads.
#[derive(Debug)]
pub struct Queue {
    tasks: Vec<Task>,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    /// What is not started, in order.
    left: Vec<usize>,
    running: usize,
    alone: bool,
    groups: HashSet<String>,
}

impl Queue {
    /// A queue of tasks that are started in this order, as far as they may be.
    pub fn new(tasks: Vec<Task>, order: Vec<usize>) -> Self {
        Queue {
            tasks,
            state: Mutex::new(State {
                left: order,
                running: 0,
                alone: false,
                groups: HashSet::new(),
            }),
            freed: Condvar::new(),
        }
    }

    /// The next task; waits until one may start. `None` if there is no more. Each
    /// that is taken must be put back by [`Queue::done`].
    pub fn take(&self) -> Option<usize> {
        let mut state = lock(&self.state);
        while !state.left.is_empty() {
            let next = state
                .left
                .iter()
                .position(|index| self.may_start(*index, &state));
            if let Some(at) = next {
                let index = state.left.remove(at);
                let task = &self.tasks[index];
                state.running += 1;
                state.alone |= task.alone;
                state.groups.extend(task.group.clone());
                return Some(index);
            }
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// Notes that a task has ended.
    pub fn done(&self, index: usize) {
        let task = &self.tasks[index];
        let mut state = lock(&self.state);
        state.running -= 1;
        state.alone &= !task.alone;
        if let Some(group) = &task.group {
            state.groups.remove(group);
        }
        self.freed.notify_all();
    }

    /// Hands out no more.
    pub fn close(&self) {
        lock(&self.state).left.clear();
        self.freed.notify_all();
    }

    fn may_start(&self, index: usize, state: &State) -> bool {
        let task = &self.tasks[index];
        let group_is_free = task
            .group
            .as_ref()
            .is_none_or(|group| !state.groups.contains(group));
        !state.alone && group_is_free && (!task.alone || state.running == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn task(group: &str, alone: bool, seconds: Option<u64>) -> Task {
        Task {
            group: Some(group.to_owned()).filter(|g| !g.is_empty()),
            alone,
            expected: seconds.map(Duration::from_secs),
        }
    }

    #[test]
    fn order() {
        let tasks = [
            task("", false, Some(1)),
            task("", false, Some(9)),
            task("", false, None),
            task("", true, Some(1)),
            task("", false, Some(9)),
        ];
        assert_eq!(longest_first(&tasks), [3, 2, 1, 4, 0]);
    }

    #[test]
    fn groups_and_what_runs_alone_are_apart() {
        let tasks: Vec<Task> = (0..60)
            .map(|n| task(["", "a", "b"][n % 3], n % 7 == 0, None))
            .collect();
        let queue = Queue::new(tasks.clone(), (0..60).rev().collect());
        let running = Mutex::new(Vec::new());
        let count = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while let Some(index) = queue.take() {
                        let mut now = lock(&running);
                        for other in now.iter().map(|other: &usize| &tasks[*other]) {
                            assert!(!other.alone && !tasks[index].alone);
                            assert!(other.group.is_none() || other.group != tasks[index].group);
                        }
                        now.push(index);
                        drop(now);
                        std::thread::yield_now();
                        lock(&running).retain(|other| *other != index);
                        queue.done(index);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 60);
    }

    #[test]
    fn a_closed_queue_is_empty() {
        let queue = Queue::new(vec![Task::default(); 3], vec![0, 1, 2]);
        assert_eq!(queue.take(), Some(0));
        queue.close();
        assert_eq!(queue.take(), None);
        queue.done(0);
    }

    proptest! {
        #[test]
        fn shards_are_whole_balanced_and_stable(
            times in prop::collection::vec(prop::option::of(1u64..100_000), 1..200),
            count in 1usize..9,
            turn in 0usize..200,
        ) {
            let tasks: Vec<(String, Option<Duration>)> = times
                .iter()
                .enumerate()
                .map(|(n, time)| (format!("{n}.md"), time.map(Duration::from_millis)))
                .collect();
            // One shard for each: together all, and no two the same.
            let shard_of = shards(&tasks, count);
            prop_assert_eq!(shard_of.len(), tasks.len());
            prop_assert!(shard_of.iter().all(|shard| *shard < count));
            let mut turned = tasks.clone();
            turned.rotate_left(turn % tasks.len());
            let mut again = shards(&turned, count);
            again.rotate_right(turn % tasks.len());
            prop_assert_eq!(&again, &shard_of);
            if let Some(times) = times.iter().copied().collect::<Option<Vec<u64>>>() {
                let mut loads = vec![0; count];
                for (shard, time) in shard_of.iter().zip(&times) {
                    loads[*shard] += time;
                }
                let mean = times.iter().sum::<u64>() as f64 / count as f64;
                let longest = times.iter().max().copied().unwrap_or(0) as f64;
                let slowest = loads.into_iter().max().unwrap_or(0) as f64;
                // No shard passes the mean by more than one task.
                prop_assert!(slowest <= mean + longest);
                if longest <= 0.2 * mean {
                    prop_assert!(slowest <= 1.2 * mean);
                }
            }
        }
    }
}
