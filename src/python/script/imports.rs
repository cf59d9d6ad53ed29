//! How a script takes its flags, by what it imports and uses.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use super::Takes;

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

/// How a script takes its flags. One that imports a library without building a
/// parser with it, such as for the name of a type, takes globals.
pub(super) fn takes(body: &[Stmt]) -> Takes {
    let mut used = Used::default();
    used.visit_body(body);
    let uses = |names: &[&str]| names.iter().any(|name| used.names.contains(name));
    if used.imports.contains("argparse") && uses(&ARGPARSE) {
        Takes::Arguments
    } else if used.imports.contains("click") && uses(&CLICK) {
        Takes::ClickArguments
    } else {
        Takes::Globals
    }
}

/// What a script names.
#[derive(Default)]
struct Used<'a> {
    /// Modules, and names from modules, that are imported anywhere.
    imports: HashSet<&'a str>,
    /// Names and attributes.
    names: HashSet<&'a str>,
}

impl<'a> Visitor<'a> for Used<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                let names = import.names.iter().map(|alias| alias.name.as_str());
                self.imports.extend(names);
            }
            Stmt::ImportFrom(import) => {
                self.imports
                    .extend(import.module.iter().map(|name| name.as_str()));
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
