//! How a script takes its flags, by what it imports and uses.

use std::collections::HashSet;
use std::path::Path;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::Takes;
use crate::python::follow::is_standard;

/// Names that a script uses which builds or runs a parser of argparse, or looks
/// at its arguments itself.
const ARGPARSE: [&str; 6] = [
    "argv",
    "ArgumentParser",
    "parse_args",
    "parse_known_args",
    "parse_intermixed_args",
    "parse_known_intermixed_args",
];

/// Names that a script uses which makes commands of click.
const CLICK: [&str; 8] = [
    "command",
    "group",
    "option",
    "argument",
    "Command",
    "Group",
    "MultiCommand",
    "CommandCollection",
];

/// How a script in the folder `dir` takes its flags. One that imports a library
/// without building a parser with it, such as for the name of a type, takes
/// globals, unless modules of its project may build one.
pub(super) fn takes(body: &[Stmt], dir: &Path) -> Takes {
    let mut used = Used::default();
    used.visit_body(body);
    let uses = |names: &[&str]| names.iter().any(|name| used.names.contains(name));
    let has_project = || {
        let mut modules = used.modules.iter();
        modules.any(|(module, _)| {
            module.starts_with('.')
                || dir.join(module).is_dir()
                || dir.join(format!("{module}.py")).is_file()
        })
    };
    if used.imports.contains("argparse") && (uses(&ARGPARSE) || has_project()) {
        Takes::Arguments
    } else if used.imports.contains("click") && uses(&CLICK) {
        Takes::ClickArguments
    } else {
        Takes::Globals
    }
}

/// Where a script imports what is no part of Python, if it does.
pub(super) fn others(body: &[Stmt]) -> Option<TextSize> {
    let mut used = Used::default();
    used.visit_body(body);
    let mut modules = used.modules.iter();
    let other = modules.find(|(module, _)| !is_standard(module));
    other.map(|(_, at)| *at)
}

/// What a script names.
#[derive(Default)]
struct Used<'a> {
    /// Modules, and names from modules, that are imported anywhere.
    imports: HashSet<&'a str>,
    /// The first parts of the names of modules, of those beside the script a dot,
    /// and where they are imported.
    modules: Vec<(&'a str, TextSize)>,
    /// Names and attributes.
    names: HashSet<&'a str>,
}

impl<'a> Visitor<'a> for Used<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    self.imports.insert(name);
                    let top = name.split('.').next().unwrap_or(name);
                    self.modules.push((top, stmt.start()));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(|name| name.as_str());
                self.imports.extend(module);
                let top = module.and_then(|name| name.split('.').next());
                let top = top.filter(|_| import.level == 0);
                self.modules.push((top.unwrap_or("."), stmt.start()));
                let names = import.names.iter().map(|alias| alias.name.as_str());
                self.imports.extend(names.clone());
                // Under another name it is used as well.
                let renamed = import.names.iter().filter(|alias| alias.asname.is_some());
                self.names.extend(renamed.map(|alias| alias.name.as_str()));
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                self.names.insert(name.id.as_str());
            }
            Expr::Attribute(attribute) => {
                self.names.insert(attribute.attr.as_str());
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}
