//! Files of flag values, `@FILE` on a command line: CSV, JSON and YAML.

use std::path::{Path, PathBuf};

use super::Error;
use crate::base::files;
use crate::base::yaml::{self, Map, Value};
use crate::flags;

/// The sets of flag values that the file at `path` holds, each for one run. JSON
/// and YAML hold a mapping or a list of them; the first row of CSV holds names,
/// and each row after it values as a command line has them. `shown` is the path
/// as messages have it.
///
/// # Errors
/// There is no such file; its name ends with none of `.csv`, `.json`, `.yml`
/// and `.yaml`, nor without any; it cannot be read, or holds something else.
pub fn read(path: &Path, shown: &str) -> Result<Vec<Map>, Error> {
    let unreadable = |reason: String| Error::UnreadableFile {
        path: shown.to_string(),
        reason,
    };
    if !path.exists() {
        return Err(Error::NoFile(shown.to_string()));
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let parse = match extension.to_str() {
        Some("json" | "yml" | "yaml") => yaml_entries,
        Some("" | "csv") => csv_entries,
        _ => return Err(unreadable("unsupported extension".to_string())),
    };
    let bytes = files::read(path).map_err(|error| unreadable(error.to_string()))?;
    parse(&bytes, shown).map_err(unreadable)
}

fn yaml_entries(bytes: &[u8], shown: &str) -> Result<Vec<Map>, String> {
    let value = yaml::load_bytes(bytes).map_err(|error| error.report(shown))?;
    let items = match value {
        Value::List(items) => items,
        Value::Map(_) => vec![value],
        other => {
            return Err(format!(
                "invalid data type for trials: expected list or dict, got {}",
                other.type_name()
            ));
        }
    };
    let entry = |item| match item {
        Value::Map(map) => Ok(map),
        other => Err(format!(
            "invalid data type for trial {}: expected dict",
            flags::python_repr(&other)
        )),
    };
    items.into_iter().map(entry).collect()
}

fn csv_entries(bytes: &[u8], _shown: &str) -> Result<Vec<Map>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows = reader.records();
    let names = match rows.next() {
        None => return Ok(Vec::new()),
        Some(names) => names.map_err(|error| error.to_string())?,
    };
    rows.map(|row| {
        let row = row.map_err(|error| error.to_string())?;
        if row.iter().skip(names.len()).any(|text| !text.is_empty()) {
            let line = line_of(&row, bytes);
            let (values, flags) = (row.len(), names.len());
            return Err(format!(
                "line {line} has {values} values for {flags} flag(s)"
            ));
        }
        let pairs = names.iter().zip(row.iter());
        Ok(pairs
            .map(|(name, text)| (name.to_string(), flags::decode(text)))
            .collect())
    })
    .collect()
}

/// The number of the line that `row` of `bytes` starts in, empty lines before it
/// left out.
fn line_of(row: &csv::StringRecord, bytes: &[u8]) -> usize {
    let start = row
        .position()
        .map_or(0, |position| position.byte() as usize);
    let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    let rest = bytes.iter().skip(start);
    let start = start + rest.take_while(is_break).count();
    1 + bytes
        .iter()
        .take(start)
        .filter(|byte| **byte == b'\n')
        .count()
}

/// The file that a word names, seen from `dir`, and how messages show it.
pub fn place(word: &str, dir: &Path, user_home: Option<&Path>) -> (PathBuf, String) {
    let named = crate::home::expand_user(word, user_home);
    let shown = match named.is_absolute() {
        true => named.clone(),
        false => Path::new(".").join(&named),
    };
    (dir.join(&named), shown.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(name: &str, content: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        let entries = read(&path, name).map_err(|error| error.to_string())?;
        Ok(entries
            .into_iter()
            .map(|entry| flags::format_value(&Value::Map(entry)))
            .collect())
    }

    #[test]
    fn each_format_has_its_entries() {
        for (name, content, expected) in [
            ("a.json", r#"{"x": 1}"#, &["{x: 1}"][..]),
            ("a.yml", "- {x: 1}\n- y: b\n", &["{x: 1}", "{y: b}"]),
            ("a.YAML", "[]", &[]),
            ("a.csv", "x,y\n1,yes\n", &["{x: 1, y: yes}"]),
            ("a", "x\n'1'\n\n2\n", &["{x: '1'}", "{x: 2}"]),
            ("a.csv", "x,y\n1\n1,2,\n", &["{x: 1}", "{x: 1, y: 2}"]),
            ("a.csv", "x\n\"a, \"\"b\"\"\n\"\n", &["{x: a, \"b\"}"]),
            ("a.csv", "x\n", &[]),
            ("a.csv", "", &[]),
        ] {
            assert_eq!(
                entries(name, content).unwrap(),
                expected,
                "{name} {content}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (name, content, expected) in [
            (
                "a.toml",
                "",
                "cannot read trials for a.toml: unsupported extension",
            ),
            (
                "a.csv",
                "x,y\n1\n\n1,2,3\n",
                "cannot read trials for a.csv: line 4 has 3 values for 2 flag(s)",
            ),
            (
                "a.json",
                "3",
                "cannot read trials for a.json: invalid data type for trials: expected list or \
                 dict, got int",
            ),
            (
                "a.yml",
                "- {}\n- [1]\n",
                "cannot read trials for a.yml: invalid data type for trial [1]: expected dict",
            ),
        ] {
            assert_eq!(entries(name, content).unwrap_err(), expected);
        }
        let message = entries("a.yml", "a: [").unwrap_err();
        assert!(
            message.contains("a.yml") && message.contains("line 1"),
            "{message}"
        );
        let message = entries("a.csv", "a\n\u{fffd}").unwrap();
        assert_eq!(message.len(), 1);
        let gone = read(Path::new("/nowhere/a.csv"), "./a.csv").unwrap_err();
        assert_eq!(gone.to_string(), "batch file ./a.csv does not exist");
    }
}
