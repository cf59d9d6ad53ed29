//! The scalars and logged attributes of a run: picking them from what its
//! process prints, and reading them from its event files.
//!
//! Which operation captures what, and how values are shown, is for others.

mod capture;
mod cut_off;
mod event_dirs;
mod event_file;
mod index;
mod lines;
mod logged_attrs;
mod pattern;
mod patterns;
mod points;
mod recorder;
mod series;
mod stats;
mod steps;
mod summary;

pub use capture::Capture;
pub use index::{Index, Known, Results};
pub use lines::{Lines, text as line_text};
pub use logged_attrs::logged_attrs;
pub use pattern::{Kind, Trial};
pub use patterns::{Patterns, keras_scalars};
pub use points::points;
pub use recorder::Recorder;
pub use series::{Sample, Series, series};
pub use summary::{Point, ScalarSummary, by_key, summaries};

use std::path::PathBuf;

use crate::base::files;

/// Why scalars or attributes cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] files::Error),
    /// An event file goes on with something else than events.
    #[error("cannot read all of {}: not an event file from some point on", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// Result of reading or writing scalars.
pub type Result<T> = std::result::Result<T, Error>;

/// The name that users know a value by: its tag, after the folder of its event
/// files unless these are in the run's own places.
fn key(prefix: &str, tag: &str) -> String {
    match shown_prefix(prefix) {
        "" => tag.to_string(),
        prefix => format!("{prefix}#{tag}"),
    }
}

fn shown_prefix(prefix: &str) -> &str {
    match prefix {
        ".guild" => "",
        _ => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_the_folder_unless_it_is_the_runs_own() {
        assert_eq!(key("", "loss"), "loss");
        assert_eq!(key(".guild", "loss"), "loss");
        assert_eq!(key("logs/train", "loss"), "logs/train#loss");
        assert_eq!(key("0a1b/.guild", "loss"), "0a1b/.guild#loss");
    }
}
