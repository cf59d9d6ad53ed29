//! The process of TensorBoard: finding it, starting it, ending it.

use std::io::{BufRead, BufReader};
use std::net::ToSocketAddrs;
use std::path::Path;
use std::process::ChildStdout;

use serde::Deserialize;
use serde_json::json;

use crate::base::companion::Companion;
use crate::base::process;
use crate::home::Home;
use crate::python::{embedded, interpreter};

use super::{Error, Result};

/// What TensorBoard is told to do.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The interface to listen on, by name or number.
    pub host: String,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Seconds between looks at the log directory.
    pub reload_interval: u64,
    /// Whether the page is dark.
    pub dark: bool,
    /// More options of TensorBoard by name, without dashes.
    pub options: Vec<(String, String)>,
}

/// Where the page of TensorBoard is.
#[derive(Debug, Clone)]
pub struct Address {
    /// TensorBoard's version.
    pub version: String,
    /// The page.
    pub url: String,
}

/// A Python with TensorBoard, or about to say that there is none. It ends when
/// this is dropped, and when this process ends in whatever way.
#[derive(Debug)]
pub struct Server {
    process: Companion,
    answers: Option<Answers>,
}

impl Server {
    /// Starts the user's Python, which begins to import TensorBoard.
    ///
    /// # Errors
    /// There is none, or it cannot be started.
    pub fn start(home: &Home) -> Result<Self> {
        let python = interpreter::find(home)?;
        let package = embedded::unpack(&home.cache_dir())?;
        let script = package.join("guild").join("tensorboard_server.py");
        let words = [python.as_os_str(), script.as_os_str()];
        let started = Companion::start(&words, home.cwd(), home.environment());
        let (process, output) = started.map_err(|source| Error::NotStarted {
            python: python.clone(),
            source,
        })?;
        Ok(Self {
            process,
            answers: Some(Answers {
                python: python.display().to_string(),
                lines: BufReader::new(output),
            }),
        })
    }

    /// The names of the plugins that TensorBoard has.
    ///
    /// # Errors
    /// The Python has no TensorBoard that works.
    pub fn plugins(mut self) -> Result<Vec<String>> {
        let mut answers = self.ask(&json!({"plugins": true}))?;
        // The version.
        answers.next()?;
        Ok(answers.next()?.plugins)
    }

    /// Serves the log directory at `log_dir`. On a thread of its own `tell` is
    /// handed the address when it can be asked, and an error when TensorBoard
    /// does not start or ends by itself.
    ///
    /// # Errors
    /// It was asked before.
    pub fn serve(
        &mut self,
        log_dir: &Path,
        listen: &Listen,
        tell: impl Fn(Result<Address>) + Send + 'static,
    ) -> Result<()> {
        let arguments = listen.arguments(log_dir);
        let mut answers = self.ask(&json!({"arguments": arguments, "dark": listen.dark}))?;
        let host = listen.host.clone();
        std::thread::spawn(move || {
            let address = answers.address(&host);
            let is_there = address.is_ok();
            tell(address);
            if is_there {
                // Nothing comes before the end.
                let _ = answers.next();
                tell(Err(Error::Gone));
            }
        });
        Ok(())
    }

    /// Writes a request; returns where it is answered.
    fn ask(&mut self, request: &serde_json::Value) -> Result<Answers> {
        // A process that does not read it has said why.
        let _ = self.process.send(&request.to_string());
        self.answers.take().ok_or(Error::Gone)
    }
}

impl Listen {
    /// The words that TensorBoard understands.
    fn arguments(&self, log_dir: &Path) -> Vec<String> {
        let own = [
            ("logdir", log_dir.display().to_string()),
            ("host", self.host.clone()),
            ("port", self.port.to_string()),
            ("reload_interval", self.reload_interval.to_string()),
        ];
        let own = own.map(|(name, value)| (name.to_string(), value));
        let all = own.into_iter().chain(self.options.iter().cloned());
        all.flat_map(|(name, value)| [format!("--{name}"), value])
            .collect()
    }
}

/// What the process says, line by line.
#[derive(Debug)]
struct Answers {
    /// The interpreter.
    python: String,
    lines: BufReader<ChildStdout>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    version: String,
    /// The version, where it does not work.
    too_old: Option<String>,
    plugins: Vec<String>,
    port: Option<u16>,
    path_prefix: String,
    error: Option<String>,
    /// The module that cannot be imported.
    missing: Option<String>,
}

impl Answers {
    fn next(&mut self) -> Result<Answer> {
        let mut line = String::new();
        // A process that is gone has no more to say.
        let length = self.lines.read_line(&mut line).unwrap_or(0);
        let answer: Answer = serde_json::from_str(&line).map_err(|_| match length {
            0 => Error::Gone,
            _ => Error::Refused(line.trim().to_string()),
        })?;
        let python = self.python.clone();
        if let Some(version) = answer.too_old {
            return Err(Error::TooOld { python, version });
        }
        if let Some(error) = answer.error {
            return Err(fault(python, error, answer.missing.as_deref()));
        }
        Ok(answer)
    }

    /// Where TensorBoard's page is, which listens at `host`.
    fn address(&mut self, host: &str) -> Result<Address> {
        let version = self.next()?.version;
        let answer = self.next()?;
        let port = answer.port.ok_or(Error::Gone)?;
        let host = shown_host(host);
        let prefix = answer.path_prefix.trim_end_matches('/').to_string();
        Ok(Address {
            version,
            url: format!("http://{host}:{port}{prefix}"),
        })
    }
}

/// Why `python` does not start TensorBoard, in its words; it cannot import the
/// module `missing` if that is why.
fn fault(python: String, error: String, missing: Option<&str>) -> Error {
    let package = match missing {
        Some("tensorboard") => return Error::NotInstalled(python),
        // The last versions of setuptools do not have it any more.
        Some("pkg_resources") => "'setuptools<81'",
        Some(module) => module.split('.').next().unwrap_or(module),
        None => return Error::Refused(error),
    };
    Error::Incomplete {
        package: package.to_string(),
        python,
        error,
    }
}

/// How users reach what listens at `host`: where that is all interfaces, the name
/// of this host if it leads anywhere.
fn shown_host(host: &str) -> String {
    match host {
        "" | "0.0.0.0" | "::" => {
            let name = process::host_name();
            let leads_somewhere = (name.as_str(), 0).to_socket_addrs().is_ok();
            if leads_somewhere {
                name
            } else {
                "localhost".to_string()
            }
        }
        host if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        host => host.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_after_what_guild_says_itself() {
        let listen = Listen {
            host: "localhost".to_string(),
            port: 0,
            reload_interval: 5,
            dark: false,
            options: vec![("samples_per_plugin".to_string(), "images=5".to_string())],
        };
        assert_eq!(
            listen.arguments(Path::new("/tmp/x")).join(" "),
            "--logdir /tmp/x --host localhost --port 0 --reload_interval 5 --samples_per_plugin \
             images=5"
        );
    }

    #[test]
    fn an_address_is_one_that_can_be_opened() {
        assert_eq!(shown_host("example.org"), "example.org");
        assert_eq!(shown_host("::1"), "[::1]");
        assert_ne!(shown_host("0.0.0.0"), "0.0.0.0");
    }
}
