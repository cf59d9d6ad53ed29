//! Every attribute of runs of the same operations by both programs: the files
//! are the same but for times, ids and what is meant to differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use regex::Regex;

use crate::place::Place;
use crate::place::Program::{self, Ours, Theirs};

/// The operations.
const GUILD_FILE: &str = include_str!("operations.yml");

const SCRIPT: &str = "\
import os, sys
rate = 0.1
name = 'two words'
on = True
nothing = None
many = [1, 2]
print('loss: 0.5')
print('epoch 3 accuracy=0.75')
";

/// What is run: words after `run`, and words for a restart of that run.
const RUNS: &[(&[&str], &[&str])] = &[
    (&["op.py"], &[]),
    (
        &["op.py", "rate=0.5", "name=", "-t", "one", "-l", "mine"],
        &[],
    ),
    (
        &["op.py", "--random-seed", "5", "--gpus", "0,1"],
        &["--gpus", "2"],
    ),
    (&["plain"], &["rate=3"]),
    (&["everything"], &["--label", "other"]),
    (
        &[
            "everything",
            "rate=1e-5",
            "size=big",
            "on=no",
            "-c",
            "why",
            "--tag",
            "c",
        ],
        &["size=small", "-t", "again"],
    ),
    (&["patterns"], &[]),
    (&["shell", "text=it's"], &["text=b"]),
    (&["none", "forced=1", "--force-flags"], &[]),
    (&["m:args", "b=2", "--no-gpus"], &[]),
    (&["m:versions"], &[]),
    (&["--keep-run", "gone"], &[]),
];

/// What is meant to differ: in the attributes that `attribute` finds, the text
/// that `pattern` finds stands for `text`.
struct Difference {
    attribute: &'static str,
    pattern: &'static str,
    text: &'static str,
    #[expect(dead_code, reason = "for people")]
    why: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        attribute: "^(initialized|started|stopped|comments)$",
        pattern: "[0-9]{16}",
        text: "TIME",
        why: "a time",
    },
    Difference {
        attribute: "^random_seed$",
        pattern: "[0-9]{6,}",
        text: "SEED",
        why: "a random number",
    },
    Difference {
        attribute: "",
        pattern: "[0-9a-f]{32}",
        text: "ID",
        why: "an id",
    },
    Difference {
        attribute: "^(env|op)$",
        pattern: "(?m)cpu,disk,memory,perf$",
        text: "''",
        why: "these plugins are not there yet",
    },
    Difference {
        attribute: "^(env|op)$",
        pattern: "cpu,disk,memory,perf,",
        text: "",
        why: "these plugins are not there yet",
    },
    Difference {
        attribute: "^plugins$",
        pattern: "(?m)^- (cpu|disk|memory|perf)\n",
        text: "",
        why: "these plugins are not there yet",
    },
    Difference {
        attribute: "^plugins$",
        pattern: "^$",
        text: "[]\n",
        why: "these plugins are not there yet",
    },
    Difference {
        attribute: "^op$",
        pattern: "(?m)^output-attrs: null\n",
        text: "",
        why: "3.7: since 0.9.0",
    },
    Difference {
        attribute: "^op$",
        pattern: "(?m)^  cmd-flags:\n    forced: \\{\\}\n",
        text: "",
        why: "on purpose: a restart passes forced flags on, too",
    },
    Difference {
        attribute: "^platform$",
        pattern: "(?m)^python_version: .*",
        text: "python_version: VERSION",
        why: "on purpose: of the interpreter that the script ran in, if any",
    },
    Difference {
        attribute: "^run_params$",
        pattern: "(?m)^test_output_attrs: null\n",
        text: "",
        why: "3.3: since 0.9.0",
    },
];

/// Attributes of one program only.
const ONE_SIDED: &[(Program, &str)] = &[
    // 4.1: since 0.9.0 these are in `opdef_attrs`.
    (Theirs, "custom"),
    (Ours, "opdef_attrs"),
];

/// Both programs run the operations, and run them again.
pub fn attributes_are_the_same(place: &Place) -> Result<(), Failed> {
    let project = place.path().join("project");
    fs::write(project.join("guild.yml"), GUILD_FILE)?;
    fs::write(project.join("op.py"), SCRIPT)?;
    let mut faults = Vec::new();
    for (words, again) in RUNS {
        let ours = run(place, Ours, words)?;
        let theirs = run(place, Theirs, words)?;
        compare(place, words, [&ours, &theirs], &mut faults)?;
        restart(place, Ours, &ours, again)?;
        restart(place, Theirs, &theirs, again)?;
        let words = [*words, &["then"], *again].concat();
        compare(place, &words, [&ours, &theirs], &mut faults)?;
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// Runs an operation and returns the new run's directory.
fn run(place: &Place, program: Program, words: &[&str]) -> Result<PathBuf, Failed> {
    let before = run_dirs(place)?;
    let printed = start(place, program, words)?;
    let new = run_dirs(place)?
        .into_iter()
        .find(|dir| !before.contains(dir));
    new.ok_or_else(|| format!("{program:?} {words:?} made no run\n{printed}").into())
}

fn restart(place: &Place, program: Program, dir: &Path, words: &[&str]) -> Result<(), Failed> {
    let id = dir.file_name().unwrap_or_default().to_string_lossy();
    start(place, program, &[&["--restart", &id], words].concat()).map(drop)
}

fn start(place: &Place, program: Program, words: &[&str]) -> Result<String, Failed> {
    let python = format!("GUILD_PYTHON_EXE={}", place.reference_python().display());
    place.run(program, &[&[&python, "run", "-y"], words].concat(), "")
}

fn run_dirs(place: &Place) -> Result<Vec<PathBuf>, Failed> {
    let Ok(entries) = fs::read_dir(place.home().join("runs")) else {
        return Ok(Vec::new());
    };
    let dirs: Result<Vec<_>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    Ok(dirs?)
}

fn compare(
    place: &Place,
    words: &[&str],
    [ours, theirs]: [&Path; 2],
    faults: &mut Vec<String>,
) -> Result<(), Failed> {
    let ours = attributes(place, Ours, ours)?;
    let theirs = attributes(place, Theirs, theirs)?;
    let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for name in names {
        let text = |attributes: &BTreeMap<String, String>| {
            attributes
                .get(name)
                .cloned()
                .unwrap_or_else(|| "<not there>\n".to_string())
        };
        let (ours, theirs) = (text(&ours), text(&theirs));
        if ours != theirs {
            faults.push(format!(
                "{words:?}: {name}\n-- guild:\n{}\n-- Guild AI:\n{}",
                without(&ours, &theirs),
                without(&theirs, &ours)
            ));
        }
    }
    Ok(())
}

/// Finds attributes, what differs in them, and what that stands for.
type Mask = (Regex, Regex, &'static str);

fn masks() -> Result<Vec<Mask>, Failed> {
    // Each program has its own folder of Python files.
    let package = r"[^\s:'\[]*/(?:python-[0-9a-f]+|site-packages)";
    let differences = DIFFERENCES
        .iter()
        .map(|known| (known.attribute, known.pattern, known.text));
    [("", package, "PACKAGE")]
        .into_iter()
        .chain(differences)
        .map(|(attribute, pattern, text)| Ok((Regex::new(attribute)?, Regex::new(pattern)?, text)))
        .collect()
}

/// The lines of `text` that `other` does not have.
fn without(text: &str, other: &str) -> String {
    let others: Vec<_> = other.lines().collect();
    let lines = text.lines().filter(|line| !others.contains(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The attributes of a run, without what may differ.
fn attributes(
    place: &Place,
    program: Program,
    dir: &Path,
) -> Result<BTreeMap<String, String>, Failed> {
    let mut attributes = BTreeMap::new();
    let masks = masks()?;
    for entry in fs::read_dir(dir.join(".guild/attrs"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_one_sided = |&(one, known): &(Program, &str)| one == program && known == name;
        if ONE_SIDED.iter().any(is_one_sided) {
            continue;
        }
        let mut text = fs::read_to_string(&path)?;
        for (attribute, pattern, replacement) in &masks {
            if attribute.is_match(&name) {
                text = pattern.replace_all(&text, *replacement).into_owned();
            }
        }
        text = text.replace(&*place.path().to_string_lossy(), "PLACE");
        attributes.insert(name.into_owned(), text);
    }
    Ok(attributes)
}
