//! Locking that a panicked thread cannot spoil.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; what a panicked holder left behind is used as it is, since every
/// value kept under a lock here is whole between statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
