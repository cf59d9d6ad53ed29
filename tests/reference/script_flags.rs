//! The flags that guild finds in the scripts of `tests/flag-corpus` are those
//! that Guild AI finds, but for what `script_flags_known` lists.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guild::base::yaml::{self, Value};
use guild::guildfile::{Choice, FlagDef};
use guild::home::Home;
use guild::python::found::{Found, Reading};
use guild::python::script;
use libtest_mimic::Failed;
use serde_json::{Map, Value as Json};

use crate::corpus;
use crate::place::check;
use crate::script_flags_known::KNOWN;

/// What Guild AI calls the way in which a script takes its flags.
const DEST: &str = "$dest";

/// Something that is found of a script that differs, and why. Both sides are as
/// `corpus::attributes` shows them.
#[derive(Debug)]
pub struct Known {
    /// The script, without `.py`.
    pub script: &'static str,
    /// The flag, or `$dest`.
    pub name: &'static str,
    /// What guild finds; nothing if there is no such flag.
    pub ours: Option<&'static str>,
    /// What Guild AI finds.
    pub theirs: Option<&'static str>,
    /// The reason.
    pub reason: &'static str,
}

/// What is found of a script, by name.
type Flags = BTreeMap<String, String>;

/// Both find the same.
pub(super) fn flags_of_scripts_are_the_same(reference: &Path) -> Result<(), Failed> {
    let home = Home::discover(None, None)?;
    let scripts = corpus::scripts(&home);
    let answers = ask(reference, &scripts)?;
    check(answers.len() == scripts.len(), "answers are missing")?;
    let (mut different, mut seen) = (Vec::new(), BTreeSet::new());
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, theirs) in scripts.iter().zip(&answers) {
        let script = corpus::name(path).trim_end_matches(".py").to_string();
        let (ours, theirs) = (ours(&home, path)?, comparable(theirs));
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for name in names {
            let of = |flags: &'_ Flags| flags.get(name).cloned();
            let (ours, theirs) = (of(&ours), of(&theirs));
            let known = KNOWN.iter().position(|known| {
                (known.script, known.name) == (script.as_str(), name.as_str())
                    && (known.ours, known.theirs) == (ours.as_deref(), theirs.as_deref())
            });
            if ours != theirs && known.is_none() {
                different.push(format!(
                    "{script} {name}:\n  ours    {ours:?}\n  theirs  {theirs:?}"
                ));
            }
            if let Some(index) = known {
                seen.insert(index);
                *reasons.entry(KNOWN[index].reason).or_default() += 1;
            }
        }
    }
    let is_here = |known: &&Known| {
        scripts
            .iter()
            .any(|path| path.ends_with(format!("{}.py", known.script)))
    };
    let unseen = KNOWN
        .iter()
        .enumerate()
        .filter(|(index, _)| !seen.contains(index));
    let unseen = unseen.map(|(_, known)| known).filter(is_here);
    different.extend(unseen.map(|known| format!("not so any more: {known:?}")));
    let different = different.join("\n");
    check(
        different.is_empty(),
        &format!("(known: {reasons:?}) these differ:\n{different}"),
    )
}

fn ours(home: &Home, path: &Path) -> Result<Flags, Failed> {
    let arguments = corpus::arguments(path);
    let found = match script::read(path, &arguments, None)? {
        Reading::Exact(found) => found,
        Reading::CannotTell { dest, .. } => corpus::import(home, path, &arguments, &dest)?,
    };
    let Found { dest, flags, .. } = found;
    let flags = flags.iter().map(|flag| &flag.definition);
    let shown = flags.map(|flag| (flag.name.clone(), corpus::attributes(flag)));
    Ok(shown.chain([(DEST.to_string(), dest)]).collect())
}

/// Has Guild AI look at all scripts in one process.
fn ask(reference: &Path, scripts: &[PathBuf]) -> Result<Vec<Map<String, Json>>, Failed> {
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/reference/script_flags.py"
    );
    let questions: Vec<_> = scripts
        .iter()
        .map(|path| (path, corpus::arguments(path)))
        .collect();
    let mut child = Command::new(reference.with_file_name("python"))
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let question = serde_json::to_vec(&questions)?;
    child.stdin.take().ok_or("no stdin")?.write_all(&question)?;
    let answer = child.wait_with_output()?;
    check(answer.status.success(), "Guild AI failed")?;
    Ok(serde_json::from_slice(&answer.stdout)?)
}

/// What Guild AI finds, in our terms.
fn comparable(found: &Map<String, Json>) -> Flags {
    let shown = found.iter().map(|(name, found)| {
        let shown = match found {
            Json::Object(attributes) => corpus::attributes(&definition(attributes)),
            other => value(other).as_str().unwrap_or_default().to_string(),
        };
        (name.clone(), shown)
    });
    shown.collect()
}

fn definition(attributes: &Map<String, Json>) -> FlagDef {
    let of = |name: &str| attributes.get(name).map_or(Value::Null, value);
    let text = |name: &str| of(name).as_str().map(str::to_string);
    let set = |name: &str| Some(of(name)).filter(|value| !value.is_null());
    let choices = match of("choices") {
        Value::List(items) => items,
        Value::Null => Vec::new(),
        other => vec![other],
    };
    let mut flag = FlagDef {
        default: of("default"),
        kind: text("type"),
        description: text("description").unwrap_or_default(),
        required: of("required") == Value::Bool(true),
        choices: choices
            .into_iter()
            .map(|value| Choice {
                value,
                ..Choice::default()
            })
            .collect(),
        ..FlagDef::default()
    };
    flag.spec.arg_name = text("arg-name");
    flag.spec.arg_switch = set("arg-switch");
    flag.spec.arg_split = set("arg-split");
    flag
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(map) if map.len() == 1 && map.contains_key("big int") => {
            let digits = map["big int"].as_str().unwrap_or_default();
            Value::BigInt(digits.to_string())
        }
        Json::Object(map) => {
            let entries = map.iter().map(|(key, item)| (key.as_str(), value(item)));
            let mut map = yaml::Map::new();
            entries.for_each(|(key, value)| {
                map.insert(key, value);
            });
            Value::Map(map)
        }
    }
}
