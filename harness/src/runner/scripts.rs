//! What runs before the examples of a spec and after them.

use std::fs;
use std::io;
use std::time::Duration;

use super::place::Place;
use crate::deadline::{Deadline, Level};
use crate::escape::text;
use crate::examples::{LEAST_SET_UP, set_up as set_up_namespace};
use crate::interrupt::Interrupt;
use crate::session::{Engine, Session};
use crate::spec::{Role, Script, Spec};

/// How long a teardown may take once the run was interrupted.
const GRACE: Duration = Duration::from_secs(5);

/// How much of the end of a log a report shows.
const LOG_TAIL: usize = 4000;

/// What is wrong with a spec for a shell where there is none.
pub(super) fn no_shell(spec: &Spec) -> String {
    let path = spec.path.display();
    format!("{path}: bash was not found, which runs examples of `doctest-type: bash`")
}

/// Runs helpers and setups. Returns what is wrong with the first that fails.
pub(super) fn set_up(session: &mut Session<'_>, spec: &Spec) -> io::Result<Option<String>> {
    for script in &spec.setup {
        if let Some(shown) = session.script(script)? {
            // That the run was interrupted is told elsewhere.
            let is_told = session.interrupt.is_set();
            return Ok((!is_told).then(|| fault(script, &shown)));
        }
    }
    Ok(None)
}

fn fault(script: &Script, shown: &str) -> String {
    let Script {
        role, file, line, ..
    } = script;
    format!("{}:{line}: the {role} failed\n{shown}", file.display())
}

/// The end of a session.
pub(super) struct TornDown {
    /// What is wrong with the teardown.
    pub fault: Option<String>,
    /// What is to say about background services.
    pub notes: Vec<String>,
    /// The end of what was written past the output of examples.
    pub log: String,
}

/// Runs the teardowns and ends the session. They have the time of an example each,
/// whatever is left for the spec; after an interruption they have a few seconds.
/// Where the worker is gone, a fresh one runs them.
pub(super) fn tear_down(place: &Place<'_>, mut session: Session<'_>) -> io::Result<TornDown> {
    let is_over = session.over().is_some() || session.interrupt.is_set();
    let scripts = &place.spec.teardown;
    let mut fault = None;
    if !is_over {
        let limit = time_for(scripts, session.calls.limits.example);
        session.deadline = Deadline::after(limit, Level::Spec);
        fault = run(&mut session, scripts)?;
    }
    session.finish()?;
    let notes = session.calls.services.ended()?;
    session.calls.services.stop_all();
    let log = log_tail(&mut session)?;
    if place.setting.keep {
        session.hide_in_log()?;
        session.calls.services.hide_in_logs()?;
    }
    if is_over && !scripts.is_empty() {
        fault = run_afresh(place, session)?;
    }
    forget_shell(place)?;
    Ok(TornDown { fault, notes, log })
}

/// Removes what the shell wrote down, which is nobody's concern and may hold
/// secrets.
fn forget_shell(place: &Place<'_>) -> io::Result<()> {
    match fs::remove_dir_all(place.sandbox.path("shell")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The end of the log. It is cut after secrets are hidden, since a cut may go
/// through one.
fn log_tail(session: &mut Session<'_>) -> io::Result<String> {
    let secrets = session.calls.secrets;
    let bytes = session.log_tail(LOG_TAIL + secrets.longest())?;
    let mut log = text(&bytes);
    secrets.hide(&mut log);
    let start = log.len().saturating_sub(LOG_TAIL);
    let start = (start..log.len()).find(|at| log.is_char_boundary(*at));
    Ok(log.split_off(start.unwrap_or(0)))
}

fn time_for(scripts: &[Script], each: Duration) -> Duration {
    let count = u32::try_from(scripts.len()).unwrap_or(u32::MAX);
    each.saturating_mul(count)
}

/// Every teardown runs, whatever comes of the others.
fn run(session: &mut Session<'_>, scripts: &[Script]) -> io::Result<Option<String>> {
    let mut faults = Vec::new();
    for script in scripts {
        if let Some(shown) = session.script(script)? {
            faults.push(fault(script, &shown));
        }
    }
    Ok((!faults.is_empty()).then(|| faults.join("\n")))
}

/// Runs the teardowns where the session of the examples cannot: in a shell that
/// has their state, or in a Python that has the prelude and the helpers alone.
fn run_afresh(place: &Place<'_>, session: Session<'_>) -> io::Result<Option<String>> {
    let scripts = &place.spec.teardown;
    let is_interrupted = session.interrupt.is_set();
    let engine = match session.into_shell() {
        Some(shell) => Some(Engine::Shell(shell)),
        None => place.engine()?,
    };
    let Some(engine) = engine else {
        return Ok(None);
    };
    // Not that of the run, which is raised.
    let interrupt = Interrupt::new()?;
    let limit = match is_interrupted {
        true => GRACE,
        false => time_for(scripts, place.setting.limits(place.spec).example),
    };
    let least = if is_interrupted { GRACE } else { LEAST_SET_UP };
    let start = Deadline::after(limit.max(least), Level::Spec);
    let mut session = place.session(engine, &interrupt, start);
    let mut fault = set_up_namespace(&mut session, place.setting)?;
    session.deadline = Deadline::after(limit, Level::Spec);
    let helpers = place
        .spec
        .setup
        .iter()
        .filter(|one| one.role == Role::Helper);
    for helper in helpers {
        if fault.is_none() && !session.is_shell() {
            fault = session.script(helper)?;
        }
    }
    if fault.is_none() {
        fault = run(&mut session, scripts)?;
    }
    session.finish()?;
    session.calls.services.stop_all();
    Ok(fault)
}
