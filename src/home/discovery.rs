//! How guild home, the current directory and the user's home are found.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Error;
use crate::base::files;

/// The folder of the user, which nothing but the environment tells.
pub(super) fn user_home(environment: &BTreeMap<OsString, OsString>) -> Option<PathBuf> {
    let home = environment.get(std::ffi::OsStr::new("HOME"));
    home.filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The current directory as the user reached it: `PWD` where it is true, so
/// that a linked folder keeps its name.
pub(super) fn logical_cwd(environment: &BTreeMap<OsString, OsString>) -> Result<PathBuf, Error> {
    let real = std::env::current_dir().map_err(Error::NoCurrentDirectory)?;
    let logical = environment
        .get(std::ffi::OsStr::new("PWD"))
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && same_dir(path, &real));
    Ok(logical.unwrap_or(real))
}

fn same_dir(left: &Path, right: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::metadata(left), std::fs::metadata(right)) {
        (Ok(left), Ok(right)) => left.dev() == right.dev() && left.ino() == right.ino(),
        _ => false,
    }
}

/// Guild home by the order of `GUILD_HOME`, the scheme, an activated
/// environment, the folders above the current one, the user's home.
pub(super) fn find_guild_home(
    environment: &BTreeMap<OsString, OsString>,
    cwd: &Path,
    user_home: Option<&Path>,
) -> PathBuf {
    let variable = |name: &str| {
        environment
            .get(std::ffi::OsStr::new(name))
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(path) = variable("GUILD_HOME") {
        return cwd.join(path);
    }
    let default = user_home.unwrap_or(Path::new("/")).join(".guild");
    let activated = variable("CONDA_PREFIX").or_else(|| variable("VIRTUAL_ENV"));
    if scheme(environment, &default).as_deref() == Some("pre-0.9") {
        return activated.map_or(default, |root| real(&root.join(".guild")));
    }
    if let Some(home) = activated.map(|root| root.join(".guild"))
        && home.is_dir()
    {
        return real(&home);
    }
    for dir in cwd.ancestors() {
        let home = dir.join(".guild");
        if home.is_dir() {
            return home;
        }
        if Some(dir) == user_home {
            break;
        }
    }
    default
}

/// `GUILD_HOME_SCHEME`, else `legacy: guild-home:` of `~/.guild/config.yml`.
fn scheme(environment: &BTreeMap<OsString, OsString>, default_home: &Path) -> Option<String> {
    if let Some(scheme) = environment.get(std::ffi::OsStr::new("GUILD_HOME_SCHEME")) {
        return Some(scheme.to_string_lossy().into_owned());
    }
    let bytes = files::read_if_exists(&default_home.join("config.yml")).ok()??;
    let config = crate::base::yaml::load_bytes(&bytes).ok()?;
    let legacy = config.as_map()?.get("legacy")?;
    legacy
        .as_map()?
        .get("guild-home")?
        .as_str()
        .map(str::to_string)
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &Path)]) -> BTreeMap<OsString, OsString> {
        pairs
            .iter()
            .map(|(name, value)| (OsString::from(name), value.as_os_str().to_os_string()))
            .collect()
    }

    #[test]
    fn the_nearest_guild_folder_wins_up_to_the_users_home() {
        let root = tempfile::tempdir().unwrap();
        let user = root.path().join("u");
        let project = user.join("a/b");
        std::fs::create_dir_all(&project).unwrap();
        let find = |cwd: &Path| find_guild_home(&BTreeMap::new(), cwd, Some(&user));
        std::fs::create_dir_all(root.path().join(".guild")).unwrap();
        assert_eq!(find(&project), user.join(".guild"));
        std::fs::create_dir_all(user.join("a/.guild")).unwrap();
        assert_eq!(find(&project), user.join("a/.guild"));
    }

    #[test]
    fn an_activated_environment_counts_only_with_a_guild_folder() {
        let root = tempfile::tempdir().unwrap();
        let venv = std::fs::canonicalize(root.path()).unwrap().join("venv");
        std::fs::create_dir_all(&venv).unwrap();
        let environment = env(&[("VIRTUAL_ENV", &venv)]);
        let user = root.path().join("u");
        let find = |env: &_| find_guild_home(env, Path::new("/"), Some(&user));
        assert_eq!(find(&environment), user.join(".guild"));
        std::fs::create_dir_all(venv.join(".guild")).unwrap();
        assert_eq!(find(&environment), venv.join(".guild"));
        let legacy = env(&[
            ("VIRTUAL_ENV", Path::new("/v")),
            ("GUILD_HOME_SCHEME", Path::new("pre-0.9")),
        ]);
        assert_eq!(find(&legacy), Path::new("/v/.guild"));
    }
}
