//! What the `psutil` module of a spec asks about processes.
//!
//! The only place that names the `psutil` crate. The crate lists no children,
//! so those come from the table of processes.

use psutil::process::{Process, ProcessError, Status};
use serde_json::{Value, json};

use crate::processes;

/// Why a question has no answer; the names are those of Python's exceptions.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PsutilError {
    #[error("process PID not found (pid={0})")]
    NoSuchProcess(i64),
    #[error("permission denied (pid={0})")]
    AccessDenied(i64),
    #[error("{0}")]
    Other(String),
}

impl PsutilError {
    /// The name of the Python exception.
    pub fn name(&self) -> &'static str {
        match self {
            PsutilError::NoSuchProcess(_) => "NoSuchProcess",
            PsutilError::AccessDenied(_) => "AccessDenied",
            PsutilError::Other(_) => "Error",
        }
    }
}

/// Whether a process exists. A zombie does.
pub(crate) fn exists(pid: i64) -> bool {
    // Negative ids and those past 32 bits name no process; the crate would take
    // them for another.
    u32::try_from(pid).is_ok_and(|id| i32::try_from(id).is_ok() && psutil::process::pid_exists(id))
}

/// Answers one method of a `Process`. `started` is what `create_time` gave when
/// the object was made: another process with the id by now is not it.
pub(crate) fn ask(pid: i64, method: &str, started: Option<u64>) -> Result<Value, PsutilError> {
    let entry = i32::try_from(pid)
        .ok()
        .and_then(processes::find)
        .filter(|entry| started.is_none_or(|time| entry.started == time));
    if method == "is_running" {
        return Ok(json!(entry.is_some()));
    }
    let entry = entry.ok_or(PsutilError::NoSuchProcess(pid))?;
    let process = || Process::new(entry.pid as u32).map_err(|error| failure(pid, error));
    let answer = match method {
        "started" => json!(entry.started),
        "create_time" => json!(process()?.create_time().as_secs_f64()),
        "status" => json!(status(
            process()?.status().map_err(|error| failure(pid, error))?
        )),
        "name" => json!(process()?.name().map_err(|error| failure(pid, error))?),
        "ppid" => json!(entry.parent),
        "cmdline" if entry.is_zombie => json!([]),
        "cmdline" => {
            let line = process()?
                .cmdline_vec()
                .map_err(|error| failure(pid, error))?;
            json!(line.unwrap_or_default())
        }
        "children" => json!(children(entry.pid, false)),
        "descendants" => json!(children(entry.pid, true)),
        other => return Err(PsutilError::Other(format!("no method {other}"))),
    };
    Ok(answer)
}

/// The ids of all processes.
pub(crate) fn pids() -> Vec<i32> {
    let mut pids: Vec<i32> = processes::table().into_iter().map(|p| p.pid).collect();
    pids.sort_unstable();
    pids
}

fn children(pid: i32, all: bool) -> Vec<i32> {
    let table = processes::table();
    let mut found = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for process in table.iter().filter(|p| p.parent == parent) {
            found.push(process.pid);
            if all {
                parents.push(process.pid);
            }
        }
    }
    found.sort_unstable();
    found
}

fn failure(pid: i64, error: ProcessError) -> PsutilError {
    match error {
        ProcessError::NoSuchProcess { .. } => PsutilError::NoSuchProcess(pid),
        ProcessError::AccessDenied { .. } => PsutilError::AccessDenied(pid),
        other => PsutilError::Other(other.to_string()),
    }
}

/// Python's names of the states.
fn status(status: Status) -> &'static str {
    match status {
        Status::Running => "running",
        Status::Sleeping => "sleeping",
        Status::DiskSleep => "disk-sleep",
        Status::Stopped => "stopped",
        Status::TracingStop => "tracing-stop",
        Status::Zombie => "zombie",
        Status::Dead => "dead",
        Status::WakeKill => "wake-kill",
        Status::Waking => "waking",
        Status::Parked => "parked",
        Status::Idle => "idle",
        Status::Locked => "locked",
        Status::Waiting => "waiting",
        Status::Suspended => "suspended",
    }
}
