//! What is found of the flags of the scripts in `tests/flag-corpus`: by reading
//! them and by importing them, which must be the same wherever both answer, and
//! the same as the table that is kept beside them (`answers.txt`). To write the
//! table anew, set `UPDATE_FLAG_CORPUS=1`.

#![expect(clippy::unwrap_used, reason = "a test stops where anything fails")]

#[path = "flag-corpus/corpus.rs"]
mod corpus;

use std::fmt::Write as _;
use std::path::Path;

use corpus::{arguments, attributes, import, name};
use guild::home::Home;
use guild::python::found::{Found, Reading};
use guild::python::script;

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
                let (read, imported) = (full(Ok(found.clone())), full(imported));
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

/// The flags of an answer, and what is none and why.
fn table(found: &Result<Found, String>) -> String {
    let mut text = flags(found);
    for skipped in found.iter().flat_map(|found| &found.skipped) {
        let _ = writeln!(text, "  no flag {}: {}", skipped.name, skipped.why);
    }
    text
}

/// All that, and the lines, but for parsers of libraries, of which only importing
/// tells.
fn full(mut found: Result<Found, String>) -> String {
    if let Ok(found) = &mut found {
        let is_library = |why: &str| why.ends_with("of a library that is imported");
        found.skipped.retain(|skipped| !is_library(&skipped.why));
    }
    let mut text = table(&found);
    if let Ok(found) = found {
        let flags = found.flags.iter();
        let flags = flags.map(|flag| (&flag.definition.name, flag.line));
        let skipped = found.skipped.iter();
        let skipped = skipped.map(|skipped| (&skipped.name, skipped.line));
        for (name, line) in flags.chain(skipped) {
            let _ = writeln!(text, "  {name} is in line {line}");
        }
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

#[test]
fn scripts_have_the_flags_of_the_table_however_they_are_found() {
    let home = Home::discover(None, None).unwrap();
    let kept_path = corpus::dir().join("answers.txt");
    let kept = std::fs::read_to_string(&kept_path).unwrap_or_default();
    let update = std::env::var_os("UPDATE_FLAG_CORPUS").is_some();
    let scripts = corpus::scripts(&home);
    assert!(scripts.len() >= 60, "{} scripts", scripts.len());
    let (mut all, mut wrong) = (String::new(), Vec::new());
    for path in scripts {
        let name = name(&path);
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
    let left = corpus::dir().join("left-behind.txt");
    assert!(!left.exists(), "a script went on after its parse");
    if update {
        std::fs::write(&kept_path, all).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
