//! Which packages an interpreter has, in the form of `pip freeze`, read from
//! the metadata of installed packages instead of starting pip for most of a
//! second, and remembered as long as no folder of packages changes.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use pep440_rs::Version;

use crate::base::git::Git;
use crate::base::{clock, files};

/// The package that `pip freeze` always leaves out, and those that it leaves out
/// of interpreters before 3.12.
const PIP: &str = "pip";
const OLD_BUILD_TOOLS: [&str; 3] = ["setuptools", "wheel", "distribute"];

/// How old a change to a folder must be to tell it from one that comes after, in
/// microseconds.
const SETTLED: i64 = 2_000_000;

/// An interpreter as it told of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its version in full, as `sys.version` has it.
    pub version: String,
    /// Where it imports from.
    pub search_path: Vec<PathBuf>,
}

impl Environment {
    /// Reads what the Python side wrote: the version, then a folder a line.
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        Self {
            version: lines.next().unwrap_or_default().to_string(),
            search_path: lines.map(PathBuf::from).collect(),
        }
    }

    /// The same without what is in `dir` or is `own`: the run and the Python
    /// side are no part of what is installed.
    #[must_use]
    pub fn without(mut self, dir: &Path, own: &Path) -> Self {
        self.search_path
            .retain(|folder| !folder.starts_with(dir) && folder != own);
        self
    }

    /// Whether build tools are left out, as pip does before Python 3.12.
    fn leaves_out_build_tools(&self) -> bool {
        let mut numbers = self.version.split(['.', ' ']);
        let mut number = || numbers.next()?.parse::<u32>().ok();
        matches!((number(), number()), (Some(major), Some(minor)) if (major, minor) < (3, 12))
    }
}

/// The lines of `pip freeze` for `environment`. What was read is remembered in
/// the folder `cache`.
pub fn lines(environment: &Environment, git: &Git, cache: &Path) -> Vec<String> {
    let remembered = Remembered::of(environment, cache);
    if let Some(lines) = remembered.lines() {
        return lines;
    }
    let (lines, is_lasting) = read(environment, git);
    if is_lasting {
        remembered.keep(&lines);
    }
    lines
}

/// Where the lines of one environment are remembered, and what they are of.
struct Remembered {
    file: PathBuf,
    stamp: Option<String>,
}

impl Remembered {
    fn of(environment: &Environment, cache: &Path) -> Self {
        let mut digest = Md5::new();
        digest.update(environment.version.as_bytes());
        for dir in &environment.search_path {
            digest.update(dir.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        let name: String = digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            file: cache.join(name),
            stamp: stamp(&environment.search_path),
        }
    }

    fn lines(&self) -> Option<Vec<String>> {
        let stamp = self.stamp.as_ref()?;
        let text = String::from_utf8(files::read_if_exists(&self.file).ok()??).ok()?;
        let rest = text.strip_prefix(stamp)?.strip_prefix('\n')?;
        Some(rest.lines().map(str::to_string).collect())
    }

    fn keep(&self, lines: &[String]) {
        let Some(stamp) = &self.stamp else { return };
        let text = format!("{stamp}\n{}\n", lines.join("\n"));
        let made = self.file.parent().map(files::create_dir_all);
        if matches!(made, Some(Ok(()))) {
            // What cannot be remembered is read again.
            let _ = files::write_atomic(&self.file, text.as_bytes());
        }
    }
}

/// When the folders last changed; none if one did just now.
fn stamp(dirs: &[PathBuf]) -> Option<String> {
    let now = clock::now_micros();
    let mut stamp = String::from("1");
    for dir in dirs {
        let Ok(meta) = dir.metadata() else {
            stamp.push_str(" -");
            continue;
        };
        if now - meta.mtime() * 1_000_000 < SETTLED {
            return None;
        }
        stamp.push_str(&format!(" {}.{}", meta.mtime(), meta.mtime_nsec()));
    }
    Some(stamp)
}

/// Reads the lines, and tells whether they hold until a folder changes.
fn read(environment: &Environment, git: &Git) -> (Vec<String>, bool) {
    let mut found: BTreeMap<String, Package> = BTreeMap::new();
    for dir in &environment.search_path {
        // What is no folder, such as a zip file of the standard library, has none.
        for name in files::names(dir).unwrap_or_default() {
            let package = name.to_str().and_then(|name| package(dir, name));
            let Some(package) = package else { continue };
            let key = package.key();
            // The first on the path is the one that imports see; a link to a
            // project tells more than the project itself.
            let is_link = matches!(package.source, Source::Editable(_));
            if is_link || !found.contains_key(&key) {
                found.insert(key, package);
            }
        }
    }
    let no_tools = environment.leaves_out_build_tools();
    found.retain(|key, _| key != PIP && !(no_tools && OLD_BUILD_TOOLS.contains(&key.as_str())));
    let mut packages: Vec<Package> = found.into_values().collect();
    packages.sort_by_key(|package| package.name.to_lowercase());
    // What a project is at changes without any folder here.
    let is_lasting = !packages
        .iter()
        .any(|package| matches!(package.source, Source::Editable(_)));
    let lines = packages.iter().flat_map(|package| package.lines(git));
    (lines.collect(), is_lasting)
}

/// An installed package.
struct Package {
    name: String,
    version: String,
    source: Source,
}

/// Where a package is from.
enum Source {
    /// An index of packages.
    Index,
    /// A place of its own, as a requirement names it.
    Place(String),
    /// A folder that it is used in, rather than copied from.
    Editable(PathBuf),
}

/// The package that the entry `name` of a folder of packages is the metadata of.
fn package(dir: &Path, name: &str) -> Option<Package> {
    let (stem, kind) = name.rsplit_once('.')?;
    match kind {
        "dist-info" => {
            let info = dir.join(name);
            let (name, version) = identity(&info.join("METADATA"))?;
            let direct = files::read(&info.join("direct_url.json")).ok();
            let direct =
                direct.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
            let source = direct.as_ref().and_then(source);
            Some(Package {
                name,
                version,
                source: source.unwrap_or(Source::Index),
            })
        }
        "egg-info" => {
            let info = dir.join(name);
            let file = if info.is_dir() {
                info.join("PKG-INFO")
            } else {
                info
            };
            let (name, version) = identity(&file)?;
            Some(Package {
                name,
                version,
                source: Source::Index,
            })
        }
        "egg-link" => {
            let link = files::read(&dir.join(name)).ok()?;
            let link = String::from_utf8(link).ok()?;
            let place = PathBuf::from(link.lines().next()?);
            let names = files::names(&place).ok()?;
            let metadata = names
                .iter()
                .filter_map(|name| name.to_str())
                .filter(|name| name.ends_with(".egg-info"))
                .find_map(|name| identity(&place.join(name).join("PKG-INFO")));
            let (name, version) = metadata.unwrap_or_else(|| (stem.to_string(), String::new()));
            Some(Package {
                name,
                version,
                source: Source::Editable(place),
            })
        }
        _ => None,
    }
}

/// Name and version in a file of metadata.
fn identity(file: &Path) -> Option<(String, String)> {
    let metadata = files::read(file).ok()?;
    let metadata = String::from_utf8_lossy(&metadata);
    let field = |name: &str| {
        metadata
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .map(|text| text.trim().to_string())
    };
    Some((field("Name")?, field("Version")?))
}

/// The place that a package was installed from (PEP 610).
fn source(direct: &serde_json::Value) -> Option<Source> {
    let text = |pointer: &str| direct.pointer(pointer)?.as_str();
    let url = text("/url")?;
    if direct.pointer("/dir_info/editable") == Some(&serde_json::Value::Bool(true)) {
        return Some(match url.strip_prefix("file://") {
            Some(path) => Source::Editable(PathBuf::from(path)),
            None => Source::Place(url.to_string()),
        });
    }
    let mut place = match (text("/vcs_info/vcs"), text("/vcs_info/commit_id")) {
        (Some(kind), Some(commit)) => format!("{kind}+{url}@{commit}"),
        _ => url.to_string(),
    };
    let subdirectory = text("/subdirectory").map(|dir| format!("subdirectory={dir}"));
    let fragments: Vec<String> = text("/archive_info/hash")
        .map(str::to_string)
        .into_iter()
        .chain(subdirectory)
        .collect();
    if !fragments.is_empty() {
        place.push_str(&format!("#{}", fragments.join("&")));
    }
    Some(Source::Place(place))
}

impl Package {
    /// The name that spellings have in common.
    fn key(&self) -> String {
        self.name.to_lowercase().replace(['_', '.'], "-")
    }

    /// `NAME==VERSION`, the version in its common form if it has one.
    fn pinned(&self) -> String {
        match self.version.parse::<Version>() {
            Ok(version) => format!("{}=={version}", self.name),
            Err(_) => format!("{}==={}", self.name, self.version),
        }
    }

    fn lines(&self, git: &Git) -> Vec<String> {
        match &self.source {
            Source::Index => vec![self.pinned()],
            Source::Place(place) => vec![format!("{} @ {place}", self.name)],
            Source::Editable(dir) => self.editable_lines(dir, git),
        }
    }

    /// The line of a package that is used in its folder, after what pip says of
    /// it.
    fn editable_lines(&self, dir: &Path, git: &Git) -> Vec<String> {
        let place = format!("-e {}", dir.display());
        let pinned = self.pinned();
        let Some(origin) = git.origin(dir) else {
            return vec![
                format!("# Editable install with no version control ({pinned})"),
                place,
            ];
        };
        let Some(url) = origin.url else {
            return vec![
                format!("# Editable Git install with no remote ({pinned})"),
                place,
            ];
        };
        let mut line = format!(
            "-e git+{url}@{}#egg={}",
            origin.commit,
            self.name.replace('-', "_")
        );
        if !origin.below.is_empty() {
            line.push_str(&format!("&subdirectory={}", origin.below));
        }
        vec![line]
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn shown(dir: &Path, name: &str) -> Option<String> {
        let package = package(dir, name)?;
        Some(package.lines(&Git::new("git")).join("|"))
    }

    #[test]
    fn lines_come_from_the_metadata() {
        let dir = tempfile::tempdir().unwrap();
        let install = |stem: &str, metadata: &str, direct: Option<&str>| {
            let name = format!("{stem}.dist-info");
            let info = dir.path().join(&name);
            std::fs::create_dir(&info).unwrap();
            std::fs::write(info.join("METADATA"), metadata).unwrap();
            if let Some(direct) = direct {
                std::fs::write(info.join("direct_url.json"), direct).unwrap();
            }
            shown(dir.path(), &name)
        };
        let plain = "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.3\n\nVersion: 9\n";
        assert_eq!(install("PyYAML-6", plain, None).unwrap(), "PyYAML==6.0.3");
        let x = "Name: x\nVersion: 1.0.0-alpha\n";
        assert_eq!(install("x-0", x, None).unwrap(), "x==1.0.0a0");
        let odd = "Name: x\nVersion: odd one\n";
        assert_eq!(install("x-2", odd, None).unwrap(), "x===odd one");
        let place = dir.path().display();
        let editable = format!(r#"{{"url": "file://{place}", "dir_info": {{"editable": true}}}}"#);
        assert_eq!(
            install("x-1", x, Some(&editable)).unwrap(),
            format!("# Editable install with no version control (x==1.0.0a0)|-e {place}")
        );
        let git = r#"{"url": "https://e.com/y", "vcs_info": {"vcs": "git", "commit_id": "ab"},
                      "subdirectory": "lib"}"#;
        let line = install("y-1", "Name: y\nVersion: 1\n", Some(git));
        assert_eq!(line.unwrap(), "y @ git+https://e.com/y@ab#subdirectory=lib");
        let archive = r#"{"url": "file:///z.whl", "archive_info": {"hash": "sha256=1f"}}"#;
        let line = install("z-1", "Name: z\nVersion: 1\n", Some(archive));
        assert_eq!(line.unwrap(), "z @ file:///z.whl#sha256=1f");
        assert_eq!(install("cut-1", "", None), None);
        std::fs::write(dir.path().join("old.egg-info"), "Name: old\nVersion: 2\n").unwrap();
        assert_eq!(shown(dir.path(), "old.egg-info").unwrap(), "old==2");
    }

    #[test]
    fn build_tools_count_from_3_12_on() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["pip", "setuptools", "B_b", "a"] {
            let info = dir.path().join(format!("{name}-1.dist-info"));
            std::fs::create_dir(&info).unwrap();
            std::fs::write(info.join("METADATA"), format!("Name: {name}\nVersion: 1\n")).unwrap();
        }
        let of = |version: &str| {
            let environment = Environment {
                version: version.to_string(),
                search_path: vec![dir.path().to_path_buf()],
            };
            read(&environment, &Git::new("git")).0
        };
        assert_eq!(of("3.11.7 (main)"), ["a==1", "B_b==1"]);
        assert_eq!(of("3.12.1 (main)"), ["a==1", "B_b==1", "setuptools==1"]);
    }

    #[test]
    fn what_was_read_is_remembered_until_a_folder_changes() {
        let dir = tempfile::tempdir().unwrap();
        let packages = dir.path().join("packages");
        let cache = dir.path().join("cache");
        let info = packages.join("a-1.dist-info");
        std::fs::create_dir_all(&info).unwrap();
        let write = |version: &str| {
            std::fs::write(
                info.join("METADATA"),
                format!("Name: a\nVersion: {version}\n"),
            )
            .unwrap();
        };
        let touch = |seconds: u64| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            std::fs::File::open(&packages)
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        let environment = Environment::parse(&format!("3.12\n{}\n", packages.display()));
        let git = Git::new("git");
        write("1");
        // A folder that changed just now may change again unseen.
        assert_eq!(lines(&environment, &git, &cache), ["a==1"]);
        write("2");
        assert_eq!(lines(&environment, &git, &cache), ["a==2"]);
        touch(1000);
        assert_eq!(lines(&environment, &git, &cache), ["a==2"]);
        write("3");
        assert_eq!(lines(&environment, &git, &cache), ["a==2"]);
        touch(2000);
        assert_eq!(lines(&environment, &git, &cache), ["a==3"]);
    }
}
