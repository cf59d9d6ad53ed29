//! What `guild tensorboard` does: a log directory, TensorBoard and a browser, until
//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::tensorboard::{Args, runs as runs_now};
use crate::base::{desktop, number, signals};
use crate::cli::Context;
use crate::cli::failure::{ERROR, Failure};
use crate::runs::Run;
use crate::tensorboard::{self, Address, Content, Listen, LogDir, Monitor, Names, Server};

/// How long preparing runs may take before it is told what makes it shorter.
const PREPARE_SECONDS: f64 = 5.0;

/// Where TensorBoard listens unless told otherwise: at all interfaces.
const ANY_HOST: &str = "0.0.0.0";

/// What keeps the folder in step, as the options have it.
fn monitor<'a>(args: &Args, log_dir: &LogDir, context: &'a Context) -> Monitor<'a> {
    let names = Names::new(args.run_name_flags.as_deref());
    let content = Content {
        images: !args.skip_images,
        parameters: !args.skip_hparams,
    };
    Monitor::new(&context.home, log_dir.path(), names, content)
}

/// Fills the folder for the first time.
fn prepare(monitor: &mut Monitor<'_>, runs: &[Run], is_over: &dyn Fn() -> bool, context: &Context) {
    let begun = Instant::now();
    context.console.line("Preparing runs for TensorBoard");
    monitor.refresh(runs, is_over, &mut |text| context.console.warn(&text));
    let seconds = begun.elapsed().as_secs_f64();
    let threshold = context.home.variable("PREPARE_THRESHOLD");
    let threshold = threshold.and_then(|text| text.parse().ok());
    if seconds > threshold.unwrap_or(PREPARE_SECONDS) {
        context.console.warn(&format!(
            "Guild took {seconds:.2} seconds to prepare runs. To reduce startup time, try running \
             with '--skip-images' or '--skip-hparams' options or reduce the number of runs with \
             filters. Try 'guild tensorboard --help' for filter options."
        ));
    }
}

/// Fills a log directory with `runs` and leaves it there.
///
/// # Errors
/// It cannot be made.
pub(super) fn prepare_only(args: &Args, runs: &[Run], context: &Context) -> Result<(), Failure> {
    let log_dir = LogDir::kept(&context.home)?;
    let mut monitor = monitor(args, &log_dir, context);
    prepare(&mut monitor, runs, &|| false, context);
    let line = format!("Initialized log dir {}", log_dir.path().display());
    context.console.line(&line);
    Ok(())
}

/// What happens while TensorBoard runs.
enum Event {
    /// A signal, by number, that asks this program to end.
    Signal(i32),
    Server(tensorboard::Result<Address>),
}

/// Starts TensorBoard and keeps its log directory in step with the runs, which are
/// `runs` at first, until a signal ends it.
///
/// # Errors
/// There is no TensorBoard, or it fails; a signal other than Ctrl-C came.
pub(super) fn show(
    args: &Args,
    runs: &[Run],
    options: Vec<(String, String)>,
    context: &Context,
) -> Result<(), Failure> {
    let (sender, events) = mpsc::channel();
    let is_over = watch_signals(&sender)?;
    // TensorBoard takes a while to import: runs are prepared meanwhile.
    let mut server = Server::start(&context.home)?;
    let log_dir = match args.keep_logdir {
        true => LogDir::kept(&context.home)?,
        false => LogDir::temporary(&context.home)?,
    };
    let mut monitor = monitor(args, &log_dir, context);
    let is_over = || is_over.load(Ordering::Relaxed);
    prepare(&mut monitor, runs, &is_over, context);
    let host = args.host.clone().filter(|host| !host.is_empty());
    let listen = Listen {
        host: host.unwrap_or_else(|| ANY_HOST.to_string()),
        port: args.port.unwrap_or(0),
        reload_interval: args.refresh_interval,
        dark: args.dark_mode,
        options,
    };
    server.serve(log_dir.path(), &listen, move |told| {
        // Nobody listens any more when the command is over.
        let _ = sender.send(Event::Server(told));
    })?;
    let ended = keep_in_step(args, &mut monitor, &events, &is_over, context);
    // It goes before what it reads.
    drop(server);
    if args.keep_logdir {
        let line = format!("TensorBoard logs saved in {}", log_dir.path().display());
        context.console.line(&line);
    }
    end(ended?, context)
}

/// Refreshes the log directory from time to time; returns the signal that ends
/// it.
fn keep_in_step(
    args: &Args,
    monitor: &mut Monitor<'_>,
    events: &Receiver<Event>,
    is_over: &dyn Fn() -> bool,
    context: &Context,
) -> Result<i32, Failure> {
    let interval = Duration::from_secs(args.refresh_interval.min(number::YEAR));
    let mut next = Instant::now() + interval;
    let mut told = String::new();
    loop {
        match events.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Event::Signal(signal)) => return Ok(signal),
            Ok(Event::Server(address)) => announce(&address?, args, context),
            Err(RecvTimeoutError::Disconnected) => return Err(tensorboard::Error::Gone.into()),
            Err(RecvTimeoutError::Timeout) => {
                match runs_now(args, context) {
                    Ok(runs) => {
                        let mut warn = |text: String| context.console.warn(&text);
                        monitor.refresh(&runs, is_over, &mut warn);
                    }
                    // What was shown stays: the runs may be there again soon.
                    Err(failure) if failure.message != told => {
                        told = failure.message;
                        context.console.error(told.trim_start_matches("guild: "));
                    }
                    Err(_) => {}
                }
                next = Instant::now() + interval;
            }
        }
    }
}

/// Sends signals that ask the program to end to `sender`, and tells of them by
/// what it returns as well.
fn watch_signals(sender: &Sender<Event>) -> Result<Arc<AtomicBool>, Failure> {
    let is_over = Arc::new(AtomicBool::new(false));
    let (told, sender) = (Arc::clone(&is_over), sender.clone());
    signals::watch(move |origin| {
        told.store(true, Ordering::Relaxed);
        sender.send(Event::Signal(origin.signal)).is_ok()
    })
    .map_err(Failure::error)?;
    Ok(is_over)
}

/// Tells where TensorBoard is, and opens a browser there.
fn announce(address: &Address, args: &Args, context: &Context) {
    let Address { version, url } = address;
    context.console.note(&format!(
        "Running TensorBoard {version} at {url} (Type Ctrl+C to quit)"
    ));
    if args.no_open {
        return;
    }
    let url = match &args.tab {
        Some(tab) => format!("{url}#{tab}"),
        None => url.clone(),
    };
    let home = &context.home;
    match desktop::show(&url, home.cwd(), home.environment()) {
        Ok(mut opener) => {
            // Some openers go on as long as the browser does.
            std::thread::spawn(move || opener.wait());
        }
        Err(_) => context.console.note("No browser can be opened here."),
    }
}

/// Ends as `signal` has it: Ctrl-C is how this command ends well.
fn end(signal: i32, context: &Context) -> Result<(), Failure> {
    if signal == signal_hook::consts::SIGINT {
        context.console.line("");
        return Ok(());
    }
    let code = u8::try_from(128 + signal).unwrap_or(ERROR);
    Err(Failure::silent(code))
}
