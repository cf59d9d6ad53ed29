//! Labels of runs: the default one, and templates.

use crate::base::python_text;
use crate::base::yaml::{Map, Value};
use crate::flags::{self, FormatError};

/// What the references of a template stand for.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Flag values by name; null is no value.
    pub values: &'a Map,
    /// Texts by name, which stand as they are. A flag of that name goes before.
    pub texts: &'a [(&'a str, &'a str)],
}

/// Fills in a label template: `${NAME}` stands for the value of `NAME` as
/// default labels show it.
///
/// `${NAME|default:X}`, `${NAME|basename}`, `${NAME|unquote}` and `${NAME|%.2f}`
/// change the value itself, which then shows as Python's `str` has it. What has
/// no value is left empty; a change that is not known or cannot be made is told
/// to `warn`.
pub fn render(template: &str, names: Names<'_>, warn: &mut dyn FnMut(String)) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((start, end)) = reference(rest) {
        text.push_str(&rest[..start]);
        text += &resolve(&rest[start + 2..end], names, warn);
        rest = &rest[end + 1..];
    }
    text + rest
}

/// Where the first `${...}` starts and its brace is. What is inside is at least
/// one character and has no line break.
fn reference(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("${") {
        let start = from + found;
        let first = text[start + 2..].chars().next()?;
        let second = start + 2 + first.len_utf8();
        let end = text[second..].find(['}', '\n']).map(|end| second + end);
        if first != '\n'
            && let Some(end) = end
            && text[end..].starts_with('}')
        {
            return Some((start, end));
        }
        from = start + 2;
    }
    None
}

/// The label of a run by `template`, in which `${default_label}` is the default
/// one; that itself without.
pub fn label(template: Option<&str>, values: &Map, warn: &mut dyn FnMut(String)) -> String {
    let default = default_label(values);
    let Some(template) = template else {
        return default;
    };
    let texts = &[("default_label", default.as_str())];
    render(template, Names { values, texts }, warn)
}

/// The label of a run that is given none: its flags that have a value.
pub fn default_label(values: &Map) -> String {
    flags::default_label(values, &is_file)
}

/// Whether a text names a file, which labels show shortened.
fn is_file(text: &str) -> bool {
    std::path::Path::new(text).exists()
}

fn resolve(reference: &str, names: Names<'_>, warn: &mut dyn FnMut(String)) -> String {
    let mut parts = reference.split('|');
    let name = parts.next().unwrap_or_default();
    let value = names.values.get(name).filter(|value| !value.is_null());
    let text = names.texts.iter().find(|(known, _)| *known == name);
    if name.len() == reference.len() {
        return match (value, text) {
            (Some(value), _) => flags::label_value(value, &is_file),
            (None, Some((_, text))) => (*text).to_string(),
            (None, None) => String::new(),
        };
    }
    let value = match (value, text) {
        (Some(value), _) => value.clone(),
        (None, Some((_, text))) => Value::from(*text),
        (None, None) => Value::Null,
    };
    match parts.fold(value, |value, transform| apply(transform, value, warn)) {
        Value::Null => String::new(),
        value => flags::plain_text(&value),
    }
}

/// `value` changed by `transform`.
fn apply(transform: &str, value: Value, warn: &mut dyn FnMut(String)) -> Value {
    let (name, argument) = transform.split_once(':').unwrap_or((transform, ""));
    match name {
        format if format.starts_with('%') => formatted(format, value, warn),
        "default" if value.is_null() => argument.into(),
        "default" => value,
        "basename" => {
            if !argument.is_empty() {
                let transform = python_text::str_repr(transform);
                warn(format!("ignoring argument to basename in {transform}"));
            }
            basename(&value).into()
        }
        "unquote" => unquoted(value),
        name => {
            let name = python_text::str_repr(name);
            warn(format!("unsupported template transform: {name}"));
            "#error#".into()
        }
    }
}

/// `value` by a format of Python's; as it was where the format is for other types.
fn formatted(format: &str, value: Value, warn: &mut dyn FnMut(String)) -> Value {
    match flags::percent(format, &value) {
        Ok(text) => text.into(),
        Err(FormatError::Type) => value,
        Err(FormatError::Format(reason)) => {
            warn(format!(
                "error formatting {} with {}: {reason}",
                flags::python_repr(&value),
                python_text::str_repr(format)
            ));
            value
        }
    }
}

/// The last part of a path, whether or not a slash ends it; nothing of what is
/// false.
fn basename(value: &Value) -> String {
    if !value.is_truthy() {
        return String::new();
    }
    let text = flags::plain_text(value);
    let text = text.strip_suffix(['/', '\\']).unwrap_or(&text);
    text.rsplit('/').next().unwrap_or_default().to_string()
}

/// A text without the single quotes around it.
fn unquoted(value: Value) -> Value {
    let inside = value
        .as_str()
        .and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
    inside.map(Value::from).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Map {
        [
            ("lr", Value::Float(1e-5)),
            ("n", Value::Int(3)),
            ("path", Value::from("data/train.csv")),
            ("dir", Value::from("data/raw/")),
            ("words", Value::from("two words")),
            ("quoted", Value::from("'q q'")),
            ("on", Value::Bool(true)),
            ("none", Value::Null),
        ]
        .into_iter()
        .collect()
    }

    fn rendered(template: &str) -> (String, Vec<String>) {
        let mut warnings = Vec::new();
        let names = Names {
            values: &values(),
            texts: &[("default_label", "d=1")],
        };
        let text = render(template, names, &mut |text| warnings.push(text));
        (text, warnings)
    }

    #[test]
    fn references_stand_for_values_as_labels_show_them() {
        for (template, expected) in [
            ("lr ${lr} n ${n}", "lr 1.0e-05 n 3"),
            ("${words}", "'two words'"),
            ("[${nope}][${none}]", "[][]"),
            ("+ ${default_label}", "+ d=1"),
            ("open ${lr", "open ${lr"),
            ("${}x", "${}x"),
            ("${}x}|", "|"),
            ("${a\n${n}", "${a\n3"),
            ("${", "${"),
        ] {
            assert_eq!(rendered(template), (expected.to_string(), Vec::new()));
        }
    }

    #[test]
    fn transforms_change_the_value_itself() {
        for (template, expected) in [
            ("${path|basename}", "train.csv"),
            ("${dir|basename}", "raw"),
            ("${n|basename}", "3"),
            ("${nope|basename}", ""),
            ("${lr|%.2f} ${n|%05d}", "0.00 00003"),
            ("${words|%d}", "two words"),
            ("${none|default:9} ${nope|default:a:b}", "9 a:b"),
            ("${n|default:9}${nope|default}", "3"),
            ("${lr|default:9}", "1e-05"),
            ("${on} ${on|default:9} ${on|%d}", "yes True 1"),
            ("${words|default:9}", "two words"),
            ("${quoted} ${quoted|unquote}", "'''q q''' q q"),
            ("${nope|default:4|%s!}", "4!"),
            ("${default_label|%s!}", "d=1!"),
        ] {
            assert_eq!(rendered(template), (expected.to_string(), Vec::new()));
        }
    }

    #[test]
    fn what_cannot_be_done_is_told() {
        for (template, expected, warning) in [
            (
                "${lr|shout}",
                "#error#",
                "unsupported template transform: 'shout'",
            ),
            ("${nope|}", "#error#", "unsupported template transform: ''"),
            (
                "${n|%y}",
                "3",
                "error formatting 3 with '%y': unsupported format character 'y' (0x79) at index 1",
            ),
            (
                "${path|basename:x}",
                "train.csv",
                "ignoring argument to basename in 'basename:x'",
            ),
        ] {
            let (text, warnings) = rendered(template);
            assert_eq!(text, expected);
            assert_eq!(warnings, [warning]);
        }
    }

    #[test]
    fn a_flag_may_be_called_as_the_default_label() {
        let values: Map = [("default_label", 5)].into_iter().collect();
        let mut warn = |text: String| panic!("{text}");
        assert_eq!(label(Some("${default_label}"), &values, &mut warn), "5");
    }

    #[test]
    fn without_a_template_the_label_is_the_default_one() {
        let values: Map = [(Value::from("x"), Value::Int(1))].into_iter().collect();
        let mut warn = |text: String| panic!("{text}");
        assert_eq!(label(None, &values, &mut warn), "x=1");
        assert_eq!(label(Some("T"), &values, &mut warn), "T");
        let tagged = label(Some("a b ${default_label}"), &values, &mut warn);
        assert_eq!(tagged, "a b x=1");
        assert_eq!(label(None, &Map::new(), &mut warn), "");
    }
}
