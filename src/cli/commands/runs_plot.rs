//! `guild runs plot`: charts of scalars.

use std::path::Path;

use clap::Args as ClapArgs;

use super::{runs_plot_lines, runs_plot_watch};
use crate::base::number;
use crate::base::output_file::OutputFile;
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunsArg, refuse_both};
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::plot::{self, Chart, Format, Frame};
use crate::runs::Run;

/// The widest chart in characters, beyond which a line is only longer.
const WIDEST: usize = 120;

/// The height in lines of a chart, without its title and legend.
const ROWS: u16 = 14;

/// The size in pixels of a chart in a picture.
const PIXELS: (u32, u32) = (960, 480);

/// Draw charts of scalars.
///
/// Each scalar has a chart, in which each run has a line. RUN is a run's number
/// in the list of runs, a range of numbers such as '2:4', or an id or the start of
/// one; without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// All scalars are drawn but those of the system; '--scalar' names others, and may
/// have a '*' for any text. Values that are no finite numbers are left out. Of very
/// many values the lowest and the highest of neighbours are drawn.
///
/// '--watch' draws again and again what runs have logged, until they end or Ctrl-C
/// is pressed; the runs go on. '--output' writes a picture instead, as SVG or PNG
/// by the ending of its name.
///
/// # Examples
///
/// Draw what the latest run has logged:
///
///     guild runs plot
///
/// Follow the loss of the runs that are running:
///
///     guild runs plot : -Sr -s loss --watch
///
/// Write a picture of the loss of three runs over time, for a document:
///
///     guild runs plot 1:3 -s loss -x time -o loss.svg
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// Draw the scalars with the name NAME; may be used more than once.
    #[arg(short, long, value_name = "NAME")]
    pub(super) scalar: Vec<String>,

    /// What goes from left to right: 'step' or 'time', since a run's first value.
    #[arg(short, long, value_name = "AXIS", value_parser = axis, default_value = "step")]
    pub(super) x: String,

    /// Use a logarithmic scale, which only has values above zero.
    #[arg(short, long)]
    pub(super) log: bool,

    /// Smooth lines by a moving average in which each value counts WEIGHT times as
    /// much as the one after it: at least 0, and less than 1.
    #[arg(long, value_name = "WEIGHT", value_parser = weight)]
    pub(super) smooth: Option<f64>,

    /// Draw again and again until the runs end.
    #[arg(short, long)]
    watch: bool,

    /// With '--watch', draw every SECONDS; 2 if not given.
    #[arg(long, value_name = "SECONDS", value_parser = number::positive)]
    interval: Option<u64>,

    /// Write a picture to the file PATH, which ends with '.svg' or '.png'.
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,

    /// The width of a chart: in characters, or with '--output' in pixels.
    #[arg(long, value_name = "N", value_parser = number::positive)]
    width: Option<u64>,

    /// The height of a chart: in lines, or with '--output' in pixels.
    #[arg(long, value_name = "N", value_parser = number::positive)]
    height: Option<u64>,

    #[command(flatten)]
    keep: KeepArgs,
}

fn axis(name: &str) -> Result<String, String> {
    match name {
        "step" | "time" => Ok(name.to_string()),
        _ => Err(format!("'{name}' is not 'step' or 'time'.")),
    }
}

fn weight(text: &str) -> Result<f64, String> {
    match text.trim().parse() {
        Ok(weight) if (0.0..1.0).contains(&weight) => Ok(weight),
        _ => Err(format!("'{text}' is not a number from 0 to less than 1.")),
    }
}

/// Draws charts.
///
/// # Errors
/// Options that contradict each other; runs that there are not; a picture that cannot
/// be drawn or written; nothing to draw.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let watch = ("--watch", args.watch);
    refuse_both(
        &[(watch, ("--output", args.output.is_some()))],
        &context.path,
    )?;
    if args.interval.is_some() && !args.watch {
        let message = "--interval needs --watch";
        return Err(Failure::with_help(message, &context.path));
    }
    if args.watch && !context.console.is_terminal(Stream::Stdout) {
        return Err(Failure::error(
            "--watch needs a terminal\nRun the command without '--watch' to print charts once.",
        ));
    }
    let format = args.output.as_deref().map(format).transpose()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, "1", context)?;
    if args.watch {
        return runs_plot_watch::main(args, &runs, args.interval.unwrap_or(2), context);
    }
    let charts = runs_plot_lines::charts(args, &runs, context);
    if charts.is_empty() {
        return Err(nothing(args, &runs));
    }
    match (args.output.as_deref(), format) {
        (Some(path), Some(format)) => write(&charts, path, format, args, context),
        _ => {
            print(&charts, args, context);
            Ok(())
        }
    }
}

/// That there is nothing to draw, and what to do.
fn nothing(args: &Args, runs: &[Run]) -> Failure {
    let (what, next) = match (&args.scalar[..], runs) {
        (_, []) => return Failure::error("no matching runs"),
        ([], [run]) => (
            format!("run {} has no scalars", run.short_id()),
            "Use '--watch' to wait for them.".to_string(),
        ),
        ([], _) => (
            "these runs have no scalars".to_string(),
            "Use '--watch' to wait for them.".to_string(),
        ),
        (names, _) => (
            format!("no scalar is called {}", quoted(names)),
            "Use 'guild runs info RUN --all-scalars' to see what there is.".to_string(),
        ),
    };
    Failure::error(format!("{what}\n{next}"))
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    names.join(" or ")
}

/// What the picture at `path` is to be.
fn format(path: &str) -> Result<Format, Failure> {
    let ending = Path::new(path).extension().unwrap_or_default();
    match ending.to_string_lossy().to_lowercase().as_str() {
        "svg" => Ok(Format::Svg),
        "png" => Ok(Format::Png),
        _ => Err(Failure::error(format!(
            "cannot tell what to write to {path}\nUse a name that ends with '.svg' or '.png'."
        ))),
    }
}

fn write(
    charts: &[Chart],
    path: &str,
    format: Format,
    args: &Args,
    context: &Context,
) -> Result<(), Failure> {
    let pixels = |wanted: Option<u64>, usual: u32| {
        wanted.map_or(usual, |wanted| u32::try_from(wanted).unwrap_or(u32::MAX))
    };
    let size = (pixels(args.width, PIXELS.0), pixels(args.height, PIXELS.1));
    let bytes =
        plot::image(charts, size, format).map_err(|error| Failure::error(error.to_string()))?;
    let mut file = OutputFile::create(&context.home.cwd().join(path))?;
    std::io::Write::write_all(&mut file, &bytes).map_err(|error| file.failed(error))?;
    file.finish()?;
    let note = match charts.len() {
        1 => format!("Wrote 1 chart to {path}"),
        count => format!("Wrote {count} charts to {path}"),
    };
    context.console.note(&note);
    Ok(())
}

fn print(charts: &[Chart], args: &Args, context: &Context) {
    let frame = frame(args, context);
    for (index, chart) in charts.iter().enumerate() {
        let mut text = if index == 0 { "" } else { "\n" }.to_string();
        for line in plot::text(chart, frame) {
            text.push_str(&line);
            text.push('\n');
        }
        context.console.data(text.as_bytes());
    }
}

/// The room for a chart that is printed.
pub(super) fn frame(args: &Args, context: &Context) -> Frame {
    let size = |wanted: u64| u16::try_from(wanted).unwrap_or(u16::MAX).min(1000);
    let columns = context.console.columns().min(WIDEST);
    Frame {
        columns: size(args.width.unwrap_or(columns as u64)),
        rows: args.height.map_or(ROWS, size),
        colour: context.console.has_colour(Stream::Stdout),
    }
}
