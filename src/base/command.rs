//! Starting programs.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where a process's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To pipes that the caller reads.
    Captured,
    /// All to one pipe that the caller reads as standard output.
    Merged,
    /// To where this process's goes.
    Inherited,
}

/// Starts `args` in `dir` with just the environment `env`; standard input is
/// inherited.
///
/// # Errors
/// The program cannot be started.
pub fn start<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
    output: Output,
) -> io::Result<Child> {
    let mut command = command(args, dir, env)?;
    match output {
        Output::Captured => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
        Output::Inherited => command.stdout(Stdio::inherit()).stderr(Stdio::inherit()),
        Output::Merged => {
            let (reader, writer) = io::pipe()?;
            command.stdout(writer.try_clone()?).stderr(writer);
            let mut child = command.spawn()?;
            // The process alone writes from here on.
            drop(command);
            child.stdout = Some(OwnedFd::from(reader).into());
            return Ok(child);
        }
    };
    command.spawn()
}

/// Starts `args` as [`start`] does, with its output where this process's goes;
/// its standard input is a pipe that the caller holds.
///
/// # Errors
/// The program cannot be started.
pub fn start_reader<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
) -> io::Result<Child> {
    command(args, dir, env)?.stdin(Stdio::piped()).spawn()
}

/// Starts `args` as [`start_reader`] does, with `file` as its standard input.
///
/// # Errors
/// The program cannot be started.
pub fn start_on<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
    file: File,
) -> io::Result<Child> {
    command(args, dir, env)?.stdin(file).spawn()
}

/// Makes this process `args` in `dir`, with just the environment `env`: the
/// terminal, its signals and the exit status are that program's from then on.
/// Returns only if it cannot be started.
pub fn replace<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
) -> io::Error {
    use std::os::unix::process::CommandExt;
    match command(args, dir, env) {
        Ok(mut command) => command.exec(),
        Err(error) => error,
    }
}

fn command<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
) -> io::Result<Command> {
    let (program, rest) = args
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let mut command = Command::new(program);
    command.args(rest).current_dir(dir).env_clear().envs(env);
    Ok(command)
}

/// Starts `program` with nothing on its standard output and error, and without
/// the variable `without`; its standard input is a pipe that the caller holds.
///
/// # Errors
/// The program cannot be started.
pub fn start_helper<S: AsRef<OsStr>>(
    program: &Path,
    args: &[S],
    without: &str,
) -> io::Result<Child> {
    Command::new(program)
        .args(args)
        .env_remove(without)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Starts `program` in the background of `dir`. Its standard input is a pipe that
/// the caller holds; its output goes nowhere.
///
/// # Errors
/// The program cannot be started.
pub fn start_background<S: AsRef<OsStr>>(
    program: &Path,
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
) -> io::Result<Child> {
    Command::new(program)
        .args(args)
        .current_dir(dir)
        .env_clear()
        .envs(env)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
