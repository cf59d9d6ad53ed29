//! The arguments that say which specs are meant, for every command.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::{Stop, USAGE};
use crate::address::{AddressError, narrow, resolve};
use crate::changed::ChangedError;
use crate::discovery::{Choices, Finder, Found};
use crate::history::{History, Place};
use crate::select::{Criteria, Selection, Shard};

#[derive(Debug, Args)]
pub(super) struct Select {
    /// Specs: a file, a folder, a pattern such as `specs/**/run*.md`, one section
    /// as `FILE:LINE` or `FILE#HEADING`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Suite file [default: suite.toml beside or above the spec, else
    /// specs/suite.toml].
    #[arg(long, value_name = "FILE")]
    pub suite: Option<PathBuf>,
    #[command(flatten)]
    only: Only,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Which of them")]
struct Only {
    /// Only specs with this text in their path.
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only specs with this tag.
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// No specs with this tag.
    #[arg(long, value_name = "TAG")]
    skip_tag: Vec<String>,
    /// Only specs with this text in an example.
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// Only specs that set this option, in the front matter or an example: `NAME`,
    /// or with its sign as in `--option=-WINDOWS`.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    option: Vec<String>,
    /// Only specs that differ from what git has at REF, or whose suite file, prelude
    /// or samples do; new files count [default REF: HEAD].
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true, default_missing_value = "HEAD")]
    changed: Option<String>,
    /// Only specs that failed when they last ran.
    #[arg(long, alias = "last-failed")]
    failed: bool,
    /// Only specs that never ran, or that the last run did not come to.
    #[arg(long)]
    not_run: bool,
    /// Only the I-th of N parts; balanced by time if --history says how long each
    /// takes.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Take the history from this file, and keep it there; may be given several
    /// times to read [default: a file in the user's cache folder].
    #[arg(long, value_name = "FILE", conflicts_with = "no_history")]
    history: Vec<PathBuf>,
    /// Keep the history in this file [default: the one of --history, but none
    /// with --shard].
    #[arg(long, value_name = "FILE", conflicts_with = "no_history")]
    save_history: Option<PathBuf>,
    /// Neither read nor keep a history.
    #[arg(long)]
    no_history: bool,
}

/// The specs that were chosen, and what is known of them.
pub(super) struct Selected {
    pub finder: Finder,
    pub selection: Selection,
    pub history: History,
}

impl Selected {
    /// Says why there is nothing to do, if there is nothing.
    pub fn tell_if_none(&self) -> io::Result<()> {
        if !self.selection.found.is_empty() {
            return Ok(());
        }
        match self.selection.reasons().as_str() {
            "" => writeln!(io::stderr(), "harness: there are no specs (*.md files)"),
            reasons => writeln!(
                io::stderr(),
                "harness: no spec is left, left out: {reasons}"
            ),
        }
    }
}

impl Select {
    /// Finds the specs, reads them, and chooses among them.
    pub fn choose(&self, choices: Choices) -> Result<Selected, Stop> {
        let choices = Choices {
            suite: self.suite.clone(),
            ..choices
        };
        let criteria = self.criteria();
        let mut finder = Finder::new(choices, std::env::current_dir()?);
        let mut found = Vec::new();
        let mut filtered = 0;
        for address in resolve(&self.paths)? {
            if !criteria.meets_filter(&address.file) {
                filtered += 1;
                continue;
            }
            let mut spec = finder.read(&address.file)?;
            if !address.parts.is_empty()
                && let Ok(whole) = &mut spec.spec
            {
                let text = std::fs::read(&address.file)?;
                let lines = text.split_inclusive(|byte| *byte == b'\n').count();
                narrow(whole, &address.parts, lines)?;
                spec.is_part = true;
            }
            found.push(spec);
        }
        let history = History::read(self.place(), &found);
        for note in history.notes() {
            writeln!(io::stderr(), "harness: {note}")?;
        }
        let mut selection = criteria.choose(found, &history)?;
        if filtered > 0 {
            let by = format!("--filter {}", self.only.filter.join(","));
            selection.left_out.insert(0, (by, filtered));
        }
        Ok(Selected {
            finder,
            selection,
            history,
        })
    }

    /// The arguments that choose, as they would be written.
    pub fn arguments(&self) -> Vec<String> {
        let only = &self.only;
        let lists = [
            ("--filter", &only.filter),
            ("--tag", &only.tag),
            ("--skip-tag", &only.skip_tag),
            ("--text", &only.text),
            ("--option", &only.option),
        ];
        let mut arguments = Vec::new();
        for (name, values) in lists {
            arguments.extend(values.iter().map(|value| format!("{name}={value}")));
        }
        arguments.extend(only.changed.iter().map(|r| format!("--changed={r}")));
        arguments.extend(only.failed.then(|| "--failed".to_owned()));
        arguments.extend(only.not_run.then(|| "--not-run".to_owned()));
        arguments.extend(only.shard.iter().map(|shard| format!("--shard={shard}")));
        arguments
    }

    /// Whether the history is kept where the user said.
    pub fn names_history(&self) -> bool {
        !self.only.history.is_empty() || self.only.save_history.is_some()
    }

    fn criteria(&self) -> Criteria {
        let only = &self.only;
        Criteria {
            filters: only.filter.clone(),
            tags: only.tag.clone(),
            skip_tags: only.skip_tag.clone(),
            texts: only.text.clone(),
            options: only.option.clone(),
            changed: only.changed.clone(),
            failed: only.failed,
            not_run: only.not_run,
            shard: only.shard,
            balanced: !only.history.is_empty(),
        }
    }

    fn place(&self) -> Place {
        let only = &self.only;
        if only.no_history {
            return Place::Off;
        }
        if !self.names_history() {
            return Place::Cache;
        }
        // The shards of a run must all see the same history, or a spec could be in
        // none of them: they do not write what they read.
        let same = only.history.last().filter(|_| only.shard.is_none());
        Place::Files {
            read: only.history.clone(),
            write: only.save_history.as_ref().or(same).cloned(),
        }
    }
}

/// The specs that were chosen, for commands that keep no history.
pub(super) fn find(select: &Select, choices: Choices) -> Result<(Finder, Vec<Found>), Stop> {
    let selected = select.choose(choices)?;
    Ok((selected.finder, selected.selection.found))
}

impl From<AddressError> for Stop {
    fn from(error: AddressError) -> Self {
        Stop {
            message: error.to_string(),
            code: USAGE,
        }
    }
}

impl From<ChangedError> for Stop {
    fn from(error: ChangedError) -> Self {
        Stop {
            message: error.to_string(),
            code: USAGE,
        }
    }
}
