//! Kinds of operations that programs of third parties add.
//!
//! The program for the kind `NAME` is `guild-op-NAME` on the path. It is asked for
//! `NAME:ANYTHING`, and for a file whose extension is `NAME`. Question and answer
//! are JSON; `docs/plugins.md` describes them. The answer holds what a guild file
//! would say of the operation, so that all of that can be said.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::catalog::FoundModel;
use super::{Error, Operation, definition, plugins};
use crate::base::exchange::{self, Bounds};
use crate::base::shell_text;
use crate::guildfile::GuildFile;
use crate::home::{Home, tidy};
use crate::opref::OpRef;

/// The version of questions and answers.
const PROTOCOL: u64 = 1;

/// How long an answer may take, in seconds, unless `GUILD_OP_TIMEOUT` says.
const SECONDS: u64 = 10;

/// The longest answer, in bytes.
const LONGEST: usize = 16 << 20;

/// A program, and what it is asked for.
struct Question<'a> {
    program: PathBuf,
    kind: &'a str,
    spec: &'a str,
}

/// The operation that a program describes for `spec`; none where there is no such
/// program, or it knows nothing of it.
///
/// # Errors
/// The program fails or does not make sense.
pub(super) fn find(home: &Home, spec: &str) -> Result<Option<Operation>, Error> {
    let Some(question) = question(home, spec) else {
        return Ok(None);
    };
    let failed = |reason: String| Error::External {
        spec: spec.to_string(),
        program: question.program.display().to_string(),
        reason,
    };
    ask(home, &question).map_err(failed)
}

fn question<'a>(home: &Home, spec: &'a str) -> Option<Question<'a>> {
    let of_kind = |kind: &'a str| {
        plugins::kind_program(home, kind).map(|program| Question {
            program,
            kind,
            spec,
        })
    };
    let named = spec.split_once(':').and_then(|(kind, _)| of_kind(kind));
    named.or_else(|| {
        let path = Path::new(spec);
        let is_file = home.cwd().join(path).is_file();
        let kind = path.extension()?.to_str().filter(|_| is_file)?;
        of_kind(kind)
    })
}

fn ask(home: &Home, question: &Question<'_>) -> Result<Option<Operation>, String> {
    let text = json!({
        "protocol": PROTOCOL,
        "request": "operation",
        "kind": question.kind,
        "spec": question.spec,
        "dir": home.cwd(),
    });
    let seconds = home.variable("GUILD_OP_TIMEOUT");
    let seconds = seconds
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let bounds = Bounds {
        time: Duration::from_secs(seconds),
        bytes: LONGEST,
    };
    let input = format!("{text}\n");
    let args = [&question.program];
    let answer = exchange::ask(
        &args,
        home.cwd(),
        home.environment(),
        input.as_bytes(),
        bounds,
    )
    .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&answer.errors);
    let said = said.trim_end();
    if !answer.success {
        return Err(match said {
            "" => "failed".to_string(),
            said => format!("failed:\n{said}"),
        });
    }
    let mut operation = read(home, question, &answer.output)?;
    if let Some(operation) = &mut operation {
        let lines = said
            .lines()
            .map(|line| format!("guild-op-{}: {line}", question.kind));
        operation.warnings.extend(lines);
    }
    Ok(operation)
}

/// Reads an answer.
fn read(home: &Home, question: &Question<'_>, output: &[u8]) -> Result<Option<Operation>, String> {
    let answer: Value = serde_json::from_slice(output)
        .map_err(|error| format!("does not answer in JSON ({error})"))?;
    match answer.get("protocol").and_then(Value::as_u64) {
        Some(PROTOCOL) => {}
        Some(other) => {
            return Err(format!(
                "answers by version {other} of the protocol, not {PROTOCOL}"
            ));
        }
        None => return Err(format!("answers without 'protocol': {PROTOCOL}")),
    }
    if let Some(error) = answer.get("error") {
        return Err(match error.as_str() {
            Some(text) => format!("says: {text}"),
            None => format!("says: {error}"),
        });
    }
    match answer.get("operation") {
        Some(Value::Null) => Ok(None),
        Some(Value::Object(operation)) => of_answer(home, question, operation.clone()).map(Some),
        _ => Err("answers with neither 'operation' nor 'error'".to_string()),
    }
}

fn of_answer(
    home: &Home,
    question: &Question<'_>,
    mut operation: Map<String, Value>,
) -> Result<Operation, String> {
    let command = operation.remove("command");
    let command = command.as_ref().and_then(Value::as_array);
    let words: Option<Vec<String>> = command.and_then(|words| {
        let words = words.iter().map(|word| word.as_str().map(str::to_string));
        words.collect()
    });
    let words = words
        .filter(|words| !words.is_empty())
        .ok_or("does not say its 'command', a list of texts")?;
    operation.insert("exec".to_string(), shell_text::join(&words).into());
    let project_dir = operation.remove("project-dir");
    let project_dir = project_dir.as_ref().and_then(Value::as_str).unwrap_or(".");
    let project_dir = tidy(&home.cwd().join(project_dir));
    let opref = opref(home, question);
    let text = json!([{"model": "", "operations": {&opref.op: operation}}]).to_string();
    let file = GuildFile::parse(&question.program, text.as_bytes(), &Vec::new)
        .map_err(|error| format!("describes an operation that makes no sense: {error}"))?;
    let file = Arc::new(file);
    let models = FoundModel::all_of(&file);
    let model = models.first().ok_or("describes no operation")?;
    let definition = model.model().operation(&opref.op);
    let definition = definition.ok_or("describes no operation")?;
    let mut operation = definition::of_definition(home, opref, &project_dir, model, definition);
    operation.spec = question.spec.to_string();
    operation.warnings.extend(file.warnings.clone());
    Ok(operation)
}

/// The reference of a file's operation is that of a script.
fn opref(home: &Home, question: &Question<'_>) -> OpRef {
    match question.spec.strip_prefix(&format!("{}:", question.kind)) {
        Some(op) => OpRef::external(question.kind, op),
        None => {
            let path = tidy(&home.cwd().join(question.spec));
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            OpRef::script(path.parent().unwrap_or(Path::new("/")), &name)
        }
    }
}
