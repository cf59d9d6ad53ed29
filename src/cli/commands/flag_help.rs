//! What help says of flags: what each is for, its default and its choices.

use crate::base::wrap;
use crate::base::yaml::Value;
use crate::cli::layout::Layout;
use crate::flags;
use crate::guildfile::{Choice, FlagDef};

/// The names of `flags`, each with what is said of it, for a terminal of
/// `columns`.
pub fn rows(flags: &[&FlagDef], columns: usize) -> Vec<(String, String)> {
    let widest = flags.iter().map(|flag| flag.name.chars().count()).max();
    let widest = widest.unwrap_or(0);
    let row = |flag: &&FlagDef| (flag.name.clone(), meaning(flag, columns, widest));
    flags.iter().map(row).collect()
}

/// The description of `flag` with its default behind the first line, then its
/// choices; lines of the description are paragraphs.
fn meaning(flag: &FlagDef, columns: usize, widest: usize) -> String {
    let mut paragraphs: Vec<String> = flag.description.split('\n').map(str::to_string).collect();
    let first = &mut paragraphs[0];
    if !first.is_empty() {
        first.push(' ');
    }
    first.push_str(&default_note(flag));
    if !flag.choices.is_empty() {
        let choices = choices(&flag.choices, columns, widest + 4);
        paragraphs.push(format!("\n{}\n{choices}", wrap::AS_IS));
    }
    paragraphs.join("\n\n")
}

fn default_note(flag: &FlagDef) -> String {
    match (&flag.default, &flag.null_label) {
        (Value::Null, _) if flag.required => "(required)".to_string(),
        (Value::Null, Some(label)) if !label.is_empty() => {
            format!(
                "(default is {})",
                flags::quoted_value(&label.as_str().into())
            )
        }
        (Value::Null, _) => String::new(),
        (value, _) => format!("(default is {})", flags::quoted_value(value)),
    }
}

/// The choices in lines that are `taken` columns shorter than the terminal.
fn choices(choices: &[Choice], columns: usize, taken: usize) -> String {
    const HEADING: &str = "Choices";
    let layout = Layout::new(columns);
    let is_described = |choice: &Choice| !choice.description.is_empty();
    if !choices.iter().any(is_described) {
        let mut layout = layout.narrower(taken + HEADING.len() + 1);
        layout.definitions(&[(format!("{HEADING}:"), list(choices))]);
        return layout.into_text();
    }
    let mut layout = layout.narrower(taken);
    layout.heading(HEADING);
    layout.indent();
    let row = |choice: &Choice| {
        let description = choice.description.trim().replace('\n', "\n\n");
        (flags::format_value(choice.shown()), description)
    };
    layout.definitions(&choices.iter().map(row).collect::<Vec<_>>());
    layout.into_text()
}

/// The choices in one line.
pub fn list(choices: &[Choice]) -> String {
    let shown = choices.iter().map(|choice| choice.shown().clone());
    let list = flags::format_value(&Value::List(shown.collect()));
    let inner = list
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'));
    inner.unwrap_or(&list).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_told_with_its_default_and_choices() {
        let flag = |description: &str, default: Value, values: &[&str]| FlagDef {
            name: "f".to_string(),
            description: description.to_string(),
            default,
            choices: values
                .iter()
                .map(|value| Choice {
                    value: (*value).into(),
                    ..Choice::default()
                })
                .collect(),
            ..FlagDef::default()
        };
        for (flag, expected) in [
            (flag("", Value::Null, &[]), ""),
            (flag("what", "a b".into(), &[]), "what (default is 'a b')"),
            (flag("what\nmore", Value::Null, &[]), "what \n\nmore"),
            (
                flag("", 1.into(), &["a", "b, c"]),
                "(default is 1)\n\n\n\u{8}\nChoices:  a, 'b, c'\n",
            ),
        ] {
            assert_eq!(meaning(&flag, 80, 1), expected);
        }
        let required = FlagDef {
            required: true,
            ..FlagDef::default()
        };
        assert_eq!(meaning(&required, 80, 1), "(required)");
    }
}
