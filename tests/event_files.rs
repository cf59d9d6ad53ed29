//! TensorBoard's own code reads the event files that are written here, and what it
//! writes is read as it reads it, also where a file is cut off or damaged.
//!
//! TensorBoard is looked for in the virtual environment `target/tensorboard`, which
//! `.ci/run` makes, and in that which `TENSORBOARD_VENV` names. Without it the
//! tests say that they are skipped, unless `TENSORBOARD_REQUIRED` is set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod tensorboard_python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use guild::tfevents::{
    Data, Domain, Hparam, HparamValue, Hparams, Image, Reader, SessionStatus, Writer,
};
use serde_json::{Value, json};

/// How many files TensorBoard writes, and how many forms of each are damaged.
const FILES: u64 = 12;
const DAMAGES: u64 = 6;

/// What the script with TensorBoard's code prints.
fn tensorboard(python: &Path, words: &[&str], paths: &[PathBuf]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/event_files.py");
    let output = Command::new(python)
        .arg(script)
        .args(words)
        .args(paths)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn read_by_tensorboard(python: &Path, paths: &[PathBuf]) -> Vec<Value> {
    serde_json::from_str(&tensorboard(python, &["read"], paths)).unwrap()
}

/// A number as Python's `float.hex` has it.
fn told(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_string();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52 & 0x7ff, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{fraction:013x}p-1022"),
        (exponent, _) => format!("{sign}0x1.{fraction:013x}p{:+}", exponent as i64 - 1023),
    }
}

fn hparam_value(value: &HparamValue) -> Value {
    match value {
        HparamValue::Number(number) => told(*number).into(),
        HparamValue::Text(text) => text.as_str().into(),
        HparamValue::Bool(yes) => (*yes).into(),
    }
}

fn hparams(hparams: Hparams) -> Value {
    let interval = |low, high| json!([told(low), told(high)]);
    let info = |hparam: &Hparam| {
        let (discrete, interval) = match &hparam.domain {
            Domain::Any => (json!([]), interval(0.0, 0.0)),
            Domain::Interval(low, high) => (json!([]), interval(*low, *high)),
            Domain::Numbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().copied().map(told).collect();
                (json!(numbers), interval(0.0, 0.0))
            }
            Domain::Texts(texts) => (json!(texts), interval(0.0, 0.0)),
            Domain::Bools => (json!([false, true]), interval(0.0, 0.0)),
        };
        json!([hparam.name, discrete, interval])
    };
    match hparams {
        Hparams::Experiment { hparams, metrics } => {
            let infos: Vec<Value> = hparams.iter().map(info).collect();
            json!([infos, metrics])
        }
        Hparams::SessionStart { group, hparams } => {
            let values = hparams.iter();
            let values: serde_json::Map<String, Value> = values
                .map(|(name, value)| (name.clone(), hparam_value(value)))
                .collect();
            json!([group, values])
        }
        Hparams::SessionEnd(status) => json!([match status {
            SessionStatus::Unknown => 0,
            SessionStatus::Success => 1,
            SessionStatus::Failure => 2,
            SessionStatus::Running => 3,
        }]),
    }
}

/// What the values of the file at `path` are, in the form that the script has.
fn read(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap();
    let mut reader = Reader::new(&bytes[..]);
    let mut values = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        for value in event.values() {
            let mut items = vec![
                json!(event.step),
                json!(told(event.wall_time)),
                json!(value.tag),
            ];
            items.extend(match value.data {
                Data::Scalar(number) => vec![json!("scalar"), json!(told(number))],
                Data::Text(text) => vec![json!("text"), json!(text)],
                Data::Image(place) => {
                    let encoded = place.encoded.start as usize..place.encoded.end as usize;
                    let hex = bytes[encoded].iter().map(|byte| format!("{byte:02x}"));
                    let hex: String = hex.collect();
                    vec![
                        json!("image"),
                        json!(place.width),
                        json!(place.height),
                        json!(hex),
                    ]
                }
                Data::Hparams(data) => vec![json!("hparams"), hparams(data.decode().unwrap())],
                Data::Other => vec![json!("other")],
            });
            values.push(Value::Array(items));
        }
    }
    Value::Array(values)
}

#[test]
fn tensorboard_reads_what_is_written_here() {
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.out.tfevents.1");
    let mut writer = Writer::new(fs::File::create(&path).unwrap()).unwrap();
    let numbers = [0.0, -0.5, 1e-3, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for (step, number) in (-1..).zip(numbers) {
        writer.scalar("loss é", step, number, 1.7e9).unwrap();
    }
    writer.scalar("far", i64::MAX, 1e300, 0.0).unwrap();
    writer.text("name", "a\nü", 1.0).unwrap();
    let image = Image {
        width: 300,
        height: 2,
        channels: 3,
        encoded: b"\x89PNG",
    };
    writer.image("picture", 7, image, 2.0).unwrap();
    let hparam = |name: &str, domain| Hparam {
        name: name.to_string(),
        domain,
    };
    let hparams = [
        hparam("any", Domain::Any),
        hparam("on", Domain::Bools),
        hparam("lr", Domain::Interval(f64::NEG_INFINITY, f64::INFINITY)),
        hparam("n", Domain::Numbers(vec![1.0, 2.5])),
        hparam("opt", Domain::Texts(vec!["adam".into(), "sgd".into()])),
    ];
    let values = [
        ("lr", HparamValue::Number(0.1)),
        ("on", HparamValue::Bool(true)),
        ("opt", HparamValue::Text("sgd".into())),
    ];
    writer
        .experiment(&hparams, &["loss é", "acc"], 3.0)
        .unwrap();
    writer.session_start("run 1", &values, 4.0).unwrap();
    for status in [
        SessionStatus::Unknown,
        SessionStatus::Success,
        SessionStatus::Failure,
        SessionStatus::Running,
    ] {
        writer.session_end(status, 5.0).unwrap();
    }
    drop(writer);
    let theirs = read_by_tensorboard(&python, std::slice::from_ref(&path));
    assert_eq!(theirs[0], read(&path));
    // All of it: 9 values and 6 of hparams.
    assert_eq!(theirs[0].as_array().unwrap().len(), 15);
}

#[test]
fn what_tensorboard_writes_is_read_as_it_reads_it() {
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut paths = Vec::new();
    for seed in 0..FILES {
        let path = dir.path().join(format!("{seed}.tfevents.1"));
        tensorboard(
            &python,
            &["make", path.to_str().unwrap()],
            &[seed.to_string().into()],
        );
        let bytes = fs::read(&path).unwrap();
        paths.push(path);
        for number in 0..DAMAGES {
            let mut damaged = bytes.clone();
            let place = random.usize(..bytes.len());
            match number % 3 {
                0 => damaged.truncate(place),
                1 => damaged[place] ^= 1 << random.u8(..8),
                _ => damaged.extend(std::iter::repeat_with(|| random.u8(..)).take(place % 50)),
            }
            let path = dir.path().join(format!("{seed}-{number}.tfevents.1"));
            fs::write(&path, damaged).unwrap();
            paths.push(path);
        }
    }
    let theirs = read_by_tensorboard(&python, &paths);
    assert_eq!(theirs.len(), paths.len());
    let mut values = 0;
    for (path, theirs) in paths.iter().zip(theirs) {
        assert_eq!(read(path), theirs, "{}", path.display());
        values += theirs.as_array().unwrap().len();
    }
    assert!(values > 500, "{values} values are too few to tell anything");
}
