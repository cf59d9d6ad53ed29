//! Scalars of how busy the machine and a run's processes are, taken while the run
//! goes on.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::config::OpConfig;
use crate::base::clock;
use crate::base::gpus::Gpus;
use crate::base::process::{self, Process};
use crate::base::system_load::Counters;
use crate::base::yaml::Value;
use crate::home::Home;
use crate::runs::Run;
use crate::scalars::Recorder;

/// When the first scalars are taken, after the start: a short run has some, too.
const FIRST: Duration = Duration::from_secs(1);

/// How often scalars are taken where nothing else is said.
const USUAL: Duration = Duration::from_secs(5);

/// The shortest and the longest interval, in seconds.
const SHORTEST: f64 = 1.0;
const LONGEST: f64 = 86_400.0;

/// How often the setting `system-metrics` wants scalars: seconds or yes; none
/// for anything else.
pub(super) fn interval(setting: &Value) -> Option<Duration> {
    match setting {
        Value::Bool(true) => Some(USUAL),
        Value::Bool(false) => None,
        number => {
            let seconds = number.as_f64().filter(|seconds| *seconds > 0.0)?;
            Duration::try_from_secs_f64(seconds.clamp(SHORTEST, LONGEST)).ok()
        }
    }
}

/// The seconds between two times that scalars are taken, as the setting
/// `system-metrics` has them; none where it wants none, or makes no sense.
pub fn seconds(setting: &Value) -> Option<f64> {
    interval(setting).map(|interval| interval.as_secs_f64())
}

/// How often the steps of the pipeline `run` are to have scalars taken that do not
/// say themselves, in seconds: as often as the pipeline, unless it has that from the
/// config of the user of `home`, which steps look into as well.
pub fn of_steps(run: &Run, home: &Home) -> Option<f64> {
    let config = OpConfig::from_value(&run.attr("op").ok()??).ok()?;
    let setting = config.system_metrics;
    let is_users = configured(home).is_some_and(|users| users == setting);
    (!is_users).then(|| seconds(&setting)).flatten()
}

/// What the user's config says of the setting.
pub(super) fn configured(home: &Home) -> Option<Value> {
    // Whoever reads the config for more than a wish tells what is wrong with it.
    let run = home.config().ok()?.section("run")?;
    run.get("system-metrics").cloned()
}

/// Takes scalars until it is ended or dropped.
pub(super) struct Sampler {
    ended: Arc<Mutex<bool>>,
    gpus: Gpus,
    // Its end wakes the thread.
    _wake: Sender<()>,
}

impl Sampler {
    /// Starts to take scalars of `root` and its descendants and of the machine,
    /// each time that `interval` has passed, for the event files of `run`. `warn`
    /// hears why there are no more.
    pub(super) fn start(
        run: &Run,
        root: Process,
        interval: Duration,
        warn: impl Fn(String) + Send + 'static,
    ) -> Self {
        let ended = Arc::new(Mutex::new(false));
        let gpus = Gpus::default();
        let (wake, woken) = channel::<()>();
        let mut samples = Samples {
            started: Instant::now(),
            recorder: Recorder::new(
                run.events_dir(),
                &process::host_name(),
                std::process::id(),
                (clock::now_micros() / 1_000_000).unsigned_abs(),
            ),
            earlier: Counters::read(root),
            root,
            gpus: gpus.clone(),
            ended: ended.clone(),
        };
        thread::spawn(move || {
            let mut due = samples.started + interval.min(FIRST);
            let mut next = samples.started + interval;
            loop {
                let left = due.saturating_duration_since(Instant::now());
                if woken.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                if let Err(error) = samples.take() {
                    warn(format!("system metrics are no longer recorded: {error}"));
                    return;
                }
                // What is late is left out, not made up for.
                while next <= Instant::now() {
                    next += interval;
                }
                due = next;
            }
        });
        Self {
            ended,
            gpus,
            _wake: wake,
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.gpus.give_up();
    }
}

struct Samples {
    started: Instant,
    recorder: Recorder,
    earlier: Counters,
    root: Process,
    gpus: Gpus,
    ended: Arc<Mutex<bool>>,
}

impl Samples {
    /// Takes the scalars of this moment. Their step is how many whole seconds have
    /// passed since the start.
    fn take(&mut self) -> crate::scalars::Result<()> {
        let now = Counters::read(self.root);
        let step = self.started.elapsed().as_secs() as i64;
        let wall_time = clock::now_micros() as f64 / 1e6;
        let mut load = now.since(&self.earlier);
        load.extend(self.gpus.load());
        self.earlier = now;
        // Whoever records the end of the run waits for this, and nothing is
        // written after.
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *ended {
            return Ok(());
        }
        for (tag, value) in &load {
            self.recorder.scalar(tag, step, *value, wall_time)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_no_shorter_than_a_second() {
        let of = |text| interval(&crate::base::yaml::load(text).unwrap());
        assert_eq!(of("yes"), Some(USUAL));
        assert_eq!(of("2.5"), Some(Duration::from_millis(2500)));
        assert_eq!(of("0.01"), Some(Duration::from_secs(1)));
        assert_eq!(of(".inf"), Some(Duration::from_secs(86_400)));
        for none in ["", "no", "0", "-3", "x", ".nan", "[1]"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
