//! Flags of an operation that come from its Python script.

use std::path::{Path, PathBuf};

use super::Operation;
use crate::base::shell_text;
use crate::base::yaml::{self, Value};
use crate::guildfile::{FlagDef, FlagsImport};
use crate::python::script::{Script, Takes};

/// The flags that `script` defines; a text that names an existing file next to
/// it, in `dir`, becomes an absolute path, since a run has another directory.
pub(super) fn of_script(script: &Script, dir: &Path) -> Vec<FlagDef> {
    script
        .globals
        .iter()
        .map(|flag| {
            let mut flag = flag.clone();
            if let Value::Str(text) = &flag.default
                && text.contains('/')
                && dir.join(text).exists()
            {
                flag.default = Value::from(dir.join(text).display().to_string());
            }
            flag
        })
        .collect()
}

/// Sets default and type; a list becomes a text that is split into items.
pub(super) fn set_default(flag: &mut FlagDef, default: Value) {
    let kind = match &default {
        Value::Str(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Some("number"),
        _ => None,
    };
    flag.kind = kind.map(str::to_string);
    flag.default = match &default {
        Value::List(items) => {
            flag.spec.arg_split = Some(Value::Bool(true));
            let items: Vec<_> = items
                .iter()
                .map(|item| shell_text::quote(&yaml::dump_flow(item)))
                .collect();
            Value::from(items.join(" "))
        }
        _ => default,
    };
}

/// Sets how flags reach the script, where the definition does not say.
pub(super) fn set_dest(operation: &mut Operation, takes: Takes) {
    let dest = match takes {
        Takes::Arguments => "args",
        Takes::ClickArguments => "args:click",
        Takes::Globals => "globals",
    };
    let dest = operation.flags_dest.get_or_insert_with(|| dest.to_string());
    // What a parser accepts is not read from the script yet.
    operation.takes_any_flag = dest.starts_with("args") && takes != Takes::Globals;
}

/// Adds to `operation` what the script of its module says of its flags.
pub(super) fn import(operation: &mut Operation, words: &[String], import: &FlagsImport) {
    let Some(path) = words
        .first()
        .and_then(|module| find_module(&operation.project_dir, module))
    else {
        return;
    };
    let script = match Script::read(&path) {
        Ok(script) => script,
        Err(error) => {
            operation.warnings.push(format!(
                "cannot import flags from {}: {error}",
                path.display()
            ));
            return;
        }
    };
    set_dest(operation, script.takes);
    if operation.flags_dest.as_deref() != Some("globals") {
        return;
    }
    let dir = path.parent().unwrap_or(Path::new("/"));
    for found in of_script(&script, dir) {
        let defined = operation
            .flags
            .iter_mut()
            .find(|flag| flag.name == found.name);
        let wanted = match import {
            FlagsImport::None => false,
            FlagsImport::Defined => defined.is_some(),
            FlagsImport::All => true,
            FlagsImport::Named(names) => names.contains(&found.name),
        };
        match defined {
            Some(flag) if wanted => fill(flag, found),
            None if wanted => operation.flags.push(found),
            _ => {}
        }
    }
}

/// Takes over what the definition of `flag` leaves open.
fn fill(flag: &mut FlagDef, found: FlagDef) {
    if flag.default.is_null() {
        flag.default = found.default;
    }
    flag.kind = flag.kind.take().or(found.kind);
    flag.spec.arg_split = flag.spec.arg_split.take().or(found.spec.arg_split);
}

/// The file of a main spec such as `train`, `src/pkg.train` or a package.
fn find_module(project_dir: &Path, module: &str) -> Option<PathBuf> {
    let (dir, dotted) = module.rsplit_once('/').unwrap_or(("", module));
    let base = project_dir.join(dir).join(dotted.replace('.', "/"));
    [base.with_added_extension("py"), base.join("__main__.py")]
        .into_iter()
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::super::script_flag;
    use super::*;

    #[test]
    fn a_list_is_a_text_that_is_split() {
        let flag = script_flag(
            "sizes",
            Value::List(vec![Value::Int(1), Value::from("a b"), Value::Null]),
        );
        assert_eq!(flag.default, Value::from("1 'a b' null"));
        assert_eq!(flag.spec.arg_split, Some(Value::Bool(true)));
        assert_eq!(flag.kind, None);
    }

    #[test]
    fn types_follow_values() {
        for (value, kind) in [
            (Value::Int(1), Some("number")),
            (Value::Float(0.5), Some("number")),
            (Value::Bool(true), Some("boolean")),
            (Value::from("x"), Some("string")),
            (Value::Null, None),
        ] {
            assert_eq!(script_flag("x", value).kind.as_deref(), kind);
        }
    }
}
