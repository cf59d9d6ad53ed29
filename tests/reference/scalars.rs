//! The scalars of runs are those that Guild AI's index has, value by value: of all
//! event files that come with Guild AI, and of generated ones.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guild::home::Home;
use guild::runs::Run;
use guild::scalars::{Index, ScalarSummary};
use guild::tfevents::Writer;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::place::check;

/// How many runs are generated.
const RUNS: u64 = 60;

/// Where the event files of a run may be. The last has no name that makes its
/// folder one of event files.
const FILES: [&str; 9] = [
    ".guild/events.out.tfevents.0000000001.vm.1.0",
    ".guild/events.out.tfevents.0000000001.vm.1.1.attrs",
    ".guild/events.out.tfevents.0000000002.vm.1.0",
    "events.out.tfevents.1",
    "logs/train/events.out.tfevents.1",
    "logs/train/my-tfevents",
    "logs/train/x.tfevents.1.profile-empty",
    "logs/.hidden/a.tfevents.b",
    "logs/alone-tfevents",
];

/// The Python of Guild AI, which runs the script beside this file.
fn python(reference: &Path) -> Command {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/scalars.py");
    let mut python = Command::new(reference.with_file_name("python"));
    python.arg(script);
    python
}

/// What Guild AI's index has of the run directories `dirs`.
fn theirs(reference: &Path, dirs: &[PathBuf]) -> Result<Vec<Value>, Failed> {
    let mut python = python(reference)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = python.stdin.take().ok_or("no stdin")?;
    stdin.write_all(json!(dirs).to_string().as_bytes())?;
    drop(stdin);
    let output = python.wait_with_output()?;
    check(output.status.success(), "Guild AI's index failed")?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A number as Python's `float.hex` has it; null for what is none.
fn told(number: f64) -> Value {
    if number.is_nan() {
        return Value::Null;
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.into();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let text = match (bits >> 52 & 0x7ff, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{fraction:013x}p-1022"),
        (exponent, _) => format!("{sign}0x1.{fraction:013x}p{:+}", exponent as i64 - 1023),
    };
    text.into()
}

fn row(scalar: &ScalarSummary) -> Value {
    let mut row = json!({
        "prefix": scalar.prefix,
        "tag": scalar.tag,
        "avg_val": told(scalar.avg()),
        "total": told(scalar.total),
        "count": scalar.count,
    });
    let points = [
        ("first", scalar.first),
        ("last", scalar.last),
        ("min", scalar.min),
        ("max", scalar.max),
    ];
    for (name, point) in points {
        row[format!("{name}_val")] = told(point.value);
        row[format!("{name}_step")] = point.step.into();
    }
    row
}

fn ours(index: &Index, dirs: &[PathBuf]) -> Vec<Value> {
    let runs: Vec<Run> = dirs.iter().map(Run::at).collect();
    let results = index.all(&runs).into_iter();
    results
        .map(|results| results.scalars.iter().map(row).collect())
        .collect()
}

/// Compares all of `dirs`, whose home is `home`, read and remembered.
fn compare(reference: &Path, home: &Path, dirs: &[PathBuf]) -> Result<usize, Failed> {
    let home = Home::discover(None, home.to_str())?;
    let theirs = theirs(reference, dirs)?;
    for _ in 0..2 {
        let ours = ours(&Index::new(&home), dirs);
        for ((dir, ours), theirs) in dirs.iter().zip(ours).zip(&theirs) {
            let told = format!("{}\nours:   {ours}\ntheirs: {theirs}", dir.display());
            check(ours == *theirs, &told)?;
        }
    }
    let rows = theirs.iter().filter_map(Value::as_array).map(Vec::len);
    Ok(rows.sum())
}

/// Every folder with event files of Guild AI's package is a run of its own.
pub fn scalars_of_its_package_are_the_same(reference: &Path) -> Result<(), Failed> {
    let home = tempfile::tempdir()?;
    let find = "import guild, os; print(os.path.dirname(guild.__file__))";
    let python = reference.with_file_name("python");
    let package = Command::new(python).args(["-c", find]).output()?;
    let package = String::from_utf8(package.stdout)?;
    let mut dirs = Vec::new();
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(package.trim()).sort_by_file_name() {
        let path = entry?.into_path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.contains("tfevents") && !path.is_dir() {
            found.push(path);
        }
    }
    for (number, path) in found.iter().enumerate() {
        let dir = home.path().join("runs").join(number.to_string());
        let name = path.file_name().unwrap_or_default();
        fs::create_dir_all(dir.join(".guild"))?;
        fs::copy(path, dir.join(".guild").join(name))?;
        dirs.push(dir);
    }
    let rows = compare(reference, home.path(), &dirs)?;
    check(rows > 0, "no event file was found")
}

pub fn scalars_of_generated_files_are_the_same(reference: &Path) -> Result<(), Failed> {
    let home = tempfile::tempdir()?;
    let mut random = fastrand::Rng::with_seed(1);
    let mut dirs: Vec<PathBuf> = Vec::new();
    for number in 0..RUNS {
        let dir = home.path().join("runs").join(format!("{number:032}"));
        fs::create_dir_all(dir.join(".guild/attrs"))?;
        fs::write(dir.join(".guild/opref"), "guildfile:/p x '' op")?;
        for file in FILES {
            if random.u8(..3) == 0 {
                write(&dir.join(file), &mut random)?;
            }
        }
        if number % 10 == 0 {
            let path = dir.join("tensors.tfevents.1");
            let status = python(reference)
                .arg(&path)
                .arg(number.to_string())
                .status()?;
            check(status.success(), "no tensors were written")?;
        }
        // Links to runs, to other folders and to nothing. Guild AI reads no file of a
        // folder that comes after one that leads to nothing.
        if let Some(other) = dirs.get(random.usize(..=dirs.len())) {
            symlink(other, dir.join("linked"))?;
            symlink(other.join("logs"), dir.join("data"))?;
            symlink("nowhere", dir.join("zz.tfevents.1"))?;
        }
        dirs.push(dir);
    }
    let rows = compare(reference, home.path(), &dirs)?;
    check(rows > 100, "too few scalars to tell anything")?;
    // What grows, shrinks and goes.
    for dir in &dirs {
        for file in FILES {
            let path = dir.join(file);
            match random.u8(..6) {
                0 => write(&path, &mut random)?,
                1 if path.exists() => fs::remove_file(&path)?,
                2 if path.exists() => cut(&path, &mut random)?,
                _ => {}
            }
        }
    }
    compare(reference, home.path(), &dirs).map(drop)
}

/// Adds values to the file at `path`, with ties and restarts of steps.
fn write(path: &Path, random: &mut fastrand::Rng) -> Result<(), Failed> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let is_new = !path.exists();
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes)?;
    let head = 31;
    for _ in 0..random.usize(..40) {
        let tag = random.choice(["loss", "acc", "sys/cpu", "a b", "é"]);
        let value = match random.u8(..12) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3..6 => f64::from(random.u8(..3)),
            _ => random.f64(),
        };
        writer.scalar(tag.unwrap_or("x"), random.i64(-2..8), value, 1.0)?;
        if random.u8(..5) == 0 {
            writer.text("note", "a text", 1.0)?;
        }
    }
    let new = if is_new { &bytes[..] } else { &bytes[head..] };
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(new)?;
    Ok(())
}

/// Cuts the file at `path` somewhere.
fn cut(path: &Path, random: &mut fastrand::Rng) -> Result<(), Failed> {
    let file = fs::OpenOptions::new().write(true).open(path)?;
    let size = file.metadata()?.len();
    file.set_len(random.u64(..=size))?;
    Ok(())
}
