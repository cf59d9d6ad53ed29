//! How a run's state changes: made, staged, started, ended.
//!
//! Each step leaves a state that listings can explain if the process is killed
//! right after it: a run is not visible before its `opref`, id and pending
//! marker are in place, it stays pending until its process is recorded, and it
//! keeps its lock until its exit status is.

use std::path::Path;

use super::{Result, Run};
use crate::base::files;
use crate::base::process::Process;
use crate::base::yaml::Value;
use crate::opref::OpRef;

/// What a new run is made with.
#[derive(Debug)]
pub struct Creation<'a> {
    /// The operation it is of.
    pub opref: &'a OpRef,
    /// Now, in microseconds since the epoch.
    pub initialized: i64,
}

/// How a run's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, or the negative number of the signal that ended it.
    pub exit_status: i64,
    /// When, in microseconds since the epoch.
    pub stopped: i64,
}

impl Run {
    /// Makes a new pending run in `dir`, which may exist but holds no run.
    ///
    /// # Errors
    /// A file or folder cannot be made.
    pub fn create(dir: &Path, creation: &Creation<'_>) -> Result<Self> {
        let run = Self::at(dir);
        files::create_dir_all(&run.guild_path("attrs"))?;
        run.set_pending()?;
        run.write_attr("id", &Value::from(run.id()))?;
        run.write_attr("initialized", &Value::Int(creation.initialized))?;
        run.write_opref(creation.opref)?;
        Ok(run)
    }

    /// Marks the run as being made or waiting for its batch.
    ///
    /// # Errors
    /// A marker cannot be written or removed.
    pub fn set_pending(&self) -> Result<()> {
        files::write_atomic(&self.guild_path("PENDING"), b"")?;
        Ok(files::remove_if_exists(&self.guild_path("STAGED"))?)
    }

    /// Takes the pending mark away.
    ///
    /// # Errors
    /// The marker cannot be removed.
    pub fn clear_pending(&self) -> Result<()> {
        Ok(files::remove_if_exists(&self.guild_path("PENDING"))?)
    }

    /// Marks the run as made, to be started later.
    ///
    /// # Errors
    /// A marker cannot be written or removed.
    pub fn set_staged(&self) -> Result<()> {
        files::write_atomic(&self.guild_path("STAGED"), b"")?;
        self.clear_pending()
    }

    /// Writes the environment of a staged run as lines a shell can source.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_env_file(&self, text: &str) -> Result<()> {
        Ok(files::write_atomic(
            &self.guild_path("ENV"),
            text.as_bytes(),
        )?)
    }

    /// Forgets how an earlier process of the run ended, before a new one starts.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear_ended(&self) -> Result<()> {
        self.delete_attr("exit_status")?;
        self.delete_attr("stopped")?;
        self.remove_lock()
    }

    /// Records that `process` is going to start the run, so that no other does.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn claim(&self, process: Process) -> Result<()> {
        self.write_lock(process)
    }

    /// Claims a staged run, so that it is pending and `process` starts it. Killed in
    /// between, it is staged still.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn claim_staged(&self, process: Process) -> Result<()> {
        self.claim(process)?;
        self.set_pending()
    }

    /// Makes others take the run for a batch, which runs other runs.
    ///
    /// # Errors
    /// The folder of its proto cannot be made.
    pub fn mark_as_batch(&self) -> Result<()> {
        Ok(files::create_dir_all(&self.guild_path("proto"))?)
    }

    /// Lets go of a run that was claimed and is not going to be started. What
    /// cannot be removed, as on a disk that failed, stays.
    pub fn release(&self) {
        let _ = self.clear_pending();
        let _ = self.remove_lock();
    }

    /// Clears a folder that holds an earlier run for a new one: what is known of
    /// that goes, the files that it made stay.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear(&self) -> Result<()> {
        for name in ["manifest", "output", "output.index", "ENV"] {
            files::remove_if_exists(&self.guild_path(name))?;
        }
        let attrs = self.guild_path("attrs");
        if attrs.exists() {
            files::remove_dir_all(&attrs)?;
        }
        Ok(())
    }

    /// Records `process` as the run's; from here on it is running.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn set_running(&self, process: Process) -> Result<()> {
        self.write_lock(process)?;
        self.clear_pending()?;
        Ok(files::remove_if_exists(&self.guild_path("STAGED"))?)
    }

    /// Records how the run's process ended, and lets go of the lock. Whoever
    /// records first is right: a status that is there already is kept.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn set_ended(&self, ended: Ended) -> Result<()> {
        let status = format!("{}\n", ended.exit_status);
        // Another who records the same end goes on at once, so it must see a whole one.
        let path = self.attr_path("exit_status");
        if files::write_new_by_way_of(&self.guild_path(""), &path, status.as_bytes())? {
            self.write_attr("stopped", &Value::Int(ended.stopped))?;
        }
        self.remove_lock()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_run_goes_through_its_states() {
        let dir = tempfile::tempdir().unwrap();
        let opref = OpRef::script(Path::new("/p"), "train.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        let run = Run::create(&dir.path().join("r1"), &creation).unwrap();
        assert!(run.exists());
        assert_eq!(run.status(), Status::Pending);
        run.set_staged().unwrap();
        assert_eq!(run.status(), Status::Staged);
        run.set_pending().unwrap();
        let me = Process::find(std::process::id() as i32).unwrap();
        run.set_running(me).unwrap();
        assert_eq!(run.status(), Status::Running);
        let ended = Ended {
            exit_status: -15,
            stopped: 9,
        };
        run.set_ended(ended).unwrap();
        assert_eq!(run.status(), Status::Terminated);
        let late = Ended {
            exit_status: 0,
            stopped: 10,
        };
        run.set_ended(late).unwrap();
        assert_eq!(run.integer_attr("exit_status").unwrap(), Some(-15));
        assert_eq!(run.integer_attr("stopped").unwrap(), Some(9));
        run.clear_ended().unwrap();
        assert_eq!(run.status(), Status::Error);
    }
}
