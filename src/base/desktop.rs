//! The desktop: the program that opens a file as a double click does.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program that opens what it is given in the program that is meant for it.
pub const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Whether programs with windows can be shown, as far as `environment` tells.
pub fn has_display(environment: &BTreeMap<OsString, OsString>) -> bool {
    let is_set = |name: &str| {
        environment
            .get(OsStr::new(name))
            .is_some_and(|value| !value.is_empty())
    };
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Has the desktop show `url`, from the folder `dir` with the environment `env`.
/// What it starts for that goes on when this process ends, and prints nothing.
///
/// # Errors
/// There is no program for that.
pub fn show(url: &str, dir: &Path, env: &BTreeMap<OsString, OsString>) -> io::Result<Child> {
    Command::new(OPENER)
        .arg(url)
        .current_dir(dir)
        .env_clear()
        .envs(env)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

#[cfg(all(test, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn a_display_is_one_that_is_named() {
        let display = |name: &str, value: &str| {
            let environment = BTreeMap::from([(name.into(), value.into())]);
            has_display(&environment)
        };
        assert!(display("DISPLAY", ":0"));
        assert!(display("WAYLAND_DISPLAY", "wayland-0"));
        assert!(!display("DISPLAY", ""));
        assert!(!display("OTHER", ":0"));
    }
}
