//! The optional YAML block at the top of a spec.

use serde_yaml::Value;

use crate::options::{OptionSet, Vocabulary, nearest};

/// Keys that mean something to the harness, then those that are only for
/// readers and other tools.
const KEYS: &[&str] = &["doctest", "doctest-type", "title", "description", "tags"];

/// What a spec's front matter says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Options for the whole file.
    pub options: OptionSet,
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
            (key, _) if KEYS.contains(&key) || key.starts_with("x-") => {}
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
    let starts = |line: &&str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| {
            rest.trim_start_matches(['"', '\''])
                .trim_start()
                .starts_with(':')
        })
    };
    lines.iter().position(starts).map_or(2, |index| index + 1)
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
