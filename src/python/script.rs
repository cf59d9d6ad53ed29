//! What the text of a Python script says of its flags. The script is read, not
//! run or imported: what reading cannot tell for sure, it does not tell.

mod frameworks;
mod globals;
mod imports;
mod left_out;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::thread;

pub use frameworks::uses_keras;
pub use globals::flag as flag_of_value;

use ruff_python_ast::Stmt;
use ruff_text_size::TextSize;

use super::definition::Argument;
use super::follow::{Follower, Library, Stop};
use super::found::{Found, FoundFlag, Reading, Skipped};
use crate::base::files;

/// More than any script that Python runs has.
const MAX_NESTING: usize = 5_000;

/// The stack of the thread that parses, in bytes; what is not used costs nothing.
const PARSER_STACK: usize = 256 << 20;

/// Why a script's flags are not known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The file is not Python.
    #[error("invalid syntax on line {line}: {reason}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
    /// The text is not in the encoding that it declares, or in one that is not
    /// known here.
    #[error("not UTF-8, and no other known encoding is declared")]
    Encoding,
    /// Expressions nest deeper than Python itself takes.
    #[error("too deeply nested")]
    TooDeep,
}

/// How a script takes its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// As command-line arguments, with argparse.
    Arguments,
    /// As command-line arguments, with click.
    ClickArguments,
    /// As module-level variables.
    Globals,
}

impl Takes {
    /// How a guild file names it.
    fn dest(self) -> &'static str {
        match self {
            Self::Arguments => "args",
            Self::ClickArguments => "args:click",
            Self::Globals => "globals",
        }
    }
}

/// Reads what flags the script at `path` takes when it is run with `base_args`.
/// `dest` is where its flags go, as a guild file's `flags-dest` says it; where
/// that is not said, it is told by what the script does.
///
/// # Errors
/// The file cannot be read, or is not Python.
pub fn read(path: &Path, base_args: &[String], dest: Option<&str>) -> Result<Reading, Error> {
    let bytes = files::read(path)?;
    let text = source::decode(&bytes).ok_or(Error::Encoding)?;
    read_text(&text, path, base_args, dest)
}

/// As [`read`], of a text that is that of the file `path`.
///
/// # Errors
/// The text is not Python, or nested deeper than Python takes.
pub fn read_text(
    text: &str,
    path: &Path,
    base_args: &[String],
    dest: Option<&str>,
) -> Result<Reading, Error> {
    parsed(text, |body, lines| {
        read_body(body, lines, path, base_args, dest)
    })
}

/// What `read` makes of the statements of a script with the text `text`, and of
/// where its lines are.
fn parsed<T: Send>(text: &str, read: impl FnOnce(&[Stmt], &Lines) -> T + Send) -> Result<T, Error> {
    let text = text.trim_start_matches('\u{feff}');
    if source::nesting(text) > MAX_NESTING {
        return Err(Error::TooDeep);
    }
    let parse = || {
        let lines = Lines::of(text);
        let module = ruff_python_parser::parse_module(text).map_err(|error| Error::Syntax {
            line: lines.line(error.location.start()),
            reason: error.error.to_string(),
        })?;
        Ok(read(module.syntax().body.as_slice(), &lines))
    };
    // The parser calls itself for each level, and so does what drops its tree.
    let answer = thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(PARSER_STACK);
        let handle = parser.spawn_scoped(scope, parse);
        handle.ok().and_then(|handle| handle.join().ok())
    });
    answer.unwrap_or(Err(Error::TooDeep))
}

fn read_body(
    body: &[Stmt],
    lines: &Lines,
    path: &Path,
    base_args: &[String],
    dest: Option<&str>,
) -> Reading {
    let dest = match dest {
        Some(dest) => dest.to_string(),
        None => {
            let dir = path.parent().unwrap_or(Path::new(""));
            imports::takes(body, dir).dest().to_string()
        }
    };
    let arguments = match dest.split_once(':') {
        Some(("global" | "dict" | "namespace", name)) => {
            globals::members(body, name).ok_or_else(|| {
                let why = format!("the script has no map or namespace '{name}' that can be read");
                Stop::cannot_tell(why, TextSize::default())
            })
        }
        Some(("args", "click")) => follow(Library::Click, body, base_args),
        None if dest == "args" => follow(Library::Argparse, body, base_args),
        None if dest == "globals" => Ok(globals::flags(body)),
        _ => Ok(Vec::new()),
    };
    match arguments {
        Ok(arguments) => Reading::Exact(found(dest, arguments, path, lines)),
        Err(stop) => {
            let (why, at) = match stop {
                Stop::CannotTell { why, at } => (why, at),
                _ => ("it does not end".to_string(), TextSize::default()),
            };
            Reading::CannotTell {
                dest,
                why,
                file: path.to_path_buf(),
                line: lines.line(at),
            }
        }
    }
}

/// The arguments of the parser or command that the script runs.
fn follow(library: Library, body: &[Stmt], base_args: &[String]) -> Result<Vec<Argument>, Stop> {
    let mut follower = Follower::new(library, body, base_args);
    follower.run()?;
    match library {
        // Code that is not followed may have its own.
        Library::Argparse
            if follower.parsers.ran.is_none()
                && let Some(at) = imports::others(body) =>
        {
            let why = "no parser of the script itself is run, but what it imports may run one";
            Err(Stop::cannot_tell(why, at))
        }
        Library::Argparse => follower.parsers.arguments(),
        Library::Click => follower.commands.arguments(),
    }
}

fn found(dest: String, arguments: Vec<Argument>, path: &Path, lines: &Lines) -> Found {
    let mut found = Found {
        dest,
        ..Found::default()
    };
    for argument in arguments {
        let (file, line) = (path.to_path_buf(), lines.line(argument.at));
        match argument.flag {
            Ok((definition, how)) => found.flags.push(FoundFlag {
                definition,
                file,
                line,
                how,
            }),
            Err(why) => found.skipped.push(Skipped {
                name: argument.name,
                file,
                line,
                why,
            }),
        }
    }
    found
}

/// Where the lines of a text start.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a place, from 1.
    fn line(&self, at: TextSize) -> usize {
        self.0.partition_point(|&end| end < usize::from(at)) + 1
    }
}
