//! A file that rules are asked about. What the system has to be asked for is
//! asked when a rule wants to know, and once.

use std::path::{Path, PathBuf};

use super::text_file;
use crate::base::files;

/// A file of a project, or what is in the place of one.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    root: &'a Path,
    path: &'a str,
    is_text: Option<bool>,
    size: Option<u64>,
    fault: Option<String>,
}

impl<'a> Candidate<'a> {
    /// The file at `path` below `root`, which is a regular file unless `fault`
    /// says why it cannot be copied.
    pub(super) fn new(root: &'a Path, path: &'a str, fault: Option<String>) -> Self {
        Self {
            root,
            path,
            is_text: None,
            size: None,
            fault,
        }
    }

    /// Its path relative to the root, with `/`.
    pub(super) fn path(&self) -> &'a str {
        self.path
    }

    fn full_path(&self) -> PathBuf {
        self.root.join(self.path)
    }

    /// Whether it holds text; none where that cannot be told.
    pub(super) fn is_text(&mut self) -> Option<bool> {
        if self.is_text.is_none() && self.fault.is_none() {
            match text_file::is_text(&self.full_path()) {
                Ok(is_text) => self.is_text = Some(is_text),
                Err(error) => self.fault = Some(files::reason(&error.source)),
            }
        }
        self.is_text
    }

    /// Its size in bytes; 0 where that cannot be told.
    pub(super) fn size(&mut self) -> u64 {
        if let Some(size) = self.size {
            return size;
        }
        let size = match self.fault {
            None => self.full_path().metadata().map_or(0, |meta| meta.len()),
            Some(_) => 0,
        };
        self.size = Some(size);
        size
    }

    /// Why it cannot be copied, as far as is known by now.
    pub(super) fn into_fault(self) -> Option<String> {
        self.fault
    }
}
