//! Where things are and what surrounds the program: guild home, the current
//! directory, the environment, the clock, new ids, this executable.
//!
//! Built once by `cli` and handed down. No module above this one in the layer
//! list reads the environment, the clock or the current directory.

mod config;
mod discovery;

pub use config::{Config, Error as ConfigError};

pub use crate::base::paths::{expand_user, relative_path, tidy};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::base::python_url::UrlParts;
use crate::base::{clock, digest};
use discovery::{find_guild_home, logical_cwd, user_home};

/// Why the surroundings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path given with `-C` or `-H` is no folder.
    #[error("directory '{0}' does not exist")]
    NoDirectory(String),
    /// A path given with `-C` or `-H` is a file.
    #[error("'{0}' is not a directory")]
    NotADirectory(String),
    /// The system does not tell the current directory.
    #[error("cannot tell the current directory: {0}")]
    NoCurrentDirectory(std::io::Error),
}

/// The surroundings of one command.
#[derive(Debug)]
pub struct Home {
    guild_home: PathBuf,
    cwd: PathBuf,
    process_cwd: PathBuf,
    user_home: Option<PathBuf>,
    environment: BTreeMap<OsString, OsString>,
    executable: Option<PathBuf>,
    config: OnceLock<Result<Config, ConfigError>>,
    last_micros: AtomicI64,
    announce: fn(&str),
    announced: AtomicBool,
    remark: Option<fn(&str)>,
}

impl Home {
    /// The surroundings of this process; `cwd` and `guild_home` are what `-C`
    /// and `-H` say.
    ///
    /// # Errors
    /// A given path that is no folder; no current directory.
    pub fn discover(cwd: Option<&str>, guild_home: Option<&str>) -> Result<Self, Error> {
        let mut environment: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        let process_cwd = logical_cwd(&environment)?;
        let user_home = user_home(&environment);
        let existing = |text: &str| {
            let path = process_cwd.join(expand_user(text, user_home.as_deref()));
            match path.metadata() {
                Ok(meta) if meta.is_dir() => Ok(path),
                Ok(_) => Err(Error::NotADirectory(text.to_string())),
                Err(_) => Err(Error::NoDirectory(text.to_string())),
            }
        };
        let cwd = match cwd {
            Some(text) => tidy(&existing(text)?),
            None => process_cwd.clone(),
        };
        let guild_home = match guild_home {
            Some(text) => {
                let path = tidy(&existing(text)?);
                environment.insert("GUILD_HOME".into(), path.clone().into());
                path
            }
            None => find_guild_home(&environment, &cwd, user_home.as_deref()),
        };
        Ok(Self {
            guild_home,
            cwd,
            process_cwd,
            user_home,
            environment,
            executable: std::env::current_exe().ok(),
            config: OnceLock::new(),
            last_micros: AtomicI64::new(0),
            announce: |_| {},
            announced: AtomicBool::new(false),
            remark: None,
        })
    }

    /// The surroundings of a command that this process runs in the folder `cwd`, to
    /// which it moves, with just this environment, as another process might.
    ///
    /// # Errors
    /// The folder is not there any more.
    pub fn moved(
        &self,
        cwd: &Path,
        environment: BTreeMap<OsString, OsString>,
    ) -> Result<Self, Error> {
        let shown = || cwd.display().to_string();
        #[expect(
            clippy::disallowed_methods,
            reason = "what does not go by the paths that are handed down, such as a program \
                      that is started, is to find what it would in a process of its own"
        )]
        let moved = std::env::set_current_dir(cwd);
        moved.map_err(|_| Error::NoDirectory(shown()))?;
        let cwd = logical_cwd(&environment)?;
        Ok(Self {
            guild_home: self.guild_home.clone(),
            cwd: cwd.clone(),
            process_cwd: cwd,
            user_home: user_home(&environment),
            environment,
            executable: self.executable.clone(),
            config: OnceLock::new(),
            last_micros: AtomicI64::new(0),
            announce: self.announce,
            announced: AtomicBool::new(false),
            remark: self.remark,
        })
    }

    /// The same, with `announce` called for what the user should see at once,
    /// such as that something is done that takes a while.
    #[must_use]
    pub fn with_announcements(mut self, announce: fn(&str)) -> Self {
        self.announce = announce;
        self
    }

    /// The same surroundings for work on the side, where nothing may be told.
    #[must_use]
    pub fn quiet(&self) -> Self {
        Self {
            guild_home: self.guild_home.clone(),
            cwd: self.cwd.clone(),
            process_cwd: self.process_cwd.clone(),
            user_home: self.user_home.clone(),
            environment: self.environment.clone(),
            executable: self.executable.clone(),
            config: OnceLock::new(),
            last_micros: AtomicI64::new(self.last_micros.load(Ordering::Relaxed)),
            announce: |_| {},
            announced: AtomicBool::new(false),
            remark: None,
        }
    }

    /// Tells the user something at once, unless that was done before.
    pub fn announce_once(&self, text: &str) {
        if !self.announced.swap(true, Ordering::Relaxed) {
            (self.announce)(text);
        }
    }

    /// The same, with `remark` called for what is only of interest when looking
    /// for a cause; nothing is where nobody looks for one.
    #[must_use]
    pub fn with_remarks(mut self, remark: Option<fn(&str)>) -> Self {
        self.remark = remark;
        self
    }

    /// Tells what is only of interest when looking for a cause.
    pub fn remark(&self, text: impl FnOnce() -> String) {
        if let Some(remark) = self.remark {
            remark(&text());
        }
    }

    /// The folder that holds runs, trash, caches and locks.
    pub fn guild_home(&self) -> &Path {
        &self.guild_home
    }

    /// The folder the command works in: `-C`, else the process's own.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The folder the process was started in, whatever `-C` says.
    pub fn process_cwd(&self) -> &Path {
        &self.process_cwd
    }

    /// The user's home folder.
    pub fn user_home(&self) -> Option<&Path> {
        self.user_home.as_deref()
    }

    /// The folder of live runs.
    pub fn runs_dir(&self) -> PathBuf {
        self.guild_home.join("runs")
    }

    /// The run directory of the pipeline that this process is a step of, if the
    /// step is to see that pipeline's runs only. The runs of steps are beside it.
    pub fn pipeline_dir(&self) -> Option<PathBuf> {
        let id = self.variable("GUILD_RUNS_PARENT")?;
        let id = Path::new(&id).file_name()?;
        let in_home = self.runs_dir().join(id);
        let run_dir = self.variable("RUN_DIR").map(PathBuf::from);
        let beside = run_dir.and_then(|dir| Some(dir.parent()?.join(id)));
        Some(match beside {
            Some(beside) if !in_home.exists() => beside,
            _ => in_home,
        })
    }

    /// The folder of deleted runs.
    pub fn trash_dir(&self) -> PathBuf {
        self.guild_home.join("trash").join("runs")
    }

    /// The lock that is held while a run's status is decided on and changed.
    pub fn status_lock(&self) -> PathBuf {
        self.guild_home.join("locks").join("run-status")
    }

    /// The lock that is held while tags, comments and labels are changed.
    pub fn notes_lock(&self) -> PathBuf {
        self.guild_home.join("locks").join("run-notes")
    }

    /// The user's config file, which need not exist: `GUILD_CONFIG`, else the
    /// first there is of `guild-config.yml` in the current folder, `config.yml`
    /// in guild home and in `~/.guild`.
    pub fn config_file(&self) -> PathBuf {
        if let Some(path) = self.variable("GUILD_CONFIG") {
            return self.cwd.join(path);
        }
        let user = self
            .user_home
            .as_deref()
            .map(|home| home.join(".guild").join("config.yml"));
        let candidates = [
            self.cwd.join("guild-config.yml"),
            self.guild_home.join("config.yml"),
        ];
        let found = candidates.into_iter().find(|path| path.is_file());
        found
            .or(user)
            .unwrap_or_else(|| self.guild_home.join("config.yml"))
    }

    /// The folder that holds what belongs to the user rather than to one guild
    /// home, such as archives: that of the user's config file.
    pub fn config_dir(&self) -> PathBuf {
        let file = self.config_file();
        file.parent().map_or(file.clone(), Path::to_path_buf)
    }

    /// The folder of the user's archives of runs.
    pub fn archives_dir(&self) -> PathBuf {
        self.config_dir().join("archives")
    }

    /// What the user's config file says, read once, when first asked for.
    ///
    /// # Errors
    /// It makes no sense. One that cannot be read is no error: it is empty and
    /// has a warning.
    pub fn config(&self) -> Result<&Config, &ConfigError> {
        let read = || Config::read(&self.config_file());
        self.config.get_or_init(read).as_ref()
    }

    /// The folder for what can be made again: unpacked files, probe answers.
    pub fn cache_dir(&self) -> PathBuf {
        let base = self.variable("XDG_CACHE_HOME").map(PathBuf::from);
        match (base, &self.user_home) {
            (Some(base), _) if base.is_absolute() => base.join("guild"),
            (_, Some(home)) => home.join(".cache").join("guild"),
            (_, None) => self.guild_home.join("cache"),
        }
    }

    /// The folder of what importing scripts told of their flags; it may be
    /// deleted at any time.
    pub fn probe_answers_dir(&self) -> PathBuf {
        self.cache_dir().join("flags")
    }

    /// The folder that remembers which packages interpreters have.
    pub fn packages_dir(&self) -> PathBuf {
        self.cache_dir().join("packages")
    }

    /// The folder of guild home in which resources of several runs are kept.
    pub fn resource_dir(&self) -> PathBuf {
        self.guild_home.join("cache")
    }

    /// The folder of resources that were fetched or unpacked, below
    /// [`Home::resource_dir`].
    pub fn resources_dir(&self) -> PathBuf {
        self.resource_dir().join("resources")
    }

    /// The folder of what is downloaded from the address with the parts `url`.
    pub fn download_dir(&self, url: &UrlParts) -> PathBuf {
        self.resources_dir().join(digest::sha224(&url.lines()))
    }

    /// The folder that the archive at `path` is unpacked in.
    pub fn unpacked_dir(&self, path: &Path) -> PathBuf {
        let name = digest::sha224(&format!("file\n{}", path.display()));
        self.resources_dir().join(name)
    }

    /// The folder of what is known of remotes.
    pub fn remotes_dir(&self) -> PathBuf {
        self.config_dir().join("remotes")
    }

    /// The file that remembers the names of many runs; it may be deleted at any time.
    pub fn run_names_file(&self) -> PathBuf {
        self.guild_home.join("cache").join("runs").join("names")
    }

    /// The folder that remembers what event files of runs told; it may be deleted
    /// at any time.
    pub fn scalar_index_dir(&self) -> PathBuf {
        self.guild_home.join("cache").join("runs").join("scalars")
    }

    /// A folder for files that need not outlive the machine's uptime.
    pub fn temp_dir(&self) -> PathBuf {
        self.variable("TMPDIR").map_or("/tmp".into(), PathBuf::from)
    }

    /// This program's own file, to start it again.
    pub fn executable(&self) -> Option<&Path> {
        self.executable.as_deref()
    }

    /// The whole environment.
    pub fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    /// A variable's text; an empty one counts as not set.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment
            .get(std::ffi::OsStr::new(name))
            .filter(|value| !value.is_empty())
            .map(|value| value.to_string_lossy().into_owned())
    }

    /// Whether a variable that switches something is `1`.
    pub fn is_on(&self, name: &str) -> bool {
        self.variable(name).as_deref() == Some("1")
    }

    /// Microseconds since the epoch, later than any this process got before.
    pub fn now_micros(&self) -> i64 {
        let now = clock::now_micros();
        let bump = |last: i64| Some(now.max(last + 1));
        match self
            .last_micros
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, bump)
        {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }

    /// A new run id: a random UUID's 32 hexadecimal digits.
    pub fn new_run_id(&self) -> String {
        uuid::Uuid::new_v4().simple().to_string()
    }

    /// A random number.
    pub fn random_u32(&self) -> u32 {
        let [a, b, c, d, ..] = *uuid::Uuid::new_v4().as_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// `path` as it is reached from the folder the process was started in.
    pub fn relative(&self, path: &Path) -> PathBuf {
        let relative = relative_path(&self.process_cwd, path);
        match relative.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => relative,
        }
    }

    /// `path` with the user's home written as `~`.
    pub fn display(&self, path: &Path) -> String {
        crate::base::text::abbreviate_home(path, self.user_home())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_only_grow() {
        let home = Home::discover(None, None).unwrap();
        let times: Vec<_> = (0..1000).map(|_| home.now_micros()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
