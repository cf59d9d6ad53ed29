//! Options of `guild run` that exclude each other or are not available yet.

use std::path::PathBuf;

use super::run_start;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::home::{expand_user, tidy};
use crate::op::RunRequest;

/// Objects to what cannot be done.
///
/// # Errors
/// The first objection, in the contract's order.
pub fn check(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    check_restart(request, context)?;
    check_pairs(request, context)?;
    check_available(request)?;
    request.stop_after.map(run_start::minutes).transpose()?;
    Ok(())
}

fn check_restart(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    if request.restart.is_none() {
        return Ok(());
    }
    let given = [
        ("--help-model", request.help_model),
        ("--help-op", request.help_op),
        ("OPERATION", request.op_spec().is_some()),
        ("--optimize", request.optimize),
        ("--optimizer", request.optimizer.is_some()),
        ("--proto", request.proto.is_some()),
        ("--run-dir", request.run_dir.is_some()),
        (
            "--test-output-scalars",
            request.test_output_scalars.is_some(),
        ),
        ("--test-output-attrs", request.test_output_attrs.is_some()),
        ("--test-sourcecode", request.test_sourcecode),
        ("--test-flags", request.test_flags),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Failure::with_help(
            format!("{name} cannot be used with --restart"),
            &context.path,
        )),
        None => Ok(()),
    }
}

fn check_pairs(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    let r = request;
    let remote = r.remote.is_some();
    let background = r.background;
    let pairs = [
        (
            "--minimize",
            r.minimize.is_some(),
            "--maximize",
            r.maximize.is_some(),
        ),
        ("--no-gpus", r.no_gpus, "--gpus", r.gpus.is_some()),
        (
            "--optimize",
            r.optimize,
            "--optimizer",
            r.optimizer.is_some(),
        ),
        ("--print-cmd", r.print_cmd, "--print-env", r.print_env),
        (
            "--print-trials",
            r.print_trials,
            "--stage-trials",
            r.stage_trials,
        ),
        ("--stage", r.stage, "--background", background),
        ("--stage", r.stage, "--pidfile", r.pidfile.is_some()),
        ("--remote", remote, "--background", background),
        ("--remote", remote, "--pidfile", r.pidfile.is_some()),
        ("--remote", remote, "--edit-flags", r.edit_flags),
        ("--remote", remote, "--edit-comment", r.edit_comment),
        ("--remote", remote, "--break", !r.break_.is_empty()),
        ("--remote", remote, "--break-on-error", r.break_on_error),
    ];
    match pairs.iter().find(|(_, left, _, right)| *left && *right) {
        Some((left, _, right, _)) => Err(Failure::with_help(
            format!("{left} and {right} cannot both be used"),
            &context.path,
        )),
        None => Ok(()),
    }
}

fn check_available(request: &RunRequest) -> Result<(), Failure> {
    match &request.remote {
        Some(_) => Err(Failure::error("--remote is not available yet")),
        None => Ok(()),
    }
}

/// The folders that `--debug-sourcecode` names, none without it.
///
/// # Errors
/// One is not there.
pub fn source_folders(request: &RunRequest, context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let folder = |part: &str| {
        let dir = expand_user(part, context.home.user_home());
        let dir = tidy(&context.home.cwd().join(dir));
        match dir.is_dir() {
            true => Ok(dir),
            false => Err(Failure::error(format!(
                "cannot use source code in '{part}': no such folder\n--debug-sourcecode takes a \
                 folder, or several with ':' between them."
            ))),
        }
    };
    let said = request.debug_sourcecode.iter();
    said.flat_map(|text| text.split(':')).map(folder).collect()
}

/// Objects to a pidfile that cannot be written, before anything is made.
///
/// # Errors
/// It cannot be written.
pub fn check_pidfile(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    let Some(pidfile) = &request.pidfile else {
        return Ok(());
    };
    let path = context.home.process_cwd().join(pidfile);
    match crate::base::files::open_append(&path) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::error(format!(
            "unable to create the pidfile: {error}"
        ))),
    }
}
