//! Filter expressions: any text is one or an error, and what is written of one
//! reads back as the same.
#![no_main]

use guild::base::yaml::{self, Value};
use guild::query::Scalar;
use guild::query::filter::{Expression, Subject};
use libfuzzer_sys::fuzz_target;

/// A run whose values are named as YAML writes them.
struct Run;

impl Subject for Run {
    fn attribute(&self, name: &str) -> Option<Value> {
        yaml::load(name).ok().filter(|value| value.as_str().is_none())
    }

    fn flag(&self, name: &str) -> Option<Value> {
        name.strip_prefix('f').map(Value::from)
    }

    fn logged_attribute(&self, name: &str) -> Option<Value> {
        name.strip_prefix('l').map(Value::from)
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        Some(Value::Float(scalar.tag.len() as f64))
    }
}

fuzz_target!(|input: &str| {
    let Ok(expression) = input.parse::<Expression>() else {
        return;
    };
    let holds = expression.holds(&Run);
    let written = expression.to_string();
    let read: Expression = written.parse().expect("what is written can be read");
    assert_eq!(read, expression, "{written}");
    assert_eq!(read.holds(&Run), holds, "{written}");
});
