//! The folder and the environment that a spec has to itself.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::copy::remove_tree;
use crate::secrets::Secrets;
use crate::suite::SuiteFile;

/// Variables that name folders in the sandbox, and the folders.
const FOLDERS: &[(&str, &str)] = &[
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("XDG_CACHE_HOME", "home/.cache"),
    ("XDG_CONFIG_HOME", "home/.config"),
    ("XDG_DATA_HOME", "home/.local/share"),
    ("XDG_STATE_HOME", "home/.local/state"),
    ("XDG_RUNTIME_DIR", "run"),
];

/// Variables with a fixed value, so that output is the same everywhere.
const PINNED: &[(&str, &str)] = &[
    ("COLUMNS", "80"),
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("LINES", "24"),
    ("NO_COLOR", "1"),
    ("SHELL", "/bin/sh"),
    ("TERM", "dumb"),
    ("TZ", "UTC"),
];

/// Variables let through for every suite: where programs are, and where a
/// program built for coverage is to write.
const PASSED: &[&str] = &["PATH", PROFILE];
const PROFILE: &str = "LLVM_PROFILE_FILE";

/// The sandbox of one spec; its folder is removed with it unless kept.
#[derive(Debug)]
pub(crate) struct Sandbox {
    root: PathBuf,
    keep: bool,
    environment: BTreeMap<String, OsString>,
}

impl Sandbox {
    /// Makes the folder. `binary` is what the suite's program is on `PATH`; `pass`
    /// names variables let through besides those of the suite.
    pub fn new(
        suite: &SuiteFile,
        binary: Option<&Path>,
        pass: &[String],
        keep: bool,
    ) -> io::Result<Self> {
        // Resolved, since programs report the resolved path.
        let parent = env::temp_dir().canonicalize()?;
        let root = tempfile::Builder::new()
            .prefix("harness-")
            .tempdir_in(parent)?
            .keep();
        let mut sandbox = Sandbox {
            root,
            keep,
            environment: BTreeMap::new(),
        };
        for folder in ["work", "bin"] {
            fs::create_dir(sandbox.path(folder))?;
        }
        if let (Some(name), Some(binary)) = (&suite.program, binary) {
            symlink(binary, sandbox.path("bin").join(name))?;
        }
        sandbox.set_environment(suite, pass)?;
        Ok(sandbox)
    }

    fn set_environment(&mut self, suite: &SuiteFile, pass: &[String]) -> io::Result<()> {
        for name in PASSED
            .iter()
            .copied()
            .chain(suite.pass.iter().chain(pass).map(String::as_str))
        {
            if let Some(mut value) = env::var_os(name) {
                if name == PROFILE {
                    value = profile(&value)?;
                }
                self.environment.insert(name.to_owned(), value);
            }
        }
        for (name, value) in PINNED {
            self.environment.insert((*name).to_owned(), value.into());
        }
        for (name, folder) in FOLDERS {
            let folder = self.path(folder);
            fs::create_dir_all(&folder)?;
            self.environment.insert((*name).to_owned(), folder.into());
        }
        if let Some(name) = &suite.home_variable {
            let folder = self.path("program-home");
            fs::create_dir(&folder)?;
            self.environment.insert(name.clone(), folder.into());
        }
        for (name, value) in &suite.environment {
            self.environment.insert(name.clone(), value.into());
        }
        let mut path = self.path("bin").into_os_string();
        let rest = self
            .environment
            .remove("PATH")
            .unwrap_or_else(|| "/usr/bin:/bin".into());
        path.push(":");
        path.push(rest);
        self.environment.insert("PATH".into(), path);
        Ok(())
    }

    /// Writes the environment of the spec to a file of the sandbox, for a shell to
    /// read. The values of secrets are left out.
    pub fn write_environment(&self, secrets: &Secrets) -> io::Result<()> {
        let mut script = String::new();
        for (name, value) in &self.environment {
            let value = value.to_string_lossy().replace('\'', "'\\''");
            script.push_str(&format!("export {name}='{value}'\n"));
        }
        secrets.hide(&mut script);
        // Nor may what the last example printed stay.
        remove_if_there(&self.journal())?;
        fs::write(self.path("environment"), script)
    }

    /// The folder of the sandbox.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the sandbox.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The file that holds what the current example has printed so far.
    pub fn journal(&self) -> PathBuf {
        self.path("output")
    }

    /// The environment of the spec, as the system takes it.
    pub fn environment(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let bytes = |(name, value): (&String, &OsString)| {
            (name.clone().into_bytes(), value.clone().into_vec())
        };
        self.environment.iter().map(bytes).collect()
    }
}

/// Where programs built for coverage write: outside the sandbox, and each process
/// to a file of its own.
fn profile(value: &OsStr) -> io::Result<OsString> {
    if value.is_empty() {
        return Ok(OsString::new());
    }
    let path = std::path::absolute(value)?;
    if let Some(folder) = path.parent() {
        // Before the spec, which would else seem to make it. Where that cannot be
        // done, the program will say so.
        let _ = fs::create_dir_all(folder);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.contains("%p") || name.contains("%m") {
        return Ok(path.into_os_string());
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path.extension().map(OsStr::to_string_lossy);
    let end = end.map(|end| format!(".{end}")).unwrap_or_default();
    Ok(path
        .with_file_name(format!("{stem}-%p-%m{end}"))
        .into_os_string())
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed is a temporary folder left behind, which is
            // no reason to fail a spec.
            let _ = remove_tree(&self.root);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_a_profile_of_its_own() {
        let shown = |value: &str| profile(OsStr::new(value)).unwrap().into_string().unwrap();
        assert_eq!(shown("/a-%p-%16m.profraw"), "/a-%p-%16m.profraw");
        assert_eq!(shown("/a.profraw"), "/a-%p-%m.profraw");
        assert_eq!(shown("/a"), "/a-%p-%m");
        assert_eq!(shown(""), "");
        assert!(shown("a").starts_with('/'));
    }

    #[test]
    fn an_environment_of_its_own() {
        let suite = SuiteFile {
            program: Some("tool".into()),
            home_variable: Some("TOOL_HOME".into()),
            environment: BTreeMap::from([("COLUMNS".into(), "100".into())]),
            ..SuiteFile::default()
        };
        let sandbox = Sandbox::new(&suite, Some(Path::new("/bin/true")), &[], false).unwrap();
        let environment: BTreeMap<String, String> = sandbox
            .environment()
            .into_iter()
            .map(|(n, v)| (String::from_utf8(n).unwrap(), String::from_utf8(v).unwrap()))
            .collect();
        let root = sandbox.root().to_str().unwrap().to_owned();
        for name in ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "TOOL_HOME", "PATH"] {
            assert!(environment[name].starts_with(&root), "{name}");
        }
        assert_eq!(environment["COLUMNS"], "100");
        assert_eq!(environment["TZ"], "UTC");
        // Set by cargo for tests, and not let through.
        assert!(!environment.contains_key("CARGO_MANIFEST_DIR"));
        assert!(sandbox.path("bin/tool").exists());
        drop(sandbox);
        assert!(!Path::new(&root).exists());
    }
}
