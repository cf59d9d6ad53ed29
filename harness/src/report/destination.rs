//! Where a report goes.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    /// Standard output.
    Output,
    /// A file, which is replaced.
    File(PathBuf),
    /// The end of a file.
    Append(PathBuf),
}

impl From<&str> for Destination {
    /// `-` is standard output; a `+` before the name of a file adds to it.
    fn from(text: &str) -> Self {
        match text.strip_prefix('+') {
            _ if text == "-" => Destination::Output,
            Some(file) if !file.is_empty() => Destination::Append(file.into()),
            _ => Destination::File(text.into()),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Output => f.write_str("standard output"),
            Destination::File(path) | Destination::Append(path) => path.display().fmt(f),
        }
    }
}

impl Destination {
    /// Writes there what `content` writes.
    pub(super) fn write(
        &self,
        content: &dyn Fn(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Destination::Output => fill(io::stdout().lock(), content).map(drop),
            Destination::File(path) => replace(path, content),
            Destination::Append(path) => {
                make_folder(path)?;
                // Whole, so that it is added whole or not at all.
                let mut text = Vec::new();
                content(&mut text)?;
                let mut file = OpenOptions::new().create(true).append(true).open(path)?;
                file.write_all(&text)
            }
        }
    }
}

/// Puts a new file in the place of the one at `path`, so that nobody reads half of
/// it. What is not a regular file, as a pipe, is written to as it is.
fn replace(path: &Path, content: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // The file behind a link is what is meant.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path
        .metadata()
        .is_ok_and(|data| !data.is_file() && !data.is_dir())
    {
        return fill(File::options().write(true).open(path)?, content).map(drop);
    }
    make_folder(path)?;
    let file = tempfile::Builder::new()
        .prefix(".report-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder(path))?;
    let file = fill(file, content)?;
    file.persist(path)?;
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder(path))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn fill<W: Write>(file: W, content: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<W> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.flush()?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}
