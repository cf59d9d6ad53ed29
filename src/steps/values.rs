//! The flag values of steps: what the guild file says of them, with references
//! to the flags of the pipeline replaced.

use std::collections::BTreeSet;

use crate::base::yaml::{self, Map, Value};
use crate::flags;
use crate::op::values::Words;

/// The values of a step: those in its command, under its key `flags`, and those
/// of the pipeline's flags that are named after it, `PREFIX:FLAG`; the later go
/// before the earlier, and of two prefixes the first.
///
/// # Errors
/// Flags that are none; references to what is no flag of the pipeline.
pub(super) fn of_step(
    words: &Words,
    data: &Map,
    prefixes: [&str; 2],
    pipeline: &Map,
) -> Result<Map, String> {
    let mut values = assigned(words);
    let keys = match data.get("flags") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Map(map)) => map.clone(),
        Some(list @ Value::List(items)) => {
            let texts: Vec<String> = items.iter().map(flags::plain_text).collect();
            let words = Words::parse(&texts);
            assigned(&words.map_err(|_| not_flags(list))?)
        }
        Some(other) => return Err(not_flags(other)),
    };
    for (name, value) in keys.iter().chain(named_after(prefixes, pipeline).iter()) {
        values.insert(flags::name_text(name), value.clone());
    }
    let mut resolved = Map::new();
    for (name, value) in values.iter() {
        let value = replaced(value, pipeline, &mut Vec::new())
            .map_err(|reason| format!("flag '{}' has {reason}", flags::name_text(name)))?;
        // What has no value is left to the operation.
        if !value.is_null() {
            resolved.insert(name.clone(), value);
        }
    }
    Ok(resolved)
}

fn not_flags(value: &Value) -> String {
    format!("invalid flags value {}", flags::python_repr(value))
}

fn assigned(words: &Words) -> Map {
    let assignments = words.assignments.iter();
    assignments
        .map(|(name, text)| (Value::from(name.as_str()), flags::decode(text)))
        .collect()
}

fn named_after(prefixes: [&str; 2], pipeline: &Map) -> Map {
    let mut named = Map::new();
    for prefix in prefixes {
        for (full, value) in pipeline.iter() {
            let name = full.as_str().and_then(|full| full.strip_prefix(prefix));
            let name = name.and_then(|rest| rest.strip_prefix(':'));
            if let Some(name) = name.filter(|name| !named.contains(name)) {
                named.insert(name, value.clone());
            }
        }
    }
    named
}

/// `value` with its references replaced. One that is all of a text is the value
/// of the flag itself; others are YAML in the text. `\${...}` stands for itself.
fn replaced(value: &Value, pipeline: &Map, within: &mut Vec<String>) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    let mut parts: Vec<Value> = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = reference(rest) {
        let escaped = rest[..start].ends_with('\\');
        let before = &rest[..start - usize::from(escaped)];
        if !before.is_empty() {
            parts.push(before.into());
        }
        let name = &rest[start + 2..end];
        if escaped {
            parts.push(rest[start..=end].into());
        } else {
            if within.iter().any(|outer| outer == name) {
                return Err(format!("references that go in a circle, by '{name}'"));
            }
            let value = pipeline
                .get(name)
                .ok_or_else(|| format!("an undefined reference '{name}'"))?;
            within.push(name.to_string());
            parts.push(replaced(value, pipeline, within)?);
            within.pop();
        }
        rest = &rest[end + 1..];
    }
    if parts.is_empty() {
        return Ok(value.clone());
    }
    if !rest.is_empty() {
        parts.push(rest.into());
    }
    if let [only] = parts.as_slice() {
        return Ok(only.clone());
    }
    let texts = parts.iter().map(|part| match part {
        Value::Str(text) => text.clone(),
        other => yaml::dump_flow(other),
    });
    Ok(Value::from(texts.collect::<String>()))
}

/// Where the first `${...}` with something inside starts and ends.
fn reference(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let end = start + text[start..].find('}')?;
        if end > start + 2 {
            return Some((start, end));
        }
        from = end;
    }
}

/// `text`, such as a label, with references to the pipeline's flags replaced.
/// Others stay: they may be to flags of the step.
///
/// # Errors
/// References that go in a circle.
pub(super) fn text(text: &str, pipeline: &Map) -> Result<String, String> {
    let mut known = pipeline.clone();
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some((start, end)) = reference(rest) {
        names.insert(rest[start + 2..end].to_string());
        rest = &rest[end + 1..];
    }
    for name in names {
        if !known.contains(&name) {
            let kept = format!("\\${{{name}}}");
            known.insert(name, kept);
        }
    }
    let value = replaced(&text.into(), &known, &mut Vec::new())?;
    Ok(flags::plain_text(&value))
}

/// `text` with all its references replaced.
///
/// # Errors
/// A reference to what is not among `values`.
pub(super) fn plain(text: &str, values: &Map) -> Result<String, String> {
    let value = replaced(&text.into(), values, &mut Vec::new())?;
    Ok(flags::plain_text(&value))
}

/// A value as it is typed on a command line, so that it reads back as itself.
pub(super) fn typed(value: &Value) -> String {
    let texts = [flags::quoted_value(value), yaml::dump_flow(value)];
    let reads_back = |text: &String| flags::decode(text) == *value;
    let quoted = || format!("'{}'", flags::plain_text(value).replace('\'', "''"));
    texts.into_iter().find(reads_back).unwrap_or_else(quoted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flags_of_pipeline() -> Map {
        [
            ("n", Value::Int(3)),
            ("none", Value::Null),
            ("who", Value::from("ann")),
            ("hello", Value::from("hi ${who}")),
            ("a", Value::from("${b}")),
            ("b", Value::from("${a}")),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_reference_alone_has_the_type_of_its_flag() {
        let flags = flags_of_pipeline();
        let one = |text: &str| replaced(&text.into(), &flags, &mut Vec::new());
        assert_eq!(one("${n}"), Ok(Value::Int(3)));
        assert_eq!(one("${none}"), Ok(Value::Null));
        assert_eq!(one("<${n}> ${hello}"), Ok("<3> hi ann".into()));
        assert_eq!(one(r"\${n}"), Ok("${n}".into()));
        assert_eq!(one("${} ${n"), Ok("${} ${n".into()));
        assert!(one("${nope}").unwrap_err().contains("'nope'"));
        assert!(one("${a}").unwrap_err().contains("circle"));
    }

    #[test]
    fn a_label_keeps_what_the_pipeline_does_not_know() {
        let flags = flags_of_pipeline();
        let label = text("${who} ${lr} ${default_label}", &flags);
        assert_eq!(label.as_deref(), Ok("ann ${lr} ${default_label}"));
        assert_eq!(text("${n}", &flags).as_deref(), Ok("3"));
    }

    #[test]
    fn what_looks_like_a_number_only_here_is_quoted() {
        for text in ["-.0", "+.5", "-.5e3"] {
            assert_eq!(flags::decode(&typed(&text.into())), text.into(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_read_back_as_they_were(text in "[ -~\\n\\u{e0}-\\u{ff}]{0,12}") {
            let value = Value::from(text);
            prop_assert_eq!(flags::decode(&typed(&value)), value);
        }
    }
}
