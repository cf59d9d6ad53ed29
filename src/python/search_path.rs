//! Where an interpreter finds installed packages, told from how it is laid out
//! on disk, so that no Python has to start; an interpreter that is laid out
//! otherwise, such as a script that starts the real one, is asked.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::interpreter;
use crate::base::{command, files};
use crate::home::Home;

/// Has an interpreter print its path, an entry a line.
const PRINT_PATH: &str = "import sys; print('\\n'.join(sys.path))";

/// The folders that the user's interpreter imports packages from, first those of
/// `PYTHONPATH`; none where there is no interpreter. The standard library may be
/// among them or not.
pub fn of_user(home: &Home) -> Vec<PathBuf> {
    let mut path = python_path(home);
    if let Some(exe) = interpreter(home) {
        path.extend(match installed(&exe) {
            Some(installed) => installed.folders(home),
            None => ask(&exe, home),
        });
    }
    let mut known = Vec::with_capacity(path.len());
    for dir in path {
        if !known.contains(&dir) && dir.is_dir() {
            known.push(dir);
        }
    }
    known
}

/// The folders of the variable `PYTHONPATH`.
pub fn python_path(home: &Home) -> Vec<PathBuf> {
    let text = home.variable("PYTHONPATH").unwrap_or_default();
    std::env::split_paths(&text)
        .filter(|dir| !dir.as_os_str().is_empty())
        .map(|dir| crate::home::tidy(&home.process_cwd().join(dir)))
        .collect()
}

/// The file of the interpreter for scripts.
fn interpreter(home: &Home) -> Option<PathBuf> {
    let exe = interpreter::find(home).ok()?;
    match exe.components().count() {
        1 => interpreter::which(home, &exe.to_string_lossy()),
        _ => Some(home.process_cwd().join(exe)),
    }
}

/// An interpreter's version and the folders it is in.
#[derive(Debug, PartialEq, Eq)]
struct Installed {
    /// Such as `3.12`.
    version: String,
    /// The environment, if it is of one.
    environment: Option<PathBuf>,
    /// The installation, unless the environment is to stand alone.
    base: Option<PathBuf>,
}

/// What the surroundings of `exe` tell of it; none where they do not.
fn installed(exe: &Path) -> Option<Installed> {
    let bin = exe.parent()?;
    let environment = [bin, bin.parent()?]
        .into_iter()
        .find(|dir| dir.join("pyvenv.cfg").is_file());
    let Some(environment) = environment else {
        let real = std::fs::canonicalize(exe).ok()?;
        let base = real.parent()?.parent()?.to_path_buf();
        let name = real.file_name()?.to_str()?;
        let version = name.strip_prefix("python").filter(|text| is_version(text));
        return Some(Installed {
            version: version.filter(|text| has_library(&base, text))?.to_string(),
            environment: None,
            base: Some(base),
        });
    };
    let settings = settings(&environment.join("pyvenv.cfg"));
    let shares = settings
        .get("include-system-site-packages")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let base = Path::new(settings.get("home")?).parent()?.to_path_buf();
    let version = ["version", "version_info"]
        .into_iter()
        .find_map(|name| settings.get(name))?;
    let version: Vec<&str> = version.splitn(3, '.').take(2).collect();
    let version = version.join(".");
    let library = environment.join(format!("lib/python{version}"));
    (is_version(&version) && library.is_dir()).then(|| Installed {
        version,
        environment: Some(environment.to_path_buf()),
        base: shares.then_some(base),
    })
}

/// Whether `text` is a version such as `3.12`.
fn is_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Whether the standard library is where it is in an ordinary installation.
fn has_library(base: &Path, version: &str) -> bool {
    base.join(format!("lib/python{version}/os.py")).is_file()
}

/// The settings of a `pyvenv.cfg`.
fn settings(path: &Path) -> BTreeMap<String, String> {
    let bytes = files::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let pair = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((name.trim().to_lowercase(), value.trim().to_string()))
    };
    text.lines().filter_map(pair).collect()
}

impl Installed {
    /// The folders of packages, with those that `.pth` files name.
    fn folders(&self, home: &Home) -> Vec<PathBuf> {
        let library = format!("lib/python{}", self.version);
        let mut folders = Vec::new();
        if let Some(environment) = &self.environment {
            folders.push(environment.join(&library).join("site-packages"));
        }
        if let Some(base) = &self.base {
            folders.extend(self.user_folder(home));
            if base == Path::new("/usr") {
                // Debian's own.
                folders.push(Path::new("/usr/local").join(&library).join("dist-packages"));
                folders.push(base.join("lib/python3/dist-packages"));
                folders.push(base.join(&library).join("dist-packages"));
            }
            folders.push(base.join(&library).join("site-packages"));
        }
        let with_named = |folder: PathBuf| {
            let named = named_by_pth_files(&folder);
            std::iter::once(folder).chain(named)
        };
        folders.into_iter().flat_map(with_named).collect()
    }

    fn user_folder(&self, home: &Home) -> Option<PathBuf> {
        if home.variable("PYTHONNOUSERSITE").is_some() {
            return None;
        }
        let base = home.variable("PYTHONUSERBASE").map(PathBuf::from);
        let base = base.or_else(|| Some(home.user_home()?.join(".local")))?;
        Some(base.join(format!("lib/python{}/site-packages", self.version)))
    }
}

/// The folders that the `.pth` files in `folder` add to the path.
fn named_by_pth_files(folder: &Path) -> Vec<PathBuf> {
    let mut names = files::names(folder).unwrap_or_default();
    names.retain(|name| Path::new(name).extension() == Some("pth".as_ref()));
    names.sort();
    let mut named = Vec::new();
    for name in names {
        let bytes = files::read(&folder.join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::trim_end);
        // What starts with `import` is code.
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#']));
        let lines = lines.filter(|line| !line.starts_with("import"));
        let dirs = lines.map(|line| folder.join(line));
        named.extend(dirs.filter(|dir| dir.is_dir()));
    }
    named
}

/// What the interpreter itself says.
fn ask(exe: &Path, home: &Home) -> Vec<PathBuf> {
    let words = [exe.as_os_str(), "-c".as_ref(), PRINT_PATH.as_ref()];
    let environment: &BTreeMap<OsString, OsString> = home.environment();
    let output = command::start(&words, home.cwd(), environment, command::Output::Captured)
        .and_then(std::process::Child::wait_with_output);
    // Without an answer there are no packages to be found.
    let Ok(output) = output else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.is_empty())
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn an_installation_is_known_by_its_library() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let exe = base.join("bin/python3.12");
        write(&exe, "");
        assert_eq!(installed(&exe), None);
        write(&base.join("lib/python3.12/os.py"), "");
        std::os::unix::fs::symlink("python3.12", base.join("bin/python")).unwrap();
        let found = installed(&base.join("bin/python")).unwrap();
        assert_eq!(found.version, "3.12");
        assert_eq!(found.base.as_ref(), Some(&base));
        assert_eq!(found.environment, None);
    }

    #[test]
    fn a_script_tells_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let shim = dir.path().join("shims/python3");
        write(&shim, "#!/bin/sh\n");
        assert_eq!(installed(&shim), None);
    }

    #[test]
    fn an_environment_stands_alone_unless_it_says_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let env = dir.path().join("env");
        let exe = env.join("bin/python");
        write(&exe, "");
        let config = "home = /opt/py/bin\nversion_info = 3.11.4.final.0\n";
        write(&env.join("pyvenv.cfg"), config);
        assert_eq!(installed(&exe), None);
        std::fs::create_dir_all(env.join("lib/python3.11")).unwrap();
        let found = installed(&exe).unwrap();
        assert_eq!((found.version.as_str(), found.base), ("3.11", None));
        let config = format!("{config}include-system-site-packages = TRUE\n");
        write(&env.join("pyvenv.cfg"), &config);
        let base = installed(&exe).unwrap().base;
        assert_eq!(base.as_deref(), Some(Path::new("/opt/py")));
    }

    #[test]
    fn pth_files_add_folders() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        std::fs::create_dir(folder.join("more")).unwrap();
        let text = "# note\nimport site\nmore\nmissing\n\n/\n";
        write(&folder.join("a.pth"), text);
        write(&folder.join("b.txt"), "more\n");
        let expected = [folder.join("more"), PathBuf::from("/")];
        assert_eq!(named_by_pth_files(folder), expected);
    }
}
