//! The links by which a pipeline's run names the runs of its steps: relative, in
//! the run directory, and made before the run that they lead to.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Error, Result, Run};
use crate::base::files;

/// What the entry of a step in a pipeline's run directory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepLink {
    /// A link to the run of the step.
    Run(Run),
    /// Nothing, or a link to a run that is not there.
    Missing,
    /// Something that is no link.
    Other(PathBuf),
}

impl Run {
    /// What the run directory has for the step `name`.
    pub fn step_link(&self, name: &str) -> StepLink {
        let path = self.dir.join(name);
        match path.symlink_metadata() {
            Err(_) => StepLink::Missing,
            Ok(entry) if !entry.is_symlink() => StepLink::Other(path),
            Ok(_) => match path.canonicalize().map(Run::at) {
                Ok(run) if run.exists() => StepLink::Run(run),
                _ => StepLink::Missing,
            },
        }
    }

    /// Makes the link of the step `name` lead to `run`, whatever it led to.
    ///
    /// # Errors
    /// The link cannot be made.
    pub fn link_step(&self, name: &str, run: &Run) -> Result<()> {
        let is_plain = Path::new(name).file_name().is_some_and(|file| file == name);
        let path = self.dir.join(name);
        if !is_plain || name == ".guild" {
            let reason = "no name for a step".to_string();
            return Err(Error::Damaged { path, reason });
        }
        let target = match (run.dir.parent() == self.dir.parent(), run.dir.file_name()) {
            (true, Some(name)) => Path::new("..").join(name),
            _ => run.dir.clone(),
        };
        // Made elsewhere first, so that the old link stays if this one fails.
        let made = self.guild_path(&format!("link-{}", run.id()));
        files::remove_if_exists(&made)?;
        symlink(target, &made).map_err(|source| files::Error::new("link", &made, source))?;
        Ok(files::rename(&made, &path)?)
    }

    /// Removes the link of the step `name` if it leads nowhere.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn unlink_step(&self, name: &str) -> Result<()> {
        let path = self.dir.join(name);
        match path.is_symlink() && !path.exists() {
            true => Ok(files::remove_if_exists(&path)?),
            false => Ok(()),
        }
    }

    /// The runs beside this one that links in its directory lead to: those of its
    /// steps, as far as they can be told.
    pub fn linked_runs(&self) -> Vec<Run> {
        let names = self.linked_names().unwrap_or_default();
        let folder = self.dir.parent().unwrap_or(&self.dir);
        names
            .iter()
            .map(|name| Run::at(folder.join(name)))
            .collect()
    }

    /// A run called `id` in the folder that this one is in. Nothing is made.
    pub fn sibling(&self, id: &str) -> Run {
        Run::at(self.dir.parent().unwrap_or(&self.dir).join(id))
    }

    /// The names of the runs that links in the run directory lead to, where they
    /// are in the folder that this one is in; none where there is no such run.
    ///
    /// # Errors
    /// The run directory is there and cannot be listed.
    pub(super) fn linked_names(&self) -> Result<Vec<std::ffi::OsString>> {
        let Ok(folder) = self.dir.parent().unwrap_or(&self.dir).canonicalize() else {
            return Ok(Vec::new());
        };
        let links = files::names(&self.dir)?.into_iter().filter_map(|name| {
            let path = self.dir.join(name);
            let target = path.is_symlink().then(|| path.canonicalize().ok())??;
            let is_beside = target.parent() == Some(&folder);
            let name = target.file_name().filter(|_| is_beside)?;
            Some(name.to_os_string())
        });
        let mut names: Vec<_> = links.collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Creation, Store};
    use super::*;
    use crate::opref::OpRef;

    fn make(dir: &Path, id: &str) -> Run {
        let opref = OpRef::script(Path::new("/p"), "x.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        Run::create(&dir.join(id), &creation).unwrap()
    }

    #[test]
    fn a_link_is_made_before_its_run_and_may_be_changed() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let parent = make(&dir, "parent");
        assert_eq!(parent.step_link("prep"), StepLink::Missing);
        parent.link_step("prep", &parent.sibling("one")).unwrap();
        assert_eq!(parent.step_link("prep"), StepLink::Missing);
        let two = make(&dir, "two");
        parent.link_step("prep", &two).unwrap();
        assert_eq!(parent.step_link("prep"), StepLink::Run(two));
        let target = std::fs::read_link(dir.join("parent/prep")).unwrap();
        assert_eq!(target, Path::new("../two"));
        std::fs::write(dir.join("parent/file"), "").unwrap();
        assert!(matches!(parent.step_link("file"), StepLink::Other(_)));
        for name in ["", ".", "..", "a/b", ".guild"] {
            assert!(parent.link_step(name, &parent).is_err(), "{name}");
        }
    }

    #[test]
    fn a_link_to_nothing_goes_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let parent = make(dir.path(), "parent");
        parent.link_step("a", &parent.sibling("gone")).unwrap();
        let there = make(dir.path(), "there");
        parent.link_step("b", &there).unwrap();
        for name in ["a", "b", "c"] {
            parent.unlink_step(name).unwrap();
        }
        assert!(!parent.dir().join("a").is_symlink());
        assert!(parent.dir().join("b").exists());
    }

    #[test]
    fn a_store_may_be_limited_to_what_a_run_links_to() {
        let dir = tempfile::tempdir().unwrap();
        let parent = make(dir.path(), "parent");
        let step = make(dir.path(), "step");
        make(dir.path(), "stranger");
        parent.link_step("s", &step).unwrap();
        parent.link_step("again", &step).unwrap();
        parent.link_step("dead", &parent.sibling("gone")).unwrap();
        std::fs::create_dir(parent.dir().join("folder")).unwrap();
        let store = Store::linked_from(&parent);
        let listed: Vec<_> = store.list().unwrap();
        assert_eq!(listed, [step]);
        assert_eq!(store.get("stranger"), None);
        assert!(store.get("step").is_some());
        assert_eq!(store.starting_with("st").unwrap().len(), 1);
        assert_eq!(store.most().unwrap(), 1);
        assert_eq!(parent.linked_runs(), store.list().unwrap());
        let none = Store::linked_from(&Run::at(dir.path().join("nowhere")));
        assert_eq!(none.list().unwrap(), []);
    }
}
