//! Batches of one program are listed, started, gone on with and stopped by the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::place::Program::{self, Ours, Theirs};
use crate::place::{Place, check};

const SCRIPT: &str = "x = 1\ny = 0.5\nprint('loss: %f' % (x * y))\n";

/// Says that it is there and waits.
const SLOW: &str = "import time\nx = 1\nprint('here', flush=True)\ntime.sleep(x)\n";

/// How long what a program has begun may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Words for a batch, and how many trials it has.
const BATCHES: &[(&[&str], usize)] = &[
    (&["trial.py", "x=[1,2]", "y=[0.1,0.2]"], 4),
    (&["trial.py", "x=[1,2,3]", "--max-trials", "2"], 2),
    (&["trial.py", "@trials.csv", "y=[1,2]"], 4),
];

fn prepare(place: &Place) -> Result<(), Failed> {
    let project = place.path().join("project");
    for (name, text) in [
        ("trial.py", SCRIPT),
        ("slow.py", SLOW),
        ("trials.csv", "x\n5\n6\n"),
    ] {
        fs::write(project.join(name), text)?;
    }
    Ok(())
}

fn run(place: &Place, program: Program, words: &[&str]) -> Result<String, Failed> {
    let python = format!("GUILD_PYTHON_EXE={}", place.reference_python().display());
    place.run(program, &[&[&*python], words].concat(), "")
}

fn runs(place: &Place) -> Result<Vec<PathBuf>, Failed> {
    let entries = fs::read_dir(place.home().join("runs"))
        .into_iter()
        .flatten();
    let dirs = entries.map(|entry| entry.map(|entry| entry.path()));
    Ok(dirs.collect::<Result<_, _>>()?)
}

fn attr(dir: &Path, name: &str) -> String {
    let text = fs::read_to_string(dir.join(".guild/attrs").join(name));
    text.unwrap_or_default().trim().to_string()
}

/// The one batch among those runs that are not among `before`, and its trials.
fn made(place: &Place, before: &[PathBuf]) -> Result<(PathBuf, Vec<PathBuf>), Failed> {
    let new = runs(place)?.into_iter().filter(|dir| !before.contains(dir));
    let (batches, trials): (Vec<_>, Vec<_>) =
        new.partition(|dir| dir.join(".guild/proto").exists());
    match &batches[..] {
        [batch] => Ok((batch.clone(), trials)),
        _ => Err(format!("{} batches were made", batches.len()).into()),
    }
}

fn id(dir: &Path) -> String {
    dir.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A batch that one program staged is started by the other, and both list it and its
/// trials alike.
pub fn each_starts_batches_that_the_other_staged(place: &Place) -> Result<(), Failed> {
    prepare(place)?;
    for (maker, starter) in [(Ours, Theirs), (Theirs, Ours)] {
        for (words, count) in BATCHES {
            let before = runs(place)?;
            let stage = [&["run"], *words, &["--stage", "--keep-batch", "-y"]].concat();
            run(place, maker, &stage)?;
            let (batch, _) = made(place, &before)?;
            let printed = run(place, starter, &["run", "--start", &id(&batch), "-y"])?;
            let (_, trials) = made(place, &before)?;
            check(trials.len() == *count, &printed)?;
            for dir in trials.iter().chain([&batch]) {
                check(attr(dir, "exit_status") == "0", &printed)?;
                check(!dir.join(".guild/PENDING").exists(), &printed)?;
            }
            for trial in &trials {
                let link = fs::read_link(batch.join(id(trial)))?;
                check(
                    link == Path::new("..").join(id(trial)),
                    "not a relative link",
                )?;
            }
        }
    }
    place.same(&["runs"])?;
    place.same(&["compare", "--csv", "-"]).map(drop)
}

/// Trials that one program staged are started by the other.
pub fn each_starts_trials_that_the_other_staged(place: &Place) -> Result<(), Failed> {
    prepare(place)?;
    for (maker, starter) in [(Ours, Theirs), (Theirs, Ours)] {
        let before = runs(place)?;
        let words = [
            "run",
            "trial.py",
            "x=[3,4]",
            "--stage-trials",
            "--keep-batch",
            "-y",
        ];
        run(place, maker, &words)?;
        let (_, trials) = made(place, &before)?;
        check(trials.len() == 2, "not two trials")?;
        for trial in trials {
            let printed = run(place, starter, &["run", "--start", &id(&trial), "-y"])?;
            check(printed.contains("loss: "), &printed)?;
            check(attr(&trial, "exit_status") == "0", &printed)?;
        }
    }
    place.same(&["runs"]).map(drop)
}

/// A batch of one program that runs is stopped by the other. Its trials are then as
/// they should be, and the other starts the one that waits.
pub fn each_stops_batches_of_the_other(place: &Place) -> Result<(), Failed> {
    prepare(place)?;
    for (maker, stopper) in [(Ours, Theirs), (Theirs, Ours)] {
        let before = runs(place)?;
        let python = format!("GUILD_PYTHON_EXE={}", place.reference_python().display());
        let mut child = place
            .command(maker, &[&python, "run", "slow.py", "x=[50,0]", "-y"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let deadline = Instant::now() + PATIENCE;
        let is_there = |dir: &PathBuf| {
            let output = fs::read_to_string(dir.join(".guild/output"));
            output.is_ok_and(|text| text.contains("here"))
        };
        while !made(place, &before).is_ok_and(|(_, trials)| trials.iter().any(is_there)) {
            check(Instant::now() < deadline, "no trial runs")?;
            std::thread::sleep(Duration::from_millis(20));
        }
        let (batch, trials) = made(place, &before)?;
        let printed = run(place, stopper, &["stop", &id(&batch), "-y"])?;
        child.wait()?;
        check(attr(&batch, "exit_status") == "-15", &printed)?;
        let (running, waiting): (Vec<_>, Vec<_>) = trials
            .into_iter()
            .partition(|dir| !dir.join(".guild/PENDING").exists());
        check(running.len() == 1 && waiting.len() == 1, &printed)?;
        for dir in &running {
            check(attr(dir, "exit_status") == "-15", &printed)?;
        }
        for dir in &waiting {
            run(place, stopper, &["run", "--start", &id(dir), "-y"])?;
            check(
                attr(dir, "exit_status") == "0",
                "the trial that waits is not run",
            )?;
        }
    }
    place.same(&["runs"]).map(drop)
}
