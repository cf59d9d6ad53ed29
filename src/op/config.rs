//! What a run keeps of its operation: the attribute `op`. From it, the flag
//! values and the run's files alone a run can be started again, by us or by
//! Guild AI, even when its project has gone.

use crate::base::yaml::{Map, Value};
use crate::flags::FlagSpec;
use crate::guildfile::FlagDef;

/// The content of the attribute `op`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpConfig {
    /// The command line with `${...}` references; `__flag_args__` stands for
    /// the flag arguments.
    pub cmd_args: Vec<String>,
    /// Variables for the process, as values with `${flag}` references.
    pub cmd_env: Map,
    /// How each flag reaches the process, by name.
    pub cmd_flags: Vec<(String, FlagSpec)>,
    /// Where flag values go in the script: `args`, `globals`, ...
    pub flags_dest: String,
    /// Whether a run that ends well is moved to the trash.
    pub delete_on_success: bool,
    /// What previews show for flags without a value.
    pub flag_null_labels: Map,
    /// Keys of flag definitions that nothing knows.
    pub flags_extra: Map,
    /// Template of the label.
    pub label_template: Option<String>,
    /// The folder inside the run that source code is in.
    pub source_dest: String,
    /// Folders that Python imports source code from instead, joined with `:`. Kept
    /// only as the `PYTHONPATH` that they make.
    pub source_folders: Option<String>,
    /// Names of variables that are not recorded, and whose values are left out
    /// here. Guild AI has no such key, and does not mind it.
    pub env_secrets: Vec<String>,
    /// Which versions of Python it runs under.
    pub python_requires: Option<String>,
    /// The patterns for scalars as the guild file has them; null for the
    /// default ones, an empty list for none.
    pub output_scalars: Value,
    /// The same for attributes.
    pub output_attrs: Value,
    /// How often the load of the machine and the run is recorded: seconds, or
    /// yes; null or no for never. No key of Guild AI's either.
    pub system_metrics: Value,
    /// Whether installed packages are not recorded. As with secrets the key is
    /// none of Guild AI's, and only there where it says something.
    pub no_pip_freeze: bool,
    /// Whatever else was there, kept as it was.
    pub other: Map,
}

/// The attribute is not what a run can be started from.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("its saved operation {0}")]
pub struct Error(pub &'static str);

/// Marks the place of flag arguments in a saved command.
pub const FLAG_ARGS_MARK: &str = "__flag_args__";

/// The module that runs steps where Guild AI runs them.
const STEPS_MODULE: &str = "guild.steps_main";

/// Modules that are the process of a run where Guild AI runs it, and the hidden
/// command of this program that does their work. Runs of both programs name the
/// module, and so either takes up those of the other.
const OWN_COMMANDS: [(&str, &str); 8] = [
    (STEPS_MODULE, "_steps"),
    ("guild.batch_main", "_batch"),
    ("guild.plugins.random_main", "_batch"),
    ("guild.plugins.skopt_gp_main", "_batch"),
    ("guild.plugins.skopt_forest_main", "_batch"),
    ("guild.plugins.skopt_gbrt_main", "_batch"),
    // For what Guild AI does not have.
    ("guild.plugins.search_main", "_batch"),
    ("guild.plugins.queue_main", "_queue"),
];

impl OpConfig {
    /// The attribute's value.
    pub fn to_value(&self) -> Value {
        let mut cmd = Map::new();
        cmd.insert("cmd-args", texts(&self.cmd_args));
        let env = self.cmd_env.iter().filter(|(name, _)| {
            let secret = |secret: &String| name.as_str() == Some(secret);
            !self.env_secrets.iter().any(secret)
        });
        let env: Map = env
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !env.is_empty() {
            cmd.insert("cmd-env", Value::Map(env));
        }
        if !self.cmd_flags.is_empty() {
            let flags: Map = self
                .cmd_flags
                .iter()
                .map(|(name, spec)| (Value::from(name.as_str()), flag_value(spec)))
                .collect();
            cmd.insert("cmd-flags", Value::Map(flags));
        }
        if !self.flags_dest.is_empty() {
            cmd.insert("flags-dest", self.flags_dest.as_str());
        }
        let mut map = self.other.clone();
        map.insert("output-attrs", self.output_attrs.clone());
        map.insert("output-scalars", self.output_scalars.clone());
        map.insert("python-requires", Value::from(self.python_requires.clone()));
        if self.no_pip_freeze {
            map.insert("pip-freeze", false);
        }
        if !self.system_metrics.is_null() {
            map.insert("system-metrics", self.system_metrics.clone());
        }
        if !map.contains("deps") {
            map.insert("deps", Value::List(Vec::new()));
        }
        let mut sourcecode = match map.remove("sourcecode") {
            Some(Value::Map(map)) => map,
            _ => Map::new(),
        };
        sourcecode.insert("dest", self.source_dest.as_str());
        map.insert("sourcecode", Value::Map(sourcecode));
        map.insert("op-cmd", Value::Map(cmd));
        map.insert("delete-on-success", self.delete_on_success);
        map.insert(
            "flag-null-labels",
            Value::Map(self.flag_null_labels.clone()),
        );
        map.insert("flags-extra", Value::Map(self.flags_extra.clone()));
        map.insert("label-template", Value::from(self.label_template.clone()));
        if !self.env_secrets.is_empty() {
            map.insert("env-secrets", texts(&self.env_secrets));
        }
        Value::Map(map)
    }

    /// Reads the attribute's value.
    ///
    /// # Errors
    /// It is no mapping, or names no command.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let map = value.as_map().ok_or(Error("is not a mapping"))?;
        let cmd = map
            .get("op-cmd")
            .and_then(Value::as_map)
            .ok_or(Error("has no command"))?;
        let cmd_args = list(cmd.get("cmd-args"));
        if cmd_args.is_empty() {
            return Err(Error("has no command"));
        }
        let cmd_flags = map_of(cmd.get("cmd-flags"))
            .iter()
            .map(|(name, value)| (text(name), flag_spec(&map_of(Some(value)))))
            .collect();
        let known = [
            "op-cmd",
            "delete-on-success",
            "flag-null-labels",
            "flags-extra",
            "label-template",
            "env-secrets",
            "output-attrs",
            "output-scalars",
            "pip-freeze",
            "python-requires",
            "system-metrics",
        ];
        let other = map
            .iter()
            .filter(|(key, _)| !key.as_str().is_some_and(|key| known.contains(&key)))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let dest = map_of(map.get("sourcecode")).get("dest").map(text);
        Ok(Self {
            source_folders: None,
            cmd_args,
            cmd_env: map_of(cmd.get("cmd-env")),
            cmd_flags,
            flags_dest: cmd.get("flags-dest").map(text).unwrap_or_default(),
            delete_on_success: map.get("delete-on-success").is_some_and(Value::is_truthy),
            flag_null_labels: map_of(map.get("flag-null-labels")),
            flags_extra: map_of(map.get("flags-extra")),
            label_template: map
                .get("label-template")
                .and_then(Value::as_str)
                .map(str::to_string),
            source_dest: dest.unwrap_or_else(|| ".".to_string()),
            env_secrets: list(map.get("env-secrets")),
            python_requires: map
                .get("python-requires")
                .filter(|value| value.is_truthy())
                .map(text),
            output_scalars: map.get("output-scalars").cloned().unwrap_or(Value::Null),
            output_attrs: map.get("output-attrs").cloned().unwrap_or(Value::Null),
            system_metrics: map.get("system-metrics").cloned().unwrap_or(Value::Null),
            no_pip_freeze: map.get("pip-freeze") == Some(&Value::Bool(false)),
            other,
        })
    }

    /// Whether its process runs the run's steps.
    pub fn runs_steps(&self) -> bool {
        self.own_module() == Some(STEPS_MODULE)
    }

    /// The hidden command of this program that is its process; none for programs
    /// of others. Flag arguments come behind it where [`OpConfig::cmd_args`] has them.
    pub fn own_command(&self) -> Option<&'static str> {
        let module = self.own_module()?;
        let own = OWN_COMMANDS.iter().find(|(known, _)| *known == module);
        own.map(|(_, command)| *command)
    }

    fn own_module(&self) -> Option<&str> {
        match &self.cmd_args[..] {
            [_, option, module] if option == "-um" => Some(module),
            [_, option, module, flags] if option == "-um" && flags == FLAG_ARGS_MARK => {
                Some(module)
            }
            _ => None,
        }
    }

    /// What a run needs, as resources of the run format.
    pub fn dependencies(&self) -> &[Value] {
        let resources = self.other.get("deps").and_then(Value::as_list);
        resources.unwrap_or_default()
    }

    /// Replaces what a run needs.
    pub fn set_dependencies(&mut self, resources: Vec<Value>) {
        self.other.insert("deps", Value::List(resources));
    }

    /// How the flag `name` reaches the process, if that is known.
    pub fn flag_spec(&self, name: &str) -> Option<&FlagSpec> {
        let mut specs = self.cmd_flags.iter();
        specs.find(|(known, _)| known == name).map(|(_, spec)| spec)
    }

    /// Takes over what the definitions say of flags; `skip` is whether those
    /// that do not say so themselves are no arguments.
    pub fn set_flags(&mut self, flags: &[FlagDef], skip: bool) {
        let spec = |flag: &FlagDef| FlagSpec {
            arg_skip: flag.spec.arg_skip.or(skip.then_some(true)),
            ..flag.spec.clone()
        };
        self.cmd_flags = flags
            .iter()
            .map(|flag| (flag.name.clone(), spec(flag)))
            .collect();
        let null_labels = flags.iter().filter_map(|flag| {
            let label = flag.null_label.clone()?;
            Some((Value::from(flag.name.as_str()), Value::from(label)))
        });
        self.flag_null_labels = null_labels.collect();
        let extra = |flag: &FlagDef| {
            let mut extra = flag.extra.clone();
            // Guild AI keeps it among the keys that are for others.
            if let Some(distribution) = &flag.distribution {
                extra.insert("distribution", distribution.as_str());
            }
            (!extra.is_empty()).then(|| (Value::from(flag.name.as_str()), Value::Map(extra)))
        };
        self.flags_extra = flags.iter().filter_map(extra).collect();
    }
}

fn flag_value(spec: &FlagSpec) -> Value {
    let mut map = Map::new();
    if let Some(name) = &spec.arg_name {
        map.insert("arg-name", name.as_str());
    }
    if spec.arg_skip == Some(true) {
        map.insert("arg-skip", true);
    }
    // A false switch is kept: Guild AI reads it right, but does not save it.
    if let Some(switch) = spec.arg_switch.as_ref().filter(|value| !value.is_null()) {
        map.insert("arg-switch", switch.clone());
    }
    if let Some(split) = &spec.arg_split {
        map.insert("arg-split", split.clone());
    }
    if let Some(name) = &spec.env_name {
        map.insert("env-name", name.as_str());
    }
    if let Some(encoding) = spec.arg_encoding.as_ref().filter(|map| !map.is_empty()) {
        map.insert("arg-encoding", Value::Map(encoding.clone()));
    }
    if let Some(encoding) = spec.env_encoding.as_ref().filter(|map| !map.is_empty()) {
        map.insert("env-encoding", Value::Map(encoding.clone()));
    }
    Value::Map(map)
}

fn flag_spec(map: &Map) -> FlagSpec {
    let set = |key: &str| map.get(key).filter(|value| !value.is_null());
    FlagSpec {
        arg_name: set("arg-name").map(text),
        arg_skip: set("arg-skip").map(Value::is_truthy),
        arg_switch: set("arg-switch").cloned(),
        arg_split: set("arg-split").cloned(),
        env_name: set("env-name").map(text),
        arg_encoding: set("arg-encoding").and_then(Value::as_map).cloned(),
        env_encoding: set("env-encoding").and_then(Value::as_map).cloned(),
    }
}

fn texts(items: &[String]) -> Value {
    Value::List(items.iter().map(|item| item.as_str().into()).collect())
}

fn text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => crate::base::yaml::dump_flow(other),
    }
}

fn list(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_list).unwrap_or_default();
    items.iter().map(text).collect()
}

fn map_of(value: Option<&Value>) -> Map {
    value.and_then(Value::as_map).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    const REAL: &str = "\
delete-on-success: false
deps: []
flag-null-labels: {}
flags-extra: {}
label-template: lab el
op-cmd:
  cmd-args:
  - ${python_exe}
  - -um
  - guild.op_main
  - train
  - --
  - __flag_args__
  cmd-env:
    FLAGS_DEST: globals
    PROJECT_DIR: /home/u/proj
  cmd-flags:
    flag: {}
    lst:
      arg-split: true
    'n': {}
  flags-dest: globals
output-attrs: null
output-scalars: null
python-requires: null
sourcecode:
  dest: .";

    #[test]
    fn a_real_attribute_survives_a_round_trip() {
        let config = OpConfig::from_value(&yaml::load(REAL).unwrap()).unwrap();
        assert_eq!(config.cmd_args.len(), 6);
        assert_eq!(config.flags_dest, "globals");
        assert_eq!(config.label_template.as_deref(), Some("lab el"));
        assert_eq!(yaml::dump(&config.to_value()), REAL);
    }

    #[test]
    fn what_is_secret_is_left_out() {
        let mut config = OpConfig::from_value(&yaml::load(REAL).unwrap()).unwrap();
        config.cmd_env.insert("KEY", "k");
        config.env_secrets = vec!["KEY".to_string(), "OTHER".to_string()];
        let text = yaml::dump(&config.to_value());
        assert!(!text.contains("KEY: k"), "{text}");
        assert!(text.contains("PROJECT_DIR"), "{text}");
        let again = OpConfig::from_value(&yaml::load(&text).unwrap()).unwrap();
        assert_eq!(again.env_secrets, config.env_secrets);
    }

    #[test]
    fn a_false_switch_is_kept() {
        let mut config = OpConfig {
            cmd_args: vec!["x".into()],
            ..OpConfig::default()
        };
        let spec = FlagSpec {
            arg_switch: Some(Value::Bool(false)),
            ..FlagSpec::default()
        };
        config.cmd_flags = vec![("sw".into(), spec)];
        let again = OpConfig::from_value(&config.to_value()).unwrap();
        assert_eq!(again.cmd_flags, config.cmd_flags);
    }

    #[test]
    fn what_this_program_does_itself_is_known_in_runs_of_either() {
        let config = |words: &str| OpConfig {
            cmd_args: words.split(' ').map(str::to_string).collect(),
            ..OpConfig::default()
        };
        assert!(config("${guild_python_exe} -um guild.steps_main").runs_steps());
        assert!(!config("${python_exe} -um guild.op_main guild.steps_main").runs_steps());
        assert!(!config("echo -um guild.steps_main x").runs_steps());
        let queue = "${guild_python_exe} -um guild.plugins.queue_main";
        for words in [queue.to_string(), format!("{queue} {FLAG_ARGS_MARK}")] {
            assert_eq!(config(&words).own_command(), Some("_queue"));
            assert!(!config(&words).runs_steps());
        }
        assert_eq!(config(&format!("{queue} x")).own_command(), None);
    }

    #[test]
    fn without_a_command_nothing_can_be_started() {
        for text in ["3", "{}", "op-cmd: {}", "op-cmd: {cmd-args: []}"] {
            assert!(OpConfig::from_value(&yaml::load(text).unwrap()).is_err());
        }
    }
}
