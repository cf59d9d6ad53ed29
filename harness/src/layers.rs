//! Holds the modules to the order that `lib.rs` lists them in.

use std::fs;
use std::path::Path;

use regex::Regex;

/// The modules in order, this one left out.
fn modules(source: &Path) -> Vec<String> {
    let list = fs::read_to_string(source.join("lib.rs")).unwrap();
    let module = Regex::new(r"(?m)^(?:pub )?mod (\w+);").unwrap();
    let names = module.captures_iter(&list).map(|found| found[1].to_owned());
    names.filter(|name| name != "layers").collect()
}

/// The text of a module: its file, and those of the folder of its name.
fn text_of(source: &Path, module: &str) -> String {
    let file = source.join(format!("{module}.rs"));
    let folder = source.join(module);
    let mut text = fs::read_to_string(file).unwrap_or_default();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.path().extension().is_some_and(|e| e == "rs") {
            text.push_str(&fs::read_to_string(entry.path()).unwrap());
        }
    }
    assert!(!text.is_empty(), "no module {module}");
    text
}

#[test]
fn a_module_uses_only_those_above_it() {
    let source = &Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = modules(source);
    assert!(modules.len() > 20);
    let used = Regex::new(r"\bcrate::(\w+)").unwrap();
    let mut faults = Vec::new();
    for (place, module) in modules.iter().enumerate() {
        let text = text_of(source, module);
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for found in code.flat_map(|line| used.captures_iter(line)) {
            let other = modules.iter().position(|name| *name == found[1]);
            if other.is_none_or(|other| other > place) {
                faults.push(format!(
                    "{module} uses {}, which is not above it",
                    &found[1]
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
