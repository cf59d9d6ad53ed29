//! What `guild run` shows of an operation instead of running it.

use std::path::Path;

use crate::base::yaml::Map;
use crate::cli::Context;
use crate::op::{requirements, source};
use crate::project::Operation;
use crate::sourcecode;

/// Shows the rules for source code, and what they select where flags have
/// `values`.
pub fn sourcecode(operation: &Operation, values: &Map, context: &Context) {
    let line = |text: &str| context.console.line(text);
    let home = &context.home;
    let definition = &operation.source_code;
    let root = home.relative(&definition.root);
    let mut warn = |text: String| context.console.warn(&text);
    let rules = source::rules(definition, operation.python, None, home, &mut warn);
    match root == Path::new(".") {
        true => line("Copying from the current directory"),
        false => line(&format!("Copying from '{}'", root.display())),
    }
    line("Rules:");
    for rule in &rules.rules {
        line(&format!("  {rule}"));
    }
    if rules.is_disabled() {
        line("Source code copy disabled");
        return;
    }
    let needs = requirements::of_operation(operation, values, home).unwrap_or_default();
    let brought = requirements::brought(&needs, values, &operation.project_dir);
    let selection = sourcecode::survey(&definition.root, &rules, &|path| brought.has(path));
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
