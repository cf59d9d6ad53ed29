//! What a step's run is looked at for once it has ended: files, output, scalars.

use std::path::{Path, PathBuf};

use fancy_regex::Regex;

use crate::base::yaml::{Map, Value};
use crate::base::{files, python_regex, text};
use crate::diff::{self, Missing, Side};
use crate::flags;
use crate::home::Home;
use crate::op::Log;
use crate::runs::Run;
use crate::scalars;

/// The most bytes of a file that a pattern is looked for in.
const MOST: u64 = 1 << 30;

/// Something that must hold of a run.
#[derive(Debug, Clone)]
pub enum Check {
    /// There are files that fit a pattern of names, and what else is said of them.
    File {
        /// The pattern, relative to the run directory.
        path: String,
        /// What each must hold.
        contains: Option<Pattern>,
        /// The file that each must be like, relative to the run directory.
        compare_to: Option<String>,
    },
    /// Something is in the output.
    Output(Pattern),
    /// A scalar has been logged, and its last value is within bounds.
    Scalar {
        /// Its name as listings show it.
        name: String,
        /// The smallest value it may have.
        min: Option<f64>,
        /// The largest value it may have.
        max: Option<f64>,
        /// The value it must have.
        value: Option<f64>,
    },
}

/// A regular expression, and how it was written.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    fn read(value: &Value) -> Result<Self, String> {
        let text = flags::plain_text(value);
        let refuse = || format!("invalid regular expression: {}", flags::python_repr(value));
        let translated = python_regex::translate(&text).map_err(|_| refuse())?;
        let regex = Regex::new(&translated).map_err(|_| refuse())?;
        Ok(Self { text, regex })
    }

    fn shown(&self) -> String {
        flags::python_repr(&self.text.as_str().into())
    }

    fn is_in(&self, text: &str) -> Result<bool, String> {
        let found = self.regex.is_match(text);
        found.map_err(|error| format!("pattern {}: {error}", self.shown()))
    }
}

impl Check {
    /// Reads the checks of a step: what is under `expect` and `checks`.
    ///
    /// # Errors
    /// One that makes no sense.
    pub(super) fn read_all(step: &Map) -> Result<Vec<Self>, String> {
        let mut checks = Vec::new();
        for key in ["expect", "checks"] {
            match step.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::List(items)) => {
                    for item in items {
                        checks.push(Self::read(item)?);
                    }
                }
                Some(item) => checks.push(Self::read(item)?),
            }
        }
        Ok(checks)
    }

    fn read(data: &Value) -> Result<Self, String> {
        let shown = || flags::python_repr(data);
        let kinds = "expected one of: file, output, scalar";
        let map = data
            .as_map()
            .ok_or_else(|| format!("invalid check {} - {kinds}", shown()))?;
        let said = |key: &str| map.get(key).filter(|value| !value.is_null());
        let number = |key: &str| {
            let value = said(key).map(|value| {
                let refuse = || format!("invalid check {} - {key} is not a number", shown());
                value.as_f64().ok_or_else(refuse)
            });
            value.transpose()
        };
        let (check, known): (Self, &[&str]) = if let Some(path) = said("file") {
            let check = Self::File {
                path: flags::plain_text(path),
                contains: said("contains").map(Pattern::read).transpose()?,
                compare_to: said("compare-to").map(flags::plain_text),
            };
            (check, &["file", "contains", "compare-to"])
        } else if let Some(pattern) = said("output") {
            (Self::Output(Pattern::read(pattern)?), &["output"])
        } else if let Some(name) = said("scalar") {
            let check = Self::Scalar {
                name: flags::plain_text(name),
                min: number("min")?,
                max: number("max")?,
                value: number("value")?,
            };
            (check, &["scalar", "min", "max", "value"])
        } else {
            return Err(format!("invalid check {} - {kinds}", shown()));
        };
        let mut keys = map.keys().map(flags::plain_text);
        match keys.find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(format!(
                "invalid check {} - unknown key '{key}' (expected {})",
                shown(),
                known.join(", ")
            )),
            None => Ok(check),
        }
    }

    /// Looks at `run`.
    ///
    /// # Errors
    /// What does not hold.
    pub(super) fn look(&self, run: &Run, home: &Home, log: &dyn Fn(Log)) -> Result<(), String> {
        match self {
            Self::File {
                path,
                contains,
                compare_to,
            } => check_files(
                run,
                path,
                contains.as_ref(),
                compare_to.as_deref(),
                home,
                log,
            ),
            Self::Output(pattern) => check_output(run, pattern, log),
            Self::Scalar {
                name,
                min,
                max,
                value,
            } => check_scalar(run, name, [*min, *max, *value], log),
        }
    }
}

fn info(log: &dyn Fn(Log), text: String) {
    log(Log::Info(text));
}

fn check_files(
    run: &Run,
    path: &str,
    contains: Option<&Pattern>,
    compare_to: Option<&str>,
    home: &Home,
    log: &dyn Fn(Log),
) -> Result<(), String> {
    let id = run.id();
    let shown = flags::python_repr(&path.into());
    info(log, format!("checking run {id} files {shown}"));
    let found = matching(run.dir(), path);
    if found.is_empty() {
        return Err(format!("no files matching {path} in run {id}"));
    }
    for file in found {
        let name = file.strip_prefix(run.dir()).unwrap_or(&file).display();
        if let Some(other) = compare_to {
            let other = with_variables(other, home)?;
            let other = run.dir().join(other);
            let place = other.display();
            info(log, format!("comparing run {id} file {name} to {place}"));
            compare(&file, &other, log)?;
        }
        if let Some(pattern) = contains {
            let shown = pattern.shown();
            info(log, format!("checking run {id} file {name} for {shown}"));
            if !pattern.is_in(&read(&file)?)? {
                return Err(format!(
                    "could not find pattern {shown} in run {id} file {name}"
                ));
            }
        }
    }
    Ok(())
}

fn check_output(run: &Run, pattern: &Pattern, log: &dyn Fn(Log)) -> Result<(), String> {
    let (id, shown) = (run.id(), pattern.shown());
    info(log, format!("checking run {id} output for {shown}"));
    match pattern.is_in(&read(&run.output_path())?)? {
        true => Ok(()),
        false => Err(format!("could not find pattern {shown} in run {id} output")),
    }
}

fn check_scalar(
    run: &Run,
    name: &str,
    [min, max, value]: [Option<f64>; 3],
    log: &dyn Fn(Log),
) -> Result<(), String> {
    let id = run.id();
    info(log, format!("checking run {id} scalar {name}"));
    let mut unread = Vec::new();
    let found = scalars::summaries(run.dir(), &mut |error| unread.push(error.to_string()));
    let found = scalars::by_key(found);
    let Some((_, summary)) = found.iter().find(|(key, _)| key == name) else {
        let known: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
        let there = match known.as_slice() {
            [] => "it has none".to_string(),
            known => format!("it has {}", known.join(", ")),
        };
        let unread = unread
            .first()
            .map_or(String::new(), |error| format!(" ({error})"));
        return Err(format!("no scalar {name} in run {id}: {there}{unread}"));
    };
    let last = summary.last.value;
    let shown = flags::format_value(&Value::Float(last));
    let fault = |relation: &str, bound: f64| {
        let bound = flags::format_value(&Value::Float(bound));
        Err(format!(
            "scalar {name} of run {id} is {shown}, expected {relation} {bound}"
        ))
    };
    // Event files keep four bytes of a number.
    let is_just = |value: f64| last == value || last as f32 == value as f32;
    // A number that is none is within no bounds.
    match (min, max, value) {
        (Some(min), _, _) if last < min || last.is_nan() => fault("at least", min),
        (_, Some(max), _) if last > max || last.is_nan() => fault("at most", max),
        (_, _, Some(value)) if !is_just(value) => fault("just", value),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    match files::read_up_to(path, MOST) {
        Ok(Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Err(format!("error reading run output from {}", path.display())),
    }
}

fn compare(actual: &Path, expected: &Path, log: &dyn Fn(Log)) -> Result<(), String> {
    let mut shown = Vec::new();
    let [left, right] = [expected, actual].map(Side::whole);
    let compared = diff::compare(&left, &right, Missing::Fault, false, &mut shown);
    let outcome = compared.map_err(|error| error.to_string())?;
    if let Some(fault) = outcome.faults.first() {
        return Err(fault.clone());
    }
    if shown.is_empty() {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(&shown);
    log(Log::Error(shown.trim_end().to_string()));
    Err("unexpected file contents - see above for details".to_string())
}

/// `path` with `${NAME}` replaced by variables of the environment.
fn with_variables(path: &str, home: &Home) -> Result<String, String> {
    let variables: Map = home
        .environment()
        .iter()
        .map(|(name, value)| {
            let text = |text: &std::ffi::OsString| Value::from(text.to_string_lossy().as_ref());
            (text(name), text(value))
        })
        .collect();
    super::values::plain(path, &variables).map_err(|reason| format!("'{path}' has {reason}"))
}

/// The files and folders below `dir` that fit `pattern`, part by part: `*`, `?`
/// and `[...]` stand for anything but a dot at the start.
fn matching(dir: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![dir.to_path_buf()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let is_pattern = part.contains(['*', '?', '[']);
        found = found
            .into_iter()
            .flat_map(|dir| match is_pattern {
                false => vec![dir.join(part)],
                true => entries(&dir, part),
            })
            .filter(|path| path.symlink_metadata().is_ok())
            .collect();
    }
    found
}

fn entries(dir: &Path, part: &str) -> Vec<PathBuf> {
    let mut names = files::names(dir).unwrap_or_default();
    names.retain(|name| {
        let name = name.to_string_lossy();
        text::fnmatch(part, &name) && (part.starts_with('.') || !name.starts_with('.'))
    });
    names.sort();
    names.into_iter().map(|name| dir.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    fn refused(text: &str) -> String {
        let step = yaml::load(text).unwrap();
        Check::read_all(step.as_map().unwrap()).unwrap_err()
    }

    #[test]
    fn checks_that_make_no_sense_are_refused() {
        for (text, part) in [
            ("{expect: hi}", "invalid check 'hi' - expected one of"),
            (
                "{expect: [{files: x}]}",
                "expected one of: file, output, scalar",
            ),
            ("{expect: {output: '('}}", "invalid regular expression: '('"),
            ("{checks: {scalar: loss, max: low}}", "max is not a number"),
            ("{checks: {output: x, contain: y}}", "unknown key 'contain'"),
        ] {
            let message = refused(text);
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn names_fit_patterns_part_by_part() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a/1.txt", "a/2.txt", "b/1.txt", ".hid/1.txt", "1.txt"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = |pattern: &str| {
            let found = matching(dir.path(), pattern);
            let names = found
                .iter()
                .map(|path| path.strip_prefix(dir.path()).unwrap());
            names
                .map(|name| name.display().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("*/[12].txt"), ["a/1.txt", "a/2.txt", "b/1.txt"]);
        assert_eq!(found("a/?.txt").len(), 2);
        assert_eq!(found("1.txt"), ["1.txt"]);
        assert_eq!(found(".h*/*"), [".hid/1.txt"]);
        assert_eq!(found("a/3.txt"), [] as [&str; 0]);
    }
}
