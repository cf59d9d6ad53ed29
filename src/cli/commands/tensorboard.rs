//! `guild tensorboard`: runs in TensorBoard, or their scalars as a table.

use clap::Args as ClapArgs;

use super::tensorboard_export::export;
use super::tensorboard_show::{prepare_only, show};
use crate::base::{files, number};
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg};
use crate::cli::failure::Failure;
use crate::cli::listing::{filtered, live_runs, pick_all};
use crate::runs::Run;
use crate::tensorboard::Server;

/// Show runs in TensorBoard.
///
/// RUN is a run's number in the list of runs, or its id or the start of it;
/// START:STOP is a range of numbers. Without RUN it is all runs. Filters choose
/// among which runs RUN counts. Batches are left out unless '--include-batch' is
/// given.
///
/// TensorBoard is started, a browser is opened, and the command goes on until
/// Ctrl-C is typed. Runs that are started, changed or deleted meanwhile show as
/// such: every few seconds ('--refresh-interval') the list of runs is made anew,
/// by the same options.
///
/// It is the TensorBoard of the Python that runs scripts: that of an activated
/// environment, else 'python3' on the path. Where there is none, install it with
/// 'pip install tensorboard'.
///
/// # What is shown
///
/// A run goes by its id, operation, start and label; with '--run-name-flags' by
/// values of flags in the place of the label. TensorBoard gets to see all its
/// event files, whatever wrote them. The page HPARAMS has flags and scalars, the
/// page IMAGES the pictures among the files of a run.
///
/// # Exporting scalars
///
/// '--export-scalars' starts no TensorBoard: it writes each value of each scalar
/// to a CSV file, with the run, the folder of its event file, the tag and the
/// step.
///
/// # Examples
///
/// Show all runs of an operation:
///
///     guild tensorboard --operation train
///
/// Show the latest five runs by their learning rate, at a port that stays the
/// same, and open no browser:
///
///     guild tensorboard :5 --run-name-flags lr --port 6006 --no-open
///
/// Write all scalars of the latest run to a file:
///
///     guild tensorboard 1 --export-scalars scalars.csv
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Listen on the interface HOST only, as in 'localhost'; on all by default.
    #[arg(short = 'h', long, value_name = "HOST")]
    pub(super) host: Option<String>,

    /// Listen on PORT; on one that is free by default.
    #[arg(short, long, value_name = "PORT", value_parser = number::port)]
    pub(super) port: Option<u16>,

    /// Show batches as well.
    #[arg(long)]
    pub(super) include_batch: bool,

    /// Look for new and changed runs every SECONDS, 5 by default.
    #[arg(long, value_name = "SECONDS", value_parser = number::positive, default_value = "5")]
    pub(super) refresh_interval: u64,

    /// Name runs by the values of FLAGS instead of their labels. FLAGS are names
    /// with commas or blanks between them.
    #[arg(long, value_name = "FLAGS")]
    pub(super) run_name_flags: Option<String>,

    /// Open no browser.
    #[arg(short, long)]
    pub(super) no_open: bool,

    /// Start TensorBoard with its option '--OPTION VALUE'. May be given several
    /// times.
    #[arg(short = 'O', id = "options", value_name = "OPTION=VALUE")]
    options: Vec<String>,

    /// Show no pictures from the files of runs.
    #[arg(long)]
    pub(super) skip_images: bool,

    /// Show no flags and metrics on the page HPARAMS.
    #[arg(long)]
    pub(super) skip_hparams: bool,

    /// Open the page TAB, such as 'scalars'.
    #[arg(long, value_name = "TAB")]
    pub(super) tab: Option<String>,

    /// Write all scalars to the CSV file PATH, '-' for standard output.
    #[arg(long, value_name = "PATH")]
    export_scalars: Option<String>,

    /// List the plugins that TensorBoard has.
    #[arg(long)]
    list_plugins: bool,

    #[command(flatten)]
    keep: KeepArgs,

    /// Show the runs whose ids are in the file PATH.
    #[arg(long, value_name = "PATH", hide = true)]
    runs_infile: Option<String>,

    /// Leave the log directory there.
    #[arg(long, hide = true)]
    pub(super) keep_logdir: bool,

    /// Fill a log directory and do nothing else.
    #[arg(long, hide = true)]
    test_logdir: bool,

    /// Show dark pages.
    #[arg(long, hide = true)]
    pub(super) dark_mode: bool,
}

/// Shows runs in TensorBoard, or exports their scalars.
///
/// # Errors
/// Options or runs that make no sense; there is no TensorBoard, or it fails; a
/// file cannot be written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    if let Some(path) = given(&args.export_scalars) {
        return export(path, &runs(args, context)?, context);
    }
    if args.list_plugins {
        let plugins = Server::start(&context.home)?.plugins()?;
        let lines: String = plugins.iter().map(|name| format!("{name}\n")).collect();
        context.console.data(lines.as_bytes());
        return Ok(());
    }
    let options = options(args)?;
    let runs = runs(args, context)?;
    match args.test_logdir {
        true => prepare_only(args, &runs, context),
        false => show(args, &runs, options, context),
    }
}

/// The text of an option; an empty one counts as not given.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// The runs that the options mean now.
///
/// # Errors
/// Options that make no sense; an argument that means no run.
pub(super) fn runs(args: &Args, context: &Context) -> Result<Vec<Run>, Failure> {
    let store = live_runs(context);
    if let Some(path) = given(&args.runs_infile) {
        let bytes = files::read_if_exists(&context.home.cwd().join(path))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        return Ok(text
            .split_whitespace()
            .filter_map(|id| store.get(id))
            .collect());
    }
    let found = filtered(&store, &args.keep, context)?;
    let mut runs = match args.runs.runs.as_slice() {
        [] => found.list()?.to_vec(),
        specs => pick_all(&found, specs, "", context)?,
    };
    runs.retain(|run| args.include_batch || !run.is_batch());
    Ok(runs)
}

/// The options for TensorBoard itself, the last of each name, by name.
fn options(args: &Args) -> Result<Vec<(String, String)>, Failure> {
    let mut options = std::collections::BTreeMap::new();
    for option in &args.options {
        let Some((name, value)) = option.split_once('=') else {
            return Err(Failure::error(format!(
                "invalid TensorBoard option '{option}' - must be OPTION=VALUE"
            )));
        };
        if matches!(name, "host" | "port" | "logdir") {
            return Err(Failure::error(format!(
                "invalid TensorBoard option '{option}': '{name}' is not one that can be set\nUse \
                 '--host' and '--port' to say where TensorBoard listens."
            )));
        }
        options.insert(name.to_string(), value.to_string());
    }
    Ok(options.into_iter().collect())
}
