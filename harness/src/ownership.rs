//! Which processes belong to a spec, or to one command of it, and ending them.
//!
//! A process is found by any of: its session or group is that of a command; its
//! parent is found; it carries the marker in its environment. One that left its
//! session, lost its parent and cleared its environment is an orphan without an
//! owner. It is ended when no spec is running any more; its spec can be told only
//! if that one ran by itself.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::listeners;
use crate::lock::lock;
use crate::processes::{self, Process};
use crate::reaper::Reaper;
use crate::secrets::Secrets;

/// The environment variable that marks the processes of a spec. Its value is a
/// path of markers, so that a harness inside a spec keeps the outer one's.
pub(crate) const VARIABLE: &str = "HARNESS_MARK";

/// How long a process that is about to end by itself is given to do so, before
/// it counts as left running.
const SETTLE: Duration = Duration::from_millis(200);
/// How long a process may take to end on SIGTERM.
const GRACE: Duration = Duration::from_millis(500);
/// How long killing may take before the harness gives up on what cannot die.
const LIMIT: Duration = Duration::from_secs(5);

/// What marks the processes of one spec, or of one command.
#[derive(Debug)]
pub(crate) struct Owner {
    marker: String,
    value: String,
    sessions: Mutex<HashSet<i32>>,
    /// When its first process was started, as in [`Process::started`]; what is
    /// older is not looked at for the marker. `None` if that cannot be told.
    since: OnceLock<Option<u64>>,
    /// What no name of a process may show.
    secrets: Arc<Secrets>,
    /// Whether another spec was running at some time while this one was.
    shared: AtomicBool,
}

impl Owner {
    /// An owner with a marker that no other has, here or in another harness.
    pub fn new(secrets: Arc<Secrets>) -> Arc<Self> {
        let outer = std::env::var(VARIABLE).unwrap_or_default();
        Arc::new(Owner::inside(&outer, OnceLock::new(), secrets))
    }

    /// An owner of a part of what this one owns.
    pub fn part(&self) -> Owner {
        Owner::inside(&self.value, self.since.clone(), Arc::clone(&self.secrets))
    }

    fn inside(outer: &str, since: OnceLock<Option<u64>>, secrets: Arc<Secrets>) -> Owner {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = format!("/{}-{count}/", std::process::id());
        let value = format!("{outer}{marker}");
        Owner {
            marker,
            value,
            sessions: Mutex::default(),
            since,
            secrets,
            shared: AtomicBool::new(false),
        }
    }

    /// What the marker variable of its processes holds.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What no name of its processes shows.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Whether another spec was running at some time while this one was.
    pub fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Relaxed)
    }

    /// Makes a session its own.
    pub fn add_session(&self, leader: i32) {
        self.since
            .get_or_init(|| processes::find(leader).map(|process| process.started));
        lock(&self.sessions).insert(leader);
    }

    /// Its processes that are alive.
    pub fn processes(&self) -> Vec<Process> {
        self.pick(&processes::table())
    }

    fn pick(&self, table: &[Process]) -> Vec<Process> {
        let sessions = lock(&self.sessions).clone();
        let own = std::process::id() as i32;
        let since = self.since.get().copied().flatten().unwrap_or_default();
        let is_found = |process: &Process| {
            sessions.contains(&process.session)
                || sessions.contains(&process.group)
                || sessions.contains(&process.pid)
                || (process.started >= since && self.marks(process.pid))
        };
        let mut found: HashSet<i32> = table
            .iter()
            .filter(|p| p.pid != own && is_found(p))
            .map(|p| p.pid)
            .collect();
        // The table is in no order, so parents are walked until nothing is added.
        loop {
            let before = found.len();
            for process in table {
                if process.pid != own && found.contains(&process.parent) {
                    found.insert(process.pid);
                }
            }
            if found.len() == before {
                break;
            }
        }
        table
            .iter()
            .filter(|p| found.contains(&p.pid) && !p.is_zombie)
            .cloned()
            .collect()
    }

    fn marks(&self, pid: i32) -> bool {
        let marker = self.marker.as_bytes();
        processes::variable(pid, VARIABLE)
            .is_some_and(|value| value.windows(marker.len()).any(|part| part == marker))
    }

    /// Ends everything it owns, until nothing is left. Returns what was ended.
    pub fn kill(&self) -> Vec<String> {
        self.stop(GRACE)
    }

    /// The same, with so much time between the request to end and the kill.
    pub fn stop(&self, grace: Duration) -> Vec<String> {
        let ended = end(|| self.processes(), grace, &self.secrets);
        ended.into_iter().map(|left| left.name).collect()
    }
}

/// A process that was found running, and was ended.
#[derive(Debug, Clone)]
pub(crate) struct LeftRunning {
    /// What a report calls it.
    pub name: String,
    /// The sockets it listened on.
    pub listens_on: Vec<String>,
}

/// The specs that are running, to tell whose an orphan can be.
#[derive(Debug, Default)]
pub(crate) struct Owners(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    running: Vec<Arc<Owner>>,
    /// What was left by one of several specs.
    unclaimed: Vec<LeftRunning>,
    /// The secrets of all specs so far.
    secrets: Secrets,
}

impl Owners {
    /// Notes that a spec has started.
    pub fn enter(&self, owner: &Arc<Owner>) {
        let mut state = lock(&self.0);
        state.running.push(Arc::clone(owner));
        state.secrets.join(&owner.secrets);
        if state.running.len() > 1 {
            for owner in &state.running {
                owner.shared.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Ends what a spec left running. Returns what that was.
    pub fn leave(&self, owner: &Arc<Owner>, reaper: &Reaper) -> Vec<LeftRunning> {
        let left = || owner.processes();
        let mut ended = if settles(&left) {
            Vec::new()
        } else {
            end(left, GRACE, &owner.secrets)
        };
        // Locked to the end, so that no spec starts whose processes would be taken
        // for ownerless.
        let mut state = lock(&self.0);
        state.running.retain(|other| !Arc::ptr_eq(other, owner));
        if state.running.is_empty() {
            let left = || ownerless(reaper);
            let found = if settles(&left) {
                Vec::new()
            } else {
                end(left, GRACE, &state.secrets)
            };
            if owner.shared.load(Ordering::Relaxed) {
                state.unclaimed.extend(found);
            } else {
                ended.extend(found);
            }
        }
        ended
    }

    /// The processes whose spec could not be told; they were ended.
    pub fn unclaimed(&self) -> Vec<LeftRunning> {
        std::mem::take(&mut lock(&self.0).unclaimed)
    }
}

/// Orphans and their descendants, whoever they belong to.
fn ownerless(reaper: &Reaper) -> Vec<Process> {
    let table = processes::table();
    let own = std::process::id() as i32;
    // Nothing has its marker, so that need not be looked for.
    let orphans = Owner::inside("", OnceLock::from(Some(u64::MAX)), Arc::default());
    for process in &table {
        if process.parent == own && !process.is_zombie && reaper.is_orphan(process.pid) {
            orphans.add_session(process.pid);
        }
    }
    orphans.pick(&table)
}

/// Whether nothing is left after a moment.
fn settles(left: &impl Fn() -> Vec<Process>) -> bool {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while !left().is_empty() {
        if start.elapsed() > SETTLE {
            return false;
        }
        thread::sleep(pause);
        pause *= 2;
    }
    true
}

/// Ends processes until `left` finds none: by SIGTERM with some grace, then by
/// SIGKILL. Returns all that were found.
fn end(left: impl Fn() -> Vec<Process>, grace: Duration, secrets: &Secrets) -> Vec<LeftRunning> {
    let start = Instant::now();
    let mut seen: HashSet<(i32, u64)> = HashSet::new();
    let mut ended = Vec::new();
    let mut pause = Duration::from_millis(1);
    loop {
        let found = left();
        if found.is_empty() || start.elapsed() > LIMIT {
            return ended;
        }
        let kill = start.elapsed() >= grace;
        for process in &found {
            let is_new = seen.insert((process.pid, process.started));
            if is_new {
                ended.push(LeftRunning {
                    name: process.describe(secrets),
                    listens_on: listeners::of(process.pid),
                });
            }
            if kill {
                process.signal(Signal::SIGKILL);
            } else if is_new {
                process.signal(Signal::SIGTERM);
                process.signal(Signal::SIGCONT);
            }
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
