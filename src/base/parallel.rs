//! The same work on many things, spread over threads. Meant for work that waits
//! for the system, such as opening thousands of small files.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

/// How many things a thread takes at a time where there is little to do with
/// each. Fewer than two such parts are not worth a second thread.
const PART: usize = 256;

/// The same where each is worth opening several files.
const SMALL_PART: usize = 32;

/// How many parts more than the next one to be taken are worked on.
const AHEAD: usize = 16;

/// Threads that work at once, at the least: where files are not in memory, more
/// of them than there are cores keep the disk busy.
const MIN_THREADS: usize = 4;

/// Threads that work at once, at the most.
const MAX_THREADS: usize = 16;

/// The processors that this process may use.
pub fn cores() -> usize {
    // The standard library reads several files to tell.
    static CORES: LazyLock<usize> =
        LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));
    *CORES
}

/// What `work` makes of each of `things`, in their order.
pub fn map<'a, T: Sync, R: Send>(things: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    map_parts(things, PART, work)
}

/// The same where each of `things` is worth opening several files, and some of
/// them many: threads take few at a time, and no more than one of few.
pub fn map_slow<'a, T: Sync, R: Send>(things: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    map_parts(
        things,
        (things.len() / MAX_THREADS).clamp(1, SMALL_PART),
        work,
    )
}

/// Hands what `work` makes of each of `things` to `take`, in their order, until
/// `take` has had enough and returns false. Only so much is worked ahead.
pub fn in_turn<'a, T: Sync, R: Send>(
    things: &'a [T],
    work: impl Fn(&'a T) -> R + Sync,
    mut take: impl FnMut(R) -> bool,
) {
    let parts: Vec<&'a [T]> = things.chunks(SMALL_PART).collect();
    let threads = thread_count().min(parts.len());
    if threads < 2 {
        things.iter().map(work).all(take);
        return;
    }
    let next = AtomicUsize::new(0);
    let turn = Turn::default();
    thread::scope(|scope| {
        let (sender, received) = mpsc::channel();
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(|| {
                // Whoever waits for its turn behind a thread that panicked gives up.
                let _end = EndAtPanic(&turn);
                let sender = sender;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(part) = parts.get(number) else {
                        return;
                    };
                    if !turn.wait_for(number) {
                        return;
                    }
                    let results: Vec<R> = part.iter().map(&work).collect();
                    if sender.send((number, results)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        for (number, results) in received {
            early.insert(number, results);
            while let Some(results) = early.remove(&turn.taken()) {
                if !results.into_iter().all(&mut take) {
                    turn.end();
                    return;
                }
                turn.advance();
            }
        }
    });
}

/// Which part is to be taken next; none once it is enough.
struct Turn {
    taken: Mutex<Option<usize>>,
    moved: Condvar,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            taken: Mutex::new(Some(0)),
            moved: Condvar::new(),
        }
    }
}

impl Turn {
    fn lock(&self) -> MutexGuard<'_, Option<usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many parts are taken.
    fn taken(&self) -> usize {
        self.lock().unwrap_or_default()
    }

    fn advance(&self) {
        let mut taken = self.lock();
        *taken = taken.map(|count| count + 1);
        self.moved.notify_all();
    }

    fn end(&self) {
        *self.lock() = None;
        self.moved.notify_all();
    }

    /// Waits until the part `number` is not too far ahead; false if it is enough.
    fn wait_for(&self, number: usize) -> bool {
        let is_far = |taken: &mut Option<usize>| taken.is_some_and(|taken| number > taken + AHEAD);
        let taken = self.moved.wait_while(self.lock(), is_far);
        taken.unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// Ends what others wait for if the thread that has it panics.
struct EndAtPanic<'a>(&'a Turn);

impl Drop for EndAtPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
    }
}

/// How many threads work at once.
fn thread_count() -> usize {
    cores().clamp(MIN_THREADS, MAX_THREADS)
}

fn map_parts<'a, T: Sync, R: Send>(
    things: &'a [T],
    part: usize,
    work: impl Fn(&'a T) -> R + Sync,
) -> Vec<R> {
    let parts: Vec<&'a [T]> = things.chunks(part).collect();
    let threads = thread_count().min(parts.len());
    if threads < 2 {
        return things.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take_parts = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else {
                return done;
            };
            done.push((number, part.iter().map(&work).collect()));
        }
    };
    let mut done: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(take_parts)).collect();
        let mut done = take_parts();
        for worker in workers {
            match worker.join() {
                Ok(parts) => done.extend(parts),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_things() {
        for count in [0, 1, PART, 2 * PART + 1, 100 * PART + 7] {
            let things: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = things.iter().map(|thing| thing * 2).collect();
            assert_eq!(map(&things, |thing| thing * 2), doubled);
            assert_eq!(map_slow(&things, |thing| thing * 2), doubled);
        }
    }

    #[test]
    fn results_are_taken_in_turn_until_it_is_enough() {
        let things: Vec<usize> = (0..3 * PART + 5).collect();
        for enough in [0, 1, SMALL_PART, PART + 1, things.len()] {
            let mut taken = Vec::new();
            let double = |thing: &usize| thing * 2;
            in_turn(&things, double, |result| {
                taken.push(result);
                taken.len() < enough
            });
            let expected: Vec<usize> = (0..enough.max(1)).map(|number| number * 2).collect();
            assert_eq!(taken, expected);
        }
    }

    #[test]
    #[should_panic(expected = "thing 700")]
    fn a_panic_of_the_work_is_one_of_the_caller() {
        let things: Vec<usize> = (0..1000).collect();
        map(&things, |thing| assert_ne!(*thing, 700, "thing 700"));
    }
}
