//! Makes a guild home with realistic runs, for benches:
//! `cargo run --release --example make-runs -- HOME COUNT`.
//!
//! Each run has the attributes, source code, output, scalars and manifest of a
//! run of one of a few operations: about 25 files of the sizes that real ones
//! have. The latest was started a minute ago, the others one a minute before
//! it. Runs are the same each time but for that.
//!
//! What no listing reads and many runs have the same of, such as the
//! environment, is one file with many names, so that 100,000 runs take seconds
//! to make and do not fill the disk.

use std::path::{Path, PathBuf};
use std::thread;

use guild::base::clock;
use guild::base::yaml::{self, Map, Value};
use guild::opref::OpRef;
use guild::runs::{Creation, Run};
use guild::tfevents::Writer;

/// From one run's start to the next one's, in microseconds.
const BETWEEN: i64 = 61_000_000;

/// How many runs have files in common; file systems allow some 65,000 names.
const SHARED_BY: i64 = 10_000;

/// How many values a run logs of each of its scalars.
const STEPS: i64 = 10;

/// Model and name of the operations, in the order that runs are made of them.
const OPERATIONS: [(&str, &str); 5] = [
    ("resnet", "train"),
    ("resnet", "train"),
    ("resnet", "train"),
    ("resnet", "evaluate"),
    ("", "prepare.py"),
];

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, count] = words.as_slice() else {
        return Err("usage: make-runs HOME COUNT".into());
    };
    let home = Path::new(home);
    let count: i64 = count.parse()?;
    let now = clock::now_micros();
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as i64);
    let work = |first: i64| -> Outcome {
        for start in (first..count).step_by((threads * SHARED_BY) as usize) {
            let shared = Shared::make(home)?;
            for number in (start..count)
                .step_by(threads as usize)
                .take(SHARED_BY as usize)
            {
                make(home, number, now - (count - number) * BETWEEN, &shared)?;
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || work(first)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })
}

/// The files that runs have in common, each with its place in a run, and the
/// folder that they are in meanwhile.
struct Shared {
    files: Vec<(PathBuf, &'static str)>,
    _dir: tempfile::TempDir,
}

impl Shared {
    fn make(home: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let dir = tempfile::tempdir_in(home)?;
        let environment: Map = (0..40)
            .map(|name| (format!("VARIABLE_{name}"), "/usr/local/share/some/path"))
            .collect();
        let packages = (0..60).map(|name| Value::from(format!("package-{name}==1.{name}.0")));
        let words = "/usr/bin/python3 -um guild.op_main train --lr 0.01".split(' ');
        let plugins = ["cpu", "disk", "memory", "perf", "python_script"];
        let platform: Map = [
            ("architecture", Value::from("64bit ELF")),
            ("cpus", Value::Int(8)),
            ("processor", Value::from("")),
            ("python_version", Value::from("3.11.7 (main) [GCC 12.2.0]")),
            (
                "uname",
                Value::from("Linux workstation 6.1.0 #1 SMP x86_64"),
            ),
        ]
        .into_iter()
        .collect();
        let attrs: [(&str, Value); 8] = [
            (".guild/attrs/cmd", list(words)),
            (".guild/attrs/deps", Value::Map(Map::new())),
            (".guild/attrs/env", Value::Map(environment)),
            (".guild/attrs/host", Value::from("workstation")),
            (".guild/attrs/pip_freeze", Value::List(packages.collect())),
            (".guild/attrs/platform", Value::Map(platform)),
            (".guild/attrs/plugins", list(plugins)),
            (".guild/attrs/user", Value::from("user")),
        ];
        let mut files: Vec<(&str, String)> = attrs
            .into_iter()
            .map(|(path, value)| (path, yaml::dump_file(&value)))
            .collect();
        files.push(("train.py", "lr = 0.01\n".repeat(40)));
        files.push((
            ".guild/manifest",
            format!("s train.py {} train.py\n", "0".repeat(40)),
        ));
        files.push((".guild/output", "step: 1\nloss: 0.5\n".repeat(100)));
        files.push((".guild/output.index", "\0".repeat(200 * 9)));
        let mut shared = Vec::new();
        for (number, (path, text)) in files.into_iter().enumerate() {
            let file = dir.path().join(number.to_string());
            std::fs::write(&file, text)?;
            shared.push((file, path));
        }
        Ok(Self {
            files: shared,
            _dir: dir,
        })
    }
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(items.into_iter().map(Value::from).collect())
}

fn make(home: &Path, number: i64, started: i64, shared: &Shared) -> Outcome {
    let (model, op) = OPERATIONS[(number % OPERATIONS.len() as i64) as usize];
    let opref = if model.is_empty() {
        OpRef::script(Path::new("/home/user/vision"), op)
    } else {
        let guild_file = Path::new("/home/user/vision/guild.yml");
        OpRef::guild_file(guild_file, &"0".repeat(32), model, op)
    };
    // Spread like random ids are, and the same each time.
    let id = format!(
        "{:032x}",
        (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    );
    let creation = Creation {
        opref: &opref,
        initialized: started - 4_000,
    };
    let run = Run::create(&home.join("runs").join(&id), &creation)?;
    let guild = run.dir().join(".guild");
    for (name, value) in attrs(number, started, &id) {
        std::fs::write(guild.join("attrs").join(name), yaml::dump_file(&value))?;
    }
    for (file, path) in &shared.files {
        std::fs::hard_link(file, run.dir().join(path))?;
    }
    write_scalars(&guild, number, started)?;
    // One in a hundred waits to be started.
    if number % 100 == 99 {
        run.set_staged()?;
    } else {
        run.clear_pending()?;
    }
    Ok(())
}

/// The attributes that each run has its own of.
fn attrs(number: i64, started: i64, id: &str) -> Vec<(&'static str, Value)> {
    let (batch_size, epochs) = (32 << (number % 4), 10 + number * 7 % 90);
    let lr = 0.01 * (1 + number % 50) as f64;
    let flags: Map = [
        ("batch_size", Value::Int(batch_size)),
        ("epochs", Value::Int(epochs)),
        ("lr", Value::Float(lr)),
        ("model", Value::from("resnet18")),
    ]
    .into_iter()
    .collect();
    let label = format!("batch_size={batch_size} epochs={epochs} lr={lr:.2} model=resnet18");
    let mut attrs: Vec<(&str, Value)> = vec![
        ("flags", Value::Map(flags.clone())),
        ("label", Value::from(label)),
        ("random_seed", Value::Int(number)),
        ("sourcecode_digest", Value::from(id)),
        ("started", Value::Int(started)),
        ("tags", list(["model"])),
        ("user_flags", Value::Map(flags)),
    ];
    if number % 100 != 99 {
        let exit_status = match number % 17 {
            0 => 1,
            1 => -15,
            _ => 0,
        };
        attrs.push(("exit_status", Value::Int(exit_status)));
        attrs.push(("stopped", Value::Int(started + 30_000_000)));
    }
    if number % 50 == 0 {
        let comment: Map = [
            ("body", Value::from("Looks promising.")),
            ("host", Value::from("workstation")),
            ("time", Value::Int(started + 60_000_000)),
            ("user", Value::from("user")),
        ]
        .into_iter()
        .collect();
        attrs.push(("comments", Value::List(vec![Value::Map(comment)])));
        attrs.push(("marked", Value::Bool(true)));
    }
    attrs
}

fn write_scalars(guild: &Path, number: i64, started: i64) -> Outcome {
    let seconds = started / 1_000_000;
    let file = guild.join(format!("events.out.tfevents.{seconds}.workstation.1.0"));
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes)?;
    for step in 0..STEPS {
        let time = (seconds + step) as f64;
        let loss = 1.0 / (1 + step + number % 7) as f64;
        writer.scalar("loss", step, loss, time)?;
        writer.scalar("accuracy", step, 1.0 - loss, time)?;
    }
    Ok(std::fs::write(file, bytes)?)
}
