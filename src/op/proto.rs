//! New runs that are made like an earlier one: with its command, its source code
//! and its flag values unless others are given.

use std::path::{Path, PathBuf};

use super::make::{self, Error};
use super::making::Making;
use super::plan::Plan;
use super::request::RunRequest;
use super::{launch, source};
use crate::base::yaml::Value;
use crate::home::Home;
use crate::project::Operation;
use crate::runs::{self, EntryKind, Run};
use crate::sourcecode;

/// What a new run takes over as it is.
const COPIED_ATTRS: [&str; 5] = ["host", "user", "platform", "plugins", "pip_freeze"];

/// Makes a new pending run in `dir` by `plan`, which is that of `proto`. Its
/// source code is that of `proto`, or the project's own if `request` asks for it
/// and `operation` is there.
///
/// # Errors
/// Something of `proto` cannot be read, or of the run cannot be written.
pub fn create(
    dir: &Path,
    proto: &Run,
    operation: Option<&Operation>,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<Making, Error> {
    launch::command_line(&plan.config, &plan.values.all, home)?;
    launch::operation_env(&plan.config, &plan.values.all, home)?;
    let opref = match operation {
        Some(operation) => operation.opref.clone(),
        None => proto.opref()?,
    };
    let run = make::claim_new(dir, &opref, home)?;
    fill(&run, proto, operation, plan, request, home, warn)?;
    Ok(run)
}

fn fill(
    run: &Run,
    proto: &Run,
    operation: Option<&Operation>,
    plan: &mut Plan,
    request: &RunRequest,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    run.append_manifest(&[])?;
    if !request.tags.is_empty() {
        let tags = request.tags.iter().cloned().map(Value::from);
        run.write_attr("tags", &Value::List(tags.collect()))?;
    }
    if let Some(comment) = &request.comment {
        make::add_comment(run, comment, home)?;
    }
    // Before what the request has to say of it.
    if let Some(seed) = proto.attr("random_seed")? {
        run.write_attr("random_seed", &seed)?;
    }
    make::write_attrs(run, plan, request, home, warn)?;
    for name in COPIED_ATTRS {
        copy_attr(name, proto, run)?;
    }
    match operation.filter(|_| request.force_sourcecode) {
        Some(operation) => source::copy(run, operation, plan, home, warn)?,
        None => copy_source(run, proto, home, warn)?,
    }
    make::write_params(run, request)
}

fn copy_attr(name: &str, proto: &Run, run: &Run) -> runs::Result<()> {
    match proto.attr(name)? {
        Some(value) => run.write_attr(name, &value),
        None => Ok(()),
    }
}

/// Copies the source code of `proto`, to the same places.
fn copy_source(
    run: &Run,
    proto: &Run,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> runs::Result<()> {
    if source::is_wanted(home) {
        let manifest = proto.manifest()?;
        let sources = manifest
            .iter()
            .filter(|entry| entry.kind == EntryKind::SourceCode);
        let paths: Vec<PathBuf> = sources.map(|entry| PathBuf::from(&entry.path)).collect();
        let snapshot = sourcecode::copy(run, proto.dir(), ".", &paths)?;
        source::warn_of_snapshot(&snapshot, proto.dir(), home, warn);
    }
    copy_attr("vcs_commit", proto, run)?;
    // Set in any case: without one the run looks as if it were copied by half.
    let digest = proto.attr("sourcecode_digest")?;
    run.write_attr("sourcecode_digest", &digest.unwrap_or(Value::Null))
}
