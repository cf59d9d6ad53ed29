//! Going through two files or folders side by side.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::content::{Large, is_binary, read_small};
use super::shown::{Paint, Part, name, size};
use super::{Missing, Outcome, Side, text};
use crate::base::files;

/// A comparison under way.
pub(super) struct Comparison<'a> {
    pub(super) left: &'a Side,
    pub(super) right: &'a Side,
    pub(super) paint: Paint,
    pub(super) out: &'a mut dyn Write,
    pub(super) outcome: Outcome,
}

/// What is found at a path.
#[derive(Debug)]
enum Kind {
    Missing,
    File(Metadata),
    Folder,
    Link(PathBuf),
    Other(&'static str),
}

impl Kind {
    /// What is at `path`; of a link what it points to if `follow` says so.
    fn of(path: &Path, follow: bool) -> files::Result<Self> {
        let found = if follow {
            std::fs::metadata(path)
        } else {
            std::fs::symlink_metadata(path)
        };
        let failed = |error| files::Error::new("read", path, error);
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let error = failed(error);
                return if error.is_not_found() {
                    Ok(Self::Missing)
                } else {
                    Err(error)
                };
            }
        };
        let kind = found.file_type();
        Ok(if kind.is_file() {
            Self::File(found)
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            Self::Link(std::fs::read_link(path).map_err(failed)?)
        } else if kind.is_fifo() {
            Self::Other("a pipe")
        } else if kind.is_socket() {
            Self::Other("a socket")
        } else {
            Self::Other("a device")
        })
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::File(_) => "a regular file",
            Self::Folder => "a directory",
            Self::Link(_) => "a symbolic link",
            Self::Other(words) => words,
        }
    }
}

impl Comparison<'_> {
    /// Compares the sides as such; `missing` is what it means if one of them is
    /// not there.
    pub(super) fn roots(&mut self, missing: Missing) -> io::Result<()> {
        let (left, right) = (self.left.path(), self.right.path());
        let kinds = [left, right].map(|path| Kind::of(path, true));
        let Some([old, new]) = self.both(kinds) else {
            return Ok(());
        };
        match (&old, &new, missing) {
            (Kind::Missing, Kind::Missing, Missing::Empty) => Ok(()),
            (Kind::Missing, Kind::File(_), Missing::Empty)
            | (Kind::File(_), Kind::Missing, Missing::Empty) => self.files(left, right),
            (Kind::Missing, Kind::Missing, Missing::Difference) => {
                let (left, right) = (left.display(), right.display());
                self.fault(format!("neither {left} nor {right} exists"));
                Ok(())
            }
            (Kind::Missing, _, Missing::Fault) => {
                self.fault(format!("{} does not exist", left.display()));
                Ok(())
            }
            (_, Kind::Missing, Missing::Fault) => {
                self.fault(format!("{} does not exist", right.display()));
                Ok(())
            }
            _ if left == right => Ok(()),
            _ => self.found(old, new, Path::new("")),
        }
    }

    /// Both of what was read; nothing where one of them is a fault.
    fn both<T>(&mut self, read: [files::Result<T>; 2]) -> Option<[T; 2]> {
        match read {
            [Ok(left), Ok(right)] => Some([left, right]),
            faults => {
                let faults = faults.into_iter().filter_map(Result::err);
                self.outcome
                    .faults
                    .extend(faults.map(|fault| fault.to_string()));
                None
            }
        }
    }

    fn found(&mut self, old: Kind, new: Kind, below: &Path) -> io::Result<()> {
        let (left, right) = (at(self.left, below), at(self.right, below));
        match (&old, &new) {
            (Kind::Folder, Kind::Folder) => self.folders(below),
            (Kind::File(old), Kind::File(new)) => {
                if (old.dev(), old.ino()) == (new.dev(), new.ino()) {
                    return Ok(());
                }
                self.files(&left, &right)
            }
            (Kind::Link(old), Kind::Link(new)) if old == new => Ok(()),
            (Kind::Link(old), Kind::Link(new)) => {
                let points =
                    |path: &Path, to: &Path| [&name(path)[..], b" -> ", &name(to)].concat();
                let (left, right) = (points(&left, old), points(&right, new));
                self.remark(&[b"Symbolic links ", &left, b" and ", &right, b" differ"])
            }
            // Gone while it was being looked at.
            (Kind::Missing, _) => self.only(&right),
            (_, Kind::Missing) => self.only(&left),
            (old, new) => {
                let [old, new] = [old, new].map(|kind| kind.words().as_bytes());
                let [left, right] = [&left, &right].map(|path| name(path));
                let middle: &[u8] = b" while file ";
                self.remark(&[b"File ", &left, b" is ", old, middle, &right, b" is ", new])
            }
        }
    }

    fn folders(&mut self, below: &Path) -> io::Result<()> {
        let names = |side: &Side| -> files::Result<Vec<OsString>> {
            let mut names = files::names(&at(side, below))?;
            names.retain(|name| side.has(&below.join(name)));
            names.sort();
            Ok(names)
        };
        let read = [names(self.left), names(self.right)];
        let Some([old, new]) = self.both(read) else {
            return Ok(());
        };
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some(left), Some(right)) => left.cmp(right),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return Ok(()),
            };
            let left = if order.is_le() { old.next() } else { None };
            let right = if order.is_ge() { new.next() } else { None };
            match (left, right) {
                (Some(name), Some(_)) => {
                    let below = below.join(name);
                    let sides = [self.left, self.right];
                    let kinds = sides.map(|side| Kind::of(&at(side, &below), false));
                    if let Some([old, new]) = self.both(kinds) {
                        self.found(old, new, &below)?;
                    }
                }
                (Some(name), None) => self.only(&at(self.left, &below.join(name)))?,
                (None, Some(name)) => self.only(&at(self.right, &below.join(name)))?,
                (None, None) => return Ok(()),
            }
        }
    }

    /// Compares two files, one of which may be missing and is then empty.
    fn files(&mut self, left: &Path, right: &Path) -> io::Result<()> {
        let Some([old, new]) = self.both([left, right].map(read_small)) else {
            return Ok(());
        };
        let (Some(old), Some(new)) = (old, new) else {
            return self.large_files(left, right);
        };
        if old == new {
            return Ok(());
        }
        let [left, right] = [left, right].map(name);
        if is_binary(&old) || is_binary(&new) {
            return self.remark(&[b"Binary files ", &left, b" and ", &right, b" differ"]);
        }
        text::write_unified([&left, &right], &old, &new, self.paint, self.out)
    }

    /// Compares two files of which at least one is too large to be shown.
    fn large_files(&mut self, left: &Path, right: &Path) -> io::Result<()> {
        let look = || -> files::Result<Option<(bool, [u64; 2])>> {
            let [old, new] = [Large::open(left)?, Large::open(right)?];
            let sizes = [old.size, new.size];
            let binary = is_binary(&old.sample()?) || is_binary(&new.sample()?);
            Ok((!old.same_bytes(new)?).then_some((binary, sizes)))
        };
        match look() {
            Ok(None) => Ok(()),
            Ok(Some((binary, sizes))) => {
                let [left, right] = [left, right].map(name);
                if binary {
                    return self.remark(&[b"Binary files ", &left, b" and ", &right, b" differ"]);
                }
                self.outcome.too_large = true;
                let sizes = sizes.map(size);
                let why = format!(" differ (too large to show: {} and {})", sizes[0], sizes[1]);
                self.remark(&[b"Files ", &left, b" and ", &right, why.as_bytes()])
            }
            Err(error) => {
                self.fault(error.to_string());
                Ok(())
            }
        }
    }

    fn only(&mut self, path: &Path) -> io::Result<()> {
        let folder = path.parent().map(name).unwrap_or_default();
        let last = path.file_name().map(|last| name(Path::new(last)));
        self.remark(&[b"Only in ", &folder, b": ", &last.unwrap_or_default()])
    }

    fn remark(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let mut line = Vec::new();
        self.paint.push(&mut line, &parts.concat(), Part::Remark);
        line.push(b'\n');
        self.out.write_all(&line)
    }

    fn fault(&mut self, fault: String) {
        self.outcome.faults.push(fault);
    }
}

fn at(side: &Side, below: &Path) -> PathBuf {
    // Joining nothing would add a slash.
    if below.as_os_str().is_empty() {
        side.path.clone()
    } else {
        side.path.join(below)
    }
}
