//! Deciding that a spec or an example does not run here, and saying why.

use std::collections::BTreeMap;

use crate::options::{OptionSet, python_minor};
use crate::python::Python;

/// Why something was skipped: a kind to count by, and words to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// What decided.
    pub kind: SkipKind,
    /// The reason, as a lowercase fragment.
    pub reason: String,
}

/// The kinds of skips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipKind {
    /// `+SKIP`.
    Asked,
    /// Known not to work yet.
    Fixme,
    /// Not for this operating system.
    Platform,
    /// Not for this version of Python.
    Python,
    /// Needs a faster, or a slower, machine.
    Timing,
    /// Needs a feature the suite says is present, or absent.
    Feature,
    /// Needs what the suite says is absent, or what such an example would bind.
    Dependency,
    /// The spec has no examples.
    Empty,
}

impl SkipKind {
    /// The word for it that reports use.
    pub fn word(self) -> &'static str {
        match self {
            SkipKind::Asked => "asked",
            SkipKind::Fixme => "fixme",
            SkipKind::Platform => "platform",
            SkipKind::Python => "python",
            SkipKind::Timing => "timing",
            SkipKind::Feature => "feature",
            SkipKind::Dependency => "dependency",
            SkipKind::Empty => "empty",
        }
    }
}

/// What gates are held against.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The operating system, as `std::env::consts::OS` names it.
    pub os: &'static str,
    /// The Python that runs the examples.
    pub python: Python,
    /// Number of processors.
    pub processors: usize,
    /// From how many processors on a machine counts as fast.
    pub timing_processors: usize,
    /// Whether this is a continuous integration run.
    pub ci: bool,
    /// The suite's features, present or not.
    pub features: BTreeMap<String, bool>,
}

/// The reason these options give for not running, if they give one.
pub fn skip(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    let found = |kind, reason: String| Some(Skip { kind, reason });
    if options.is_on("SKIP") {
        return found(SkipKind::Asked, "marked SKIP".into());
    }
    fixme(options, here)
        .or_else(|| platform(options, here))
        .or_else(|| python(options, here))
        .or_else(|| timing(options, here))
        .or_else(|| feature(options, here))
}

fn fixme(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    let name = [
        ("FIXME", true),
        ("FIXME_CI", here.ci),
        ("FIXME_WINDOWS", here.os == "windows"),
    ]
    .into_iter()
    .find(|(name, applies)| *applies && options.is_on(name))?
    .0;
    Some(Skip {
        kind: SkipKind::Fixme,
        reason: format!("marked {name}"),
    })
}

/// `-MACOS` keeps a spec off macOS, `+MACOS_ONLY` keeps it on macOS.
/// `+MACOS` says no more than the default.
fn platform(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    for (name, os) in [
        ("WINDOWS", "windows"),
        ("MACOS", "macos"),
        ("LINUX", "linux"),
    ] {
        let only = format!("{name}_ONLY");
        if options.get(name) == Some(false) && here.os == os {
            return Some(Skip {
                kind: SkipKind::Platform,
                reason: format!("not for {os}"),
            });
        }
        if options.is_on(&only) && here.os != os {
            return Some(Skip {
                kind: SkipKind::Platform,
                reason: format!("only for {os}"),
            });
        }
    }
    None
}

/// Every Python 3 is in unless `-PY3` puts all out; the gate that names this
/// very version then decides.
fn python(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    if !options.iter().any(|(name, _)| name.starts_with("PY3")) {
        return None;
    }
    let (major, minor) = here.python.version();
    let mut out = major == 3 && options.get("PY3") == Some(false);
    for (name, on) in options.iter() {
        if major == 3 && python_minor(name) == Some(minor) {
            out = !on;
        }
    }
    out.then(|| Skip {
        kind: SkipKind::Python,
        reason: format!("not for python {major}.{minor}"),
    })
}

fn timing(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    let wants_fast = options.get("TIMING_CRITICAL")?;
    let fast = here.processors >= here.timing_processors;
    (wants_fast != fast).then(|| Skip {
        kind: SkipKind::Timing,
        reason: format!(
            "timing critical: {} of {} processors",
            here.processors, here.timing_processors
        ),
    })
}

fn feature(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    let (name, present) = here
        .features
        .iter()
        .find(|(name, present)| options.get(name).is_some_and(|wanted| wanted != **present))?;
    let verb = if *present { "has" } else { "lacks" };
    Some(Skip {
        kind: SkipKind::Feature,
        reason: format!("the suite {verb} {name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Vocabulary;

    fn here() -> Surroundings {
        Surroundings {
            os: "linux",
            python: Python::of_version(3, 11),
            processors: 2,
            timing_processors: 4,
            ci: false,
            features: BTreeMap::from([("R".to_owned(), false), ("GIT".to_owned(), true)]),
        }
    }

    fn reason(text: &str) -> Option<String> {
        let vocabulary = Vocabulary::with_features(["R".to_owned(), "GIT".to_owned()]);
        skip(&OptionSet::parse(text, &vocabulary).unwrap(), &here()).map(|skip| skip.reason)
    }

    #[test]
    fn gates() {
        let cases = [
            ("", None),
            ("+SKIP", Some("marked SKIP")),
            ("-SKIP", None),
            ("+FIXME", Some("marked FIXME")),
            ("+FIXME_CI", None),
            ("-WINDOWS -MACOS", None),
            ("-LINUX", Some("not for linux")),
            ("+LINUX", None),
            ("+WINDOWS_ONLY", Some("only for windows")),
            ("-PY3", Some("not for python 3.11")),
            ("-PY3 +PY311", None),
            ("-PY3 +PY310", Some("not for python 3.11")),
            ("-PY311", Some("not for python 3.11")),
            ("+PY38", None),
            (
                "+TIMING_CRITICAL",
                Some("timing critical: 2 of 4 processors"),
            ),
            ("-TIMING_CRITICAL", None),
            ("+R", Some("the suite lacks R")),
            ("-R", None),
            ("-GIT", Some("the suite has GIT")),
        ];
        for (text, wanted) in cases {
            assert_eq!(reason(text).as_deref(), wanted, "{text}");
        }
    }
}
