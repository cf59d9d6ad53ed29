//! Doing work side by side, and handing over what came of it in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does the work numbered 0 to `count - 1`, at most `jobs` at a time, started in
/// order. `each` gets what came of it in order, as soon as all before it is handed
/// over; after an error of its own no more work is started.
pub fn in_order<T: Send, E>(
    count: usize,
    jobs: usize,
    work: impl Fn(usize) -> T + Sync,
    mut each: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count);
    taken(count, jobs, take, work, |index, result| match result {
        Some(result) => each(index, result),
        None => Ok(()),
    })
}

/// As [`in_order`], but `take` tells which work is next, and may wait; there is no
/// more when it returns `None`. `each` is then called with `None` for what was not
/// taken.
pub fn taken<T: Send, E>(
    count: usize,
    jobs: usize,
    take: impl Fn() -> Option<usize> + Sync,
    work: impl Fn(usize) -> T + Sync,
    mut each: impl FnMut(usize, Option<T>) -> Result<(), E>,
) -> Result<(), E> {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, count.max(1)) {
            let (sender, take, work) = (sender.clone(), &take, &work);
            scope.spawn(move || {
                while let Some(index) = take() {
                    // The receiver goes after an error; the rest is then moot.
                    if sender.send((index, work(index))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut at = 0;
        // Taken into the scope, so that an error drops it before the workers are
        // waited for.
        for (index, result) in receiver {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&at) {
                each(at, Some(result))?;
                at += 1;
            }
        }
        (at..count).try_for_each(|index| each(index, waiting.remove(&index)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handed_over_in_order() {
        for jobs in [0, 1, 3, 100] {
            let mut seen = Vec::new();
            let result: Result<(), ()> = in_order(
                50,
                jobs,
                |n| n * 2,
                |at, n| {
                    seen.push((at, n));
                    Ok(())
                },
            );
            assert_eq!(result, Ok(()));
            assert!(seen.iter().copied().eq((0..50).map(|n| (n, n * 2))));
        }
    }

    #[test]
    fn an_error_ends_it() {
        let started = AtomicUsize::new(0);
        let work = |_| started.fetch_add(1, Ordering::Relaxed);
        let result = in_order(1_000_000, 2, work, |at, _| {
            if at == 5 { Err("stop") } else { Ok(()) }
        });
        assert_eq!(result, Err("stop"));
        assert!(started.load(Ordering::Relaxed) < 1_000_000);
    }
}
