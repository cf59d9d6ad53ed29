//! A command that is run once on what was fetched or unpacked.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::source::{Fault, Place};
use super::{Notice, Tell};
use crate::base::command::{self, Output};
use crate::base::{digest, files, shell_text};
use crate::home::tidy;

/// `$(project-src PATH)`, which stands for a file of the project.
static PROJECT_FILE: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a test compiles it")]
    Regex::new(r"\$\(project-src (.*?)\)").unwrap()
});

/// Runs the command of the source in the folder `dir`, unless that was done there
/// before.
///
/// # Errors
/// It cannot be run, or fails.
pub(super) fn run(place: &Place<'_>, dir: &Path, tell: Tell<'_>) -> Result<(), Fault> {
    let Some(command) = &place.source.post_process else {
        return Ok(());
    };
    let command = with_project_files(&command.trim().replace('\n', " "), place)?;
    let mark = dir.join(format!(".guild-cache-{}.post", digest::sha1(&command)));
    if mark.exists() {
        return Ok(());
    }
    let resource = &place.resource.name;
    let text = format!(
        "Post processing {resource} resource in {}: '{command}'",
        dir.display()
    );
    tell(Notice::Info(text));
    files::create_dir_all(dir)?;
    let failed = |reason: String| {
        Fault::Unmet(format!(
            "error post processing {resource} resource: {reason}"
        ))
    };
    let args = ["/bin/sh", "-c", &command];
    let env = place.needs.home.environment();
    let child = command::start(&args, dir, env, Output::Inherited);
    let status = child.and_then(|mut child| child.wait());
    let status = status.map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!("command '{command}' ended with {status}")));
    }
    Ok(files::write_atomic(&mark, b"")?)
}

/// The command with the paths of files of the project in it.
fn with_project_files(command: &str, place: &Place<'_>) -> Result<String, Fault> {
    let mut result = String::new();
    let mut end = 0;
    for found in PROJECT_FILE.captures_iter(command) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else {
            continue;
        };
        let words = shell_text::split(name.as_str()).unwrap_or_default();
        let path = words.first().map(String::as_str).unwrap_or_default();
        let full = tidy(&place.resource.location.join(path));
        if path.is_empty() || !full.exists() {
            let location = place.resource.location.display();
            return Err(Fault::Unmet(format!(
                "project-src failed: could not find '{path}' in path '{location}'"
            )));
        }
        result.push_str(&command[end..whole.start()]);
        result.push_str(&full.display().to_string());
        end = whole.end();
    }
    Ok(result + &command[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_project_are_found_in_a_command() {
        let found = PROJECT_FILE
            .captures("python $(project-src 'a b.py') x")
            .unwrap();
        assert_eq!(&found[1], "'a b.py'");
    }
}
