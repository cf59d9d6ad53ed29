//! The scripts of this folder, and how what is found in them is shown.

#![expect(clippy::unwrap_used, reason = "a test stops where anything fails")]

use std::path::{Path, PathBuf};

use guild::base::yaml::{self, Value};
use guild::guildfile::FlagDef;
use guild::home::Home;
use guild::python::found::Found;
use guild::python::{interpreter, probe};

/// Modules that scripts import; they are no scripts.
const MODULES: [&str; 4] = [
    "keras.py",
    "lightning.py",
    "project_options.py",
    "project_settings.py",
];

/// This folder.
pub fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flag-corpus")
}

/// The scripts, but for those that need click where the user's Python has it not.
pub fn scripts(home: &Home) -> Vec<PathBuf> {
    let has_click = has_click(home);
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .filter(|path| !MODULES.contains(&name(path).as_str()))
        .filter(|path| has_click || !name(path).starts_with("click"))
        .collect();
    found.sort();
    found
}

fn has_click(home: &Home) -> bool {
    let python = interpreter::find(home).unwrap();
    let done = std::process::Command::new(python)
        .args(["-c", "import click"])
        .output();
    done.is_ok_and(|output| output.status.success())
}

/// The name of a file.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The arguments in the first line of a script, `# arguments: ...`.
pub fn arguments(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let words = first.strip_prefix("# arguments: ").unwrap_or_default();
    words.split_whitespace().map(str::to_string).collect()
}

/// What is found by importing a script that takes its flags as `dest` says.
pub fn import(home: &Home, path: &Path, arguments: &[String], dest: &str) -> Result<Found, String> {
    let dir = dir();
    let request = probe::Request {
        script: path,
        package: "",
        arguments,
        dest,
        path: std::slice::from_ref(&dir),
        project_dir: &dir,
        python_requires: None,
    };
    let learned = probe::find(home, &request, || {}).map_err(|error| error.to_string())?;
    Ok(learned.found)
}

/// What a flag is, in a line: what is not said is left out.
pub fn attributes(flag: &FlagDef) -> String {
    let mut parts = Vec::new();
    let mut add = |name: &str, value: &Value| {
        if !value.is_null() {
            parts.push(format!("{name}={}", yaml::dump_flow(value)));
        }
    };
    let text = |text: &Option<String>| Value::from(text.clone());
    add("default", &flag.default);
    add("type", &text(&flag.kind));
    if !flag.choices.is_empty() {
        let choices = flag.choices.iter().map(|choice| choice.value.clone());
        add("choices", &Value::List(choices.collect()));
    }
    if flag.required {
        add("required", &Value::Bool(true));
    }
    let unset = Value::Null;
    add("arg-name", &text(&flag.spec.arg_name));
    add(
        "arg-switch",
        flag.spec.arg_switch.as_ref().unwrap_or(&unset),
    );
    add("arg-split", flag.spec.arg_split.as_ref().unwrap_or(&unset));
    if !flag.description.is_empty() {
        add("description", &Value::from(flag.description.as_str()));
    }
    parts.join(" ")
}
