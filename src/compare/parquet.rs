//! A table as a Parquet file.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::Table;
use super::typed::{TypedColumn, typed_columns};

/// Writes `table` to `out`, a column of one type for each of its own: true or false,
/// whole numbers, floats, or text where there is anything else.
///
/// # Errors
/// `out` takes no more.
pub fn write_parquet(table: &Table, out: impl Write + Send) -> io::Result<()> {
    write(&typed_columns(table), out).map_err(failed)
}

fn write(columns: &[(String, TypedColumn)], out: impl Write + Send) -> Result<(), ParquetError> {
    let fields = columns.iter().map(|(name, column)| field(name, column));
    let fields = fields.collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("runs")
        .with_fields(fields)
        .build()?;
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(out, Arc::new(schema), properties)?;
    let mut rows = writer.next_row_group()?;
    for (_, column) in columns {
        if let Some(mut place) = rows.next_column()? {
            put(column, &mut place)?;
            place.close()?;
        }
    }
    rows.close()?;
    writer.close()?;
    Ok(())
}

fn field(name: &str, column: &TypedColumn) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match column {
        TypedColumn::Bool(_) => (Physical::BOOLEAN, None),
        TypedColumn::Int(_) => (Physical::INT64, None),
        TypedColumn::Float(_) => (Physical::DOUBLE, None),
        TypedColumn::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let field = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    field.build().map(Arc::new)
}

fn put(column: &TypedColumn, place: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
    match column {
        TypedColumn::Bool(values) => put_values::<BoolType, _>(values, |it| *it, place),
        TypedColumn::Int(values) => put_values::<Int64Type, _>(values, |it| *it, place),
        TypedColumn::Float(values) => put_values::<DoubleType, _>(values, |it| *it, place),
        TypedColumn::Text(values) => {
            let bytes = |text: &String| ByteArray::from(text.as_str());
            put_values::<ByteArrayType, _>(values, bytes, place)
        }
    }
}

/// Puts the values that there are, and at which places there are any.
fn put_values<T: DataType, V>(
    values: &[Option<V>],
    stored: impl Fn(&V) -> T::T,
    place: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|it| i16::from(it.is_some())).collect();
    let set: Vec<T::T> = values.iter().flatten().map(stored).collect();
    place.typed::<T>().write_batch(&set, Some(&levels), None)?;
    Ok(())
}

/// What the system said, if it was the system.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let columns = [
            (
                "a b",
                TypedColumn::Bool(vec![Some(true), None, Some(false)]),
            ),
            ("int", TypedColumn::Int(vec![None, Some(i64::MIN), Some(3)])),
            (
                "x,y",
                TypedColumn::Float(vec![Some(f64::NAN), None, Some(0.1)]),
            ),
            (
                "é",
                TypedColumn::Text(vec![Some("日本".into()), None, Some(String::new())]),
            ),
            ("none", TypedColumn::Text(vec![None, None, None])),
        ];
        let columns = columns.map(|(name, column)| (name.to_string(), column));
        let mut bytes = Vec::new();
        write(&columns, &mut bytes).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.parquet");
        std::fs::write(&path, bytes).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        let rows: Vec<Vec<(String, Field)>> = rows.map(|row| row.unwrap().into_columns()).collect();
        let fields = |row: usize| rows[row].iter().map(|(_, field)| field.clone());
        let names: Vec<&str> = rows[0].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a b", "int", "x,y", "é", "none"]);
        let text = |text: &str| Field::Str(text.to_string());
        let last = [
            Field::Bool(false),
            Field::Long(3),
            Field::Double(0.1),
            text(""),
            Field::Null,
        ];
        assert_eq!(fields(2).collect::<Vec<_>>(), last);
        let second = [
            Field::Null,
            Field::Long(i64::MIN),
            Field::Null,
            Field::Null,
            Field::Null,
        ];
        assert_eq!(fields(1).collect::<Vec<_>>(), second);
        assert!(matches!(rows[0][2].1, Field::Double(number) if number.is_nan()));
        assert_eq!(rows[0][3].1, text("日本"));
    }

    #[test]
    fn a_full_disk_is_the_systems_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(28))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_parquet(&Table::default(), Full).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(28), "{error}");
    }
}
