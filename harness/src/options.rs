//! The doctest options: their names, how they are written, and which ones a
//! comparison obeys.
//!
//! What an option means for skipping is in [`crate::gate`]; how the matching
//! options work is in [`crate::matcher`].

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::duration::parse_duration;
use crate::whitespace::is_unicode_space;

/// The options every suite knows, apart from the Python version gates.
const NAMES: &[&str] = &[
    "CAPTURES",
    "DONT_ACCEPT_BLANKLINE",
    "DONT_ACCEPT_TRUE_FOR_1",
    "ELLIPSIS",
    "FAIL_FAST",
    "FIXME",
    "FIXME_CI",
    "FIXME_WINDOWS",
    "IGNORE_EXCEPTION_DETAIL",
    "JSON",
    "KEEP_LF",
    "LINUX",
    "LINUX_ONLY",
    "MACOS",
    "MACOS_ONLY",
    "NORMALIZE_PATHS",
    "NORMALIZE_PATHSEP",
    "NORMALIZE_WHITESPACE",
    "PY3",
    "REDACT",
    "REGEX",
    "REPORT_CDIFF",
    "REPORT_NDIFF",
    "REPORT_ONLY_FIRST_FAILURE",
    "REPORT_UDIFF",
    "SKIP",
    "SORTED",
    "STRICT",
    "STRIP_ANSI_FMT",
    "STRIP_EXIT_0",
    "TIMING_CRITICAL",
    "WINDOWS",
    "WINDOWS_ONLY",
];

/// The options that are written with a value, as `+RETRY=3`, and what they take.
const VALUED: &[(&str, Value)] = &[("RETRY", Value::Count), ("TIMEOUT", Value::Duration)];

/// What the value of an option may be.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// A whole number from 1.
    Count,
    /// A duration; a number alone is seconds.
    Duration,
}

impl Value {
    fn accepts(self, text: &str) -> bool {
        match self {
            Value::Count => text.parse::<u32>().is_ok_and(|count| count > 0),
            Value::Duration => parse_seconds(text).is_some_and(|limit| !limit.is_zero()),
        }
    }

    fn example(self) -> &'static str {
        match self {
            Value::Count => "a count, as in `=3`",
            Value::Duration => "a duration, as in `=10s`",
        }
    }
}

/// Reads a duration; a number alone is seconds.
pub fn parse_seconds(text: &str) -> Option<Duration> {
    parse_duration(text)
        .or_else(|_| parse_duration(&format!("{text}s")))
        .ok()
}

/// The minor versions of Python 3 that have a gate: `PY36` to `PY319`.
const PYTHON_MINORS: std::ops::RangeInclusive<u32> = 6..=19;

/// An option string that cannot be obeyed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OptionError {
    /// The name is not an option.
    #[error("unknown doctest option `{name}`{}", nearest.as_ref().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default())]
    Unknown {
        /// The name as written.
        name: String,
        /// The known name closest to it, if one is close.
        nearest: Option<String>,
    },
    /// A word that starts with neither `+` nor `-`.
    #[error("doctest option `{0}` needs a leading `+` or `-`")]
    NoSign(String),
    /// An option that takes a value has none, or not one of its kind.
    #[error("doctest option `{name}` takes {wanted}")]
    Value {
        /// The option.
        name: String,
        /// What it takes.
        wanted: &'static str,
    },
    /// An option that takes no value has one.
    #[error("doctest option `{0}` takes no value")]
    NoValue(String),
    /// The directive names no option at all.
    #[error("empty doctest option directive")]
    Empty,
}

impl OptionError {
    /// How many characters of the option string stand before the fault.
    pub fn offset_in(&self, text: &str) -> usize {
        let name = match self {
            OptionError::Unknown { name, .. }
            | OptionError::NoSign(name)
            | OptionError::Value { name, .. }
            | OptionError::NoValue(name) => name,
            OptionError::Empty => return 0,
        };
        text.find(name.as_str())
            .map_or(0, |at| text[..at].chars().count())
    }
}

/// The option names a spec may use: the harness's own and the suite's features.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    features: Vec<String>,
}

impl Vocabulary {
    /// The built-in names and these feature names.
    pub fn with_features(features: impl IntoIterator<Item = String>) -> Self {
        Vocabulary {
            features: features.into_iter().collect(),
        }
    }

    /// The features of the suite.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(String::as_str)
    }

    fn knows(&self, name: &str) -> bool {
        NAMES.contains(&name)
            || valued(name).is_some()
            || python_minor(name).is_some()
            || self.features.iter().any(|feature| feature == name)
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let versions: Vec<String> = PYTHON_MINORS.map(|minor| format!("PY3{minor}")).collect();
        let known = NAMES
            .iter()
            .copied()
            .chain(VALUED.iter().map(|(name, _)| *name))
            .chain(self.features.iter().map(String::as_str))
            .chain(versions.iter().map(String::as_str));
        nearest(name, known)
    }
}

/// The minor version that a gate such as `PY311` names.
pub fn python_minor(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("PY3")?;
    if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits
        .parse()
        .ok()
        .filter(|minor| PYTHON_MINORS.contains(minor))
}

/// The candidate closest to `name`, if it is close enough to be a slip.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted = name.to_ascii_uppercase();
    known
        .map(|candidate| {
            (
                edit_distance(&wanted, &candidate.to_ascii_uppercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn valued(name: &str) -> Option<Value> {
    VALUED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| *value)
}

/// Options that are set, on or off, by a suite, a file or an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionSet(BTreeMap<String, Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    on: bool,
    value: Option<String>,
}

impl OptionSet {
    /// Reads `+NAME -NAME +NAME=VALUE`, separated by blanks or commas. An empty
    /// string sets nothing.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, OptionError> {
        let mut options = BTreeMap::new();
        let words = text.split(|c| c == ',' || is_unicode_space(c));
        for word in words.filter(|word| !word.is_empty()) {
            let (setting, on) = match (word.strip_prefix('+'), word.strip_prefix('-')) {
                (Some(setting), _) => (setting, true),
                (_, Some(setting)) => (setting, false),
                _ => return Err(OptionError::NoSign(word.to_owned())),
            };
            let (name, value) = match setting.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (setting, None),
            };
            if !vocabulary.knows(name) {
                let nearest = vocabulary.nearest(name);
                return Err(OptionError::Unknown {
                    name: name.to_owned(),
                    nearest,
                });
            }
            check_value(name, on, value)?;
            let value = value.map(str::to_owned);
            options.insert(name.to_owned(), Entry { on, value });
        }
        Ok(OptionSet(options))
    }

    /// Whether the option is set here, and to what.
    pub fn get(&self, name: &str) -> Option<bool> {
        self.0.get(name).map(|entry| entry.on)
    }

    /// Whether the option is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) == Some(true)
    }

    /// The count that an option is set to, as `+RETRY=3`.
    pub fn count(&self, name: &str) -> Option<u32> {
        self.value(name)?.parse().ok()
    }

    /// The duration that an option is set to, as `+TIMEOUT=10s`.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        parse_seconds(self.value(name)?)
    }

    /// The option as it is written, if it is set: `+RETRY=3`.
    pub fn written(&self, name: &str) -> Option<String> {
        let entry = self.0.get(name)?;
        Some(OptionSet(BTreeMap::from([(name.to_owned(), entry.clone())])).to_string())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.value.as_deref()
    }

    /// Whether no option is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The options in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry.on))
    }

    /// These options with those of `over` on top.
    pub fn overlaid(&self, over: &OptionSet) -> OptionSet {
        let mut merged = self.0.clone();
        merged.extend(
            over.0
                .iter()
                .map(|(name, entry)| (name.clone(), entry.clone())),
        );
        OptionSet(merged)
    }

    /// Whether the option is on, given what it is by default.
    pub fn or_default(&self, name: &str, default: bool) -> bool {
        self.get(name).unwrap_or(default)
    }
}

/// The options as they are written, in order of name.
impl fmt::Display for OptionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, entry)) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            let sign = if entry.on { '+' } else { '-' };
            write!(f, "{gap}{sign}{name}")?;
            if let Some(value) = &entry.value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

fn check_value(name: &str, on: bool, value: Option<&str>) -> Result<(), OptionError> {
    match (valued(name), value) {
        (None, Some(_)) => Err(OptionError::NoValue(name.to_owned())),
        (Some(_), None) if !on => Ok(()),
        (Some(kind), value) if !on || !value.is_some_and(|text| kind.accepts(text)) => {
            Err(OptionError::Value {
                name: name.to_owned(),
                wanted: kind.example(),
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<OptionSet, OptionError> {
        OptionSet::parse(text, &Vocabulary::default())
    }

    #[test]
    fn signs_and_separators() {
        let options = parse("+ELLIPSIS,-SKIP  -PY310").unwrap();
        assert_eq!(options.get("ELLIPSIS"), Some(true));
        assert_eq!(options.get("SKIP"), Some(false));
        assert_eq!(options.get("PY310"), Some(false));
        assert_eq!(options.get("STRICT"), None);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn unknown_names_get_a_hint() {
        let error = parse("+ELIPSIS").unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown doctest option `ELIPSIS` (did you mean `ELLIPSIS`?)"
        );
        assert!(parse("+skip").unwrap_err().to_string().contains("`SKIP`"));
        let error = parse("+QQQQQQQQ").unwrap_err().to_string();
        assert_eq!(error, "unknown doctest option `QQQQQQQQ`");
        assert_eq!(parse("SKIP"), Err(OptionError::NoSign("SKIP".into())));
    }

    #[test]
    fn python_gates() {
        assert_eq!(python_minor("PY38"), Some(8));
        assert_eq!(python_minor("PY314"), Some(14));
        for wrong in ["PY3", "PY27", "PY30", "PY399", "PY3x", "PY3011"] {
            assert_eq!(python_minor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_suite_adds_features() {
        let vocabulary = Vocabulary::with_features(["R".to_owned()]);
        assert!(OptionSet::parse("+R", &vocabulary).unwrap().is_on("R"));
        assert!(parse("+R").is_err());
    }

    #[test]
    fn examples_override_files() {
        let file = parse("-ELLIPSIS +STRICT").unwrap();
        let merged = file.overlaid(&parse("+ELLIPSIS").unwrap());
        assert!(merged.is_on("ELLIPSIS"));
        assert!(merged.is_on("STRICT"));
    }

    #[test]
    fn values() {
        let options = parse("+RETRY=3 +TIMEOUT=1.5s -SKIP").unwrap();
        assert_eq!(options.count("RETRY"), Some(3));
        assert_eq!(
            options.duration("TIMEOUT"),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(options.to_string(), "+RETRY=3 -SKIP +TIMEOUT=1.5s");
        assert_eq!(
            parse("+TIMEOUT=2").unwrap().duration("TIMEOUT"),
            Some(Duration::from_secs(2))
        );
        assert_eq!(parse("-RETRY").unwrap().count("RETRY"), None);
        for wrong in [
            "+RETRY",
            "+RETRY=0",
            "+RETRY=x",
            "-RETRY=2",
            "+TIMEOUT=0s",
            "+SKIP=1",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
