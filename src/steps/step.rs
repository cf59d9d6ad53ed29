//! One step, read from what the guild file says: text, or a mapping that has it
//! as `run`.

use super::check::Check;
use super::request::{self, Passed};
use super::{Error, values};
use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::op::RunRequest;
use crate::op::values::Words;
use crate::opref::OpRef;
use crate::runs::Run;

/// Reads the words of a `guild run` command.
pub type Parse<'a> = &'a dyn Fn(&[String]) -> Result<RunRequest, String>;

/// Keys of a step that are no options of `guild run`.
const OWN_KEYS: [&str; 6] = ["checks", "expect", "flags", "isolate-runs", "name", "run"];

/// What steps have from the run they are steps of.
#[derive(Debug, Clone, Default)]
pub struct Parent {
    /// Its operation, whose model is meant where a step names none.
    pub opref: Option<OpRef>,
    /// Its flag values.
    pub flags: Map,
    /// The label that the user gave it.
    pub label: Option<String>,
    /// The tags that the user gave it.
    pub tags: Vec<String>,
}

/// An operation that is run as a part of another.
#[derive(Debug, Clone)]
pub struct Step {
    /// What users call it: the name that it has, else the operation as written.
    pub name: String,
    /// The operation, with its model.
    pub op_spec: String,
    /// Options of the command that runs it.
    pub request: RunRequest,
    /// Files with flag values.
    pub files: Vec<String>,
    /// Flag values, by name.
    pub flags: Map,
    /// What its run is looked at for.
    pub checks: Vec<Check>,
    /// Whether it sees the runs of the pipeline only.
    pub isolate_runs: bool,
}

impl Parent {
    /// What the steps of `run` have from it.
    ///
    /// # Errors
    /// Its attributes cannot be read.
    pub fn of_run(run: &Run) -> Result<Self, Error> {
        let params = run.attr("run_params")?;
        let params = params.as_ref().and_then(Value::as_map);
        let param = |name: &str| params.and_then(|params| params.get(name));
        let tags = param("tags").and_then(Value::as_list).unwrap_or_default();
        let label = param("label").filter(|label| !label.is_null());
        Ok(Self {
            opref: run.opref().ok(),
            flags: match run.attr("flags")? {
                Some(Value::Map(flags)) => flags,
                _ => Map::new(),
            },
            label: label.map(flags::plain_text),
            tags: tags.iter().map(flags::plain_text).collect(),
        })
    }

    /// The operation `spec` of a step with its model: that of the parent where it
    /// names none.
    fn model_op(&self, spec: &str) -> String {
        // What names its model says all, and what names a folder is a file.
        let opref = self.opref.as_ref().filter(|_| !spec.contains([':', '/']));
        match opref.map(|opref| opref.model.as_str()) {
            None | Some("") => spec.to_string(),
            Some(model) => format!("{model}:{spec}"),
        }
    }

    /// The operation `model_op` of a step, in the package that it is looked for in.
    fn op_spec(&self, model_op: &str) -> String {
        let opref = self.opref.as_ref().filter(|_| !model_op.contains('/'));
        match opref.filter(|opref| opref.kind == "package") {
            Some(opref) => format!("{}/{model_op}", opref.name),
            None => model_op.to_string(),
        }
    }
}

impl Step {
    /// Reads the steps that a run keeps. What is of no use is told to `warn`.
    ///
    /// # Errors
    /// Any of them makes no sense.
    pub fn read_all(
        steps: &Value,
        parent: &Parent,
        parse: Parse<'_>,
        warn: &mut dyn FnMut(String),
    ) -> Result<Vec<Self>, Error> {
        let items = steps
            .as_list()
            .ok_or_else(|| Error::NoList(flags::python_repr(steps)))?;
        items
            .iter()
            .map(|item| Self::read(item, parent, parse, warn))
            .collect()
    }

    fn read(
        data: &Value,
        parent: &Parent,
        parse: Parse<'_>,
        warn: &mut dyn FnMut(String),
    ) -> Result<Self, Error> {
        let data = match data {
            Value::Str(run) => Map::from_iter([("run", run.as_str())]),
            Value::Map(map) => map.clone(),
            other => return Err(Error::NoStep(flags::python_repr(other))),
        };
        let mut request = run_request(&data, parse, warn)?;
        let said = |key: &str| data.get(key).filter(|value| value.is_truthy());
        let spec = said("opspec").map(flags::plain_text);
        let spec = spec.or_else(|| request.op_spec().map(str::to_string));
        let name = said("name").map(flags::plain_text);
        let Some(name) = name.or_else(|| spec.clone()) else {
            return Err(no_operation(flags::plain_text(
                data.get("run").unwrap_or(&Value::Null),
            )));
        };
        let spec = spec.ok_or_else(|| no_operation(name.clone()))?;
        let refuse = |reason: String| Error::Step {
            step: name.clone(),
            reason,
        };
        warn_of_keys(&data, &name, warn);
        request::take_keys(&mut request, &data).map_err(refuse)?;
        inherit(&mut request, parent).map_err(refuse)?;
        let model_op = parent.model_op(&spec);
        let words = Words::parse(request.flag_words())?;
        let prefixes = [model_op.as_str(), name.as_str()];
        let values = values::of_step(&words, &data, prefixes, &parent.flags).map_err(refuse)?;
        Ok(Self {
            op_spec: parent.op_spec(&model_op),
            request,
            files: words.files,
            flags: values,
            checks: Check::read_all(&data).map_err(refuse)?,
            isolate_runs: data.get("isolate-runs").is_none_or(Value::is_truthy),
            name,
        })
    }

    /// The words of the command that runs it for the first time, the operation
    /// first.
    pub fn words(&self) -> Vec<String> {
        let options = request::options(&self.request, Passed::default(), false);
        let spec = std::iter::once(self.op_spec.clone());
        spec.chain(options).chain(self.value_words()).collect()
    }

    /// The words of its command that say with which values it is run.
    pub(super) fn value_words(&self) -> Vec<String> {
        let files = self.files.iter().map(|file| format!("@{file}"));
        let flags = self.flags.sorted().into_iter();
        let flags = flags.map(|(name, value)| {
            let value = values::typed(value);
            format!("{}={value}", flags::name_text(name))
        });
        files.chain(flags).collect()
    }
}

fn no_operation(step: String) -> Error {
    Error::Step {
        step,
        reason: "it names no operation".to_string(),
    }
}

/// What the text under `run` asks `guild run` for.
fn run_request(
    data: &Map,
    parse: Parse<'_>,
    warn: &mut dyn FnMut(String),
) -> Result<RunRequest, Error> {
    let spec = data.get("run").filter(|run| !run.is_null());
    let spec = spec.map(flags::plain_text).unwrap_or_default();
    let spec = spec.trim();
    if spec.is_empty() {
        return Err(Error::NoRun(flags::python_repr(&Value::Map(data.clone()))));
    }
    let shown = flags::python_repr(&spec.into());
    let refuse = |reason: String| Error::RunSpec {
        spec: shown.clone(),
        reason,
    };
    let words = crate::base::shell_text::split(spec).map_err(|error| refuse(error.to_string()))?;
    let request = parse(&words).map_err(refuse)?;
    for name in request::unused(&request) {
        warn(format!("run parameter {name} used in {shown} ignored"));
    }
    Ok(request)
}

/// Takes over from `parent` what the step does not say itself, and replaces
/// references to its flags.
fn inherit(request: &mut RunRequest, parent: &Parent) -> Result<(), String> {
    if request.label.is_none() {
        request.label.clone_from(&parent.label);
    }
    if request.tags.is_empty() {
        request.tags.clone_from(&parent.tags);
    }
    let texts = request.label.iter_mut().chain(&mut request.gpus);
    for text in texts.chain(&mut request.tags) {
        *text = values::text(text, &parent.flags)?;
    }
    Ok(())
}

/// Tells of keys that nothing knows.
fn warn_of_keys(data: &Map, step: &str, warn: &mut dyn FnMut(String)) {
    let known: Vec<String> = OWN_KEYS
        .into_iter()
        .chain(request::keys())
        .map(str::to_string)
        .collect();
    for key in data.keys().map(flags::plain_text) {
        if known.contains(&key) {
            continue;
        }
        let nearest = text::closest(&key.replace('_', "-"), &known);
        let hint = nearest.map_or(String::new(), |name| format!(" - did you mean '{name}'?"));
        warn(format!(
            "unknown key '{key}' of step '{step}' ignored{hint}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    /// Reads words as far as these tests need it.
    fn parse(words: &[String]) -> Result<RunRequest, String> {
        let mut request = RunRequest::default();
        for word in words {
            match word.as_str() {
                "--needed" => request.needed = true,
                "--stage" => request.stage = true,
                word if word.starts_with('-') => return Err(format!("no option {word}")),
                word => request.words.push(word.to_string()),
            }
        }
        Ok(request)
    }

    fn read(text: &str, parent: &Parent) -> (Result<Vec<Step>, String>, Vec<String>) {
        let mut warnings = Vec::new();
        let steps = yaml::load(text).unwrap();
        let read = Step::read_all(&steps, parent, &parse, &mut |text| warnings.push(text));
        (read.map_err(|error| error.to_string()), warnings)
    }

    fn parent() -> Parent {
        Parent {
            opref: OpRef::parse("guildfile:/p/guild.yml v m pipe").ok(),
            flags: [("rate", Value::Float(0.5)), ("m:train:size", 3.into())]
                .into_iter()
                .collect(),
            label: Some("at ${rate} ${mine}".to_string()),
            tags: vec!["a".to_string()],
        }
    }

    #[test]
    fn a_step_has_its_model_label_and_tags_from_its_parent() {
        let (steps, warnings) = read(
            "['train rate=${rate} --needed', other:x, a/b.py]",
            &parent(),
        );
        let steps = steps.unwrap();
        assert_eq!(warnings, [] as [&str; 0]);
        let names: Vec<_> = steps.iter().map(|step| step.op_spec.as_str()).collect();
        assert_eq!(names, ["m:train", "other:x", "a/b.py"]);
        assert_eq!(steps[0].name, "train");
        assert_eq!(steps[0].value_words(), ["rate=0.5", "size=3"]);
        assert!(steps[0].request.needed);
        let request = &steps[0].request;
        assert_eq!(request.label.as_deref(), Some("at 0.5 ${mine}"));
        assert_eq!(request.tags, ["a"]);
    }

    #[test]
    fn steps_of_a_package_are_of_that_package() {
        let parent = Parent {
            opref: OpRef::parse("package:p.q 1 cat day").ok(),
            flags: [
                ("cat:feed:food", Value::from("egg")),
                ("dog:walk:far", 3.into()),
            ]
            .into_iter()
            .collect(),
            ..Parent::default()
        };
        let steps = read("[feed, dog:walk, other/x:y]", &parent).0.unwrap();
        let words: Vec<_> = steps.iter().map(|step| step.words().join(" ")).collect();
        let expected = ["p.q/cat:feed food=egg", "p.q/dog:walk far=3", "other/x:y"];
        assert_eq!(words, expected);
    }

    #[test]
    fn keys_go_before_what_the_command_says() {
        let text = "[{run: 'x a=1 b=2', name: n, flags: {b: two words, c: null}, label: mine,
            needed: yes, isolate-runs: no, tags: [t]}]";
        let steps = read(text, &parent()).0.unwrap();
        let step = &steps[0];
        assert_eq!(step.name, "n");
        assert_eq!(step.value_words(), ["a=1", "b='two words'"]);
        assert_eq!(step.request.label.as_deref(), Some("mine"));
        assert_eq!(step.request.tags, ["t"]);
        assert!(step.request.needed && !step.isolate_runs);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_what_it_is() {
        for (text, message) in [
            ("{a: 1}", "invalid steps data {'a': 1}: expected list"),
            ("[[1, 2]]", "invalid step data: [1, 2]"),
            ("[null]", "invalid step data: None"),
            ("['  ']", "invalid step {'run': '  '}: must define run"),
            ("[{}]", "invalid step {}: must define run"),
            ("[a=1]", "invalid step 'a=1': it names no operation"),
            ("[x --no]", "invalid run spec 'x --no': no option --no"),
            ("[x y z]", "invalid argument(s):\ny\nz\nexpected NAME=VAL"),
            (
                "[{run: x, flags: 3}]",
                "invalid step 'x': invalid flags value 3",
            ),
            (
                "[{run: x, flags: {a: '${b}'}}]",
                "invalid step 'x': flag 'a' has an undefined reference 'b'",
            ),
            (
                "[{run: x, max-trials: many}]",
                "invalid step 'x': invalid value for max-trials: 'many' is not a number",
            ),
        ] {
            assert_eq!(read(text, &parent()).0.unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn what_is_of_no_use_is_told() {
        let (steps, warnings) = read("[{run: x --stage, expct: 1}]", &parent());
        assert!(steps.is_ok());
        assert_eq!(
            warnings,
            [
                "run parameter stage used in 'x --stage' ignored",
                "unknown key 'expct' of step 'x' ignored - did you mean 'expect'?"
            ]
        );
    }
}
