//! Commands that both programs are given on copies of one home, and what of
//! their output may differ.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use regex::Regex;

use crate::place::Place;
use crate::place::Program::{Ours, Theirs};

/// A difference that is meant to be: the text that `pattern` finds in what the
/// commands print, of either program, is left out of the comparison.
struct Difference {
    /// Finds the commands.
    commands: &'static str,
    /// Finds the text; with a group `(...)` only what that matches.
    pattern: &'static str,
    /// Why it differs: the section of what changed since Guild AI 0.9.0, or what
    /// docs/differences.md is about.
    #[expect(dead_code, reason = "for people")]
    why: &'static str,
}

/// What may differ.
const DIFFERENCES: &[Difference] = &[
    Difference {
        commands: "",
        pattern: "[\u{1}\u{2401}]",
        why: "on purpose: control characters show as signs on a terminal",
    },
    Difference {
        commands: "^runs info",
        pattern: r"(?m)^(?:steps|custom|opdef_attrs): .*\n(?: .*\n)*",
        why: "5.1: attributes of the operation are no lines of their own",
    },
    Difference {
        commands: "^runs info.* --json",
        pattern: r#""(?:steps|custom)": "(?:[^"\\]|\\.)*", "#,
        why: "5.1: attributes of the operation are no lines of their own",
    },
    Difference {
        commands: "^runs info.* (-s|--all-scalars)",
        pattern: r"max: [\d.]+( \(step \d+\))",
        why: "on purpose: the largest value has its own step",
    },
    Difference {
        commands: "^runs info.* --json",
        pattern: r#""max": \[[\d.]+(, \d+)\]"#,
        why: "on purpose: the largest value has its own step",
    },
    Difference {
        commands: "^runs info.* (-c|--comments)",
        pattern: r"(?m)body: \|\n((?: {6}.*\n)+)",
        why: "on purpose: comments as they were written",
    },
    Difference {
        commands: "^stop [0-9]",
        pattern: r"(?m)^Run [0-9a-f]{32} is not running\n",
        why: "7.4: a run that is not running is named",
    },
    Difference {
        commands: "^comment -d (0|9) ",
        pattern: r"(?s).*",
        why: "on purpose: a comment that is not there cannot be deleted",
    },
    Difference {
        commands: "^mark( -Fm -y)?$",
        pattern: r"(?s).*",
        why: "on purpose: without a run, the latest that is not marked is meant",
    },
    Difference {
        commands: "^open (-c|--shell-cmd) false",
        pattern: r"<exit Some\(1\)>",
        why: "on purpose: the exit code of the program counts",
    },
    Difference {
        commands: "^open --shell-cmd",
        pattern: r"\r",
        why: "on purpose: the shell has the user's terminal",
    },
    Difference {
        commands: "^open --shell-cmd 'echo",
        pattern: r"(?s).*",
        why: "on purpose: --shell-cmd takes arguments",
    },
    Difference {
        commands: "^api runs",
        pattern: r#"("otherAttrs": \{.*?\}), "flags""#,
        why: "18.2: otherAttrs has more attributes",
    },
    Difference {
        commands: "^api runs",
        pattern: r#"(?ms)^    "otherAttrs": \{(?:\}|.*?^    \}),\n"#,
        why: "18.2: otherAttrs has more attributes",
    },
    Difference {
        commands: "^api runs",
        pattern: " or 'guild api runs --help' for more information",
        why: "on purpose: it has help like other commands",
    },
    Difference {
        commands: "^(api )?compare",
        pattern: r#"(\d+:\d\d:\d\d)["\s,]+running"#,
        why: "the time of a run that goes on does, too",
    },
    Difference {
        commands: " (-rm|--remove)",
        pattern: r"about to remove (.*) from",
        why: "on purpose: patterns are no Python tuple",
    },
    Difference {
        commands: r" (-rm|--remove) \( ",
        pattern: r"part '\(': (.*)",
        why: "on purpose: patterns are Rust's",
    },
];

/// Gives both programs each of `lines` and compares what they print. A line is a
/// command, in which HOME stands for the guild home; `<<< TEXT` after it is typed,
/// in the form of a JSON string without quotes.
///
/// With `changes` each command gets a fresh copy of the home, and what it leaves
/// there is compared too. With `columns` it prints on a terminal.
pub fn compare(place: &Place, lines: &str, changes: bool, columns: &[u16]) -> Result<(), Failed> {
    let mut report = String::new();
    let shared = [place.with_copied_home()?, place.with_copied_home()?];
    let lines = lines.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (command, typed) = line.split_once("<<<").unwrap_or((line, ""));
        let typed: String = serde_json::from_str(&format!("\"{}\"", typed.trim()))?;
        let words = words(command.trim());
        let fresh;
        let places = if changes {
            fresh = [place.with_copied_home()?, place.with_copied_home()?];
            &fresh
        } else {
            &shared
        };
        let widths = columns.iter().map(|columns| Some(*columns));
        let widths: Vec<Option<u16>> = if columns.is_empty() {
            vec![None]
        } else {
            widths.collect()
        };
        for width in widths {
            let print = |place: &Place, program| {
                let home = place.home().to_string_lossy();
                let words = words.iter().map(|word| word.replace("HOME", &home));
                let words: Vec<String> = words.collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let printed = match width {
                    None => place.run(program, &words, &typed)?,
                    Some(columns) => place.run_on_terminal(program, &words, columns)?,
                };
                let mut printed = printed.replace(&*home, "HOME");
                if changes {
                    printed.push_str(&tree(place.home())?);
                }
                Ok::<_, Failed>(printed)
            };
            let theirs = mask(&print(&places[0], Theirs)?, command.trim())?;
            let ours = mask(&print(&places[1], Ours)?, command.trim())?;
            // A defect of Guild AI, of which nothing is to be learned.
            let broken = theirs.contains("Traceback (most recent call last)");
            if ours != theirs && !broken {
                report.push_str(&format!("\n== {line} (columns: {width:?})\n"));
                report.push_str(&difference(&theirs, &ours));
            }
        }
    }
    if report.is_empty() {
        Ok(())
    } else {
        Err(format!("< Guild AI, > guild:\n{report}").into())
    }
}

/// `printed` by `command` without what may differ.
fn mask(printed: &str, command: &str) -> Result<String, Failed> {
    let mut masked = printed.to_string();
    for difference in DIFFERENCES {
        if Regex::new(difference.commands)?.is_match(command) {
            let pattern = Regex::new(difference.pattern)?;
            let part = |captures: &regex::Captures<'_>| match captures.get(1) {
                None => String::new(),
                Some(part) => captures[0].replacen(part.as_str(), "", 1),
            };
            masked = pattern.replace_all(&masked, part).into_owned();
        }
    }
    Ok(masked)
}

/// Everything in the home but caches and locks: names, where links lead, and
/// what attributes say but for times.
fn tree(home: &Path) -> Result<String, Failed> {
    let times = Regex::new(r"\b1[0-9]{15}\b")?;
    let mut tree = String::new();
    for entry in walkdir::WalkDir::new(home).sort_by_file_name() {
        let entry = entry?;
        let name = entry.path().strip_prefix(home)?.to_string_lossy();
        if ["cache", "locks"]
            .iter()
            .any(|other| name.starts_with(other))
        {
            continue;
        }
        tree.push_str(&format!("\n{name}"));
        if entry.path_is_symlink() {
            tree.push_str(&format!(" -> {}", fs::read_link(entry.path())?.display()));
        } else if name.contains(".guild/attrs/") {
            let value = fs::read_to_string(entry.path())?;
            tree.push_str(&format!(": {}", times.replace_all(&value, "TIME")));
        }
    }
    Ok(tree)
}

/// The lines from the first that differs to the last, some of them.
fn difference(theirs: &str, ours: &str) -> String {
    let (theirs, ours): (Vec<&str>, Vec<&str>) = (theirs.lines().collect(), ours.lines().collect());
    let alike = |(a, b): &(&&str, &&str)| a == b;
    let start = theirs.iter().zip(&ours).take_while(alike).count();
    let (theirs, ours) = (&theirs[start..], &ours[start..]);
    let backwards = theirs.iter().rev().zip(ours.iter().rev());
    let end = backwards.take_while(alike).count();
    let mut shown = String::new();
    for (sign, lines) in [('<', theirs), ('>', ours)] {
        for line in lines[..lines.len() - end].iter().take(20) {
            shown.push_str(&format!("{sign} {line}\n"));
        }
    }
    shown
}

/// The words of a command line; single quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
