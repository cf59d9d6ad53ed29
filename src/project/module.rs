//! Where the main module of an operation is.

use std::path::{Path, PathBuf};

use crate::home::Home;
use crate::python::search_path;

/// A module that is run as the main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Module {
    /// Its file.
    pub path: PathBuf,
    /// The package that it is in; empty for none.
    pub package: String,
    /// Folders that it imports from, before all others.
    pub search: Vec<PathBuf>,
}

impl Module {
    /// The module of a script that is run by its path.
    pub fn of_script(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            package: String::new(),
            search: path.parent().map(Path::to_path_buf).into_iter().collect(),
        }
    }

    /// The module that a main spec such as `train`, `src/pkg.train` or a package
    /// means: in one of the folders `search`, else an installed one.
    ///
    /// # Errors
    /// There is none, in Python's words.
    pub fn find(home: &Home, main: &str, search: &[PathBuf]) -> Result<Self, String> {
        let (dir, dotted) = main.rsplit_once('/').unwrap_or(("", main));
        for root in search {
            let dir = root.join(dir);
            if let Some(found) = Self::below(&dir, dotted)? {
                return Ok(found.importing_from(dir, root));
            }
        }
        for dir in search_path::of_user(home) {
            if let Some(found) = Self::below(&dir, dotted)? {
                return Ok(found);
            }
        }
        Err(format!("No module named {main}"))
    }

    /// The module `dotted` in the folder `dir`.
    fn below(dir: &Path, dotted: &str) -> Result<Option<Self>, String> {
        let base = dir.join(dotted.replace('.', "/"));
        let package = |path: PathBuf, package: &str| Self {
            path,
            package: package.to_string(),
            search: Vec::new(),
        };
        let is_package = base.join("__init__.py").is_file();
        if !is_package {
            let file = base.with_added_extension("py");
            if file.is_file() {
                let parent = dotted.rsplit_once('.').map_or("", |(parent, _)| parent);
                return Ok(Some(package(file, parent)));
            }
        }
        let main = base.join("__main__.py");
        if main.is_file() {
            return Ok(Some(package(main, dotted)));
        }
        if is_package {
            return Err(format!(
                "No module named {dotted}.__main__ ('{dotted}' is a package and cannot be \
                 directly executed)"
            ));
        }
        // A file whose name has dots is no module of a package.
        let file = dir.join(format!("{dotted}.py"));
        Ok(file.is_file().then(|| package(file, "")))
    }

    fn importing_from(mut self, dir: PathBuf, root: &Path) -> Self {
        self.search = vec![dir];
        if !self.search.iter().any(|dir| dir == root) {
            self.search.push(root.to_path_buf());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_spec_is_a_file_of_a_folder_a_package_or_its_main_module() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for file in [
            "train.py",
            "v1.2.py",
            "src/pk/__init__.py",
            "src/pk/train.py",
            "src/run/__init__.py",
            "src/run/__main__.py",
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let find = |dir: &str, dotted: &str| {
            let found = Module::below(&root.join(dir), dotted).unwrap()?;
            let path = found.path.strip_prefix(root).unwrap();
            Some((path.display().to_string(), found.package))
        };
        let some = |path: &str, package: &str| Some((path.to_string(), package.to_string()));
        assert_eq!(find("", "train"), some("train.py", ""));
        assert_eq!(find("", "v1.2"), some("v1.2.py", ""));
        assert_eq!(find("src", "pk.train"), some("src/pk/train.py", "pk"));
        assert_eq!(find("src", "run"), some("src/run/__main__.py", "run"));
        assert_eq!(find("", "nothing"), None);
        let error = Module::below(&root.join("src"), "pk").unwrap_err();
        assert!(error.starts_with("No module named pk.__main__"), "{error}");
    }
}
