//! Module-level names of a script that somebody may take for flags, and that are
//! none, since nothing plain is assigned to them at the top of the script.

use ruff_python_ast::{ExceptHandler, Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

const IF: &str = "it is set under a condition";
const IF_MAIN: &str = "it is set only if the script is the main one";
const IN_LOOP: &str = "it is set in a loop";
const IN_WITH: &str = "it is set in a 'with' block";
const IN_TRY: &str = "it is set in a 'try' block";

/// A name that is no flag.
pub(super) struct LeftOut<'a> {
    pub(super) name: &'a str,
    pub(super) why: &'static str,
    pub(super) at: TextSize,
}

/// All such names, each by the first time it is set, but for functions, classes,
/// modules, and what `is_known` tells.
pub(super) fn names<'a>(body: &'a [Stmt], is_known: impl Fn(&str) -> bool) -> Vec<LeftOut<'a>> {
    let mut names = Names::default();
    names.block(body, None);
    let mut found: Vec<LeftOut> = Vec::new();
    for name in names.0 {
        if !is_known(name.name) && !found.iter().any(|other| other.name == name.name) {
            found.push(name);
        }
    }
    found
}

#[derive(Default)]
struct Names<'a>(Vec<LeftOut<'a>>);

impl<'a> Names<'a> {
    /// The names that a block sets; `within` is why none of them is a flag.
    fn block(&mut self, body: &'a [Stmt], within: Option<&'static str>) {
        for stmt in body {
            self.statement(stmt, within);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt, within: Option<&'static str>) {
        match stmt {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.target(target, within.unwrap_or("it is set together with others"));
                }
            }
            Stmt::AnnAssign(assign) => {
                let why = match assign.value {
                    Some(_) => within.unwrap_or_default(),
                    None => "it has no value",
                };
                self.target(&assign.target, why);
            }
            Stmt::AugAssign(assign) => {
                self.target(&assign.target, within.unwrap_or("it is only changed"));
            }
            Stmt::ImportFrom(import) => {
                let is_future = import.module.as_deref() == Some("__future__");
                for alias in import.names.iter().filter(|_| !is_future) {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    if name != "*" {
                        self.add(name, "it is imported", alias.start());
                    }
                }
            }
            Stmt::For(repeated) => {
                self.target(&repeated.target, within.unwrap_or(IN_LOOP));
            }
            Stmt::With(with) => {
                for target in with
                    .items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_ref())
                {
                    self.target(target, within.unwrap_or(IN_WITH));
                }
            }
            _ => {}
        }
        for (block, why) in blocks(stmt) {
            self.block(block, within.or(Some(why)));
        }
    }

    /// The names in what is assigned to.
    fn target(&mut self, target: &'a Expr, why: &'static str) {
        match target {
            Expr::Name(name) => {
                let is_private = name.id.starts_with('_');
                let why = if is_private {
                    "its name starts with '_'"
                } else {
                    why
                };
                self.add(name.id.as_str(), why, target.start());
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|part| self.target(part, why)),
            Expr::List(list) => list.elts.iter().for_each(|part| self.target(part, why)),
            Expr::Starred(starred) => self.target(&starred.value, why),
            _ => {}
        }
    }

    fn add(&mut self, name: &'a str, why: &'static str, at: TextSize) {
        self.0.push(LeftOut { name, why, at });
    }
}

/// The blocks in a statement that are run with the script, and what they mean for
/// the names that they set.
fn blocks(stmt: &Stmt) -> Vec<(&[Stmt], &'static str)> {
    let mut found: Vec<(&[Stmt], &'static str)> = Vec::new();
    match stmt {
        Stmt::If(branches) => {
            let why = match is_main_test(&branches.test) {
                true => IF_MAIN,
                false => IF,
            };
            found.push((&branches.body, why));
            let others = branches.elif_else_clauses.iter();
            found.extend(others.map(|clause| (clause.body.as_slice(), IF)));
        }
        Stmt::For(repeated) => {
            found.extend([(&*repeated.body, IN_LOOP), (&*repeated.orelse, IN_LOOP)]);
        }
        Stmt::While(repeated) => {
            found.extend([(&*repeated.body, IN_LOOP), (&*repeated.orelse, IN_LOOP)]);
        }
        Stmt::With(with) => found.push((&with.body, IN_WITH)),
        Stmt::Try(tried) => {
            found.push((&tried.body, IN_TRY));
            for ExceptHandler::ExceptHandler(handler) in &tried.handlers {
                found.push((&handler.body, IN_TRY));
            }
            found.extend([(&*tried.orelse, IN_TRY), (&*tried.finalbody, IN_TRY)]);
        }
        Stmt::Match(matched) => {
            let cases = matched.cases.iter();
            found.extend(cases.map(|case| (case.body.as_slice(), IF)));
        }
        _ => {}
    }
    found
}

/// Whether a condition asks for `__name__`.
fn is_main_test(test: &Expr) -> bool {
    let is_name = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == "__name__");
    matches!(test, Expr::Compare(compare)
        if is_name(&compare.left) || compare.comparators.iter().any(is_name))
}
