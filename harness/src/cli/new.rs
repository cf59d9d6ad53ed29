//! `harness new`: a spec from a shell session.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::single::Single;
use super::{Stop, USAGE};
use crate::discovery::Finder;
use crate::files::replace;
use crate::interrupt::Interrupt;
use crate::rewrite::{Rewritten, rewrite};
use crate::runner::{Runner, Setting};
use crate::spec::{self, Spec};
use crate::transcript::{self, Form, Item};
use crate::verdict::{Outcome, SpecReport};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct NewArgs {
    /// The spec to make.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its heading [default: from the name of the file].
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Write Python examples that call run(), and no shell prompts.
    #[arg(long)]
    python: bool,
    #[command(flatten)]
    single: Single,
    /// Take the place of a file that is there.
    #[arg(long)]
    overwrite: bool,
}

const EXAMPLES: &str = "Examples:
  harness new specs/copy.md                 type commands, end with Ctrl-D
  printf 'tool --version\\n' | harness new specs/version.md
  harness new specs/copy.md < session.txt   lines at `$ ` of a transcript

The commands are run twice, each time in a sandbox of their own and all at the end; what they \
print is expected from now on, and what differs between the two is a wildcard. Read the spec \
before you keep it.";

pub(super) fn new(args: &NewArgs) -> Result<u8, Stop> {
    // Before any thread starts.
    let interrupt = Interrupt::on_signals()?;
    let usage = |message: String| Stop {
        message,
        code: USAGE,
    };
    let file = &args.file;
    if file.exists() && !args.overwrite {
        return Err(usage(format!(
            "{}: is there already; with --overwrite it is replaced",
            file.display()
        )));
    }
    let items = transcript::read(&listen()?);
    if !items.iter().any(|item| matches!(item, Item::Command(_))) {
        return Err(usage("no command was given; nothing is written".into()));
    }
    let form = if args.python {
        Form::Python
    } else {
        Form::Shell
    };
    let title = args.title.clone().unwrap_or_else(|| title_of(file));
    let text = transcript::document(&title, &items, form);
    let mut finder = Finder::new(args.single.choices(), std::env::current_dir()?);
    let suite = finder.suite(file)?;
    let setting = finder.setting(&suite)?;
    let runner = Runner::new(interrupt)?;
    let recorded = record(&runner, &setting, file, &text)?;
    if runner.is_interrupted() {
        return Ok(5);
    }
    replace(file, recorded.text.as_bytes()).map_err(|error| Stop {
        message: format!("{}: {error}", file.display()),
        code: 3,
    })?;
    let mut out = io::stdout().lock();
    write!(out, "{}", recorded.text)?;
    for left in &recorded.refused {
        let place = format!("{}:{}", file.display(), left.line);
        writeln!(io::stderr(), "{place}: expects nothing yet: {}", left.why)?;
    }
    Ok(u8::from(!recorded.refused.is_empty()))
}

/// What was typed or piped in.
fn listen() -> io::Result<String> {
    let mut input = io::stdin().lock();
    let mut text = String::new();
    if !input.is_terminal() {
        input.read_to_string(&mut text)?;
        return Ok(text);
    }
    let mut err = io::stderr();
    writeln!(
        err,
        "Commands, one a line; `# words` is text between them. Ctrl-D ends, and runs them."
    )?;
    loop {
        let prompt = if text.ends_with("\\\n") { "> " } else { "$ " };
        write!(err, "{prompt}")?;
        err.flush()?;
        if input.read_line(&mut text)? == 0 {
            writeln!(err)?;
            return Ok(text);
        }
    }
}

fn title_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let words = stem.replace(['-', '_'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Spec".to_owned(),
    }
}

/// The document with what its commands print as what is expected of them.
fn record(runner: &Runner, setting: &Setting, file: &Path, text: &str) -> Result<Rewritten, Stop> {
    let vocabulary = setting.suite.vocabulary();
    let parse = |text: &str| {
        spec::parse(file, text.as_bytes(), &vocabulary).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Stop {
                message: format!("the session makes no spec:\n{}", faults.join("\n")),
                code: USAGE,
            }
        })
    };
    let run = |spec: &Spec| {
        let report = runner.run(spec, setting);
        match &report.outcome {
            Outcome::Broken(faults) => Err(Stop {
                message: faults.join("\n"),
                code: USAGE,
            }),
            Outcome::Fault(fault) => Err(Stop {
                message: fault.clone(),
                code: 3,
            }),
            _ => Ok(report),
        }
    };
    let empty = parse(text)?;
    let first = run(&empty)?;
    let recorded = rewrite(text.as_bytes(), &empty, &first.examples, true, &vocabulary);
    let spec = parse(&recorded.text)?;
    let second = run(&spec)?;
    let merged = with_wildcards(&first, &second);
    let steady = rewrite(
        recorded.text.as_bytes(),
        &spec,
        &merged.examples,
        true,
        &vocabulary,
    );
    Ok(Rewritten {
        refused: recorded.refused,
        ..steady
    })
}

/// The second report, with output that holds wildcards where it differs from the
/// first, as if that had been printed.
fn with_wildcards(first: &SpecReport, second: &SpecReport) -> SpecReport {
    let mut report = second.clone();
    for (before, entry) in first.examples.iter().zip(&mut report.examples) {
        if let (Some(before), Some(now)) = (&before.actual, &mut entry.actual)
            && now.exception.is_none()
        {
            let merged = transcript::merged(&before.output, &now.output);
            now.output = merged.unwrap_or_else(|| "...\n".into());
        }
    }
    report
}
