//! What state a run is in, as its files say.

use super::Run;
use super::lock::Lock;
use crate::base::files;

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Its process ended with exit status 0.
    Completed,
    /// Its process ended with another exit status, or never started.
    Error,
    /// It is being made, or waits for its batch to start it.
    Pending,
    /// Its process runs, here or on a remote.
    Running,
    /// It is made and waits to be started by hand or by a queue.
    Staged,
    /// Its process was ended by a signal.
    Terminated,
}

impl Status {
    /// The word that listings show.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Completed => "completed",
            Status::Error => "error",
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Staged => "staged",
            Status::Terminated => "terminated",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The state of a run by the files that it `has`, its lock and its exit status.
///
/// A live process is looked for before an exit status, since a run restarted by
/// Guild AI keeps its old one while it runs. A lock whose process has gone without
/// an exit status means that both the process and whoever would have recorded its
/// end were killed: terminated.
pub(super) fn derive<E>(
    has: impl Fn(&str) -> bool,
    lock: impl FnOnce() -> Option<Lock>,
    exit_status: impl FnOnce() -> Result<Option<i64>, E>,
) -> Status {
    if has("LOCK.remote") {
        return Status::Running;
    }
    if has("PENDING") {
        return Status::Pending;
    }
    if has("STAGED") {
        return Status::Staged;
    }
    let lock = lock();
    if lock.as_ref().is_some_and(Lock::is_held) {
        return Status::Running;
    }
    match exit_status() {
        Ok(Some(0)) => Status::Completed,
        Ok(Some(code)) if code < 0 => Status::Terminated,
        Ok(Some(_)) | Err(_) => Status::Error,
        Ok(None) if lock.is_some() => Status::Terminated,
        Ok(None) => Status::Error,
    }
}

impl Run {
    /// The state of the run. Never fails: what cannot be read counts as absent.
    pub fn status(&self) -> Status {
        let has = |name: &str| self.guild_path(name).exists();
        derive(
            has,
            || self.read_lock(),
            || self.integer_attr("exit_status"),
        )
    }

    /// The remote the run runs on, if any: its name, maybe with a configuration
    /// behind a `:`.
    pub fn remote(&self) -> Option<String> {
        let bytes = files::read_if_exists(&self.guild_path("LOCK.remote")).ok()??;
        Some(String::from_utf8_lossy(&bytes).trim().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml::Value;

    #[test]
    fn files_decide_the_status() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(run.guild_path(name), text).unwrap();
        assert_eq!(run.status(), Status::Error);
        write("LOCK", "999999999");
        assert_eq!(run.status(), Status::Terminated);
        for (code, status) in [
            (0, Status::Completed),
            (1, Status::Error),
            (-9, Status::Terminated),
        ] {
            run.write_attr("exit_status", &Value::Int(code)).unwrap();
            assert_eq!(run.status(), status);
        }
        write("LOCK", &std::process::id().to_string());
        assert_eq!(run.status(), Status::Running);
        write("LOCK", "not a number");
        assert_eq!(run.status(), Status::Terminated);
        write("STAGED", "");
        assert_eq!(run.status(), Status::Staged);
        write("PENDING", "");
        assert_eq!(run.status(), Status::Pending);
        write("LOCK.remote", "gpu-box:c\n");
        assert_eq!(run.status(), Status::Running);
        assert_eq!(run.remote().as_deref(), Some("gpu-box:c"));
    }

    #[test]
    fn an_unreadable_exit_status_is_an_error_not_a_failure() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        std::fs::write(run.attr_path("exit_status"), "[1").unwrap();
        assert_eq!(run.status(), Status::Error);
    }
}
