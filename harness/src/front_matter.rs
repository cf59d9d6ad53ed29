//! The optional YAML block at the top of a spec.

use std::time::Duration;

use serde_yaml::Value;

use crate::match_type::MatchTypes;
use crate::options::{OptionSet, Vocabulary, nearest, parse_seconds};
use crate::redact::{Redaction, Redactions};

/// The keys that mean something to the harness.
const KEYS: &[&str] = &[
    "description",
    "doctest",
    "doctest-type",
    "group",
    "match-types",
    "redactions",
    "secrets",
    "tags",
    "timeout",
    "title",
];

/// What a spec's front matter says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Options for the whole file.
    pub options: OptionSet,
    /// What the spec is called, instead of its first heading.
    pub title: Option<String>,
    /// What the spec is about.
    pub description: Option<String>,
    /// Words to select specs by, in the order of the file, each once.
    pub tags: Vec<String>,
    /// Specs of one group never run side by side.
    pub group: Option<String>,
    /// How long things may take, where the file says other than the suite.
    pub limits: TimeLimits,
    /// Match types of the file's own.
    pub match_types: MatchTypes,
    /// What is replaced on both sides before a comparison.
    pub redactions: Redactions,
    /// Variables let through from outside whose values no report shows.
    pub secrets: Vec<String>,
}

/// How long things of one spec may take; `None` is what the suite says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeLimits {
    /// One command, unless the example says otherwise.
    pub command: Option<Duration>,
    /// One example, not counting the commands it runs.
    pub example: Option<Duration>,
    /// The whole spec.
    pub spec: Option<Duration>,
}

/// A fault in the front matter, with the line it is on.
#[derive(Debug, PartialEq, Eq)]
pub struct FrontMatterError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Finds the front matter of a file. Returns what it says and how many lines it
/// takes, the two rules included.
pub fn read(
    lines: &[&str],
    vocabulary: &Vocabulary,
) -> Result<(FrontMatter, usize), FrontMatterError> {
    if lines.first().is_none_or(|line| line.trim_end() != "---") {
        return Ok((FrontMatter::default(), 0));
    }
    let fault = |line, message: String| FrontMatterError { line, message };
    let end = lines
        .iter()
        .skip(1)
        .position(|line| matches!(line.trim_end(), "---" | "..."))
        .ok_or_else(|| fault(1, "front matter is not closed: no second `---`".into()))?
        + 1;
    let text = lines[1..end].join("\n");
    let value: Value = serde_yaml::from_str(&text).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line() + 1).min(end + 1);
        fault(line, format!("front matter is not valid YAML: {error}"))
    })?;
    let front = interpret(&value, &lines[..=end], vocabulary)?;
    Ok((front, end + 1))
}

fn interpret(
    value: &Value,
    lines: &[&str],
    vocabulary: &Vocabulary,
) -> Result<FrontMatter, FrontMatterError> {
    let map = match value {
        Value::Null => return Ok(FrontMatter::default()),
        Value::Mapping(map) => map,
        other => {
            let message = format!("front matter is {}, not a map of keys", kind(other));
            return Err(FrontMatterError { line: 2, message });
        }
    };
    let mut front = FrontMatter::default();
    for (key, value) in map {
        let Value::String(key) = key else {
            let message = format!("front matter has a key that is {}", kind(key));
            return Err(FrontMatterError { line: 2, message });
        };
        let line = line_of_key(lines, key);
        let fault = |message| FrontMatterError { line, message };
        match (key.as_str(), value) {
            ("doctest", Value::Null) => {}
            ("doctest", Value::String(text)) => {
                front.options =
                    OptionSet::parse(text, vocabulary).map_err(|error| fault(error.to_string()))?;
            }
            ("doctest", other) => {
                return Err(fault(format!("`doctest` is {}, not a string", kind(other))));
            }
            ("doctest-type", Value::String(text)) if text == "python" => {}
            ("doctest-type", other) => {
                let shown = other.as_str().unwrap_or_else(|| kind(other));
                return Err(fault(format!(
                    "unsupported doctest type `{shown}`: only `python`"
                )));
            }
            ("title", value) => front.title = Some(string(key, value).map_err(fault)?),
            ("description", value) => {
                front.description = Some(string(key, value).map_err(fault)?);
            }
            ("group", value) => front.group = Some(word(key, value).map_err(fault)?),
            ("tags", value) => front.tags = words(key, value).map_err(fault)?,
            ("secrets", value) => front.secrets = words(key, value).map_err(fault)?,
            ("timeout", value) => front.limits = limits(value).map_err(fault)?,
            (key @ "match-types", value) => {
                let mut define = |name: &str, value: &Value| {
                    let pattern = string(&format!("match-types.{name}"), value)?;
                    let defined = front.match_types.define(name, &pattern);
                    defined.map_err(|error| error.to_string())
                };
                patterns(lines, (key, line), value, &mut define)?;
            }
            (key @ "redactions", value) => {
                let mut define = |name: &str, value: &Value| {
                    let redaction = match value {
                        Value::Bool(on) => Redaction::BuiltIn(*on),
                        value => Redaction::Pattern(string(&format!("redactions.{name}"), value)?),
                    };
                    let defined = front.redactions.define(name, redaction);
                    defined.map_err(|error| error.to_string())
                };
                patterns(lines, (key, line), value, &mut define)?;
            }
            (key, _) if key.starts_with("x-") => {}
            (key, _) => {
                let hint = nearest(key, KEYS.iter().copied())
                    .map(|near| format!(" (did you mean `{near}`?)"))
                    .unwrap_or_default();
                return Err(fault(format!("unknown front matter key `{key}`{hint}")));
            }
        }
    }
    Ok(front)
}

/// A map of names, each handed to `define` with its value. A fault has the line of
/// its name, where that can be found below the line of the key.
fn patterns(
    lines: &[&str],
    (key, line): (&str, usize),
    value: &Value,
    define: &mut dyn FnMut(&str, &Value) -> Result<(), String>,
) -> Result<(), FrontMatterError> {
    let Value::Mapping(map) = value else {
        let message = format!("`{key}` is {}, not a map of names", kind(value));
        return Err(FrontMatterError { line, message });
    };
    for (name, value) in map {
        let name = match name {
            Value::String(name) => name.as_str(),
            other => kind(other),
        };
        define(name, value).map_err(|message| {
            let trimmed: Vec<&str> = lines[line..].iter().map(|line| line.trim()).collect();
            let at = position_of_key(&trimmed, name).map_or(line, |index| line + index + 1);
            FrontMatterError { line: at, message }
        })?;
    }
    Ok(())
}

fn string(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(format!("`{key}` is {}, not a string", kind(other))),
    }
}

/// A word: a string that is not empty and has no blanks or commas, so that an
/// option of the command line can name it.
fn word(key: &str, value: &Value) -> Result<String, String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        other => string(key, other)?,
    };
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c == ',') {
        return Err(format!("`{key}`: `{text}` is not a word"));
    }
    Ok(text)
}

/// A list of words, or one string of them with blanks or commas between.
fn words(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let listed = match value {
        Value::Sequence(items) => items
            .iter()
            .map(|item| word(key, item))
            .collect::<Result<Vec<_>, _>>()?,
        Value::String(text) => text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        other => return Err(format!("`{key}` is {}, not a list of words", kind(other))),
    };
    let mut words = Vec::new();
    for word in listed {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Ok(words)
}

/// `timeout`: the limit of the spec, or a map of limits.
fn limits(value: &Value) -> Result<TimeLimits, String> {
    let mut limits = TimeLimits::default();
    let Value::Mapping(map) = value else {
        limits.spec = Some(duration("timeout", value)?);
        return Ok(limits);
    };
    for (key, value) in map {
        let key = key.as_str().unwrap_or_default();
        let limit = duration(&format!("timeout.{key}"), value)?;
        match key {
            "command" => limits.command = Some(limit),
            "example" => limits.example = Some(limit),
            "spec" => limits.spec = Some(limit),
            _ => return Err(format!("unknown limit `{key}`: command, example or spec")),
        }
    }
    Ok(limits)
}

fn duration(key: &str, value: &Value) -> Result<Duration, String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        other => string(key, other)?,
    };
    parse_seconds(&text)
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| format!("`{key}`: `{text}` is not a duration, as `90s` or `5m` is"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a map",
        Value::Tagged(_) => "a tagged value",
    }
}

/// The line a top-level key is on, from 1; serde keeps no positions.
fn line_of_key(lines: &[&str], key: &str) -> usize {
    position_of_key(lines, key).map_or(2, |index| index + 1)
}

fn position_of_key(lines: &[&str], key: &str) -> Option<usize> {
    let starts = |line: &&str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| {
            rest.trim_start_matches(['"', '\''])
                .trim_start()
                .starts_with(':')
        })
    };
    lines.iter().position(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(FrontMatter, usize), FrontMatterError> {
        let lines: Vec<&str> = text.lines().collect();
        read(&lines, &Vocabulary::default())
    }

    fn message(text: &str) -> (usize, String) {
        let error = parse(text).unwrap_err();
        (error.line, error.message)
    }

    #[test]
    fn options() {
        let (front, lines) = parse("---\ndoctest: -WINDOWS -MACOS # why\n---\n\n# T").unwrap();
        assert_eq!(lines, 3);
        assert_eq!(front.options.get("WINDOWS"), Some(false));
        assert_eq!(parse("# T\n---\n").unwrap(), (FrontMatter::default(), 0));
        assert_eq!(parse("---\n---\n").unwrap().1, 2);
        assert_eq!(parse("---\ntitle: T\nx-any: [1]\n...\n").unwrap().1, 4);
    }

    #[test]
    fn what_others_select_and_order_by() {
        let (front, _) = parse(
            "---\ntags: [slow, net, slow, 3]\ngroup: port-80\ntitle: T\ndescription: D\n\
             timeout: {command: 2, spec: 1m}\n---\n",
        )
        .unwrap();
        assert_eq!(front.tags, ["slow", "net", "3"]);
        assert_eq!(front.group.as_deref(), Some("port-80"));
        assert_eq!(front.limits.command, Some(Duration::from_secs(2)));
        assert_eq!(front.limits.example, None);
        assert_eq!(front.limits.spec, Some(Duration::from_secs(60)));
        let (front, _) = parse("---\ntags: slow, net\ntimeout: 1.5s\n---\n").unwrap();
        assert_eq!(front.tags, ["slow", "net"]);
        assert_eq!(front.limits.spec, Some(Duration::from_millis(1500)));
        for (text, part) in [
            ("tags: {a: 1}", "`tags` is a map, not a list of words"),
            ("tags: [a b]", "`tags`: `a b` is not a word"),
            ("group: a b", "`group`: `a b` is not a word"),
            ("group: [a]", "`group` is a list, not a string"),
            ("timeout: soon", "`timeout`: `soon` is not a duration"),
            ("timeout: 0", "`timeout`: `0` is not a duration"),
            ("timeout: {all: 3s}", "unknown limit `all`"),
            ("title: [x]", "`title` is a list"),
        ] {
            let (line, told) = message(&format!("---\n{text}\n---\n"));
            assert!(line == 2 && told.contains(part), "{told}");
        }
    }

    #[test]
    fn faults() {
        assert_eq!(message("---\ntitle: x\n").0, 1);
        assert_eq!(
            message("---\n- a\n---\n").1,
            "front matter is a list, not a map of keys"
        );
        assert_eq!(
            message("---\nplain\n---\n").1,
            "front matter is a string, not a map of keys"
        );
        let (line, text) = message("---\ntitle: T\ndoctst: +SKIP\n---\n");
        assert_eq!((line, text.contains("did you mean `doctest`")), (3, true));
        let (line, text) = message("---\ndoctest: +SKPI\n---\n");
        assert_eq!((line, text.contains("`SKIP`")), (2, true));
        assert!(message("---\na: [\n---\n").1.contains("not valid YAML"));
        assert!(message("---\ndoctest: 3\n---\n").1.contains("not a string"));
        assert!(
            message("---\ndoctest-type: bash\n---\n")
                .1
                .contains("unsupported")
        );
    }
}
