//! Programs that run beside the examples of a spec, until they are stopped or the
//! spec ends.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};
use regex::bytes::Regex;

use crate::command::wait;
use crate::deadline::Deadline;
use crate::duration::show;
use crate::escape::text;
use crate::interrupt::Interrupt;
use crate::log::Log;
use crate::ownership::{Owner, VARIABLE};
use crate::reaper::{Child, Reaper};
use crate::spawn::{Program, spawn};

/// How long a service may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked at whether a service is ready.
const LOOK: Duration = Duration::from_millis(20);
/// How long a connection to a port of this machine may take.
const CONNECT: Duration = Duration::from_millis(200);
/// How much of the end of a log a message shows, in bytes.
const LOG_TAIL: u64 = 2000;

/// Why a service is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    #[error("`{0}` cannot be the name of a service: letters, digits, `-`, `_` and `.` can")]
    Name(String),
    #[error("service `{0}` runs already")]
    Running(String),
    #[error("there is no service `{0}`")]
    Unknown(String),
    #[error("the pattern of service `{name}`: {source}")]
    Pattern {
        name: String,
        source: Box<regex::Error>,
    },
    #[error("service `{name}` cannot have port {port}: something listens there already")]
    Taken { name: String, port: u16 },
    #[error("service `{name}` {how} before it was ready{log}")]
    Ended {
        name: String,
        how: String,
        log: String,
    },
    #[error("service `{name}` was not ready after {}{log}", show(*limit))]
    Late {
        name: String,
        limit: Duration,
        log: String,
    },
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    System(#[from] io::Error),
}

/// A service to start.
pub(crate) struct Request<'a> {
    pub name: &'a str,
    /// What the shell is given.
    pub line: &'a [u8],
    pub directory: &'a Path,
    pub environment: Vec<(Vec<u8>, Vec<u8>)>,
    pub ready: Ready,
    pub deadline: Deadline,
}

/// When a service is ready; at once if nothing is set.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    /// A pattern found in a line of its output.
    pub pattern: Option<String>,
    /// A file that exists.
    pub file: Option<PathBuf>,
    /// A TCP port of this machine that can be connected to.
    pub port: Option<u16>,
}

/// The services of one spec.
#[derive(Debug)]
pub(crate) struct Services {
    folder: PathBuf,
    keep: u64,
    services: BTreeMap<String, Service>,
}

#[derive(Debug)]
struct Service {
    child: Child,
    part: Owner,
    log: Log,
    /// Whether it has ended, or was ended.
    is_over: bool,
}

impl Services {
    /// No services. Logs go to this folder, which is made when it is needed; `keep`
    /// is how long one may get in bytes.
    pub fn new(folder: PathBuf, keep: u64) -> Self {
        Services {
            folder,
            keep,
            services: BTreeMap::new(),
        }
    }

    /// Starts a service and waits until it is ready. One that does not get ready is
    /// ended.
    pub fn start(
        &mut self,
        request: Request<'_>,
        owner: &Owner,
        reaper: &Reaper,
        interrupt: &Interrupt,
    ) -> Result<(), ServiceError> {
        let name = request.name;
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
            return Err(ServiceError::Name(name.to_owned()));
        }
        if self.services.get_mut(name).is_some_and(|s| !s.ended()) {
            return Err(ServiceError::Running(name.to_owned()));
        }
        let pattern = request.ready.pattern.as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|source| ServiceError::Pattern {
            name: name.to_owned(),
            source: Box::new(source),
        })?;
        if let Some(port) = request.ready.port.filter(|port| listens(*port)) {
            let name = name.to_owned();
            return Err(ServiceError::Taken { name, port });
        }
        let mut service = self.spawn(&request, owner, reaper)?;
        let waited = service.get_ready(&request, pattern.as_ref(), interrupt);
        if waited.is_err() {
            service.stop();
        }
        self.services.insert(name.to_owned(), service);
        waited
    }

    fn spawn(&self, request: &Request<'_>, owner: &Owner, reaper: &Reaper) -> io::Result<Service> {
        fs::create_dir_all(&self.folder)?;
        let file = self.folder.join(request.name);
        if file.exists() {
            fs::remove_file(&file)?;
        }
        let log = Log::create(&file, self.keep)?;
        let part = owner.part();
        let mut environment = request.environment.clone();
        environment.retain(|(name, _)| name != VARIABLE.as_bytes());
        environment.push((VARIABLE.into(), part.value().into()));
        let script = [b"set -eu && ".as_slice(), request.line].concat();
        let child = reaper.spawn(|| {
            spawn(&Program {
                file: Path::new("/bin/sh"),
                arguments: &[b"sh".to_vec(), b"-c".to_vec(), script],
                environment: &environment,
                directory: request.directory,
                stdin: None,
                stdout: log.as_fd(),
                stderr: log.as_fd(),
            })
        })?;
        owner.add_session(child.pid());
        part.add_session(child.pid());
        Ok(Service {
            child,
            part,
            log,
            is_over: false,
        })
    }

    /// What a service has written so far, its end if that is too long.
    pub fn log(&mut self, name: &str) -> Result<String, ServiceError> {
        let keep = self.keep;
        let service = self.get(name)?;
        Ok(text(&service.log.tail(keep)?))
    }

    /// Stops a service, if it has not ended.
    pub fn stop(&mut self, name: &str) -> Result<(), ServiceError> {
        self.get(name)?.stop();
        Ok(())
    }

    fn get(&mut self, name: &str) -> Result<&mut Service, ServiceError> {
        let unknown = || ServiceError::Unknown(name.to_owned());
        self.services.get_mut(name).ok_or_else(unknown)
    }

    /// The services that have ended by themselves since this was asked last, with
    /// the end of their logs. Logs that have grown too long are cut.
    pub fn ended(&mut self) -> io::Result<Vec<String>> {
        let mut told = Vec::new();
        for (name, service) in &mut self.services {
            service.log.limit()?;
            if !service.is_over && service.ended() {
                service.is_over = true;
                let (how, log) = (service.how(), service.log_tail());
                told.push(format!("service `{name}` {how}{log}"));
            }
        }
        Ok(told)
    }

    /// Stops all services.
    pub fn stop_all(&mut self) {
        for service in self.services.values_mut() {
            service.stop();
        }
    }

    /// Takes secrets out of the logs.
    pub fn hide_in_logs(&mut self) -> io::Result<()> {
        for service in self.services.values_mut() {
            service.log.hide(service.part.secrets())?;
        }
        Ok(())
    }
}

impl Service {
    fn get_ready(
        &mut self,
        request: &Request<'_>,
        pattern: Option<&Regex>,
        interrupt: &Interrupt,
    ) -> Result<(), ServiceError> {
        let mut seen = None;
        loop {
            // Asked first: what it wrote before it ended is then in the log.
            let ended = self.ended();
            if self.is_ready(&request.ready, pattern, &mut seen)? && !ended {
                return Ok(());
            }
            let name = request.name.to_owned();
            if ended {
                self.is_over = true;
                let (how, log) = (self.how(), self.log_tail());
                return Err(ServiceError::Ended { name, how, log });
            }
            if interrupt.is_set() {
                return Err(ServiceError::Interrupted);
            }
            if request.deadline.is_over() {
                let (limit, log) = (request.deadline.limit, self.log_tail());
                return Err(ServiceError::Late { name, limit, log });
            }
            let mut watched = [
                PollFd::new(self.child.ended(), PollFlags::POLLIN),
                PollFd::new(interrupt.descriptor(), PollFlags::POLLIN),
            ];
            wait(&mut watched, Some(LOOK.min(request.deadline.left())))?;
        }
    }

    /// Whether all that is asked for is there. `seen` is the size of the log that
    /// was searched last, so that one that does not grow is not searched again.
    fn is_ready(
        &mut self,
        ready: &Ready,
        pattern: Option<&Regex>,
        seen: &mut Option<u64>,
    ) -> io::Result<bool> {
        if ready.file.as_ref().is_some_and(|file| !file.exists()) {
            return Ok(false);
        }
        if let Some(pattern) = pattern {
            let size = self.log.size()?;
            if seen.replace(size) == Some(size) && ready.port.is_none() {
                return Ok(false);
            }
            let log = self.log.tail(u64::MAX)?;
            if !log
                .split(|byte| *byte == b'\n')
                .any(|line| pattern.is_match(line))
            {
                return Ok(false);
            }
        }
        Ok(ready.port.is_none_or(listens))
    }

    fn ended(&self) -> bool {
        let mut watched = [PollFd::new(self.child.ended(), PollFlags::POLLIN)];
        // Not to know is to look again later.
        wait(&mut watched, Some(Duration::ZERO)).is_ok() && watched[0].any().unwrap_or(false)
    }

    fn how(&mut self) -> String {
        match self.child.wait() {
            Ok(code) if code < 0 => format!("was ended by signal {}", -code),
            Ok(code) => format!("ended with exit code {code}"),
            Err(_) => "ended".into(),
        }
    }

    /// The end of the log, for a message.
    fn log_tail(&mut self) -> String {
        let secrets = self.part.secrets();
        // What cannot be read is left out of the message.
        let bytes = self.log.tail(LOG_TAIL + secrets.longest() as u64);
        let mut log = text(&bytes.unwrap_or_default());
        secrets.hide(&mut log);
        let lines: Vec<&str> = log.trim_end().lines().collect();
        let lines = &lines[lines.len().saturating_sub(20)..];
        if lines.is_empty() {
            return "; it wrote nothing".into();
        }
        format!("; it wrote:\n  | {}", lines.join("\n  | "))
    }

    fn stop(&mut self) {
        self.is_over = true;
        self.part.stop(GRACE);
    }
}

/// Whether something listens on a TCP port of this machine.
fn listens(port: u16) -> bool {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    addresses
        .iter()
        .any(|address| TcpStream::connect_timeout(address, CONNECT).is_ok())
}
