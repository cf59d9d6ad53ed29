//! What the text of a Python script says of its flags. The script is read, not
//! run or imported.

use std::borrow::Cow;
use std::path::Path;
use std::thread;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Number, Stmt, UnaryOp};

use crate::base::files;
use crate::base::yaml::Value;

/// More than any script that Python runs has.
const MAX_NESTING: usize = 5_000;

/// The stack of the thread that parses, in bytes; what is not used costs nothing.
const PARSER_STACK: usize = 256 << 20;

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
    /// The text is not in the encoding that it declares, or in one that is not
    /// known here.
    #[error("not UTF-8, and no other known encoding is declared")]
    Encoding,
    /// Expressions nest deeper than Python itself takes.
    #[error("too deeply nested")]
    TooDeep,
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
        Self::parse(&decode(&bytes).ok_or(Error::Encoding)?)
    }

    /// Reads a script's text.
    ///
    /// # Errors
    /// The text is not Python, or nested deeper than Python takes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        if nesting(text) > MAX_NESTING {
            return Err(Error::TooDeep);
        }
        // The parser calls itself for each level, and so does what drops its tree.
        let parsed = thread::scope(|scope| {
            let parser = thread::Builder::new().stack_size(PARSER_STACK);
            let handle = parser.spawn_scoped(scope, || Self::parse_here(text));
            handle.ok().and_then(|handle| handle.join().ok())
        });
        parsed.unwrap_or(Err(Error::TooDeep))
    }

    fn parse_here(text: &str) -> Result<Self, Error> {
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

/// A script's text by the encoding that one of its first two lines declares
/// (PEP 263): UTF-8 unless it says otherwise, and the 8-bit ones whose bytes are
/// the first characters of Unicode.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if bytes.is_ascii() {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    match declared_encoding(bytes).as_deref() {
        None | Some("utf-8" | "utf8") => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1") => {
            Some(bytes.iter().map(|&byte| char::from(byte)).collect())
        }
        Some(_) => None,
    }
}

/// The name behind `coding:` or `coding=` in a comment of the first two lines.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    bytes.split(|&byte| byte == b'\n').take(2).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start().strip_prefix('#')?;
        let (_, rest) = comment.split_once("coding")?;
        let name = rest.strip_prefix([':', '='])?.trim_start();
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = &name[..end.unwrap_or(name.len())];
        Some(name.to_lowercase().replace('_', "-"))
    })
}

/// How deep the expressions of `text` may nest at the most: open brackets, or
/// operators and words in a row without a comma or the end of a line between.
/// Strings and comments do not count.
fn nesting(text: &str) -> usize {
    let (mut open, mut row, mut deepest) = (0usize, 0usize, 0usize);
    let mut rest = text.as_bytes();
    let mut after_word = false;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let ends_word = *byte == b' ' && after_word;
        after_word = byte.is_ascii_alphabetic();
        match byte {
            _ if ends_word => row += 1,
            b'\'' | b'"' => rest = after_string(*byte, rest),
            b'#' => {
                let end = rest.iter().position(|&byte| byte == b'\n');
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b',' | b';' => row = 0,
            b'\n' if open == 0 => row = 0,
            b'+' | b'-' | b'*' | b'/' | b'~' | b'.' | b'%' | b'&' | b'|' | b'^' | b'@' | b':'
            | b'<' | b'>' | b'=' => row += 1,
            _ => {}
        }
        deepest = deepest.max(open + row);
    }
    deepest
}

/// What comes after the string that was just opened with `quote`.
fn after_string(quote: u8, text: &[u8]) -> &[u8] {
    let triple = text.starts_with(&[quote, quote]);
    let mut at = if triple { 2 } else { 0 };
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\n' if !triple => break,
            byte if byte == quote && !triple => break,
            byte if byte == quote && text[at..].starts_with(&[quote, quote]) => {
                at += 2;
                break;
            }
            _ => {}
        }
    }
    &text[at.min(text.len())..]
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
    fn what_python_refuses_does_not_end_the_program() {
        for unit in [
            "-", "[", "1+", "f(", "not ", "x.", "lambda:", "{1:", "2**", "(\n",
        ] {
            let text = format!("x = {}1\n", unit.repeat(200_000));
            assert!(Script::parse(&text).is_err(), "{unit:?}");
        }
        let long = format!(
            "x = [{}]\ny = 1  # {}\n",
            "-1.5, ".repeat(20_000),
            "((".repeat(9_000)
        );
        assert_eq!(globals(&long).len(), 2);
        let text = format!("x = '{}'\n", "a+b/c.(".repeat(9_000));
        assert_eq!(globals(&text).len(), 1);
    }

    #[test]
    fn the_declared_encoding_holds() {
        let bytes = b"# -*- coding: latin-1 -*-\ns = '\xe9'\n";
        assert_eq!(
            decode(bytes).unwrap(),
            "# -*- coding: latin-1 -*-\ns = 'é'\n"
        );
        assert_eq!(decode("s = 'é'".as_bytes()).unwrap(), "s = 'é'");
        assert_eq!(decode(b"s = '\xe9'"), None);
        assert_eq!(decode(b"# coding=koi8-r\ns = '\xe9'"), None);
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
