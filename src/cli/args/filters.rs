//! Filters: which runs to keep, by what they are and by their status.

use clap::Args;

use crate::runs::Status;

/// Keep runs by what they are.
#[derive(Debug, Default, Args)]
pub struct FilterArgs {
    /// Keep runs that match the expression EXPR.
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
    #[arg(id = "comment_filter", long = "comment", alias = "-Fc", value_name = "VAL")]
    pub comment: Vec<String>,

    /// Keep marked runs.
    #[arg(long, alias = "-Fm")]
    pub marked: bool,

    /// Keep runs that are not marked.
    #[arg(long, alias = "-Fn")]
    pub unmarked: bool,

    /// Keep runs started within RANGE.
    #[arg(long, alias = "-Fs", value_name = "RANGE")]
    pub started: Option<String>,

    /// Keep runs whose source code digest starts with VAL.
    #[arg(long, alias = "-Fd", value_name = "VAL")]
    pub digest: Option<String>,
}

macro_rules! status_args {
    ($($field:ident, $not:ident, $long:literal, $not_long:literal, $alias:literal, $status:ident, $letter:literal, $help:literal;)+) => {
        /// Keep runs by status.
        #[derive(Debug, Default, Args)]
        pub struct StatusArgs {
            $(
                #[doc = $help]
                #[arg(long = $long, alias = $alias, overrides_with = stringify!($not))]
                pub $field: bool,

                /// The opposite.
                #[arg(long = $not_long, hide = true, overrides_with = stringify!($field))]
                pub $not: bool,
            )+

            /// Keep runs by the letters of their statuses, as in '-Sec'.
            #[arg(short = 'S', id = "status_letters", long = "status", hide = true, value_name = "LETTERS")]
            pub letters: Vec<String>,
        }

        impl StatusArgs {
            /// The statuses to keep; none keeps all.
            ///
            /// # Errors
            /// A letter that stands for no status.
            pub fn wanted(&self) -> Result<Vec<Status>, String> {
                let letters = self.letters.last().map(String::as_str).unwrap_or_default();
                if let Some(bad) = letters.chars().find(|letter| !"rcetps".contains(*letter)) {
                    return Err(format!("unrecognized status char '{bad}' in option '-S'"));
                }
                let choices = [$((self.$field || letters.contains($letter), self.$not, Status::$status)),+];
                let wanted = |status: Status| choices.iter().any(|choice| choice.0 && choice.2 == status);
                let refused = |status: Status| choices.iter().any(|choice| choice.1 && !choice.0 && choice.2 == status);
                let any_wanted = choices.iter().any(|choice| choice.0);
                let any_refused = choices.iter().any(|choice| choice.1 && !choice.0);
                if !any_wanted && !any_refused {
                    return Ok(Vec::new());
                }
                Ok([$(Status::$status),+]
                    .into_iter()
                    .filter(|&status| !refused(status) && (!any_wanted || wanted(status)))
                    .collect())
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
