//! What the text of a Python script says of its flags. The script is read, not
//! run or imported.

use std::path::Path;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Number, Stmt, UnaryOp};

use crate::base::files;
use crate::base::yaml::Value;

/// Why a script's flags are not known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The file is not Python.
    #[error("invalid syntax on line {line}: {reason}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
}

/// How a script takes its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// As command-line arguments, with argparse.
    Arguments,
    /// As command-line arguments, with click.
    ClickArguments,
    /// As module-level variables.
    Globals,
}

/// A flag that a script defines.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Its value where none is given.
    pub default: Value,
}

/// What is known of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// How it takes its flags.
    pub takes: Takes,
    /// Its module-level variables with literal values, in order of appearance;
    /// empty for a script that parses arguments.
    pub globals: Vec<Flag>,
}

impl Script {
    /// Reads the script at `path`.
    ///
    /// # Errors
    /// The file cannot be read, or is not Python.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = files::read(path)?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Reads a script's text.
    ///
    /// # Errors
    /// The text is not Python.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        let module = ruff_python_parser::parse_module(text).map_err(|error| {
            let before = &text[..usize::from(error.location.start()).min(text.len())];
            Error::Syntax {
                line: before.matches('\n').count() + 1,
                reason: error.error.to_string(),
            }
        })?;
        let body = &module.syntax().body;
        let mut imports = Imports::default();
        imports.visit_body(body);
        let takes = if imports.has("argparse") {
            Takes::Arguments
        } else if imports.has("click") {
            Takes::ClickArguments
        } else {
            Takes::Globals
        };
        let globals = match takes {
            Takes::Globals => literal_globals(body),
            Takes::Arguments | Takes::ClickArguments => Vec::new(),
        };
        Ok(Self { takes, globals })
    }
}

/// Every module that is imported anywhere, and every name from one.
#[derive(Default)]
struct Imports {
    names: Vec<String>,
}

impl Imports {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

impl<'a> StatementVisitor<'a> for Imports {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                let names = import.names.iter().map(|alias| alias.name.to_string());
                self.names.extend(names);
            }
            Stmt::ImportFrom(import) => {
                self.names
                    .extend(import.module.iter().map(ToString::to_string));
            }
            _ => walk_stmt(self, stmt),
        }
    }
}

/// The first assignment of a literal to each public name at module level.
fn literal_globals(body: &[Stmt]) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for stmt in body {
        let (targets, value): (Vec<&Expr>, &Expr) = match stmt {
            Stmt::Assign(assign) => (assign.targets.iter().collect(), &assign.value),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => (vec![&assign.target], value),
                None => continue,
            },
            _ => continue,
        };
        let Some(default) = literal(value) else {
            continue;
        };
        for target in targets {
            let Expr::Name(name) = target else { continue };
            let name = name.id.as_str();
            let known = flags.iter().any(|flag| flag.name == name);
            if !known && !name.starts_with('_') {
                let (name, default) = (name.to_string(), default.clone());
                flags.push(Flag { name, default });
            }
        }
    }
    flags
}

/// The value of a number, text, truth value, `None`, or a list of those.
fn literal(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::NumberLiteral(number) => number_value(&number.value, false),
        Expr::StringLiteral(text) => Some(Value::Str(text.value.to_str().to_string())),
        Expr::BooleanLiteral(truth) => Some(Value::Bool(truth.value)),
        Expr::NoneLiteral(_) => Some(Value::Null),
        Expr::List(list) => {
            let items: Option<Vec<_>> = list.elts.iter().map(literal).collect();
            items.map(Value::List)
        }
        Expr::UnaryOp(unary) => match (&unary.op, &*unary.operand) {
            (UnaryOp::USub, Expr::NumberLiteral(number)) => number_value(&number.value, true),
            (UnaryOp::UAdd, Expr::NumberLiteral(number)) => number_value(&number.value, false),
            _ => None,
        },
        _ => None,
    }
}

fn number_value(number: &Number, negative: bool) -> Option<Value> {
    match number {
        Number::Int(int) => Some(match int.as_i64() {
            Some(int) if negative => Value::Int(-int),
            Some(int) => Value::Int(int),
            None => Value::BigInt(format!("{}{int}", if negative { "-" } else { "" })),
        }),
        Number::Float(float) => Some(Value::Float(if negative { -float } else { *float })),
        Number::Complex { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(text: &str) -> Vec<(String, Value)> {
        let script = Script::parse(text).unwrap();
        let flags = script.globals.into_iter();
        flags.map(|flag| (flag.name, flag.default)).collect()
    }

    #[test]
    fn literals_at_module_level_are_flags() {
        let text = "\
import os
lr = 1e-3
epochs: int = 20
name = 'a' 'b'
flag = True
nothing = None
sizes = [1, -2, +3.5]
a = b = 'both'
lr = 7
";
        let expected: Vec<(String, Value)> = [
            ("lr", Value::Float(1e-3)),
            ("epochs", Value::Int(20)),
            ("name", Value::from("ab")),
            ("flag", Value::Bool(true)),
            ("nothing", Value::Null),
            (
                "sizes",
                Value::List(vec![Value::Int(1), Value::Int(-2), Value::Float(3.5)]),
            ),
            ("a", Value::from("both")),
            ("b", Value::from("both")),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .into();
        assert_eq!(globals(text), expected);
    }

    #[test]
    fn everything_else_is_not() {
        let text = "\
_private = 1
call = int('1')
table = {'a': 1}
pair = (1, 2)
x, y = 1, 2
obj.attr = 1
if True:
    inner = 1
def f():
    local = 1
later: int
text = f'{x}'
data = b'x'
";
        assert_eq!(globals(text), []);
    }

    #[test]
    fn a_script_that_parses_arguments_has_no_globals() {
        for (text, takes) in [
            ("import argparse\nx = 1\n", Takes::Arguments),
            (
                "x = 1\ndef f():\n    from argparse import ArgumentParser\n",
                Takes::Arguments,
            ),
            ("import click\nx = 1\n", Takes::ClickArguments),
        ] {
            let script = Script::parse(text).unwrap();
            assert_eq!(script.takes, takes);
            assert_eq!(script.globals, []);
        }
        let script = Script::parse("x = 'import argparse'\n").unwrap();
        assert_eq!(script.takes, Takes::Globals);
    }

    #[test]
    fn what_is_not_python_says_where() {
        let message = Script::parse("a = 1\nb = = 2\n").unwrap_err().to_string();
        assert!(
            message.starts_with("invalid syntax on line 2: "),
            "{message}"
        );
    }
}
