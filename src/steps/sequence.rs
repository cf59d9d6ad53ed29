//! The process of a pipeline: runs the steps one after the other, each as a
//! process of its own, and ends with the first that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use nix::sys::signal::Signal;
use signal_hook::low_level::siginfo::Origin;

use super::request::{self, Passed};
use super::step::{Parent, Parse, Step};
use super::{Error, Log};
use crate::base::process::{self, Process};
use crate::base::yaml::Value;
use crate::base::{command, signals};
use crate::home::Home;
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

enum Event {
    Signal(Origin),
    Exited,
}

/// The events of a pipeline: signals, and ends of steps.
struct Events {
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    /// The first signal that came.
    signal: Option<i32>,
}

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
            },
            log,
        })
    }

    /// Runs the steps.
    ///
    /// # Errors
    /// A step cannot be run at all.
    pub fn run(&self) -> Result<End, Error> {
        let within = self.within()?;
        let folder = self.folder()?;
        let (sender, receiver) = channel();
        let to_loop = sender.clone();
        let watched = signals::watch(move |origin| to_loop.send(Event::Signal(origin)).is_ok())
            .map_err(Error::Signals)?;
        let mut events = Events {
            sender,
            receiver,
            signal: None,
        };
        let end = self.run_all(&within, &folder, &mut events);
        watched.close();
        end
    }

    fn run_all(&self, within: &str, folder: &Path, events: &mut Events) -> Result<End, Error> {
        for planned in &self.steps {
            if let Some(signal) = events.take_signal() {
                return Ok(End::Signal(signal));
            }
            let run = self.run_of(planned)?;
            let status = self.run_step(planned, &run, (within, folder), events)?;
            if let Some(signal) = events.take_signal() {
                return Ok(End::Signal(signal));
            }
            let code = exit_code(status);
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

    /// Runs a step, or its run again, and waits for its end.
    fn run_step(
        &self,
        planned: &Planned,
        run: &Run,
        (within, folder): (&str, &Path),
        events: &mut Events,
    ) -> Result<ExitStatus, Error> {
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
        let mut args: Vec<OsString> = vec![self.program(step)?.into(), "run".into(), "-y".into()];
        if again {
            // By its path, since the step may not see the run by its id.
            args.extend(["--restart".into(), run.dir().into()]);
        } else {
            args.extend(["--keep-batch".into(), "--run-dir".into(), run.dir().into()]);
            args.push(subject.into());
        }
        args.extend(words.into_iter().map(OsString::from));
        let env = self.env(step, within);
        let child = command::start(&args, folder, &env, command::Output::Inherited);
        let child = child.map_err(|error| process_error(step, &error))?;
        events
            .follow(child)
            .map_err(|error| process_error(step, &error))
    }

    fn program(&self, step: &Step) -> Result<PathBuf, Error> {
        let program = self.home.executable().ok_or_else(|| Error::Process {
            step: step.name.clone(),
            reason: "cannot tell this program's own file".to_string(),
        })?;
        Ok(program.to_path_buf())
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

impl Events {
    /// The first signal that has come by now, if any has.
    fn take_signal(&mut self) -> Option<i32> {
        for event in self.receiver.try_iter() {
            if let Event::Signal(origin) = event {
                self.signal.get_or_insert(origin.signal);
            }
        }
        self.signal
    }

    /// Waits for the end of `child`, and passes signals on to it.
    fn follow(&mut self, mut child: Child) -> std::io::Result<ExitStatus> {
        let pid = child.id() as i32;
        let sender = self.sender.clone();
        thread::spawn(move || {
            process::wait_unreaped(pid);
            // Nobody listens any more where the pipeline has ended.
            let _ = sender.send(Event::Exited);
        });
        while let Ok(Event::Signal(origin)) = self.receiver.recv() {
            self.signal.get_or_insert(origin.signal);
            let signal = Signal::try_from(origin.signal).unwrap_or(Signal::SIGTERM);
            if signals::is_from_terminal(&origin) {
                // The step has it too.
                continue;
            }
            if let Some(process) = Process::find(pid) {
                // A step that cannot be signalled ends by itself.
                let _ = process.signal(signal);
            }
        }
        child.wait()
    }
}

fn process_error(step: &Step, error: &std::io::Error) -> Error {
    Error::Process {
        step: step.name.clone(),
        reason: error.to_string(),
    }
}

/// The exit code of a step's process; that of a signal is below zero, modulo 256.
fn exit_code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| -signal);
    let code = signal.or(status.code()).unwrap_or(1);
    code.rem_euclid(256) as u8
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
