//! A zip file as the place that runs are taken to.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::{Flock, FlockArg};
use zip::result::ZipError;
use zip::write::FullFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::folder::remove_source;
use super::scratch::{Scratch, clear_stale};
use super::walk::{Item, Visitor, walk};
use super::zip_entry::local_time;
use super::zip_link::{self, FIELD_ID};
use super::zip_output::{Output, OutputHandle};
use super::zip_source::zip_error;
use super::{
    Error, Manner, Observer, Outcome, Result, check_apart, check_stop, copy_error, report,
};
use crate::base::{file_copy, files};
use crate::runs::Run;

/// How much is read and compressed at a time.
const CHUNK: usize = 256 << 10;

/// From this size on an entry gets room for sizes beyond 4 GiB, which its
/// compressed data may need before its content does.
const LARGE: u64 = 0xf000_0000;

/// A zip file that takes runs. It is written under another name, and replaces
/// the old one only with [`ZipTarget::finish`].
#[derive(Debug)]
pub struct ZipTarget {
    path: PathBuf,
    temporary: PathBuf,
    /// The old zip file, by what tells it from another; none where there is none.
    old: Option<Stamp>,
    // Before the writer, which must find this set when it is dropped.
    handle: OutputHandle,
    writer: ZipWriter<Output>,
    /// The names at the top, which are ids of runs.
    known: HashSet<String>,
    added: Vec<Run>,
    moves: bool,
    // Last, so that it is removed after the file in it is closed.
    _scratch: Scratch,
}

impl ZipTarget {
    /// The zip file at `path`, with what it holds if there is one.
    ///
    /// # Errors
    /// A file of that name is no zip file or a damaged one; the folder it is in
    /// cannot be written; the transfer is asked to end.
    pub fn open(path: &Path, observer: &dyn Observer) -> Result<Self> {
        // A link stays, and what it points at is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = path.parent().unwrap_or(Path::new("/"));
        files::create_dir_all(folder)?;
        clear_stale(folder);
        let scratch = Scratch::make(folder)?;
        let temporary = scratch.dir().join("runs.zip");
        let written = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&temporary)
            .map_err(|source| files::Error::new("write", &temporary, source))?;
        let (output, handle) = Output::new(written)
            .map_err(|source| files::Error::new("write", &temporary, source))?;
        let old = stamp(&path);
        let mut known = HashSet::new();
        let writer = match path.symlink_metadata() {
            Ok(_) => {
                known = top_names(&path)?;
                copy_old(&path, &temporary, handle.file(), observer)?;
                ZipWriter::new_append(output).map_err(|error| zip_error(&path, error))?
            }
            Err(_) => ZipWriter::new(output),
        };
        Ok(Self {
            path,
            temporary,
            old,
            handle,
            writer,
            known,
            added: Vec::new(),
            moves: false,
            _scratch: scratch,
        })
    }

    /// Whether it has a run or anything else named `id`.
    pub fn has(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// Takes `run`. With [`Manner::moves`] it is removed by [`ZipTarget::finish`].
    ///
    /// # Errors
    /// Something cannot be read or written, or the transfer is asked to end. The
    /// zip file then gets nothing of the run, and can be finished without it.
    pub fn take(&mut self, run: &Run, manner: Manner, observer: &dyn Observer) -> Result<Outcome> {
        if self.has(run.id()) {
            return Ok(Outcome::Exists);
        }
        check_apart(run, self.path.parent().unwrap_or(&self.path))?;
        self.moves |= manner.moves;
        let mut pack = Pack {
            writer: &mut self.writer,
            root: Path::new(run.id()),
            temporary: &self.temporary,
            observer,
            begun: 0,
        };
        let packed = walk(run.dir(), (manner, &self.path), observer, &mut pack).and_then(|()| {
            match run.exists() {
                true => Ok(()),
                false => Err(Error::Vanished(run.id().to_string())),
            }
        });
        if let Err(error) = packed {
            let begun = pack.begun;
            self.drop_entries(begun)?;
            return Err(error);
        }
        self.known.insert(run.id().to_string());
        self.added.push(run.clone());
        Ok(Outcome::Done)
    }

    /// Takes back the last `count` entries.
    fn drop_entries(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.writer
                .abort_file()
                .map_err(|error| write_error(&self.temporary, error))?;
        }
        // The writer would go on behind what it cannot cut off.
        self.handle
            .cut_off()
            .map_err(|source| files::Error::new("write", &self.temporary, source).into())
    }

    /// Puts the zip file in its place, and then removes runs that were moved.
    /// Where no run was taken, everything stays as it was. Tells what kept moved
    /// runs, which the zip file has now, from being removed.
    ///
    /// # Errors
    /// The zip file cannot be written, and is as before.
    pub fn finish(self) -> Result<Vec<Error>> {
        if self.added.is_empty() {
            return Ok(Vec::new());
        }
        if self.handle.is_broken() {
            let source = io::Error::other("not all of it was written");
            return Err(files::Error::new("write", &self.path, source).into());
        }
        let error = |source| files::Error::new("write", &self.path, source);
        let mut file = self
            .writer
            .finish()
            .map_err(|error| write_error(&self.path, error))?
            .into_file();
        // What followed the old one's end is no part of a zip file.
        let end = file.stream_position().map_err(error)?;
        file.set_len(end)
            .and_then(|()| file.sync_all())
            .map_err(error)?;
        if let Ok(old) = self.path.metadata() {
            file.set_permissions(old.permissions()).map_err(error)?;
        }
        // Held until the new one is there: two commands do not replace one old file.
        let folder = self.path.parent().unwrap_or(&self.path);
        let _turn = File::open(folder).map(|folder| Flock::lock(folder, FlockArg::LockExclusive));
        if stamp(&self.path) != self.old {
            return Err(Error::Changed(self.path));
        }
        files::rename(&self.temporary, &self.path)?;
        if !self.moves {
            return Ok(Vec::new());
        }
        if let Err(error) = file_copy::sync_file_system(&self.path) {
            return Ok(vec![error.into()]);
        }
        let removals = self.added.iter().map(remove_source);
        Ok(removals.filter_map(Result::err).collect())
    }
}

/// What tells a file from a later one of its name: device, inode, size and time
/// of change.
type Stamp = (u64, u64, u64, i64, i64);

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = path.symlink_metadata().ok()?;
    let (seconds, nanos) = (meta.ctime(), meta.ctime_nsec());
    Some((meta.dev(), meta.ino(), meta.size(), seconds, nanos))
}

/// The names at the top of the zip file at `path`.
fn top_names(path: &Path) -> Result<HashSet<String>> {
    let file = io::BufReader::new(files::open(path)?);
    let archive = ZipArchive::new(file).map_err(|error| zip_error(path, error))?;
    if archive.has_duplicate_names() {
        return Err(Error::DamagedZip("two entries have one name".to_string()));
    }
    let names = archive.file_names_raw().map(|name| {
        let name = String::from_utf8_lossy(name);
        let top = name.split('/').find(|part| !matches!(*part, "" | "."));
        top.unwrap_or_default().to_string()
    });
    Ok(names.collect())
}

fn copy_old(path: &Path, to: &Path, written: &File, observer: &dyn Observer) -> Result<()> {
    let old = files::open(path)?;
    let copied = old.metadata().and_then(|meta| {
        let mut copied = |bytes| report(observer, bytes);
        file_copy::copy_contents(&old, written, meta.len(), &mut copied)
    });
    copied.map_err(|error| copy_error(path, to, error, observer))
}

fn write_error(path: &Path, error: ZipError) -> Error {
    files::Error::new("write", path, io::Error::from(error)).into()
}

/// Puts the files of one run into a zip file.
struct Pack<'a> {
    writer: &'a mut ZipWriter<Output>,
    /// The run's id.
    root: &'a Path,
    temporary: &'a Path,
    observer: &'a dyn Observer,
    /// How many entries there are of the run.
    begun: usize,
}

impl Pack<'_> {
    fn name(&self, item: &Item<'_>) -> Result<String> {
        let path = self.root.join(item.relative);
        match path.to_str() {
            // Joining nothing leaves a slash at the end.
            Some(name) => Ok(name.trim_end_matches('/').to_string()),
            None => Err(Error::NameNotUtf8(item.path.to_path_buf())),
        }
    }

    fn options(
        &self,
        mode: u32,
        modified: Option<SystemTime>,
    ) -> Result<FullFileOptions<'static, 'static>> {
        let modified = modified.unwrap_or(UNIX_EPOCH);
        let options = FullFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(mode & 0o777)
            .last_modified_time(local_time(modified));
        let seconds = modified.duration_since(UNIX_EPOCH).ok();
        let seconds = seconds.and_then(|after| u32::try_from(after.as_secs()).ok());
        match seconds {
            Some(seconds) => options
                .with_extended_timestamp(Some(seconds), None, None)
                .map_err(|error| write_error(self.temporary, error)),
            None => Ok(options),
        }
    }

    fn add_folder(&mut self, item: &Item<'_>, options: FullFileOptions<'_, '_>) -> Result<()> {
        let name = self.name(item)?;
        self.writer
            .add_directory(name, options)
            .map_err(|error| write_error(self.temporary, error))?;
        self.begun += 1;
        Ok(())
    }

    fn add_file(
        &mut self,
        item: &Item<'_>,
        size: u64,
        options: FullFileOptions<'_, '_>,
    ) -> Result<()> {
        let mut source = match files::open(item.path) {
            Ok(file) => file.take(size),
            // Gone since it was listed.
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let name = self.name(item)?;
        self.writer
            .start_file(name, options.large_file(size >= LARGE))
            .map_err(|error| write_error(self.temporary, error))?;
        self.begun += 1;
        let mut chunk = vec![0; CHUNK];
        loop {
            check_stop(self.observer)?;
            let count = match source.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(files::Error::new("read", item.path, error).into()),
            };
            self.writer.write_all(&chunk[..count]).map_err(|error| {
                copy_error(self.temporary, self.temporary, error, self.observer)
            })?;
            self.observer.transferred(count as u64);
        }
    }
}

impl Visitor for Pack<'_> {
    fn enter(&mut self, item: &Item<'_>) -> Result<()> {
        let options = self.options(item.meta.mode(), item.meta.modified().ok())?;
        self.add_folder(item, options)
    }

    fn leave(&mut self, _item: &Item<'_>) -> Result<()> {
        Ok(())
    }

    fn file(&mut self, item: &Item<'_>) -> Result<()> {
        let options = self.options(item.meta.mode(), item.meta.modified().ok())?;
        self.add_file(item, item.meta.len(), options)
    }

    fn link(&mut self, item: &Item<'_>, target: &Path) -> Result<()> {
        let behind = fs::metadata(item.path).ok();
        let modified = behind.as_ref().and_then(|meta| meta.modified().ok());
        let mode = behind.as_ref().map_or(0o755, MetadataExt::mode);
        let mut options = self.options(mode, modified)?;
        options
            .add_extra_field(FIELD_ID, zip_link::encode(target), false)
            .map_err(|error| write_error(self.temporary, error))?;
        match behind {
            Some(meta) if meta.is_file() => self.add_file(item, meta.len(), options),
            // What leads to nothing is best told by an empty folder too: Guild AI
            // makes links to runs before it makes the runs.
            _ => self.add_folder(item, options),
        }
    }
}
