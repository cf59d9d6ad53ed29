//! The desktop: the program that opens a file as a double click does.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

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
