//! Where a spec runs: what its sessions are made with.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Runner;
use crate::calls::Calls;
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;
use crate::ownership::Owner;
use crate::sandbox::Sandbox;
use crate::services::Services;
use crate::session::{Engine, Session};
use crate::setting::Setting;
use crate::shell::Shell;
use crate::spec::{Language, Spec};
use crate::worker::Worker;

/// The variable that tells the examples of a shell where the samples are.
const SAMPLES: &str = "HARNESS_SAMPLES";

/// Where a spec runs.
pub(super) struct Place<'a> {
    pub runner: &'a Runner,
    pub spec: &'a Spec,
    pub setting: &'a Setting,
    pub sandbox: &'a Sandbox,
    pub owner: &'a Arc<Owner>,
}

impl<'a> Place<'a> {
    /// What evaluates the examples; `None` if there is no shell.
    pub fn engine(&self) -> io::Result<Option<Engine>> {
        if self.spec.language == Language::Shell {
            let samples = self.setting.samples.as_deref();
            let variables: Vec<_> = samples.map(|path| (SAMPLES, path)).into_iter().collect();
            let shell = Shell::new(self.sandbox, &variables)?;
            return Ok(shell.map(Engine::Shell));
        }
        let worker = Worker::start(
            self.setting.surroundings.python.file(),
            &self.runner.workers,
            self.sandbox,
            self.owner,
            self.runner.reaper,
            self.setting.limits(self.spec).output,
        )?;
        Ok(Some(Engine::Python(Box::new(worker))))
    }

    /// A conversation that has to be done by then, or when the flag is raised.
    pub fn session<'b>(
        &self,
        engine: Engine,
        interrupt: &'b Interrupt,
        deadline: Deadline,
    ) -> Session<'b>
    where
        'a: 'b,
    {
        let calls = Calls {
            owner: self.owner,
            reaper: self.runner.reaper,
            interrupt,
            limits: self.setting.limits(self.spec),
            services: Services::new(
                self.sandbox.path("services"),
                self.setting.limits(self.spec).output,
            ),
            secrets: self.owner.secrets(),
            deadline,
            has_own_limit: false,
            notes: Vec::new(),
            timeout: None,
            is_late: false,
            command_time: Duration::ZERO,
        };
        Session::new(engine, calls, self.sandbox)
    }
}
