//! The one place that waits for processes.
//!
//! Every process that a spec starts becomes ours when its parent dies: the
//! harness is a sub-reaper. What is adopted must be reaped at once, or a dead
//! process would still count as existing. But a wait for any child takes the
//! status of any child, so all waiting is done here, by one thread: it hands on
//! the status of a process started through [`Reaper::spawn`] and drops that of
//! an orphan. Nothing else in a process that uses the harness may wait for
//! children.

use std::collections::{HashMap, HashSet};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError, RwLock};
use std::thread;

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::lock::lock;
use crate::processes;

/// The thread that waits, and what it knows.
#[derive(Debug)]
pub struct Reaper {
    /// Held for reading while a process is started and made known, for writing
    /// while one is reaped: so that no process ends before it is known.
    gate: RwLock<()>,
    known: Mutex<HashMap<i32, PipeWriter>>,
    /// Counts starts, to wake the thread when it has no children to wait for.
    started: Mutex<u64>,
    wake: Condvar,
    /// Children from before; they are no orphans of ours.
    foreign: HashSet<i32>,
}

/// A process that the reaper watches.
#[derive(Debug)]
pub struct Child {
    pid: i32,
    status: PipeReader,
}

impl Child {
    /// The process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Readable once the process has ended and was reaped.
    pub fn ended(&self) -> BorrowedFd<'_> {
        self.status.as_fd()
    }

    /// Waits for the end. The code is negative for a signal, as in Python.
    pub fn wait(&mut self) -> io::Result<i32> {
        let mut code = [0; 4];
        self.status.read_exact(&mut code)?;
        Ok(i32::from_ne_bytes(code))
    }
}

impl Reaper {
    /// The reaper of this process, started if it is not.
    pub fn get() -> io::Result<&'static Reaper> {
        static REAPER: OnceLock<Reaper> = OnceLock::new();
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = lock(&STARTING);
        if let Some(reaper) = REAPER.get() {
            return Ok(reaper);
        }
        adopt_orphans()?;
        let reaper = REAPER.get_or_init(|| Reaper {
            gate: RwLock::new(()),
            known: Mutex::new(HashMap::new()),
            started: Mutex::new(0),
            wake: Condvar::new(),
            foreign: processes::children_of(std::process::id() as i32)
                .into_iter()
                .collect(),
        });
        thread::Builder::new()
            .name("reaper".into())
            .spawn(|| reaper.run())?;
        Ok(reaper)
    }

    /// Starts a process; `start` returns its id.
    pub fn spawn(&self, start: impl FnOnce() -> io::Result<i32>) -> io::Result<Child> {
        let (status, writer) = io::pipe()?;
        let pid = {
            let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            let pid = start()?;
            lock(&self.known).insert(pid, writer);
            pid
        };
        *lock(&self.started) += 1;
        self.wake.notify_one();
        Ok(Child { pid, status })
    }

    /// Whether a child of this process is neither known here nor from before.
    pub(crate) fn is_orphan(&self, pid: i32) -> bool {
        !self.foreign.contains(&pid) && !lock(&self.known).contains_key(&pid)
    }

    fn run(&self) {
        loop {
            let started = *lock(&self.started);
            let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
            match waitid(Id::All, look) {
                Ok(status) => {
                    if let Some(pid) = status.pid() {
                        self.reap(pid);
                    }
                }
                // No children: there is nothing until the next start.
                Err(Errno::ECHILD) => {
                    let mut count = lock(&self.started);
                    while *count == started {
                        count = self
                            .wake
                            .wait(count)
                            .unwrap_or_else(PoisonError::into_inner);
                    }
                }
                // Interrupted; the call has no other errors.
                Err(_) => {}
            }
        }
    }

    fn reap(&self, pid: Pid) {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let Ok(status) = waitid(Id::Pid(pid), WaitPidFlag::WEXITED) else {
            return;
        };
        let code = match status {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => -(signal as i32),
            _ => return,
        };
        if let Some(mut writer) = lock(&self.known).remove(&pid.as_raw()) {
            // Whoever started it may have lost interest.
            let _ = writer.write_all(&code.to_ne_bytes());
        }
    }
}

/// Makes this process the parent of its descendants' orphans.
#[cfg(target_os = "linux")]
fn adopt_orphans() -> io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// Elsewhere process 1 adopts and reaps them; what a spec leaves running is then
/// found by session and by walking the tree before anything is ended.
#[cfg(not(target_os = "linux"))]
fn adopt_orphans() -> io::Result<()> {
    Ok(())
}
