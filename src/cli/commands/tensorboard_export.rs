//! What `guild tensorboard --export-scalars` writes.

use std::io::{self, Write};

use crate::base::files;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::runs::Run;
use crate::tensorboard::export_scalars;

/// Writes the scalars of `runs` to the file at `path`, or to standard output for
/// `-`.
///
/// # Errors
/// The file cannot be written.
pub(super) fn export(path: &str, runs: &[Run], context: &Context) -> Result<(), Failure> {
    let mut warn = |text: String| context.console.warn(&text);
    if path == "-" {
        let output = io::BufWriter::new(Stdout(context));
        return match export_scalars(runs, output, &mut warn) {
            // Nobody reads on; what cannot be written is told at the end.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Failure::error),
        };
    }
    let path = context.home.cwd().join(path);
    if let Some(folder) = path.parent() {
        files::create_dir_all(folder)?;
    }
    let output = io::BufWriter::new(files::create(&path)?);
    export_scalars(runs, output, &mut warn)
        .map_err(|source| files::Error::new("write", &path, source).into())
}

/// Standard output, as the console writes it.
struct Stdout<'a>(&'a Context);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.console.data(bytes);
        if self.0.console.is_stdout_gone() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
