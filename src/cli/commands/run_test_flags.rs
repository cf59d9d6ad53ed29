//! What `guild run --test-flags` shows: how flags are defined, where each comes
//! from, and what of the script is no flag.

use std::path::Path;

use crate::base::text;
use crate::base::yaml::Value;
use crate::cli::{Context, listing};
use crate::guildfile::{FlagDef, FlagsImport};
use crate::project::{Operation, ScriptFlags};

/// Shows, on stderr, where each flag comes from, and how it is defined.
pub fn show(operation: &Operation, context: &Context) {
    explain(operation, context);
    let line = |name: &str, value: String| {
        context.console.line(format!("{name}: {value}").trim_end());
    };
    line(
        "flags-dest",
        operation.flags_dest.clone().unwrap_or_default(),
    );
    line("flags-import", flags_import(&operation.flags_import));
    context.console.line("flags:");
    for flag in &operation.flags {
        context.console.line(&format!("  {}:", flag.name));
        for (name, value) in flag_attributes(flag) {
            let value = value.as_ref().map(listing::flag_text).unwrap_or_default();
            line(&format!("    {name}"), value);
        }
    }
}

fn flags_import(import: &FlagsImport) -> String {
    match import {
        FlagsImport::Defined => String::new(),
        FlagsImport::All => "yes".to_string(),
        FlagsImport::None => "[]".to_string(),
        FlagsImport::Named(names) => format!("[{}]", names.join(", ")),
    }
}

fn flag_attributes(flag: &FlagDef) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let set = |value: &Value| (!value.is_null()).then(|| value.clone());
    let spec = &flag.spec;
    // Texts, as they would be typed.
    let choices = flag
        .choices
        .iter()
        .map(|choice| listing::flag_text(&choice.value));
    let choices = Value::List(choices.map(Value::from).collect());
    vec![
        ("default", set(&flag.default)),
        ("type", text(&flag.kind)),
        ("required", Some(flag.required.into())),
        ("arg-name", text(&spec.arg_name)),
        ("arg-skip", spec.arg_skip.map(Value::Bool)),
        ("arg-switch", spec.arg_switch.clone()),
        ("arg-split", spec.arg_split.clone()),
        ("arg-encoding", spec.arg_encoding.clone().map(Value::Map)),
        ("env-name", text(&spec.env_name)),
        ("env-encoding", spec.env_encoding.clone().map(Value::Map)),
        ("choices", Some(choices)),
        ("allow-other", Some(flag.allow_other.into())),
        ("distribution", text(&flag.distribution)),
        ("max", flag.max.clone()),
        ("min", flag.min.clone()),
        ("null-label", text(&flag.null_label)),
    ]
}

/// Tells where flags come from: chatter, since what a flag is stands on stdout.
fn explain(operation: &Operation, context: &Context) {
    let note = |text: &str| context.console.note(text);
    let script = operation.script_flags.as_ref();
    match script {
        Some(script) => note(&how_found(script, context)),
        None if operation.flags_import == FlagsImport::None => note("Flags are not imported."),
        None => note("No flags are imported."),
    }
    let rows: Vec<_> = operation
        .flags
        .iter()
        .map(|flag| origin(flag, operation, context))
        .collect();
    for row in text::table(&rows, 2) {
        note(format!("  {row}").trim_end());
    }
    let skipped = script.map(|script| skipped(script, context));
    if let Some(rows) = skipped.filter(|rows| !rows.is_empty()) {
        note("Not flags:");
        for row in text::table(&rows, 2) {
            note(format!("  {row}").trim_end());
        }
    }
}

fn how_found(script: &ScriptFlags, context: &Context) -> String {
    let path = shown(&script.script, context);
    let dest = &script.found.dest;
    match &script.imported_for {
        None => format!("Flags of {path} ({dest}), by reading it:"),
        Some(unread) => format!(
            "Flags of {path} ({dest}), {}, since reading does not tell {} ({}):",
            match script.is_kept {
                true => "as they were when it was last imported",
                false => "by importing it",
            },
            unread.why,
            place(&unread.file, unread.line, context)
        ),
    }
}

/// The name of a flag, where it is defined, and how.
fn origin(flag: &FlagDef, operation: &Operation, context: &Context) -> Vec<String> {
    let mut found = operation.script_flags.iter().flat_map(|script| {
        let is_left_out = |name: &String| script.left_out.iter().any(|left| left.name == *name);
        let flags = script.found.flags.iter();
        flags.filter(move |found| !is_left_out(&found.definition.name))
    });
    let name = |name: &String| *name == flag.name || Some(name) == flag.spec.arg_name.as_ref();
    let found = found.find(|found| name(&found.definition.name));
    let defined = operation
        .definition
        .as_ref()
        .is_some_and(|op| op.flags.iter().any(|known| known.name == flag.name));
    let mut row = vec![flag.name.clone()];
    match (found, defined) {
        (Some(found), defined) => {
            row.push(place(&found.file, found.line, context));
            let also = if defined {
                "; what the operation says of it comes first"
            } else {
                ""
            };
            row.push(format!("{}{also}", found.how));
        }
        (None, _) => row.extend([String::new(), "defined by the operation".to_string()]),
    }
    row
}

/// What was found and is no flag: its name, where it is, and why.
fn skipped(script: &ScriptFlags, context: &Context) -> Vec<Vec<String>> {
    let all = script.found.skipped.iter().chain(&script.left_out);
    all.map(|skipped| {
        vec![
            skipped.name.clone(),
            place(&skipped.file, skipped.line, context),
            skipped.why.clone(),
        ]
    })
    .collect()
}

fn place(file: &Path, line: usize, context: &Context) -> String {
    match line {
        0 => shown(file, context),
        line => format!("{}:{line}", shown(file, context)),
    }
}

/// A path as messages show it.
fn shown(path: &Path, context: &Context) -> String {
    context.home.relative(path).display().to_string()
}
