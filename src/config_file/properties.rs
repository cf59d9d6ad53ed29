//! What holds of any edit: the value that is set is the value that is read, and
//! everything else of the text stays byte for byte.

use proptest::prelude::*;

use super::*;
use crate::base::yaml::{Layout, LayoutKind};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-1e6..1e6f64).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
        "[a-z '\"#:,%\\[é]{0,9}".prop_map(Value::from),
        "[ -~\n\té😀]{0,30}".prop_map(Value::from),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => scalar(),
        1 => proptest::collection::vec(scalar(), 0..4).prop_map(Value::List),
    ]
}

fn document() -> impl Strategy<Value = Map> {
    let simple = prop_oneof![
        any::<i16>().prop_map(|number| Value::Int(number.into())),
        "[a-z]{1,6}".prop_map(Value::from),
        proptest::collection::vec((0..9i64).prop_map(Value::Int), 0..3).prop_map(Value::List),
    ];
    let entry = simple.prop_recursive(3, 24, 4, |inner| map_of(inner).prop_map(Value::Map));
    map_of(entry)
}

fn map_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map> {
    proptest::collection::vec(("k[a-z.]{0,3}[a-z]", value), 1..5)
        .prop_map(|entries| entries.into_iter().collect())
}

/// The text with a comment or nothing at the end of each line.
fn with_comments(text: &str, comments: &[bool]) -> String {
    text.lines()
        .zip(comments.iter().cycle())
        .map(|(line, comment)| match comment {
            true => format!("{line}  # note\n"),
            false => format!("{line}\n"),
        })
        .collect()
}

/// Where the value with a path of keys is.
fn range_of<'a>(layout: &'a Layout, map: &Map, name: &str) -> Option<&'a Layout> {
    let LayoutKind::Map { entries, .. } = &layout.kind else {
        return None;
    };
    map.iter().find_map(|(key, value)| {
        let key_text = key.as_str()?;
        let (_, _, inner) = entries.iter().rev().find(|(known, ..)| known == key)?;
        match value {
            Value::Map(map) => {
                let rest = name.strip_prefix(key_text)?.strip_prefix('.')?;
                range_of(inner, map, rest)
            }
            _ => (key_text == name).then_some(inner),
        }
    })
}

/// Sets one value and looks at what became of the text.
fn check(text: &str, format: Format, pick: usize, value: &Value) -> Result<(), TestCaseError> {
    let map = read(text, format).unwrap();
    let names = names(&map);
    if names.is_empty() {
        return Ok(());
    }
    let (name, old) = &names[pick % names.len()];
    let mut wanted = map.clone();
    if nesting::set(&mut wanted, name, value.clone()).is_err() {
        return Ok(());
    }
    // Of two values with one name another one may be meant.
    prop_assume!(names.iter().filter(|(other, _)| other == name).count() == 1);
    let edited = with_values(text, format, &[(name.clone(), value.clone())]).unwrap();
    prop_assert_eq!(read(&edited, format).unwrap(), wanted, "{}", edited);
    if old == value {
        prop_assert_eq!(edited, text);
        return Ok(());
    }
    let layout = match format {
        Format::Json => json::parse(text).unwrap().1.unwrap(),
        _ => yaml_text::layout(text).unwrap().unwrap(),
    };
    let Some(place) = range_of(&layout, &map, name) else {
        return Ok(());
    };
    // The key's colon and the end of the value's line bound what may change.
    let before = text[..place.range.start].trim_end();
    let after = &text[place.range.end..];
    prop_assert!(edited.starts_with(before), "{text}\n--\n{edited}");
    prop_assert!(edited.ends_with(after), "{text}\n--\n{edited}");
    Ok(())
}

proptest! {
    #[test]
    fn yaml_changes_only_where_a_value_is_set(
        map in document(),
        comments in proptest::collection::vec(any::<bool>(), 1..6),
        pick in any::<usize>(),
        value in leaf(),
    ) {
        let text = with_comments(&yaml_text::dump(&Value::Map(map)), &comments);
        check(&text, Format::Yaml, pick, &value)?;
    }

    #[test]
    fn yaml_in_braces_changes_only_where_a_value_is_set(
        map in document(), pick in any::<usize>(), value in leaf(),
    ) {
        let text = format!("# note\n{}\n", yaml_text::dump_flow(&Value::Map(map)));
        check(&text, Format::Yaml, pick, &value)?;
    }

    #[test]
    fn json_changes_only_where_a_value_is_set(
        map in document(), pick in any::<usize>(), value in leaf(),
    ) {
        use super::edit::Notation;
        let text = json::JSON.inline(&Value::Map(map)).replace(", ", ",\n  ");
        check(&text, Format::Json, pick, &value)?;
    }

    #[test]
    fn ini_changes_only_the_lines_of_an_option(
        values in proptest::collection::vec("[a-z0-9.%]{0,5}", 3),
        pick in 0..3usize,
        value in "[a-z0-9 .%\n]{0,12}",
    ) {
        let text = format!(
            "; note\n[a]\nx = {}\n\n# note\ny: {}\n[b.c]\nz={}\n",
            values[0], values[1], values[2]
        );
        let name = ["a.x", "a.y", "b.c.z"][pick];
        let new = Value::from(value.trim());
        match with_values(&text, Format::Ini, &[(name.to_string(), new)]) {
            Ok(edited) => {
                let delimiter = ["x = ", "y: ", "z="][pick].trim_end();
                let (before, rest) = text.split_once(delimiter).unwrap();
                let after = rest.split_once('\n').unwrap().1;
                prop_assert!(edited.starts_with(&format!("{before}{delimiter}")), "{edited}");
                prop_assert!(edited.ends_with(after), "{edited}");
            }
            // A value that no option can have, such as one with an empty line
            // before a comment.
            Err(error) => prop_assert_eq!(error, Error::NotWritable { name: name.to_string() }),
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-c\\[\\]{}:,\"'#&*|>=%\\-\n ]{0,40}", value in leaf()) {
        for format in [Format::Yaml, Format::Json, Format::Ini] {
            let _ = with_values(&text, format, &[("a.b".to_string(), value.clone())]);
        }
    }
}
