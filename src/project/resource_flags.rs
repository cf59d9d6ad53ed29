//! Flags that stand for what an operation requires: runs of other operations,
//! and files that have a `flag-name`.

use super::Operation;
use crate::base::yaml::{Map, Value};
use crate::flags::FlagSpec;
use crate::guildfile::{self, FlagDef, Source, SourceKind};
use crate::home::Home;

/// The types that a flag for a file may have.
const FILE_TYPES: [&str; 3] = ["string", "path", "existing-path"];

/// The types that a flag for a run may have.
const RUN_TYPES: [&str; 1] = ["string"];

/// Adds the flags for what `op` requires behind those that `operation` has. Of a
/// resource whose name has flags in it, those count that it has by default.
pub(super) fn add(operation: &mut Operation, op: &guildfile::Operation, home: &Home) {
    let defaults = operation.flags.iter();
    let defaults: Map = defaults
        .map(|flag| (Value::from(flag.name.as_str()), flag.default.clone()))
        .collect();
    for required in &op.requires {
        let found = match operation.requirement(required, &defaults, home) {
            Ok(found) => found,
            Err(undefined) => {
                operation.warnings.extend(undefined.warning());
                continue;
            }
        };
        for warning in &found.resource.warnings {
            if !operation.warnings.contains(warning) {
                operation.warnings.push(warning.clone());
            }
        }
        for source in &found.resource.sources {
            add_flag(operation, source, op);
        }
    }
}

fn add_flag(operation: &mut Operation, source: &Source, op: &guildfile::Operation) {
    let Some(flag) = flag_of(source) else {
        return;
    };
    let mut flags = operation.flags.iter_mut();
    match flags.find(|known| known.name == flag.name) {
        Some(known) => {
            let warning = fill(known, flag, source, &op.name);
            operation.warnings.extend(warning);
        }
        None => operation.flags.push(flag),
    }
}

/// The flag that says where the files of `source` come from, if it has one.
fn flag_of(source: &Source) -> Option<FlagDef> {
    let named = source.name.as_deref().filter(|name| !name.is_empty());
    let (name, alias, default) = match &source.kind {
        SourceKind::File(path) => {
            let name = source.flag()?.to_string();
            (name, None, Value::from(path.as_str()))
        }
        // A run is often chosen, and so has a flag unless that is denied.
        SourceKind::Operation(_) if source.denies_flag() => return None,
        SourceKind::Operation(operations) => match source.flag().or(named) {
            Some(name) => (name.to_string(), None, Value::Null),
            None => (source.uri(), Some(operations.join(",")), Value::Null),
        },
        _ => return None,
    };
    Some(FlagDef {
        name,
        alias,
        default,
        kind: Some("string".to_string()),
        spec: FlagSpec {
            arg_skip: Some(true),
            ..FlagSpec::default()
        },
        ..FlagDef::default()
    })
}

/// Takes over what the definition of `known` leaves open. A type that does not
/// suit is replaced, with a warning.
fn fill(known: &mut FlagDef, flag: FlagDef, source: &Source, op: &str) -> Option<String> {
    known.spec.arg_skip = known.spec.arg_skip.or(flag.spec.arg_skip);
    if known.default.is_null() {
        known.default = flag.default;
    }
    let types = match &source.kind {
        SourceKind::Operation(_) => &RUN_TYPES[..],
        SourceKind::File(_) => &FILE_TYPES[..],
        _ => return None,
    };
    let kind = known.kind.clone()?;
    if types.contains(&kind.as_str()) {
        return None;
    }
    known.kind = flag.kind;
    Some(format!(
        "flag '{}' for operation {op} is configured with type '{kind}' - this value cannot be \
         used because it conflicts with the dependency '{}' - ignoring configured value",
        known.name,
        source.shown_name()
    ))
}

impl Operation {
    /// The flags as they are listed: by name, then those that stand for what the
    /// operation requires.
    pub fn listed_flags(&self) -> Vec<&FlagDef> {
        let mut flags: Vec<&FlagDef> = self.flags.iter().collect();
        if self.definition.is_none() {
            flags.sort_by(|left, right| left.name.cmp(&right.name));
        }
        flags
    }
}
