//! What a person names on the command line: files, folders, patterns, and parts
//! of a file.

use std::fmt;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use crate::discovery::{DiscoveryError, spec_files};
use crate::options::nearest;
use crate::spec::{Heading, Spec};

/// Why a name stands for nothing.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The files could not be found.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// A pattern that is none.
    #[error("{pattern}: {message}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// A pattern that matches no file.
    #[error("{0}: no file or folder matches this pattern")]
    NoMatch(String),
    /// A part of something that is not a file.
    #[error("{0}: a line or heading is of a file, and this is none")]
    NotAFile(String),
    /// A line before the first.
    #[error("{0}: the first line of a file is line 1")]
    LineZero(String),
    /// A line that the file does not have.
    #[error("{path}:{line}: the file has {lines} lines")]
    NoLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// How many there are.
        lines: usize,
    },
    /// A heading that the file does not have.
    #[error("{path}: no heading `{title}`{}", nearest.as_ref().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default())]
    NoHeading {
        /// The file.
        path: PathBuf,
        /// The heading as named.
        title: String,
        /// The heading closest to it, if one is close.
        nearest: Option<String>,
    },
}

/// A part of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The section that this line is in, from 1.
    Line(usize),
    /// The sections below this heading.
    Heading(String),
}

/// A file, and which parts of it are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The file.
    pub file: PathBuf,
    /// The parts; the whole file if there are none.
    pub parts: Vec<Part>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.parts.iter().try_for_each(|part| match part {
            Part::Line(line) => write!(f, ":{line}"),
            Part::Heading(title) => write!(f, "#{title}"),
        })
    }
}

/// The files that names stand for, each once, in the order of the names. A name is
/// a file, a folder (of which all `*.md` below are taken), a pattern with `*`, `?`,
/// `[...]`, `{a,b}` or `**`, `FILE:LINE` or `FILE#HEADING`.
pub fn resolve(names: &[PathBuf]) -> Result<Vec<Address>, AddressError> {
    let mut found: Vec<Address> = Vec::new();
    for name in names {
        let (files, part) = resolve_one(name)?;
        for file in files {
            let parts: Vec<Part> = part.iter().cloned().collect();
            match found.iter_mut().find(|address| address.file == file) {
                None => found.push(Address { file, parts }),
                // The whole file and a part of it are the whole file.
                Some(known) if known.parts.is_empty() || parts.is_empty() => known.parts.clear(),
                Some(known) => known.parts.extend(parts),
            }
        }
    }
    Ok(found)
}

fn resolve_one(name: &Path) -> Result<(Vec<PathBuf>, Option<Part>), AddressError> {
    // What exists is meant as it is, whatever its name looks like.
    if name.symlink_metadata().is_ok() {
        return Ok((spec_files(&[name.to_owned()])?, None));
    }
    let text = name.to_string_lossy();
    if let Some((file, part)) = split_part(&text) {
        let path = Path::new(file);
        if path.is_dir() {
            return Err(AddressError::NotAFile(text.into_owned()));
        }
        let files = spec_files(&[path.to_owned()])?;
        if part == Part::Line(0) {
            return Err(AddressError::LineZero(text.into_owned()));
        }
        return Ok((files, Some(part)));
    }
    if text.contains(['*', '?', '[', '{']) {
        return Ok((matching(&text)?, None));
    }
    Ok((spec_files(&[name.to_owned()])?, None))
}

/// The file and the part that `FILE:LINE` or `FILE#HEADING` names.
pub(crate) fn split_part(text: &str) -> Option<(&str, Part)> {
    if let Some((file, title)) = text.split_once('#').filter(|(file, _)| !file.is_empty()) {
        let title = title.trim_start_matches('#').trim();
        return Some((file, Part::Heading(title.to_owned())));
    }
    let (file, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    // `file:line:column`, as messages have it.
    match file.rsplit_once(':').map(|(file, n)| (file, n.parse())) {
        Some((file, Ok(line))) => Some((file, Part::Line(line))),
        _ => Some((file, Part::Line(line))),
    }
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, AddressError> {
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| AddressError::Pattern {
            pattern: pattern.to_owned(),
            message: error.kind().to_string(),
        })?
        .compile_matcher();
    let mut files = Vec::new();
    let start = before_wildcards(pattern);
    // What cannot be walked, matches nothing.
    if start.is_dir() || start == Path::new("") {
        let walked = if start == Path::new("") {
            Path::new(".")
        } else {
            start
        };
        for file in spec_files(&[walked.to_owned()])? {
            let named = if start == Path::new("") {
                file.strip_prefix(".").unwrap_or(&file).to_owned()
            } else {
                file
            };
            // A pattern that matches a folder is for all below.
            let below = named.ancestors().filter(|path| path.starts_with(start));
            if below.into_iter().any(|path| matcher.is_match(path)) {
                files.push(named);
            }
        }
    }
    if files.is_empty() {
        return Err(AddressError::NoMatch(pattern.to_owned()));
    }
    Ok(files)
}

/// The folder that all matches of a pattern are below; empty for the current one.
pub(crate) fn before_wildcards(pattern: &str) -> &Path {
    let first = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let end = pattern[..first].rfind('/').map_or(0, |at| at.max(1));
    Path::new(&pattern[..end])
}

/// Leaves of a spec the examples of these parts, and those that set them up: the
/// ones that stand before the first heading, or directly below a heading that the
/// part's own heading is below. `lines` is the number of lines of the file.
pub fn narrow(spec: &mut Spec, parts: &[Part], lines: usize) -> Result<(), AddressError> {
    let mut wanted = Vec::new();
    for part in parts {
        match part {
            Part::Line(line) if *line > lines => {
                return Err(AddressError::NoLine {
                    path: spec.path.clone(),
                    line: *line,
                    lines,
                });
            }
            Part::Line(line) => {
                let at = spec.headings.iter().rposition(|h| h.line <= *line);
                wanted.extend(with_set_up(&spec.headings, at));
            }
            Part::Heading(title) => {
                let is_named = |h: &Heading| is_title(&h.title, title);
                let found: Vec<usize> = (0..spec.headings.len())
                    .filter(|at| is_named(&spec.headings[*at]))
                    .collect();
                if found.is_empty() {
                    let titles = spec.headings.iter().map(|h| h.title.as_str());
                    return Err(AddressError::NoHeading {
                        path: spec.path.clone(),
                        title: title.clone(),
                        nearest: nearest(title, titles),
                    });
                }
                for at in found {
                    wanted.extend(with_set_up(&spec.headings, Some(at)));
                }
            }
        }
    }
    // What is included sets up all of it.
    spec.examples.retain(|example| {
        example.file.is_some() || wanted.iter().any(|range| range.contains(&example.line))
    });
    Ok(())
}

/// Titles are equal in any case, or as in the anchor of a link.
fn is_title(title: &str, named: &str) -> bool {
    let anchor = |text: &str| -> String {
        text.to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    title.to_lowercase() == named.to_lowercase() || anchor(title) == named
}

/// The lines of the section of a heading, and of what sets it up. Without a
/// heading, those before the first.
fn with_set_up(headings: &[Heading], at: Option<usize>) -> Vec<std::ops::Range<usize>> {
    let line_of = |index: usize| headings.get(index).map_or(usize::MAX, |h| h.line);
    let before_all = 0..line_of(0);
    let mut ranges = Vec::from([before_all]);
    let Some(at) = at else { return ranges };
    let level = headings[at].level;
    let end = (at + 1..headings.len()).find(|next| headings[*next].level <= level);
    ranges.push(line_of(at)..end.map_or(usize::MAX, line_of));
    let mut below = level;
    for index in (0..at).rev() {
        if headings[index].level < below {
            below = headings[index].level;
            ranges.push(line_of(index)..line_of(index + 1));
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Vocabulary;
    use crate::spec;

    const TEXT: &str = "\
>>> 1

# Top
>>> 2

## A
>>> 3

### A1
>>> 4

### A2
>>> 5

## B, or not
>>> 6
";

    fn examples(parts: &[Part]) -> Result<Vec<String>, String> {
        let vocabulary = Vocabulary::default();
        let mut spec = spec::parse(Path::new("x.md"), TEXT.as_bytes(), &vocabulary).unwrap();
        narrow(&mut spec, parts, TEXT.lines().count()).map_err(|error| error.to_string())?;
        let sources = spec.examples.iter().map(|e| e.source.trim().to_owned());
        Ok(sources.collect())
    }

    #[test]
    fn a_section_and_its_set_up() {
        let of_line = |line| examples(&[Part::Line(line)]).unwrap().concat();
        assert_eq!(of_line(1), "1");
        assert_eq!(of_line(3), "123456");
        assert_eq!(of_line(6), "12345");
        assert_eq!(of_line(10), "1234");
        assert_eq!(of_line(12), "1235");
        assert_eq!(of_line(16), "126");
        let both = examples(&[Part::Line(10), Part::Line(16)]).unwrap();
        assert_eq!(both.concat(), "12346");
        let error = examples(&[Part::Line(17)]).unwrap_err();
        assert_eq!(error, "x.md:17: the file has 16 lines");
    }

    #[test]
    fn a_heading() {
        let of_title = |title: &str| examples(&[Part::Heading(title.into())]);
        assert_eq!(of_title("a1").unwrap().concat(), "1234");
        assert_eq!(of_title("b-or-not").unwrap().concat(), "126");
        let error = of_title("Tob").unwrap_err();
        assert_eq!(error, "x.md: no heading `Tob` (did you mean `Top`?)");
    }

    #[test]
    fn names_with_parts() {
        let part = |text| split_part(text);
        assert_eq!(part("a.md:3"), Some(("a.md", Part::Line(3))));
        assert_eq!(part("a.md:3:7"), Some(("a.md", Part::Line(3))));
        let heading = Part::Heading("b c".into());
        assert_eq!(part("a.md#b c"), Some(("a.md", heading.clone())));
        assert_eq!(part("a.md### b c"), Some(("a.md", heading)));
        assert_eq!(part("a.md:0"), Some(("a.md", Part::Line(0))));
        assert_eq!(part("a.md:x"), None);
        assert_eq!(part("a.md"), None);
    }

    #[test]
    fn files_patterns_and_parts() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.md", "b/c.md", "b/d.md", "b/e.toml", "odd:1"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = |names: &[&str]| -> Result<Vec<String>, String> {
            let names: Vec<PathBuf> = names.iter().map(|n| root.path().join(n)).collect();
            let addresses = resolve(&names).map_err(|error| error.to_string())?;
            let start = format!("{}/", root.path().display());
            let shown = addresses.iter().map(|a| a.to_string().replace(&start, ""));
            Ok(shown.collect())
        };
        assert_eq!(found(&["a.md:3", "a.md:9"]).unwrap(), ["a.md:3:9"]);
        assert_eq!(found(&["a.md:3", "a.md"]).unwrap(), ["a.md"]);
        assert_eq!(found(&["b/*"]).unwrap(), ["b/c.md", "b/d.md"]);
        assert_eq!(found(&["**/c*"]).unwrap(), ["b/c.md"]);
        assert_eq!(found(&["odd:1"]).unwrap(), ["odd:1"]);
        for (name, part) in [
            ("*.txt", "no file or folder matches"),
            ("b:3", "a line or heading is of a file"),
            ("none.md:3", "none.md: No such file"),
            ("none.md:0", "none.md: No such file"),
            ("a.md:0", "a.md:0: the first line of a file is line 1"),
            ("a.md:0:7", "a.md:0:7: the first line of a file is line 1"),
            ("b/[", "b/["),
        ] {
            let error = found(&[name]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
