//! Keeping a log directory in step with runs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::base::files;
use crate::home::Home;
use crate::runs::{EntryKind, Manifest, Run, Status};
use crate::select;
use crate::tfevents::{HparamValue, SessionStatus, Writer};

use super::experiment::{Experiment, TIME};
use super::images::Images;
use super::run_files::{self, RunFile};
use super::run_name::Names;
use super::{Error, Result, parameters};

/// The event file with a run's parameters. It is the first in the order of names:
/// TensorBoard reads the files of a folder one after the other.
const PARAMETERS_FILE: &str = "events.out.tfevents.0000000000.hparams";

/// The event file that tells how a run ended, the last in that order.
const END_FILE: &str = "events.out.tfevents.9999999999.time";

/// What a log directory holds beside links to the files of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Whether it has pictures as summaries.
    pub images: bool,
    /// Whether it has flags and metrics as parameters.
    pub parameters: bool,
}

/// Keeps a log directory in step with runs.
#[derive(Debug)]
pub struct Monitor<'a> {
    home: &'a Home,
    log_dir: PathBuf,
    names: Names,
    content: Content,
    /// What TensorBoard was told of all runs, which it does not read again.
    experiment: Option<Experiment>,
    /// The ids of the runs that were last looked into for that.
    looked_into: BTreeSet<String>,
    shown: BTreeMap<String, ShownRun>,
    told: HashSet<String>,
}

/// What is in the log directory of a run.
#[derive(Debug, Default)]
struct ShownRun {
    /// The files that were seen, and whether there is a link to them.
    seen: HashMap<PathBuf, bool>,
    /// By the folders that have event files.
    sessions: BTreeMap<PathBuf, Session>,
    images: Images,
}

/// What TensorBoard was told of a run in one of its folders.
#[derive(Debug, Clone, Copy, Default)]
struct Session {
    is_ended: bool,
    has_end_file: bool,
}

/// What is known of how a run goes.
#[derive(Debug, Clone, Copy)]
struct Course {
    /// Seconds since the epoch.
    started: Option<f64>,
    stopped: Option<f64>,
    /// How it ended; none while it did not.
    end: Option<SessionStatus>,
}

impl Course {
    fn of(run: &Run) -> Result<Self> {
        let time = |name| run.integer_attr(name);
        let seconds = |micros: i64| micros as f64 / 1e6;
        let end = match run.status() {
            Status::Completed | Status::Terminated => Some(SessionStatus::Success),
            Status::Error => Some(SessionStatus::Failure),
            _ => None,
        };
        Ok(Self {
            started: time("started")?.map(seconds),
            stopped: time("stopped")?.map(seconds).filter(|_| end.is_some()),
            end,
        })
    }
}

impl<'a> Monitor<'a> {
    /// Prepares to fill the empty folder at `log_dir` with runs of the user of
    /// `home`.
    pub fn new(home: &'a Home, log_dir: &Path, names: Names, content: Content) -> Self {
        Self {
            home,
            log_dir: log_dir.to_path_buf(),
            names,
            content,
            experiment: None,
            looked_into: BTreeSet::new(),
            shown: BTreeMap::new(),
            told: HashSet::new(),
        }
    }

    /// Brings the folder in step with `runs`, until `is_over` says so. What cannot
    /// be shown is told to `warn`, once, and the rest shown all the same.
    pub fn refresh(
        &mut self,
        runs: &[Run],
        is_over: &dyn Fn() -> bool,
        warn: &mut dyn FnMut(String),
    ) {
        let mut told = std::mem::take(&mut self.told);
        let mut warn = |text: String| {
            if !told.contains(&text) {
                warn(text.clone());
                told.insert(text);
            }
        };
        // Some may have been deleted since they were listed.
        let there: Vec<Run> = runs.iter().filter(|run| run.exists()).cloned().collect();
        let runs = there.as_slice();
        let mut named = Vec::with_capacity(runs.len());
        for run in runs {
            match self.names.name(run, &self.log_dir, &mut warn) {
                Ok(name) => named.push((name, run)),
                Err(error) => warn(error.to_string()),
            }
        }
        self.remove_others(&named, &mut warn);
        if self.content.parameters {
            self.look_into(runs, &mut warn);
        }
        for (name, run) in named {
            if is_over() {
                break;
            }
            let shown = self.shown.entry(name.clone()).or_default();
            let mut refresh = Refresh {
                run,
                folder: self.log_dir.join(name),
                experiment: self.experiment.as_ref(),
                shown,
            };
            match refresh.refresh(self.content, &mut warn) {
                Err(error) if run.exists() => warn(error.to_string()),
                _ => {}
            }
        }
        self.told = told;
    }

    /// Removes the folders of runs that are not among `named`.
    fn remove_others(&mut self, named: &[(String, &Run)], warn: &mut dyn FnMut(String)) {
        let names: HashSet<&String> = named.iter().map(|(name, _)| name).collect();
        self.shown.retain(|name, _| {
            if names.contains(name) {
                return true;
            }
            match files::remove_dir_all(&self.log_dir.join(name)) {
                Err(error) if !error.is_not_found() => {
                    warn(error.to_string());
                    true
                }
                _ => false,
            }
        });
    }

    /// Learns parameters and metrics of the first runs that there are, and tells
    /// of those that came too late.
    fn look_into(&mut self, runs: &[Run], warn: &mut dyn FnMut(String)) {
        let ids = runs.iter().map(|run| run.id().to_string()).collect();
        if runs.is_empty() || self.looked_into == ids {
            return;
        }
        self.looked_into = ids;
        let found = Experiment::of(runs, self.home, warn);
        match &self.experiment {
            Some(told) => told.hidden(&found).into_iter().for_each(warn),
            None => self.experiment = Some(found),
        }
    }
}

/// One run being brought up to date.
struct Refresh<'a> {
    run: &'a Run,
    folder: PathBuf,
    experiment: Option<&'a Experiment>,
    shown: &'a mut ShownRun,
}

impl Refresh<'_> {
    fn refresh(&mut self, content: Content, warn: &mut dyn FnMut(String)) -> Result<()> {
        files::create_dir_all(&self.folder)?;
        // Files that come while a run ends are seen the next time.
        let course = Course::of(self.run)?;
        let found = run_files::files(self.run)?;
        self.remove_missing(&found)?;
        for file in found.iter().filter(|file| file.has_events()) {
            if let Err(error) = self.link_events(file, &course, content) {
                warn(error.to_string());
            }
        }
        if content.images {
            let Self {
                run, folder, shown, ..
            } = self;
            shown.images.refresh(run.dir(), &found, folder, warn);
        }
        self.end_sessions(&course)?;
        self.link_others(&found, warn)
    }

    fn link_events(&mut self, file: &RunFile, course: &Course, content: Content) -> Result<()> {
        if self.shown.seen.contains_key(&file.path) {
            return Ok(());
        }
        let folder = file.path.parent().unwrap_or(Path::new(""));
        files::create_dir_all(&self.folder.join(folder))?;
        if content.parameters && !self.shown.sessions.contains_key(folder) {
            self.start_session(folder, course)?;
            let session = Session {
                is_ended: course.end.is_some(),
                has_end_file: false,
            };
            self.shown.sessions.insert(folder.to_path_buf(), session);
        }
        Ok(self.link(file)?)
    }

    /// Writes the parameters of the run, and how it ended if it has: what is told
    /// once stays so.
    fn start_session(&self, folder: &Path, course: &Course) -> Result<()> {
        let parameters = parameters::of_run(self.run)?;
        let values: Vec<(&str, HparamValue)> = parameters
            .iter()
            .filter_map(|parameter| Some((parameter.name.as_str(), parameter.value.clone()?)))
            .collect();
        let group = format!(
            "{} {}",
            self.run.short_id(),
            select::operation_name(self.run)
        );
        let started = course.started.unwrap_or_default();
        self.write(&folder.join(PARAMETERS_FILE), |writer| {
            if let Some(experiment) = self.experiment {
                writer.experiment(&experiment.hparams(), &experiment.metrics(), started)?;
            }
            writer.session_start(&group, &values, started)?;
            match course.end {
                Some(end) => writer.session_end(end, course.stopped.unwrap_or(started)),
                None => Ok(()),
            }
        })
    }

    /// Tells of a run that has ended how and after which time.
    fn end_sessions(&mut self, course: &Course) -> Result<()> {
        let Some(end) = course.end else {
            return Ok(());
        };
        let times = course.started.zip(course.stopped);
        let mut sessions = std::mem::take(&mut self.shown.sessions);
        let mut write = |(folder, session): (&PathBuf, &mut Session)| {
            let has_news = !session.is_ended || times.is_some();
            if session.has_end_file || !has_news {
                return Ok(());
            }
            self.write(&folder.join(END_FILE), |writer| {
                let stopped = course.stopped.or(course.started).unwrap_or_default();
                if !session.is_ended {
                    writer.session_end(end, stopped)?;
                }
                match times {
                    Some((started, stopped)) => writer.scalar(TIME, 0, stopped - started, stopped),
                    None => Ok(()),
                }
            })?;
            *session = Session {
                is_ended: true,
                has_end_file: true,
            };
            Ok(())
        };
        let written = sessions.iter_mut().try_for_each(&mut write);
        self.shown.sessions = sessions;
        written
    }

    /// Links all other files, so that TensorBoard's plugins find what they look
    /// for, but for those of guild and the source code.
    fn link_others(&mut self, found: &[RunFile], warn: &mut dyn FnMut(String)) -> Result<()> {
        let mut manifest: Option<Manifest> = None;
        for file in found {
            if file.is_internal || self.shown.seen.contains_key(&file.path) {
                continue;
            }
            let manifest = match &mut manifest {
                Some(manifest) => manifest,
                none => none.insert(self.run.manifest()?),
            };
            let entry = manifest.get(&file.path.to_string_lossy());
            if entry.is_some_and(|entry| entry.kind == EntryKind::SourceCode) {
                self.shown.seen.insert(file.path.clone(), false);
                continue;
            }
            if let Err(error) = self.link(file) {
                warn(error.to_string());
            }
        }
        Ok(())
    }

    fn link(&mut self, file: &RunFile) -> files::Result<()> {
        let target = self.run.dir().join(&file.path);
        let link = self.folder.join(&file.path);
        if let Some(folder) = link.parent() {
            files::create_dir_all(folder)?;
        }
        files::symlink(&target, &link)?;
        self.shown.seen.insert(file.path.clone(), true);
        Ok(())
    }

    /// Removes the links to files that are gone, and what was told of folders
    /// without event files; then folders of which nothing is left, in whose places
    /// there may be files by now.
    fn remove_missing(&mut self, found: &[RunFile]) -> Result<()> {
        let there: HashSet<&Path> = found.iter().map(|file| file.path.as_path()).collect();
        let is_gone = |path: &&PathBuf| !there.contains(path.as_path());
        let gone: Vec<PathBuf> = self.shown.seen.keys().filter(is_gone).cloned().collect();
        for path in &gone {
            files::remove_if_exists(&self.folder.join(path))?;
            self.shown.seen.remove(path);
        }
        let with_events: HashSet<&Path> = found
            .iter()
            .filter(|file| file.has_events())
            .filter_map(|file| file.path.parent())
            .collect();
        let is_empty = |folder: &&PathBuf| !with_events.contains(folder.as_path());
        let empty: Vec<PathBuf> = self
            .shown
            .sessions
            .keys()
            .filter(is_empty)
            .cloned()
            .collect();
        for folder in empty {
            for name in [PARAMETERS_FILE, END_FILE] {
                files::remove_if_exists(&self.folder.join(&folder).join(name))?;
            }
            self.shown.sessions.remove(&folder);
        }
        let above = |path: &Path| path.ancestors().skip(1).map(Path::to_path_buf).collect();
        let folders: BTreeSet<PathBuf> = gone
            .iter()
            .flat_map(|path| -> Vec<_> { above(path) })
            .collect();
        // Those inside others first.
        for folder in folders
            .iter()
            .rev()
            .filter(|folder| **folder != Path::new(""))
        {
            files::remove_dir_if_empty(&self.folder.join(folder))?;
        }
        Ok(())
    }

    /// Writes an event file of the log directory.
    fn write(
        &self,
        path: &Path,
        add: impl FnOnce(&mut Writer<File>) -> std::io::Result<()>,
    ) -> Result<()> {
        let path = self.folder.join(path);
        let written = Writer::new(files::create(&path)?).and_then(|mut writer| add(&mut writer));
        written.map_err(|source| Error::File(files::Error::new("write", &path, source)))
    }
}

#[cfg(test)]
mod tests;
