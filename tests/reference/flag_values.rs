//! Flag values mean what they mean in Guild AI, on generated texts: as values,
//! in previews and labels, as arguments and in the environment, but for what
//! `docs/differences.md` tells.
//!
//! `FLAG_TEXTS` is how many texts are tried, `FLAG_SEED` which.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use guild::base::shell_text;
use guild::base::yaml::{self, Map, Value};
use guild::flags::{self, FlagDest, FlagSpec};
use guild::guildfile::FlagDef;
use guild::op::coerce::{Places, coerce};
use guild::op::label;
use libtest_mimic::Failed;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

use super::check;

/// How many texts are made unless `FLAG_TEXTS` says.
const TEXTS: usize = 4000;

/// A text, the type of its flag, how it is split, and a template for a label.
#[derive(Debug, Clone)]
struct Question {
    text: String,
    kind: &'static str,
    split: Option<Value>,
    template: &'static str,
}

/// What values are written with, rarely well.
const TOKENS: [&str; 62] = [
    "0",
    "1",
    "10",
    "012",
    "0x1F",
    "0o17",
    "-",
    "+",
    ".",
    ".5",
    "1.5",
    "1e3",
    "1E-7",
    "1_000",
    "1:30",
    "inf",
    "-.inf",
    "nan",
    "true",
    "no",
    "Yes",
    "null",
    "~",
    "None",
    "a",
    "abc",
    "two words",
    "é",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    ":",
    ": ",
    "'",
    "\"",
    "#",
    " ",
    "  ",
    "*",
    "*2",
    "!!str ",
    "!!int ",
    "2020-01-02",
    "range",
    "linspace",
    "logspace",
    "uniform",
    "loguniform",
    "[1:5]",
    "[0:1:3]",
    "[1:2]*2",
    "[a]",
    "\\",
    "/",
    "a/b",
    "&a ",
    "@",
    "%",
    "\n",
];

fn texts() -> impl Strategy<Value = String> {
    let tokens = prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..6);
    prop_oneof![
        6 => tokens.prop_map(|parts| parts.concat()),
        2 => "[-+]?[0-9_]{1,6}(\\.[0-9]{0,9})?([eE][-+]?[0-9]{1,3})?",
        2 => "[0-9a-z:\\[\\]{}*,.'\" _-]{0,20}",
        1 => "\\[[0-9a-c, .'-]{0,12}\\](\\*[0-9]{1,2})?",
        1 => "(range|linspace|logspace|uniform)?\\[-?[0-9.]{1,4}(:-?[0-9.]{0,4}){0,4}\\]",
        1 => "[a-c\u{e9}\u{df}\u{65e5}\u{1f600}\u{1}\t'\"\\\\ -]{0,12}",
    ]
}

fn questions() -> impl Strategy<Value = Question> {
    let kinds = [
        "auto", "auto", "auto", "string", "int", "float", "number", "boolean",
    ];
    let splits = [None, None, Some(true.into()), Some(Value::from(","))];
    let templates = [
        "${x}",
        "${x|default:none}",
        "${x|%s}",
        "${x|%.3f}",
        "${x|%05d}",
        "${x|%g} ${x|%.2e}",
        "${x|unquote}",
        "${x|%r}",
    ];
    (
        texts(),
        prop::sample::select(kinds.to_vec()),
        prop::sample::select(splits.to_vec()),
        prop::sample::select(templates.to_vec()),
    )
        .prop_map(|(text, kind, split, template)| Question {
            text,
            kind,
            split,
            template,
        })
}

fn number(name: &str, default: usize) -> usize {
    let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
    given.unwrap_or(default)
}

fn generated() -> Result<Vec<Question>, Failed> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&(number("FLAG_SEED", 1) as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = questions();
    let one = |_| match strategy.new_tree(&mut runner) {
        Ok(tree) => Ok(tree.current()),
        Err(reason) => Err(Failed::from(reason.to_string())),
    };
    (0..number("FLAG_TEXTS", TEXTS)).map(one).collect()
}

/// What the Python of Guild AI says of `questions`.
fn ask(reference: &Path, questions: &[Question]) -> Result<Vec<Json>, Failed> {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/reference/flag_values.py"
    );
    let mut python = Command::new(reference.with_file_name("python"))
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let asked: Vec<Json> = questions
        .iter()
        .map(|question| {
            let split = match &question.split {
                None => Json::Null,
                Some(Value::Str(text)) => json!(text),
                Some(_) => json!(true),
            };
            json!([question.text, question.kind, split, question.template])
        })
        .collect();
    let mut stdin = python.stdin.take().ok_or("no stdin")?;
    stdin.write_all(Json::from(asked).to_string().as_bytes())?;
    drop(stdin);
    let output = python.wait_with_output()?;
    check(output.status.success(), "the questions were not answered")?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What guild has for a question, by the names that the Python has.
fn ours(question: &Question) -> Vec<(&'static str, Json)> {
    let value = flags::decode_as(&question.text, question.kind);
    let spec = FlagSpec {
        arg_split: question.split.clone(),
        ..FlagSpec::default()
    };
    let values: Map = [("x", value.clone())].into_iter().collect();
    let args = |dest| flags::flag_args(&values, dest, |_| Some(&spec), false, &[]).args;
    let mut ignore = |_: String| {};
    let coerced = coerced(&value, question, &spec);
    vec![
        ("value", flags::python_repr(&value).into()),
        ("shown", flags::format_value(&value).into()),
        ("label", label::label(None, &values, &mut ignore).into()),
        (
            "template",
            label::label(Some(question.template), &values, &mut ignore).into(),
        ),
        ("function", flags::is_function(&question.text).into()),
        ("env", flags::encode_env(&value, Some(&spec)).into()),
        ("args", args(FlagDest::Args).into()),
        ("globals", args(FlagDest::Globals).into()),
        ("coerced", coerced.into()),
    ]
}

fn coerced(value: &Value, question: &Question, spec: &FlagSpec) -> String {
    let flag = FlagDef {
        kind: Some(question.kind.to_string()),
        spec: spec.clone(),
        ..FlagDef::default()
    };
    let places = Places {
        dir: Path::new("/"),
        user_home: None,
    };
    match coerce(value, &flag, FlagDest::Globals, places) {
        Ok(value) => flags::python_repr(&value),
        Err(_) => "refused".to_string(),
    }
}

/// Whether guild means to differ here, as `docs/differences.md` tells.
fn is_meant(question: &Question, place: &str) -> bool {
    let Question {
        text, kind, split, ..
    } = question;
    let value = flags::decode_as(text, kind);
    let is_odd = |value: &Value| match value {
        // Dates and wide maps are written in Python's own way there.
        Value::Timestamp(_) | Value::Map(_) | Value::Set(_) | Value::Bytes(_) => true,
        Value::List(items) => items.iter().any(|item| {
            matches!(
                item,
                Value::Timestamp(_) | Value::Map(_) | Value::Set(_) | Value::Bytes(_)
            )
        }),
        _ => false,
    };
    match place {
        // Words with quotes inside are quoted so that they can be read back.
        "env" | "args" | "coerced" if text.matches(['\'', '"']).count() > 1 => true,
        // A text that starts like an argument would be taken for one.
        "globals" if text.trim().starts_with("--") => true,
        // The last digits of powers are those of the machine's own library.
        _ if text.contains("logspace") && !is_moderate(&value) => true,
        "env" | "args" | "template" if is_odd(&value) => true,
        // A flag of this type takes no text.
        "coerced" if *kind == "boolean" => true,
        "coerced" if is_odd(&value) => true,
        // What a shell would refuse is one part.
        "coerced" if *split == Some(true.into()) && shell_text::split(text).is_err() => true,
        // Parts are read as flag values are, not as YAML.
        "globals" => split.as_ref().is_some_and(|split| {
            let shown = match &value {
                Value::Str(text) => text.clone(),
                value => flags::encode_globals(value),
            };
            let parts = flags::split_text(&shown, split).unwrap_or_default();
            parts
                .iter()
                .any(|part| yaml::load(part) != Ok(flags::decode(part)))
        }),
        _ => false,
    }
}

/// Whether all numbers of a list have few digits.
fn is_moderate(value: &Value) -> bool {
    let items = value.as_list().unwrap_or_default();
    let numbers = items.iter().filter_map(Value::as_f64);
    numbers
        .map(f64::abs)
        .all(|number| number == 0.0 || (1e-7..1e7).contains(&number))
}

/// Each text means the same at each place.
pub(super) fn flag_values_mean_the_same(reference: &Path) -> Result<(), Failed> {
    let questions = generated()?;
    let answers = ask(reference, &questions)?;
    let (mut compared, mut different) = (0, Vec::new());
    for (question, answer) in questions.iter().zip(&answers) {
        for (place, ours) in ours(question) {
            let Some(theirs) = answer.get(place) else {
                continue;
            };
            compared += 1;
            if *theirs != ours && !is_meant(question, place) {
                different.push(format!("{question:?}: {place}: {theirs}, and ours {ours}"));
            }
        }
    }
    check(
        compared > questions.len() * 7,
        &format!("only {compared} answers"),
    )?;
    let count = different.len();
    different.truncate(40);
    check(
        count == 0,
        &format!(
            "{count} of {compared} answers differ:\n{}",
            different.join("\n")
        ),
    )
}
