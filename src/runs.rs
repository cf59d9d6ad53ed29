//! Runs on disk: one run (attributes, status, manifest, life cycle) and the
//! folder of all runs. The run directory is the database; its format is shared
//! with Guild AI 0.9 in both directions.
//!
//! Paths inside a run directory are joined here and nowhere else.

mod archive;
mod dependency;
mod follow;
mod lifecycle;
mod lock;
mod manifest;
mod names;
mod notes;
mod output;
mod output_lines;
mod reader;
mod status;
mod step_links;
mod store;
pub mod transfer;
mod trials;

pub use archive::{Archive, Archives};
pub use dependency::Placing;
pub use follow::Followed;
pub use lifecycle::{Creation, Ended};
pub use manifest::{Entry, EntryKind, Manifest};
pub use notes::{Comment, NotesLock};
pub use output::OutputWriter;
pub use output_lines::{LinePiece, LineRecord, OutputLines};
pub use reader::{MEMORY_DIRS, Memory, Recalled, RunReader, Seen};
pub use status::Status;
pub use step_links::StepLink;
pub use store::Store;
pub use trials::TrialSource;

use std::path::{Path, PathBuf};

use crate::base::files;
use crate::base::yaml::{self, Value};
use crate::home;
use crate::opref::{self, OpRef};

/// Why something of a run cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A file of the run holds something else than its format says.
    #[error("cannot read {}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Attributes that guild files may not set, since runs have them anyway.
pub const RESERVED_ATTRS: [&str; 24] = [
    "cmd",
    "deps",
    "env",
    "exit_status",
    "flags",
    "host",
    "id",
    "initialized",
    "label",
    "op",
    "opdef_attrs",
    "pip_freeze",
    "platform",
    "plugins",
    "r_packages_loaded",
    "r_sys_info",
    "random_seed",
    "run_params",
    "sourcecode_digest",
    "started",
    "stopped",
    "user",
    "user_flags",
    "vcs_commit",
];

/// Result of reading or writing a run.
pub type Result<T> = std::result::Result<T, Error>;

/// A run, by its directory. Attributes are read when asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    id: String,
    dir: PathBuf,
    /// Where it is said to be, if it is only read in `dir`.
    shown: Option<String>,
}

impl Run {
    /// The run in `dir`, whose last part is its id. Nothing is read.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        let id = dir
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            id,
            dir,
            shown: None,
        }
    }

    /// The same run, said to be at `place`: one in a zip file is not in the
    /// folder that it is read from, and one in a folder is named as the user did.
    pub fn shown_as(mut self, place: String) -> Self {
        self.shown = Some(place);
        self
    }

    /// The run directory, or the place that it is said to be at.
    pub fn shown_dir(&self) -> String {
        match &self.shown {
            Some(place) => place.clone(),
            None => self.dir.display().to_string(),
        }
    }

    /// The run that `path` is the job file of, which a run that was started on
    /// another machine's behalf has while it runs; none where it is no such file.
    pub fn of_job_file(path: &Path) -> Option<Self> {
        let guild_dir = path.parent()?;
        let is_job_file = path.ends_with(".guild/JOB");
        let run = Self::at(guild_dir.parent()?);
        (is_job_file && run.exists()).then_some(run)
    }

    /// The run's id: the name of its directory.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first eight characters of the id.
    pub fn short_id(&self) -> &str {
        match self.id.char_indices().nth(8) {
            Some((end, _)) => &self.id[..end],
            None => &self.id,
        }
    }

    /// The run directory, which is the working directory of its process.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether the directory is one of a run: it has an `opref`, whatever is in it.
    pub fn exists(&self) -> bool {
        self.guild_path("opref").exists()
    }

    fn guild_path(&self, name: &str) -> PathBuf {
        let mut path = self.dir.join(".guild");
        path.push(name);
        path
    }

    /// The folder in which shows what happens to the run next: the one that holds its
    /// state, or as long as there is none, the run directory.
    pub fn nearest_folder(&self) -> PathBuf {
        let state = self.dir.join(".guild");
        if state.is_dir() {
            state
        } else {
            self.dir.clone()
        }
    }

    /// The folder of the packages that came along with a run from another machine, if
    /// any did.
    pub fn job_packages(&self) -> Option<PathBuf> {
        Some(self.guild_path("job-packages")).filter(|dir| dir.is_dir())
    }

    /// The folder with a file for each attribute.
    pub fn attrs_dir(&self) -> PathBuf {
        self.guild_path("attrs")
    }

    /// The file with the attribute `name`.
    pub fn attr_path(&self, name: &str) -> PathBuf {
        let mut path = self.attrs_dir();
        path.push(name);
        path
    }

    /// The file with the captured output of the run's process.
    pub fn output_path(&self) -> PathBuf {
        self.guild_path("output")
    }

    /// The file with the time and the stream of each line of output.
    pub fn output_index_path(&self) -> PathBuf {
        self.guild_path("output.index")
    }

    /// Where the run has its source code.
    pub fn source_dir(&self) -> PathBuf {
        let dest = self.source_setting("dest").unwrap_or_default();
        home::tidy(&self.dir.join(dest))
    }

    /// Where its source code came from, relative to its project, if that is not
    /// the project's own folder.
    pub fn source_root(&self) -> Option<PathBuf> {
        let root = self.source_setting("root").filter(|root| !root.is_empty());
        root.map(PathBuf::from)
    }

    /// What the definition of its operation said of source code.
    fn source_setting(&self, name: &str) -> Option<String> {
        let op = self.attr("op").ok()??;
        let setting = op.as_map()?.get("sourcecode")?.as_map()?.get(name)?;
        setting.as_str().map(str::to_string)
    }

    /// The file in which a Python process of the run tells its version and where
    /// it imports from.
    pub fn interpreter_file(&self) -> PathBuf {
        self.guild_path("interpreter")
    }

    /// The folder that event files of output scalars go to.
    pub fn events_dir(&self) -> PathBuf {
        self.dir.join(".guild")
    }

    /// The operation the run was made from.
    ///
    /// # Errors
    /// The file is missing, cannot be read, or is no operation reference.
    pub fn opref(&self) -> Result<OpRef> {
        let path = self.guild_path("opref");
        let bytes = files::read(&path)?;
        OpRef::parse(&String::from_utf8_lossy(&bytes))
            .map_err(|opref::Error(_)| damaged(path, "not an operation reference"))
    }

    /// Replaces the operation reference.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_opref(&self, opref: &OpRef) -> Result<()> {
        let path = self.guild_path("opref");
        Ok(files::write_atomic(&path, opref.to_string().as_bytes())?)
    }

    /// The attribute `name`; none where it is not set or null.
    ///
    /// # Errors
    /// The file cannot be read or holds no YAML.
    pub fn attr(&self, name: &str) -> Result<Option<Value>> {
        let path = self.attr_path(name);
        let Some(bytes) = files::read_if_exists(&path)? else {
            return Ok(None);
        };
        match yaml::load_bytes(&bytes) {
            Ok(Value::Null) => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(damaged(path, &error.to_string())),
        }
    }

    /// The attribute `name` if it is text.
    ///
    /// # Errors
    /// As [`Run::attr`].
    pub fn text_attr(&self, name: &str) -> Result<Option<String>> {
        Ok(self.attr(name)?.map(|value| match value {
            Value::Str(text) => text,
            // A label such as `5` written by hand loads as a number.
            other => yaml::dump_flow(&other),
        }))
    }

    /// The attribute `name` if it is a whole number.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else than a whole number.
    pub fn integer_attr(&self, name: &str) -> Result<Option<i64>> {
        let path = self.attr_path(name);
        let Some(bytes) = files::read_if_exists(&path)? else {
            return Ok(None);
        };
        // Listings read thousands of these; plain digits need no YAML.
        if let Some(number) = plain_integer(&bytes) {
            return Ok(Some(number));
        }
        match yaml::load_bytes(&bytes) {
            Ok(Value::Int(number)) => Ok(Some(number)),
            Ok(Value::Null) => Ok(None),
            Ok(Value::BigInt(_)) => Err(damaged(path, "the number is too large")),
            Ok(other) => Err(damaged(
                path,
                &format!("expected a whole number, found {}", other.type_name()),
            )),
            Err(error) => Err(damaged(path, &error.to_string())),
        }
    }

    /// The attribute `name` if it is a list; its items as text.
    ///
    /// # Errors
    /// As [`Run::attr`].
    pub fn list_attr(&self, name: &str) -> Result<Vec<String>> {
        let Some(value) = self.attr(name)? else {
            return Ok(Vec::new());
        };
        let items = value.as_list().unwrap_or_default();
        Ok(items
            .iter()
            .map(|item| match item {
                Value::Str(text) => text.clone(),
                other => yaml::dump_flow(other),
            })
            .collect())
    }

    /// The names of all attributes, in order.
    ///
    /// # Errors
    /// The folder of attributes cannot be listed.
    pub fn attr_names(&self) -> Result<Vec<String>> {
        let entries = files::list_dir(&self.guild_path("attrs"))?;
        Ok(entries
            .iter()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .collect())
    }

    /// Sets the attribute `name`.
    ///
    /// # Errors
    /// The file cannot be written; it then holds what it held.
    pub fn write_attr(&self, name: &str, value: &Value) -> Result<()> {
        let text = yaml::dump_file(value);
        // Guild AI takes every file in the folder of attributes for one, so
        // nothing else may ever be left there.
        let dir = self.dir.join(".guild");
        let path = self.attr_path(name);
        let write = || files::write_atomic_by_way_of(&dir, &path, text.as_bytes());
        match write() {
            // A run may have lost its folder of attributes, but not itself.
            Err(error) if error.is_not_found() && self.exists() => {
                files::create_dir_all(&self.guild_path("attrs"))?;
                Ok(write()?)
            }
            other => Ok(other?),
        }
    }

    /// Unsets the attribute `name`.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn delete_attr(&self, name: &str) -> Result<()> {
        Ok(files::remove_if_exists(&self.attr_path(name))?)
    }

    /// When the run was started, else initialized, in microseconds since the
    /// epoch; the key that listings sort by. Unreadable times count as unset.
    pub fn timestamp(&self) -> Option<i64> {
        let read = |name| self.integer_attr(name).ok().flatten();
        read("started").or_else(|| read("initialized"))
    }

    /// Whether the run is marked; not where that cannot be read.
    pub fn is_marked(&self) -> bool {
        matches!(self.attr("marked"), Ok(Some(value)) if value.is_truthy())
    }

    /// Whether it runs others: a batch has a proto run inside it.
    pub fn is_batch(&self) -> bool {
        self.guild_path("proto").exists()
    }

    /// The run inside a batch that its trials are copies of.
    pub fn proto(&self) -> Option<Run> {
        let mut proto = Run::at(self.guild_path("proto"));
        proto.shown = self
            .shown
            .as_ref()
            .map(|place| format!("{place}/.guild/proto"));
        proto.exists().then_some(proto)
    }
}

fn damaged(path: PathBuf, reason: &str) -> Error {
    Error::Damaged {
        path,
        reason: reason.to_string(),
    }
}

fn plain_integer(bytes: &[u8]) -> Option<i64> {
    let digits = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    // A leading zero makes it octal in YAML 1.1.
    let plain = matches!(digits, [b'0'] | [b'-', b'1'..=b'9', ..] | [b'1'..=b'9', ..]);
    if !plain {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (tempfile::TempDir, Run) {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("0123456789abcdef0123456789abcdef"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        (dir, run)
    }

    #[test]
    fn a_short_id_has_eight_characters() {
        let (_dir, run) = run();
        assert_eq!(run.short_id(), "01234567");
        assert_eq!(Run::at("/x/ab").short_id(), "ab");
    }

    #[test]
    fn attributes_read_as_they_were_written() {
        let (_dir, run) = run();
        run.write_attr("label", &Value::from("x=1")).unwrap();
        run.write_attr("exit_status", &Value::Int(-15)).unwrap();
        assert_eq!(run.text_attr("label").unwrap().as_deref(), Some("x=1"));
        assert_eq!(run.integer_attr("exit_status").unwrap(), Some(-15));
        assert_eq!(run.attr("missing").unwrap(), None);
        assert_eq!(run.attr_names().unwrap(), ["exit_status", "label"]);
        run.delete_attr("label").unwrap();
        run.delete_attr("label").unwrap();
        assert_eq!(run.attr("label").unwrap(), None);
    }

    #[test]
    fn a_damaged_attribute_is_an_error_that_names_the_file() {
        let (_dir, run) = run();
        std::fs::write(run.attr_path("flags"), "{a: [").unwrap();
        let message = run.attr("flags").unwrap_err().to_string();
        assert!(message.contains("attrs/flags"), "{message}");
        std::fs::write(run.attr_path("started"), "soon\n").unwrap();
        assert!(run.integer_attr("started").is_err());
        assert_eq!(run.timestamp(), None);
    }

    #[test]
    fn whole_numbers_need_no_yaml() {
        assert_eq!(plain_integer(b"1795352829514738\n"), Some(1795352829514738));
        assert_eq!(plain_integer(b"0\n"), Some(0));
        assert_eq!(plain_integer(b"-9\n"), Some(-9));
        assert_eq!(plain_integer(b"017\n"), None);
        assert_eq!(plain_integer(b"1_0\n"), None);
        assert_eq!(plain_integer(b""), None);
    }
}
