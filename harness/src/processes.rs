//! The table of processes: who is whose child, in which session, under what
//! name, and ending them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::secrets::Secrets;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub pid: i32,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    /// Start time in clock ticks since boot: with the id it names a process for
    /// good.
    pub started: u64,
    pub is_zombie: bool,
    pub name: String,
}

impl Process {
    /// The name and id that a report shows.
    pub fn describe(&self, secrets: &Secrets) -> String {
        let mut line = command_line(self.pid).unwrap_or_else(|| self.name.clone());
        // Before it is cut, maybe within one.
        secrets.hide(&mut line);
        format!("{} (pid {})", shorten(&line), self.pid)
    }

    /// Sends a signal, unless the id belongs to another process by now.
    pub fn signal(&self, signal: Signal) {
        if find(self.pid).is_some_and(|now| now.started == self.started) {
            // It may end between the look and the signal; that is the aim.
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }
}

/// All processes. Linux tells by `/proc`; on macOS `proc_listallpids` and
/// `proc_pidinfo` would.
pub(crate) fn table() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(find)
        .collect()
}

/// One process by its id.
pub(crate) fn find(pid: i32) -> Option<Process> {
    let stat = contents(pid, "stat").ok()?;
    parse_stat(&String::from_utf8_lossy(&stat))
}

/// The ids of the children of a process, zombies included.
pub(crate) fn children_of(parent: i32) -> Vec<i32> {
    table()
        .into_iter()
        .filter(|p| p.parent == parent)
        .map(|p| p.pid)
        .collect()
}

/// The value of an environment variable that a process was started with. It
/// cannot be read of another user's process.
pub(crate) fn variable(pid: i32, name: &str) -> Option<Vec<u8>> {
    let environment = contents(pid, "environ").ok()?;
    environment
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .map(<[u8]>::to_vec)
}

/// The arguments of a process, joined by spaces; a kernel thread and a zombie
/// have none.
fn command_line(pid: i32) -> Option<String> {
    let bytes = contents(pid, "cmdline").ok()?;
    let line = String::from_utf8_lossy(&bytes)
        .trim_end_matches('\0')
        .replace('\0', " ");
    (!line.is_empty()).then_some(line)
}

/// What a file about a process holds. These files tell no size, so `fs::read`
/// would feel its way with many small reads; there are many of them after each
/// spec.
fn contents(pid: i32, name: &str) -> io::Result<Vec<u8>> {
    let mut file = File::open(PathBuf::from(format!("/proc/{pid}/{name}")))?;
    let mut bytes = vec![0; 4096];
    let mut length = 0;
    loop {
        let count = file.read(&mut bytes[length..])?;
        length += count;
        // The kernel fills what it is given, so what is not full is the end.
        if length < bytes.len() {
            bytes.truncate(length);
            return Ok(bytes);
        }
        bytes.resize(length * 4, 0);
    }
}

fn parse_stat(stat: &str) -> Option<Process> {
    // The name is in parentheses and may hold any byte, parentheses too.
    let (head, rest) = stat.rsplit_once(')')?;
    let (pid, name) = head.split_once('(')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse().ok();
    Some(Process {
        pid: pid.trim().parse().ok()?,
        name: name.to_owned(),
        is_zombie: matches!(fields.first(), Some(&("Z" | "X"))),
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// A command on one line, short enough for a report.
fn shorten(line: &str) -> String {
    const LONGEST: usize = 60;
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= LONGEST {
        return line;
    }
    let head: String = line.chars().take(LONGEST - 3).collect();
    format!("{head}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let rest = "S 1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1";
        let process = parse_stat(&format!("17 (a) b (c)) {rest}")).unwrap();
        assert_eq!((process.pid, process.name.as_str()), (17, "a) b (c)"));
        assert_eq!((process.parent, process.group, process.session), (1, 2, 3));
        assert_eq!(process.started, 4242);
        assert_eq!(parse_stat("17 (x"), None);
    }

    #[test]
    fn this_process_is_in_the_table() {
        let pid = std::process::id() as i32;
        let own = table().into_iter().find(|p| p.pid == pid).unwrap();
        assert_eq!(own.parent, std::os::unix::process::parent_id() as i32);
        assert!(!own.is_zombie);
        assert!(variable(pid, "PATH").is_some());
        // `PWD` and the like are short; the whole is not.
        assert_eq!(
            contents(pid, "environ").unwrap(),
            fs::read("/proc/self/environ").unwrap()
        );
        assert!(variable(pid, "NO_SUCH_VARIABLE").is_none());
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shorten("a\nb"), "a b");
        assert_eq!(shorten(&"x".repeat(100)).chars().count(), 60);
    }
}
