//! What is run without a definition in the project: Python scripts, executable files
//! and operations that guild brings along. What Guild AI brings itself or runs by the
//! kind of the file, and guild does not yet, is told by name.

use std::path::{Path, PathBuf};

use super::{
    Error, FLAG_ARGS, Operation, Settings, builtin, definition, external, plugins, script_flags,
};
use crate::guildfile::FlagsImport;
use crate::home::{Home, tidy};
use crate::opref::OpRef;
use crate::python::interpreter;
use crate::sourcecode;

/// Operations of Guild AI's own that are not there yet, and what they are part of.
const BUILTIN: [(&str, &str); 2] = [
    ("dask:scheduler", "Dask schedulers"),
    ("r-script:init", "R scripts"),
];

/// Kinds of files that are not run yet, by their extension.
const KINDS: [(&str, &str); 4] = [
    ("ipynb", "notebooks"),
    ("R", "R scripts"),
    ("r", "R scripts"),
    ("qmd", "Quarto documents"),
];

/// The operation of the file that `spec` is the path of; none where there is no
/// such file.
///
/// # Errors
/// It cannot be run.
pub(super) fn find(home: &Home, spec: &str) -> Result<Option<Operation>, Error> {
    let path = tidy(&home.cwd().join(spec));
    if path.is_file() && spec.ends_with(".py") {
        return Ok(Some(of_python_script(home, &path)));
    }
    if let Some(operation) = external::find(home, spec)? {
        return Ok(Some(operation));
    }
    if let Some(what) = not_yet(spec, &path) {
        return Err(Error::NotAvailable {
            spec: spec.to_string(),
            what,
        });
    }
    if let Some(operation) = builtin::find(home, spec)? {
        return Ok(Some(operation));
    }
    if !path.exists() {
        return Ok(None);
    }
    if interpreter::is_executable(&path) {
        return Ok(Some(of_executable(home, spec, &path)));
    }
    Err(Error::NotExecutable(spec.to_string()))
}

/// What `spec` would need that is not there yet.
fn not_yet(spec: &str, path: &Path) -> Option<&'static str> {
    if spec.starts_with("dvc.yaml:") {
        return Some("DVC stages");
    }
    if let Some((_, what)) = BUILTIN.iter().find(|(name, _)| *name == spec) {
        return Some(what);
    }
    let extension = path.extension()?.to_str()?;
    let (_, what) = KINDS.iter().find(|(kind, _)| *kind == extension)?;
    path.is_file().then_some(what)
}

/// The command line of a module, with its own arguments, as a run.
pub(super) fn op_main_command(module_and_args: &[String]) -> Vec<String> {
    ["${python_exe}", "-um", "guild.op_main"]
        .into_iter()
        .map(str::to_string)
        .chain(module_and_args.iter().cloned())
        .collect()
}

fn of_python_script(home: &Home, path: &Path) -> Operation {
    let name = file_name(path);
    let script_dir = path.parent().unwrap_or(Path::new("/"));
    // Source code is what the script and the current directory have in common.
    let project_dir = common_dir(script_dir, home.cwd());
    let below = path.strip_prefix(&project_dir).unwrap_or(path);
    let module = below.with_extension("").display().to_string();
    let mut operation = Operation {
        opref: OpRef::script(script_dir, &name),
        spec: relative(path, home.cwd()),
        command: op_main_command(&[module]),
        flags: Vec::new(),
        flags_dest: None,
        flags_import: FlagsImport::Defined,
        script_flags: None,
        python: true,
        plugins: plugins::selected(None, true).0,
        definition: None,
        model: None,
        scope: None,
        settings: Settings {
            tags: default_tags(&name),
            output_scalars: definition::output_scalars(path),
            ..Settings::default()
        },
        warnings: Vec::new(),
        source_code: sourcecode::Definition::default_of(&project_dir),
        project_dir,
    };
    operation.command.push(FLAG_ARGS.to_string());
    script_flags::import_script(home, &mut operation, path);
    operation
}

fn of_executable(home: &Home, spec: &str, path: &Path) -> Operation {
    // The folder of a program from elsewhere is no project.
    let project_dir = match path.parent() {
        Some(dir) if dir.starts_with(home.cwd()) => dir,
        _ => home.cwd(),
    };
    Operation {
        opref: OpRef::script(home.cwd(), spec),
        spec: spec.to_string(),
        command: vec![path.display().to_string()],
        flags: Vec::new(),
        flags_dest: None,
        flags_import: FlagsImport::Defined,
        script_flags: None,
        python: false,
        plugins: Vec::new(),
        definition: None,
        model: None,
        scope: None,
        settings: Settings::default(),
        warnings: Vec::new(),
        source_code: sourcecode::Definition::default_of(project_dir),
        project_dir: project_dir.to_path_buf(),
    }
}

/// Tags by what a script's name says it does.
fn default_tags(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let tag = match name.as_str() {
        name if name.contains("train") => "model",
        name if name.contains("prepare") => "dataset",
        _ => return Vec::new(),
    };
    vec![tag.to_string()]
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn common_dir(left: &Path, right: &Path) -> PathBuf {
    left.components()
        .zip(right.components())
        .take_while(|(left, right)| left == right)
        .map(|(part, _)| part)
        .collect()
}

fn relative(path: &Path, dir: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_elsewhere_shares_the_nearest_folder() {
        let common = |a: &str, b: &str| common_dir(Path::new(a), Path::new(b));
        assert_eq!(common("/p/sub", "/p"), Path::new("/p"));
        assert_eq!(common("/p/a", "/p/b"), Path::new("/p"));
        assert_eq!(common("/x", "/y"), Path::new("/"));
    }

    #[test]
    fn the_name_of_a_script_gives_a_tag() {
        assert_eq!(default_tags("my_TRAIN.py"), ["model"]);
        assert_eq!(default_tags("prepare_data.py"), ["dataset"]);
        assert_eq!(default_tags("eval.py"), [] as [&str; 0]);
    }
}
