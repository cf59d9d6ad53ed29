//! The optional YAML block at the top of a spec.

use std::time::Duration;

use crate::language::Language;
use crate::match_type::MatchTypes;
use crate::options::{OptionSet, Vocabulary, nearest, parse_seconds};
use crate::redact::{Redaction, Redactions};
use crate::requirement::{self, Requirement, Test};
use crate::yaml_nodes::{self, Data, Key, Node, Place};

/// The keys that mean something to the harness.
const KEYS: &[&str] = &[
    "description",
    "doctest",
    "doctest-type",
    "group",
    "include",
    "match-types",
    "redactions",
    "requires",
    "secrets",
    "setup",
    "tags",
    "teardown",
    "timeout",
    "title",
];

/// What a spec's front matter says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Options for the whole file.
    pub options: OptionSet,
    /// What the examples are written in.
    pub language: Language,
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
    /// What the spec needs of the machine.
    pub requires: Option<Requirement>,
    /// The files that belong to the spec, in order.
    pub include: Vec<Include>,
    /// Source that runs before the first example.
    pub setup: Option<Snippet>,
    /// Source that runs after the last, whatever happened.
    pub teardown: Option<Snippet>,
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

/// Source in front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The line of the file that it starts on, from 1.
    pub line: usize,
    /// The source.
    pub source: String,
}

/// A file that front matter names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// Where it is named.
    pub place: Place,
    /// Its path, relative to the folder of the spec.
    pub path: String,
}

/// A fault in the front matter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FrontMatterError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

fn fault(place: Place, message: impl Into<String>) -> FrontMatterError {
    let message = message.into();
    FrontMatterError { place, message }
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
    let end = lines
        .iter()
        .skip(1)
        .position(|line| matches!(line.trim_end(), "---" | "..."))
        .ok_or_else(|| {
            let message = "front matter is not closed: no second `---`";
            fault(Place::new(1, 1), message)
        })?
        + 1;
    // With an empty line for the first rule, so that places are those of the file.
    let text = format!("\n{}\n", lines[1..end].join("\n"));
    let node = yaml_nodes::read(&text).map_err(|error| {
        let mut place = error.place;
        place.line = place.line.clamp(1, end + 1);
        let message = format!("front matter is not valid YAML: {}", error.message);
        fault(place, message)
    })?;
    Ok((interpret(&node, vocabulary)?, end + 1))
}

fn interpret(node: &Node, vocabulary: &Vocabulary) -> Result<FrontMatter, FrontMatterError> {
    let mut front = FrontMatter::default();
    let entries = match &node.data {
        Data::Null => return Ok(front),
        Data::Map(entries) => entries,
        _ => {
            let message = format!("front matter is {}, not a map of keys", node.kind());
            return Err(fault(node.place, message));
        }
    };
    for (key, node) in entries {
        match key.name.as_str() {
            "doctest" => front.options = options(node, vocabulary)?,
            "doctest-type" => front.language = language(node)?,
            "title" => front.title = Some(text(key, node)?),
            "description" => front.description = Some(text(key, node)?),
            "group" => front.group = Some(word(key, node)?),
            "tags" => front.tags = words(key, node)?,
            "secrets" => front.secrets = words(key, node)?,
            "timeout" => front.limits = limits(key, node)?,
            "match-types" => front.match_types = match_types(key, node)?,
            "redactions" => front.redactions = redactions(key, node)?,
            "requires" => {
                let requirement = requires(node)?;
                check_features(node, &requirement, vocabulary)?;
                front.requires = Some(requirement);
            }
            "include" => front.include = includes(key, node)?,
            "setup" => front.setup = Some(snippet(key, node)?),
            "teardown" => front.teardown = Some(snippet(key, node)?),
            name if name.starts_with("x-") => {}
            _ => return Err(unknown(key, "front matter key", KEYS)),
        }
    }
    Ok(front)
}

fn unknown(key: &Key, what: &str, known: &[&str]) -> FrontMatterError {
    let name = &key.name;
    let hint = nearest(name, known.iter().copied())
        .map(|near| format!(" (did you mean `{near}`?)"))
        .unwrap_or_else(|| format!(": known are {}", known.join(", ")));
    fault(key.place, format!("unknown {what} `{name}`{hint}"))
}

fn wrong_kind(key: &Key, node: &Node, wanted: &str) -> FrontMatterError {
    let message = format!("`{}` is {}, not {wanted}", key.name, node.kind());
    fault(node.place, message)
}

fn text(key: &Key, node: &Node) -> Result<String, FrontMatterError> {
    match &node.data {
        Data::Text(text) | Data::Number(text) => Ok(text.clone()),
        _ => Err(wrong_kind(key, node, "a string")),
    }
}

fn options(node: &Node, vocabulary: &Vocabulary) -> Result<OptionSet, FrontMatterError> {
    match &node.data {
        Data::Null => Ok(OptionSet::default()),
        Data::Text(text) => OptionSet::parse(text, vocabulary).map_err(|error| {
            let mut place = node.place;
            place.column += error.offset_in(text);
            fault(place, error.to_string())
        }),
        _ => {
            let message = format!("`doctest` is {}, not a string", node.kind());
            Err(fault(node.place, message))
        }
    }
}

fn language(node: &Node) -> Result<Language, FrontMatterError> {
    let name = match &node.data {
        Data::Text(name) => name,
        _ => node.kind(),
    };
    Language::from_name(name).ok_or_else(|| {
        let hint = nearest(name, Language::NAMES.iter().copied())
            .map(|near| format!(" (did you mean `{near}`?)"))
            .unwrap_or_else(|| format!(": known are {}", Language::NAMES.join(", ")));
        fault(node.place, format!("unknown doctest type `{name}`{hint}"))
    })
}

/// A word: a string that is not empty and has no blanks or commas, so that an
/// option of the command line can name it.
fn word(key: &Key, node: &Node) -> Result<String, FrontMatterError> {
    let text = text(key, node)?;
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c == ',') {
        let message = format!("`{}`: `{text}` is not a word", key.name);
        return Err(fault(node.place, message));
    }
    Ok(text)
}

/// A list of words, or one string of them with blanks or commas between.
fn words(key: &Key, node: &Node) -> Result<Vec<String>, FrontMatterError> {
    let listed: Vec<String> = match &node.data {
        Data::List(items) => items
            .iter()
            .map(|item| word(key, item))
            .collect::<Result<_, _>>()?,
        Data::Text(text) => text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => return Err(wrong_kind(key, node, "a list of words")),
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
fn limits(key: &Key, node: &Node) -> Result<TimeLimits, FrontMatterError> {
    let mut limits = TimeLimits::default();
    let Data::Map(entries) = &node.data else {
        limits.spec = Some(duration(key, node)?);
        return Ok(limits);
    };
    for (key, node) in entries {
        let limit = match key.name.as_str() {
            "command" => &mut limits.command,
            "example" => &mut limits.example,
            "spec" => &mut limits.spec,
            _ => return Err(unknown(key, "limit", &["command", "example", "spec"])),
        };
        *limit = Some(duration(key, node)?);
    }
    Ok(limits)
}

fn duration(key: &Key, node: &Node) -> Result<Duration, FrontMatterError> {
    let text = text(key, node)?;
    parse_seconds(&text)
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| {
            let name = &key.name;
            let message = format!("`{name}`: `{text}` is not a duration, as `90s` or `5m` is");
            fault(node.place, message)
        })
}

/// The entries of a map of names.
fn named<'a>(key: &Key, node: &'a Node) -> Result<&'a [(Key, Node)], FrontMatterError> {
    match &node.data {
        Data::Map(entries) => Ok(entries),
        _ => Err(wrong_kind(key, node, "a map of names")),
    }
}

fn match_types(key: &Key, node: &Node) -> Result<MatchTypes, FrontMatterError> {
    let mut types = MatchTypes::default();
    for (name, node) in named(key, node)? {
        let pattern = text(name, node)?;
        types
            .define(&name.name, &pattern)
            .map_err(|error| fault(name.place, error.to_string()))?;
    }
    Ok(types)
}

fn redactions(key: &Key, node: &Node) -> Result<Redactions, FrontMatterError> {
    let mut redactions = Redactions::default();
    for (name, node) in named(key, node)? {
        let redaction = match node.data {
            Data::Bool(on) => Redaction::BuiltIn(on),
            _ => Redaction::Pattern(text(name, node)?),
        };
        redactions
            .define(&name.name, redaction)
            .map_err(|error| fault(name.place, error.to_string()))?;
    }
    Ok(redactions)
}

fn snippet(key: &Key, node: &Node) -> Result<Snippet, FrontMatterError> {
    let Data::Text(text) = &node.data else {
        return Err(wrong_kind(key, node, "source"));
    };
    let mut source = text.clone();
    if !source.ends_with('\n') {
        source.push('\n');
    }
    let line = node.place.line;
    Ok(Snippet { line, source })
}

fn includes(key: &Key, node: &Node) -> Result<Vec<Include>, FrontMatterError> {
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        Data::Text(_) => std::slice::from_ref(node),
        _ => return Err(wrong_kind(key, node, "a list of files")),
    };
    items
        .iter()
        .map(|item| match &item.data {
            Data::Text(path) => Ok(Include {
                place: item.place,
                path: path.clone(),
            }),
            _ => Err(wrong_kind(key, item, "a file")),
        })
        .collect()
}

/// `requires`: an expression, a list of what is all needed, or a map of names by
/// kind.
fn requires(node: &Node) -> Result<Requirement, FrontMatterError> {
    match &node.data {
        Data::Text(text) => requirement::parse(text).map_err(|error| {
            let mut place = node.place;
            place.column += error.offset;
            fault(place, error.message)
        }),
        Data::List(items) => {
            let parts = items.iter().map(requires).collect::<Result<Vec<_>, _>>()?;
            Ok(Requirement::All(parts))
        }
        Data::Map(entries) => {
            let mut parts = Vec::new();
            for (key, node) in entries {
                parts.extend(names(key, node)?);
            }
            Ok(Requirement::All(parts))
        }
        _ => {
            let message = format!(
                "`requires` is {}: write an expression, a list or a map",
                node.kind()
            );
            Err(fault(node.place, message))
        }
    }
}

/// A feature that the suite does not know is a slip, not a thing that is missing.
fn check_features(
    node: &Node,
    requirement: &Requirement,
    vocabulary: &Vocabulary,
) -> Result<(), FrontMatterError> {
    for test in requirement.tests() {
        let Test::Feature(name) = test else { continue };
        let known = || vocabulary.features();
        if !known().any(|feature| feature == name) {
            let hint = nearest(name, known()).map(|near| format!(" (did you mean `{near}`?)"));
            let hint = hint.unwrap_or_default();
            let message = format!("the suite has no feature `{name}`{hint}");
            return Err(fault(node.place, message));
        }
    }
    Ok(())
}

/// What a name is needed as.
type Kind = fn(String) -> Test;

/// The kinds of names in a map of requirements.
const KINDS: &[(&str, Kind)] = &[
    ("features", Test::Feature),
    ("files", Test::File),
    ("modules", Test::Module),
    ("programs", Test::Program),
    ("variables", Test::Variable),
];

fn names(key: &Key, node: &Node) -> Result<Vec<Requirement>, FrontMatterError> {
    let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == key.name) else {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        return Err(unknown(key, "kind of requirement", &known));
    };
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let names = items.iter().map(|item| {
        let name = text(key, item)?;
        Ok(Requirement::Test(kind(name)))
    });
    names.collect()
}

#[cfg(test)]
#[path = "front_matter_tests.rs"]
mod tests;
