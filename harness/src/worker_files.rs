//! The Python files of the worker, unpacked for one run of the harness.
//!
//! Python keeps the compiled form of what it imports from files, so every spec
//! but the first starts without compiling them.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tempfile::TempDir;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../python/", $name)))),*]
    };
}

/// Name below the folder, and text.
const FILES: &[(&str, &str)] = files![
    "harness_worker/__init__.py",
    "harness_worker/channel.py",
    "harness_worker/commands.py",
    "harness_worker/contexts.py",
    "harness_worker/driver.py",
    "harness_worker/files.py",
    "harness_worker/fork_server.py",
    "harness_worker/helpers.py",
    "harness_worker/names.py",
    "harness_worker/services.py",
    "harness_worker/yaml_errors.py",
    "harness_worker/yaml_reading.py",
    "harness_worker/yaml_scalars.py",
    "harness_worker/yaml_writing.py",
    "psutil.py",
    "yaml.py",
];

/// A folder to import the worker from; it is removed with the value.
#[derive(Debug)]
pub(crate) struct WorkerFiles {
    folder: TempDir,
}

impl WorkerFiles {
    /// Writes the files.
    pub fn unpack() -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("harness-python-")
            .tempdir()?;
        for (name, text) in FILES {
            let file = folder.path().join(name);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, text)?;
        }
        Ok(WorkerFiles { folder })
    }

    /// All arguments of a Python that runs `main` of one of the modules, the zeroth
    /// included. It starts without the user's packages and settings.
    pub fn arguments(&self, module: &str) -> Vec<Vec<u8>> {
        let script = format!(
            "import sys; sys.path.append(sys.argv[1]); \
             from harness_worker import {module}; {module}.main()"
        );
        let folder = self.folder.path().as_os_str().as_bytes();
        let arguments = ["python3", "-I", "-S", "-X", "utf8", "-c", &script];
        let mut arguments: Vec<Vec<u8>> = arguments.map(|word| word.into()).into();
        arguments.push(folder.to_owned());
        arguments
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

#[cfg(test)]
mod tests {
    use walkdir::WalkDir;

    use super::*;

    #[test]
    fn every_python_file_is_among_them() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
        let found: Vec<String> = WalkDir::new(&source)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.unwrap().into_path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
            .map(|path| path.strip_prefix(&source).unwrap().display().to_string())
            .collect();
        let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, names);
    }

    #[test]
    fn the_folder_goes_with_the_value() {
        let files = WorkerFiles::unpack().unwrap();
        let folder = files.folder().to_owned();
        assert!(folder.join("harness_worker/driver.py").is_file());
        drop(files);
        assert!(!folder.exists());
    }
}
