//! What is found of the flags of the scripts in `tests/flag-corpus`: by reading
//! them and by importing them, which must be the same wherever both answer, and
//! the same as the table that is kept beside them (`answers.txt`). To write the
//! table anew, set `UPDATE_FLAG_CORPUS=1`.

#![expect(clippy::unwrap_used, reason = "a test stops where anything fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use guild::base::yaml::{self, Value};
use guild::guildfile::FlagDef;
use guild::home::Home;
use guild::python::found::{Found, Reading};
use guild::python::{probe, script};

/// Modules that scripts import; they are no scripts.
const MODULES: [&str; 4] = [
    "keras.py",
    "lightning.py",
    "project_options.py",
    "project_settings.py",
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flag-corpus")
}

fn scripts() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .filter(|path| !MODULES.contains(&name(path).as_str()))
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The arguments in the first line, `# arguments: ...`.
fn arguments(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let words = first.strip_prefix("# arguments: ").unwrap_or_default();
    words.split_whitespace().map(str::to_string).collect()
}

fn import(home: &Home, path: &Path, arguments: &[String], dest: &str) -> Result<Found, String> {
    let dir = corpus();
    let request = probe::Request {
        script: path,
        package: "",
        arguments,
        dest,
        path: std::slice::from_ref(&dir),
        project_dir: &dir,
    };
    probe::find(home, &request, || {}).map_err(|error| error.to_string())
}

/// Whether the user's Python has click, without which half of nothing is known.
fn has_click(home: &Home) -> bool {
    let python = guild::python::interpreter::find(home).unwrap();
    let done = std::process::Command::new(python)
        .args(["-c", "import click"])
        .output();
    done.is_ok_and(|output| output.status.success())
}

/// What is found of a script: the answer, why it was imported, and what the two
/// ways do not agree on.
struct Answer {
    found: Result<Found, String>,
    imported_for: Option<String>,
    disagreement: Option<String>,
}

fn answer(home: &Home, path: &Path) -> Answer {
    let arguments = arguments(path);
    let reading = script::read(path, &arguments, None).unwrap();
    match reading {
        Reading::CannotTell {
            dest, why, line, ..
        } => Answer {
            found: import(home, path, &arguments, &dest),
            imported_for: Some(format!("line {line}: {why}")),
            disagreement: None,
        },
        Reading::Exact(found) => {
            let disagreement = if found.dest.starts_with("args") {
                let imported = import(home, path, &arguments, &found.dest);
                let (read, imported) = (flags(&Ok(found.clone())), flags(&imported));
                (read != imported).then(|| format!("read:\n{read}imported:\n{imported}"))
            } else {
                None
            };
            Answer {
                found: Ok(found),
                imported_for: None,
                disagreement,
            }
        }
    }
}

/// The flags of an answer, and the names of what is none.
fn table(found: &Result<Found, String>) -> String {
    let mut text = flags(found);
    let skipped = found.iter().flat_map(|found| &found.skipped);
    let skipped: Vec<&str> = skipped.map(|skipped| skipped.name.as_str()).collect();
    if !skipped.is_empty() {
        let _ = writeln!(text, "  not flags: {}", skipped.join(", "));
    }
    text
}

/// The flags of an answer, one a line.
fn flags(found: &Result<Found, String>) -> String {
    let found = match found {
        Ok(found) => found,
        Err(error) => return format!("  error: {error}\n"),
    };
    let mut text = format!("  dest: {}\n", found.dest);
    for flag in &found.flags {
        let definition = attributes(&flag.definition);
        let _ = writeln!(text, "  {}: {definition}", flag.definition.name);
    }
    text
}

fn attributes(flag: &FlagDef) -> String {
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
    add("arg-name", &text(&flag.spec.arg_name));
    add(
        "arg-switch",
        flag.spec.arg_switch.as_ref().unwrap_or(&Value::Null),
    );
    add(
        "arg-split",
        flag.spec.arg_split.as_ref().unwrap_or(&Value::Null),
    );
    if !flag.description.is_empty() {
        add("description", &Value::from(flag.description.as_str()));
    }
    parts.join(" ")
}

#[test]
fn scripts_have_the_flags_of_the_table_however_they_are_found() {
    let home = Home::discover(None, None).unwrap();
    let has_click = has_click(&home);
    let kept_path = corpus().join("answers.txt");
    let kept = std::fs::read_to_string(&kept_path).unwrap_or_default();
    let update = std::env::var_os("UPDATE_FLAG_CORPUS").is_some();
    let scripts = scripts();
    assert!(scripts.len() >= 60, "{} scripts", scripts.len());
    let (mut all, mut wrong) = (String::new(), Vec::new());
    for path in scripts {
        let name = name(&path);
        if name.starts_with("click") && !has_click {
            continue;
        }
        let answer = answer(&home, &path);
        if let Some(disagreement) = answer.disagreement {
            wrong.push(format!("{name}: the two ways differ\n{disagreement}"));
        }
        let how = answer.imported_for.as_ref();
        let how = how.map_or("read".to_string(), |why| format!("imported, {why}"));
        let section = format!("{name} ({how})\n{}\n", table(&answer.found));
        if !update && !kept.contains(&section) {
            wrong.push(format!("not what {} has:\n{section}", kept_path.display()));
        }
        all.push_str(&section);
    }
    let left = corpus().join("left-behind.txt");
    assert!(!left.exists(), "a script went on after its parse");
    if update {
        std::fs::write(&kept_path, all).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
