//! Scalars as a table: one row for each value.

use std::io::{self, Write};

use crate::base::python_text;
use crate::runs::Run;
use crate::scalars::{self, Point};

/// Writes each value of the scalars of `runs` to `output`, as a table with the
/// columns run, path, tag, value and step in CSV. What cannot be read is told to
/// `warn` and left out.
///
/// # Errors
/// The output cannot be written.
pub fn export_scalars(
    runs: &[Run],
    output: impl Write,
    warn: &mut dyn FnMut(String),
) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(output);
    let mut written = table.write_record(["run", "path", "tag", "value", "step"]);
    for run in runs {
        if written.is_err() {
            break;
        }
        let mut each = |prefix: &str, tag: &str, point: Point| {
            if written.is_err() {
                return;
            }
            let path = if prefix.is_empty() { "." } else { prefix };
            let value = python_text::float_repr(point.value);
            let step = point.step.to_string();
            written = table.write_record([run.id(), path, tag, &value, &step]);
        };
        scalars::points(run.dir(), &mut each, &mut |error| warn(error.to_string()));
    }
    written.map_err(io::Error::from)?;
    table.flush()
}
