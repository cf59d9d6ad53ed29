//! What must hold for any text and any value, and what PyYAML has no vectors for.

use proptest::prelude::*;

use super::{
    Map, Node, NodeKind, Value, dump, dump_file, dump_flow, load, load_bytes, load_spanned,
};

#[test]
fn errors_know_their_place() {
    let error = load("a: 1\nb: [x\n").expect_err("an open list");
    assert_eq!((error.line(), error.column()), (3, 1));
    assert_eq!(
        error.to_string(),
        "expected ',' or ']', but got '<stream end>'"
    );
    assert_eq!(error.context(), Some("while parsing a flow sequence"));
}

#[test]
fn merged_maps_put_the_merged_keys_first() {
    let value = load("x: 1\n<<: {y: 2, x: 3}\n").unwrap();
    let keys: Vec<_> = value.as_map().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["y".into(), "x".into()]);
    assert_eq!(value.as_map().unwrap().get("x"), Some(&Value::Int(1)));
}

#[test]
fn a_repeated_key_keeps_its_first_place_and_its_last_value() {
    let value = load("a: 1\nb: 2\na: 3\n").unwrap();
    let entries: Vec<_> = value.as_map().unwrap().clone().into_iter().collect();
    assert_eq!(entries, [("a".into(), 3.into()), ("b".into(), 2.into())]);
}

#[test]
fn nodes_know_their_places() {
    let node = load_spanned("a: 1\nb:\n  - x\n  - {k: v}\na: 2\n")
        .unwrap()
        .unwrap();
    let NodeKind::Map(entries) = &node.kind else {
        panic!("not a map: {node:?}")
    };
    let place = |node: &Node| (node.line, node.column);
    let places: Vec<_> = entries
        .iter()
        .map(|e| (place(&e.key), place(&e.value)))
        .collect();
    assert_eq!(
        places,
        [((1, 1), (1, 4)), ((2, 1), (3, 3)), ((5, 1), (5, 4))]
    );
    assert_eq!(
        node.get("a").map(|e| e.value.to_value()),
        Some(Value::Int(2))
    );
    let NodeKind::List(items) = &node.get("b").unwrap().value.kind else {
        panic!("not a list: {node:?}")
    };
    assert_eq!(place(&items[1]), (4, 5));
    assert_eq!(place(&items[1].get("k").unwrap().value), (4, 9));
}

#[test]
fn merged_entries_are_marked() {
    let node = load_spanned("b: &b {x: 1}\nc:\n  <<: *b\n  x: 2\n")
        .unwrap()
        .unwrap();
    let NodeKind::Map(entries) = &node.get("c").unwrap().value.kind else {
        panic!("not a map: {node:?}")
    };
    let merged: Vec<_> = entries.iter().map(|e| e.merged).collect();
    assert_eq!(merged, [true, false]);
}

#[test]
fn bytes_are_text_of_a_known_encoding() {
    assert_eq!(load_bytes(b"\xEF\xBB\xBFa"), Ok("a".into()));
    assert_eq!(load_bytes(b"\xFF\xFEa\0:\0 \x001\0"), load("a: 1"));
    assert_eq!(load_bytes(b"\xFE\xFF\0a"), Ok("a".into()));
    let error = load_bytes(b"a: 1\nb: \xFF").expect_err("no text");
    assert_eq!((error.line(), error.column()), (2, 4));
    assert!(load_bytes(b"\xFF\xFEa").is_err());
}

#[test]
fn a_file_ends_in_a_line_break() {
    assert_eq!(dump_file(&Value::Int(0)), "0\n");
}

#[test]
fn values_without_end_are_refused() {
    let mut bomb = String::from("- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let aliases = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("- &a{level} [{aliases}]\n"));
    }
    let error = load(&bomb).expect_err("a bomb");
    assert_eq!(error.to_string(), "aliases expand to too large a value");
    let error = load("&a [*a]").expect_err("a value in itself");
    assert_eq!(
        error.to_string(),
        "found alias 'a' inside the value it stands for"
    );
}

#[test]
fn deep_values_are_read_up_to_a_depth() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let value = load(&nested(100)).unwrap();
    assert_eq!(
        dump_flow(&value).split_whitespace().collect::<String>(),
        nested(100)
    );
    assert_eq!(dump(&value), "- ".repeat(99) + "[]");
    for opening in ["[", "{a: ", "- ", "? ", "[a: "] {
        let error = load(&opening.repeat(100_000)).expect_err(opening);
        assert_eq!(
            error.to_string(),
            "values are nested more than 100 levels deep"
        );
    }
}

#[test]
fn values_compare_as_in_python() {
    let big = |digits: &str| Value::BigInt(digits.to_owned());
    assert!(Value::from(1).python_eq(&true.into()));
    assert!(Value::from(1).python_eq(&1.0.into()));
    assert!(big("9223372036854775808").python_eq(&9_223_372_036_854_775_808.0.into()));
    assert!(!big("9223372036854775809").python_eq(&9_223_372_036_854_775_808.0.into()));
    assert!(!Value::from(i64::MAX).python_eq(&9_223_372_036_854_775_808.0.into()));
    assert!(!Value::from(f64::NAN).python_eq(&f64::NAN.into()));
    assert!(!Value::from("1").python_eq(&1.into()));
    assert_ne!(Value::from(1), Value::from(true));
    assert_ne!(Value::from(1), Value::from(1.0));
    assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
    assert_eq!(load("{a: 1, b: 2}"), load("{b: 2, a: 1}"));
    let less = Some(std::cmp::Ordering::Less);
    assert_eq!(Value::from(1).python_cmp(&1.5.into()), less);
    assert_eq!(Value::from(-1).python_cmp(&(-0.5).into()), less);
    assert_eq!(
        big("-10000000000000000000").python_cmp(&i64::MIN.into()),
        less
    );
    assert_eq!(
        big("10000000000000000000").python_cmp(&f64::INFINITY.into()),
        less
    );
    assert_eq!(Value::from("a").python_cmp(&1.into()), None);
    assert_eq!(Value::Null.python_cmp(&Value::Null), None);
}

#[test]
fn maps_tell_keys_apart_as_python_does() {
    let mut map = Map::new();
    assert_eq!(map.insert(1, "a"), None);
    assert_eq!(map.insert(true, "b"), Some("a".into()));
    assert_eq!(map.insert("1", "c"), None);
    assert_eq!(
        map.keys().cloned().collect::<Vec<_>>(),
        [1.into(), "1".into()]
    );
    assert_eq!(map.get_value(&1.0.into()), Some(&"b".into()));
    assert_eq!(map.remove("1"), Some("c".into()));
    assert_eq!(map.len(), 1);
}

/// Characters that mean something to YAML, and words that are not strings.
fn fragment() -> impl Strategy<Value = String> {
    let special = proptest::sample::select(vec![
        " ",
        "  ",
        "\n",
        "\n  ",
        "\t",
        ": ",
        "- ",
        "? ",
        ":",
        "-",
        "?",
        ",",
        "[",
        "]",
        "{",
        "}",
        "#",
        " #",
        "&a ",
        "*a",
        "!",
        "!!str ",
        "!!int ",
        "!!binary ",
        "|",
        ">",
        "|-\n ",
        ">+\n ",
        "'",
        "\"",
        "\\",
        "%",
        "%TAG ",
        "@",
        "`",
        "---",
        "...",
        "\n---\n",
        "<<: ",
        "=",
        "~",
        "1",
        "1e3",
        "0x",
        "1:30",
        "2020-01-01",
        "true",
        "no",
        "null",
        ".inf",
        "a",
        "word",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{e9}",
        "\u{1F600}",
        "\0",
        "\u{7}",
    ]);
    prop_oneof![
        4 => proptest::collection::vec(special, 0..12).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
        1 => "[ -~]{0,100}",
        1 => "[a-c \n']{0,120}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "-?[1-9][0-9]{20,30}".prop_map(Value::BigInt),
        Just(Value::Timestamp("2020-01-02".to_owned())),
        Just(Value::Timestamp(
            "2020-01-02 03:04:05.500000+01:00".to_owned()
        )),
        proptest::collection::vec(any::<u8>(), 0..100).prop_map(Value::Bytes),
        fragment().prop_map(Value::from),
    ];
    scalar.clone().prop_recursive(5, 40, 6, move |inner| {
        let entries = proptest::collection::vec((scalar.clone(), inner.clone()), 0..6);
        let keys = proptest::collection::vec(scalar.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::List),
            keys.prop_map(|keys| Value::Set(
                keys.into_iter().map(|key| (key, Value::Null)).collect()
            )),
            entries.prop_map(|entries| Value::Map(Map::from_iter(entries))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same(value in value()) {
        prop_assert_eq!(load(&dump(&value)), Ok(value.clone()));
        prop_assert_eq!(load(&dump_flow(&value)), Ok(value));
    }

    #[test]
    fn what_is_written_is_ascii_in_lines(value in value()) {
        let text = dump(&value);
        prop_assert!(text.is_ascii());
        prop_assert!(!text.ends_with('\n'));
    }

    #[test]
    fn any_text_is_read_or_refused(text in fragment()) {
        if let Ok(value) = load(&text) {
            prop_assert_eq!(load(&dump(&value)), Ok(value));
        }
    }

    #[test]
    fn any_keys_sort(keys in proptest::collection::vec(value(), 0..30)) {
        let map = Map::from_iter(keys.into_iter().map(|key| (key, Value::Null)));
        prop_assert_eq!(map.sorted().len(), map.len());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_bytes(&bytes);
    }
}
