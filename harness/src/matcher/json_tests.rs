//! What is the same as data.

use proptest::prelude::*;

use super::*;
use crate::options::{OptionSet, Vocabulary};

fn rules() -> Rules {
    let options = OptionSet::parse("+JSON +CAPTURES", &Vocabulary::default()).unwrap();
    Rules::from_options(&options)
}

/// The places that differ, as `path expected actual`.
fn differing(expected: &str, actual: &str) -> Vec<String> {
    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    compare(expected, actual, &rules())
        .unwrap()
        .differing
        .iter()
        .map(|d| format!("{} {} {}", d.path, side(&d.expected), side(&d.actual)))
        .collect()
}

#[test]
fn the_same_data() {
    for (expected, actual) in [
        (
            r#"{"a": 1, "b": [true, null]}"#,
            "{\"b\":[true,null],\n\"a\":1.0}",
        ),
        ("1e2", "100"),
        (r#"{"a": ...}"#, r#"{"a": {"x": 1}}"#),
        (r#"{"a": "..."}"#, r#"{"a": 3}"#),
        (r#"{"a": 1, ...}"#, r#"{"b": 2, "a": 1}"#),
        (r#"{..., "a": 1}"#, r#"{"a": 1}"#),
        ("[1, ..., 5]", "[1, 2, 3, 4, 5]"),
        ("[..., 3, ...]", "[1, 2, 3, 4, 5]"),
        ("[...]", "[]"),
        (r#""run-...""#, r#""run-12""#),
        (
            r#"{"again": "{id:int}", "id": {id}}"#,
            r#"{"id": 7, "again": "7"}"#,
        ),
        ("{\"a\": 1}\n{\"a\": 2}", "{\"a\": 1}\n{\"a\": 2}\n"),
        ("[1]\n<exit 2>\n", "[1]\n<exit 2>\n"),
        ("[1]\n", "[1]\n<exit 0>\n"),
    ] {
        assert_eq!(
            differing(expected, actual),
            Vec::<String>::new(),
            "{expected}"
        );
    }
}

#[test]
fn places_that_differ() {
    assert_eq!(
        differing(r#"{"a": [1, {"b": 2}]}"#, r#"{"a": [1, {"b": "2"}]}"#),
        [".a[1].b 2 \"2\""]
    );
    assert_eq!(
        differing(r#"{"a": 1}"#, r#"{"b c": 1}"#),
        [".a 1 -", ".\"b c\" - 1"]
    );
    assert_eq!(differing("[1, 2]", "[1]"), ["[1] 2 -"]);
    assert_eq!(differing("[..., 9]", "[1, 2]"), ["[1] 9 2"]);
    assert_eq!(differing("1", "\"1\""), [". 1 \"1\""]);
    assert_eq!(
        differing("[1]\n", "[1]\n<exit 1>\n"),
        ["exit code - <exit 1>"]
    );
    assert_eq!(
        differing(r#"{"a": {n:int}}"#, r#"{"a": "x"}"#),
        [".a {n:int} \"x\""]
    );
}

#[test]
fn malformed_text() {
    let error =
        |expected: &str, actual: &str| compare(expected, actual, &rules()).unwrap_err().to_string();
    assert_eq!(
        error("{}", "{\"a\" 1}"),
        "the output is not JSON: expected `:`, line 1, column 6"
    );
    assert_eq!(error("{}", ""), "the output is not JSON: there is no value");
    assert!(error("{\"a\":}", "{}").starts_with("what is expected is not JSON"));
    let fault = check("{\n\"a\": tru\n}", &rules()).unwrap_err();
    assert_eq!(fault.line(), 1);
}

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z .{}\"\\\\]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn data_equals_itself_however_it_is_written(value in data()) {
        let options = OptionSet::parse("+JSON -ELLIPSIS", &Vocabulary::default()).unwrap();
        let rules = Rules::from_options(&options);
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert!(verdict(&pretty, &value.to_string(), &rules).is_some());
    }
}
