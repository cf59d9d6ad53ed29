//! Counts the words of a text, most frequent first: `tally [--top N] [FILE...]`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match tally(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // With no standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "tally: {message}");
            ExitCode::FAILURE
        }
    }
}

fn tally(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut top, mut text, mut has_files) = (usize::MAX, String::new(), false);
    while let Some(argument) = arguments.next() {
        if argument == "--top" {
            let number = arguments.next().unwrap_or_default();
            let not_a_number = |_| format!("--top takes a number, not `{number}`");
            top = number.parse().map_err(not_a_number)?;
            continue;
        }
        has_files = true;
        let file = fs::read_to_string(&argument).map_err(|error| format!("{argument}: {error}"))?;
        text.push_str(&file);
        text.push('\n');
    }
    if !has_files {
        let input = io::stdin().read_to_string(&mut text);
        input.map_err(|error| error.to_string())?;
    }
    print(&text, top).map_err(|error| error.to_string())
}

fn print(text: &str, top: usize) -> io::Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let words = text.split(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut out = io::stdout().lock();
    for (word, count) in counts.iter().take(top) {
        writeln!(out, "{count} {word}")?;
    }
    Ok(())
}
