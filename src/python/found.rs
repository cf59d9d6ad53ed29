//! What is found in a Python script of the flags that it takes, however it was
//! found: by reading the script, or by importing it.
//!
//! Both ways give the same answer for the same script:
//! - Flags are in the order in which the script defines them. A default is the
//!   script's own value: a path is not made absolute, a flag of an operation
//!   may still change it.
//! - A description is the author's `help` as it stands, with `%(default)s` and
//!   without what Python adds to it. `argparse.SUPPRESS` is no description and
//!   no default.
//! - Choices are the items of whatever holds them: a range, a set (sorted by
//!   their text), the keys of a map.
//! - A list as the default of an argument that takes several values, or of a
//!   global, is a text that is split (`arg-split`); so is a tuple.
//! - The type is that of a plain `int`, `float`, `str` or `bool`; any other
//!   function gives none.

use std::path::PathBuf;

use crate::guildfile::FlagDef;

/// The flags of a script, and how it takes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// How the script takes them, as `flags-dest` names it: `args`,
    /// `args:click`, `globals`, `global:NAME`, ...
    pub dest: String,
    /// Its flags, in the order in which it defines them.
    pub flags: Vec<FoundFlag>,
    /// What looks like a flag and is none.
    pub skipped: Vec<Skipped>,
}

/// A flag that a script takes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundFlag {
    /// What the script says of it, in the terms of a guild file.
    pub definition: FlagDef,
    /// The file that defines it.
    pub file: PathBuf,
    /// The line of its definition there, from 1; 0 if not known.
    pub line: usize,
    /// How it is defined there, in a few words: `argparse option --lr`,
    /// `global variable`.
    pub how: String,
}

/// What looks like a flag of a script and is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Its name in the script.
    pub name: String,
    /// The file that defines it.
    pub file: PathBuf,
    /// The line of its definition there, from 1; 0 if not known.
    pub line: usize,
    /// Why it is no flag, in a few words.
    pub why: String,
}

/// What reading a script without running it gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// All that the script takes, as importing it would find it.
    Exact(Found),
    /// The source alone does not tell; importing the script may.
    CannotTell {
        /// How the script takes its flags, which the source does tell: `args`
        /// or `args:click`.
        dest: String,
        /// What is not known, in a few words.
        why: String,
        /// The file where that is.
        file: PathBuf,
        /// Its line there, from 1.
        line: usize,
    },
}
