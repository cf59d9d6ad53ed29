//! What `guild run` shows of an operation instead of running it.

use std::path::Path;

use crate::cli::Context;
use crate::op::source;
use crate::project::Operation;
use crate::sourcecode;

/// Shows the rules for source code, and what they select.
pub fn sourcecode(operation: &Operation, context: &Context) {
    let line = |text: &str| context.console.line(text);
    let home = &context.home;
    let definition = &operation.source_code;
    let root = home.relative(&definition.root);
    if let Some(warning) = source::missing_git(definition, home) {
        context.console.warn(&warning);
    }
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
