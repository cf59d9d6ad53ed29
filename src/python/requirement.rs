//! Which versions of Python an operation runs under.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier, VersionSpecifiers};

use crate::base::command;
use crate::base::python_text::str_repr;
use crate::home::Home;

/// A text that is no requirement.
#[derive(Debug, thiserror::Error)]
#[error("{} is no requirement for Python: {reason}", str_repr(text))]
pub struct Error {
    text: String,
    reason: String,
}

/// An interpreter whose name or place tells its version, not always in full.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// The program.
    pub exe: PathBuf,
    /// What is known of its version, such as `3.11`.
    pub version: Version,
}

/// Conditions on a version, all of which must hold.
#[derive(Debug, Clone)]
pub struct Requirement {
    text: String,
    conditions: VersionSpecifiers,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&str_repr(&self.text))
    }
}

impl Requirement {
    /// Reads conditions with commas between, as PEP 440 has them; a version
    /// alone stands for that version.
    ///
    /// # Errors
    /// The text says something else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let with_operator = |part: &str| match part.trim_start().chars().next() {
            Some(c) if c.is_ascii_digit() => format!("=={}", part.trim_start()),
            _ => part.to_string(),
        };
        let parts: Vec<_> = text.split(',').map(with_operator).collect();
        let full = parts.join(",");
        let conditions = VersionSpecifiers::from_str(&full).map_err(|error| Error {
            text: text.to_string(),
            reason: first_line(&error.to_string()),
        })?;
        Ok(Self {
            text: full,
            conditions,
        })
    }

    /// Whether the interpreter fits. It is started only where a condition
    /// depends on more of its version than is known.
    pub fn fits(&self, interpreter: &Interpreter, home: &Home) -> bool {
        let known = interpreter.version.release().len();
        let (plain, exact): (Vec<_>, Vec<_>) = self
            .conditions
            .iter()
            .partition(|condition| length(condition) <= 2);
        // `python3` may be any; what it is called by tells nothing.
        if known < 2 && plain.iter().any(|condition| length(condition) == 2) {
            return false;
        }
        let short = shortened(&interpreter.version);
        if !plain.iter().all(|condition| condition.contains(&short)) {
            return false;
        }
        if exact.is_empty() {
            return true;
        }
        let full = if known > 2 {
            Some(interpreter.version.clone())
        } else {
            asked(&interpreter.exe, home)
        };
        full.is_some_and(|full| exact.iter().all(|condition| condition.contains(&full)))
    }
}

/// How many numbers the version of a condition has.
fn length(condition: &VersionSpecifier) -> usize {
    condition.version().release().len()
}

/// The first two numbers of a version: what interpreters are called by, and
/// what `3.11` means in a requirement.
fn shortened(version: &Version) -> Version {
    Version::new(version.release().iter().take(2))
}

/// The version that the interpreter itself tells.
fn asked(exe: &Path, home: &Home) -> Option<Version> {
    let program = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    let args: [OsString; 4] = [exe.into(), "-I".into(), "-c".into(), program.into()];
    let env: &BTreeMap<OsString, OsString> = home.environment();
    let child = command::start(&args, home.cwd(), env, command::Output::Captured).ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.trim_end_matches(':').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(requirement: &str, version: &str) -> bool {
        let home = Home::discover(None, None).unwrap();
        let interpreter = Interpreter {
            exe: PathBuf::from("/nowhere/python"),
            version: version.parse().unwrap(),
        };
        Requirement::parse(requirement)
            .unwrap()
            .fits(&interpreter, &home)
    }

    #[test]
    fn a_version_alone_means_itself() {
        assert!(fits("3.11", "3.11"));
        assert!(fits("3.11", "3.11.7"));
        assert!(fits("3.11.7", "3.11.7"));
        assert!(!fits("3.11.6", "3.11.7"));
        assert!(!fits("3.11", "3.12"));
    }

    #[test]
    fn all_conditions_hold() {
        for (requirement, version, expected) in [
            (">=3.9,<3.12", "3.11", true),
            (">=3.9,<3.12", "3.12", false),
            (">=3.9, !=3.11", "3.11.7", false),
            (">3.11", "3.11.7", false),
            ("<=3.11", "3.11.7", true),
            ("~=3.9", "3.12", true),
            ("==3.*", "3.12", true),
            ("==3.1.*", "3.12", false),
            (">=3.11.5", "3.11.7", true),
            (">=3.11.5", "3.10", false),
            (">=3", "3", true),
            ("<3.8", "3", false),
        ] {
            assert_eq!(
                fits(requirement, version),
                expected,
                "{requirement} {version}"
            );
        }
    }

    #[test]
    fn what_is_no_requirement_is_an_error() {
        for text in ["foo bar", ">=", "3.x.y", "~=3"] {
            let message = Requirement::parse(text).unwrap_err().to_string();
            assert!(message.contains("no requirement for Python"), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
        let requirement = Requirement::parse("3.9,<4").unwrap();
        assert_eq!(requirement.to_string(), "'==3.9,<4'");
    }
}
