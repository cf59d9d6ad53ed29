//! Which process a run is: the `LOCK` file.
//!
//! `LOCK` holds the decimal id of the run's process, as Guild AI writes it. We
//! add `LOCK.process`, which holds id, start time in ticks and boot id, so that
//! a process that got the same id later is not taken for the run's. A lock
//! without that file is checked by time: a process that started after the lock
//! was written is a stranger.

use super::{Result, Run};
use crate::base::files;
use crate::base::process::{self, Process};

/// How far clocks may be apart when a start time is compared with a file's.
const CLOCK_SLACK_MICROS: i64 = 2_000_000;

/// What a lock file says.
#[derive(Debug)]
pub(super) struct Lock {
    process: Option<Process>,
}

impl Lock {
    /// Whether the process is there to be waited for.
    pub(super) fn is_held(&self) -> bool {
        self.process.is_some_and(Process::exists)
    }
}

impl Run {
    /// The lock, if there is one; without a process where it is stale.
    pub(super) fn read_lock(&self) -> Option<Lock> {
        let path = self.guild_path("LOCK");
        let bytes = files::read_if_exists(&path).ok()??;
        let process = parse_pid(&bytes).and_then(|pid| self.identify(pid));
        Some(Lock { process })
    }

    /// The run's live process on this machine; none where it does not run, and
    /// none where its id belongs to another process by now.
    pub fn process(&self) -> Option<Process> {
        self.read_lock()?.process.filter(|process| process.exists())
    }

    /// The process id that the lock names, alive or not.
    pub fn lock_pid(&self) -> Option<i32> {
        let bytes = files::read_if_exists(&self.guild_path("LOCK")).ok()??;
        parse_pid(&bytes)
    }

    /// Whether a lock is there, whoever holds it.
    pub fn is_locked(&self) -> bool {
        self.guild_path("LOCK").exists()
    }

    fn identify(&self, pid: i32) -> Option<Process> {
        let now = Process::find(pid)?;
        if let Some(recorded) = self.recorded_process(pid) {
            return (recorded == now).then_some(now);
        }
        let written = files::modified_micros(&self.guild_path("LOCK")).ok()?;
        let started = now.started_micros()?;
        (started <= written + CLOCK_SLACK_MICROS).then_some(now)
    }

    /// What `LOCK.process` says, if it is about `pid` and this boot.
    fn recorded_process(&self, pid: i32) -> Option<Process> {
        let bytes = files::read_if_exists(&self.guild_path("LOCK.process")).ok()??;
        let text = String::from_utf8_lossy(&bytes);
        let mut fields = text.split_ascii_whitespace();
        let recorded: i32 = fields.next()?.parse().ok()?;
        let start_ticks = fields.next()?.parse().ok()?;
        let boot = fields.next()?;
        if recorded != pid {
            return None;
        }
        let same_boot = process::boot_id() == Some(boot);
        // Of another boot: a start time that no process has now.
        let start_ticks = if same_boot { start_ticks } else { u64::MAX };
        Some(Process { pid, start_ticks })
    }

    /// Records `process` as the run's.
    pub(super) fn write_lock(&self, process: Process) -> Result<()> {
        let boot = process::boot_id().unwrap_or_default();
        let identity = format!("{} {} {boot}\n", process.pid, process.start_ticks);
        files::write_atomic(&self.guild_path("LOCK.process"), identity.as_bytes())?;
        let pid = process.pid.to_string();
        Ok(files::write_atomic(
            &self.guild_path("LOCK"),
            pid.as_bytes(),
        )?)
    }

    pub(super) fn remove_lock(&self) -> Result<()> {
        files::remove_if_exists(&self.guild_path("LOCK"))?;
        Ok(files::remove_if_exists(&self.guild_path("LOCK.process"))?)
    }
}

/// The id in the first ten characters, blanks around it allowed.
fn parse_pid(bytes: &[u8]) -> Option<i32> {
    let text = String::from_utf8_lossy(bytes);
    let head: String = text.chars().take(10).collect();
    head.trim().parse().ok().filter(|&pid| pid > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (tempfile::TempDir, Run) {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        (dir, run)
    }

    #[test]
    fn only_a_number_is_a_process_id() {
        assert_eq!(parse_pid(b"1234"), Some(1234));
        assert_eq!(parse_pid(b" 1234\n"), Some(1234));
        assert_eq!(parse_pid(b"99999999999"), None);
        for text in [&b""[..], b"x", b"-1", b"0", b"1.5", b"\xff"] {
            assert_eq!(parse_pid(text), None);
        }
    }

    #[test]
    fn a_lock_written_by_us_names_our_process() {
        let (_dir, run) = run();
        let me = Process::find(std::process::id() as i32).unwrap();
        run.write_lock(me).unwrap();
        assert_eq!(run.process(), Some(me));
        run.remove_lock().unwrap();
        assert_eq!(run.process(), None);
    }

    #[test]
    fn a_later_process_with_the_same_id_is_a_stranger() {
        let (_dir, run) = run();
        let me = Process::find(std::process::id() as i32).unwrap();
        let earlier = Process {
            start_ticks: me.start_ticks - 1,
            ..me
        };
        run.write_lock(earlier).unwrap();
        assert_eq!(run.process(), None);
        assert_eq!(run.lock_pid(), Some(me.pid));
    }

    #[test]
    fn without_our_file_the_time_of_the_lock_decides() {
        let (_dir, run) = run();
        let lock = run.guild_path("LOCK");
        std::fs::write(&lock, std::process::id().to_string()).unwrap();
        assert!(run.process().is_some());
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(86400 * 365);
        let file = std::fs::File::options().write(true).open(&lock).unwrap();
        file.set_modified(old).unwrap();
        assert!(run.process().is_none());
    }
}
