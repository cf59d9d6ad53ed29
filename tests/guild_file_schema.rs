//! The JSON Schema of guild files beside what guild itself takes: what it reads
//! without a word, the schema allows; what it refuses or warns of, the schema
//! does not allow, as far as a schema can tell.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use guild::base::yaml::{self, Value};
use guild::guildfile::GuildFile;
use jsonschema::Validator;
use regex::Regex;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What neither takes.
const REFUSED: &[&str] = &[
    "3",
    "[1]",
    "train: 3",
    "train: {main: [a]}",
    "train: {flags: 3}",
    "train: {flags: {x: {type: [a]}}}",
    "train: {flags: {x: {min: low}}}",
    "train: {flags: {x: {choices: 5}}}",
    "train: {flags: {x: {choices: [{alias: a}]}}}",
    "train: {env: 3}",
    "train: {output-scalars: 3}",
    "train: {mian: train}",
    "train: {requires: {file: a, nam: b}}",
    "[{model: m, operatoins: {}}]",
    "[{model: m, operations: []}]",
    "[{model: m, resources: 5}]",
];

fn schema() -> Validator {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/guild-file.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// What `text` is to a schema.
fn json(text: &str) -> serde_json::Value {
    to_json(&yaml::load_bytes(text.as_bytes()).unwrap())
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Str(text) | Value::BigInt(text) | Value::Timestamp(text) => text.as_str().into(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Set(keys) => keys.keys().map(to_json).collect(),
        Value::Map(map) => {
            let key = |key: &Value| match key {
                Value::Str(text) => text.clone(),
                other => yaml::dump_flow(other),
            };
            let items = map.iter().map(|(name, value)| (key(name), to_json(value)));
            serde_json::Value::Object(items.collect())
        }
    }
}

/// Whether guild reads `text` and has nothing to say of it.
fn is_taken(text: &str) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("guild.yml");
    fs::write(&path, text).unwrap();
    GuildFile::read(&path).is_ok_and(|file| file.warnings.is_empty())
}

/// The guild files that specs write.
fn of_specs() -> Vec<(PathBuf, String)> {
    let written = r#"(?s)write\("guild\.yml", (?:"""\n(.*?)\n? *"""|"([^"\\\n]+)"\))"#;
    let written = Regex::new(written).unwrap();
    let prompt = Regex::new(r"(?m)^ {4}(?:\.\.\. ?|>>> )").unwrap();
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(Path::new(ROOT).join("specs")) {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            let text = prompt.replace_all(&text, "");
            let texts = written
                .captures_iter(&text)
                .filter_map(|found| found.get(1).or(found.get(2)))
                .map(|found| found.as_str().to_string());
            found.extend(texts.map(|text| (path.clone(), text)));
        }
    }
    found
}

#[test]
fn what_guild_takes_the_schema_allows() {
    let schema = schema();
    let mut files = of_specs();
    for entry in walkdir::WalkDir::new(Path::new(ROOT).join("sample-projects")) {
        let path = entry.unwrap().into_path();
        if path.ends_with("guild.yml") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(is_taken(&text), "{}", path.display());
            files.push((path, text));
        }
    }
    let mut checked = 0;
    for (path, text) in files.iter().filter(|(_, text)| is_taken(text)) {
        let faults: Vec<_> = schema
            .iter_errors(&json(text))
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}\n{text}\n{faults:#?}", path.display());
        checked += 1;
    }
    assert!(checked > 25, "only {checked} of {} are taken", files.len());
}

#[test]
fn what_guild_refuses_the_schema_does_not_allow() {
    let schema = schema();
    let taken: Vec<_> = REFUSED.iter().filter(|text| is_taken(text)).collect();
    assert!(taken.is_empty(), "guild takes {taken:#?}");
    let allowed = REFUSED.iter().filter(|text| schema.is_valid(&json(text)));
    let allowed: Vec<_> = allowed.collect();
    assert!(allowed.is_empty(), "the schema allows {allowed:#?}");
}
