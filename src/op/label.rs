//! Labels of runs: the default one, and templates.

use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;

/// Fills in a label template: `${FLAG}` stands for the value of a flag,
/// `${label}` for the label so far, `${default_label}` for the default one;
/// `${FLAG|default:X}`, `${FLAG|basename}`, `${FLAG|unquote}` and
/// `${FLAG|%.2f}` change a value first. What is not known is left empty; a change
/// that is not known is told to `warn`.
pub fn render(
    template: &str,
    values: &Map,
    label: &str,
    default_label: &str,
    warn: &mut dyn FnMut(String),
) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        text.push_str(&rest[..start]);
        let reference = &rest[start + 2..start + length];
        text.push_str(&resolve(reference, values, label, default_label, warn));
        rest = &rest[start + length + 1..];
    }
    text.push_str(rest);
    text
}

/// The label of a run by `template`; the default one without.
pub fn label(template: Option<&str>, values: &Map, warn: &mut dyn FnMut(String)) -> String {
    let default = flags::default_label(values, &is_file);
    match template {
        Some(template) => render(template, values, "", &default, warn),
        None => default,
    }
}

/// Whether a text names a file, which labels show shortened.
fn is_file(text: &str) -> bool {
    std::path::Path::new(text).exists()
}

fn resolve(
    reference: &str,
    values: &Map,
    label: &str,
    default_label: &str,
    warn: &mut dyn FnMut(String),
) -> String {
    let mut parts = reference.split('|');
    let name = parts.next().unwrap_or_default();
    let text = match name {
        "default_label" => Some(default_label.to_string()),
        "label" => Some(label.to_string()),
        name => values
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| flags::label_value(value, &is_file)),
    };
    let number = values.get(name).and_then(Value::as_f64);
    parts
        .fold(text, |text, transform| apply(transform, text, number, warn))
        .unwrap_or_default()
}

/// `text` changed by `transform`; none stays none but for `default`.
fn apply(
    transform: &str,
    text: Option<String>,
    number: Option<f64>,
    warn: &mut dyn FnMut(String),
) -> Option<String> {
    let (name, argument) = transform.split_once(':').unwrap_or((transform, ""));
    if name == "default" {
        return Some(text.unwrap_or_else(|| argument.to_string()));
    }
    let text = text?;
    Some(match name {
        "basename" => {
            let name = text.trim_end_matches('/').rsplit('/').next();
            name.unwrap_or_default().to_string()
        }
        "unquote" => ['\'', '"']
            .into_iter()
            .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
            .unwrap_or(&text)
            .to_string(),
        format if format.starts_with('%') => text::format_number(format, number).unwrap_or(text),
        name => {
            warn(format!("unsupported template transform: '{name}'"));
            "#error#".to_string()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Map {
        [
            (Value::from("lr"), Value::Float(0.125)),
            (Value::from("n"), Value::Int(3)),
            (Value::from("path"), Value::from("data/train.csv")),
            (Value::from("none"), Value::Null),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn references_are_filled_in() {
        for (template, expected) in [
            ("lr ${lr} n ${n}", "lr 0.125 n 3"),
            ("${path|basename}", "train.csv"),
            ("${lr|%.2f} ${n|%05d}", "0.12 00003"),
            ("${none|default:9} ${nope|default:zz}", "9 zz"),
            ("[${nope}]", "[]"),
            ("${label} + ${default_label}", "old + d=1"),
            ("${lr|unknown}", "#error#"),
            ("open ${lr", "open ${lr"),
        ] {
            let text = render(template, &values(), "old", "d=1", &mut |_| {});
            assert_eq!(text, expected);
        }
        let mut warnings = Vec::new();
        render("${lr|shout}", &values(), "", "", &mut |text| {
            warnings.push(text)
        });
        assert_eq!(warnings, ["unsupported template transform: 'shout'"]);
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
