//! What scripts log by themselves, with tensorboardX and with `guild.summary`, as
//! guild and TensorBoard's own code read it.
//!
//! Both packages are looked for in the virtual environment `target/tensorboard`,
//! which `.ci/run` makes, and in that which `TENSORBOARD_VENV` names. Without them
//! the tests say that they are skipped, unless `TENSORBOARDX_REQUIRED` or
//! `TENSORBOARD_REQUIRED` is set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Logs two scalars at each of three steps, the last long after the first.
const TRAIN: &str = "
import time
from tensorboardX import SummaryWriter
writer = SummaryWriter('logs')
for step in (1, 2, 3):
    writer.add_scalar('loss', 1 / step, step)
    writer.add_scalar('acc', 0.5, global_step=step, walltime=time.time())
    time.sleep(2.6)
writer.close()
";

/// Tells of parameters.
const SEARCH: &str = "
from guild import summary
with summary.SummaryWriter('logs') as writer:
    hparams = {'lr': [0.1, 1], 'opt': ['sgd', 'adam', 'sgd'], 'on': [True], 'any': [1, 'a']}
    writer.add_hparam_experiment(hparams, ['loss', 'acc'])
    session = {'lr': 0.1, 'opt': 'adam', 'on': False, 'any': None, 'list': [1]}
    writer.add_hparam_session('one', session, 'error')
    writer.add_hparam_session('two', {})
    writer.add_scalar('loss', 0.25, 4)
class Message:
    def SerializeToString(self):
        return bytes.fromhex('090000000000000000')
events = summary.EventFileWriter('more', filename_suffix='.own')
events.add_event(Message())
events.flush()
events.close()
";

/// Prints what TensorBoard reads in the files of folders.
const READ: &str = "
import glob, json, sys
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.plugins.hparams import plugin_data_pb2
from google.protobuf import json_format
told = []
for name in sys.argv[1:]:
    for path in sorted(glob.glob(name + '/*tfevents*')):
        for event in event_file_loader.LegacyEventFileLoader(path).Load():
            told.append(['version', event.file_version] if event.file_version else ['event'])
            for value in event.summary.value:
                data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
                told.append([value.tag, event.step, json_format.MessageToDict(data)])
print(json.dumps(told))
";

/// The Python that has `package`.
fn python(package: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tensorboard");
    let named = std::env::var_os("TENSORBOARD_VENV").map(PathBuf::from);
    let python = named.unwrap_or(target).join("bin/python");
    let found = Command::new(&python)
        .args(["-c", &format!("import {package}")])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        let variable = format!("{}_REQUIRED", package.to_uppercase());
        let required = std::env::var_os(&variable).is_some();
        assert!(!required, "{package} is not there and {variable} is set");
        eprintln!("skipped: there is no {package} in target/tensorboard");
    }
    found.then_some(python)
}

/// Runs `script` with a Python; its run's directory, and its scalars.
fn run(place: &Path, python: &Path, script: &str, plugins: &str) -> (PathBuf, Value) {
    fs::write(place.join("script.py"), script).unwrap();
    let op = format!("op: {{main: script, plugins: [{plugins}]}}\n");
    fs::write(place.join("guild.yml"), op).unwrap();
    let guild = |words: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_guild"))
            .args(words.split_whitespace())
            .current_dir(place)
            .env("GUILD_HOME", place.join("home"))
            .env("GUILD_PYTHON_EXE", python)
            .env("NO_PIP_FREEZE", "1")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "guild {words}: {errors}");
        output.stdout
    };
    fs::create_dir(place.join("home")).unwrap();
    guild("run op -y");
    let told = guild("runs info --json --all-scalars");
    let told: Value = serde_json::from_slice(&told).unwrap();
    let runs = fs::read_dir(place.join("home/runs")).unwrap();
    let dirs: Vec<PathBuf> = runs.map(|entry| entry.unwrap().path()).collect();
    (dirs[0].clone(), told["scalars"].clone())
}

#[test]
fn plugins_add_to_what_is_logged_with_tensorboardx() {
    let Some(python) = python("tensorboardX") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let (_, scalars) = run(place.path(), &python, TRAIN, "cpu, memory, perf, disk, gpu");
    let steps = |tag: &str| {
        let scalar = &scalars[format!("logs#{tag}")];
        [&scalar["first"][1], &scalar["last"][1]].map(|step| step.as_i64())
    };
    assert_eq!(steps("loss"), [Some(1), Some(3)]);
    assert_eq!(steps("acc"), [Some(1), Some(3)]);
    assert_eq!(steps("sys/mem_util"), [Some(1), Some(3)]);
    // What is told for a time begins with the second reading.
    assert_eq!(steps("performance/sec_per_step"), [Some(3), Some(3)]);
    let seconds = scalars["logs#performance/sec_per_step"]["last"][0].as_f64();
    assert!(seconds.unwrap() >= 2.5, "{seconds:?}");
    if cfg!(target_os = "linux") {
        let busy = scalars["logs#sys/cpu/util"]["last"][0].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&busy), "{busy}");
    }
}

#[test]
fn parameters_of_guild_summary_are_what_tensorboard_reads() {
    let Some(python) = python("tensorboard") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let (dir, scalars) = run(place.path(), &python, SEARCH, "");
    assert_eq!(scalars["logs#loss"]["last"], json!([0.25, 4]));
    let output = Command::new(&python)
        .args(["-c", READ])
        .args([dir.join("logs"), dir.join("more")])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut told: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    for value in &mut told {
        if let Some(start) = value.pointer_mut("/2/sessionStartInfo") {
            let started = start.as_object_mut().unwrap().remove("startTimeSecs");
            assert!(started.unwrap().as_f64() > Some(1.5e9));
        }
    }
    let info = |name: &str, kind: &str, values: Value| json!({"name": name, "type": kind, "domainDiscrete": values});
    let metric = |tag: &str| json!({"name": {"tag": tag}});
    let experiment = json!({
        "hparamInfos": [
            {"name": "any"},
            {
                "name": "lr",
                "type": "DATA_TYPE_FLOAT64",
                "domainInterval": {"minValue": "-Infinity", "maxValue": "Infinity"},
            },
            info("on", "DATA_TYPE_BOOL", json!([false, true])),
            info("opt", "DATA_TYPE_STRING", json!(["adam", "sgd"])),
        ],
        "metricInfos": [metric("acc"), metric("loss")],
    });
    let session = json!({
        "groupName": "one",
        "hparams": {
            "lr": 0.1,
            "opt": "adam",
            "on": false,
            "any": "",
            "list": "[1]",
        },
    });
    let (version, event) = (json!(["version", "brain.Event:2"]), json!(["event"]));
    let expected = [
        version.clone(),
        event.clone(),
        json!(["_hparams_/experiment", 0, {"experiment": experiment}]),
        event.clone(),
        json!(["_hparams_/session_start_info", 0, {"sessionStartInfo": session}]),
        event.clone(),
        json!([
            "_hparams_/session_end_info",
            0,
            {"sessionEndInfo": {"status": "STATUS_FAILURE"}},
        ]),
        event.clone(),
        json!([
            "_hparams_/session_start_info",
            0,
            {"sessionStartInfo": {"groupName": "two"}},
        ]),
        event.clone(),
        json!(["loss", 4, {}]),
        version,
        event,
    ];
    assert_eq!(told, expected);
}
