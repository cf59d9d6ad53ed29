//! Signals to this process, for whoever follows a run: one run after the other.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signal_hook::low_level::siginfo::Origin;

use crate::base::signals::{self, Signals};

/// Hears the signals to this process, from its start until it is dropped. Then
/// they do nothing.
pub(super) struct Listener {
    shared: Arc<Mutex<Shared>>,
    signals: Signals,
}

#[derive(Default)]
struct Shared {
    /// Whom signals go to.
    follower: Option<Box<dyn Fn(Origin) + Send>>,
    /// The first signal that came.
    first: Option<i32>,
}

/// Has signals go to a follower, until it is dropped.
pub(super) struct Following<'a>(&'a Listener);

impl Listener {
    /// Starts to listen. A signal that comes while no run is followed ends this
    /// process, as it does where nobody listens.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let heard = shared.clone();
        let signals = signals::watch(move |origin| {
            let mut shared = lock(&heard);
            shared.first.get_or_insert(origin.signal);
            match &shared.follower {
                Some(follower) => follower(origin),
                None => signals::end_by(origin.signal),
            }
            true
        })?;
        Ok(Self { shared, signals })
    }

    /// Has signals go to `follower`.
    pub(super) fn follow(&self, follower: impl Fn(Origin) + Send + 'static) -> Following<'_> {
        lock(&self.shared).follower = Some(Box::new(follower));
        Following(self)
    }

    /// The first signal that has come by now, if any has.
    pub(super) fn first(&self) -> Option<i32> {
        lock(&self.shared).first
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.signals.close();
    }
}

impl Drop for Following<'_> {
    fn drop(&mut self) {
        lock(&self.0.shared).follower = None;
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // What is in there is whole at every instant.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
