//! Runs to compare, as files.

use std::path::{Path, PathBuf};

use guild::base::clock;
use guild::base::yaml::{Map, Value};
use guild::opref::OpRef;
use guild::runs::{Creation, Run};
use guild::tfevents::Writer;

/// A folder with a guild home in it that has no runs.
pub fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("home/runs")).unwrap();
    dir
}

/// The folder of the run with this number, in the home in `dir`.
pub fn run_dir(dir: &Path, number: usize) -> PathBuf {
    dir.join("home/runs").join(id(number))
}

/// Ids start with their number.
pub fn id(number: usize) -> String {
    format!("{number:08}{:024}", 0)
}

/// A run that was completed, the latest of those with lower numbers, with these
/// flags and this label.
pub fn write(dir: &Path, number: usize, flags: Map, label: &str) -> Run {
    let started = started(number);
    let opref = OpRef::script(dir, "train.py");
    let creation = Creation {
        opref: &opref,
        initialized: started,
    };
    let run = Run::create(&run_dir(dir, number), &creation).unwrap();
    run.write_attr("started", &Value::Int(started)).unwrap();
    run.write_attr("stopped", &Value::Int(started + 5_000_000))
        .unwrap();
    run.write_attr("exit_status", &Value::Int(0)).unwrap();
    run.write_attr("label", &Value::from(label)).unwrap();
    run.write_attr("flags", &Value::Map(flags)).unwrap();
    run.clear_pending().unwrap();
    run
}

/// Logs a loss for the run.
pub fn log_loss(run: &Run, step: i64, loss: f64) {
    let seconds = clock::now_micros() / 1_000_000;
    let name = format!("events.out.tfevents.{seconds}.host.{step}.0");
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    writer.scalar("loss", step, loss, seconds as f64).unwrap();
    std::fs::write(run.dir().join(".guild").join(name), bytes).unwrap();
}

/// Four runs: one that failed, and one whose text is wide, combining and full of
/// control characters.
pub fn write_four(dir: &Path) {
    let flags = |lr: f64, name: &str| -> Map {
        [("lr", Value::Float(lr)), ("name", Value::from(name))]
            .into_iter()
            .collect()
    };
    let first = write(dir, 1, flags(0.1, "plain"), "first");
    log_loss(&first, 10, 0.5);
    let second = write(
        dir,
        2,
        flags(0.01, "日本語 e\u{301}"),
        "東京 \x1b[2J\x07\nBEL",
    );
    log_loss(&second, 20, 0.125);
    let third = write(dir, 3, flags(0.001, "third"), "third of them");
    third.write_attr("exit_status", &Value::Int(1)).unwrap();
    let fourth = write(dir, 4, flags(10.0, "fourth"), "");
    log_loss(&fourth, 5, 12.25);
}

/// So many runs, with `columns` flags each: no more files than a row needs.
pub fn write_many(dir: &Path, count: usize, columns: usize) {
    let opref = OpRef::script(dir, "train.py").to_string();
    let make = |number: usize| {
        let guild = run_dir(dir, number).join(".guild");
        std::fs::create_dir_all(guild.join("attrs")).unwrap();
        let flags: String = (0..columns)
            .map(|at| format!("f{at:02}: {}\n", number * (at + 7) % 1009))
            .collect();
        let files = [
            ("opref", opref.clone()),
            ("attrs/started", format!("{}\n", started(number))),
            ("attrs/exit_status", "0\n".to_string()),
            ("attrs/label", format!("run number {number}\n")),
            ("attrs/flags", flags),
        ];
        for (name, text) in files {
            std::fs::write(guild.join(name), text).unwrap();
        }
    };
    let half = count / 2;
    std::thread::scope(|scope| {
        scope.spawn(|| (1..=half).for_each(make));
        (half + 1..=count).for_each(make);
    });
}

/// When the run with this number was started, in microseconds since the epoch.
fn started(number: usize) -> i64 {
    1_700_000_000_000_000 + number as i64 * 60_000_000
}
