//! What a step says of the command that runs it, beside its flags.

use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::op::{RunRequest, system_metrics};

/// Parameters of `guild run` that a step may have.
const USED: [&str; 23] = [
    "additional_deps",
    "batch_label",
    "batch_tags",
    "break_",
    "break_on_error",
    "fail_on_trial_error",
    "flags",
    "force_flags",
    "gpus",
    "label",
    "max_trials",
    "maximize",
    "minimize",
    "needed",
    "no_gpus",
    "opspec",
    "opt_flags",
    "optimize",
    "optimizer",
    "random_seed",
    "remote",
    "stop_after",
    "tags",
];

/// A step has this from its pipeline, whatever it says itself.
const FROM_PIPELINE: &str = "force_sourcecode";

/// What the run of a pipeline says of how all its steps are run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Passed {
    /// Whether the trials of batches are staged.
    pub stage_trials: bool,
    /// Whether source code is copied anew.
    pub force_sourcecode: bool,
    /// Whether a step that has ended well is left as it is.
    pub needed: bool,
    /// How often the load of the machine and of a step is recorded, in seconds,
    /// where the step does not say.
    pub system_metrics: Option<f64>,
}

/// The keys of a step that are parameters of `guild run`.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    const KEYS: [&str; 23] = [
        "additional-deps",
        "batch-label",
        "batch-tags",
        "break",
        "break-on-error",
        "fail-on-trial-error",
        "force-flags",
        "gpus",
        "label",
        "max-trials",
        "maximize",
        "minimize",
        "needed",
        "no-gpus",
        "opspec",
        "opt-flags",
        "optimize",
        "optimizer",
        "random-seed",
        "remote",
        "stop-after",
        "system-metrics",
        "tags",
    ];
    KEYS.into_iter()
}

/// The names of parameters that `request` has and that mean nothing to a step.
pub(super) fn unused(request: &RunRequest) -> Vec<String> {
    let default = RunRequest::default().to_params();
    let given = request.to_params();
    let names = given.sorted().into_iter().filter_map(|(name, value)| {
        let name = name.as_str()?;
        let is_unused = !USED.contains(&name) && name != FROM_PIPELINE;
        (is_unused && default.get(name) != Some(value)).then(|| name.to_string())
    });
    names.collect()
}

/// Puts what the keys of a step say into `request`.
///
/// # Errors
/// A value that the parameter cannot have.
pub(super) fn take_keys(request: &mut RunRequest, data: &Map) -> Result<(), String> {
    let said = |key: &str| data.get(key).filter(|value| !value.is_null());
    let r = request;
    for (key, field) in [
        ("batch-label", &mut r.batch_label),
        ("gpus", &mut r.gpus),
        ("label", &mut r.label),
        ("maximize", &mut r.maximize),
        ("minimize", &mut r.minimize),
        ("optimizer", &mut r.optimizer),
        ("remote", &mut r.remote),
    ] {
        if let Some(value) = said(key) {
            *field = Some(flags::plain_text(value));
        }
    }
    for (key, field) in [
        ("additional-deps", &mut r.additional_deps),
        ("batch-tags", &mut r.batch_tags),
        ("break", &mut r.break_),
        ("opt-flags", &mut r.opt_flags),
        ("tags", &mut r.tags),
    ] {
        match said(key) {
            None => {}
            Some(Value::List(items)) => *field = items.iter().map(flags::plain_text).collect(),
            Some(Value::Map(map)) => *field = flags::assignments(map, flags::Shorten::default()),
            Some(value) => *field = vec![flags::plain_text(value)],
        }
    }
    for (key, field) in [
        ("break-on-error", &mut r.break_on_error),
        ("fail-on-trial-error", &mut r.fail_on_trial_error),
        ("force-flags", &mut r.force_flags),
        ("needed", &mut r.needed),
        ("no-gpus", &mut r.no_gpus),
        ("optimize", &mut r.optimize),
    ] {
        if let Some(value) = said(key) {
            *field = value.is_truthy();
        }
    }
    let number = |key: &str| {
        let value = said(key).map(|value| {
            let refuse = || {
                let shown = flags::python_repr(value);
                format!("invalid value for {key}: {shown} is not a number")
            };
            value.as_f64().ok_or_else(refuse)
        });
        value.transpose()
    };
    if let Some(count) = number("max-trials")? {
        r.max_trials = Some(count as u64);
    }
    if let Some(seed) = number("random-seed")? {
        r.random_seed = Some(seed as i64);
    }
    if let Some(minutes) = number("stop-after")? {
        r.stop_after = Some(minutes);
    }
    if let Some(value) = said("system-metrics") {
        let seconds = system_metrics::seconds(value).ok_or_else(|| {
            let shown = flags::python_repr(value);
            format!("invalid value for system-metrics: {shown} is neither seconds nor yes")
        })?;
        r.system_metrics = Some(seconds);
    }
    Ok(())
}

/// The options of the command that runs a step; `again` is whether it is the
/// restart of a run, which has its optimizer already.
pub(super) fn options(request: &RunRequest, passed: Passed, again: bool) -> Vec<String> {
    let mut words = Words(Vec::new());
    let r = request;
    words.switch("stage-trials", passed.stage_trials);
    words.switch("force-sourcecode", passed.force_sourcecode);
    words.switch("needed", passed.needed);
    words.value("batch-label", r.batch_label.as_ref());
    words.values("batch-tag", &r.batch_tags);
    words.switch("fail-on-trial-error", r.fail_on_trial_error);
    words.switch("force-flags", r.force_flags);
    words.value("gpus", r.gpus.as_ref());
    words.value("gpus-per-trial", r.gpus_per_trial);
    words.value("jobs", r.jobs);
    words.value("label", r.label.as_ref());
    words.value("max-load", r.max_load);
    words.value("max-trials", r.max_trials);
    words.value("maximize", r.maximize.as_ref());
    words.value("min-memory", r.min_memory);
    words.value("minimize", r.minimize.as_ref());
    words.switch("needed", r.needed && !passed.needed);
    words.switch("no-gpus", r.no_gpus);
    words.values("opt-flag", &r.opt_flags);
    words.switch("optimize", r.optimize && !again);
    words.value("optimizer", r.optimizer.as_ref().filter(|_| !again));
    words.value("random-seed", r.random_seed);
    words.value("remote", r.remote.as_ref());
    words.value("stop-after", r.stop_after);
    // The option has its value behind a '=' only.
    let system_metrics = r.system_metrics.or(passed.system_metrics);
    words
        .0
        .extend(system_metrics.map(|seconds| format!("--system-metrics={seconds}")));
    words.values("tag", &r.tags);
    words.values("dep", &r.additional_deps);
    words.values("break", &r.break_);
    words.switch("break-on-error", r.break_on_error);
    words.0
}

struct Words(Vec<String>);

impl Words {
    fn switch(&mut self, name: &str, wanted: bool) {
        if wanted {
            self.0.push(format!("--{name}"));
        }
    }

    fn value(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.extend([format!("--{name}"), value.to_string()]);
        }
    }

    fn values(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.value(name, Some(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn every_key_is_a_parameter_and_becomes_an_option() {
        let text = "
            {additional-deps: d, batch-label: bl, batch-tags: [t1, t2], break: f,
             break-on-error: yes, fail-on-trial-error: yes, force-flags: yes, gpus: 0,
             label: 5, max-trials: 3, maximize: a, minimize: b, needed: yes, no-gpus: yes,
             opt-flags: {x: 1}, optimize: yes, optimizer: gp, random-seed: 7, remote: r,
             stop-after: 0.5, system-metrics: yes, tags: t}";
        let data = yaml::load(text).unwrap();
        let mut request = RunRequest::default();
        take_keys(&mut request, data.as_map().unwrap()).unwrap();
        assert_eq!(unused(&request), [] as [&str; 0]);
        let expected = "--batch-label bl --batch-tag t1 --batch-tag t2 --fail-on-trial-error \
            --force-flags --gpus 0 --label 5 --max-trials 3 --maximize a --minimize b --needed \
            --no-gpus --opt-flag x=1 --optimize --optimizer gp --random-seed 7 --remote r \
            --stop-after 0.5 --system-metrics=5 --tag t --dep d --break f --break-on-error";
        assert_eq!(
            options(&request, Passed::default(), false).join(" "),
            expected
        );
        for key in keys() {
            let name = key.replace('-', "_");
            // Guild AI knows no such parameter, so that runs do not record it.
            let is_own = key == "system-metrics";
            let is_used = USED.contains(&name.as_str()) || key == "break";
            assert!(is_used || is_own, "{key}");
        }
    }

    #[test]
    fn the_pipelines_own_options_come_first_and_once() {
        let request = RunRequest {
            needed: true,
            optimize: true,
            label: Some("l".to_string()),
            ..RunRequest::default()
        };
        let passed = Passed {
            needed: true,
            force_sourcecode: true,
            stage_trials: true,
            system_metrics: Some(2.5),
        };
        let words = options(&request, passed, true).join(" ");
        assert_eq!(
            words,
            "--stage-trials --force-sourcecode --needed --label l --system-metrics=2.5"
        );
        let request = RunRequest {
            system_metrics: Some(30.0),
            ..RunRequest::default()
        };
        let passed = Passed {
            system_metrics: Some(2.5),
            ..Passed::default()
        };
        assert_eq!(options(&request, passed, false), ["--system-metrics=30"]);
    }
}
