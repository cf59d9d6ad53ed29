//! Flag values: what the user gives over what the operation defines, checked.

mod check;
pub mod file;
pub mod form;
mod words;

use std::path::Path;

use super::coerce::{Places, coerce};
use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags::{self, FlagDest};
use crate::guildfile::{Choice, FlagDef};
use crate::project::Operation;

pub use words::Words;

/// Why flag values cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Error {
    /// Words that set no flag.
    #[error("invalid argument(s):\n{}\nexpected NAME=VAL", .0.join("\n"))]
    NoAssignment(Vec<String>),
    /// A flag that the operation does not have.
    #[error(
        "unsupported flag '{name}'\nTry 'guild run {op} --help-op' for a list of flags or use \
         --force-flags to skip this check.{}",
        .nearest.as_ref().map_or(String::new(), |name| format!("\nDid you mean '{name}'?"))
    )]
    Unsupported {
        /// The flag.
        name: String,
        /// The operation as shown.
        op: String,
        /// A flag of the operation with a name like it.
        nearest: Option<String>,
    },
    /// A flag that is given by both of its names. Guild AI names them so.
    #[error(
        "cannot specify both alias '{flag}' and name for flag '{alias}'\nUse --force-flags to \
         skip this check."
    )]
    Twice {
        /// The flag.
        flag: String,
        /// Its other name.
        alias: String,
    },
    /// A value that the flag cannot have.
    #[error("invalid value {text} for {name}: {reason}")]
    Invalid {
        /// The flag.
        name: String,
        /// The value as typed.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that is none of the choices; the whole message.
    #[error("{0}")]
    NotAChoice(String),
    /// Flags without a value that need one; the whole message.
    #[error("{0}")]
    Missing(String),
    /// A file of values that is not there.
    #[error("batch file {0} does not exist")]
    NoFile(String),
    /// A file of values that cannot be used.
    #[error("cannot read trials for {path}: {reason}")]
    UnreadableFile {
        /// The file as it was named.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Whether the message stands alone, without the program's name before it.
    pub fn is_bare(&self) -> bool {
        matches!(self, Error::NotAChoice(_) | Error::Missing(_))
    }
}

/// Flag values of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlagValues {
    /// All flags, in name order. A flag with several values, in a list or by a
    /// function, is one of a batch.
    pub all: Map,
    /// Those that the user gave, as they were read and by the names they were
    /// given by.
    pub user: Map,
    /// The values of the trials of a batch, where files say those of several runs.
    pub trials: Vec<Map>,
}

impl FlagValues {
    /// Whether they are for several runs: a flag has several values, or there are
    /// trials.
    pub fn are_for_batch(&self) -> bool {
        let has_several = |value: &Value| value.as_list().is_some() || is_function(value);
        !self.trials.is_empty() || self.all.values().any(has_several)
    }
}

/// Whether a value is a function that values are drawn from.
pub fn is_function(value: &Value) -> bool {
    value.as_str().is_some_and(flags::is_function)
}

/// Where the values of a run come from, beside the operation.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Values that hold before the operation's defaults, such as those of a
    /// restarted run.
    pub base: Option<&'a Map>,
    /// What the user gave.
    pub words: &'a Words,
    /// Where paths that the user gave are relative to.
    pub dir: &'a Path,
    /// The user's home, for `~` in paths.
    pub user_home: Option<&'a Path>,
    /// Whether nothing is checked.
    pub force: bool,
}

/// The values of `operation` with those of `given` applied. What the user should
/// know of them is told to `warn`.
///
/// # Errors
/// A flag or a value that the operation does not take; a file of values that
/// cannot be used.
pub fn resolve(
    operation: &Operation,
    given: &Given<'_>,
    warn: &mut dyn FnMut(String),
) -> Result<FlagValues, Error> {
    let (user, trials) = user_values(operation, given, warn)?;
    // What trials say may be for flags that nothing defines.
    let given = &Given {
        force: given.force || !trials.is_empty(),
        ..*given
    };
    let named = by_name(&operation.flags, user.clone(), given.force)?;
    let sorted = sorted_flags(operation);
    let mut typed = Map::new();
    for (name, value) in named.iter() {
        let flag = sorted.iter().find(|flag| name.as_str() == Some(&flag.name));
        let value = match flag {
            Some(flag) => coerced(flag, value.clone(), given.dir, operation, given)?,
            None => value.clone(),
        };
        typed.insert(name.clone(), value);
    }
    let mut merged = default_values(operation, &sorted, &typed, given, warn)?;
    for (name, value) in given.base.into_iter().flat_map(Map::iter) {
        merged.insert(name.clone(), value.clone());
    }
    for (name, value) in typed.iter() {
        merged.insert(name.clone(), value.clone());
    }
    if !given.force {
        check_names(operation, &named)?;
        check_values(operation, &sorted, &merged)?;
    }
    apply_choices(&sorted, &typed, given.base, &mut merged);
    let all = in_order(&merged);
    Ok(FlagValues { all, user, trials })
}

/// The values that a person made of those `before`, made to suit and checked as those that are
/// typed are.
///
/// # Errors
/// As [`resolve`].
pub fn edited(
    operation: &Operation,
    (before, values): (&Map, &Map),
    given: &Given<'_>,
) -> Result<Map, Error> {
    let sorted = sorted_flags(operation);
    let mut typed = Map::new();
    for (name, value) in values.iter() {
        let name = flags::name_text(name);
        let flag = sorted.iter().find(|flag| flag.name == name);
        let value = match flag {
            Some(flag) => coerced(flag, value.clone(), given.dir, operation, given)?,
            None => value.clone(),
        };
        typed.insert(name, value);
    }
    if !given.force {
        let new = typed
            .iter()
            .filter(|(name, _)| before.get_value(name).is_none());
        let new: Map = new
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        check_names(operation, &new)?;
        check_values(operation, &sorted, &typed)?;
    }
    for flag in &sorted {
        replace_alias(flag, &mut typed);
    }
    Ok(in_order(&typed))
}

/// `values` by name.
pub(super) fn in_order(values: &Map) -> Map {
    let entries = values.sorted().into_iter();
    entries
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The flags by name, which is the order in which they are looked at.
fn sorted_flags(operation: &Operation) -> Vec<&FlagDef> {
    let mut flags: Vec<&FlagDef> = operation.flags.iter().collect();
    flags.sort_by(|left, right| left.name.cmp(&right.name));
    flags
}

/// What the user typed, and what the files hold that the user named: the values
/// of one run where they were not typed too, or those of several.
fn user_values(
    operation: &Operation,
    given: &Given<'_>,
    warn: &mut dyn FnMut(String),
) -> Result<(Map, Vec<Map>), Error> {
    let mut user = Map::new();
    for (name, text) in &given.words.assignments {
        let is_meant = |flag: &&FlagDef| flag.name == *name;
        let is_alias = |flag: &&FlagDef| flag.alias.as_ref() == Some(name);
        let mut flags = operation.flags.iter();
        let flag = flags.find(is_meant);
        let flag = flag.or_else(|| operation.flags.iter().find(is_alias));
        let kind = flag.and_then(|flag| flag.kind.as_deref()).unwrap_or("auto");
        let value = flags::decode_as(text, kind);
        if value.as_str() == Some(text)
            && let Some(fault) = flags::sequence_fault(text)
        {
            warn(fault);
        }
        user.insert(name.as_str(), value);
    }
    let mut trials = file_values(given)?;
    if let [_] = trials[..] {
        for (name, value) in trials.remove(0).iter() {
            if user.get_value(name).is_none() {
                user.insert(name.clone(), value.clone());
            }
        }
    }
    Ok((user, trials))
}

/// The values in the files that the user named, run by run.
fn file_values(given: &Given<'_>) -> Result<Vec<Map>, Error> {
    let mut entries = Vec::new();
    for word in &given.words.files {
        let (path, shown) = file::place(word, given.dir, given.user_home);
        entries.extend(file::read(&path, &shown)?);
    }
    let named = |entry: Map| -> Map {
        let named = entry.iter();
        named
            .map(|(name, value)| (flags::name_text(name), value.clone()))
            .collect()
    };
    Ok(entries.into_iter().map(named).collect())
}

/// `values` by the names of their flags, where they were given by an alias.
fn by_name(flags: &[FlagDef], mut values: Map, force: bool) -> Result<Map, Error> {
    for flag in flags {
        let Some(alias) = flag.alias.as_ref().filter(|alias| **alias != flag.name) else {
            continue;
        };
        match (values.contains(alias), values.contains(&flag.name)) {
            (true, true) if !force => {
                return Err(Error::Twice {
                    flag: flag.name.clone(),
                    alias: alias.clone(),
                });
            }
            (true, false) => {
                if let Some(value) = values.remove(alias) {
                    values.insert(flag.name.as_str(), value);
                }
            }
            _ => {}
        }
    }
    Ok(values)
}

/// The defaults of the flags that are not among `typed`.
fn default_values(
    operation: &Operation,
    flags: &[&FlagDef],
    typed: &Map,
    given: &Given<'_>,
    warn: &mut dyn FnMut(String),
) -> Result<Map, Error> {
    let mut values = Map::new();
    for flag in flags {
        if let Some(kind) = flag.kind.as_deref().filter(|kind| !flags::is_type(kind)) {
            warn(format!(
                "unknown flag type '{kind}' for {} - cannot coerce",
                flag.name
            ));
        }
        if !typed.contains(&flag.name) && !flag.is_extension {
            let dir = &operation.project_dir;
            let value = coerced(flag, flag.default.clone(), dir, operation, given)?;
            values.insert(flag.name.as_str(), value);
        }
    }
    Ok(values)
}

fn coerced(
    flag: &FlagDef,
    value: Value,
    dir: &Path,
    operation: &Operation,
    given: &Given<'_>,
) -> Result<Value, Error> {
    let places = Places {
        dir,
        user_home: given.user_home,
    };
    let dest = FlagDest::parse(operation.flags_dest.as_deref());
    match coerce(&value, flag, dest, places) {
        Ok(value) => Ok(value),
        Err(_) if given.force => Ok(value),
        Err(reason) => Err(check::invalid(flag, &value, reason)),
    }
}

fn check_names(operation: &Operation, user: &Map) -> Result<(), Error> {
    let is_known = |name: &str| operation.flags.iter().any(|flag| flag.name == name);
    let Some(name) = user
        .keys()
        .map(flags::name_text)
        .find(|name| !is_known(name))
    else {
        return Ok(());
    };
    let aliases = operation.flags.iter().filter_map(|flag| flag.alias.clone());
    let names = operation.flags.iter().map(|flag| flag.name.clone());
    let names: Vec<String> = names.chain(aliases).collect();
    Err(Error::Unsupported {
        nearest: text::closest(&name, &names).map(str::to_string),
        name,
        op: operation.spec.clone(),
    })
}

fn check_values(operation: &Operation, flags: &[&FlagDef], values: &Map) -> Result<(), Error> {
    for flag in flags {
        if let Some(value) = values.get(&flag.name) {
            check::value(flag, value)?;
        }
    }
    check::required(operation, values)
}

/// Replaces aliases of choices by the values they stand for, and sets the flags
/// that a choice brings with it. What the user gave goes before those, and so
/// does `base`, unless the choice is the user's own.
fn apply_choices(flags: &[&FlagDef], user: &Map, base: Option<&Map>, values: &mut Map) {
    for flag in flags {
        let is_users = user.contains(&flag.name);
        for choice in replace_alias(flag, values) {
            for (name, value) in choice.flags.iter() {
                let is_kept = !is_users && base.is_some_and(|base| base.get_value(name).is_some());
                if !is_kept && user.get_value(name).is_none_or(Value::is_null) {
                    values.insert(name.clone(), value.clone());
                }
            }
        }
    }
}

/// Replaces the alias of a choice by its value. Gives the choices that are meant.
fn replace_alias<'a>(flag: &'a FlagDef, values: &mut Map) -> Vec<&'a Choice> {
    let Some(value) = values.get(&flag.name).filter(|value| !value.is_null()) else {
        return Vec::new();
    };
    let is_meant = |choice: &&Choice| choice.shown().python_eq(value);
    let meant: Vec<&Choice> = flag.choices.iter().filter(is_meant).collect();
    for choice in meant.iter().filter(|choice| choice.alias.is_some()) {
        values.insert(flag.name.as_str(), choice.value.clone());
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> FlagDef {
        let choice = |value: i64, alias: Option<&str>, steps: i64| Choice {
            value: value.into(),
            alias: alias.map(Value::from),
            flags: [("steps", steps)].into_iter().collect(),
            ..Choice::default()
        };
        FlagDef {
            name: "size".into(),
            choices: vec![choice(100, Some("big"), 9), choice(1, None, 3)],
            ..FlagDef::default()
        }
    }

    fn applied(user: &[(&str, Value)], base: &[(&str, Value)]) -> [Option<Value>; 2] {
        let map = |entries: &[(&str, Value)]| -> Map { entries.iter().cloned().collect() };
        let (user, base) = (map(user), map(base));
        let mut values = base.clone();
        for (name, value) in user.iter() {
            values.insert(name.clone(), value.clone());
        }
        apply_choices(&[&size()], &user, Some(&base), &mut values);
        ["size", "steps"].map(|name| values.get(name).cloned())
    }

    #[test]
    fn a_choice_may_have_an_alias_and_bring_flags() {
        let some = |size: i64, steps: i64| [Some(size.into()), Some(steps.into())];
        let big = ("size", Value::from("big"));
        assert_eq!(applied(std::slice::from_ref(&big), &[]), some(100, 9));
        assert_eq!(
            applied(&[big.clone(), ("steps", 1.into())], &[]),
            some(100, 1)
        );
        // The value of a choice that has an alias brings nothing.
        assert_eq!(applied(&[("size", 100.into())], &[])[1], None);
        assert_eq!(applied(&[("size", 1.into())], &[]), some(1, 3));
    }

    #[test]
    fn values_of_before_stay_unless_the_choice_is_new() {
        let some = |size: i64, steps: i64| [Some(size.into()), Some(steps.into())];
        let before = [("size", Value::from(1)), ("steps", Value::from(7))];
        assert_eq!(applied(&[], &before), some(1, 7));
        assert_eq!(applied(&[("size", "big".into())], &before), some(100, 9));
    }

    #[test]
    fn an_alias_is_another_name() {
        let flag = FlagDef {
            name: "x".into(),
            alias: Some("xx".into()),
            ..FlagDef::default()
        };
        let flags = [flag];
        let map = |names: &[&str]| -> Map { names.iter().map(|name| (*name, 1)).collect() };
        let names = |values: Result<Map, Error>| -> Vec<String> {
            values.unwrap().keys().map(flags::name_text).collect()
        };
        assert_eq!(names(by_name(&flags, map(&["xx", "y"]), false)), ["y", "x"]);
        assert_eq!(names(by_name(&flags, map(&["x"]), false)), ["x"]);
        assert_eq!(names(by_name(&flags, map(&["x", "xx"]), true)), ["x", "xx"]);
        assert!(by_name(&flags, map(&["x", "xx"]), false).is_err());
    }
}
