//! Which libraries for training a script uses, where that changes what its runs
//! keep.

use std::path::Path;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use super::{Error, parsed, source};
use crate::base::files;

/// What the names of Keras and of what brings it start with.
const KERAS: [&str; 2] = ["keras", "tensorflow"];

/// Methods of models of Keras that print how they get on.
const METHODS: [&str; 2] = ["fit", "predict"];

/// Whether the script at `path` imports Keras or TensorFlow, or something whose
/// name starts so, and has a model trained or predict. A file that cannot be read
/// or is not Python uses nothing.
pub fn uses_keras(path: &Path) -> bool {
    files::read(path).is_ok_and(|bytes| {
        source::decode(&bytes).is_some_and(|text| text_uses_keras(&text).unwrap_or(false))
    })
}

fn text_uses_keras(text: &str) -> Result<bool, Error> {
    // Most scripts need no look at their syntax.
    let mentions = |names: &[&str]| names.iter().any(|name| text.contains(name));
    if !mentions(&KERAS) || !mentions(&METHODS) {
        return Ok(false);
    }
    parsed(text, |body, _| {
        let mut used = Used::default();
        used.visit_body(body);
        used.imports_keras && used.calls_method
    })
}

#[derive(Default)]
struct Used {
    imports_keras: bool,
    calls_method: bool,
}

impl Used {
    fn import(&mut self, name: &str) {
        self.imports_keras |= KERAS.iter().any(|start| name.starts_with(start));
    }
}

impl<'a> Visitor<'a> for Used {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let names = match stmt {
            Stmt::Import(import) => &import.names,
            Stmt::ImportFrom(import) => {
                if let Some(module) = &import.module {
                    self.import(module);
                }
                &import.names
            }
            _ => return visitor::walk_stmt(self, stmt),
        };
        for alias in names {
            self.import(&alias.name);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.calls_method |= called(&call.func).is_some_and(|name| METHODS.contains(&name));
        }
        visitor::walk_expr(self, expr);
    }
}

/// The name of the function or method that is called.
fn called(function: &Expr) -> Option<&str> {
    match function {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Call(call) => called(&call.func),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_uses_keras_if_it_imports_it_and_trains_or_predicts() {
        for (text, expected) in [
            ("import keras\nmodel.fit(x)", true),
            ("import keras.layers\nfit()", true),
            ("import keras_tuner as kt\ntuner.predict(x)", true),
            ("from tensorflow import nn\ndef f():\n  g(m.fit(1))", true),
            ("from x import keras\nmodel.fit(x)", true),
            ("def f():\n  import tensorflow as tf\nmodel.fit(x)(y)", true),
            ("import keras\nmodel.fit", false),
            ("import keras\nmodel.evaluate(x)", false),
            ("import sklearn\nmodel.fit(x) # keras", false),
            ("import numpy as keras\nmodel.fit(x)", false),
            ("import keras\nmodel.fit(", false),
            ("", false),
        ] {
            assert_eq!(text_uses_keras(text).unwrap_or(false), expected, "{text}");
        }
    }
}
