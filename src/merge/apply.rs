//! Doing what is planned.

use std::io;

use super::target::{Found, Target};
use super::{CopyFile, Error, Plan, Result};
use crate::base::files;
use crate::base::staged_copy::StagedCopy;

impl Plan {
    /// Copies the files in the order of their paths in the target, each of which
    /// is told to `before` first. Each file is there whole, in its old or its new
    /// state, whenever this process is killed. `stop` tells the number of the
    /// signal that asks to end, if one came.
    ///
    /// # Errors
    /// The target is not what it was when the plan was made; a file cannot be
    /// written; a request to end. Files that were told before the last are copied
    /// then.
    pub fn apply(
        &self,
        before: &mut dyn FnMut(&CopyFile),
        stop: &dyn Fn() -> Option<i32>,
    ) -> Result<()> {
        let copies = self.copies_by_target();
        for copy in &copies {
            check(&self.target, copy)?;
        }
        files::create_dir_all(self.target.dir())?;
        // It may have been made just now, and is to be found where it is.
        let target = Target::new(self.target.dir())?;
        for (copied, copy) in copies.iter().enumerate() {
            let stopped = || stop().map(|signal| Error::Stopped { signal, copied });
            if let Some(stopped) = stopped() {
                return Err(stopped);
            }
            before(copy);
            self.put(&target, copy, &stopped)?;
        }
        Ok(())
    }

    fn put(
        &self,
        target: &Target,
        copy: &CopyFile,
        stopped: &dyn Fn() -> Option<Error>,
    ) -> Result<()> {
        let full = target.dir().join(&copy.target_path);
        check(target, copy)?;
        if let Some(parent) = full.parent() {
            files::create_dir_all(parent)?;
        }
        let source = self.run.dir().join(&copy.run_path);
        let staged = StagedCopy::new(&source, &full, &mut |_| match stopped() {
            Some(_) => Err(io::ErrorKind::Interrupted.into()),
            None => Ok(()),
        });
        let staged = match stopped() {
            Some(stopped) => return Err(stopped),
            None => staged?,
        };
        // Copying may take long: what is replaced is looked at right before.
        check(target, copy)?;
        match copy.replaces {
            Some(_) => staged.replace()?,
            None if staged.place()? => {}
            None => return Err(Error::Changed(full)),
        }
        Ok(())
    }
}

/// Makes sure that the place of a file is as it was.
fn check(target: &Target, copy: &CopyFile) -> Result<()> {
    let path = || target.dir().join(&copy.target_path);
    match (target.look(&copy.target_path)?, copy.replaces) {
        (Found::Missing, None) => Ok(()),
        (Found::Different(now), Some(then)) if now == then => Ok(()),
        (Found::Hazard(hazard), _) => Err(Error::InTheWay {
            path: path(),
            hazard,
        }),
        _ => Err(Error::Changed(path())),
    }
}
