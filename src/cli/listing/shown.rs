//! A run as tables and details show it, read so that nothing stops a listing.

use std::cell::RefCell;
use std::path::Path;

use super::table::Cell;
use crate::base::clock::local_text;
use crate::base::text;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::console::Tone;
use crate::runs::{self, Run};
use crate::scalars::ScalarSummary;
use crate::select;

/// The longest folder that is shown behind an operation.
const MAX_DIR: usize = 28;

/// A run to be shown. What cannot be read of it is empty, and remembered for
/// [`Shown::warn`].
pub struct Shown<'a> {
    run: &'a Run,
    context: &'a Context,
    problems: RefCell<Vec<String>>,
}

impl<'a> Shown<'a> {
    /// `run`, of which nothing is read yet.
    pub fn new(run: &'a Run, context: &'a Context) -> Self {
        Self {
            run,
            context,
            problems: RefCell::default(),
        }
    }

    /// The run itself.
    pub fn run(&self) -> &'a Run {
        self.run
    }

    /// What surrounds the command that shows the run.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// The value of `result`, or its default for what cannot be read.
    pub fn or_default<T: Default>(&self, result: runs::Result<T>) -> T {
        result.unwrap_or_else(|error| {
            self.fault(&error);
            T::default()
        })
    }

    /// Remembers something that could not be read.
    pub fn fault(&self, error: &dyn std::error::Error) {
        let problem = error.to_string();
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// What could not be read so far.
    pub fn problems(&self) -> Vec<String> {
        self.problems.borrow().clone()
    }

    /// Tells what could not be read so far, in one line however many files it is.
    pub fn warn(&self) {
        let problems = self.problems.take();
        let Some(first) = problems.first() else {
            return;
        };
        let more = match problems.len() - 1 {
            0 => String::new(),
            1 => " (and 1 more file of the run)".to_string(),
            count => format!(" (and {count} more files of the run)"),
        };
        self.context.warn_all(&[format!("{first}{more}")]);
    }

    /// The scalars of the run, by prefix and tag.
    pub fn scalars(&self) -> Vec<ScalarSummary> {
        let results = self.context.scalars.results(self.run);
        results
            .problems
            .iter()
            .for_each(|problem| self.fault(problem));
        results.scalars
    }

    /// The attributes that the run logged, by name.
    pub fn logged_attrs(&self) -> Vec<(String, String)> {
        let results = self.context.scalars.results(self.run);
        results
            .problems
            .iter()
            .for_each(|problem| self.fault(problem));
        results.attrs
    }

    /// The attribute `name`.
    pub fn attr(&self, name: &str) -> Option<Value> {
        self.or_default(self.run.attr(name))
    }

    /// The attribute `name` as text; empty where it is not set.
    pub fn text(&self, name: &str) -> String {
        self.or_default(self.run.text_attr(name))
            .unwrap_or_default()
    }

    /// The time in the attribute `name`; empty where it is not set.
    pub fn time(&self, name: &str) -> String {
        self.or_default(self.run.integer_attr(name))
            .map(local_text)
            .unwrap_or_default()
    }

    /// When the run was started; empty where it was not.
    pub fn started(&self) -> String {
        self.time("started")
    }

    /// How long ago the run was started; empty where it was not.
    pub fn started_ago(&self) -> String {
        let now = self.context.home.now_micros();
        self.or_default(self.run.integer_attr("started"))
            .map(|started| text::time_ago(now.saturating_sub(started)))
            .unwrap_or_default()
    }

    /// The run's label; empty where it has none.
    pub fn label(&self) -> String {
        self.text("label")
    }

    /// Whether the run is marked.
    pub fn is_marked(&self) -> bool {
        self.attr("marked").is_some_and(|value| value.is_truthy())
    }

    /// The run's status, with the remote it runs on.
    pub fn status(&self) -> String {
        let status = self.run.status();
        if status == runs::Status::Error {
            // Only an exit status that cannot be read is a problem.
            self.or_default(self.run.integer_attr("exit_status"));
        }
        // A run on a remote always counts as running.
        let remote = (status == runs::Status::Running).then(|| self.run.remote());
        match remote.flatten() {
            Some(remote) => format!("{status} ({remote})"),
            None => status.to_string(),
        }
    }

    /// The operation with the folder it is from, where that is not the current
    /// one, and whether the run is marked.
    pub fn operation(&self) -> Cell {
        let mut cell = Cell::plain(select::operation_name(self.run));
        let proto = self.run.proto();
        let opref = self.or_default(proto.as_ref().unwrap_or(self.run).opref().map(Some));
        let dir = opref.as_ref().and_then(|opref| opref.dir());
        if let Some(shown) = dir.and_then(|dir| shown_dir(dir, self.context)) {
            cell.push(format!(" ({shown})"), Tone::Dim);
        }
        if self.is_marked() {
            cell.push(" [marked]", Tone::Plain);
        }
        cell
    }
}

/// `dir` as seen from the current folder; none where it is that.
fn shown_dir(dir: &Path, context: &Context) -> Option<String> {
    let cwd = context.home.cwd();
    if dir == cwd || is_same(dir, cwd) {
        return None;
    }
    let parent = cwd.parent();
    let shown = if let Ok(below) = dir.strip_prefix(cwd) {
        below.display().to_string()
    } else if Some(dir) == parent {
        "../".to_string()
    } else if let Some(below) = parent.and_then(|parent| dir.strip_prefix(parent).ok()) {
        format!("../{}", below.display())
    } else {
        context.home.display(dir)
    };
    Some(text::shorten_path(&shown, MAX_DIR))
}

fn is_same(left: &Path, right: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(left).is_some_and(|left| real(right) == Some(left))
}
