//! Comparing runs in HiPlot, the user's own.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::base::command::{self, Output};
use crate::base::interrupt::Interrupt;
use crate::base::output_file::OutputFile;
use crate::base::{desktop, files};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::compare::{Table, write_csv};
use crate::python::interpreter;

/// The program that comes with HiPlot and makes a page of a file of runs.
const PROGRAM: &str = "hiplot-render";

/// The variable that names a file for the page.
const PAGE: &str = "HIPLOT_HTML";

/// How long it takes at the most to notice that the user is done.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes a page of `table`. It is shown until the user presses Ctrl-C, or kept in
/// the file that `HIPLOT_HTML` names.
///
/// # Errors
/// There is no HiPlot; `table` fails; the page cannot be made, written or shown.
pub fn main(
    table: impl FnOnce() -> Result<Table, Failure>,
    context: &Context,
) -> Result<(), Failure> {
    let program = find(context)?;
    context.console.info("Preparing data for compare");
    let mut table = table()?;
    let Some(first) = table.columns.first_mut() else {
        return Err(Failure::error("no runs to compare"));
    };
    // What HiPlot takes for the name of a line.
    first.heading = "uid".to_string();
    let folder = Folder::new(context)?;
    let data = folder.path.join("data.csv");
    write(&data, |file| write_csv(&table, file))?;
    let page = render(&program, &data, context)?;
    if let Some(path) = context.home.variable(PAGE).filter(|path| !path.is_empty()) {
        let full_path = context.home.cwd().join(&path);
        write(&full_path, |file| std::io::Write::write_all(file, &page))?;
        let path = Path::new(&path).display();
        context
            .console
            .info(&format!("Saved HiPlot HTML to {path}"));
        return Ok(());
    }
    let path = folder.path.join("compare.html");
    write(&path, |file| std::io::Write::write_all(file, &page))?;
    show(&path, context)
}

/// The program, beside the Python that scripts are run with or on the path.
fn find(context: &Context) -> Result<PathBuf, Failure> {
    let beside = interpreter::find(&context.home).ok();
    let beside = beside.map(|exe| exe.with_file_name(PROGRAM));
    let found = beside.filter(|program| interpreter::is_executable(program));
    found
        .or_else(|| interpreter::which(&context.home, PROGRAM))
        .ok_or_else(|| {
            Failure::error("HiPlot is not available\nInstall it by running 'pip install hiplot'")
        })
}

fn write(
    path: &Path,
    content: impl FnOnce(&mut OutputFile) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut file = OutputFile::create(path)?;
    content(&mut file).map_err(|error| file.failed(error))?;
    Ok(file.finish()?)
}

/// The page that HiPlot makes of the file `data`.
fn render(program: &Path, data: &Path, context: &Context) -> Result<Vec<u8>, Failure> {
    let environment = context.home.environment();
    let words = [program, data];
    let output = command::start(&words, context.home.cwd(), environment, Output::Captured)
        .and_then(|child| child.wait_with_output())
        .map_err(|error| {
            let program = program.display();
            Failure::error(format!("cannot run {program}: {}", files::reason(&error)))
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::error(format!(
        "{} failed ({})\n{}",
        program.display(),
        output.status,
        said.trim_end()
    )))
}

/// Shows the page and waits for Ctrl-C: it is there no longer than the command.
fn show(path: &Path, context: &Context) -> Result<(), Failure> {
    let interrupt = Interrupt::watch();
    context.console.info(&format!("Opening {}", path.display()));
    let words = [desktop::OPENER.as_ref(), path.as_os_str()];
    let environment = context.home.environment();
    let opened = command::start(&words, context.home.cwd(), environment, Output::Inherited)
        .and_then(|mut child| child.wait());
    let reason = match opened {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("{} failed ({status})", desktop::OPENER)),
        Err(error) => Some(format!("{}: {}", desktop::OPENER, files::reason(&error))),
    };
    if let Some(reason) = reason {
        return Err(Failure::error(format!(
            "cannot show the page: {reason}\nTo have it in a file, name one with the variable {PAGE}."
        )));
    }
    context
        .console
        .info("To return to the prompt, press Ctrl-C");
    while interrupt.signal().is_none() {
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// A folder that goes when it is not needed any more.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new(context: &Context) -> Result<Self, Failure> {
        let name = format!("guild-compare-{}", context.home.new_run_id());
        let path = context.home.temp_dir().join(name);
        files::create_dir(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind among temporary files does no harm.
        let _ = files::remove_dir_all(&self.path);
    }
}
