//! Flags as the parameters that TensorBoard's hparams page knows: numbers, texts,
//! and what is true or false.

use crate::base::yaml::Value;
use crate::flags;
use crate::runs::{self, Run};
use crate::tfevents::HparamValue;

use super::run_name;

/// The parameter that tells runs of different source code apart.
const SOURCE_CODE: &str = "sourcecode";

/// How much of a digest tells it from others.
const SHORT_DIGEST: usize = 8;

/// A parameter of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: String,
    /// Its value; none for a flag that is null.
    pub(super) value: Option<HparamValue>,
    /// The value as users write it.
    pub(super) text: String,
}

/// The parameters of `run`, by name: its flags and the start of the digest of its
/// source code, which stands for a flag of that name.
///
/// # Errors
/// They cannot be read.
pub(super) fn of_run(run: &Run) -> runs::Result<Vec<Parameter>> {
    let flags = run_name::flags(run)?;
    let mut found: Vec<Parameter> = flags
        .iter()
        .map(|(name, value)| Parameter {
            name: flags::name_text(name),
            value: parameter_value(value),
            text: flags::format_value(value),
        })
        .filter(|parameter| parameter.name != SOURCE_CODE)
        .collect();
    let digest = run.text_attr("sourcecode_digest")?.unwrap_or_default();
    let digest: String = digest.chars().take(SHORT_DIGEST).collect();
    found.push(Parameter {
        name: SOURCE_CODE.to_string(),
        value: Some(HparamValue::Text(digest.clone())),
        text: digest,
    });
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

fn parameter_value(flag: &Value) -> Option<HparamValue> {
    match flag {
        Value::Null => None,
        Value::Bool(yes) => Some(HparamValue::Bool(*yes)),
        Value::Int(number) => Some(HparamValue::Number(*number as f64)),
        Value::Float(number) => Some(HparamValue::Number(*number)),
        Value::BigInt(digits) => digits.parse().ok().map(HparamValue::Number),
        other => Some(HparamValue::Text(flags::plain_text(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn a_flag_is_a_number_a_text_or_true_or_false() {
        let number = |number| Some(HparamValue::Number(number));
        let text = |text: &str| Some(HparamValue::Text(text.to_string()));
        for (flag, expected) in [
            ("1", number(1.0)),
            ("-0.5", number(-0.5)),
            (".inf", number(f64::INFINITY)),
            (
                "123456789012345678901234567890",
                number(1.234_567_890_123_456_8e29),
            ),
            ("yes", Some(HparamValue::Bool(true))),
            ("abc", text("abc")),
            ("'1'", text("1")),
            ("[1, a]", text("[1, 'a']")),
            ("null", None),
        ] {
            let value = yaml::load(flag).unwrap();
            assert_eq!(parameter_value(&value), expected, "{flag}");
        }
    }
}
