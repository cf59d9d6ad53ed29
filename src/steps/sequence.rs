//! The process of a pipeline: runs the steps one after the other, and ends with the
//! first that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
use super::request::{self, Passed};
use super::step::{Parent, Parse, Step};
use crate::base::yaml::Value;
use crate::home::Home;
use crate::op::Log;
use crate::op::supervise::Supervisor;
use crate::op::system_metrics;
use crate::runs::{Run, Status, StepLink};

/// The variable that names the pipelines that a process is a step of, one per
/// line.
const WITHIN: &str = "GUILD_STEPS_WITHIN";

/// How a pipeline ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All steps ended well.
    Completed,
    /// A step failed.
    Failed {
        /// The step.
        step: String,
        /// The exit code of its process.
        code: u8,
    },
    /// What a step has made is not what was expected.
    CheckFailed,
    /// This signal asked it to end.
    Signal(i32),
}

/// A step, and where its run is linked.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The step.
    pub step: Step,
    /// The name of the link in the pipeline's run directory.
    pub link: String,
}

/// A pipeline that is about to run its steps.
pub struct Pipeline<'a> {
    home: &'a Home,
    run: &'a Run,
    steps: Vec<Planned>,
    passed: Passed,
    log: &'a dyn Fn(Log),
}

/// A step as `guild run` is asked for it.
#[derive(Debug)]
pub struct StepCommand {
    /// The words after `guild run`.
    pub words: Vec<OsString>,
    /// The folder that it is to be run in.
    pub folder: PathBuf,
    /// The environment that it is to be run in.
    pub environment: BTreeMap<OsString, OsString>,
}

/// Does what `guild run` does with the words of a step, in this process, followed
/// by the supervisor; the result is its exit code.
pub type RunStep<'a> = &'a dyn Fn(StepCommand, &Arc<Supervisor>) -> u8;

impl Planned {
    /// `steps` with the names of their links; of those with the same name, the
    /// second has `_2` behind it, and so on.
    ///
    /// # Errors
    /// A step whose name no link can have.
    pub fn all(steps: Vec<Step>) -> Result<Vec<Self>, Error> {
        let mut taken = BTreeSet::new();
        let mut planned = Vec::new();
        for step in steps {
            // Links are in the run directory, whatever steps are called.
            let base = step.name.replace('/', "-");
            if ["", ".", "..", ".guild"].contains(&base.as_str()) || base.contains('\0') {
                return Err(Error::Step {
                    reason: "a step cannot be called so".to_string(),
                    step: step.name,
                });
            }
            let numbered = (2..).map(|number| format!("{base}_{number}"));
            let mut names = std::iter::once(base.clone()).chain(numbered);
            let link = names.find(|name| !taken.contains(name)).unwrap_or(base);
            taken.insert(link.clone());
            planned.push(Self { step, link });
        }
        Ok(planned)
    }
}

impl<'a> Pipeline<'a> {
    /// The pipeline of `run`.
    ///
    /// # Errors
    /// The run cannot be read; its steps make no sense.
    pub fn of_run(
        run: &'a Run,
        parse: Parse<'_>,
        home: &'a Home,
        log: &'a dyn Fn(Log),
    ) -> Result<Self, Error> {
        let steps = match run.attr("steps")?.filter(Value::is_truthy) {
            Some(steps) => {
                let mut warn = |text: String| log(Log::Warning(text));
                Step::read_all(&steps, &Parent::of_run(run)?, parse, &mut warn)?
            }
            None => {
                log(Log::Warning(format!(
                    "no steps defined for run {}",
                    run.id()
                )));
                Vec::new()
            }
        };
        let params = run.attr("run_params")?;
        let is_set = |name: &str| {
            let param = params.as_ref().and_then(Value::as_map)?.get(name)?;
            Some(param.is_truthy())
        };
        Ok(Self {
            home,
            run,
            steps: Planned::all(steps)?,
            passed: Passed {
                stage_trials: is_set("stage_trials") == Some(true),
                force_sourcecode: is_set("force_sourcecode") == Some(true),
                needed: is_set("needed") == Some(true),
                system_metrics: system_metrics::of_steps(run, home),
            },
            log,
        })
    }

    /// Runs the steps, each by `run_step`.
    ///
    /// # Errors
    /// A step cannot be run at all.
    pub fn run(&self, run_step: RunStep<'_>) -> Result<End, Error> {
        let within = self.within()?;
        let folder = self.folder()?;
        let supervisor = Arc::new(Supervisor::start(self.home, None)?);
        for planned in &self.steps {
            let run = self.run_of(planned)?;
            let command = self.command(planned, &run, (&within, &folder));
            let code = run_step(command, &supervisor);
            if let Some(signal) = supervisor.signal() {
                return Ok(End::Signal(signal));
            }
            if code != 0 {
                return Ok(End::Failed {
                    step: planned.step.name.clone(),
                    code,
                });
            }
            if !run.exists() {
                // An earlier run made it needless.
                self.run.unlink_step(&planned.link)?;
            }
            if !self.checks_hold(&planned.step, &run) {
                return Ok(End::CheckFailed);
            }
        }
        Ok(End::Completed)
    }

    /// The pipelines that this one's steps are within.
    ///
    /// # Errors
    /// This one is a step of itself, by way of others or not: it would never end.
    fn within(&self) -> Result<String, Error> {
        let opref = self.run.opref()?;
        let own = format!("{}:{} {}", opref.kind, opref.name, opref.model_op());
        let outer = self.home.variable(WITHIN).unwrap_or_default();
        let mut names: Vec<&str> = outer.lines().collect();
        if names.contains(&own.as_str()) {
            return Err(Error::Step {
                step: opref.model_op(),
                reason: "it is a step of itself, and would never end".to_string(),
            });
        }
        names.push(&own);
        Ok(names.join("\n"))
    }

    /// The run of a step: the one it had before, else a new one that is linked.
    fn run_of(&self, planned: &Planned) -> Result<Run, Error> {
        match self.run.step_link(&planned.link) {
            StepLink::Run(run) => Ok(run),
            StepLink::Other(path) => Err(Error::NotALink(path.display().to_string())),
            StepLink::Missing => {
                let run = self.run.sibling(&self.home.new_run_id());
                self.run.link_step(&planned.link, &run)?;
                Ok(run)
            }
        }
    }

    /// The command that runs a step, or its run again; says what is done.
    fn command(
        &self,
        planned: &Planned,
        run: &Run,
        (within, folder): (&str, &Path),
    ) -> StepCommand {
        let step = &planned.step;
        let again = run.exists();
        let passed = Passed {
            needed: self.passed.needed && again && run.status() == Status::Completed,
            ..self.passed
        };
        let subject = match again {
            true => run.id().to_string(),
            false => step.op_spec.clone(),
        };
        let mut words = request::options(&step.request, passed, again);
        words.extend(step.value_words());
        let shown = std::iter::once(&subject).chain(&words);
        let shown: Vec<&str> = shown.map(String::as_str).collect();
        let verb = if again { "restarting" } else { "running" };
        let name = &step.name;
        (self.log)(Log::Info(format!("{verb} {name}: {}", shown.join(" "))));
        let mut all: Vec<OsString> = vec!["-y".into()];
        if again {
            // By its path, since the step may not see the run by its id.
            all.extend(["--restart".into(), run.dir().into()]);
        } else {
            all.extend(["--keep-batch".into(), "--run-dir".into(), run.dir().into()]);
            all.push(subject.into());
        }
        all.extend(words.into_iter().map(OsString::from));
        StepCommand {
            words: all,
            folder: folder.to_path_buf(),
            environment: self.env(step, within),
        }
    }

    fn env(&self, step: &Step, within: &str) -> BTreeMap<OsString, OsString> {
        let mut env = self.home.environment().clone();
        env.insert("GUILD_HOME".into(), self.home.guild_home().into());
        env.insert("NO_WARN_RUNDIR".into(), "1".into());
        env.insert(WITHIN.into(), within.into());
        if step.isolate_runs {
            env.insert("GUILD_RUNS_PARENT".into(), self.run.id().into());
        }
        env
    }

    /// The folder that steps are run in: that of the project.
    fn folder(&self) -> Result<PathBuf, Error> {
        let named = ["PROJECT_DIR", "CMD_DIR"];
        let named = named.into_iter().find_map(|name| self.home.variable(name));
        let folder = match named {
            Some(folder) => PathBuf::from(folder),
            None => self.home.process_cwd().to_path_buf(),
        };
        match folder.is_dir() {
            true => Ok(folder),
            false => Err(Error::NoFolder(folder.display().to_string())),
        }
    }

    /// Whether the run of `step` is what it is expected to be.
    fn checks_hold(&self, step: &Step, run: &Run) -> bool {
        if step.checks.is_empty() {
            return true;
        }
        if !run.exists() {
            (self.log)(Log::Info(format!("skipping checks for {}", step.name)));
            return true;
        }
        let mut passed = 0;
        for check in &step.checks {
            match check.look(run, self.home, self.log) {
                Ok(()) => passed += 1,
                Err(reason) => (self.log)(Log::Error(format!("check failed: {reason}"))),
            }
        }
        let all = step.checks.len();
        (self.log)(Log::Info(format!("{passed} of {all} checks passed")));
        passed == all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::RunRequest;

    #[test]
    fn each_link_has_a_name_of_its_own() {
        let parse = |words: &[String]| {
            Ok(RunRequest {
                words: words.to_vec(),
                ..RunRequest::default()
            })
        };
        let links = |text: &str| {
            let steps = crate::base::yaml::load(text).unwrap();
            let parent = Parent::default();
            let steps = Step::read_all(&steps, &parent, &parse, &mut |_| {}).unwrap();
            Planned::all(steps).map(|all| {
                let links = all.into_iter().map(|planned| planned.link);
                links.collect::<Vec<_>>()
            })
        };
        let text = "[a, a x=1, m:a, {run: a, name: a_2}, sub/a.py, a]";
        let expected = ["a", "a_2", "m:a", "a_2_2", "sub-a.py", "a_3"];
        assert_eq!(links(text).unwrap(), expected);
        for name in [".", "..", ".guild"] {
            let text = format!("[{{run: a, name: '{name}'}}]");
            assert!(links(&text).is_err(), "{name}");
        }
    }
}
