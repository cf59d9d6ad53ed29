//! From the words the user typed to words that clap cannot misread.
//!
//! The contract's grammar is not clap's: options of several letters behind one
//! dash (`-Fo`), clusters whose last letter takes the rest (`-Sec`), options
//! that take the next word whatever it looks like, and errors in words of
//! their own. So this module reads the words by the contract, with the options
//! that the `clap::Command` declares, reports what is wrong, and hands on
//! `--long=value` and arguments behind `--`. Types and counts stay clap's.
//!
//! An option of several letters is declared as a clap alias that starts with a
//! dash: `alias = "-Fo"`.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use clap::{Arg, ArgAction, Command};

use crate::base::text;

/// What the words ask for.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Run a command; the words for clap, the program's name first.
    Run(Vec<OsString>),
    /// Show the help page of the command with this path, as typed.
    Help(Vec<String>),
    /// Show the version.
    Version,
}

/// What is wrong with the words.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// No option has this name.
    #[error("unrecognized option '{name}'{}", did_you_mean(suggestion.as_deref()))]
    UnknownOption {
        /// The name as typed, without a value.
        name: String,
        /// The option that looks most like it.
        suggestion: Option<String>,
        /// The command's path as typed.
        path: String,
    },
    /// An option that takes a value came last.
    #[error("Option '{0}' requires an argument.")]
    MissingValue(String),
    /// A switch was given a value.
    #[error("Option '{0}' does not take a value.")]
    NeedlessValue(String),
    /// No command has this name.
    #[error("No such command '{name}'.")]
    UnknownCommand {
        /// The name as typed.
        name: String,
        /// The path of the group as typed.
        path: String,
    },
    /// More arguments than the command takes.
    #[error("unexpected extra argument{} '{arguments}'", if arguments.contains(' ') { "s" } else { "" })]
    ExtraArguments {
        /// Those that are too many.
        arguments: String,
        /// The path of the command as typed.
        path: String,
    },
    /// An option of a group stands before one of its commands.
    #[error("options cannot be listed before command ('{0}')")]
    OptionsBeforeCommand(String),
}

impl Error {
    /// The command whose help page the message points at, if it does.
    pub fn help_path(&self) -> Option<&str> {
        match self {
            Error::UnknownOption { path, .. }
            | Error::UnknownCommand { path, .. }
            | Error::ExtraArguments { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The exit code: 2 for usage, 1 for the program's own objections.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::OptionsBeforeCommand(_) => 1,
            _ => 2,
        }
    }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or(String::new(), |name| format!(" (did you mean {name}?)"))
}

/// Reads `words` (without the program's own name) for the program `root`.
///
/// # Errors
/// Words that are no option or command of it, or lack a value.
pub fn read(root: &Command, words: impl IntoIterator<Item = OsString>) -> Result<Request, Error> {
    let mut words: VecDeque<OsString> = words.into_iter().collect();
    let mut command = root;
    let mut path = vec![root.get_name().to_string()];
    let mut output = vec![OsString::from(root.get_name())];
    loop {
        let mut level = Level::new(command, path.join(" "));
        level.read(&mut words)?;
        if level.help {
            return Ok(Request::Help(path));
        }
        if level.version {
            return Ok(Request::Version);
        }
        if !command.has_subcommands() {
            level.check_arguments()?;
            output.extend(level.options);
            if !level.arguments.is_empty() {
                output.push("--".into());
                output.extend(level.arguments);
            }
            return Ok(Request::Run(output));
        }
        let Some(name) = words.pop_front() else {
            // A group that does nothing by itself tells what it has.
            if path.len() == 1 || command.is_subcommand_required_set() {
                return Ok(Request::Help(path));
            }
            output.extend(level.options);
            return Ok(Request::Run(output));
        };
        let name = name.to_string_lossy().into_owned();
        let Some(next) = command.find_subcommand(&name) else {
            let path = path.join(" ");
            return Err(Error::UnknownCommand { name, path });
        };
        if path.len() > 1 && !level.options.is_empty() {
            return Err(Error::OptionsBeforeCommand(name));
        }
        output.extend(level.options);
        output.push(next.get_name().into());
        path.push(name);
        command = next;
    }
}

/// The names of an option as the contract lists them: one letter, several
/// letters, then the long ones.
pub fn option_names(arg: &Arg) -> Vec<String> {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    let (letters, longs): (Vec<_>, Vec<_>) = aliases
        .into_iter()
        .partition(|alias| alias.starts_with('-'));
    let short = arg.get_short().map(|letter| format!("-{letter}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    short
        .into_iter()
        .chain(letters.into_iter().map(str::to_string))
        .chain(long)
        .chain(longs.into_iter().map(|long| format!("--{long}")))
        .collect()
}

/// Whether the option takes a value.
pub fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// The words of one command, up to its subcommand.
struct Level<'a> {
    command: &'a Command,
    path: String,
    options: Vec<OsString>,
    arguments: Vec<OsString>,
    help: bool,
    version: bool,
}

impl<'a> Level<'a> {
    fn new(command: &'a Command, path: String) -> Self {
        Self {
            command,
            path,
            options: Vec::new(),
            arguments: Vec::new(),
            help: false,
            version: false,
        }
    }

    fn read(&mut self, words: &mut VecDeque<OsString>) -> Result<(), Error> {
        let group = self.command.has_subcommands();
        while let Some(word) = words.pop_front() {
            if word == "--" {
                if !group {
                    self.arguments.extend(words.drain(..));
                }
                return Ok(());
            }
            let is_option = word.as_bytes().starts_with(b"-") && word.len() > 1;
            if is_option {
                self.read_option(&word, words)?;
            } else if group {
                words.push_front(word);
                return Ok(());
            } else {
                self.arguments.push(word);
            }
        }
        Ok(())
    }

    /// Objects to more arguments than the command declares.
    fn check_arguments(&self) -> Result<(), Error> {
        let is_list = |arg: &Arg| matches!(arg.get_action(), ArgAction::Append);
        let takes_all = self.command.get_positionals().any(is_list);
        let most = self.command.get_positionals().count();
        if takes_all || self.arguments.len() <= most {
            return Ok(());
        }
        let extra: Vec<_> = self.arguments[most..]
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        Err(Error::ExtraArguments {
            arguments: extra.join(" "),
            path: self.path.clone(),
        })
    }

    fn read_option(&mut self, word: &OsStr, words: &mut VecDeque<OsString>) -> Result<(), Error> {
        let (name, value) = split_value(word);
        if name.chars().count() > 2 || name.starts_with("--") {
            if let Some(arg) = self.find(&name) {
                return self.push_option(arg, &name, value, words);
            }
            if name.starts_with("--") {
                return self.read_special(name, value);
            }
        }
        self.read_cluster(word, words)
    }

    /// `--help` and `--version`, which no command declares.
    fn read_special(&mut self, name: String, value: Option<OsString>) -> Result<(), Error> {
        let wanted = match name.as_str() {
            "--help" => &mut self.help,
            "--version" if self.command.get_name() == self.path => &mut self.version,
            _ => return Err(self.unknown(name)),
        };
        if value.is_some() {
            return Err(Error::NeedlessValue(name));
        }
        *wanted = true;
        Ok(())
    }

    /// Letters behind one dash: switches, and at most one option with a value,
    /// which is the rest of the word or the next word.
    fn read_cluster(&mut self, word: &OsStr, words: &mut VecDeque<OsString>) -> Result<(), Error> {
        let text = word.to_string_lossy().into_owned();
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let Some(arg) = self.find(&name) else {
                return Err(Error::UnknownOption {
                    name,
                    suggestion: None,
                    path: self.path.clone(),
                });
            };
            if takes_value(arg) {
                let rest = &text[at + letter.len_utf8()..];
                let value = (!rest.is_empty()).then(|| OsString::from(rest));
                return self.push_option(arg, &name, value, words);
            }
            self.push_option(arg, &name, None, words)?;
        }
        Ok(())
    }

    fn push_option(
        &mut self,
        arg: &Arg,
        name: &str,
        value: Option<OsString>,
        words: &mut VecDeque<OsString>,
    ) -> Result<(), Error> {
        let key = match (arg.get_long(), arg.get_short()) {
            (Some(long), _) => format!("--{long}"),
            (None, Some(short)) => format!("-{short}"),
            (None, None) => return Err(self.unknown(name.to_string())),
        };
        if !takes_value(arg) {
            if value.is_some() {
                return Err(Error::NeedlessValue(name.to_string()));
            }
            self.options.push(key.into());
            return Ok(());
        }
        let value = value
            .or_else(|| words.pop_front())
            .ok_or_else(|| Error::MissingValue(name.to_string()))?;
        let mut joined = OsString::from(key);
        joined.push("=");
        joined.push(value);
        self.options.push(joined);
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&'a Arg> {
        self.command
            .get_arguments()
            .filter(|arg| !arg.is_positional())
            .find(|arg| option_names(arg).iter().any(|known| known == name))
    }

    fn unknown(&self, name: String) -> Error {
        let mut names: Vec<String> = self
            .command
            .get_arguments()
            .filter(|arg| !arg.is_positional())
            .flat_map(option_names)
            .filter(|name| name.chars().count() > 2)
            .collect();
        names.push("--help".to_string());
        if self.command.get_name() == self.path {
            names.push("--version".to_string());
        }
        Error::UnknownOption {
            suggestion: text::closest(&name, &names).map(str::to_string),
            path: self.path.clone(),
            name,
        }
    }
}

/// `--name=value` in its two parts.
fn split_value(word: &OsStr) -> (String, Option<OsString>) {
    let bytes = word.as_bytes();
    match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (
            String::from_utf8_lossy(&bytes[..at]).into_owned(),
            Some(OsString::from_vec(bytes[at + 1..].to_vec())),
        ),
        None => (word.to_string_lossy().into_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Command {
        let option = |id: &'static str| Arg::new(id).long(id);
        let switch = |id: &'static str| option(id).action(ArgAction::SetTrue);
        let list = Command::new("list")
            .arg(switch("all").short('a'))
            .arg(option("limit").short('n'))
            .arg(option("operation").alias("-Fo"))
            .arg(Arg::new("filter").long("filter").short('F'))
            .arg(Arg::new("status").short('S'))
            .arg(Arg::new("runs").num_args(0..).action(ArgAction::Append));
        Command::new("guild")
            .arg(Arg::new("cwd").short('C'))
            .arg(switch("debug"))
            .subcommand(list.clone())
            .subcommand(Command::new("runs").arg(switch("all")).subcommand(list))
    }

    fn words(line: &str) -> Result<String, String> {
        let words = line.split_whitespace().map(OsString::from);
        match read(&program(), words) {
            Ok(Request::Run(words)) => {
                let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
                Ok(words[1..].join(" "))
            }
            Ok(other) => Ok(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn words_are_read_by_the_contract() {
        for (typed, expected) in [
            ("list x --all y", "list --all -- x y"),
            ("list -an5", "list --all --limit=5"),
            ("list -n -1", "list --limit=-1"),
            ("list -Fo train", "list --operation=train"),
            ("list -Fo=train", "list --operation=train"),
            ("list -Foval", "list --filter=oval"),
            ("list -Sec", "list -S=ec"),
            ("list --limit --all", "list --limit=--all"),
            ("list --operation=a=b", "list --operation=a=b"),
            ("list -- -x", "list -- -x"),
            ("-C here runs list", "-C=here runs list"),
            ("runs", "runs"),
            ("runs --all", "runs --all"),
            ("runs -- list", "runs list"),
            ("", r#"Help(["guild"])"#),
            (
                "runs list --help --all",
                r#"Help(["guild", "runs", "list"])"#,
            ),
            ("--version", "Version"),
        ] {
            assert_eq!(words(typed).as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn errors_are_worded_by_the_contract() {
        for (typed, expected) in [
            ("xx", "No such command 'xx'."),
            ("runs -", "No such command '-'."),
            (
                "--versio",
                "unrecognized option '--versio' (did you mean --version?)",
            ),
            ("-z", "unrecognized option '-z'"),
            ("-C", "Option '-C' requires an argument."),
            ("list -Fo", "Option '-Fo' requires an argument."),
            ("list -an", "Option '-n' requires an argument."),
            ("list --all=yes", "Option '--all' does not take a value."),
            (
                "list --al",
                "unrecognized option '--al' (did you mean --all?)",
            ),
            ("list -zz", "unrecognized option '-z'"),
            ("list -a=1", "unrecognized option '-='"),
            (
                "runs --all list",
                "options cannot be listed before command ('list')",
            ),
        ] {
            assert_eq!(words(typed), Err(expected.to_string()), "{typed}");
        }
    }
}
