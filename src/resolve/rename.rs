//! How files are called in the run instead.

use fancy_regex::Regex;

use super::source::{Fault, Place};
use crate::base::python_regex;
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
    let replacement = replacement_text(&rule.replacement);
    regex
        .try_replacen(name, 1, replacement.as_str())
        .map(std::borrow::Cow::into_owned)
        .map_err(|error| error.to_string())
}

/// A replacement with groups as Python writes them, `\1` or `\g<name>`.
fn replacement_text(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$']) {
        result.push_str(&rest[..at]);
        let is_dollar = rest[at..].starts_with('$');
        rest = &rest[at + 1..];
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let named = rest
            .strip_prefix("g<")
            .and_then(|tail| tail.split_once('>'));
        if is_dollar {
            result.push_str("$$");
        } else if let Some((name, after)) = named {
            result.push_str(&format!("${{{name}}}"));
            rest = after;
        } else if digits > 0 {
            result.push_str(&format!("${{{}}}", &rest[..digits]));
            rest = &rest[digits..];
        } else {
            result.push('\\');
        }
    }
    result + rest
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
    fn groups_are_written_as_in_python() {
        assert_eq!(replacement_text(r"\1-\g<n>$x\."), r"${1}-${n}$$x\.");
        assert_eq!(renamed(r"(.+)\.in", r"\1", "a.yml.in").unwrap(), "a.yml");
        assert_eq!(renamed("(?P<n>b)", r"x\g<n>x", "abb").unwrap(), "axbxb");
        assert_eq!(renamed(".*", "all", "abc").unwrap(), "all");
        assert_eq!(renamed("^x", "y", "abc").unwrap(), "abc");
        assert!(renamed("(", "y", "abc").is_err());
    }
}
