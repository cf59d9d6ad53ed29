//! Which run is meant where a run of an operation is required.

use std::path::Path;

use fancy_regex::Regex;

use crate::base::python_regex;
use crate::home::{Home, tidy};
use crate::opref::OpRef;
use crate::runs::{self, Run, Status, Store};

/// How long the id of a run is in full.
const ID_LENGTH: usize = 32;

/// Why no run can be chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is none of an operation.
    #[error("invalid operation reference '{0}'")]
    InvalidOperation(String),
    /// There is no run that would do.
    #[error("no suitable run for {0}")]
    NoRun(String),
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
    let none = || {
        let names: Vec<&str> = wanted.iter().map(|wanted| wanted.shown.as_str()).collect();
        Error::NoRun(names.join(","))
    };
    let candidates = candidates(given, home)?;
    if given.is_some_and(|id| id.chars().count() == ID_LENGTH) {
        return candidates.into_iter().next().ok_or_else(none);
    }
    let is_wanted = |run: &Run| match run.opref() {
        Ok(opref) => wanted.iter().any(|wanted| wanted.is_of(&opref)),
        Err(_) => false,
    };
    let mut suitable = candidates
        .into_iter()
        .filter(|run| is_wanted(run) && has_results(run.status(), staged));
    let Some(latest) = suitable.next() else {
        return Err(none());
    };
    if latest.is_marked() {
        return Ok(latest);
    }
    Ok(suitable.find(Run::is_marked).unwrap_or(latest))
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
    let store = Store::new(home.runs_dir());
    let prefix = given.unwrap_or_default();
    if let Some(parent) = home
        .variable("GUILD_RUNS_PARENT")
        .filter(|id| !id.is_empty())
    {
        let steps = store.linked_from(&Run::at(store.dir().join(parent)))?;
        let is_meant = |run: &Run| run.id().starts_with(prefix);
        return Ok(steps.into_iter().filter(is_meant).collect());
    }
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
