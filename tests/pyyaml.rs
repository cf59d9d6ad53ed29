//! What guild reads and writes as YAML is what PyYAML does, on generated texts
//! and values.
//!
//! PyYAML is looked for in `target/pyyaml`, where `.ci/run` installs it, and
//! among the packages of `python3`. Without it the test says that it is skipped,
//! unless `PYYAML_REQUIRED` is set. `PYYAML_CASES` is how many texts and how many
//! values are tried, `PYYAML_SEED` which.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use guild::base::yaml::{self, Map, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

const CASES: usize = 3000;

/// What guild refuses, and PyYAML reads at a price.
const OUR_LIMITS: [&str; 2] = ["inside the value it stands for", "expand to too large"];

/// How Python's own errors, of numbers and dates, start where guild meets them
/// before what PyYAML meets first.
const PYTHON_OWN: [&str; 3] = ["invalid literal", "could not convert", "month must be"];

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// `count` values of `strategy`, the same for the same seed.
fn generate<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let seed = number("PYYAML_SEED", 1) as u64;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Asks PyYAML; nothing where there is none.
fn ask(questions: &[Json]) -> Option<Vec<Json>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = |script: &[&str]| {
        let mut command = Command::new("python3");
        command
            .args(script)
            .env("PYTHONPATH", root.join("target/pyyaml"));
        command
    };
    let found = python(&["-c", "import yaml"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        let required = std::env::var_os("PYYAML_REQUIRED").is_some();
        assert!(!required, "PyYAML is not there and PYYAML_REQUIRED is set");
        eprintln!("skipped: python3 has no PyYAML; 'pip install --target target/pyyaml PyYAML'");
        return None;
    }
    let mut child = python(&[root.join("tests/pyyaml.py").to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = serde_json::to_vec(questions).unwrap();
    // The script reads all of it before it writes anything.
    input.write_all(&text).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "tests/pyyaml.py failed");
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), questions.len());
    Some(answers)
}

/// `value` as tests/pyyaml.py has it.
fn encode(value: &Value) -> Json {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(truth) => json!(["bool", truth]),
        Value::Int(number) => json!(["int", number.to_string()]),
        Value::BigInt(digits) => json!(["int", digits]),
        Value::Float(number) if number.is_nan() => json!(["float", "nan"]),
        Value::Float(number) => json!(["float", hex(&number.to_be_bytes())]),
        Value::Str(text) => json!(["str", text]),
        Value::Timestamp(text) => json!(["time", text]),
        Value::Bytes(bytes) => json!(["bytes", hex(bytes)]),
        Value::List(items) => json!(["list", items.iter().map(encode).collect::<Vec<_>>()]),
        Value::Set(keys) => json!(["set", keys.keys().map(encode).collect::<Vec<_>>()]),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| json!([encode(key), encode(value)]));
            json!(["map", entries.collect::<Vec<_>>()])
        }
    }
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_string)
}

/// Text that may be a number, a date, a boolean or nothing, or nearly.
fn plain() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[-+]?[0-9]{1,3}",
        2 => "[-+]?[0-9][0-9_]{0,3}(\\.[0-9_]{0,3})?([eE][-+]?[0-9]{1,2})?",
        1 => "[-+]?\\.[0-9_]{1,3}([eE][-+]?[0-9]{1,2})?",
        1 => "[-+]?0[0-7_]{1,4}|0[89][0-9]",
        1 => "[-+]?0(x[0-9a-fA-F_]{1,6}|b[01_]{1,6}|o[0-7]{1,3})",
        1 => "[-+]?[1-9][0-9]?(:[0-5]?[0-9]){1,3}(\\.[0-9]{0,2})?",
        1 => "[-+]?\\.(inf|Inf|INF|nan|NaN|NAN|iNF)",
        1 => "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])",
        1 => "20[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]([Tt]|[ \t]{1,2})[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{0,7})?([ \t]?(Z|[-+][0-2]?[0-9](:[0-5][0-9])?))?",
        2 => one_of(&[
            "yes", "Yes", "YES", "yEs", "no", "No", "NO", "true", "True", "TRUE", "false", "False",
            "on", "On", "ON", "off", "Off", "OFF", "y", "n", "Y", "N", "null", "Null", "NULL", "~",
            "", "nan", "inf", "=", "<<", "None",
        ]),
        1 => "[-+0-9.:_eExob]{1,8}",
        1 => "[a-z]{1,6}( [a-z#:]{1,4}){0,3}",
        1 => "[ -~]{1,12}",
    ]
}

/// A scalar in one of the styles, at the indentation of block scalars.
fn scalar() -> impl Strategy<Value = String> {
    let escape = one_of(&[
        "\\n",
        "\\t",
        "\\\\",
        "\\\"",
        "\\0",
        "\\x41",
        "\\u00e9",
        "\\U0001F600",
        "\\N",
        "\\_",
        "\\L",
        "\\P",
        "\\e",
        "\\/",
        "\\ ",
        "\\\n   ",
        "\n   ",
        "\n\n   ",
        "a",
        "word ",
        "  ",
        "é",
        "'",
        "#",
        ": ",
        "\\q",
        "\\x4",
    ]);
    let lines = proptest::collection::vec("( ){0,3}[a-z#:'\\-]{0,5}( [a-z]{1,3})?", 0..5);
    let block = ("[|>][-+]?[1-4]?", lines).prop_map(|(header, lines)| {
        let body: String = lines.iter().map(|line| format!("\n    {line}")).collect();
        format!("{header}{body}\n")
    });
    prop_oneof![
        5 => plain(),
        1 => plain().prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        1 => plain().prop_map(|text| format!("\"{}\"", text.replace(['"', '\\'], ""))),
        2 => proptest::collection::vec(escape, 0..6).prop_map(|all| format!("\"{}\"", all.concat())),
        1 => "[a-z]{1,3}'{0,2}(\n {0,4}[a-z]{0,3}){0,3}".prop_map(|text| format!("'{text}'")),
        2 => block,
        1 => (one_of(&["!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!timestamp ", "!!binary ", "! "]), plain())
            .prop_map(|(tag, text)| tag + &text),
    ]
}

/// A document of some structure.
fn document() -> impl Strategy<Value = String> {
    let item = (
        one_of(&["", "", "", "&a ", "&b ", "*a", "*b", "<<: *a"]),
        scalar(),
    )
        .prop_map(|(anchor, scalar)| match anchor.starts_with('&') {
            true => anchor + &scalar,
            false if anchor.is_empty() => scalar,
            false => anchor,
        });
    let flow = proptest::collection::vec(plain(), 0..4).prop_flat_map(|items| {
        one_of(&["[]", "{}", "{:}"]).prop_map(move |kind| match kind.as_str() {
            "[]" => format!("[{}]", items.join(", ")),
            "{}" => format!("{{{}}}", items.join(", ")),
            _ => format!(
                "{{{}}}",
                items
                    .iter()
                    .map(|item| format!("{item}: {item}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        })
    });
    let node = prop_oneof![4 => item, 1 => flow];
    let lines = proptest::collection::vec(
        (
            one_of(&[
                "- ", "k: ", "- k: ", "  j: ", "? ", ": ", "  - ", "- - ", "",
            ]),
            plain(),
            node,
        ),
        1..6,
    );
    lines.prop_map(|lines| {
        lines
            .iter()
            .map(|(lead, key, node)| {
                format!(
                    "{}{node}\n",
                    lead.replace('k', if key.len() < 8 { key } else { "k" })
                )
            })
            .collect()
    })
}

/// Pieces that mean something to YAML, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = one_of(&[
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
        "|",
        ">",
        "|-\n ",
        ">+\n ",
        "'",
        "\"",
        "\\",
        "%",
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
        "1:30",
        "true",
        "no",
        ".inf",
        "a",
        "word",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{e9}",
        "\u{1F600}",
        "\u{7}",
    ]);
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => scalar(), 3 => document(), 2 => soup()]
}

fn value() -> impl Strategy<Value = Value> {
    let string = prop_oneof![
        3 => plain(),
        2 => soup(),
        1 => "[a-c \n']{0,120}",
        1 => "\\PC{0,20}",
        1 => proptest::collection::vec("[a-zé:#,'\"]{1,12}", 0..20).prop_map(|words| words.join(" ")),
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => (-100_000i64..100_000, -12i32..25).prop_map(|(digits, power)| Value::from(digits as f64 * 10f64.powi(power))),
        1 => "-?[1-9][0-9]{20,30}".prop_map(Value::BigInt),
        1 => Just(Value::Timestamp("2020-01-02".to_string())),
        1 => Just(Value::Timestamp("2020-01-02 03:04:05.500000+01:00".to_string())),
        1 => proptest::collection::vec(any::<u8>(), 0..80).prop_map(Value::Bytes),
        8 => string.prop_map(Value::from),
    ];
    leaf.clone().prop_recursive(4, 24, 5, move |inner| {
        let entries = proptest::collection::vec((leaf.clone(), inner.clone()), 0..5);
        // Keys that Python can sort: others are in no order.
        let keys = proptest::collection::vec(plain(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..5).prop_map(Value::List),
            entries.prop_map(|entries| Value::Map(Map::from_iter(entries))),
            keys.prop_map(|keys| Value::Set(
                keys.into_iter().map(|key| (key, Value::Null)).collect()
            )),
        ]
    })
}

/// Fails with the first few of `differences`, if there are any.
fn assert_none(differences: &[String]) {
    let first: Vec<&str> = differences.iter().take(5).map(String::as_str).collect();
    let count = differences.len();
    assert!(
        count == 0,
        "{count} differ, among them\n{}",
        first.join("\n")
    );
}

#[test]
fn texts_load_as_pyyaml_loads_them() {
    let texts = generate(text(), number("PYYAML_CASES", CASES));
    let questions: Vec<Json> = texts.iter().map(|text| json!({ "load": text })).collect();
    let Some(answers) = ask(&questions) else {
        return;
    };
    let mut differences = Vec::new();
    let (mut read, mut refused) = (0, 0);
    for (text, theirs) in texts.iter().zip(&answers) {
        let ours = match yaml::load(text) {
            Ok(value) => json!({ "value": encode(&value) }),
            Err(error) => json!({ "problem": error.to_string() }),
        };
        let limited = |problem: &str| OUR_LIMITS.iter().any(|limit| problem.contains(limit));
        let own = |problem: &str| PYTHON_OWN.iter().any(|start| problem.starts_with(start));
        let is_refused = theirs.get("problem").is_some();
        let same = match (&ours["problem"], &theirs["problem"]) {
            _ if theirs.get("odd").is_some() => true,
            (Json::String(problem), _) if limited(problem) => true,
            // Python's own errors have no problem in words.
            (Json::String(_), Json::Null) if is_refused => true,
            (Json::String(problem), _) if own(problem) && is_refused => true,
            _ => ours == *theirs,
        };
        if ours.get("value").is_some() {
            read += 1;
        } else {
            refused += 1;
        }
        if !same {
            differences.push(format!("{text:?}\n  ours   {ours}\n  theirs {theirs}"));
        }
    }
    assert_none(&differences);
    assert!(
        read > refused / 4 && refused > 0,
        "{read} read, {refused} refused"
    );
}

#[test]
fn values_are_dumped_as_pyyaml_dumps_them() {
    let values = generate(value(), number("PYYAML_CASES", CASES));
    let ask_both = |value: &Value| {
        let value = encode(value);
        [false, true].map(|flow| json!({ "dump": value, "flow": flow }))
    };
    let questions: Vec<Json> = values.iter().flat_map(ask_both).collect();
    let Some(answers) = ask(&questions) else {
        return;
    };
    let ours = values
        .iter()
        .flat_map(|value| [yaml::dump(value), yaml::dump_flow(value)]);
    let differences: Vec<String> = ours
        .zip(&answers)
        .zip(&questions)
        .filter(|((ours, theirs), _)| theirs["text"] != **ours)
        .map(|((ours, theirs), question)| {
            format!("{question}\n  ours   {ours:?}\n  theirs {}", theirs["text"])
        })
        .collect();
    assert_none(&differences);
}
