//! What the examples of a spec have the harness do: run commands, wait, end
//! processes, ask about them, copy folders, read YAML.

use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::command::{self, Command};
use crate::copy::copy_tree;
use crate::deadline::{Deadline, Level};
use crate::duration::show;
use crate::escape::{bytes, text};
use crate::interrupt::Interrupt;
use crate::ownership::Owner;
use crate::protocol::Reply;
use crate::psutil;
use crate::reaper::Reaper;
use crate::secrets::Secrets;
use crate::services::{self, Ready, Services};
use crate::suite::Limits;
use crate::yaml;

/// Answers the calls of one spec.
pub(crate) struct Calls<'a> {
    pub owner: &'a Owner,
    pub reaper: &'a Reaper,
    pub interrupt: &'a Interrupt,
    pub limits: Limits,
    /// What runs beside the examples.
    pub services: Services,
    /// What no report may show.
    pub secrets: &'a Secrets,
    /// When the calls of the current example have to be done.
    pub deadline: Deadline,
    /// Whether that is the example's own limit, which then holds for its commands
    /// too.
    pub has_own_limit: bool,
    /// What happened during the current example that its report should tell.
    pub notes: Vec<String>,
    /// The limit that a command of the current example ran into.
    pub timeout: Option<Duration>,
    /// Whether that was not a limit that the example itself gave the command.
    pub is_late: bool,
    /// How long the calls of the current example took.
    pub command_time: Duration,
}

#[derive(Deserialize)]
struct RunArguments {
    command: String,
    directory: String,
    /// `NAME=value`, with a null byte between any two.
    environment: String,
    timeout: Option<f64>,
}

#[derive(Deserialize)]
struct ServiceArguments {
    service: String,
    command: String,
    directory: String,
    environment: String,
    pattern: Option<String>,
    file: Option<String>,
    port: Option<u16>,
    timeout: f64,
}

#[derive(Deserialize)]
struct ServiceName {
    service: String,
}

#[derive(Deserialize)]
struct SleepArguments {
    seconds: f64,
}

#[derive(Deserialize)]
struct KillArguments {
    pid: i64,
    signal: i32,
}

#[derive(Deserialize)]
struct CopyArguments {
    source: String,
    target: String,
}

#[derive(Deserialize)]
struct PidArguments {
    pid: i64,
}

#[derive(Deserialize)]
struct ProcessArguments {
    pid: i64,
    method: String,
    started: Option<u64>,
}

#[derive(Deserialize)]
struct YamlText {
    text: String,
}

impl Calls<'_> {
    /// Does what is asked.
    pub fn answer(&mut self, call: &str, arguments: Value) -> Reply {
        let answer = match call {
            "run" => read(arguments).and_then(|arguments| self.run(arguments)),
            "service_start" => read(arguments).and_then(|arguments| self.start(arguments)),
            "service_log" => read(arguments).and_then(|ServiceName { service }| {
                let log = self.services.log(&service).map_err(io::Error::other)?;
                Ok(json!(log))
            }),
            "service_stop" => read(arguments).and_then(|ServiceName { service }| {
                self.services.stop(&service).map_err(io::Error::other)?;
                Ok(Value::Null)
            }),
            "sleep" => read(arguments).and_then(|arguments| self.sleep(&arguments)),
            "kill" => read(arguments).and_then(|arguments| send_signal(&arguments)),
            "copy_tree" => read(arguments).and_then(copy),
            "pids" => Ok(json!(psutil::pids())),
            "pid_exists" => read(arguments).map(|PidArguments { pid }| json!(psutil::exists(pid))),
            "yaml_parse" => read(arguments).map(parse_yaml),
            "process" => read(arguments).map(|arguments| ask(&arguments)),
            other => Err(io::Error::other(format!("unknown call {other}"))),
        };
        answer.map_or_else(Reply::from, Reply::Value)
    }

    fn run(&mut self, arguments: RunArguments) -> io::Result<Value> {
        let line = bytes(&arguments.command);
        let directory = path(&arguments.directory);
        let mut command = Command::of_line(&line, &directory);
        command.environment = variables(&bytes(&arguments.environment));
        let limit = arguments.timeout.map(seconds).transpose()?;
        let (code, output) = self.execute(command, limit, &text(&line))?;
        Ok(json!({ "code": code, "output": output }))
    }

    /// Runs the shell of an example, which is one command. Returns its exit code and
    /// its output.
    pub fn shell_command(
        &mut self,
        command: Command<'_>,
        shown: &str,
    ) -> io::Result<(i32, String)> {
        self.execute(command, None, shown)
    }

    /// Runs a command for at most its own limit, or what is left for the example.
    fn execute(
        &mut self,
        mut command: Command<'_>,
        own_limit: Option<Duration>,
        shown: &str,
    ) -> io::Result<(i32, String)> {
        if self.deadline.is_over() {
            return Err(io::Error::other(self.deadline.told()));
        }
        let usual = Some(self.limits.command).filter(|_| !self.has_own_limit);
        let deadline = own_limit.or(usual).map_or(self.deadline, |limit| {
            Deadline::after(limit, Level::Command).or(self.deadline)
        });
        command.timeout = deadline.left();
        command.keep = self.limits.output;
        let outcome = command::run(command, self.owner, self.reaper, self.interrupt)?;
        if let Some(killed) = outcome.killed {
            let killed = if killed.is_empty() {
                "nothing".into()
            } else {
                killed.join(", ")
            };
            let mut shown = shown.to_owned();
            self.secrets.hide(&mut shown);
            self.notes.push(if deadline.level == Level::Command {
                let limit = show(deadline.limit);
                format!("`{shown}` had not ended after {limit}; killed: {killed}")
            } else {
                format!("{}; killed: {killed}", deadline.told())
            });
            self.timeout = Some(deadline.limit);
            self.is_late |= deadline.level != Level::Command || own_limit.is_none();
        }
        if outcome.interrupted {
            self.notes.push("interrupted".into());
        }
        let mut output = text(&outcome.output);
        if outcome.dropped > 0 {
            output.push_str(&format!("\n[output cut: {} bytes more]", outcome.dropped));
        }
        Ok((outcome.code, output))
    }

    fn start(&mut self, arguments: ServiceArguments) -> io::Result<Value> {
        let limit = Deadline::after(seconds(arguments.timeout)?, Level::Command);
        let request = services::Request {
            name: &arguments.service,
            line: &bytes(&arguments.command),
            directory: &path(&arguments.directory),
            environment: variables(&bytes(&arguments.environment)),
            ready: Ready {
                pattern: arguments.pattern,
                file: arguments.file.as_deref().map(path),
                port: arguments.port,
            },
            deadline: limit.or(self.deadline),
        };
        self.services
            .start(request, self.owner, self.reaper, self.interrupt)
            .map_err(io::Error::other)?;
        Ok(Value::Null)
    }

    fn sleep(&mut self, arguments: &SleepArguments) -> io::Result<Value> {
        let end = Deadline::after(seconds(arguments.seconds)?, Level::Command);
        let end = end.or(self.deadline);
        loop {
            let left = end.left();
            if left.is_zero() && end.level != Level::Command {
                self.notes.push(end.told());
                self.timeout = Some(end.limit);
                self.is_late = true;
            }
            if left.is_zero() || self.interrupt.is_set() {
                return Ok(Value::Null);
            }
            let mut watched = [PollFd::new(self.interrupt.descriptor(), PollFlags::POLLIN)];
            command::wait(&mut watched, Some(left))?;
        }
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> io::Result<T> {
    serde_json::from_value(arguments)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

fn seconds(number: f64) -> io::Result<Duration> {
    Duration::try_from_secs_f64(number)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// The variables of an environment in one piece. One without `=` is none.
fn variables(entries: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let variable = |entry: &[u8]| {
        let end = entry.iter().position(|byte| *byte == b'=')?;
        Some((entry[..end].to_vec(), entry[end + 1..].to_vec()))
    };
    entries
        .split(|byte| *byte == 0)
        .filter_map(variable)
        .collect()
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(bytes(text)))
}

fn send_signal(arguments: &KillArguments) -> io::Result<Value> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    // Zero and below name groups, and everything: the harness's own too.
    let pid = i32::try_from(arguments.pid)
        .ok()
        .filter(|pid| *pid > 0)
        .ok_or_else(|| invalid(format!("not the id of a process: {}", arguments.pid)))?;
    let signal = match arguments.signal {
        0 => None,
        number => Some(
            Signal::try_from(number).map_err(|_| invalid(format!("no such signal: {number}")))?,
        ),
    };
    kill(Pid::from_raw(pid), signal)?;
    Ok(Value::Null)
}

fn copy(arguments: CopyArguments) -> io::Result<Value> {
    copy_tree(&path(&arguments.source), &path(&arguments.target)).map_err(io::Error::other)?;
    Ok(Value::Null)
}

fn parse_yaml(arguments: YamlText) -> Value {
    match yaml::parse(&arguments.text) {
        Ok(events) => json!({ "events": events }),
        Err(error) => json!({ "error": error }),
    }
}

fn ask(arguments: &ProcessArguments) -> Value {
    match psutil::ask(arguments.pid, &arguments.method, arguments.started) {
        Ok(value) => json!({ "value": value, "failure": null }),
        Err(error) => json!({ "failure": [error.name(), error.to_string()] }),
    }
}
