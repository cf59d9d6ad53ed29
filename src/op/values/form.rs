//! Flag values as a text that a person edits: YAML with a remark for each flag.

use crate::base::yaml::{self, Map, Value};
use crate::flags;
use crate::guildfile::FlagDef;

/// The text for `values`, by name, with what `definitions` say of each. `title`
/// is what the values are of.
pub fn write(values: &Map, definitions: &[FlagDef], title: Option<&str>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut wants_gap = title.is_some();
    if let Some(title) = title {
        lines.push(format!("# Editing flags for {title}"));
    }
    for (name, value) in values.sorted() {
        let flag = definitions
            .iter()
            .find(|flag| name.as_str() == Some(&flag.name));
        let remarks = flag.map(remarks).unwrap_or_default();
        if wants_gap || (!remarks.is_empty() && !lines.is_empty()) {
            lines.push(String::new());
        }
        let entry = Map::from_iter([(name.clone(), value.clone())]);
        lines.push(yaml::dump(&Value::Map(entry)));
        wants_gap = !remarks.is_empty();
        lines.extend(remarks.into_iter().map(|remark| format!("  # {remark}")));
    }
    lines.join("\n") + "\n"
}

fn remarks(flag: &FlagDef) -> Vec<String> {
    let mut remarks = Vec::new();
    let description = flag.description.lines().next().unwrap_or_default();
    if !description.is_empty() {
        remarks.push(description.to_string());
    }
    if !flag.choices.is_empty() {
        let choices = flag.choices.iter().map(|c| flags::format_value(c.shown()));
        let choices: Vec<_> = choices.collect();
        remarks.push(format!("Choices: {}", choices.join(", ")));
    }
    remarks
}

/// The values that an edited text holds; nothing if it is blank.
///
/// # Errors
/// It is no YAML, or no mapping; what is wrong, with its place.
pub fn read(text: &str) -> Result<Option<Map>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match yaml::load(text) {
        Err(error) => Err(error.report("flags")),
        // All that is left are remarks.
        Ok(Value::Null) => Ok(None),
        Ok(Value::Map(values)) => Ok(Some(values)),
        Ok(other) => Err(format!(
            "expected lines of the form 'NAME: VALUE', found a {}",
            other.type_name()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guildfile::Choice;

    #[test]
    fn each_flag_has_its_remarks() {
        let flags = [
            FlagDef {
                name: "size".into(),
                description: "how big\nand more".into(),
                choices: vec![
                    Choice {
                        value: 1.into(),
                        alias: Some("small".into()),
                        ..Choice::default()
                    },
                    Choice {
                        value: 3.into(),
                        ..Choice::default()
                    },
                ],
                ..FlagDef::default()
            },
            FlagDef {
                name: "a".into(),
                ..FlagDef::default()
            },
        ];
        let values = Map::from_iter([
            ("size", Value::from(1)),
            ("n", Value::from("no")),
            ("b", Value::Null),
            ("z", Value::List(vec![1.into(), "2".into()])),
        ]);
        let text = write(&values, &flags, Some("op"));
        assert_eq!(
            text,
            "# Editing flags for op\n\nb: null\n'n': 'no'\n\nsize: 1\n  # how big\n  # Choices: \
             small, 3\n\nz:\n- 1\n- '2'\n"
        );
        assert_eq!(read(&text), Ok(Some(values)));
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        assert_eq!(read("  \n"), Ok(None));
        assert_eq!(read("# only a remark\n"), Ok(None));
        assert!(read("a: [").is_err());
        let reason = read("- a\n").unwrap_err();
        assert_eq!(
            reason,
            "expected lines of the form 'NAME: VALUE', found a list"
        );
    }
}
