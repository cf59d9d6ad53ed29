//! What `guild api runs` tells of the files of a run.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use super::ls::natural_path_cmp;
use crate::base::yaml::{Map, Value};
use crate::cli::listing::{self, Shown};
use crate::home;
use crate::select;
use crate::sourcecode;

/// How a viewer shows files: type, icon, text of the icon, viewer.
type Look = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

/// All files of the run but guild's own, by path; with how they look if
/// `with_look`.
pub fn files(shown: &Shown<'_>, with_look: bool) -> Vec<Value> {
    let root = shown.run().dir();
    let walk = WalkDir::new(root).min_depth(1).into_iter();
    let walk = walk.filter_entry(|entry| entry.depth() != 1 || entry.file_name() != ".guild");
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => paths.extend(entry.path().strip_prefix(root).map(Path::to_path_buf)),
            Err(error) => shown.fault(&error),
        }
    }
    paths.sort_by(|left, right| natural_path_cmp(left, right));
    let paths = paths.iter().filter(|path| is_file(&root.join(path)));
    paths.map(|path| file(path, shown, with_look)).collect()
}

/// Whether it is a regular file, or a link to whatever.
fn is_file(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|meta| meta.is_symlink() || meta.is_file())
}

fn file(relative: &Path, shown: &Shown<'_>, with_look: bool) -> Value {
    let path = shown.run().dir().join(relative);
    // Of what a link leads to.
    let meta = path.metadata().ok();
    let size = meta
        .as_ref()
        .and_then(|meta| i64::try_from(meta.len()).ok());
    let modified = meta.as_ref().and_then(|meta| meta.modified().ok());
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mtime = since.and_then(|time| i64::try_from(time.as_millis()).ok());
    let target = path.is_symlink().then(|| target(&path));
    let mut file = Map::new();
    file.insert("path", relative.display().to_string());
    file.insert("size", size);
    file.insert("mtime", mtime);
    if with_look {
        let (kind, icon, tooltip, viewer) = look(relative, &path, target.as_deref(), shown);
        file.insert("type", kind);
        file.insert("icon", icon);
        file.insert("iconTooltip", tooltip);
        file.insert("viewer", viewer);
    }
    let (operation, run) = target
        .as_deref()
        .and_then(|target| source(target, shown))
        .unzip();
    file.insert("operation", operation);
    file.insert("run", run.flatten());
    Value::Map(file)
}

/// Where a link leads to in the end, which need not be there.
fn target(link: &Path) -> PathBuf {
    if let Ok(target) = std::fs::canonicalize(link) {
        return target;
    }
    let folder = link.parent().unwrap_or(link);
    match std::fs::read_link(link) {
        Ok(target) => home::tidy(&folder.join(target)),
        Err(_) => link.to_path_buf(),
    }
}

/// The path below the folder of runs, links in the way to it resolved or not.
fn below_runs<'a>(path: &'a Path, shown: &Shown<'_>) -> Option<&'a Path> {
    let runs = shown.context().home.runs_dir();
    let real = std::fs::canonicalize(&runs).ok();
    let below = path.strip_prefix(&runs).ok();
    below.or_else(|| path.strip_prefix(real?).ok())
}

/// The operation, and the short id, of the run that a link leads to.
fn source(target: &Path, shown: &Shown<'_>) -> Option<(String, Option<String>)> {
    let below = below_runs(target, shown)?;
    let id = below.iter().next()?.to_string_lossy();
    Some(match listing::live_runs(shown.context()).get(&id) {
        Some(run) => (
            select::operation_name(&run),
            Some(run.short_id().to_string()),
        ),
        None => (format!("{id} (deleted)"), None),
    })
}

/// What of other runs a run of an older version used, by the operation.
pub fn dependencies(shown: &Shown<'_>) -> Vec<Value> {
    let deps = shown.attr("deps");
    let resources = deps.as_ref().and_then(Value::as_map);
    let store = listing::live_runs(shown.context());
    let mut used: Vec<(crate::runs::Run, Vec<Value>)> = Vec::new();
    for (_, paths) in resources.iter().flat_map(|resources| resources.iter()) {
        let paths = paths.as_list().unwrap_or_default().iter();
        for path in paths.filter_map(Value::as_str) {
            let Some(below) = below_runs(Path::new(path), shown) else {
                continue;
            };
            let mut parts = below.components();
            let id = parts.next().map(|part| part.as_os_str().to_string_lossy());
            let Some(run) = id.and_then(|id| store.get(&id)) else {
                continue;
            };
            let path = Value::from(parts.as_path().display().to_string());
            match used.iter_mut().find(|(known, _)| *known == run) {
                Some((_, paths)) => paths.push(path),
                None => used.push((run, vec![path])),
            }
        }
    }
    let mut used: Vec<(String, Map)> = used
        .into_iter()
        .map(|(run, paths)| {
            let operation = select::operation_name(&run);
            let mut data = Map::new();
            data.insert("run", run.short_id());
            data.insert("operation", operation.as_str());
            data.insert("paths", paths);
            (operation, data)
        })
        .collect();
    used.sort_by(|(left, _), (right, _)| left.cmp(right));
    used.into_iter().map(|(_, data)| Value::Map(data)).collect()
}

/// How a viewer shows the file at `path`.
fn look(relative: &Path, path: &Path, target: Option<&Path>, shown: &Shown<'_>) -> Look {
    let look = look_of_name(&relative.to_string_lossy().to_lowercase());
    let look = look.unwrap_or_else(|| match sourcecode::is_text(path).unwrap_or(false) {
        true => ("Text file", "file-document", "Text file", Some("text")),
        false => ("File", "file", "File", None),
    });
    let Some(target) = target else {
        return look;
    };
    let (is_dir, icon) = match target.is_dir() {
        true => (true, "folder-move"),
        false => (false, "file-send"),
    };
    let kind = if below_runs(target, shown).is_some() {
        "Link to operation output"
    } else if target.starts_with(shown.context().home.resource_dir()) {
        match is_dir {
            true => "Link to resource directory",
            false => "Link to resource file",
        }
    } else {
        "Link"
    };
    (kind, icon, "Link", look.3)
}

/// What the path, in small letters, says alone.
fn look_of_name(path: &str) -> Option<Look> {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let has = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(if has(&[".tfevents."]) {
        ("Event log", "file-chart", "File", None)
    } else if ends(&["saved_model.pb"]) {
        ("SavedModel protocol buffer", "file", "File", None)
    } else if ends(&["graph.pb"]) {
        ("GraphDef protocol buffer", "file", "File", None)
    } else if ends(&["saved_model.pbtxt"]) {
        (
            "SavedModel protocol buffer",
            "file-document",
            "Text file",
            Some("text"),
        )
    } else if ends(&["graph.pbtxt"]) {
        (
            "GraphDef protocol buffer",
            "file-document",
            "Text file",
            Some("text"),
        )
    } else if ends(&[".index"]) {
        ("Checkpoint index", "file", "File", None)
    } else if ends(&[".meta"]) {
        ("Checkpoint meta graph", "file", "File", None)
    } else if name == "checkpoint" {
        ("Latest checkpoint marker", "file", "File", None)
    } else if is_checkpoint_data(name) {
        ("Checkpoint values", "file", "File", None)
    } else if ends(&[".tfrecord"]) {
        ("Dataset file", "file", "File", None)
    } else if ends(&[".jpg", ".jpeg", ".gif", ".png", ".tiff"]) {
        ("Image", "file-image", "Image", Some("image"))
    } else if has(&[".mid"]) {
        ("Audio", "file-music", "Audio", Some("midi"))
    } else if has(&[".wav", ".mp3"]) {
        ("Audio", "file-music", "Audio", None)
    } else if has(&[".csv", ".tsv"]) {
        ("Table", "file-delimited", "Delimited", Some("table"))
    } else {
        return None;
    })
}

/// Whether `name` ends as in `model.data-00000-of-00001`.
fn is_checkpoint_data(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some((rest, count)) = name.rsplit_once("-of-") else {
        return false;
    };
    let part = rest.rsplit_once("data-").map(|(_, part)| part);
    is_number(count) && part.is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_files_are() {
        let kind = |path| look_of_name(path).map(|look| look.0);
        assert_eq!(kind("logs/e.tfevents.1"), Some("Event log"));
        assert_eq!(kind("m/checkpoint"), Some("Latest checkpoint marker"));
        assert_eq!(kind("m.data-00-of-01"), Some("Checkpoint values"));
        assert_eq!(kind("m.data-0x-of-01"), None);
        assert_eq!(kind("a.png"), Some("Image"));
        assert_eq!(kind("a.csv.gz"), Some("Table"));
        assert_eq!(kind("train.py"), None);
    }
}
