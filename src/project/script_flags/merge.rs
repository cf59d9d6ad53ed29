//! Flags that an operation defines, and those that were found in its script,
//! made one list.

use std::path::Path;

use super::{ScriptFlags, rooted};
use crate::guildfile::{FlagDef, FlagsImport};
use crate::project::Operation;
use crate::project::module::Module;
use crate::python::found::{FoundFlag, Skipped};

/// Takes the flags that are wanted over into `operation`, whose own definitions
/// stay as they are where they say something. Flags are in the order of their
/// names from then on.
pub(super) fn into(
    operation: &mut Operation,
    mut flags: ScriptFlags,
    wanted: &FlagsImport,
    skip: &[String],
    module: &Module,
) {
    let dest = &flags.found.dest;
    operation.flags_dest.get_or_insert_with(|| dest.clone());
    let script_dir = module.path.parent().unwrap_or(Path::new("/"));
    for found in &flags.found.flags {
        let name = &found.definition.name;
        let why = if skip.contains(name) {
            Some("in flags-import-skip")
        } else {
            match wanted {
                FlagsImport::All => None,
                FlagsImport::Named(names) if names.contains(name) => None,
                FlagsImport::Named(_) => Some("not in flags-import"),
                FlagsImport::Defined if operation.flags.iter().any(|flag| flag.name == *name) => {
                    None
                }
                FlagsImport::Defined => Some("not defined, and flags-import is not set"),
                FlagsImport::None => Some("flags-import is off"),
            }
        };
        match why {
            Some(why) => flags.left_out.push(left_out(found, why)),
            None => merge(&mut operation.flags, found, script_dir),
        }
    }
    operation
        .flags
        .sort_by(|left, right| left.name.cmp(&right.name));
    operation.script_flags = Some(flags);
}

fn left_out(found: &FoundFlag, why: &str) -> Skipped {
    Skipped {
        name: found.definition.name.clone(),
        file: found.file.clone(),
        line: found.line,
        why: why.to_string(),
    }
}

/// Adds a flag, or fills what the definition of the same flag leaves open. One
/// that has the found name as its argument is the same flag.
fn merge(flags: &mut Vec<FlagDef>, found: &FoundFlag, script_dir: &Path) {
    let mut from = found.definition.clone();
    if let Some(default) = rooted(&from.default, script_dir) {
        from.default = default;
    }
    let by_name = flags.iter().position(|flag| flag.name == from.name);
    let same = by_name.or_else(|| {
        let name = Some(&from.name);
        flags
            .iter()
            .position(|flag| flag.spec.arg_name.as_ref() == name)
    });
    match same.map(|index| &mut flags[index]) {
        Some(flag) => fill(flag, from),
        None => flags.push(from),
    }
}

/// Takes over what `flag` does not say.
fn fill(flag: &mut FlagDef, from: FlagDef) {
    if flag.default.is_null() {
        flag.default = from.default;
    }
    if flag.description.is_empty() {
        flag.description = from.description;
    }
    if flag.choices.is_empty() {
        flag.choices = from.choices;
    }
    if flag.extra.is_empty() {
        flag.extra = from.extra;
    }
    flag.required |= from.required;
    flag.allow_other |= from.allow_other;
    flag.kind = flag.kind.take().or(from.kind);
    flag.min = flag.min.take().or(from.min);
    flag.max = flag.max.take().or(from.max);
    flag.alias = flag.alias.take().or(from.alias);
    flag.null_label = flag.null_label.take().or(from.null_label);
    flag.distribution = flag.distribution.take().or(from.distribution);
    let (spec, from) = (&mut flag.spec, from.spec);
    spec.arg_name = spec.arg_name.take().or(from.arg_name);
    spec.arg_skip = spec.arg_skip.or(from.arg_skip);
    spec.arg_switch = spec.arg_switch.take().or(from.arg_switch);
    spec.arg_split = spec.arg_split.take().or(from.arg_split);
    spec.env_name = spec.env_name.take().or(from.env_name);
    spec.arg_encoding = spec.arg_encoding.take().or(from.arg_encoding);
    spec.env_encoding = spec.env_encoding.take().or(from.env_encoding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml::Value;
    use crate::flags::FlagSpec;

    fn found(name: &str, default: Value) -> FoundFlag {
        FoundFlag {
            definition: FlagDef {
                name: name.to_string(),
                default,
                kind: Some("float".to_string()),
                description: "found".to_string(),
                required: true,
                ..FlagDef::default()
            },
            ..FoundFlag::default()
        }
    }

    #[test]
    fn a_definition_keeps_what_it_says_and_gets_the_rest() {
        let mut flags = vec![FlagDef {
            name: "lr".to_string(),
            default: Value::Int(0),
            description: "defined".to_string(),
            ..FlagDef::default()
        }];
        merge(&mut flags, &found("lr", Value::Int(1)), Path::new("/"));
        let [flag] = &flags[..] else { panic!() };
        assert_eq!(flag.default, Value::Int(0));
        assert_eq!(flag.description, "defined");
        assert_eq!(flag.kind.as_deref(), Some("float"));
        assert!(flag.required);
    }

    #[test]
    fn an_argument_name_makes_it_the_same_flag() {
        let mut flags = vec![FlagDef {
            name: "rate".to_string(),
            spec: FlagSpec {
                arg_name: Some("lr".to_string()),
                ..FlagSpec::default()
            },
            ..FlagDef::default()
        }];
        merge(&mut flags, &found("lr", Value::Int(1)), Path::new("/"));
        let [flag] = &flags[..] else { panic!() };
        assert_eq!(flag.name, "rate");
        assert_eq!(flag.default, Value::Int(1));
        merge(&mut flags, &found("other", Value::Null), Path::new("/"));
        assert_eq!(flags.len(), 2);
    }

    #[test]
    fn a_default_that_is_a_file_beside_the_script_is_found_from_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("data")).unwrap();
        let mut flags = Vec::new();
        for (name, text) in [("a", "data/"), ("b", "data"), ("c", "no/such")] {
            merge(&mut flags, &found(name, Value::from(text)), dir.path());
        }
        let path = dir.path().join("data/").display().to_string();
        let defaults: Vec<_> = flags.iter().map(|flag| &flag.default).collect();
        assert_eq!(
            defaults,
            [
                &Value::from(path),
                &Value::from("data"),
                &Value::from("no/such")
            ]
        );
    }
}
