//! Deciding that a spec or an example does not run here, and saying why.

use std::path::Path;

use crate::options::{OptionSet, python_minor};
use crate::probe::Probes;
use crate::python::Python;
use crate::requirement::{Comparison, Requirement, Test};
use crate::spec::{Requires, Spec};

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
    /// Needs a program, module, file or variable that is not here.
    Missing,
    /// Not for this version of a program.
    Version,
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
            SkipKind::Missing => "missing",
            SkipKind::Version => "version",
            SkipKind::Empty => "empty",
        }
    }
}

/// What gates are held against.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The Python that runs the examples.
    pub python: Python,
    /// From how many processors on a machine counts as fast.
    pub timing_processors: usize,
    /// Whether this is a continuous integration run.
    pub ci: bool,
    /// What the machine has.
    pub probes: Probes,
}

/// Why a spec as a whole does not run here, if it does not: for the options in
/// its front matter, or for what it requires.
pub fn skip_spec(spec: &Spec, here: &Surroundings) -> Option<Skip> {
    skip(&spec.options, here).or_else(|| missing(&spec.requires, here))
}

/// What is required and not here.
fn missing(requires: &[Requires], here: &Surroundings) -> Option<Skip> {
    let mut unmet = Vec::new();
    for Requires {
        folder,
        requirement,
    } in requires
    {
        let found = requirement.unmet(&mut |test| here.probes.find(test, folder));
        unmet.extend(found.into_iter().flatten());
    }
    let kind = kind_of(&unmet.first()?.0);
    let mut reasons: Vec<String> = unmet.iter().map(reason_of).collect();
    reasons.dedup();
    let reason = reasons.join("; ");
    Some(Skip { kind, reason })
}

/// How things are, and where that alone does not tell what is wrong, what was asked.
fn reason_of((test, said): &(Test, String)) -> String {
    match test {
        Test::Version(_, sign, wanted) => format!("{said}, asked for {sign} {wanted}"),
        Test::Processors(sign, wanted) => format!("{said}, asked for {sign} {wanted}"),
        _ => said.clone(),
    }
}

fn kind_of(test: &Test) -> SkipKind {
    match test {
        Test::System(_) => SkipKind::Platform,
        Test::Feature(_) => SkipKind::Feature,
        Test::Processors(..) => SkipKind::Timing,
        Test::Version(..) => SkipKind::Version,
        Test::Program(_) | Test::Module(_) | Test::File(_) | Test::Variable(_) => SkipKind::Missing,
    }
}

/// The requirement that an option of the older kind stands for, if it is one that
/// can be told as a requirement: `-WINDOWS`, `+MACOS_ONLY`, `+TIMING_CRITICAL`,
/// and each feature of a suite.
pub fn equivalent(name: &str, on: bool, here: &Surroundings) -> Option<Requirement> {
    let system = |name: &str| Test::System(name.to_ascii_lowercase());
    let (test, wanted) = match name {
        // `+MACOS` says no more than the default.
        "WINDOWS" | "MACOS" | "LINUX" if on => return None,
        "WINDOWS" | "MACOS" | "LINUX" => (system(name), false),
        "WINDOWS_ONLY" | "MACOS_ONLY" | "LINUX_ONLY" if !on => return None,
        "WINDOWS_ONLY" | "MACOS_ONLY" | "LINUX_ONLY" => {
            (system(name.trim_end_matches("_ONLY")), true)
        }
        "TIMING_CRITICAL" => {
            let number = here.timing_processors as u64;
            (Test::Processors(Comparison::AtLeast, number), on)
        }
        name if here.probes.has_feature(name) => (Test::Feature(name.to_owned()), on),
        _ => return None,
    };
    let test = Requirement::Test(test);
    Some(match wanted {
        true => test,
        false => Requirement::Not(Box::new(test)),
    })
}

/// The reason these options give for not running, if they give one.
pub fn skip(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    if options.is_on("SKIP") {
        return Some(Skip {
            kind: SkipKind::Asked,
            reason: "marked SKIP".into(),
        });
    }
    fixme(options, here)
        .or_else(|| python(options, here))
        .or_else(|| older(options, here))
}

fn fixme(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    let is_windows = || here.holds(&Test::System("windows".into()));
    let name = if options.is_on("FIXME") {
        "FIXME"
    } else if options.is_on("FIXME_CI") && here.ci {
        "FIXME_CI"
    } else if options.is_on("FIXME_WINDOWS") && is_windows() {
        "FIXME_WINDOWS"
    } else {
        return None;
    };
    Some(Skip {
        kind: SkipKind::Fixme,
        reason: format!("marked {name}"),
    })
}

/// The options that stand for a requirement.
fn older(options: &OptionSet, here: &Surroundings) -> Option<Skip> {
    options.iter().find_map(|(name, on)| {
        let requirement = equivalent(name, on, here)?;
        let mut find = |test: &Test| here.probes.find(test, Path::new(""));
        let (test, said) = requirement.unmet(&mut find)?.into_iter().next()?;
        let reason = match &test {
            Test::System(name) if on => format!("only for {name}"),
            Test::System(name) => format!("not for {name}"),
            Test::Processors(_, number) => {
                let here = here.probes.processors();
                format!("timing critical: {here} of {number} processors")
            }
            _ => said,
        };
        let kind = kind_of(&test);
        Some(Skip { kind, reason })
    })
}

impl Surroundings {
    fn holds(&self, test: &Test) -> bool {
        self.probes.find(test, Path::new("")).holds
    }
}

/// Every Python 3 is in unless `-PY3` puts all out; the gate that names this
/// very version then decides. This is the Python that evaluates the examples,
/// so it is no requirement.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;
    use crate::options::Vocabulary;
    use crate::probe::Source;
    use crate::requirement;

    fn here() -> Surroundings {
        let source = Source {
            os: "linux",
            processors: 2,
            features: BTreeMap::from([("R".to_owned(), false), ("GIT".to_owned(), true)]),
            ..Source::default()
        };
        Surroundings {
            python: Python::of_version(3, 11),
            timing_processors: 4,
            ci: false,
            probes: Probes::new(source),
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

    /// Each option of the older kind and the requirement it stands for.
    #[test]
    fn older_options_are_requirements() {
        for (option, meaning) in [
            ("-WINDOWS", Some("not os(windows)")),
            ("-MACOS", Some("not os(macos)")),
            ("-LINUX", Some("not os(linux)")),
            ("+WINDOWS", None),
            ("+MACOS", None),
            ("+LINUX", None),
            ("+WINDOWS_ONLY", Some("os(windows)")),
            ("+MACOS_ONLY", Some("os(macos)")),
            ("+LINUX_ONLY", Some("os(linux)")),
            ("-WINDOWS_ONLY", None),
            ("-MACOS_ONLY", None),
            ("-LINUX_ONLY", None),
            ("+TIMING_CRITICAL", Some("cpus >= 4")),
            ("-TIMING_CRITICAL", Some("not cpus >= 4")),
            ("+R", Some("feature(R)")),
            ("-R", Some("not feature(R)")),
            ("+GIT", Some("feature(GIT)")),
            ("-GIT", Some("not feature(GIT)")),
            ("+ELLIPSIS", None),
        ] {
            let wanted = meaning.map(|text| requirement::parse(text).unwrap());
            let found = equivalent(&option[1..], option.starts_with('+'), &here());
            assert_eq!(found, wanted, "{option}");
            let skipped = wanted.and_then(|needed| {
                needed.unmet(&mut |test| here().probes.find(test, Path::new("")))
            });
            assert_eq!(reason(option).is_some(), skipped.is_some(), "{option}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let skip = |texts: &[&str]| {
            let requires = texts.iter().map(|text| Requires {
                folder: PathBuf::from("/"),
                requirement: requirement::parse(text).unwrap(),
            });
            let requires: Vec<Requires> = requires.collect();
            missing(&requires, &here()).map(|skip| (skip.kind, skip.reason))
        };
        assert_eq!(skip(&["os(linux) and exe(sh)"]), None);
        assert_eq!(
            skip(&["file(no) and feature(R)", "not os(linux)"]),
            Some((
                SkipKind::Missing,
                "file no is missing; the suite lacks R; the system is linux".into()
            ))
        );
        assert_eq!(
            skip(&["cpus >= 64"]),
            Some((SkipKind::Timing, "cpus are 2, asked for >= 64".into()))
        );
    }
}
