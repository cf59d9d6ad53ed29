//! Which files inside a folder or an archive are meant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fancy_regex::Regex;
use walkdir::WalkDir;

use super::source::Fault;
use crate::base::files;
use crate::base::python_regex;
use crate::base::python_text::parse_float;
use crate::guildfile::{Select, Which};

/// The files and folders below `dir` that `selects` mean, by path.
///
/// # Errors
/// A pattern is none; the folder cannot be read.
pub(super) fn in_folder(dir: &Path, selects: &[Select]) -> Result<Vec<PathBuf>, Fault> {
    let mut names = Vec::new();
    for entry in WalkDir::new(dir).min_depth(1) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(dir).to_path_buf();
            files::Error::new("read", &path, error.into())
        })?;
        let below = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        names.push(below.to_string_lossy().into_owned());
    }
    among(dir, names, selects)
}

/// The paths of those of `names` below `dir` that `selects` mean, by path.
///
/// # Errors
/// A pattern is none.
pub(super) fn among(
    dir: &Path,
    mut names: Vec<String>,
    selects: &[Select],
) -> Result<Vec<PathBuf>, Fault> {
    names.sort_unstable();
    let mut selected = BTreeSet::new();
    for select in selects {
        let regex = pattern(&select.pattern)?;
        match select.which {
            Which::All => {
                // One that takes too many steps fits nothing.
                let fits = |name: &&String| regex.is_match(name).unwrap_or(false);
                selected.extend(names.iter().filter(fits));
            }
            Which::Smallest => selected.extend(extreme(&names, &regex, |new, best| new < best)),
            Which::Largest => selected.extend(extreme(&names, &regex, |new, best| new > best)),
        }
    }
    Ok(selected.into_iter().map(|name| dir.join(name)).collect())
}

/// The entries of a folder or archive that are there at its top, without those
/// that only guild has a use for, by name.
pub(super) fn top(dir: &Path, names: &[String]) -> Vec<PathBuf> {
    let first = |name: &String| name.split('/').next().unwrap_or_default().to_string();
    let tops: BTreeSet<String> = names.iter().map(first).collect();
    let is_meant = |name: &String| !name.is_empty() && !name.starts_with(".guild");
    let tops = tops.into_iter().filter(is_meant);
    tops.map(|name| dir.join(name)).collect()
}

/// A pattern for the whole of a path.
fn pattern(text: &str) -> Result<Regex, Fault> {
    let refuse = |reason: String| Fault::Unmet(format!("invalid select '{text}': {reason}"));
    // Python's `$` also matches before a line break at the end.
    let translated = python_regex::translate(text).map_err(|error| refuse(error.to_string()))?;
    Regex::new(&format!(r"\A(?:{translated})\z")).map_err(|error| refuse(error.to_string()))
}

/// Of the names that fit, the one whose number in the first group is `better` than
/// that of all others; the first of several.
fn extreme<'a>(
    names: &'a [String],
    regex: &Regex,
    better: fn(f64, f64) -> bool,
) -> Option<&'a String> {
    let mut best: Option<(f64, &String)> = None;
    for name in names {
        let Ok(Some(captures)) = regex.captures(name) else {
            continue;
        };
        let number = captures
            .get(1)
            .and_then(|group| parse_float(group.as_str()));
        if let Some(number) = number
            && best.is_none_or(|(known, _)| better(number, known))
        {
            best = Some((number, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(names: &[&str], pattern: &str, which: Which) -> Vec<String> {
        let names = names.iter().map(ToString::to_string).collect();
        let select = Select {
            pattern: pattern.to_string(),
            which,
        };
        let found = among(Path::new("/d"), names, &[select]).unwrap();
        found
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn the_whole_path_has_to_fit() {
        let names = ["b.txt", "a.txt", "sub/a.txt", "a.txt.bak"];
        assert_eq!(
            selected(&names, r".\.txt", Which::All),
            ["/d/a.txt", "/d/b.txt"]
        );
        assert_eq!(selected(&names, r".+/a.*", Which::All), ["/d/sub/a.txt"]);
        assert_eq!(selected(&names, r"a.txt|b", Which::All), ["/d/a.txt"]);
    }

    #[test]
    fn the_number_in_the_first_group_decides() {
        let names = ["m-10.5", "m-9", "m-x", "m-2e1", "other"];
        let pattern = r"m-(.+)";
        assert_eq!(selected(&names, pattern, Which::Largest), ["/d/m-2e1"]);
        assert_eq!(selected(&names, pattern, Which::Smallest), ["/d/m-9"]);
        assert_eq!(selected(&names, "m-.+", Which::Smallest), [] as [&str; 0]);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let select = Select {
            pattern: "(".to_string(),
            which: Which::All,
        };
        let error = among(Path::new("/d"), Vec::new(), &[select]).unwrap_err();
        assert!(error.to_string().starts_with("invalid select '(': "));
    }

    #[test]
    fn what_is_guilds_own_is_not_at_the_top() {
        let names = ["a/b", "a/c", ".guild/x", ".guild-cache-y", "", "z"];
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(
            top(Path::new("/d"), &names),
            [Path::new("/d/a"), Path::new("/d/z")]
        );
    }
}
