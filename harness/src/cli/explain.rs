//! `harness explain`: how one example was read and compared.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::single::Single;
use super::{Colour, Stop, USAGE};
use crate::diff::Line;
use crate::discovery::Finder;
use crate::duration::show;
use crate::interrupt::Interrupt;
use crate::matcher::explain as explain_match;
use crate::options::OptionSet;
use crate::report::{Style, difference_line};
use crate::runner::Runner;
use crate::spec::{Example, Spec};
use crate::suite::SuiteFile;
use crate::verdict::{ExampleReport, Outcome, Verdict};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The example: a spec file and a line of the example, as `run.md:12`.
    #[arg(value_name = "FILE:LINE")]
    place: String,
    #[command(flatten)]
    single: Single,
    /// Show only how it is read; run nothing.
    #[arg(long)]
    no_run: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

const EXAMPLES: &str = "Example:
  harness explain specs/run.md:12

The examples before it are run too, since it may need what they did.

Exit codes: 0 it is as expected, 1 it is not, 2 usage error or broken spec, 4 it was not run.";

pub(super) fn explain(args: &ExplainArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let usage = |message: String| Stop {
        message,
        code: USAGE,
    };
    let place = args.place.rsplit_once(':');
    let place = place.and_then(|(file, line)| Some((PathBuf::from(file), line.parse().ok()?)));
    let Some((path, line)) = place else {
        return Err(usage(format!(
            "`{}` names no line: write it as in `run.md:12`",
            args.place
        )));
    };
    let mut finder = Finder::new(args.single.choices(), std::env::current_dir()?);
    let found = finder.read(&path)?;
    let mut spec = found.spec.map_err(|error| usage(error.to_string()))?;
    let Some(index) = spec.examples.iter().position(|e| is_on(e, line)) else {
        return Err(usage(format!(
            "{}:{line}: no example is on this line{}",
            path.display(),
            nearest(&spec, line)
        )));
    };
    let mut out = io::stdout().lock();
    reading(&mut out, &spec, index)?;
    options(&mut out, &spec, index, &found.suite)?;
    if args.no_run {
        return Ok(0);
    }
    let setting = finder.setting(&found.suite)?;
    spec.examples.truncate(index + 1);
    let runner = Runner::new(interrupt)?;
    let report = runner.run(&spec, &setting);
    match (&report.outcome, report.examples.get(index)) {
        (Outcome::Skipped(skip), None) => {
            writeln!(out, "\nskipped: {}", skip.reason)?;
            Ok(4)
        }
        (Outcome::Broken(faults), _) => Err(usage(faults.join("\n"))),
        (_, Some(entry)) => {
            comparison(&mut out, entry, Style::new(args.color.on(&io::stdout())))?;
            Ok(match entry.verdict {
                Verdict::Passed => 0,
                Verdict::Failed => 1,
                Verdict::Skipped(_) | Verdict::NotRun(_) => 4,
            })
        }
        (outcome, None) => {
            writeln!(out, "\n{}", outcome.word())?;
            Ok(4)
        }
    }
}

/// Whether an example takes this line of the spec; those of included files do not.
fn is_on(example: &Example, line: usize) -> bool {
    let end = example.expected_line + example.expected.lines().count();
    example.file.is_none() && (example.line..end.max(example.line + 1)).contains(&line)
}

fn nearest(spec: &Spec, line: usize) -> String {
    let distance = |example: &&Example| example.line.abs_diff(line);
    let own = spec.examples.iter().filter(|e| e.file.is_none());
    match own.min_by_key(distance) {
        Some(example) => format!("; the nearest starts at {}", example.line),
        None => "; there is none".into(),
    }
}

/// How the document was read.
fn reading(out: &mut dyn Write, spec: &Spec, index: usize) -> io::Result<()> {
    let example = &spec.examples[index];
    writeln!(
        out,
        "{}:{}: example {} of {}",
        spec.path.display(),
        example.line,
        index + 1,
        spec.examples.len()
    )?;
    let headings = enclosing(spec, example.line);
    if !headings.is_empty() {
        writeln!(out, "under: {}", headings.join(" > "))?;
    }
    writeln!(out, "source:")?;
    for line in example.with_prompts().lines() {
        writeln!(out, "    {line}")?;
    }
    let count = example.expected.lines().count();
    match count {
        0 => writeln!(out, "expects nothing")?,
        1 => writeln!(out, "expects (line {}):", example.expected_line)?,
        _ => writeln!(
            out,
            "expects (lines {} to {}):",
            example.expected_line,
            example.expected_line + count - 1
        )?,
    }
    for line in example.expected.lines() {
        writeln!(out, "{}", format!("    {line}").trim_end())?;
    }
    Ok(())
}

/// The headings that a line stands under, from the highest.
fn enclosing(spec: &Spec, line: usize) -> Vec<&str> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for heading in spec.headings.iter().take_while(|h| h.line < line) {
        found.retain(|(level, _)| *level < heading.level);
        found.push((heading.level, &heading.title));
    }
    found.into_iter().map(|(_, title)| title).collect()
}

/// The options that hold, and who set them.
fn options(out: &mut dyn Write, spec: &Spec, index: usize, suite: &SuiteFile) -> io::Result<()> {
    let layers: [(&str, &OptionSet); 3] = [
        ("the example", &spec.examples[index].options),
        ("the file", &spec.options),
        ("the suite", &suite.options),
    ];
    let all = layers[2].1.overlaid(layers[1].1).overlaid(layers[0].1);
    writeln!(out, "options:")?;
    for (name, _) in all.iter() {
        let holds = |(_, set): &&(&str, &OptionSet)| set.get(name).is_some();
        let by = layers.iter().find(holds).map_or("", |(layer, _)| layer);
        writeln!(out, "    {} by {by}", all.written(name).unwrap_or_default())?;
    }
    let defaults = [
        "ELLIPSIS",
        "NORMALIZE_WHITESPACE",
        "STRIP_ANSI_FMT",
        "STRIP_EXIT_0",
    ];
    let unset = defaults.iter().filter(|name| all.get(name).is_none());
    for name in unset {
        let off = all.is_on("STRICT") && *name != "NORMALIZE_WHITESPACE";
        let (sign, by) = if off {
            ("-", "STRICT")
        } else {
            ("+", "default")
        };
        writeln!(out, "    {sign}{name} by {by}")?;
    }
    Ok(())
}

/// How the example ended, and what its wildcards took.
fn comparison(out: &mut dyn Write, entry: &ExampleReport, style: Style) -> io::Result<()> {
    let verdict = match &entry.verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Failed => format!("failed: {}", entry.headline()),
        Verdict::Skipped(skip) => format!("skipped: {}", skip.reason),
        Verdict::NotRun(why) => format!("not run: {}", why.words()),
    };
    writeln!(out, "verdict: {verdict}")?;
    if !entry.ran() {
        return Ok(());
    }
    writeln!(
        out,
        "took: {}, commands {}",
        show(entry.duration),
        show(entry.command_time)
    )?;
    for note in &entry.notes {
        writeln!(out, "note: {note}")?;
    }
    let Some(actual) = &entry.actual else {
        return Ok(());
    };
    let found = explain_match(&entry.example.expected, actual, &entry.rules);
    for taken in &found.taken {
        let (line, column) = taken.expected.for_people();
        let line = entry.example.expected_line + line - 1;
        writeln!(
            out,
            "line {line}, column {column}: {} took {:?}",
            taken.written, taken.text
        )?;
    }
    for captured in &found.bindings {
        writeln!(out, "binds {} to {:?}", captured.name, captured.value)?;
    }
    if let Some(stop) = &found.stop {
        let (line, column) = stop.actual.for_people();
        let what = match stop.piece.as_str() {
            "" => "more came than was expected".to_owned(),
            piece => format!("{piece:?} was looked for and not found"),
        };
        writeln!(
            out,
            "stopped at line {line}, column {column} of the output: {what}"
        )?;
    }
    for note in &found.notes {
        writeln!(out, "note: {note}")?;
    }
    if let Some(difference) = entry.difference() {
        writeln!(out, "output, `-` expected, `+` came, `~` by wildcard:")?;
        for line in &difference.lines {
            difference_line(out, line, style)?;
        }
        if difference.lines.is_empty() {
            difference_line(out, &Line::Same("(nothing)".into()), style)?;
        }
    }
    Ok(())
}
