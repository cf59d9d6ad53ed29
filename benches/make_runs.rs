//! Makes a guild home with realistic runs, for benches:
//! `cargo run --release --example make-runs -- HOME COUNT`.
//!
//! Each run has the attributes, source code, output and manifest of a run of a
//! training script: about 25 files of the sizes that real ones have.

use std::path::Path;

use guild::base::yaml::{Map, Value};
use guild::opref::OpRef;
use guild::runs::{Creation, Ended, Entry, EntryKind, Run};

/// When the first run was started, in microseconds since the epoch.
const FIRST: i64 = 1_700_000_000_000_000;

/// From one run's start to the next one's.
const BETWEEN: i64 = 61_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, count] = words.as_slice() else {
        return Err("usage: make-runs HOME COUNT".into());
    };
    let runs = Path::new(home).join("runs");
    for number in 0..count.parse()? {
        make(&runs, number)?;
    }
    Ok(())
}

fn make(runs: &Path, number: i64) -> Result<(), Box<dyn std::error::Error>> {
    let started = FIRST + number * BETWEEN;
    let opref = OpRef::script(Path::new("/home/user/vision"), "train.py");
    let creation = Creation {
        opref: &opref,
        initialized: started - 4_000,
    };
    // Spread like random ids are, and the same each time.
    let id = format!(
        "{:032x}",
        (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    );
    let run = Run::create(&runs.join(&id), &creation)?;
    let lr = 0.001 * (1 + number % 50) as f64;
    let flags: Map = [
        ("batch_size", Value::Int(32 << (number % 4))),
        ("epochs", Value::Int(10 + number % 20)),
        ("lr", Value::Float(lr)),
        ("model", Value::from("resnet18")),
    ]
    .into_iter()
    .collect();
    let label = format!(
        "batch_size={} epochs={} lr={lr:.3} model=resnet18",
        32 << (number % 4),
        10 + number % 20
    );
    let environment: Map = (0..40)
        .map(|name| {
            (
                format!("VARIABLE_{name}"),
                Value::from("/usr/local/share/some/path"),
            )
        })
        .collect();
    let packages = (0..60).map(|name| Value::from(format!("package-{name}==1.{name}.0")));
    let attrs: [(&str, Value); 14] = [
        (
            "cmd",
            list(&[
                "/usr/bin/python3",
                "-um",
                "guild.op_main",
                "train",
                "--lr",
                "0.01",
            ]),
        ),
        ("deps", Value::Map(Map::new())),
        ("env", Value::Map(environment)),
        ("flags", Value::Map(flags.clone())),
        ("host", Value::from("workstation")),
        ("label", Value::from(label)),
        ("pip_freeze", Value::List(packages.collect())),
        (
            "plugins",
            list(&["cpu", "disk", "memory", "perf", "python_script"]),
        ),
        ("random_seed", Value::Int(number)),
        ("sourcecode_digest", Value::from(&id[..])),
        ("started", Value::Int(started)),
        ("tags", list(&["model"])),
        ("user", Value::from("user")),
        ("user_flags", Value::Map(flags)),
    ];
    for (name, value) in attrs {
        run.write_attr(name, &value)?;
    }
    std::fs::write(run.dir().join("train.py"), "lr = 0.01\n".repeat(40))?;
    run.append_manifest(&[Entry {
        kind: EntryKind::SourceCode,
        path: "train.py".to_string(),
        sha1: Some("0".repeat(40)),
        source: vec!["train.py".to_string()],
    }])?;
    std::fs::write(run.output_path(), "step: 1\nloss: 0.5\n".repeat(100))?;
    run.clear_pending()?;
    run.set_ended(Ended {
        exit_status: i64::from(number % 17 == 0),
        stopped: started + 30_000_000,
    })?;
    Ok(())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}
