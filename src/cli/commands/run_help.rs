//! What `guild run` shows of an operation instead of running it.

use std::path::Path;

use crate::base::yaml::Value;
use crate::cli::{Context, listing};
use crate::guildfile::{FlagDef, FlagsImport};
use crate::op::source;
use crate::project::Operation;
use crate::sourcecode;

/// Shows how each flag is defined.
pub fn flags(operation: &Operation, context: &Context) {
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
        FlagsImport::None => "no".to_string(),
        FlagsImport::Named(names) => format!("[{}]", names.join(", ")),
    }
}

fn flag_attributes(flag: &FlagDef) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let set = |value: &Value| (!value.is_null()).then(|| value.clone());
    let spec = &flag.spec;
    let choices = flag.choices.iter().map(|choice| choice.value.clone());
    let choices = Value::List(choices.collect());
    vec![
        ("default", set(&flag.default)),
        ("type", text(&flag.kind)),
        ("required", Some(flag.required.into())),
        ("arg-name", text(&spec.arg_name)),
        ("arg-skip", spec.arg_skip.then(|| true.into())),
        ("arg-switch", spec.arg_switch.clone()),
        ("arg-split", spec.arg_split.clone()),
        ("arg-encoding", spec.arg_encoding.clone().map(Value::Map)),
        ("env-name", text(&spec.env_name)),
        ("env-encoding", spec.env_encoding.clone().map(Value::Map)),
        ("choices", Some(choices)),
        ("allow-other", Some(flag.allow_other.into())),
        ("distribution", None),
        ("max", flag.max.clone()),
        ("min", flag.min.clone()),
        ("null-label", text(&flag.null_label)),
    ]
}

/// Shows the rules for source code, and what they select.
pub fn sourcecode(operation: &Operation, context: &Context) {
    let line = |text: &str| context.console.line(text);
    let home = &context.home;
    let definition = &operation.source_code;
    let root = home.relative(&definition.root);
    match root == Path::new(".") {
        true => line("Copying from the current directory"),
        false => line(&format!("Copying from '{}'", root.display())),
    }
    let rules = source::rules(definition, operation.python, None, home);
    line("Rules:");
    for rule in &rules.rules {
        line(&format!("  {rule}"));
    }
    if rules.is_disabled() {
        line("Source code copy disabled");
        return;
    }
    let selection = sourcecode::select(&definition.root, &rules);
    let shown = |path: &Path| home.relative(&definition.root.join(path));
    line("Selected for copy:");
    for path in &selection.paths {
        line(&format!("  {}", shown(path).display()));
    }
    line("Skipped:");
    for path in &selection.skipped {
        let path = shown(path);
        // The contract marks folders of a project in the current folder only.
        let is_marked = home.process_cwd().join(&root).join(&path).is_dir();
        let mark = if is_marked { "/" } else { "" };
        line(&format!("  {}{mark}", path.display()));
    }
}
