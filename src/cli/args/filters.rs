//! Filters: which runs to keep, by what they are and by their status.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::RemoteArg;
use crate::runs::Status;

/// Which runs a command keeps.
#[derive(Debug, Clone, Default, Args)]
pub struct KeepArgs {
    /// By what they are.
    #[command(flatten)]
    pub filters: FilterArgs,

    /// By their status.
    #[command(flatten)]
    pub statuses: StatusArgs,
}

/// Which runs a command keeps, and where they are.
#[derive(Debug, Clone, Default, Args)]
pub struct MatchArgs {
    /// By what they are.
    #[command(flatten)]
    pub keep: KeepArgs,

    /// On which machine.
    #[command(flatten)]
    pub remote: RemoteArg,
}

/// Keep runs by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct FilterArgs {
    /// Keep runs for which EXPR holds, as in 'lr = 0.1 and loss < 0.5'; see 'guild
    /// runs list --help'.
    #[arg(short = 'F', long, value_name = "EXPR")]
    pub filter: Option<String>,

    /// Keep runs of operations that match VAL. May be given several times.
    #[arg(long, alias = "-Fo", value_name = "VAL")]
    pub operation: Vec<String>,

    /// Keep runs whose label matches VAL; use '--unlabeled' for those without one.
    #[arg(id = "label_filter", long = "label", alias = "-Fl", value_name = "VAL")]
    pub label: Vec<String>,

    /// Keep runs without a label.
    #[arg(long, alias = "-Fu")]
    pub unlabeled: bool,

    /// Keep runs tagged TAG.
    #[arg(id = "tag_filter", long = "tag", alias = "-Ft", value_name = "TAG")]
    pub tag: Vec<String>,

    /// Keep runs with a comment that matches VAL.
    #[arg(
        id = "comment_filter",
        long = "comment",
        alias = "-Fc",
        value_name = "VAL"
    )]
    pub comment: Vec<String>,

    /// Keep marked runs.
    #[arg(long, alias = "-Fm")]
    pub marked: bool,

    /// Keep runs that are not marked.
    #[arg(long, alias = "-Fn")]
    pub unmarked: bool,

    /// Keep runs started within RANGE, as in 'last 2 hours'; see 'guild runs list
    /// --help'.
    #[arg(long, alias = "-Fs", value_name = "RANGE")]
    pub started: Option<String>,

    /// Keep runs whose source code digest starts with VAL.
    #[arg(long, alias = "-Fd", value_name = "VAL")]
    pub digest: Option<String>,
}

macro_rules! status_args {
    ($($field:ident, $not:ident, $long:literal, $not_long:literal, $alias:literal, $status:ident, $letter:literal, $help:literal;)+) => {
        /// Options that keep or refuse runs by status.
        #[derive(Debug, Clone, Default, Args)]
        struct StatusOptions {
            $(
                #[doc = $help]
                #[arg(long = $long, alias = $alias, overrides_with = stringify!($not))]
                $field: bool,

                /// The opposite.
                #[arg(long = $not_long, hide = true, overrides_with = stringify!($field))]
                $not: bool,
            )+

        }

        impl StatusOptions {
            /// Each status with its letter and what its own options say.
            fn choices(&self) -> Vec<(Status, char, &'static str, Option<bool>)> {
                let choice = |wanted, refused| match (wanted, refused) {
                    (true, _) => Some(true),
                    (_, true) => Some(false),
                    _ => None,
                };
                vec![$((Status::$status, $letter, stringify!($not), choice(self.$field, self.$not))),+]
            }
        }
    };
}

status_args! {
    running, not_running, "running", "not-running", "-Sr", Running, 'r', "Keep runs that are still running.";
    completed, not_completed, "completed", "not-completed", "-Sc", Completed, 'c', "Keep runs that ended well.";
    error, not_error, "error", "not-error", "-Se", Error, 'e', "Keep runs that ended with an error.";
    terminated, not_terminated, "terminated", "not-terminated", "-St", Terminated, 't', "Keep runs that were ended by a signal.";
    pending, not_pending, "pending", "not-pending", "-Sp", Pending, 'p', "Keep runs that wait to be started.";
    staged, not_staged, "staged", "not-staged", "-Ss", Staged, 's', "Keep staged runs.";
}

/// The option that keeps runs by several statuses at once.
#[derive(Debug, Clone, Default, Args)]
struct StatusLetters {
    /// Keep runs by the letters of their statuses, as in '-Sec'.
    #[arg(
        short = 'S',
        id = "status_letters",
        hide = true,
        value_name = "LETTERS"
    )]
    letters: Vec<String>,
}

/// Keep runs by status.
#[derive(Debug, Clone, Default)]
pub struct StatusArgs {
    options: StatusOptions,
    letters: StatusLetters,
    /// The `--not-` options that were typed after the letters, which win there.
    after_letters: Vec<&'static str>,
}

impl Args for StatusArgs {
    fn augment_args(command: Command) -> Command {
        StatusLetters::augment_args(StatusOptions::augment_args(command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for StatusArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut status = Self::default();
        status.update_from_arg_matches(matches)?;
        Ok(status)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.options = StatusOptions::from_arg_matches(matches)?;
        self.letters = StatusLetters::from_arg_matches(matches)?;
        let letters = matches.index_of("status_letters");
        let not_options = self.options.choices().into_iter().map(|choice| choice.2);
        self.after_letters = not_options
            .filter(|not| letters.is_some() && matches.index_of(not) > letters)
            .collect();
        Ok(())
    }
}

impl StatusArgs {
    /// The statuses to keep; none keeps all.
    ///
    /// # Errors
    /// A letter that stands for no status.
    pub fn wanted(&self) -> Result<Vec<Status>, String> {
        let choices = self.options.choices();
        let letters = self
            .letters
            .letters
            .last()
            .map(String::as_str)
            .unwrap_or_default();
        let known = |letter: char| choices.iter().any(|choice| choice.1 == letter);
        if let Some(bad) = letters.chars().find(|&letter| !known(letter)) {
            return Err(format!("unrecognized status char '{bad}' in option '-S'"));
        }
        let choices: Vec<(Status, Option<bool>)> = choices
            .into_iter()
            .map(|(status, letter, not, choice)| {
                let by_letter = letters.contains(letter);
                let overruled = choice == Some(false) && !self.after_letters.contains(&not);
                let choice = if by_letter && !overruled {
                    Some(true)
                } else {
                    choice
                };
                (status, choice)
            })
            .collect();
        if choices.iter().all(|(_, choice)| choice.is_none()) {
            return Ok(Vec::new());
        }
        let any_wanted = choices.iter().any(|(_, choice)| *choice == Some(true));
        Ok(choices
            .into_iter()
            .filter(|(_, choice)| choice.unwrap_or(!any_wanted))
            .map(|(status, _)| status)
            .collect())
    }
}

/// Which runs a command keeps that has another meaning for '-S', so that
/// statuses can be given one by one only.
#[derive(Debug, Default)]
pub struct KeepNamedArgs {
    /// Which runs it keeps.
    pub keep: KeepArgs,
}

impl Args for KeepNamedArgs {
    fn augment_args(command: Command) -> Command {
        StatusOptions::augment_args(FilterArgs::augment_args(command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for KeepNamedArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut named = Self::default();
        named.update_from_arg_matches(matches)?;
        Ok(named)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.keep.filters = FilterArgs::from_arg_matches(matches)?;
        self.keep.statuses.options = StatusOptions::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        status: StatusArgs,
    }

    fn wanted(line: &str) -> Vec<&'static str> {
        let words = std::iter::once("x").chain(line.split_whitespace());
        let program = Program::try_parse_from(words).unwrap();
        let statuses = program.status.wanted().unwrap();
        statuses.into_iter().map(Status::as_str).collect()
    }

    #[test]
    fn statuses_add_up_and_refusals_take_away() {
        let all_but_completed = ["running", "error", "terminated", "pending", "staged"];
        for (line, expected) in [
            ("", &[] as &[&str]),
            ("--completed", &["completed"]),
            ("--completed --error", &["completed", "error"]),
            ("-S ec", &["completed", "error"]),
            ("-S ce -S s", &["staged"]),
            ("--not-completed", &all_but_completed),
            ("--not-completed --completed", &["completed"]),
            ("--completed --not-completed", &all_but_completed),
            ("-S c --not-completed", &["completed"]),
            ("--not-completed -S c", &all_but_completed),
            ("--not-completed -S ce", &["error"]),
            ("--completed --not-error", &["completed"]),
        ] {
            assert_eq!(wanted(line), expected, "{line}");
        }
    }

    #[test]
    fn other_letters_are_refused() {
        let program = Program::try_parse_from(["x", "-Sexy"]).unwrap();
        let message = "unrecognized status char 'x' in option '-S'";
        assert_eq!(program.status.wanted().unwrap_err(), message);
    }
}
