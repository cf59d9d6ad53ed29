//! What the event files of one folder told, and how far each was read, so that
//! only what has come since is read again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::capture::ATTRS_SUFFIX;
use super::super::logged_attrs::attr_name;
use super::super::stats::{ByTag, Stats};
use super::super::summary::Point;
use super::super::{Error, Result};
use crate::base::files;
use crate::base::stamp::Stamp;
use crate::tfevents::{Data, Event, Reader};

/// How many bytes before the place where reading goes on must be the same as
/// they were: the last record, or most of it, with the time it was written.
const TAIL: u64 = 64;

/// A folder with event files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Folder<'a> {
    /// The folder relative to the run directory.
    #[serde(borrow)]
    pub(super) prefix: Cow<'a, str>,
    /// The files, in the order of their names.
    #[serde(borrow)]
    pub(super) files: Vec<EventFile<'a>>,
    /// The scalars of all files together, which depends on their order.
    #[serde(borrow)]
    pub(super) scalars: Vec<Scalar<'a>>,
    /// The attributes that were logged.
    #[serde(borrow)]
    pub(super) attrs: Vec<Attr<'a>>,
}

/// A scalar of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scalar<'a> {
    #[serde(borrow)]
    pub(super) tag: Cow<'a, str>,
    pub(super) stats: Stats,
}

/// A logged attribute of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Attr<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
}

/// An event file, as far as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EventFile<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    stamp: Stamp,
    // Where the first record begins that was not read.
    read: u64,
    // The checksum of what is before that.
    tail: u32,
    /// Whether something else than records is there.
    pub(super) damaged: bool,
    // Whether anything of the folder's values came from it.
    has_values: bool,
}

impl EventFile<'_> {
    /// Whether the file at `path` is as it was.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        let meta = path.metadata();
        meta.is_ok_and(|meta| self.has_stamp(Stamp::of(&meta)))
    }

    /// Whether it is as it was where it has the stamp `now`.
    pub(super) fn has_stamp(&self, now: Stamp) -> bool {
        now.of_content() == self.stamp
    }

    /// Whether `file`, which has the stamp `now`, is this one with more at its end.
    fn goes_on_in(&self, file: &File, now: Stamp) -> bool {
        let has_grown = now.size() > self.stamp.size();
        now.is_of_same_file(&self.stamp)
            && has_grown
            && tail(file, self.read).ok() == Some(self.tail)
    }

    fn into_owned(self) -> EventFile<'static> {
        EventFile {
            name: Cow::Owned(self.name.into_owned()),
            ..self
        }
    }
}

/// The checksum of the last bytes of `file` before `position`.
fn tail(file: &File, position: u64) -> std::io::Result<u32> {
    let mut bytes = [0; TAIL as usize];
    let length = position.min(TAIL);
    let bytes = &mut bytes[..length as usize];
    file.read_exact_at(bytes, position - length)?;
    Ok(crc32c::crc32c(bytes))
}

/// Reads `files`, the event files of the folder `prefix`, going on from what
/// `before` tells of them where that leads to the same as reading all would.
/// What cannot be read is added to `problems`: there is nothing to go on from
/// then.
pub(super) fn read(
    prefix: &str,
    files: &[PathBuf],
    before: Option<&Folder<'_>>,
    problems: &mut Vec<Error>,
) -> Folder<'static> {
    let resumed = before.and_then(|before| {
        let pass = Pass::resumed(before, files)?;
        pass.run(prefix, files, &mut Vec::new())
    });
    resumed.unwrap_or_else(|| {
        let anew = Pass::default().run(prefix, files, problems);
        anew.unwrap_or_else(|| Folder::empty(prefix))
    })
}

impl Folder<'_> {
    fn empty(prefix: &str) -> Folder<'static> {
        Folder {
            prefix: Cow::Owned(prefix.to_string()),
            files: Vec::new(),
            scalars: Vec::new(),
            attrs: Vec::new(),
        }
    }
}

/// A pass over the files of a folder.
#[derive(Default)]
struct Pass<'a> {
    before: &'a [EventFile<'a>],
    // The files before this one may not have new values: those that are there
    // came after them.
    last_with_values: usize,
    by_tag: ByTag,
    attrs: BTreeMap<String, String>,
}

impl<'a> Pass<'a> {
    /// A pass that goes on from `before`; none where a file is gone of which there
    /// are values.
    fn resumed(before: &'a Folder<'a>, paths: &[PathBuf]) -> Option<Self> {
        let mut last_with_values = 0;
        for file in before.files.iter().filter(|file| file.has_values) {
            last_with_values = paths.iter().position(|path| name_of(path) == file.name)?;
        }
        let scalars = before.scalars.iter();
        let attrs = before.attrs.iter();
        Some(Self {
            before: &before.files,
            last_with_values,
            by_tag: ByTag::resumed(scalars.map(|it| (it.tag.to_string(), it.stats))),
            attrs: attrs
                .map(|it| (it.name.to_string(), it.text.to_string()))
                .collect(),
        })
    }

    /// Reads what has come; nothing if all must be read anew, which is never so
    /// for a pass that goes on from nothing.
    fn run(
        mut self,
        prefix: &str,
        paths: &[PathBuf],
        problems: &mut Vec<Error>,
    ) -> Option<Folder<'static>> {
        let mut files = Vec::new();
        for (number, path) in paths.iter().enumerate() {
            let name = name_of(path);
            let before = self.before.iter().find(|file| file.name == name);
            if let Some(before) = before.filter(|file| file.is_current(path)) {
                files.push(before.clone().into_owned());
                continue;
            }
            match self.file(path, before) {
                Ok(Some((_, true))) if number < self.last_with_values => return None,
                Ok(Some((file, _))) => files.push(file),
                Ok(None) => return None,
                Err(_) if !self.before.is_empty() => return None,
                Err(error) => problems.push(error),
            }
        }
        let scalars = self.by_tag.into_scalars().into_iter();
        let attrs = self.attrs.into_iter();
        Some(Folder {
            prefix: Cow::Owned(prefix.to_string()),
            files,
            scalars: scalars
                .map(|(tag, stats)| Scalar {
                    tag: tag.into(),
                    stats,
                })
                .collect(),
            attrs: attrs
                .map(|(name, text)| Attr {
                    name: name.into(),
                    text: text.into(),
                })
                .collect(),
        })
    }

    /// Reads the file at `path` from where `before` ended, and tells whether there
    /// were values; nothing if it does not go on there.
    fn file(
        &mut self,
        path: &Path,
        before: Option<&EventFile<'_>>,
    ) -> Result<Option<(EventFile<'static>, bool)>> {
        let mut file = files::open(path)?;
        let failed = |source| files::Error::new("read", path, source);
        let stamp = Stamp::of(&file.metadata().map_err(failed)?).of_content();
        let start = match before {
            Some(before) if !before.goes_on_in(&file, stamp) => return Ok(None),
            Some(before) => before.read,
            None => 0,
        };
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let mut reader = Reader::resumed(&file, start);
        let has_attrs = path
            .as_os_str()
            .as_bytes()
            .ends_with(ATTRS_SUFFIX.as_bytes());
        let mut found = false;
        while let Some(event) = reader.next_event().map_err(failed)? {
            found |= self.event(&event, has_attrs);
        }
        let (read, damaged) = (reader.position(), reader.is_damaged());
        let file = EventFile {
            name: Cow::Owned(name_of(path).into_owned()),
            stamp,
            read,
            tail: tail(&file, read).map_err(failed)?,
            damaged,
            has_values: found || before.is_some_and(|before| before.has_values),
        };
        Ok(Some((file, found)))
    }

    /// Adds the values of an event; whether there were any.
    fn event(&mut self, event: &Event<'_>, has_attrs: bool) -> bool {
        let mut found = false;
        for value in event.values() {
            match value.data {
                Data::Scalar(number) => {
                    let point = Point {
                        value: number,
                        step: event.step,
                    };
                    self.by_tag.add(&value.tag, point);
                    found = true;
                }
                Data::Text(text) if has_attrs => {
                    let name = attr_name(&value.tag).to_string();
                    self.attrs.insert(name, text.into_owned());
                    found = true;
                }
                _ => {}
            }
        }
        found
    }
}

fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
