//! `guild run --test-output-scalars` and `--test-output-attrs`: what an
//! operation's patterns find in a file, without a run.

use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::PathBuf;

use crate::base::files;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::console::{Stream, Tone};
use crate::cli::failure::Failure;
use crate::op::RunRequest;
use crate::op::config::OpConfig;
use crate::scalars::{self, Kind, Patterns};

/// Shows what the patterns of `config` find, if `request` asks for that; whether
/// it does.
///
/// # Errors
/// The file cannot be read.
pub fn show(config: &OpConfig, request: &RunRequest, context: &Context) -> Result<bool, Failure> {
    if let Some(file) = &request.test_output_scalars {
        test(Kind::Scalars, &config.output_scalars, file, context)?;
        return Ok(true);
    }
    if let Some(file) = &request.test_output_attrs {
        test(Kind::Attrs, &config.output_attrs, file, context)?;
        return Ok(true);
    }
    Ok(false)
}

fn test(kind: Kind, setting: &Value, file: &str, context: &Context) -> Result<(), Failure> {
    if !setting.is_null() && !setting.is_truthy() {
        let what = match kind {
            Kind::Scalars => "scalars",
            Kind::Attrs => "attrs",
        };
        context
            .console
            .note(&format!("Output {what} disabled, nothing to test"));
        return Ok(());
    }
    let mut warn = |text: String| context.console.warn(&text);
    let patterns = Patterns::of_setting(kind, setting, &mut warn);
    let by_hand = file == "-" && io::stdin().is_terminal();
    if by_hand {
        context
            .console
            .note("Type patterns and press Enter to test. Use Ctrl-c or empty line to exit.");
    }
    let mut input = open(file, context)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = input.read_until(b'\n', &mut line);
        let count = count.map_err(|error| cannot_open(file, &error.to_string()))?;
        let text = scalars::line_text(line.strip_suffix(b"\n").unwrap_or(&line));
        if count == 0 || by_hand && text.is_empty() {
            return Ok(());
        }
        show_line(&patterns, &text, context);
    }
}

fn open(file: &str, context: &Context) -> Result<Box<dyn BufRead>, Failure> {
    if file == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let path: PathBuf = context.home.process_cwd().join(file);
    if !path.exists() {
        return Err(Failure::error(format!("{file} does not exist")));
    }
    let opened = files::open(&path).map_err(|error| cannot_open(file, &error.to_string()))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn cannot_open(file: &str, reason: &str) -> Failure {
    Failure::error(format!("error opening {file}: {reason}"))
}

fn show_line(patterns: &Patterns, text: &str, context: &Context) {
    let console = &context.console;
    console.line(text);
    for trial in patterns.trial(text) {
        let (found, tone) = match &trial.groups {
            Some(groups) => (format!("{groups} ({})", trial.values), Tone::Warning),
            None if trial.cut_off => ("<takes too long>".to_string(), Tone::Warning),
            None => ("<no matches>".to_string(), Tone::Dim),
        };
        let shown = format!("  {}: {found}", trial.pattern);
        console.line(&console.paint(&shown, tone, Stream::Stdout));
    }
}
