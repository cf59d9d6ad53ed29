//! The runs that a run is made from, as values of its flags: chosen before it
//! starts, so that the user sees them, and kept, so that it starts again from the
//! same ones.

use super::values::{FlagValues, in_order};
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::guildfile::{Source, SourceKind};
use crate::home::Home;
use crate::project::Operation;
use crate::resolve::upstream;
use crate::runs::Run;

/// Sets the flags that say which runs of other operations are required, where
/// nothing is said, and completes ids that the user began; `base` are the values
/// that the run had before, which stay. What cannot be had is told to `warn`.
pub fn choose(
    operation: &Operation,
    values: &mut FlagValues,
    base: Option<&Map>,
    home: &Home,
    warn: &mut dyn FnMut(String),
) {
    // What is not defined is told by whoever needs it.
    let required = operation
        .requirements(&values.all, home)
        .unwrap_or_default();
    for found in &required {
        for source in &found.resource.sources {
            if let SourceKind::Operation(names) = &source.kind {
                let flag = flag(source, operation);
                let value = values.all.get(&flag).cloned().unwrap_or(Value::Null);
                let is_kept =
                    !value.is_null() && base.and_then(|base| base.get(&flag)) == Some(&value);
                if is_kept || names_folder(&value, home) {
                    continue;
                }
                let value = completed(value, names, home);
                if value.is_none() && !source.optional {
                    let name = source.shown_name();
                    warn(format!(
                        "cannot find a suitable run for required resource '{name}'"
                    ));
                }
                if let Some(value) = value {
                    values.all.insert(flag, value);
                }
            }
        }
    }
    values.all = in_order(&values.all);
}

/// The flag that says which run a source means.
fn flag(source: &Source, operation: &Operation) -> String {
    let names = source.flag_names();
    let is_known = |name: &&String| operation.flags.iter().any(|flag| flag.name == **name);
    let known = names.iter().find(is_known);
    known.cloned().unwrap_or_else(|| source.shown_name())
}

fn names_folder(value: &Value, home: &Home) -> bool {
    let text = flags::plain_text(value);
    text.contains('/') && upstream::folder(&text, home.process_cwd()).is_some()
}

/// `value` with the id of a run where it has the start of one or nothing; none
/// where there is no such run.
fn completed(value: Value, operations: &[String], home: &Home) -> Option<Value> {
    let choose = |given: Option<&str>| {
        let run = upstream::choose(operations, given, true, home).ok();
        run.as_ref().map(Run::id).map(Value::from)
    };
    match value {
        Value::Null => choose(None),
        Value::List(items) => {
            let items = items.iter();
            let found = items.map(|item| choose(Some(&flags::plain_text(item))));
            found.collect::<Option<Vec<Value>>>().map(Value::List)
        }
        other => choose(Some(&flags::plain_text(&other))),
    }
}
