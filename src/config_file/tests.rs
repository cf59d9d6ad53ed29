//! Texts before and after edits.

use super::*;

fn values(pairs: &str) -> Vec<(String, Value)> {
    let pairs = yaml_text::load(pairs).unwrap();
    let pairs = pairs.as_map().unwrap().iter();
    pairs
        .map(|(name, value)| (name.as_str().unwrap().to_string(), value.clone()))
        .collect()
}

fn after(format: Format, text: &str, pairs: &str) -> String {
    match with_values(text, format, &values(pairs)) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

const CONFIG: &str = "\
# What to train.
model: &m   # shared
  name: 'resnet'   # one of many
  layers: [1, 2,   3]

data:
    - path: a.csv   # first
    - path: b.csv
train: {lr: 0.1, steps:   100 }
notes: |
  Two
  lines.
again: *m
empty:
";

#[test]
fn yaml_keeps_what_does_not_change() {
    assert_eq!(after(Format::Yaml, CONFIG, "{}"), CONFIG);
    assert_eq!(
        after(
            Format::Yaml,
            CONFIG,
            "{train.lr: 0.1, model.layers: [1, 2, 3]}"
        ),
        CONFIG
    );
    let edits = [
        ("{model.name: vgg}", "'resnet'", "'vgg'"),
        ("{model.name: 5}", "'resnet'", "5"),
        ("{train.lr: 1.0e-05}", "lr: 0.1", "lr: 1.0e-05"),
        ("{train.lr: 'a, b'}", "lr: 0.1", "lr: 'a, b'"),
        ("{train.new: x}", "100 }", "100, new: x }"),
        ("{notes: 'a: b'}", "|\n  Two\n  lines.", "'a: b'"),
        ("{empty: 3}", "empty:", "empty: 3"),
        ("{zz.k: 1}", "empty:", "empty:\nzz:\n  k: 1"),
        (
            "{data: x}",
            "data:\n    - path: a.csv   # first\n    - path: b.csv",
            "data: x",
        ),
        (
            "{data: [1, 2, three four]}",
            "- path: a.csv   # first\n    - path: b.csv",
            "- 1\n    - 2\n    - three four",
        ),
    ];
    for (pairs, old, new) in edits {
        // What an alias stands for stays, so that it becomes a value of its own.
        let expected = CONFIG.replace(old, new);
        let expected = match pairs.contains("model.") {
            true => expected.replace("*m", "{name: resnet, layers: [1, 2, 3]}"),
            false => expected,
        };
        assert_eq!(after(Format::Yaml, CONFIG, pairs), expected, "{pairs}");
    }
}

#[test]
fn yaml_texts_of_all_kinds_take_values() {
    let cases = [
        ("", "{a: 1}", "a: 1\n"),
        ("# c", "{a.b: 1, c: x}", "# c\na:\n  b: 1\nc: x\n"),
        ("{}", "{a: 1}", "{a: 1}"),
        ("{}\n", "{a: [1, {b: 2}]}", "{a: [1, {b: 2}]}\n"),
        ("a:\n- 1\n- 2\nb: 2\n", "{a: []}", "a: []\nb: 2\n"),
        ("a: # c\n- 1\nb: 2\n", "{a: 5}", "a: # c\n  5\nb: 2\n"),
        (
            "a: 1\r\nb: 2 # x\r\n",
            "{c: 3}",
            "a: 1\r\nb: 2 # x\r\nc: 3\r\n",
        ),
        ("a: 1\na: 2\n", "{a: 3}", "a: 1\na: 3\n"),
        ("a: \"x\"\n", "{a: \"two\\nlines\"}", "a: \"two\\nlines\"\n"),
        ("a: x\n", "{a: \"two\\nlines\"}", "a: \"two\\nlines\"\n"),
        (
            "b: &x {p: 1}\nc: {<<: *x, q: 2}\n",
            "{c.p: 5}",
            "b: &x {p: 1}\nc: {<<: *x, q: 2, p: 5}\n",
        ),
        (
            "b: &x {p: 1}\nc:\n  <<: *x\n  q: 2\n",
            "{b.p: 5}",
            "b: &x {p: 5}\nc:\n  <<: *x\n  q: 2\n  p: 1\n",
        ),
        ("a: !!str 1\n", "{a: 2}", "a: 2\n"),
        (
            "- 1\n",
            "{a: 1}",
            "expected a mapping of names to values, but found list",
        ),
        (
            "a: [\n",
            "{a: 1}",
            "line 2: expected the node content, but found '<stream end>'",
        ),
    ];
    for (text, pairs, expected) in cases {
        assert_eq!(after(Format::Yaml, text, pairs), expected, "{text:?}");
    }
}

#[test]
fn json_keeps_its_layout() {
    let text = "{\n  \"i\": 456,   \"f\": 2.234,\n\t\"d\": {\"a\": \"A\", \"b\": [1,2]},\n  \"e\": {},\n  \"z\": null\n}\n";
    assert_eq!(after(Format::Json, text, "{i: 456, d.a: A}"), text);
    let cases = [
        ("{i: 7}", "456", "7"),
        ("{d.a: \"x \\\"\\u00e9\"}", "\"A\"", "\"x \\\"\\u00e9\""),
        ("{d.b: [1, 3]}", "[1,2]", "[1,3]"),
        ("{d.b: [1]}", "[1,2]", "[1]"),
        ("{d.c: true}", "[1,2]", "[1,2], \"c\": true"),
        ("{e.x: .nan}", "{}", "{\"x\": NaN}"),
        ("{new.k: 1}", "null", "null,\n  \"new\": {\"k\": 1}"),
    ];
    for (pairs, old, new) in cases {
        assert_eq!(
            after(Format::Json, text, pairs),
            text.replace(old, new),
            "{pairs}"
        );
    }
    assert_eq!(after(Format::Json, "{}", "{x: 1}"), "{\"x\": 1}");
    assert!(after(Format::Json, "{\"a\": 1,,}", "{}").starts_with("not JSON: "));
    assert!(after(Format::Json, "", "{}").starts_with("not JSON: "));
    assert!(after(Format::Json, &"[".repeat(100_000), "{}").starts_with("not JSON: "));
}

const INI: &str = "\
; a comment
[DEFAULT]
root = /data
Rate: 012

[foo]
on=yes
# text
path = %(root)s/x
lines = one
\t# between
\ttwo

\tthree
none =
";

#[test]
fn ini_values_are_typed_and_resolved() {
    let map = read(INI, Format::Ini).unwrap();
    let shown: Vec<_> = names(&map)
        .into_iter()
        .map(|(name, value)| {
            format!(
                "{name}={}",
                crate::flags::plain_text(&Value::List(vec![value]))
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "DEFAULT.root=['/data']",
            "DEFAULT.rate=[12]",
            "foo.on=[True]",
            "foo.path=['/data/x']",
            "foo.lines=['one\\ntwo\\n\\nthree']",
            "foo.none=['']"
        ]
    );
}

#[test]
fn ini_keeps_what_does_not_change() {
    let all = "{DEFAULT.rate: 12, foo.on: true, foo.path: /data/x, foo.none: ''}";
    assert_eq!(after(Format::Ini, INI, all), INI);
    let cases = [
        ("{DEFAULT.rate: 0.5}", "012", "0.5"),
        ("{foo.on: false}", "yes", "False"),
        ("{foo.path: 50%}", "%(root)s/x", "50%%"),
        ("{foo.none: x}", "none =", "none = x"),
        (
            "{foo.lines: \"a\\nb\"}",
            "one\n\t# between\n\ttwo\n\n\tthree",
            "a\n\tb",
        ),
        ("{foo.new: [1, 2]}", "none =", "none =\nnew = [1, 2]"),
        ("{top: 1}", "012", "012\ntop: 1"),
    ];
    for (pairs, old, new) in cases {
        assert_eq!(
            after(Format::Ini, INI, pairs),
            INI.replace(old, new),
            "{pairs}"
        );
    }
    assert_eq!(
        after(Format::Ini, "[a.b]\nc.d = 1", "{a.b.c.d: 2, x: 3}"),
        "[a.b]\nc.d = 2\n\n[DEFAULT]\nx = 3\n"
    );
    // A lone `%` is no reference, so none are.
    assert_eq!(
        after(Format::Ini, "[a]\nb = 5%\n", "{a.b: 6%}"),
        "[a]\nb = 6%\n"
    );
}

#[test]
fn malformed_ini_is_refused_with_its_line() {
    let cases = [
        ("x = 1\n", "line 1: expected a section such as [name]"),
        ("[a]\nb = 1\nword\n", "line 3: expected NAME = VALUE"),
        ("[a]\n[a]\n", "line 2: section 'a' is there already"),
        ("[a]\nb=1\nB=2\n", "line 3: option 'b' is there already"),
    ];
    for (text, message) in cases {
        assert_eq!(after(Format::Ini, text, "{}"), message);
    }
    let error = after(Format::Ini, "[a]\nb=1\n", "{a.b: \"x\\n# y\"}");
    assert_eq!(
        error,
        "the value of 'a.b' cannot be written in a file of this format"
    );
}

#[test]
fn the_name_of_a_file_tells_its_format() {
    let format = |name: &str| Format::of(Path::new(name));
    assert_eq!(format("a/b.yml"), Some(Format::Yaml));
    assert_eq!(format("b.YAML.in"), Some(Format::Yaml));
    assert_eq!(format("b.json.IN"), Some(Format::Json));
    assert_eq!(format("b.x.cfg"), Some(Format::Ini));
    assert_eq!(format("b.toml"), None);
    assert_eq!(format("json"), None);
}
