//! What `guild tensorboard` makes of runs: the table of scalars byte for byte, and
//! the log directory file by file.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;

use crate::place::Program::{self, Ours, Theirs};
use crate::place::{Place, check};

/// Prints scalars of all kinds of values, and leaves files of all kinds behind.
const SCRIPT: &str = "\
import os, shutil, sys
lr = 0.1
name = 'a/b c'
print('loss: 0.25 (step 3)')
print('loss: 1e-7 (5)')
print('acc: nan')
print('big: 1e30')
print('low: -inf')
print('a,\"b: 3.14159')
print('kind: digits')
sys.stdout.flush()
os.makedirs('logs/train')
open('made.txt', 'w').close()
open('logs/notes', 'w').close()
os.symlink('made.txt', 'linked.txt')
os.symlink('logs', 'linked')
events = [name for name in os.listdir('.guild') if 'tfevents' in name]
for folder in ('.', 'logs/train'):
    for event in events:
        shutil.copy(os.path.join('.guild', event), folder)
";

fn lines(place: &Place, program: Program, words: &str) -> Result<Vec<String>, Failed> {
    let words: Vec<&str> = words.split(' ').collect();
    let printed = place.run(program, &words, "")?;
    Ok(printed.lines().map(str::to_string).collect())
}

/// The files of the log directory that `program` fills, and where links lead.
fn log_dir(place: &Place, program: Program, options: &str) -> Result<Vec<String>, Failed> {
    let words = format!("tensorboard --test-logdir{options}");
    let printed = lines(place, program, &words)?;
    let last = printed.last().map(String::as_str).unwrap_or_default();
    let dir = last.strip_prefix("Initialized log dir ").ok_or(last)?;
    let mut found = Vec::new();
    list(Path::new(dir), Path::new(dir), &mut found)?;
    fs::remove_dir_all(dir)?;
    found.sort();
    Ok(found)
}

fn list(dir: &Path, top: &Path, found: &mut Vec<String>) -> Result<(), Failed> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.strip_prefix(top)?.display().to_string();
        if let Ok(target) = fs::read_link(&path) {
            found.push(format!("{name} -> {}", target.display()));
        } else if path.is_dir() {
            list(&path, top, found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

/// Both programs write the same scalars and the same log directory, of runs of
/// both.
pub fn tensorboard_sees_the_same(place: &Place) -> Result<(), Failed> {
    fs::write(place.path().join("project/log.py"), SCRIPT)?;
    for (program, words) in [
        (Theirs, "run log.py -y"),
        (Ours, "run log.py lr=2 -y"),
        (Ours, "run log.py --label // -y"),
        (Theirs, "run fail.py -y"),
        (Ours, "run work.py --stage -y"),
    ] {
        lines(place, program, words)?;
    }
    for options in ["", " 1:3", " -Fo log.py", " --error"] {
        let words = format!("tensorboard --export-scalars -{options}");
        // The order of folders is that of the disk in Guild AI.
        let sorted = |program| -> Result<Vec<String>, Failed> {
            let mut lines = lines(place, program, &words)?;
            lines.sort();
            Ok(lines)
        };
        let (ours, theirs) = (sorted(Ours)?, sorted(Theirs)?);
        check(ours == theirs, &format!("{words}\n{ours:#?}\n{theirs:#?}"))?;
    }
    for options in [
        "",
        " --skip-hparams",
        " --run-name-flags lr,name",
        " 3",
        " --completed",
    ] {
        let (ours, theirs) = (
            log_dir(place, Ours, options)?,
            log_dir(place, Theirs, options)?,
        );
        check(
            ours == theirs,
            &format!("{options}\n{ours:#?}\n{theirs:#?}"),
        )?;
        check(!ours.is_empty(), options)?;
    }
    for words in [
        "tensorboard -O what",
        "tensorboard --port 70000",
        "tensorboard --refresh-interval 0",
        "tensorboard --running --export-scalars -",
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        place.same(&words)?;
    }
    Ok(())
}
