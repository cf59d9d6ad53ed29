//! One download, from a server into a file: tried again where it broke off, as
//! long as the server can go on from there.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::Error;
use crate::base::http::{self, Answer, Client, Part};
use crate::base::{file_copy, files};
use crate::resolve::{Notice, Progress, Tell};

/// How often a connection may break off.
const MOST_TRIES: usize = 20;

/// How much is read at a time.
const CHUNK: usize = 128 << 10;

/// The longest text that stands for a version of a file.
const MAX_VERSION: usize = 4096;

/// What is got from where.
pub(super) struct Transfer<'a> {
    /// The address.
    pub url: &'a str,
    /// How it is asked for.
    pub client: Client<'a>,
    /// The file that it is written to.
    pub part: &'a Path,
    /// The file that holds what the server says of the version.
    pub version: &'a Path,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Got {
    /// Whether the first bytes were there before.
    pub is_continued: bool,
}

impl Transfer<'_> {
    /// Gets the whole file.
    ///
    /// # Errors
    /// There is no answer, or a bad one; the file cannot be written. What has come
    /// stays if it is of use to a later try.
    pub fn run(&self, tell: Tell<'_>) -> Result<Got, Error> {
        let mut got = Got::default();
        let mut tries = 0;
        loop {
            tries += 1;
            let before = self.length();
            let result = self.try_once(&mut got, tell);
            tell(Notice::Progress(Progress::End));
            let Err(error) = result else {
                return Ok(got);
            };
            let is_further = matches!(error, Error::Http(http::Error::Broken { .. }))
                && self.known_version().is_some()
                && self.length() > before;
            if !is_further || tries == MOST_TRIES {
                self.remove_useless(&error);
                return Err(error);
            }
        }
    }

    fn try_once(&self, got: &mut Got, tell: Tell<'_>) -> Result<(), Error> {
        let version = self.known_version();
        let from = self.length();
        let part = version.as_deref().filter(|_| from > 0);
        let part = part.map(|version| Part { from, version });
        let answer = self.ask(part)?;
        match (answer.status, part) {
            (206, Some(part)) => match range(&answer) {
                Some((start, total)) if start == from && is_version(&answer, part.version) => {
                    got.is_continued = true;
                    self.receive(answer, self.append()?, from, total, tell)
                }
                _ => self.start_over(tell),
            },
            (416, Some(_)) => self.start_over(tell),
            (200, _) => self.start(answer, tell),
            _ => Err(Error::Status(answer.status_text())),
        }
    }

    /// Asks for all of it, whatever there is.
    fn start_over(&self, tell: Tell<'_>) -> Result<(), Error> {
        files::remove_if_exists(self.version)?;
        let answer = self.ask(None)?;
        match answer.status {
            200 => self.start(answer, tell),
            _ => Err(Error::Status(answer.status_text())),
        }
    }

    fn ask(&self, part: Option<Part<'_>>) -> Result<Answer, Error> {
        self.client.get(self.url, part).map_err(Error::Http)
    }

    /// Receives a file from its first byte on.
    fn start(&self, answer: Answer, tell: Tell<'_>) -> Result<(), Error> {
        // In this order: what is noted is never said of other bytes.
        let file = files::create(self.part)?;
        match version(&answer) {
            Some(version) => files::write_atomic(self.version, version.as_bytes())?,
            None => files::remove_if_exists(self.version)?,
        }
        let total = answer.header("content-length");
        let total = total.and_then(|text| text.trim().parse().ok());
        self.receive(answer, file, 0, total, tell)
    }

    /// Writes what comes to the end of `file`, which has `have` of `total` bytes.
    fn receive(
        &self,
        mut answer: Answer,
        mut file: File,
        have: u64,
        total: Option<u64>,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        self.check_room(total.map(|total| total.saturating_sub(have)))?;
        tell(Notice::Progress(Progress::Begin { total, done: have }));
        let mut chunk = vec![0; CHUNK];
        let mut got = have;
        loop {
            let count = answer
                .read(&mut chunk)
                .map_err(|error| Error::Http(with_counts(error, got, total)))?;
            if count == 0 {
                break;
            }
            file.write_all(&chunk[..count])
                .map_err(|source| files::Error::new("write", self.part, source))?;
            got += count as u64;
            tell(Notice::Progress(Progress::Advance(count as u64)));
        }
        match total {
            Some(expected) if expected != got => Err(Error::Length { got, expected }),
            _ => Ok(()),
        }
    }

    fn check_room(&self, needed: Option<u64>) -> Result<(), Error> {
        let folder = self.part.parent().unwrap_or(self.part);
        match (needed, file_copy::free_space(folder)) {
            (Some(needed), Some(free)) if needed > free => Err(Error::NoRoom {
                url: self.url.to_string(),
                folder: folder.to_path_buf(),
                needed,
                free,
            }),
            _ => Ok(()),
        }
    }

    fn append(&self) -> Result<File, Error> {
        let file = OpenOptions::new().append(true).open(self.part);
        Ok(file.map_err(|source| files::Error::new("write", self.part, source))?)
    }

    /// How much has come.
    fn length(&self) -> u64 {
        self.part.metadata().map_or(0, |meta| meta.len())
    }

    /// What the server said of the version of what has come.
    fn known_version(&self) -> Option<String> {
        let bytes = files::read(self.version).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        (!text.is_empty()).then_some(text)
    }

    /// Removes what has come unless a later try can go on from it: on a full disk it
    /// is in the way.
    fn remove_useless(&self, error: &Error) {
        let is_of_server = matches!(error, Error::Http(_) | Error::Status(_));
        if !is_of_server || self.length() == 0 || self.known_version().is_none() {
            // The error is what the user must hear of, not these.
            let _ = files::remove_if_exists(self.part);
            let _ = files::remove_if_exists(self.version);
        }
    }
}

/// `error` with how much came before it.
fn with_counts(error: http::Error, got: u64, total: Option<u64>) -> http::Error {
    match (error, total) {
        (http::Error::Broken { host, .. }, Some(total)) => http::Error::Broken {
            host,
            reason: format!("{got} of {total} bytes came"),
        },
        (other, _) => other,
    }
}

/// What tells the version of a file from others: its entity tag, unless that is for
/// similar files too, or its time. None where the server gives no parts of files.
fn version(answer: &Answer) -> Option<&str> {
    let units = answer.header("accept-ranges")?;
    let tag = answer.header("etag").filter(|tag| tag.starts_with('"'));
    let version = tag.or_else(|| answer.header("last-modified"))?;
    let is_usable = units.trim() == "bytes" && (1..=MAX_VERSION).contains(&version.len());
    is_usable.then_some(version)
}

/// Whether a part is of the version that was asked for, as far as is known.
fn is_version(answer: &Answer, version: &str) -> bool {
    let name = match version.starts_with('"') {
        true => "etag",
        false => "last-modified",
    };
    answer.header(name).is_none_or(|other| other == version)
}

/// The first byte of a part that goes to the end, and the length of all, if that is
/// known.
fn range(answer: &Answer) -> Option<(u64, Option<u64>)> {
    parse_range(answer.header("content-range")?)
}

fn parse_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end): (u64, u64) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    let total: Option<u64> = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    let goes_to_the_end = total.is_none_or(|total| end.checked_add(1) == Some(total));
    (start <= end && goes_to_the_end).then_some((start, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_go_to_the_end_are_read() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, Some(10)))),
            ("bytes 5-9/*", Some((5, None))),
            ("bytes 0-0/1", Some((0, Some(1)))),
            ("bytes 5-8/10", None),
            ("bytes 9-5/10", None),
            ("bytes */10", None),
            ("bytes 0-18446744073709551615/0", None),
            ("items 5-9/10", None),
            ("", None),
        ] {
            assert_eq!(parse_range(text), expected, "{text}");
        }
    }
}
