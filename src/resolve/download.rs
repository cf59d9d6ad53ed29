//! Downloads: what is at an address, kept in a folder of guild home.
//!
//! A download is written under another name and renamed when it is whole and has
//! the digest that it should have, so that what is there is never a part of a file
//! or another file. What was got so far stays when a connection breaks off or the
//! program is killed, if the server has told which version of the file it is; the
//! next try goes on from there.

mod transfer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache::CacheFolder;
use super::{Notice, Tell};
use crate::base::http::{self, Client};
use crate::base::python_url::{self, UrlParts};
use crate::base::{digest, files, flock};
use crate::home::Home;
use transfer::Transfer;

/// The variable that says after how many seconds a silent server is given up.
const PATIENCE: &str = "GUILD_DOWNLOAD_TIMEOUT";

/// How long that is where nothing is said.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(60);

/// Why something cannot be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address ends with a slash, or in a name that no file can have.
    #[error("the URL does not end in the name of a file ('{0}')")]
    NoName(String),
    /// Neither http nor https nor a file.
    #[error("guild downloads from http, https and file URLs only")]
    Scheme,
    /// There is no answer from the server.
    #[error(transparent)]
    Http(http::Error),
    /// There is no connection.
    #[error(
        "{source} - check the network and the proxy settings, or put the file at '{path}' \
         yourself",
        path = path.display()
    )]
    Offline {
        /// Where the file is looked for.
        path: PathBuf,
        /// What was tried.
        source: http::Error,
    },
    /// The server says no.
    #[error("HTTP Error {0}")]
    Status(String),
    /// The server sent less than it said, or more.
    #[error("the server sent {got} of {expected} bytes")]
    Length {
        /// How many bytes came.
        got: u64,
        /// How many it said there are.
        expected: u64,
    },
    /// It is not the file that it should be.
    #[error(
        "bad sha256 for '{path}' (expected {expected} but got {actual})",
        path = path.display()
    )]
    Digest {
        /// Where the file would have been put.
        path: PathBuf,
        /// The digest that it should have.
        expected: String,
        /// The digest that it has.
        actual: String,
    },
    /// What is there is not the file that it should be, and no other is to be had.
    #[error("{digest}; it cannot be downloaded again: {source}")]
    NotReplaced {
        /// What is wrong with the file.
        digest: Box<Error>,
        /// Why there is no other.
        source: Box<Error>,
    },
    /// The disk is too small.
    #[error(
        "'{url}' has {needed} bytes, but only {free} are free in '{folder}'",
        folder = folder.display()
    )]
    NoRoom {
        /// The address.
        url: String,
        /// The folder.
        folder: PathBuf,
        /// How many bytes would be written.
        needed: u64,
        /// How many there is room for.
        free: u64,
    },
    /// The variable for the time-out makes no sense.
    #[error("{PATIENCE} must be a number of seconds greater than 0, not '{0}'")]
    Patience(String),
    /// Something cannot be read or written.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The folder cannot be locked.
    #[error(transparent)]
    Lock(#[from] flock::Error),
}

/// The path of the file at `url`, which is downloaded unless it is there already. It
/// has the digest `sha256` if one is given.
///
/// # Errors
/// It cannot be had, or is not the file that it should be.
pub fn download(
    url: &str,
    sha256: Option<&str>,
    home: &Home,
    tell: Tell<'_>,
) -> Result<PathBuf, Error> {
    let parts = python_url::parse(url);
    if !["http", "https", "file"].contains(&parts.scheme.as_str()) {
        return Err(Error::Scheme);
    }
    let download = Download {
        url,
        name: name_of(&parts, url)?,
        folder: CacheFolder::at(&home.download_dir(&parts)),
        sha256: sha256.map(str::trim).filter(|text| !text.is_empty()),
    };
    let path = download.path();
    if download.use_cached(tell)?.is_whole() {
        return Ok(path);
    }
    let _lock = download.folder.lock(&mut || {
        tell(Notice::Info(format!(
            "Waiting for another download of {url}"
        )))
    })?;
    let cached = download.use_cached(tell)?;
    if cached.is_whole() {
        return Ok(path);
    }
    match (download.fetch(&parts, home, tell), cached) {
        (Ok(()), _) => Ok(path),
        (Err(source), Cached::Other(actual)) if !matches!(source, Error::Digest { .. }) => {
            Err(Error::NotReplaced {
                digest: Box::new(download.bad_digest(actual)),
                source: Box::new(source),
            })
        }
        (Err(error), _) => Err(error),
    }
}

/// What is there before anything is downloaded.
#[derive(Debug, PartialEq, Eq)]
enum Cached {
    /// Nothing.
    No,
    /// A file with another digest, which this is.
    Other(String),
    /// The file.
    Whole,
}

impl Cached {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// What is to be downloaded to where.
struct Download<'a> {
    url: &'a str,
    name: String,
    folder: CacheFolder,
    sha256: Option<&'a str>,
}

impl Download<'_> {
    fn path(&self) -> PathBuf {
        self.folder.file(&self.name)
    }

    /// Looks for a file that was downloaded before.
    fn use_cached(&self, tell: Tell<'_>) -> Result<Cached, Error> {
        let path = self.path();
        if !path.is_file() {
            return Ok(Cached::No);
        }
        if let Some(expected) = self.sha256 {
            // What was checked is not looked at again: a command may have changed
            // it since then on purpose.
            let known = self.folder.read_note(&self.name, "sha").unwrap_or(None);
            let is_known = known.is_some_and(|known| is_same(&known, expected));
            let actual = (!is_known).then(|| digest::sha256_of_file(&path));
            if let Some(actual) = actual.transpose()? {
                if !is_same(&actual, expected) {
                    return Ok(Cached::Other(actual));
                }
                // Of a home that is not to be written this is only not remembered.
                let _ = self.folder.write_note(&self.name, "sha", &actual);
            }
        }
        tell(Notice::Info(format!(
            "Using cached file {}",
            path.display()
        )));
        Ok(Cached::Whole)
    }

    /// Gets the file and puts it in its place.
    fn fetch(&self, parts: &UrlParts, home: &Home, tell: Tell<'_>) -> Result<(), Error> {
        let part = self.folder.note(&self.name, "part");
        let version = self.folder.note(&self.name, "part-version");
        if parts.scheme == "file" {
            let from = local_path(parts, home);
            files::remove_if_exists(&version)?;
            // What is no file is told before anything is made of it.
            files::open(&from)?;
            if let Err(error) = files::copy(&from, &part) {
                // The error is what the user must hear of, not this one.
                let _ = files::remove_if_exists(&part);
                return Err(error.into());
            }
            return self.keep(&part, self.check(&part)?);
        }
        let transfer = Transfer {
            url: self.url,
            client: Client::new(home.environment(), patience(home)?),
            part: &part,
            version: &version,
        };
        let got = transfer.run(tell).map_err(|error| self.explained(error))?;
        let checked = match self.check(&part) {
            // The first part of it may have been of another file.
            Err(Error::Digest { .. }) if got.is_continued => {
                transfer.run(tell).map_err(|error| self.explained(error))?;
                self.check(&part)
            }
            other => other,
        };
        let kept = checked.and_then(|actual| self.keep(&part, actual));
        files::remove_if_exists(&version)?;
        kept
    }

    /// The digest of `part`, if there is one that it should have; removes a file
    /// that is another.
    fn check(&self, part: &Path) -> Result<Option<String>, Error> {
        let Some(expected) = self.sha256 else {
            return Ok(None);
        };
        let actual = digest::sha256_of_file(part)?;
        if is_same(&actual, expected) {
            return Ok(Some(actual));
        }
        files::remove_if_exists(part)?;
        Err(self.bad_digest(actual))
    }

    /// Makes the whole file at `part` visible.
    fn keep(&self, part: &Path, sha256: Option<String>) -> Result<(), Error> {
        let file = files::open(part)?;
        file.sync_all()
            .map_err(|source| files::Error::new("write", part, source))?;
        self.folder.remove_notes()?;
        files::rename(part, &self.path())?;
        if let Some(sha256) = sha256 {
            self.folder.write_note(&self.name, "sha", &sha256)?;
        }
        Ok(())
    }

    fn bad_digest(&self, actual: String) -> Error {
        Error::Digest {
            path: self.path(),
            expected: self.sha256.unwrap_or_default().to_string(),
            actual,
        }
    }

    /// `error` with what the user can do about it.
    fn explained(&self, error: Error) -> Error {
        match error {
            Error::Http(source) if source.is_offline() => Error::Offline {
                path: self.path(),
                source,
            },
            other => other,
        }
    }
}

fn is_same(left: &str, right: &str) -> bool {
    left.trim_end().eq_ignore_ascii_case(right)
}

/// What the file at `url` is called.
fn name_of(parts: &UrlParts, url: &str) -> Result<String, Error> {
    let name = parts.file_name();
    let is_name = !name.is_empty()
        && !name.contains(['/', '\0'])
        && name != "."
        && name != ".."
        && !name.starts_with(".guild");
    match is_name {
        true => Ok(name),
        false => Err(Error::NoName(url.to_string())),
    }
}

/// The file that a `file:` URL means.
fn local_path(parts: &UrlParts, home: &Home) -> PathBuf {
    let path = percent_encoding::percent_decode_str(&parts.path);
    home.cwd().join(path.decode_utf8_lossy().as_ref())
}

/// How long a silent server is waited for.
fn patience(home: &Home) -> Result<Duration, Error> {
    let Some(text) = home.variable(PATIENCE) else {
        return Ok(DEFAULT_PATIENCE);
    };
    let seconds = text.trim().parse().ok();
    let given = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match given.filter(|given| !given.is_zero()) {
        Some(given) => Ok(given),
        None => Err(Error::Patience(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_to_name_a_file() {
        let name = |url: &str| name_of(&python_url::parse(url), url).ok();
        assert_eq!(name("http://h/a%20b.txt?x").as_deref(), Some("a b.txt"));
        for url in [
            "http://h",
            "http://h/",
            "http://h/..",
            "http://h/%2e%2e%2fx",
            "http://h/.guild-cache-a.sha",
        ] {
            assert_eq!(name(url), None, "{url}");
        }
    }
}
