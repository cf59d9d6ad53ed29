//! A table as comma-separated values.

use std::io::{self, Write};

use super::Table;
use super::text::plain;

/// Writes `table` to `out`: a line of headings, then one for each run, values in
/// full. Nothing at all where there are no columns.
///
/// # Errors
/// `out` takes no more.
pub fn write_csv(table: &Table, out: impl Write) -> io::Result<()> {
    if table.columns.is_empty() {
        return Ok(());
    }
    let mut writer = csv::Writer::from_writer(out);
    let headings = table.columns.iter().map(|column| &column.heading);
    writer.write_record(headings)?;
    for row in &table.rows {
        writer.write_record(row.cells.iter().map(plain))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml::Value;
    use crate::compare::{Column, Row};
    use crate::query::columns::Source;
    use crate::runs::{Run, Status};

    fn written(headings: &[&str], rows: &[&[Value]]) -> String {
        let column = |heading: &&str| Column {
            heading: (*heading).to_string(),
            source: Source::Flag((*heading).to_string()),
        };
        let row = |cells: &&[Value]| Row {
            run: Run::at("/x/r"),
            status: Status::Completed,
            cells: cells.to_vec(),
        };
        let table = Table {
            columns: headings.iter().map(column).collect(),
            rows: rows.iter().map(row).collect(),
            warnings: Vec::new(),
        };
        let mut bytes = Vec::new();
        write_csv(&table, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_would_break_a_line_is_in_quotes() {
        let cells = [
            Value::from("a,b"),
            Value::from("say \"x\""),
            Value::from("two\nlines"),
            Value::from(" é "),
            Value::from(0.1),
            Value::Null,
        ];
        assert_eq!(
            written(&["run", "b c", "d", "e", "f", "g"], &[&cells]),
            "run,b c,d,e,f,g\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\", é ,0.1,\n"
        );
        assert_eq!(written(&[], &[&[]]), "");
    }
}
