//! A guild home with runs of both programs, in all the states that runs get into.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;

use crate::place::Program::{self, Ours, Theirs};
use crate::place::{Place, check};

/// What is done to the home, in this order. The runs come out in the opposite one.
const STEPS: &[(Program, &[&str])] = &[
    // What both make.
    (
        Theirs,
        &[
            "run", "work.py", "-y", "rate=0.3", "--tag", "one", "--tag", "two",
        ],
    ),
    (
        Ours,
        &[
            "run",
            "work.py",
            "-y",
            "rate=1e-5",
            "name=ünï-日本",
            "-t",
            "label of ours",
            "-c",
            "a note",
        ],
    ),
    (Theirs, &["run", "fail.py", "-y"]),
    (Ours, &["run", "fail.py", "-y"]),
    (Theirs, &["run", "kill.py", "-y"]),
    (Ours, &["run", "kill.py", "-y"]),
    (
        Theirs,
        &[
            "run",
            "both.py",
            "-y",
            "-l",
            "日本語 'quoted' \"x\" \\ back",
        ],
    ),
    (
        Ours,
        &[
            "run",
            "both.py",
            "-y",
            "-l",
            "<b>html</b> é\u{301} 👩‍🔬 \u{1}",
        ],
    ),
    (
        Theirs,
        &["run", "work.py", "-y", "--stage", "-l", "staged by them"],
    ),
    (
        Ours,
        &["run", "work.py", "-y", "--stage", "-l", "staged by us"],
    ),
    (
        Theirs,
        &["run", "work.py", "-y", "name=", "flag=no", "items=7"],
    ),
    (
        Ours,
        &["run", "work.py", "-y", "name=", "flag=no", "items=9"],
    ),
    // What only Guild AI makes: operations of a guild file, steps, batches.
    (Theirs, &["run", "train", "-y"]),
    (Theirs, &["run", "linked", "-y"]),
    (Theirs, &["run", "prep", "-y"]),
    (Theirs, &["run", "use", "-y"]),
    (Theirs, &["run", "pipe", "-y"]),
    (
        Theirs,
        &[
            "run",
            "work.py",
            "-y",
            "--keep-batch",
            "rate=[0.1,0.2]",
            "name=batch",
        ],
    ),
    (
        Theirs,
        &["run", "train", "-y", "--stage-trials", "rate=[0.1,0.2]"],
    ),
    (Theirs, &["run", "multi", "-y"]),
    // What is said about them later.
    (Theirs, &["mark", "1", "5", "-y"]),
    (Theirs, &["comment", "-a", "one line", "1", "3", "-y"]),
    (
        Theirs,
        &[
            "comment",
            "-a",
            "two\nlines\n\nand a second paragraph, long enough to be broken, with a well-known hyphen and 日本語",
            "1",
            "-y",
        ],
    ),
    (Ours, &["label", "-a", "appended", "1", "-y"]),
    (Theirs, &["label", "-p", "before", "2", "-y"]),
    // Deleted by both.
    (Theirs, &["run", "work.py", "-y", "-l", "deleted by us"]),
    (Ours, &["runs", "delete", "1", "-y"]),
    (Ours, &["run", "work.py", "-y", "-l", "deleted by them"]),
    (Theirs, &["runs", "delete", "1", "-y"]),
    // Running, until the tests are over.
    (Theirs, &["run", "sleep.py", "-y", "--background"]),
    (Ours, &["run", "sleep.py", "-y", "--background"]),
];

/// Two ids that start alike, and when those runs were started, in microseconds.
const ALIKE: [(&str, u64); 2] = [
    ("aaaaaaaa000000000000000000000001", 1_700_000_000_000_000),
    ("aaaaaaaa000000000000000000000002", 1_700_000_100_000_000),
];

/// A place whose home has runs of both programs.
pub fn generate(reference: PathBuf) -> Result<Place, Failed> {
    let place = Place::new(reference)?;
    for (program, words) in STEPS {
        let printed = place.run(*program, words, "")?;
        check(
            !printed.contains("guild:") && !printed.contains("Traceback"),
            &format!("{program:?} {words:?}: {printed}"),
        )?;
    }
    // Until the last of those in the background has got so far that nothing in its
    // folder changes any more.
    for id in place.ours(&["select", "-Sr", "--all"])?.lines() {
        while !place.ours(&["cat", "--output", id])?.contains("asleep") {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    let runs = place.home().join("runs");
    let some = place.ours(&["select", "-Fo", "work.py", "-Fl", "label of ours"])?;
    for (id, started) in ALIKE {
        copy(&runs.join(some.trim()), &runs.join(id))?;
        let attribute = runs.join(id).join(".guild/attrs/started");
        fs::write(attribute, format!("{started}\n"))?;
    }
    // Made to wait for its start.
    let pending = runs.join(ALIKE[1].0).join(".guild");
    fs::remove_file(pending.join("attrs/exit_status"))?;
    fs::write(pending.join("PENDING"), "")?;
    Ok(place)
}

/// Ends the runs that are running in a generated home, and removes it.
pub fn end(place: &Place) -> Result<(), Failed> {
    place.ours(&["stop", "-y"])?;
    Ok(place.remove()?)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    let status = Command::new("cp").arg("-a").args([from, to]).status()?;
    check(
        status.success(),
        &format!("{} could not be copied", from.display()),
    )
}
