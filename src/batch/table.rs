//! Trials as tables: for people to read, and as files that trials are read from.

use std::collections::BTreeSet;
use std::path::Path;

use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;

/// The form of a file of trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A row for each trial, below one with names.
    Csv,
    /// A list of mappings.
    Json,
}

/// A form that no trials are saved in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("Unsupported extension '.{0}' - use '.csv', '.json', or no extension")]
pub struct UnknownForm(String);

impl Form {
    /// The form of the file called so.
    ///
    /// # Errors
    /// There is none for its extension.
    pub fn of(name: &str) -> Result<Self, UnknownForm> {
        let extension = Path::new(name).extension().unwrap_or_default();
        let extension = extension.to_string_lossy();
        match extension.to_lowercase().as_str() {
            "" | "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err(UnknownForm(extension.into_owned())),
        }
    }
}

/// The lines of a table of `trials`, the first with the names of their flags.
pub fn lines(trials: &[Map]) -> Vec<String> {
    if trials.is_empty() {
        return Vec::new();
    }
    let names = names(trials);
    let heading = std::iter::once("#".to_string()).chain(names.iter().cloned());
    let numbered = (1..).zip(trials).map(|(number, trial): (usize, _)| {
        let number = std::iter::once(number.to_string());
        number.chain(row(trial, &names)).collect()
    });
    let rows: Vec<Vec<String>> = std::iter::once(heading.collect()).chain(numbered).collect();
    text::table(&rows, 2)
}

/// The `trials` as CSV.
///
/// # Errors
/// None, since nothing is written to a file.
pub fn csv(trials: &[Map]) -> std::io::Result<Vec<u8>> {
    let names = names(trials);
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(&names)?;
    for trial in trials {
        writer.write_record(row(trial, &names))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// The `trials` as one value, each with its flags by name.
pub fn value(trials: &[Map]) -> Value {
    let trial = |trial: &Map| {
        let sorted = trial.sorted().into_iter();
        let sorted: Map = sorted
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Value::Map(sorted)
    };
    trials.iter().map(trial).collect()
}

fn names(trials: &[Map]) -> Vec<String> {
    let names = trials.iter().flat_map(Map::keys).map(flags::name_text);
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The values of a trial as a command line has them, empty where it has none.
fn row<'a>(trial: &'a Map, names: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let value = |name: &String| trial.get(name).map(flags::format_value);
    names
        .iter()
        .map(move |name| value(name).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials() -> Vec<Map> {
        let map = |entries: &[(&str, Value)]| entries.iter().cloned().collect();
        vec![
            map(&[("y", "1".into()), ("x", 1.5.into())]),
            map(&[("x", Value::Null), ("z", "a b, c".into())]),
        ]
    }

    #[test]
    fn trials_have_a_column_for_each_flag() {
        let expected = ["#  x     y    z", "1  1.5   '1'  ", "2  null       a b, c"];
        assert_eq!(lines(&trials()), expected);
        assert!(lines(&[]).is_empty());
        let csv = String::from_utf8(csv(&trials()).unwrap()).unwrap();
        assert_eq!(csv, "x,y,z\n1.5,'1',\nnull,,\"a b, c\"\n");
    }

    #[test]
    fn the_extension_of_a_file_says_its_form() {
        assert_eq!(Form::of("a.CSV"), Ok(Form::Csv));
        assert_eq!(Form::of("dir.x/a"), Ok(Form::Csv));
        assert_eq!(Form::of("a.json"), Ok(Form::Json));
        let error = Form::of("a.xxx").unwrap_err().to_string();
        assert!(error.starts_with("Unsupported extension '.xxx'"), "{error}");
    }
}
