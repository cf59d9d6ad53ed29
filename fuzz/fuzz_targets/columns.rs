//! Columns of comparisons: any text is a list of columns or an error that shows
//! its place, what is written of them reads back as the same, and wildcards match
//! in a time that does not explode.
#![no_main]

use guild::query::columns::{ColumnSpec, Source, Wildcard};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let columns = match ColumnSpec::parse_list(input) {
        Ok(columns) => columns,
        Err(error) => {
            let marked = error.marked(input);
            assert_eq!(marked.is_empty(), error.place().is_none(), "{error}");
            return;
        }
    };
    let written: Vec<String> = columns.iter().map(ToString::to_string).collect();
    let written = written.join(", ");
    let read = ColumnSpec::parse_list(&written).expect("what is written can be read");
    assert_eq!(read, columns, "{written}");
    for column in columns {
        let (Source::Attribute(name) | Source::Flag(name)) = column.source else {
            continue;
        };
        if let Some(wildcard) = Wildcard::of(&name) {
            wildcard.matches(input);
        }
    }
});
