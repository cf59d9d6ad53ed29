//! Installed packages that have models: those whose entry points say so.

use std::path::{Path, PathBuf};

use crate::base::files;

/// The group of entry points that names models.
const MODELS: &str = "guild.models";

/// What the model without a name is called among entry points.
const ANONYMOUS: &str = "__anonymous__";

/// A package with models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, as that of its folder of metadata has it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The names of its models; empty for the anonymous one.
    pub models: Vec<String>,
    /// Its guild files.
    pub guild_files: Vec<PathBuf>,
}

/// The packages with models in the folders of `search_path`. Of two with one
/// name the first is the one that counts.
pub fn with_models(search_path: &[PathBuf]) -> Vec<Package> {
    let mut packages: Vec<Package> = Vec::new();
    for dir in search_path {
        let mut names = files::names(dir).unwrap_or_default();
        names.sort();
        for name in names {
            let stem = name
                .to_str()
                .and_then(|name| name.strip_suffix(".dist-info"));
            let Some(package) = stem.and_then(|stem| read(dir, stem)) else {
                continue;
            };
            let is_known = |other: &Package| key(&other.name) == key(&package.name);
            if !packages.iter().any(is_known) {
                packages.push(package);
            }
        }
    }
    packages
}

/// The name that spellings of a package's name have in common.
fn key(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The package whose metadata is in `STEM.dist-info`, if it has models.
fn read(dir: &Path, stem: &str) -> Option<Package> {
    let info = dir.join(format!("{stem}.dist-info"));
    let entry_points = files::read(&info.join("entry_points.txt")).ok()?;
    let models = models(&String::from_utf8_lossy(&entry_points));
    if models.is_empty() {
        return None;
    }
    let (name, version) = stem.split_once('-')?;
    let record = files::read(&info.join("RECORD")).unwrap_or_default();
    let guild_files = String::from_utf8_lossy(&record)
        .lines()
        .filter_map(|line| line.split(',').next())
        .filter(|path| Path::new(path).file_name() == Some("guild.yml".as_ref()))
        .map(|path| crate::home::tidy(&dir.join(path)))
        .collect();
    Some(Package {
        name: name.to_string(),
        version: version.to_string(),
        models,
        guild_files,
    })
}

/// The models that the text of an `entry_points.txt` names.
fn models(text: &str) -> Vec<String> {
    let mut is_group = false;
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(group) = line.strip_prefix('[') {
            is_group = group.trim_end_matches(']').trim() == MODELS;
        } else if let (true, Some((name, _))) = (is_group, line.split_once('=')) {
            names.push(match name.trim() {
                ANONYMOUS => String::new(),
                name => name.to_string(),
            });
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_with_models_are_found_by_their_metadata() {
        let dir = tempfile::tempdir().unwrap();
        let install = |stem: &str, entry_points: &str| {
            let info = dir.path().join(format!("{stem}.dist-info"));
            std::fs::create_dir(&info).unwrap();
            std::fs::write(info.join("entry_points.txt"), entry_points).unwrap();
            let record = "pets/guild.yml,sha256=x,1\npets/guild.yml.bak,,\n";
            std::fs::write(info.join("RECORD"), record).unwrap();
        };
        install(
            "gpkg.pets-1.2",
            "[console_scripts]\nx = y\n[guild.models]\ncat = guild.model:PackageModel\n\
             __anonymous__ = guild.model:PackageModel\n[other]\nz = y\n",
        );
        install("plain-1.0", "[console_scripts]\nx = y\n");
        let path = [dir.path().to_path_buf(), dir.path().to_path_buf()];
        let expected = Package {
            name: "gpkg.pets".to_string(),
            version: "1.2".to_string(),
            models: vec!["cat".to_string(), String::new()],
            guild_files: vec![dir.path().join("pets/guild.yml")],
        };
        assert_eq!(with_models(&path), [expected]);
    }
}
