//! What Guild AI 0.9 makes of flag values, as taken from it by running it, and
//! what it should have made of those that it loses or crashes on.

use proptest::prelude::*;

use super::*;
use crate::base::yaml::{Map, Value};

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(Map::from_iter(entries))
}

/// Texts on the command line and their values.
fn decoded() -> Vec<(&'static str, Value)> {
    vec![
        ("", "".into()),
        ("1", 1.into()),
        ("-1", (-1).into()),
        ("+1", 1.into()),
        (" 2 ", 2.into()),
        ("017", 17.into()),
        ("0o17", "0o17".into()),
        ("0x10", 16.into()),
        ("1_000", "1_000".into()),
        ("1:30", "1:30".into()),
        ("1_2.5", "1_2.5".into()),
        ("1.5", 1.5.into()),
        ("1e3", 1000.0.into()),
        ("1E-3", 0.001.into()),
        (".5", 0.5.into()),
        ("5.", 5.0.into()),
        ("nan", f64::NAN.into()),
        ("-inf", (-f64::INFINITY).into()),
        ("infinity", f64::INFINITY.into()),
        ("1e400", f64::INFINITY.into()),
        (
            "9223372036854775808",
            Value::BigInt("9223372036854775808".into()),
        ),
        ("true", true.into()),
        ("yes", true.into()),
        ("Off", false.into()),
        ("null", Value::Null),
        ("~", Value::Null),
        ("None", "None".into()),
        ("a", "a".into()),
        ("a b", "a b".into()),
        ("'1'", "1".into()),
        ("\"a\"", "a".into()),
        ("'a", "'a".into()),
        ("a,b", "a,b".into()),
        ("[1, 2]", list([1.into(), 2.into()])),
        ("[1,a,'2']", list([1.into(), "a".into(), "2".into()])),
        ("{a: 1}", map([("a".into(), 1.into())])),
        ("[a: b]", list([map([("a".into(), "b".into())])])),
        ("a: b", map([("a".into(), "b".into())])),
        ("2020-01-02", Value::Timestamp("2020-01-02".into())),
        ("!!str 1", "1".into()),
        ("!!int 1_0", 10.into()),
        ("[1:2]", "[1:2]".into()),
        ("[0.1:0.5]", "[0.1:0.5]".into()),
        ("[1:2.5]", list([62.5.into()])),
        ("[1:10:5]", "[1:10:5]".into()),
        ("[a:b]", "[a:b]".into()),
        ("[1:2", "[1:2".into()),
        ("[[1:2]:3]", "[[1:2]:3]".into()),
        ("uniform[0:1]", "uniform[0:1]".into()),
        ("loguniform[1e-3:0.1]", "loguniform[1e-3:0.1]".into()),
        ("range[1:3]", list([1.into(), 2.into(), 3.into()])),
        (
            "range[1:10:3]",
            list([1.into(), 4.into(), 7.into(), 10.into()]),
        ),
        (
            "range[0:1:0.25]",
            list([0.0.into(), 0.25.into(), 0.5.into(), 0.75.into(), 1.0.into()]),
        ),
        ("range[3:1:-1]", list([3.into(), 2.into(), 1.into()])),
        ("range[3]", list([0.into(), 1.into(), 2.into()])),
        ("range[a:b]", "range[a:b]".into()),
        ("range[1:2:0]", "range[1:2:0]".into()),
        (
            "range[0.1:0.4:0.1]",
            list([0.1.into(), 0.2.into(), 0.3.into(), 0.4.into()]),
        ),
        (
            "linspace[0:1]",
            list([0.0.into(), 0.25.into(), 0.5.into(), 0.75.into(), 1.0.into()]),
        ),
        (
            "linspace[1:10:4]",
            list([1.0.into(), 4.0.into(), 7.0.into(), 10.0.into()]),
        ),
        ("linspace[1:2:1]", list([1.0.into()])),
        ("linspace[1:2:2.5]", "linspace[1:2:2.5]".into()),
        (
            "logspace[-3:-1:3]",
            list([0.001.into(), 0.01.into(), 0.1.into()]),
        ),
        (
            "logspace[0:2:3:2]",
            list([1.0.into(), 2.0.into(), 4.0.into()]),
        ),
        ("geomspace[1:2]", "geomspace[1:2]".into()),
        ("[1]*3", list([1.into(), 1.into(), 1.into()])),
        ("[1,2] * 2", list([1.into(), 2.into(), 1.into(), 2.into()])),
        ("[a]*0", list([])),
        ("[1:2]*2", "[1:2]*2".into()),
        ("a*3", "a*3".into()),
        ("range[1:2]x", list([1.into(), 2.into()])),
        ("#a", Value::Null),
        ("@a", "@a".into()),
        ("\u{1}", "\u{1}".into()),
        ("-", list([Value::Null])),
    ]
}
/// Texts for flags that have a type.
fn typed() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("1", "string", "1".into()),
        ("'1'", "string", "1".into()),
        ("[1]", "string", list([1.into()])),
        ("{a", "string", "{a".into()),
        ("", "int", "".into()),
        ("1", "int", 1.into()),
        ("1.5", "int", 1.5.into()),
        ("a", "int", "a".into()),
        ("1", "float", 1.0.into()),
        ("1_0", "float", "1_0".into()),
        ("1", "number", 1.into()),
        ("1.5", "number", 1.5.into()),
        ("yes", "boolean", true.into()),
        ("0", "boolean", false.into()),
        ("2", "boolean", true.into()),
        ("a", "boolean", "a".into()),
        ("~/x", "path", "~/x".into()),
        ("1", "auto", 1.into()),
        ("1", "color", 1.into()),
    ]
}
/// Values in listings, previews, assignments and labels.
fn shown() -> Vec<(Value, [&'static str; 4])> {
    vec![
        (Value::Null, ["null", "default", "x=null", ""]),
        (true.into(), ["yes", "yes", "x=yes", "x=yes"]),
        (false.into(), ["no", "no", "x=no", "x=no"]),
        (1.into(), ["1", "1", "x=1", "x=1"]),
        (0.1.into(), ["0.1", "0.1", "x=0.1", "x=0.1"]),
        (
            1e-05.into(),
            ["1.0e-05", "1.0e-05", "x=1.0e-05", "x=1.0e-05"],
        ),
        (
            1e+16.into(),
            ["1.0e+16", "1.0e+16", "x=1.0e+16", "x=1.0e+16"],
        ),
        (
            0.123456789.into(),
            ["0.123456789", "0.123456789", "x=0.123456789", "x=0.12345"],
        ),
        (
            (-1.123456789e-07).into(),
            [
                "-1.123456789e-07",
                "-1.123456789e-07",
                "x=-1.123456789e-07",
                "x=-1.12345e-07",
            ],
        ),
        ("".into(), ["''", "''", "x=''", "x=''"]),
        ("a".into(), ["a", "a", "x=a", "x=a"]),
        ("a b".into(), ["a b", "a b", "x='a b'", "x='a b'"]),
        ("1".into(), ["'1'", "'1'", "x='1'", "x='1'"]),
        ("yes".into(), ["'yes'", "'yes'", "x='yes'", "x='yes'"]),
        ("it's".into(), ["it's", "it's", "x=it's", "x=it's"]),
        (
            "it's a".into(),
            ["it's a", "it's a", "x=\"it's a\"", "x=\"it's a\""],
        ),
        ("a,b".into(), ["a,b", "a,b", "x=a,b", "x=a,b"]),
        (
            "a\nb".into(),
            ["'a\n\n  b'", "'a\n\n  b'", "x='a\n\n  b'", "x='a\n\n  b'"],
        ),
        (
            "h\u{e9}".into(),
            ["\"h\\xE9\"", "\"h\\xE9\"", "x=\"h\\xE9\"", "x=\"h\\xE9\""],
        ),
        (
            "h\u{e9} x".into(),
            [
                "\"h\\xE9 x\"",
                "\"h\\xE9 x\"",
                "x=\"h\\xE9 x\"",
                "x=\"h\\xE9 x\"",
            ],
        ),
        (
            "[1:2]".into(),
            ["'[1:2]'", "[1:2]", "x='[1:2]'", "x='[1:2]'"],
        ),
        (
            "uniform[0:1]".into(),
            [
                "uniform[0:1]",
                "uniform[0:1]",
                "x=uniform[0:1]",
                "x=uniform[0:1]",
            ],
        ),
        ("a:b".into(), ["a:b", "a:b", "x=a:b", "x=a:b"]),
        ("-".into(), ["'-'", "'-'", "x='-'", "x='-'"]),
        (
            list([1.into(), 0.5.into(), Value::Null, true.into()]),
            [
                "[1, 0.5, null, yes]",
                "[1, 0.5, null, yes]",
                "x=[1, 0.5, null, yes]",
                "x=[1, 0.5, null, yes]",
            ],
        ),
        (
            list(["a".into(), "a,b".into(), "x y".into()]),
            [
                "[a, 'a,b', x y]",
                "[a, 'a,b', x y]",
                "x=[a, 'a,b', x y]",
                "x=[a, 'a,b', x y]",
            ],
        ),
        (
            list([
                list([1.into()]),
                map([("b".into(), 2.into()), ("a".into(), "c d".into())]),
            ]),
            [
                "[[1], {a: c d, b: 2}]",
                "[[1], {a: c d, b: 2}]",
                "x=[[1], {a: c d, b: 2}]",
                "x=[[1], {a: c d, b: 2}]",
            ],
        ),
        (list([]), ["[]", "[]", "x=[]", "x=[]"]),
        (map([]), ["{}", "{}", "x={}", "x={}"]),
        (
            Value::Timestamp("2020-01-02".into()),
            ["2020-01-02", "2020-01-02", "x=2020-01-02", "x=2020-01-02"],
        ),
        (
            "/home/user/project/data/file.txt".into(),
            [
                "/home/user/project/data/file.txt",
                "/home/user/project/data/file.txt",
                "x=/home/user/project/data/file.txt",
                "x=/home/\u{2026}/file.txt",
            ],
        ),
        (
            "data/sets/mnist/train/images".into(),
            [
                "data/sets/mnist/train/images",
                "data/sets/mnist/train/images",
                "x=data/sets/mnist/train/images",
                "x=data/\u{2026}/train/images",
            ],
        ),
        ("a/b".into(), ["a/b", "a/b", "x=a/b", "x=a/b"]),
        (
            "/x/y c/d".into(),
            ["/x/y c/d", "/x/y c/d", "x='/x/y c/d'", "x='/x/y c/d'"],
        ),
    ]
}

#[test]
fn texts_decode_as_in_guild_ai() {
    for (text, value) in decoded() {
        assert_eq!(decode(text), value, "{text:?}");
    }
    for (text, flag_type, value) in typed() {
        assert_eq!(decode_as(text, flag_type), value, "{text:?} as {flag_type}");
    }
}

#[test]
fn values_show_as_in_guild_ai() {
    for (value, [listed, previewed, assigned, label]) in shown() {
        assert_eq!(format_value(&value), listed);
        assert_eq!(preview_value(&value, None), previewed);
        assert_eq!(assignment("x", &value, Shorten::default()), assigned);
        let flags = Map::from_iter([("x", value)]);
        assert_eq!(default_label(&flags, &|_| true), label);
    }
}

#[test]
fn null_shows_as_its_label() {
    let label = Value::from("not set");
    assert_eq!(preview_value(&Value::Null, Some(&label)), "not set");
}

#[test]
fn labels_are_sorted_and_leave_nulls_out() {
    let flags = Map::from_iter([
        ("lr", Value::Float(0.1)),
        ("b", Value::Null),
        ("a", "x y".into()),
    ]);
    assert_eq!(default_label(&flags, &|_| false), "a='x y' lr=0.1");
}

#[test]
fn paths_are_whole_where_there_is_no_file() {
    let flags = Map::from_iter([("p", "/home/user/project/data/file.txt")]);
    let label = default_label(&flags, &|_| false);
    assert_eq!(label, "p=/home/user/project/data/file.txt");
}

#[test]
fn assignments_split_at_the_first_equals_sign() {
    assert_eq!(split_assignment("a=b=c"), Ok(("a", "b=c")));
    assert_eq!(split_assignment("=x"), Ok(("", "x")));
    let error = split_assignment("lr").unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid argument 'lr': expected NAME=VAL"
    );
}

#[test]
fn functions_have_names_and_arguments() {
    let function = parse_function("uniform[0:1e-1:x]").unwrap();
    assert_eq!(function.name.as_deref(), Some("uniform"));
    assert_eq!(function.args, [0.into(), 0.1.into(), "x".into()]);
    let function = parse_function("[1:2]").unwrap();
    assert_eq!(
        (function.name, function.args),
        (None, vec![1.into(), 2.into()])
    );
    assert_eq!(parse_function("f[]").unwrap().args, []);
    for text in ["", "a", "[1, 2]", "[a: b]", "[1:2.5]", "a b[1]", "f[1"] {
        assert_eq!(parse_function(text), None, "{text:?}");
    }
}

#[test]
fn long_sequences_and_deep_functions_stay_text() {
    for text in ["range[1:1e9]", "linspace[0:1:1000000000]", "[1]*1000000000"] {
        assert_eq!(decode(text), text.into());
    }
    for part in ["f[", "[", "[1:", "range["] {
        decode(&(part.repeat(20_000) + &"]".repeat(20_000)));
    }
}

/// Values as they come from a command line or a guild file.
fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z0-9 :,._'\"{}*#%&!|>@`\\[\\]-]{0,12}",
        "[0-9]{1,3}[_:.e][0-9]{1,3}",
        "\\PC{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let entry = ("[a-z]{1,3}", inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::List),
            prop::collection::vec(entry, 0..4)
                .prop_map(|entries| Value::Map(Map::from_iter(entries))),
        ]
    })
}

/// Whether YAML leaves a text without quotes that flags read in their own way:
/// as a number of Python's or as a function.
fn has_own_meaning(value: &Value, text: &str) -> bool {
    match value {
        Value::Str(text) => is_function(text) || !matches!(decode(text), Value::Str(_)),
        // A list of one text with a colon, which looks like a function.
        Value::List(_) => is_function(text),
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_value(value in any_value()) {
        let text = encode_globals(&value);
        prop_assert_eq!(crate::base::yaml::load(&text), Ok(value.clone()));
        if !has_own_meaning(&value, &text) {
            prop_assert_eq!(decode(&text), value, "{}", text);
        }
    }

    #[test]
    fn words_that_are_joined_are_split_again(words in prop::collection::vec("\\PC{0,6}", 0..5)) {
        let split = Value::Bool(true);
        let text = join_words(words.iter().cloned(), &split);
        prop_assert_eq!(split_text(&text, &split), Some(words));
    }

    #[test]
    fn a_text_for_a_text_flag_stays_as_it_is(text in "[^\\[{'\"\u{0}]\\PC{0,12}") {
        prop_assert_eq!(decode_as(&text, "string"), Value::from(text));
    }

    #[test]
    fn any_format_writes_something_or_says_why_not(
        format in "%[-+ #0]{0,2}[0-9]{0,3}(\\.[0-9]{0,3})?[a-zA-Z%]?|\\PC{0,8}",
        value in any_value(),
    ) {
        let _ = percent(&format, &value);
    }

    #[test]
    fn any_text_decodes(text in "[0-9a-z:\\[\\]{}*,.'\" _-]{0,30}|\\PC{0,30}") {
        let value = decode(&text);
        let flags = Map::from_iter([("x", value.clone())]);
        let _ = (format_value(&value), default_label(&flags, &|_| true));
        let _ = encode_arg(&value, None, Some(&",".into()));
    }

    #[test]
    fn what_globals_get_reads_as_the_value(text in "[0-9a-z:,.'\" _-]{0,100}") {
        let value = decode(&text);
        prop_assert_eq!(crate::base::yaml::load(&encode_globals(&value)), Ok(value));
    }
}
