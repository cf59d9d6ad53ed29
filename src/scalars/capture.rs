//! Picking scalars and attributes from the output of a run's process, line by
//! line, into event files.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use super::Result;
use super::cut_off::CutOffs;
use super::event_file::{EventFile, Place};
use super::lines;
use super::pattern::Kind;
use super::patterns::Patterns;
use super::steps::Steps;
use crate::base::python_text::parse_float;

/// What the name of a file with attributes ends with.
pub(super) const ATTRS_SUFFIX: &str = ".attrs";

/// Writes what the output of one process tells of scalars and attributes.
/// Lines of both its streams are given to it as they come.
#[derive(Debug)]
pub struct Capture {
    scalars: OutputScalars,
    attrs: OutputAttrs,
    ignored: HashSet<String>,
}

impl Capture {
    /// A capture with the default patterns, into event files in `events_dir`
    /// that are named after `host`, `pid` and the time of the start in seconds
    /// since the epoch. Files are made with their first value.
    ///
    /// `ignored_keys` are those that are nothing new, the names of flags.
    pub fn new(
        events_dir: impl Into<PathBuf>,
        ignored_keys: impl IntoIterator<Item = String>,
        host: &str,
        pid: u32,
        start_seconds: u64,
    ) -> Self {
        let place = Place {
            dir: events_dir.into(),
            host: host.to_string(),
            pid,
            seconds: start_seconds,
        };
        Self {
            scalars: OutputScalars {
                patterns: Patterns::defaults(Kind::Scalars),
                cut_offs: CutOffs::default(),
                steps: Steps::default(),
                file: EventFile::new(place.clone(), ""),
            },
            attrs: OutputAttrs {
                patterns: Patterns::defaults(Kind::Attrs),
                cut_offs: CutOffs::default(),
                file: EventFile::new(place, ATTRS_SUFFIX),
            },
            ignored: ignored_keys.into_iter().collect(),
        }
    }

    /// The same capture with the patterns of an operation.
    #[must_use]
    pub fn with_patterns(mut self, scalars: Patterns, attrs: Patterns) -> Self {
        self.scalars.patterns = scalars;
        self.attrs.patterns = attrs;
        self
    }

    /// Takes the raw line, without its line feed, that was printed at
    /// `wall_time` in seconds since the epoch. Patterns that take too long on it
    /// find no more, and `warn` hears of them.
    ///
    /// # Errors
    /// An event file cannot be made or written.
    pub fn line(
        &mut self,
        line: &[u8],
        wall_time: f64,
        warn: &mut dyn FnMut(String),
    ) -> Result<()> {
        let for_scalars = self.scalars.patterns.may_match(line);
        let for_attrs = self.attrs.patterns.may_match(line);
        if !for_scalars && !for_attrs {
            return Ok(());
        }
        let line = Line {
            text: &lines::text(line),
            ignored: &self.ignored,
            wall_time,
        };
        let mut scalars = BTreeSet::new();
        if for_scalars {
            scalars = self.scalars.line(&line, warn)?;
        }
        if for_attrs {
            self.attrs.line(&line, &scalars, warn)?;
        }
        Ok(())
    }
}

/// One line, and what both kinds of values need to know beside it.
struct Line<'a> {
    text: &'a str,
    ignored: &'a HashSet<String>,
    wall_time: f64,
}

#[derive(Debug)]
struct OutputScalars {
    patterns: Patterns,
    cut_offs: CutOffs,
    steps: Steps,
    file: EventFile,
}

impl OutputScalars {
    /// Writes the scalars of a line, and tells all keys it has scalars of.
    fn line(&mut self, line: &Line<'_>, warn: &mut dyn FnMut(String)) -> Result<BTreeSet<String>> {
        let mut values = BTreeMap::new();
        let found = |key: &str, value: &str| {
            if let Some(number) = parse_float(value) {
                values.insert(key.to_string(), number);
            }
        };
        self.patterns
            .find(line.text, &mut self.cut_offs, warn, found);
        let keys = values.keys().cloned().collect();
        let step = self.steps.of(&mut values);
        for (key, value) in &values {
            if self.patterns.ignore_flags() && line.ignored.contains(key) {
                continue;
            }
            self.file
                .write(|file| file.scalar(key, step, *value, line.wall_time))?;
        }
        Ok(keys)
    }
}

#[derive(Debug)]
struct OutputAttrs {
    patterns: Patterns,
    cut_offs: CutOffs,
    file: EventFile,
}

impl OutputAttrs {
    /// Writes the attributes of a line, but for those that are `scalars`.
    fn line(
        &mut self,
        line: &Line<'_>,
        scalars: &BTreeSet<String>,
        warn: &mut dyn FnMut(String),
    ) -> Result<()> {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        self.patterns
            .find(line.text, &mut self.cut_offs, warn, |key, value| {
                values.insert(key, value);
            });
        for (key, value) in &values {
            let is_flag = self.patterns.ignore_flags() && line.ignored.contains(*key);
            if is_flag || scalars.contains(*key) {
                continue;
            }
            self.file
                .write(|file| file.text(key, value, line.wall_time))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::tfevents::{Data, Reader};

    /// What capturing `lines` writes, without times, and the names of the files.
    fn captured(flags: &[&str], lines: &[&str]) -> (Vec<String>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let flags = flags.iter().map(|flag| flag.to_string());
        let mut capture = Capture::new(dir.path(), flags, "vm", 12, 1_795_224_558);
        for line in lines {
            capture
                .line(line.as_bytes(), 0.5, &mut |text| panic!("{text}"))
                .unwrap();
        }
        let mut values = Vec::new();
        let mut names = Vec::new();
        for entry in files::list_dir(dir.path()).unwrap() {
            let mut reader = Reader::new(files::open(&entry.path()).unwrap());
            while let Some(event) = reader.next_event().unwrap() {
                for value in event.values() {
                    assert_eq!(event.wall_time, 0.5);
                    values.push(match value.data {
                        Data::Scalar(number) => format!("{}@{}={number}", value.tag, event.step),
                        Data::Text(text) => format!("{}={text}", value.tag),
                        other => unreachable!("{other:?}"),
                    });
                }
            }
            names.push(entry.file_name().into_string().unwrap());
        }
        (values, names)
    }

    fn values(lines: &[&str]) -> Vec<String> {
        captured(&[], lines).0
    }

    #[test]
    fn the_documented_lines_give_the_documented_values() {
        let lines = [
            "a: 1",
            "b: 2 (step 5)",
            "c: nan",
            "a: 3 (foo)",
            "g: 1 (7)",
            "step: 10",
            "a: 9",
            "a: 3 extra",
            " a: 4",
            "1a: 4",
            "lr:5",
        ];
        let expected = ["a@0=1", "b@5=2", "c@5=NaN", "a@5=3", "g@7=1", "a@10=9"];
        assert_eq!(values(&lines), expected);
    }

    #[test]
    fn words_are_attributes() {
        let lines = [
            "model: cnn",
            "long: has two words",
            "loss: 0.5",
            "odd: abc1",
            "WARNING: hey",
            "acc: 95%",
            "bare: e6",
        ];
        let expected = [
            "loss@0=0.5",
            "model=cnn",
            "odd=abc1",
            "WARNING=hey",
            "acc=95%",
            "bare=e6",
        ];
        let mut found = values(&lines);
        // Which file is listed first depends on how many others were written.
        found.sort_by_key(|value| !value.contains('@'));
        assert_eq!(found, expected);
    }

    #[test]
    fn flags_are_neither_scalars_nor_attributes_but_count_as_seen() {
        let lines = ["x: 1", "y: 1", "x: 2", "y: 2", "x: word"];
        let (values, _) = captured(&["x"], &lines);
        assert_eq!(values, ["y@0=1", "y@1=2"]);
        let (values, _) = captured(&["step"], &["step: 10", "a: 9"]);
        assert_eq!(values, ["a@10=9"]);
    }

    #[test]
    fn files_are_made_with_their_first_value() {
        assert_eq!(captured(&["x"], &["nothing", "x: 1", "step: 4"]).1, [""; 0]);
        let (_, names) = captured(&[], &["a: 1", "b: 2"]);
        assert_eq!(names.len(), 1);
        assert!(
            names[0].starts_with("events.out.tfevents.1795224558.vm.12."),
            "{names:?}"
        );
        let (_, names) = captured(&[], &["a: b"]);
        assert_eq!(names.len(), 1);
        assert!(names[0].ends_with(ATTRS_SUFFIX), "{names:?}");
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut capture = Capture::new(dir.path().join("gone"), [], "vm", 12, 1);
        let message = capture
            .line(b"a: 1", 0.5, &mut |_| ())
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("cannot write "), "{message}");
        assert!(
            message.contains("gone/events.out.tfevents.0000000001.vm.12."),
            "{message}"
        );
    }
}
