//! A test of the order of layers: `lib.rs` lists the modules lowest first, and
//! a module may use only those above it in that list.

use std::path::{Path, PathBuf};

/// The modules in the order `lib.rs` declares them.
fn declared() -> Vec<String> {
    include_str!("lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_string)
        .collect()
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The top module that the file at `path` below `src` belongs to.
fn module_of(path: &Path, src: &Path) -> String {
    let below = path.strip_prefix(src).unwrap().with_extension("");
    let first = below.components().next().unwrap();
    first.as_os_str().to_string_lossy().into_owned()
}

/// The modules that `text` names as `crate::NAME` or in `use crate::{...}`.
fn used(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, prefix) in text.match_indices("crate::") {
        let rest = &text[at + prefix.len()..];
        let inside = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default(),
            None => rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default(),
        };
        let parts = inside.split(',').map(str::trim);
        names.extend(
            parts
                .filter_map(|part| part.split("::").next())
                .map(str::to_string),
        );
    }
    names
}

#[test]
fn modules_use_only_those_declared_above_them() {
    let order = declared();
    assert!(order.len() > 5, "lib.rs lists no modules");
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let place = |name: &str| order.iter().position(|known| known == name);
    let mut faults = Vec::new();
    for path in sources(&src) {
        let module = module_of(&path, &src);
        let Some(own) = place(&module) else { continue };
        let text = std::fs::read_to_string(&path).unwrap();
        for name in used(&text) {
            if place(&name).is_some_and(|used| used > own) {
                let path = path.strip_prefix(&src).unwrap().display();
                faults.push(format!(
                    "src/{path}: '{module}' uses '{name}', which is above it"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn uses_are_found_in_every_form() {
    let text = "use crate::base::files;\nuse crate::{runs, select::Filter};\ncrate::op::x()";
    assert_eq!(used(text), ["base", "runs", "select", "op"]);
}
