//! The program that shows differences: from the command line, else by file name
//! from the user's config file, else none.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use regex::Regex;
use signal_hook::consts::SIGINT;

use super::diff_sides::Pair;
use crate::base::python_text;
use crate::base::shell_text;
use crate::base::yaml::{self, Value};
use crate::cli::failure::Failure;
use crate::cli::{Context, outside};

/// The pattern of the command for all other files.
const DEFAULT: &str = "default";

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// The programs to choose from.
#[derive(Debug, Default)]
pub struct Programs {
    by_extension: Vec<Choice>,
    default: Option<String>,
}

/// A command for files with an extension.
#[derive(Debug)]
struct Choice {
    /// The extension, or what is found in it.
    pattern: String,
    regex: Option<Regex>,
    command: String,
}

impl Programs {
    /// The program `cmd`, else those of the user's config file.
    ///
    /// # Errors
    /// That file makes no sense.
    pub fn new(cmd: Option<&str>, context: &Context) -> Result<Self, Failure> {
        if let Some(cmd) = cmd.filter(|cmd| !cmd.trim().is_empty()) {
            return Ok(Self::always(cmd));
        }
        let mut warn = |warning: String| context.console.warn(&warning);
        match context.config()?.diff_command() {
            Some(configured) => Ok(Self::configured(configured, &mut warn)),
            None => Ok(Self::default()),
        }
    }

    /// A command for all files, or commands by extension; what is neither is
    /// told to `warn`.
    fn configured(configured: &Value, warn: &mut dyn FnMut(String)) -> Self {
        let mut unusable = |value: &Value| {
            let value = yaml::dump_flow(value);
            warn(format!(
                "unsupported configuration for diff command: {value}"
            ));
        };
        let commands = match configured {
            Value::Str(command) => return Self::always(command),
            Value::Map(commands) => commands,
            other => {
                unusable(other);
                return Self::default();
            }
        };
        let mut programs = Self::default();
        for (pattern, command) in commands.iter() {
            match (pattern.as_str(), command) {
                (_, Value::Null) => {}
                (Some(DEFAULT), Value::Str(command)) => {
                    programs.default = Self::always(command).default;
                }
                (Some(pattern), Value::Str(command)) => programs.by_extension.push(Choice {
                    pattern: pattern.to_string(),
                    regex: Regex::new(pattern).ok(),
                    command: command.clone(),
                }),
                _ => unusable(command),
            }
        }
        for choice in &programs.by_extension {
            if choice.regex.is_none() {
                let pattern = &choice.pattern;
                warn(format!(
                    "diff command: '{pattern}' is no regular expression"
                ));
            }
        }
        programs
    }

    fn always(command: &str) -> Self {
        Self {
            by_extension: Vec::new(),
            default: Some(command.to_string()).filter(|command| !command.trim().is_empty()),
        }
    }

    /// The program for the file or folder at `path`; none where guild itself
    /// shows the differences.
    ///
    /// # Errors
    /// Its command line cannot be read.
    pub fn program_for(&self, path: &Path) -> Result<Option<Program>, Failure> {
        let Some(command) = self.command_for(path) else {
            return Ok(None);
        };
        let words = shell_text::split(command).map_err(|error| {
            Failure::error(format!("cannot read diff command '{command}': {error}"))
        })?;
        Ok((!words.is_empty()).then_some(Program { words }))
    }

    /// An extension that is named wins over one that matches a pattern.
    fn command_for(&self, path: &Path) -> Option<&str> {
        let extension = extension(path);
        let named = |choice: &&Choice| choice.pattern == extension;
        let matching = |choice: &&Choice| {
            let regex = choice.regex.as_ref();
            regex.is_some_and(|regex| regex.is_match(&extension))
        };
        let mut choices = self.by_extension.iter();
        let named = choices.clone().find(named);
        match named.or_else(|| choices.find(matching)) {
            Some(choice) => Some(&choice.command),
            None => self.default.as_deref(),
        }
    }
}

/// The last dot of the file name and what follows; nothing where only dots come
/// before it.
fn extension(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let dots = name.len() - name.trim_start_matches('.').len();
    match name[dots..].rfind('.') {
        Some(at) => name[dots + at..].to_string(),
        None => String::new(),
    }
}

/// A program that shows differences.
#[derive(Debug)]
pub struct Program {
    words: Vec<String>,
}

impl Program {
    /// Runs it on the sides of `pair` until it ends. Its exit code says nothing:
    /// 1 is what many such programs mean differences by.
    ///
    /// # Errors
    /// It cannot be started; the user interrupted it.
    pub fn run(&self, pair: &Pair, context: &Context) -> Result<(), Failure> {
        let sides = [pair.left.path(), pair.right.path()];
        let mut words: Vec<OsString> = self.words.iter().map(OsString::from).collect();
        words.extend(sides.map(OsString::from));
        context.debug(&format!("diff command: {words:?}"));
        let status = outside::run(&words, context)
            .map_err(|error| Failure::error(self.start_failure(&words, &error)))?;
        match status.signal() {
            Some(SIGINT) => Err(Failure::silent(INTERRUPTED)),
            _ => Ok(()),
        }
    }

    /// In the words of the contract, which are Python's.
    fn start_failure(&self, words: &[OsString], error: &io::Error) -> String {
        let line: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let line = String::from_utf8_lossy(&line.join(&b' ')).into_owned();
        let text = error.to_string();
        match (error.raw_os_error(), text.split_once(" (os error")) {
            (Some(code), Some((text, _))) => {
                let program = python_text::str_repr(&self.words[0]);
                format!("error running '{line}': [Errno {code}] {text}: {program}")
            }
            _ => format!("error running '{line}': {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_the_last_dot_and_what_follows() {
        for (path, expected) in [
            ("/runs/a/x.py", ".py"),
            ("/runs/a.b/x", ""),
            ("x.tar.gz", ".gz"),
            (".bashrc", ""),
            ("..x", ""),
            (".x.yml", ".yml"),
            ("x.", "."),
        ] {
            assert_eq!(extension(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_first_pattern_that_fits_decides_after_those_that_are_plain() {
        let configured = yaml::load(
            "{.py: a, .ipynb: b, '[': c, '^.t..$': d, json: e, .x: 3, .y: null, default: ' '}",
        );
        let mut warnings = Vec::new();
        let mut warn = |warning| warnings.push(warning);
        let mut programs = Programs::configured(&configured.unwrap(), &mut warn);
        assert_eq!(
            warnings,
            [
                "unsupported configuration for diff command: 3",
                "diff command: '[' is no regular expression"
            ]
        );
        for (path, expected) in [
            ("x.py", Some("a")),
            ("x.ipynb", Some("b")),
            ("x.pyc", Some("a")),
            ("x.txt", Some("d")),
            ("x.text", None),
            ("x.jsonl", Some("e")),
            ("x", None),
        ] {
            assert_eq!(programs.command_for(Path::new(path)), expected, "{path}");
        }
        programs.default = Some("f".to_string());
        assert_eq!(programs.command_for(Path::new("x")), Some("f"));
    }
}
