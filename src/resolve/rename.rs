//! How files are called in the run instead.

use fancy_regex::Regex;

use super::source::{Fault, Place};
use crate::base::python_regex::{self, Replacement};
use crate::flags;
use crate::guildfile::Rename;

/// The name after the first of the rules that changes it.
///
/// # Errors
/// A rule is none.
pub(super) fn renamed(name: &str, place: &Place<'_>) -> Result<String, Fault> {
    for rule in &place.source.rename {
        let with_flags = |text: &str| {
            flags::with_flags(text, place.needs.values).map_err(|error| {
                let reason = format!("resolution error: cannot resolve '{text}': {error}");
                refused(name, rule, &reason)
            })
        };
        let rule = Rename {
            pattern: with_flags(&rule.pattern)?,
            replacement: with_flags(&rule.replacement)?,
        };
        let new = apply(&rule, name).map_err(|reason| refused(name, &rule, &reason))?;
        if new != name {
            return Ok(new);
        }
    }
    Ok(name.to_string())
}

fn refused(name: &str, rule: &Rename, reason: &str) -> Fault {
    let Rename {
        pattern,
        replacement,
    } = rule;
    Fault::Unusable(format!(
        "error renaming source {name} ('{pattern}' -> '{replacement}'): {reason}"
    ))
}

/// `name` with the first part that fits the rule replaced.
fn apply(rule: &Rename, name: &str) -> Result<String, String> {
    let translated = python_regex::translate(&rule.pattern).map_err(|error| error.to_string())?;
    let regex = Regex::new(&translated).map_err(|error| error.to_string())?;
    let replacement = Replacement::parse(&rule.replacement, &regex);
    let replacement = replacement.map_err(|error| error.to_string())?;
    let found = regex.captures(name).map_err(|error| error.to_string())?;
    let Some((found, whole)) = found.and_then(|found| Some((found.get(0)?.range(), found))) else {
        return Ok(name.to_string());
    };
    Ok([
        &name[..found.start],
        &replacement.expand(&whole),
        &name[found.end..],
    ]
    .concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(pattern: &str, replacement: &str, name: &str) -> Result<String, String> {
        let rule = Rename {
            pattern: pattern.to_string(),
            replacement: replacement.to_string(),
        };
        apply(&rule, name)
    }

    #[test]
    fn the_first_part_that_fits_is_replaced() {
        assert_eq!(renamed(r"(.+)\.in", r"\1", "a.yml.in").unwrap(), "a.yml");
        assert_eq!(renamed("(?P<n>b)", r"x\g<n>x", "abb").unwrap(), "axbxb");
        assert_eq!(renamed(".*", "all", "abc").unwrap(), "all");
        assert_eq!(renamed("^x", "y", "abc").unwrap(), "abc");
        assert!(renamed("(", "y", "abc").is_err());
        assert!(renamed("a", r"\1", "abc").is_err());
    }
}
