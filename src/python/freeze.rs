//! Which packages an interpreter has, in the form of `pip freeze`, read from
//! the metadata of installed packages instead of starting pip for most of a
//! second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::files;

/// Packages that `pip freeze` leaves out.
const LEFT_OUT: [&str; 4] = ["pip", "setuptools", "wheel", "distribute"];

/// The lines of `pip freeze` for an interpreter that imports from `search_path`.
pub fn lines(search_path: &[PathBuf]) -> Vec<String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for dir in search_path {
        // What is no folder, such as a zip file of the standard library, has none.
        for name in files::names(dir).unwrap_or_default() {
            let Some(stem) = name
                .to_str()
                .and_then(|name| name.strip_suffix(".dist-info"))
            else {
                continue;
            };
            if let Some((key, line)) = package(dir, stem) {
                // The first on the path is the one that imports see.
                found.entry(key).or_insert(line);
            }
        }
    }
    found.into_values().collect()
}

/// Canonical name and freeze line of the package with metadata `STEM.dist-info`.
fn package(dir: &Path, stem: &str) -> Option<(String, String)> {
    let info = dir.join(format!("{stem}.dist-info"));
    let metadata = files::read(&info.join("METADATA")).ok()?;
    let metadata = String::from_utf8_lossy(&metadata);
    let field = |name: &str| {
        metadata
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let name = field("Name")?;
    let key = name.to_lowercase().replace(['_', '.'], "-");
    if LEFT_OUT.contains(&key.as_str()) {
        return None;
    }
    let direct = files::read(&info.join("direct_url.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let line = match direct.as_ref().and_then(|direct| direct_line(name, direct)) {
        Some(line) => line,
        None => format!("{name}=={}", field("Version")?),
    };
    Some((key, line))
}

/// The line of a package that was installed from a place of its own (PEP 610).
fn direct_line(name: &str, direct: &serde_json::Value) -> Option<String> {
    let url = direct.get("url")?.as_str()?;
    if let Some(vcs) = direct.get("vcs_info") {
        let kind = vcs.get("vcs")?.as_str()?;
        let commit = vcs.get("commit_id")?.as_str()?;
        return Some(format!("{name} @ {kind}+{url}@{commit}"));
    }
    let editable = direct.pointer("/dir_info/editable") == Some(&serde_json::Value::Bool(true));
    match url.strip_prefix("file://") {
        Some(path) if editable => Some(format!("-e {path}")),
        _ => Some(format!("{name} @ {url}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_from_the_metadata() {
        let dir = tempfile::tempdir().unwrap();
        let install = |stem: &str, metadata: &str, direct: Option<&str>| {
            let info = dir.path().join(format!("{stem}.dist-info"));
            std::fs::create_dir(&info).unwrap();
            std::fs::write(info.join("METADATA"), metadata).unwrap();
            if let Some(direct) = direct {
                std::fs::write(info.join("direct_url.json"), direct).unwrap();
            }
            package(dir.path(), stem).map(|(_, line)| line)
        };
        let plain = "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.3\n\nVersion: 9\n";
        assert_eq!(install("PyYAML-6", plain, None).unwrap(), "PyYAML==6.0.3");
        assert_eq!(install("pip-1", "Name: pip\nVersion: 1\n", None), None);
        let editable = r#"{"url": "file:///src/x", "dir_info": {"editable": true}}"#;
        let line = install("x-1", "Name: x\nVersion: 1\n", Some(editable));
        assert_eq!(line.unwrap(), "-e /src/x");
        let git = r#"{"url": "https://e.com/y", "vcs_info": {"vcs": "git", "commit_id": "ab"}}"#;
        let line = install("y-1", "Name: y\nVersion: 1\n", Some(git));
        assert_eq!(line.unwrap(), "y @ git+https://e.com/y@ab");
        assert_eq!(install("cut-1", "", None), None);
    }
}
