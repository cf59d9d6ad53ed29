//! Flags that stand for what an operation requires: runs of other operations,
//! and files that have a `flag-name`.

use super::Operation;
use crate::base::yaml::Value;
use crate::flags::FlagSpec;
use crate::guildfile::{self, Dependency, FlagDef, Model, Resource, Source, SourceKind};

/// The types that a flag for a file may have.
const FILE_TYPES: [&str; 3] = ["string", "path", "existing-path"];

/// The types that a flag for a run may have.
const RUN_TYPES: [&str; 1] = ["string"];

/// Adds the flags for what `op` of `model` requires behind those that
/// `operation` has.
pub(super) fn add(operation: &mut Operation, model: &Model, op: &guildfile::Operation) {
    let resources = op.requires.iter().filter_map(|required| match required {
        Dependency::Named { resource, .. } => model.resource(resource),
        Dependency::Inline(resource) => Some(resource),
    });
    for source in resources.flat_map(|resource: &Resource| &resource.sources) {
        let Some(flag) = flag_of(source) else {
            continue;
        };
        match operation
            .flags
            .iter_mut()
            .find(|known| known.name == flag.name)
        {
            Some(known) => {
                if let Some(warning) = fill(known, flag, source, &op.name) {
                    operation.warnings.push(warning);
                }
            }
            None => operation.flags.push(flag),
        }
    }
}

/// The flag that says where the files of `source` come from, if it has one.
fn flag_of(source: &Source) -> Option<FlagDef> {
    let named = source.flag_name.as_deref();
    let (name, default) = match &source.kind {
        SourceKind::File(path) => (named?.to_string(), Value::from(path.as_str())),
        // A run is often chosen, and so has a flag unless that is denied.
        SourceKind::Operation(_) if matches!(named, Some("false" | "no")) => return None,
        SourceKind::Operation(operations) => {
            let given = named.or(source.name.as_deref()).map(str::to_string);
            let name = given.unwrap_or_else(|| format!("operation:{}", operations.join(",")));
            (name, Value::Null)
        }
        _ => return None,
    };
    Some(FlagDef {
        name,
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
    let (types, shown) = match &source.kind {
        SourceKind::Operation(operations) => (
            &RUN_TYPES[..],
            format!("operation:{}", operations.join(",")),
        ),
        SourceKind::File(path) => (&FILE_TYPES[..], format!("file:{path}")),
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
        source.name.as_deref().unwrap_or(&shown)
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
