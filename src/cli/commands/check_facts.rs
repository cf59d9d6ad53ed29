//! What `guild check` tells: facts about guild, Python and the machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::exchange::{self, Bounds};
use crate::base::{files, process};
use crate::cli::Context;
use crate::home::Home;
use crate::opref::GUILD_VERSION;
use crate::project::plugins;
use crate::python::environment::{self, Environment};
use crate::python::interpreter;

/// Modules that are told with `--verbose`.
const MODULES: [&str; 11] = [
    "click",
    "dask",
    "distutils",
    "numpy",
    "pandas",
    "pip",
    "sklearn",
    "setuptools",
    "twine",
    "yaml",
    "werkzeug",
];

/// How long a tool may take to tell its version, and how long that may be.
pub const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    bytes: 1 << 20,
};

/// What is not there.
const NOT_INSTALLED: &str = "not installed";

/// One fact.
#[derive(Debug)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What is found.
    pub value: String,
    /// Whether that is as it should be.
    pub fine: bool,
}

/// Facts in the order in which they are told.
#[derive(Debug, Default)]
pub struct Facts {
    /// The facts.
    pub list: Vec<Fact>,
}

impl Facts {
    fn add(&mut self, name: &str, value: impl Into<String>) {
        self.push(name, value, true);
    }

    fn push(&mut self, name: &str, value: impl Into<String>, fine: bool) {
        self.list.push(Fact {
            name: name.to_string(),
            value: value.into(),
            fine,
        });
    }

    /// Whether all is as it should be.
    pub fn are_fine(&self) -> bool {
        self.list.iter().all(|fact| fact.fine)
    }

    /// Adds how much space guild's files take up.
    pub fn add_space(&mut self, context: &Context) {
        let home = &context.home;
        let folders = [
            ("  guild_home", home.guild_home().to_path_buf()),
            ("  runs", home.runs_dir()),
            ("  deleted_runs", home.trash_dir()),
            ("  remote_state", home.remotes_dir()),
            ("  cache", home.resource_dir()),
        ];
        let sizes: Vec<String> = folders
            .iter()
            .map(|(_, dir)| size_text(usage(dir)))
            .collect();
        let width = sizes.iter().map(String::len).max().unwrap_or(0);
        self.add("disk_space", "");
        for ((name, dir), size) in folders.iter().zip(&sizes) {
            self.add(name, format!("{size:<width$} {}", dir.display()));
        }
    }
}

/// The facts; `env` keeps to those about guild and Python, `options` are those
/// of the command that ask for more.
pub fn gather(env: bool, verbose: bool, options: &[&str], context: &Context) -> Facts {
    let home = &context.home;
    let mut facts = Facts::default();
    add_guild(&mut facts, env, context);
    let modules: Vec<&str> = match (env, verbose) {
        (true, _) => Vec::new(),
        (false, true) => ["psutil", "tensorboard"]
            .into_iter()
            .chain(MODULES)
            .collect(),
        (false, false) => vec!["psutil", "tensorboard"],
    };
    let options = if env { &[] } else { options };
    let python = environment::ask(home, &modules, options);
    add_python(&mut facts, &python, verbose);
    if !env {
        add_machine(&mut facts, python.as_ref().ok(), options, home);
        if verbose {
            for name in MODULES {
                add_module(&mut facts, python.as_ref().ok(), name);
            }
        }
    }
    facts.add("latest_guild_version", "unchecked (offline)");
    facts
}

fn add_guild(facts: &mut Facts, env: bool, context: &Context) {
    let home = &context.home;
    facts.add("guild_version", GUILD_VERSION);
    let exe = home.executable().map(|exe| exe.display().to_string());
    facts.add("guild_install_location", exe.unwrap_or_default());
    facts.add("guild_home", home.guild_home().display().to_string());
    let cache = home.resources_dir();
    facts.add("guild_resource_cache", cache.display().to_string());
    if let Err(error) = home.config() {
        let config = home.config_file();
        facts.push(
            "user_config",
            format!("ERROR: {error} ({})", config.display()),
            false,
        );
    }
    if !env {
        let mut names: Vec<String> = plugins::NAMES.map(str::to_string).to_vec();
        names.extend(plugins::operation_kinds(home));
        facts.add("installed_plugins", names.join(", "));
    }
}

fn add_python(facts: &mut Facts, python: &Result<Environment, environment::Error>, verbose: bool) {
    match python {
        Ok(python) => {
            facts.add("python_version", &python.version);
            facts.add("python_exe", &python.executable);
            if verbose {
                let path = python.path.iter().map(|dir| dir.display().to_string());
                facts.add("python_path", path.collect::<Vec<_>>().join(":"));
            }
        }
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            facts.push("python_version", format!("ERROR: {first}"), false);
            facts.push("python_exe", NOT_INSTALLED, false);
        }
    }
}

fn add_machine(facts: &mut Facts, python: Option<&Environment>, options: &[&str], home: &Home) {
    let [system, _, release, _, machine] = process::system_name();
    facts.add("platform", format!("{system} {release} {machine}"));
    add_module(facts, python, "psutil");
    add_module(facts, python, "tensorboard");
    if options.contains(&"--r-script") {
        let version = version_of(
            home,
            "Rscript",
            &["--version"],
            r"(?:front-end|Rscript\)?) version (.*)",
        );
        facts.add("rscript_version", version);
    }
    let told = python.map(|python| python.tensorflow.iter().chain(&python.pytorch));
    for (name, value, fine) in told.into_iter().flatten() {
        // What is not there at all is no fault.
        facts.push(name, value, *fine || value == NOT_INSTALLED);
    }
    let nvcc = version_of(home, "nvcc", &["--version"], r"V([0-9.]+)");
    let cuda = match nvcc.as_str() {
        NOT_INSTALLED => version_of(
            home,
            "nvidia-smi",
            &["--query"],
            r"CUDA Version\s+: ([0-9.]+)",
        ),
        _ => nvcc,
    };
    facts.add("cuda_version", cuda);
    let smi = version_of(home, "nvidia-smi", &[], r"NVIDIA-SMI ([0-9.]+)");
    facts.add("nvidia_smi_version", smi);
}

fn add_module(facts: &mut Facts, python: Option<&Environment>, name: &str) {
    let version = python.and_then(|python| python.modules.get(name));
    let version = version.map_or(NOT_INSTALLED, |(version, _)| version);
    facts.add(&format!("{name}_version"), version);
}

/// The version that the program `name` tells.
fn version_of(home: &Home, name: &str, args: &[&str], pattern: &str) -> String {
    match interpreter::which(home, name) {
        Some(exe) => {
            tool_version(home, &exe, args, pattern).unwrap_or_else(|| "unknown (error)".to_string())
        }
        None => NOT_INSTALLED.to_string(),
    }
}

/// What `pattern` finds in what `exe` prints; none where it fails or prints
/// something else.
pub fn tool_version(home: &Home, exe: &Path, args: &[&str], pattern: &str) -> Option<String> {
    let exe = exe.display().to_string();
    let words: Vec<&str> = [exe.as_str()]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let answer = exchange::ask(&words, home.cwd(), home.environment(), b"", BOUNDS).ok()?;
    let text = [answer.output, answer.errors].concat();
    let text = String::from_utf8_lossy(&text);
    let found = regex::Regex::new(pattern).ok()?.captures(&text)?;
    Some(found[1].trim().to_string())
}

/// How many bytes a folder and all in it take up; links count as links.
fn usage(dir: &Path) -> u64 {
    let mut total = 0;
    let mut open: Vec<PathBuf> = vec![dir.to_path_buf()];
    while let Some(path) = open.pop() {
        let Ok(meta) = path.symlink_metadata() else {
            continue;
        };
        total += meta.len();
        if meta.is_dir() {
            let names = files::names(&path).unwrap_or_default();
            open.extend(names.into_iter().map(|name| path.join(name)));
        }
    }
    total
}

/// A size in the contract's form.
fn size_text(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut size = bytes as f64 / 1024.0;
    for unit in ["K", "M", "G", "T", "P"] {
        if size < 1024.0 {
            return format!("{size:.1}{unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1}E")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_from_a_kilobyte_on() {
        assert_eq!(size_text(0), "0");
        assert_eq!(size_text(1023), "1023");
        assert_eq!(size_text(1024), "1.0K");
        assert_eq!(size_text(1_572_864), "1.5M");
        assert_eq!(size_text(u64::MAX), "16.0E");
    }
}
