//! A table as an Arrow file (the IPC file format, also called Feather).

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Field, Schema};

use super::Table;
use super::typed::{TypedColumn, typed_columns};

/// Writes `table` to `out`, a column of one type for each of its own: true or false,
/// whole numbers, floats, or text where there is anything else.
///
/// # Errors
/// `out` takes no more.
pub fn write_arrow(table: &Table, out: impl Write) -> io::Result<()> {
    write(typed_columns(table), out).map_err(|error| match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    })
}

fn write(columns: Vec<(String, TypedColumn)>, out: impl Write) -> Result<(), ArrowError> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, column) in columns {
        let array: ArrayRef = match column {
            TypedColumn::Bool(values) => Arc::new(BooleanArray::from(values)),
            TypedColumn::Int(values) => Arc::new(Int64Array::from(values)),
            TypedColumn::Float(values) => Arc::new(Float64Array::from(values)),
            TypedColumn::Text(values) => Arc::new(StringArray::from(values)),
        };
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    let mut writer = FileWriter::try_new(out, &schema)?;
    writer.write(&batch)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    use arrow_ipc::reader::FileReader;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let columns = [
            ("a b", TypedColumn::Bool(vec![Some(true), None])),
            ("int", TypedColumn::Int(vec![None, Some(i64::MIN)])),
            ("float", TypedColumn::Float(vec![Some(f64::NAN), Some(0.1)])),
            ("é", TypedColumn::Text(vec![Some("日本".into()), None])),
        ];
        let columns = columns.map(|(name, column)| (name.to_string(), column));
        let mut bytes = Vec::new();
        write(columns.to_vec(), &mut bytes).unwrap();
        let mut reader = FileReader::try_new(io::Cursor::new(bytes), None).unwrap();
        let batch = reader.next().unwrap().unwrap();
        let schema = batch.schema();
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|it| it.name().as_str())
            .collect();
        assert_eq!(names, ["a b", "int", "float", "é"]);
        assert!(batch.column(0).as_boolean().value(0) && batch.column(0).is_null(1));
        assert_eq!(
            batch.column(1).as_primitive::<Int64Type>().value(1),
            i64::MIN
        );
        assert!(batch.column(1).is_null(0));
        let floats = batch.column(2).as_primitive::<Float64Type>();
        assert!(floats.value(0).is_nan() && floats.value(1) == 0.1);
        assert_eq!(batch.column(3).as_string::<i32>().value(0), "日本");
        assert!(batch.column(3).is_null(1));
    }

    #[test]
    fn no_runs_are_no_rows() {
        let mut bytes = Vec::new();
        write_arrow(&Table::default(), &mut bytes).unwrap();
        let mut reader = FileReader::try_new(io::Cursor::new(bytes), None).unwrap();
        assert_eq!(reader.schema().field(0).name(), "run");
        assert!(
            reader
                .next()
                .is_none_or(|batch| batch.unwrap().num_rows() == 0)
        );
    }
}
