//! The columns of a table with one type each, as files of columns have them.

use super::Table;
use super::text::plain;
use crate::base::yaml::Value;

/// A column of values of one type; none where a run has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum TypedColumn {
    /// All are true or false.
    Bool(Vec<Option<bool>>),
    /// All are whole numbers of 64 bits.
    Int(Vec<Option<i64>>),
    /// All are numbers.
    Float(Vec<Option<f64>>),
    /// Values of other types or of several, as text in full.
    Text(Vec<Option<String>>),
}

/// The columns of `table` with their headings. A table of no runs has the one that
/// every table has, since there are readers that take no file without columns.
pub fn typed_columns(table: &Table) -> Vec<(String, TypedColumn)> {
    if table.columns.is_empty() {
        return vec![("run".to_string(), TypedColumn::Text(Vec::new()))];
    }
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(place, column)| {
            let values = table.rows.iter().map(|row| &row.cells[place]);
            (column.heading.clone(), typed(values))
        })
        .collect()
}

/// `values` in the narrowest type that holds them all.
fn typed<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> TypedColumn {
    let mut set = values.clone().filter(|value| !value.is_null()).peekable();
    let has_any = set.peek().is_some();
    let all = |holds: fn(&Value) -> bool| has_any && set.clone().all(holds);
    if all(|value| value.as_bool().is_some()) {
        TypedColumn::Bool(values.map(Value::as_bool).collect())
    } else if all(|value| value.as_i64().is_some()) {
        TypedColumn::Int(values.map(Value::as_i64).collect())
    } else if all(is_float) {
        TypedColumn::Float(values.map(Value::as_f64).collect())
    } else {
        let text = |value: &Value| (!value.is_null()).then(|| plain(value));
        TypedColumn::Text(values.map(text).collect())
    }
}

/// Whether `value` is a number that a float holds exactly.
fn is_float(value: &Value) -> bool {
    /// Up to here every whole number is a float.
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Float(_) => true,
        Value::Int(number) => number.unsigned_abs() <= EXACT,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn a_column_has_the_narrowest_type_that_holds_all_of_it() {
        let text = |texts: &[&str]| {
            let texts = texts.iter().map(|text| Some((*text).to_string()));
            TypedColumn::Text(texts.collect())
        };
        for (values, expected) in [
            (
                "[yes, no]",
                TypedColumn::Bool(vec![Some(true), Some(false)]),
            ),
            ("[1, null]", TypedColumn::Int(vec![Some(1), None])),
            ("[1, 0.5]", TypedColumn::Float(vec![Some(1.0), Some(0.5)])),
            ("[-.inf]", TypedColumn::Float(vec![Some(f64::NEG_INFINITY)])),
            ("[yes, 1]", text(&["True", "1"])),
            ("[1, a]", text(&["1", "a"])),
            (
                "[0.5, 9007199254740993]",
                text(&["0.5", "9007199254740993"]),
            ),
            ("[99999999999999999999]", text(&["99999999999999999999"])),
            ("[[1, b]]", text(&["[1, 'b']"])),
            ("[null]", TypedColumn::Text(vec![None])),
            ("[]", TypedColumn::Text(Vec::new())),
        ] {
            let loaded = yaml::load(values).unwrap();
            assert_eq!(
                typed(loaded.as_list().unwrap().iter()),
                expected,
                "{values}"
            );
        }
    }
}
