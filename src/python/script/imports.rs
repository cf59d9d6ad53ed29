//! How a script takes its flags, by what it imports and uses.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::{MAX_NESTING, Takes, source};
use crate::base::files;
use crate::python::follow::is_standard;

/// The modules of a project that are looked at, at the most.
const MOST_MODULES: usize = 500;

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
/// without parsing anything with it, such as for the name of a type, takes
/// globals, unless modules of its project may parse.
pub(super) fn takes(body: &[Stmt], dir: &Path) -> Takes {
    let used = Used::of(body);
    let uses = |names: &[&str]| names.iter().any(|name| used.names.contains(name));
    if used.imports.contains("argparse") && (used.may_parse() || project_may_parse(&used, dir)) {
        Takes::Arguments
    } else if used.imports.contains("click") && uses(&CLICK) {
        Takes::ClickArguments
    } else {
        Takes::Globals
    }
}

/// Where a script imports what is no part of Python, if it does.
pub(super) fn others(body: &[Stmt]) -> Option<TextSize> {
    let used = Used::of(body);
    let mut modules = used.modules.iter();
    let other = modules.find(|module| module.level > 0 || !is_standard(module.top()));
    other.map(|module| module.at)
}

/// Whether any module of the project that a script in `dir` imports, itself or by
/// others, may parse arguments. One that cannot be read may.
fn project_may_parse(used: &Used<'_>, dir: &Path) -> bool {
    let mut roots = vec![dir.to_path_buf()];
    // What is in a package imports from where the package is.
    let outer = dir
        .ancestors()
        .find(|dir| !dir.join("__init__.py").is_file());
    roots.extend(outer.filter(|outer| *outer != dir).map(Path::to_path_buf));
    let mut found = used.files(dir, &roots);
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        if next > MOST_MODULES {
            return true;
        }
        let bytes = files::read(&path).unwrap_or_default();
        let text = source::decode(&bytes).filter(|text| source::nesting(text) <= MAX_NESTING);
        let module = text.and_then(|text| ruff_python_parser::parse_module(&text).ok());
        let Some(module) = module else { return true };
        let used = Used::of(module.syntax().body.as_slice());
        if used.may_parse() {
            return true;
        }
        let dir = path.parent().unwrap_or(Path::new(""));
        for file in used.files(dir, &roots) {
            if !found.contains(&file) {
                found.push(file);
            }
        }
    }
    false
}

/// What a module names.
#[derive(Default)]
struct Used<'a> {
    /// Modules, and names from modules, that are imported anywhere.
    imports: HashSet<&'a str>,
    /// What is imported, as far as it may be a module.
    modules: Vec<Imported>,
    /// Names and attributes.
    names: HashSet<&'a str>,
}

/// What may be the name of a module.
struct Imported {
    /// Its parts with dots between.
    name: String,
    /// How many dots come before it.
    level: u32,
    at: TextSize,
}

impl Imported {
    fn top(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

impl<'a> Used<'a> {
    fn of(body: &'a [Stmt]) -> Self {
        let mut used = Self::default();
        used.visit_body(body);
        used
    }

    /// Whether something is named that parses arguments, or that a library may
    /// call so: `ArgumentParser`, `parse_args`, `lib.parse_options`.
    fn may_parse(&self) -> bool {
        self.names.iter().any(|name| match *name {
            "argv" => true,
            "argparse" => false,
            name => name.contains("parse") || name.ends_with("ArgumentParser"),
        })
    }

    /// The files of the imported modules that are in one of the folders `roots`,
    /// or beside a module in `dir` that names them with dots.
    fn files(&self, dir: &Path, roots: &[PathBuf]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for module in &self.modules {
            let above = (module.level as usize).checked_sub(1);
            let beside = above.and_then(|above| dir.ancestors().nth(above));
            let bases = match module.level {
                0 => roots.iter().map(PathBuf::as_path).collect(),
                _ => Vec::from_iter(beside),
            };
            for base in bases {
                let mut path = base.to_path_buf();
                if module.level > 0 {
                    found.push(path.join("__init__.py"));
                }
                for part in module.name.split('.') {
                    path.push(part);
                    found.push(path.join("__init__.py"));
                }
                found.push(path.with_extension("py"));
            }
        }
        found.retain(|path| path.is_file());
        found.dedup();
        found
    }
}

impl<'a> Visitor<'a> for Used<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.imports.insert(alias.name.as_str());
                    self.modules.push(Imported {
                        name: alias.name.to_string(),
                        level: 0,
                        at: stmt.start(),
                    });
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(|name| name.as_str());
                self.imports.extend(module);
                let names = import.names.iter().map(|alias| alias.name.as_str());
                self.imports.extend(names.clone());
                // A name from a package may be a module of it.
                let inner = names.map(|name| match module {
                    Some(module) => format!("{module}.{name}"),
                    None => name.to_string(),
                });
                let names = module.map(str::to_string).into_iter().chain(inner);
                self.modules.extend(names.map(|name| Imported {
                    name,
                    level: import.level,
                    at: stmt.start(),
                }));
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
