//! Which run is meant where a run of an operation is required.

use std::path::Path;

use fancy_regex::Regex;

use crate::base::python_regex;
use crate::home::{Home, tidy};
use crate::opref::OpRef;
use crate::runs::{self, Run, Status, Store};
use crate::select;

/// How many runs are listed that would do.
const MOST_LISTED: usize = 5;

/// How long the id of a run is in full.
const ID_LENGTH: usize = 32;

/// Why no run can be chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is none of an operation.
    #[error("invalid operation reference '{0}'")]
    InvalidOperation(String),
    /// There is no run that would do.
    #[error("no suitable run for {wanted}{hint}")]
    NoRun {
        /// The operations.
        wanted: String,
        /// Runs of them that there are, from a line break on.
        hint: String,
    },
    /// Runs cannot be listed.
    #[error(transparent)]
    Runs(#[from] runs::Error),
}

/// An operation by name: `[[PACKAGE/]MODEL:]OPERATION`. Models and operations are
/// patterns for the whole of a name.
#[derive(Debug)]
struct Wanted {
    shown: String,
    package: Option<String>,
    model: Option<Name>,
    op: Name,
}

#[derive(Debug)]
struct Name {
    text: String,
    /// None for what is no pattern, which then stands for itself.
    pattern: Option<Regex>,
}

/// The run of one of `operations` that is meant: the one with the id `given`, or
/// that of those whose ids start so which is marked, else the one started last.
/// Only those that have ended well, run or were stopped are meant, and staged ones
/// if `staged`; not so the one whose whole id is given.
///
/// # Errors
/// There is none; a name is none of an operation; runs cannot be listed.
pub fn choose(
    operations: &[String],
    given: Option<&str>,
    staged: bool,
    home: &Home,
) -> Result<Run, Error> {
    let wanted = operations.iter().flat_map(|names| names.split(','));
    let wanted: Vec<Wanted> = wanted
        .map(|name| Wanted::parse(name.trim()))
        .collect::<Result<_, _>>()?;
    let candidates = candidates(given, home)?;
    if given.is_some_and(|id| id.chars().count() == ID_LENGTH)
        && let [run, ..] = candidates.as_slice()
    {
        return Ok(run.clone());
    }
    let of_wanted = candidates.into_iter().filter(|run| is_of(run, &wanted));
    let mut suitable = of_wanted.filter(|run| has_results(run.status(), staged));
    let Some(latest) = suitable.next() else {
        return Err(no_run(&wanted, home)?);
    };
    if latest.is_marked() {
        return Ok(latest);
    }
    Ok(suitable.find(Run::is_marked).unwrap_or(latest))
}

/// What tells runs of the operation `name`, which is a pattern for the whole of a
/// name; none are of a name that no operation can have.
pub fn of_operation(name: &str) -> impl Fn(&Run) -> bool + use<> {
    let wanted: Vec<Wanted> = Wanted::parse(name).into_iter().collect();
    move |run| is_of(run, &wanted)
}

fn is_of(run: &Run, wanted: &[Wanted]) -> bool {
    match run.opref() {
        Ok(opref) => wanted.iter().any(|wanted| wanted.is_of(&opref)),
        Err(_) => false,
    }
}

/// That there is no run, with those of the operations that would do, or else that
/// would not.
fn no_run(wanted: &[Wanted], home: &Home) -> Result<Error, Error> {
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.shown.as_str()).collect();
    let runs = candidates(None, home)?;
    let runs = runs.into_iter().filter(|run| is_of(run, wanted));
    let runs: Vec<(Status, Run)> = runs.map(|run| (run.status(), run)).collect();
    let is_suitable = |(status, _): &&(Status, Run)| has_results(*status, false);
    let suitable: Vec<_> = runs.iter().filter(is_suitable).collect();
    let (title, listed) = match suitable.is_empty() {
        false => ("These runs would do:", suitable),
        true => (
            "There are only runs that are not completed, terminated or running:",
            runs.iter().collect(),
        ),
    };
    let rows: Vec<Vec<String>> = listed
        .iter()
        .take(MOST_LISTED)
        .map(|run| row(run))
        .collect();
    let mut hint = String::new();
    if !rows.is_empty() {
        hint = format!("\n{title}");
        for line in crate::base::text::table(&rows, 2) {
            hint += &format!("\n  {line}");
        }
        if listed.len() > MOST_LISTED {
            hint += &format!("\n  and {} more", listed.len() - MOST_LISTED);
        }
    }
    Ok(Error::NoRun {
        wanted: names.join(","),
        hint,
    })
}

fn row((status, run): &(Status, Run)) -> Vec<String> {
    let label = run.text_attr("label").ok().flatten().unwrap_or_default();
    vec![
        format!("[{}]", run.short_id()),
        select::operation_name(run),
        status.to_string(),
        label,
    ]
}

/// Whether a run of this status is one that another can be made from.
fn has_results(status: Status, staged: bool) -> bool {
    match status {
        Status::Completed | Status::Running | Status::Terminated => true,
        Status::Staged => staged,
        Status::Error | Status::Pending => false,
    }
}

/// The runs there are, those whose ids start with `given` if it is there; in a step
/// those of its pipeline. The one started last is the first.
fn candidates(given: Option<&str>, home: &Home) -> Result<Vec<Run>, Error> {
    let store = Store::visible(home);
    match given {
        Some(prefix) => Ok(store.starting_with(prefix)?),
        None => Ok(store.list()?),
    }
}

/// The run or other folder that `given` is the path of, relative to `location`.
pub fn folder(given: &str, location: &Path) -> Option<Run> {
    let path = tidy(&location.join(given));
    (!given.is_empty() && path.is_dir()).then(|| Run::at(path))
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidOperation(text.to_string());
        let (place, op) = match text.rsplit_once(':') {
            Some((place, op)) => (Some(place), op),
            None => (None, text),
        };
        let (package, model) = match place.map(|place| place.split_once('/')) {
            Some(Some((package, model))) => (Some(package), Some(model)),
            Some(None) => (None, place),
            None => (None, None),
        };
        let is_name = |name: Option<&str>| name.is_none_or(|name| !name.is_empty());
        if op.is_empty() || op.contains('/') || !is_name(model) || !is_name(package) {
            return Err(invalid());
        }
        Ok(Self {
            shown: text.to_string(),
            package: package.map(str::to_string),
            model: model.map(Name::new),
            op: Name::new(op),
        })
    }

    fn is_of(&self, opref: &OpRef) -> bool {
        let of_package = match &self.package {
            Some(package) => opref.kind == "package" && opref.name == *package,
            None => true,
        };
        let of_model = self
            .model
            .as_ref()
            .is_none_or(|model| model.fits(&opref.model));
        of_package && of_model && self.op.fits(&opref.op)
    }
}

impl Name {
    fn new(text: &str) -> Self {
        // `+` is the name of batches.
        let translated = (text != "+")
            .then(|| python_regex::translate(text).ok())
            .flatten();
        Self {
            text: text.to_string(),
            pattern: translated.and_then(|text| Regex::new(&format!(r"\A(?:{text})\z")).ok()),
        }
    }

    fn fits(&self, name: &str) -> bool {
        let fits = |pattern: &Regex| pattern.is_match(name).unwrap_or(false);
        self.text == name || self.pattern.as_ref().is_some_and(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_of(wanted: &str, source: &str, model: &str, op: &str) -> bool {
        let opref = OpRef::parse(&format!("{source} '' '{model}' {op}")).unwrap();
        Wanted::parse(wanted).unwrap().is_of(&opref)
    }

    #[test]
    fn operations_are_meant_by_name_or_pattern() {
        assert!(is_of("prep", "guildfile:/p/guild.yml", "m", "prep"));
        assert!(is_of("m:prep", "guildfile:/p/guild.yml", "m", "prep"));
        assert!(!is_of("n:prep", "guildfile:/p/guild.yml", "m", "prep"));
        assert!(is_of("prep-.*", "guildfile:/p/guild.yml", "", "prep-a"));
        assert!(!is_of("prep", "guildfile:/p/guild.yml", "", "prep-a"));
        assert!(is_of("p/m:prep", "package:p", "m", "prep"));
        assert!(!is_of("q/m:prep", "package:p", "m", "prep"));
        assert!(is_of("prep.py", "script:/p", "", "prep.py"));
        assert!(is_of("+", "builtin:guildai", "", "+"));
        assert!(is_of("a(", "script:/p", "", "'a('"));
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        for text in ["", "a/b", ":a", "a:", "/m:a"] {
            assert!(Wanted::parse(text).is_err(), "{text}");
        }
    }
}
