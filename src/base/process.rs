//! Operating system processes: which are alive, which descend from which, and
//! how to signal them without ever hitting a stranger.
//!
//! Linux answers from `/proc`. On macOS the same questions go to
//! `sysctl(KERN_PROC)`, which is not written yet.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// A process, told apart from a later one with the same id by its start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Process {
    /// The process id.
    pub pid: i32,
    /// When it started, in clock ticks since boot.
    pub start_ticks: u64,
}

/// What `/proc/PID/stat` says of a process.
#[derive(Debug, Clone, Copy)]
struct Stat {
    process: Process,
    parent: i32,
    zombie: bool,
}

impl Process {
    /// The process that has `pid` now; none where no process has it.
    pub fn find(pid: i32) -> Option<Self> {
        stat(pid).map(|stat| stat.process)
    }

    /// This process.
    pub fn current() -> Option<Self> {
        static CURRENT: LazyLock<Option<Process>> =
            LazyLock::new(|| Process::find(std::process::id() as i32));
        *CURRENT
    }

    /// Whether it still exists and runs. A zombie does not run; it counts only
    /// while a parent other than init is there to reap it and record its end.
    pub fn exists(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.process == self && (!stat.zombie || stat.parent > 1))
    }

    /// Whether it exists and has not ended: a zombie is not alive.
    pub fn is_alive(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.process == self && !stat.zombie)
    }

    /// The id of its parent; none where it has gone.
    pub fn parent(self) -> Option<i32> {
        stat(self.pid)
            .filter(|stat| stat.process == self)
            .map(|stat| stat.parent)
    }

    /// Sends `signal`, unless the id belongs to another process by now.
    ///
    /// # Errors
    /// The system's refusal, such as a process of another user. A process that
    /// has gone is no error.
    pub fn signal(self, signal: Signal) -> Result<(), Errno> {
        if !self.is_alive() {
            return Ok(());
        }
        match kill(Pid::from_raw(self.pid), signal) {
            Err(Errno::ESRCH) => Ok(()),
            other => other,
        }
    }

    /// When it started, in microseconds since the epoch, to about 10 ms: the
    /// clock now, less the time since boot, plus its start after boot.
    pub fn started_micros(self) -> Option<i64> {
        let ticks_per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
        let after_boot = self.start_ticks as f64 / ticks_per_second as f64;
        Some(super::clock::now_micros() - ((uptime - after_boot) * 1e6) as i64)
    }
}

/// This boot's identity; a start time in ticks means nothing after another.
pub fn boot_id() -> Option<&'static str> {
    static BOOT_ID: LazyLock<Option<String>> = LazyLock::new(|| {
        let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(id.trim().to_string())
    });
    BOOT_ID.as_deref()
}

fn stat(pid: i32) -> Option<Stat> {
    if pid <= 0 {
        return None;
    }
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `PID (NAME) STATE PPID ... STARTTIME` (proc_pid_stat(5), fields 1 to
/// 22). The name may hold anything, parentheses and blanks included, so fields
/// are counted from the last `)`.
fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    let text = String::from_utf8_lossy(bytes);
    let pid = text.split_once(' ')?.0.parse().ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let start_ticks = fields.nth(17)?.parse().ok()?;
    Some(Stat {
        process: Process { pid, start_ticks },
        parent,
        zombie: matches!(state, "Z" | "X"),
    })
}

fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .collect()
}

/// The live descendants of `root`, parents before children, without itself.
pub fn descendants(root: Process) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<Stat>> = HashMap::new();
    for stat in all() {
        children.entry(stat.parent).or_default().push(stat);
    }
    let mut found = Vec::new();
    let mut queue = vec![root.pid];
    let mut seen = HashSet::from([root.pid]);
    while let Some(pid) = queue.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if seen.insert(child.process.pid) {
                queue.push(child.process.pid);
                if !child.zombie {
                    found.push(child.process);
                }
            }
        }
    }
    found
}

/// Live processes of this user that were started with `NAME=VALUE` in their
/// environment, for any of `values`, this process excepted. Finds what has left its
/// parent.
pub fn with_environment(name: &str, values: &[&str]) -> Vec<Process> {
    let wanted = values
        .iter()
        .map(|value| format!("{name}={value}").into_bytes());
    let wanted: HashSet<Vec<u8>> = wanted.collect();
    let me = std::process::id() as i32;
    all()
        .into_iter()
        .filter(|stat| !stat.zombie && stat.process.pid != me)
        .filter(|stat| {
            fs::read(format!("/proc/{}/environ", stat.process.pid)).is_ok_and(|bytes| {
                bytes
                    .split(|&byte| byte == 0)
                    .any(|item| wanted.contains(item))
            })
        })
        .map(|stat| stat.process)
        .collect()
}

/// Waits until none of `processes` is alive, for `timeout` at most; returns
/// those that still are.
pub fn wait_gone(processes: &[Process], timeout: Duration) -> Vec<Process> {
    let deadline = Instant::now() + timeout;
    let mut left = processes.to_vec();
    // Starts fine, since most processes end at once, and then calls seldom.
    let mut pause = Duration::from_millis(1);
    loop {
        left.retain(|process| process.is_alive());
        let now = Instant::now();
        if left.is_empty() || now >= deadline {
            return left;
        }
        // Processes that are not our children give no notice of their end.
        std::thread::sleep(pause.min(deadline - now));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Waits until the child process `pid` has ended, and leaves it unreaped, so that
/// its id stays its own.
pub fn wait_unreaped(pid: i32) {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    while waitid(Id::Pid(Pid::from_raw(pid)), flags) == Err(Errno::EINTR) {}
}

/// Makes a write beyond the limit on file sizes an error like that of a full
/// disk, instead of the end of this process. Processes it starts are not affected.
pub fn survive_file_size_limit() {
    // A handler, unlike an ignored signal, is not inherited. Without one the
    // process ends as it would have anyway.
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let _ = signal_hook::flag::register(nix::libc::SIGXFSZ, flag);
}

/// Has this process take no notice of requests to end, Ctrl-C and the end of the
/// terminal. Processes it starts are not affected.
pub fn ignore_requests_to_end() {
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // This fails for signals that cannot be handled; these three can.
        let _ = signal_hook::flag::register(signal as i32, flag.clone());
    }
}

/// The signals that this process ignores, as whoever started it has set.
pub fn ignored_signals() -> Vec<i32> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    (1..=64)
        .filter(|signal| mask >> (signal - 1) & 1 == 1)
        .collect()
}

/// The host's name.
pub fn host_name() -> String {
    nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The system's description of itself: name, host, release, version, machine.
pub fn system_name() -> [String; 5] {
    let Ok(name) = nix::sys::utsname::uname() else {
        return Default::default();
    };
    [
        name.sysname(),
        name.nodename(),
        name.release(),
        name.version(),
        name.machine(),
    ]
    .map(|part| part.to_string_lossy().into_owned())
}

/// Leaves the session and the terminal of whoever started this process. A
/// process that leads its group already is left as it is.
pub fn leave_session() {
    // Refused only to a group leader, whose session is its own to keep.
    let _ = nix::unistd::setsid();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_name_with_parentheses_does_not_confuse_the_reader() {
        let stat =
            parse_stat(b"42 (a) (b c)) Z 7 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987 1 2")
                .unwrap();
        assert_eq!(stat.process.pid, 42);
        assert_eq!(stat.parent, 7);
        assert_eq!(stat.process.start_ticks, 987);
        assert!(stat.zombie);
    }

    #[test]
    fn an_id_used_again_is_another_process() {
        let me = Process::find(std::process::id() as i32).unwrap();
        let stranger = Process {
            start_ticks: me.start_ticks + 1,
            ..me
        };
        assert!(me.exists());
        assert!(!stranger.exists());
        // Would end the tests if it were sent.
        stranger.signal(Signal::SIGKILL).unwrap();
    }

    #[test]
    fn descendants_and_environment_find_a_grandchild() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 60 & wait"])
            .env("GUILD_PROCESS_TEST", "tree")
            .spawn()
            .unwrap();
        let root = Process::find(child.id() as i32).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut found = descendants(root);
        while found.is_empty() && Instant::now() < deadline {
            std::thread::yield_now();
            found = descendants(root);
        }
        assert_eq!(found.len(), 1);
        // The environment of a process reads as empty in the middle of an exec.
        let has_environment =
            || with_environment("GUILD_PROCESS_TEST", &["tree"]).contains(&found[0]);
        while !has_environment() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert!(has_environment());
        for process in [found[0], root] {
            process.signal(Signal::SIGKILL).unwrap();
        }
        child.wait().unwrap();
        assert!(wait_gone(&found, Duration::from_secs(10)).is_empty());
    }
}
