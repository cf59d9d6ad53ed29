//! What PyYAML 6.0 reads, with Guild AI's additions, as taken from them by running
//! them: the vectors for [`super::load`].

use super::{Map, Value, load};

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(Map::from_iter(entries))
}

/// Texts and what they load as.
fn loads() -> Vec<(&'static str, Value)> {
    vec![
        ("", Value::Null),
        ("# c\n", Value::Null),
        ("---\n", Value::Null),
        ("a", "a".into()),
        (
            "a: 1\nb: [x, 'y', \"z\\u00e9\"]\n",
            map([
                ("a".into(), 1.into()),
                ("b".into(), list(["x".into(), "y".into(), "z\u{e9}".into()])),
            ]),
        ),
        (
            "- 1\n- - 2\n  -\n- a: b\n  c:\n",
            list([
                1.into(),
                list([2.into(), Value::Null]),
                map([("a".into(), "b".into()), ("c".into(), Value::Null)]),
            ]),
        ),
        (
            "k:\n- 1\n- 2\n",
            map([("k".into(), list([1.into(), 2.into()]))]),
        ),
        ("yes", true.into()),
        ("No", false.into()),
        ("ON", true.into()),
        ("y", "y".into()),
        ("017", 15.into()),
        ("0x1F", 31.into()),
        ("0b11", 3.into()),
        ("0o17", "0o17".into()),
        ("08", "08".into()),
        ("1_000", 1000.into()),
        ("1:30", 90.into()),
        ("1:30.5", 90.5.into()),
        ("-1:30", (-90).into()),
        ("1e3", 1000.0.into()),
        ("1E3", 1000.0.into()),
        ("1.e3", 1000.0.into()),
        ("5.", 5.0.into()),
        (".5", 0.5.into()),
        ("-.inf", (-f64::INFINITY).into()),
        (".NaN", f64::NAN.into()),
        ("nan", "nan".into()),
        ("12e03", 12000.0.into()),
        ("0x_f", 15.into()),
        ("2020-01-02", Value::Timestamp("2020-01-02".into())),
        ("2020-1-2", "2020-1-2".into()),
        (
            "2001-12-14t21:59:43.1-05:00",
            Value::Timestamp("2001-12-14 21:59:43.100000-05:00".into()),
        ),
        (
            "2001-12-14 21:59:43Z",
            Value::Timestamp("2001-12-14 21:59:43+00:00".into()),
        ),
        (
            "2001-12-14 1:02:03",
            Value::Timestamp("2001-12-14 01:02:03".into()),
        ),
        ("~", Value::Null),
        ("Null", Value::Null),
        (
            "9223372036854775808",
            Value::BigInt("9223372036854775808".into()),
        ),
        (
            "0xffffffffffffffffffff",
            Value::BigInt("1208925819614629174706175".into()),
        ),
        ("'it''s'", "it's".into()),
        ("\"a\\tb\\x41\\U0001F600\"", "a\tbA\u{1f600}".into()),
        ("'a\n\n  b'", "a\nb".into()),
        ("\"a \\\n  b\"", "a b".into()),
        ("|\n a\n  b\n\n", "a\n b\n".into()),
        ("|-\n a\n\n", "a".into()),
        (">\n a\n b\n\n c\n  d\n e\n", "a b\nc\n d\ne\n".into()),
        ("|+\n a\n\n", "a\n\n".into()),
        ("|2\n   a\n", " a\n".into()),
        ("a\n b\n\n c", "a b\nc".into()),
        (
            "a: &x {p: 1}\nb: *x\nc:\n  <<: *x\n  q: 2\n",
            map([
                ("a".into(), map([("p".into(), 1.into())])),
                ("b".into(), map([("p".into(), 1.into())])),
                (
                    "c".into(),
                    map([("p".into(), 1.into()), ("q".into(), 2.into())]),
                ),
            ]),
        ),
        (
            "<<: [{a: 1}, {a: 2, b: 3}]\na: 9\n",
            map([("a".into(), 9.into()), ("b".into(), 3.into())]),
        ),
        (
            "a: 1\na: 2\nb: 3\n",
            map([("a".into(), 2.into()), ("b".into(), 3.into())]),
        ),
        ("1: a\n1.0: b\ntrue: c\n", map([(1.into(), "c".into())])),
        (
            "? a\n: b\n? c\n",
            map([("a".into(), "b".into()), ("c".into(), Value::Null)]),
        ),
        (
            "{a, b: 1, ? c}",
            map([
                ("a".into(), Value::Null),
                ("b".into(), 1.into()),
                ("c".into(), Value::Null),
            ]),
        ),
        (
            "[a: 1, b]",
            list([map([("a".into(), 1.into())]), "b".into()]),
        ),
        ("!!str 12", "12".into()),
        ("!!int '3'", 3.into()),
        ("!!float 1", 1.0.into()),
        (
            "!!binary aGVsbG8=",
            Value::Bytes(vec![104, 101, 108, 108, 111]),
        ),
        (
            "!!set {a}",
            Value::Set(Map::from_iter([("a", Value::Null)])),
        ),
        (
            "!!omap [a: 1, b: 2]",
            list([list(["a".into(), 1.into()]), list(["b".into(), 2.into()])]),
        ),
        ("! 12", 12.into()),
        ("! '12'", 12.into()),
        ("[! \"\"]", list([Value::Null])),
        ("%YAML 1.1\n---\na\n...\n", "a".into()),
        ("\u{feff}a: 1", map([("a".into(), 1.into())])),
        (
            "a: b # c\nd: e#f",
            map([("a".into(), "b".into()), ("d".into(), "e#f".into())]),
        ),
        ("=: 1", map([("=".into(), 1.into())])),
        ("a:b", "a:b".into()),
        ("-a", "-a".into()),
        ("http://x:1", "http://x:1".into()),
        (
            "{a: b,c: d}",
            map([("a".into(), "b".into()), ("c".into(), "d".into())]),
        ),
        ("[1:2]", list([62.into()])),
        (
            "a: 'x\u{d}\n  y'\u{d}\nb: 2\u{d}\n",
            map([("a".into(), "x y".into()), ("b".into(), 2.into())]),
        ),
    ]
}
/// Texts that are refused, with PyYAML's whole message for a file `f`.
const REFUSED: &[(&str, &str)] = &[
    (
        "a: b: c",
        "mapping values are not allowed here\n  in \"f\", line 1, column 5",
    ),
    (
        "a: [1,",
        "while parsing a flow node\nexpected the node content, but found '<stream end>'\n  in \"f\", line 1, column 7",
    ),
    (
        "a: 1\n b: 2",
        "mapping values are not allowed here\n  in \"f\", line 2, column 3",
    ),
    (
        "- a\nb: 1",
        "while parsing a block collection\n  in \"f\", line 1, column 1\nexpected <block end>, but found '?'\n  in \"f\", line 2, column 1",
    ),
    (
        "- a\n b: c",
        "mapping values are not allowed here\n  in \"f\", line 2, column 3",
    ),
    (
        "{a: 1]",
        "while parsing a flow mapping\n  in \"f\", line 1, column 1\nexpected ',' or '}', but got ']'\n  in \"f\", line 1, column 6",
    ),
    (
        "'abc",
        "while scanning a quoted scalar\n  in \"f\", line 1, column 1\nfound unexpected end of stream\n  in \"f\", line 1, column 5",
    ),
    (
        "\"a\\q\"",
        "while scanning a double-quoted scalar\n  in \"f\", line 1, column 1\nfound unknown escape character 'q'\n  in \"f\", line 1, column 4",
    ),
    (
        "a: \u{7}",
        "unacceptable character #x0007: special characters are not allowed\n  in \"f\", position 3",
    ),
    (
        "x: *q",
        "found undefined alias 'q'\n  in \"f\", line 1, column 4",
    ),
    (
        "- &a 1\n- &a 2",
        "found duplicate anchor 'a'; first occurrence\n  in \"f\", line 1, column 3\nsecond occurrence\n  in \"f\", line 2, column 3",
    ),
    (
        "a\n---\nb",
        "expected a single document in the stream\n  in \"f\", line 1, column 1\nbut found another document\n  in \"f\", line 2, column 1",
    ),
    (
        "\ta: 1",
        "while scanning for the next token\nfound character '\\t' that cannot start any token\n  in \"f\", line 1, column 1",
    ),
    (
        "a:\tb",
        "while scanning for the next token\nfound character '\\t' that cannot start any token\n  in \"f\", line 1, column 3",
    ),
    (
        "? [a]\n: b",
        "while constructing a mapping\n  in \"f\", line 1, column 1\nfound unhashable key\n  in \"f\", line 1, column 3",
    ),
    (
        "!foo x",
        "could not determine a constructor for the tag '!foo'\n  in \"f\", line 1, column 1",
    ),
    (
        "a: =",
        "could not determine a constructor for the tag 'tag:yaml.org,2002:value'\n  in \"f\", line 1, column 4",
    ),
    (
        "[a]b",
        "expected '<document start>', but found '<scalar>'\n  in \"f\", line 1, column 4",
    ),
    (
        "%YAML 3.0\n---\na",
        "found incompatible YAML document (version 1.* is required)\n  in \"f\", line 1, column 1",
    ),
    (
        "a: 'b' c",
        "while parsing a block mapping\n  in \"f\", line 1, column 1\nexpected <block end>, but found '<scalar>'\n  in \"f\", line 1, column 8",
    ),
    (
        "a: >x\n b",
        "while scanning a block scalar\n  in \"f\", line 1, column 4\nexpected chomping or indentation indicators, but found 'x'\n  in \"f\", line 1, column 5",
    ),
    (
        "a: @b",
        "while scanning for the next token\nfound character '@' that cannot start any token\n  in \"f\", line 1, column 4",
    ),
    (
        "a\nb: c",
        "mapping values are not allowed here\n  in \"f\", line 2, column 2",
    ),
    (
        "a: |\n  x\n y",
        "while parsing a block mapping\n  in \"f\", line 1, column 1\nexpected <block end>, but found '<scalar>'\n  in \"f\", line 3, column 2",
    ),
    (
        "[a, , b]",
        "while parsing a flow node\nexpected the node content, but found ','\n  in \"f\", line 1, column 5",
    ),
    (
        "<<: 1",
        "while constructing a mapping\n  in \"f\", line 1, column 1\nexpected a mapping or list of mappings for merging, but found scalar\n  in \"f\", line 1, column 5",
    ),
    ("a: 2020-13-01", "month must be in 1..12"),
    (
        "--- !x!y z",
        "while parsing a node\nfound undefined tag handle '!x!'\n  in \"f\", line 1, column 5",
    ),
    (
        "key\nother: 1",
        "mapping values are not allowed here\n  in \"f\", line 2, column 6",
    ),
    (
        "- [a\n- b",
        "while parsing a flow sequence\n  in \"f\", line 1, column 3\nexpected ',' or ']', but got '<stream end>'\n  in \"f\", line 2, column 4",
    ),
    ("0b_", "invalid literal for int() with base 2: ''"),
    (
        "a: !<x",
        "while parsing a tag\n  in \"f\", line 1, column 4\nexpected '>', but found '\\x00'\n  in \"f\", line 1, column 7",
    ),
    (
        "a: &",
        "while scanning an anchor\n  in \"f\", line 1, column 4\nexpected alphabetic or numeric character, but found '\\x00'\n  in \"f\", line 1, column 5",
    ),
];

#[test]
fn texts_load_as_in_pyyaml() {
    for (text, value) in loads() {
        assert_eq!(load(text), Ok(value), "{text:?}");
    }
}

#[test]
fn refusals_are_in_the_words_of_pyyaml() {
    for (text, report) in REFUSED {
        let error = load(text).expect_err(text);
        // Python's own errors, of dates and numbers, name no place.
        if report.contains("\n") {
            assert_eq!(error.report("f"), *report, "{text:?}");
        } else {
            assert_eq!(error.to_string(), *report, "{text:?}");
        }
    }
}
