//! What a spec needs of the machine it runs on: `os(linux) and cpus >= 4`.
//!
//! This is the language and its meaning; what holds on a machine is found out
//! elsewhere and handed in.

mod parse;

use std::cmp::Ordering;
use std::fmt;

pub use parse::{RequirementError, parse};

/// Something that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// This holds.
    Test(Test),
    /// This is not met.
    Not(Box<Requirement>),
    /// All of these are met.
    All(Vec<Requirement>),
    /// One of these is met.
    Any(Vec<Requirement>),
}

/// A single fact about a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `os(linux)`: the operating system.
    System(String),
    /// `exe(git)`: a program that commands find.
    Program(String),
    /// `module(numpy)`: a module of the Python that commands find.
    Module(String),
    /// `file(/dev/kvm)`: a file or folder; relative to the folder of the spec.
    File(String),
    /// `env(NAME)`: a variable that examples see.
    Variable(String),
    /// `feature(NAME)`: what the suite says it has.
    Feature(String),
    /// `version(python >= 3.10)`: what a program says its version is.
    Version(String, Comparison, Version),
    /// `cpus >= 4`: the number of processors.
    Processors(Comparison, u64),
}

/// How two numbers must compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
}

const COMPARISONS: &[(&str, Comparison)] = &[
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];

impl Comparison {
    /// Whether it holds for numbers that are ordered so.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::Unequal => order.is_ne(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::AtMost => order.is_le(),
            Comparison::Above => order.is_gt(),
            Comparison::Below => order.is_lt(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = COMPARISONS.iter().find(|(_, kind)| kind == self);
        f.write_str(sign.map_or("", |(sign, _)| sign))
    }
}

/// The numbers of a version. Missing ones count as zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Vec<u64>);

impl Version {
    /// Reads `3`, `3.10`, `3.10.2`.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        numbers.ok().map(Version)
    }

    /// How the two compare.
    pub fn order(&self, other: &Version) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let number = |version: &Version, index: usize| version.0.get(index).copied().unwrap_or(0);
        (0..length)
            .map(|index| number(self, index).cmp(&number(other, index)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::System(name) => write!(f, "os({name})"),
            Test::Program(name) => write!(f, "exe({name})"),
            Test::Module(name) => write!(f, "module({name})"),
            Test::File(name) => write!(f, "file({name})"),
            Test::Variable(name) => write!(f, "env({name})"),
            Test::Feature(name) => write!(f, "feature({name})"),
            Test::Version(name, sign, version) => write!(f, "version({name} {sign} {version})"),
            Test::Processors(sign, number) => write!(f, "cpus {sign} {number}"),
        }
    }
}

/// The expression, which reads as the same requirement.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Requirement::Test(test) => return write!(f, "{test}"),
            Requirement::Not(inner) => {
                f.write_str("not ")?;
                return inner.fmt_part(f);
            }
            Requirement::All(parts) => (parts, " and "),
            Requirement::Any(parts) => (parts, " or "),
        };
        for (index, part) in parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { word })?;
            part.fmt_part(f)?;
        }
        Ok(())
    }
}

impl Requirement {
    /// The expression as a part of another.
    fn fmt_part(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requirement::All(_) | Requirement::Any(_) => write!(f, "({self})"),
            Requirement::Test(_) | Requirement::Not(_) => write!(f, "{self}"),
        }
    }
}

/// What was found out about a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it holds.
    pub holds: bool,
    /// How things are, as a lowercase fragment: `program git is missing`.
    pub said: String,
}

impl Requirement {
    /// Whether this is met, given what holds; if not, the tests that decided and
    /// how things are.
    pub fn unmet(&self, finding: &mut dyn FnMut(&Test) -> Finding) -> Option<Vec<(Test, String)>> {
        self.against(true, finding)
    }

    /// What keeps this from being met (`wanted`) or from being not met.
    fn against(
        &self,
        wanted: bool,
        finding: &mut dyn FnMut(&Test) -> Finding,
    ) -> Option<Vec<(Test, String)>> {
        match self {
            Requirement::Test(test) => {
                let found = finding(test);
                (found.holds != wanted).then(|| vec![(test.clone(), found.said)])
            }
            Requirement::Not(inner) => inner.against(!wanted, finding),
            Requirement::All(parts) | Requirement::Any(parts) => {
                let must_all = matches!(self, Requirement::All(_)) == wanted;
                let mut unmet = Vec::new();
                for part in parts {
                    match part.against(wanted, finding) {
                        Some(found) => unmet.extend(found),
                        // One is enough.
                        None if !must_all => return None,
                        None => {}
                    }
                }
                (!unmet.is_empty()).then_some(unmet)
            }
        }
    }

    /// The tests in it, in order.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Requirement::Test(test) => vec![test],
            Requirement::Not(inner) => inner.tests(),
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().flat_map(Requirement::tests).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmet(text: &str) -> Option<String> {
        let holds = ["os(linux)", "exe(git)", "cpus >= 2"];
        let mut finding = |test: &Test| {
            let shown = test.to_string();
            Finding {
                holds: holds.contains(&shown.as_str()),
                said: shown,
            }
        };
        let unmet = parse(text).unwrap().unmet(&mut finding)?;
        let said: Vec<String> = unmet.into_iter().map(|(_, said)| said).collect();
        Some(said.join("; "))
    }

    #[test]
    fn meaning() {
        for met in [
            "os(linux)",
            "git",
            "exe( git )",
            "not os(windows)",
            "os(windows) or os(linux)",
            "os(linux) and not (module(x) or env(Y))",
            "not not git",
            "git or file(/no) and os(windows)",
            "cpus>=2",
            "not(os(windows) and git)",
        ] {
            assert_eq!(unmet(met), None, "{met}");
        }
        for (text, said) in [
            ("os(windows)", "os(windows)"),
            ("module(a) and git and env(B)", "module(a); env(B)"),
            ("module(a) or env(B)", "module(a); env(B)"),
            ("not git", "exe(git)"),
            ("not (git or hg)", "exe(git)"),
            ("not (git and os(linux))", "exe(git); os(linux)"),
            ("version(python >= 3.10)", "version(python >= 3.10)"),
            ("android", "exe(android)"),
        ] {
            assert_eq!(unmet(text).as_deref(), Some(said), "{text}");
        }
    }

    #[test]
    fn faults() {
        let fault = |text: &str| {
            let error = parse(text).unwrap_err();
            (error.offset, error.message)
        };
        assert_eq!(
            fault("git and modul(x)"),
            (
                8,
                "unknown requirement `modul` (did you mean `module`?)".into()
            )
        );
        assert_eq!(
            fault("os(linx)"),
            (3, "unknown system `linx`: linux, macos, windows".into())
        );
        assert_eq!(fault("exe(git").1, "`exe(` is not closed");
        assert_eq!(fault("exe()"), (4, "`exe()` names nothing".into()));
        assert_eq!(fault("").1, "expected a requirement, as in `exe(git)`");
        assert_eq!(
            fault("git hg"),
            (4, "expected `and`, `or` or the end".into())
        );
        assert_eq!(fault("(git"), (4, "expected `)`".into()));
        assert_eq!(fault("and git"), (0, "nothing before `and`".into()));
        assert_eq!(
            fault("cpus 4"),
            (5, "expected one of == != >= <= > <".into())
        );
        assert_eq!(fault("cpus >= x"), (8, "expected a number".into()));
        assert_eq!(
            fault("version(python >= x)").1,
            "expected a version, as in `3.10`"
        );
        assert_eq!(fault("version( >= 3)").1, "`version()` names no program");
    }

    #[test]
    fn versions() {
        let version = |text| Version::parse(text).unwrap();
        assert_eq!(version("3.10").order(&version("3.9")), Ordering::Greater);
        assert_eq!(version("3").order(&version("3.0.0")), Ordering::Equal);
        assert!(Comparison::Below.holds(version("3.9.18").order(&version("3.10"))));
        assert_eq!(Version::parse("3."), None);
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn an_expression_is_shown_as_it_reads() {
        for text in [
            "os(linux) and (exe(git) or not cpus >= 2)",
            "not (exe(a) and exe(b)) or env(C)",
            "(os(linux) and exe(a)) or version(b >= 3.10)",
        ] {
            let requirement = parse(text).unwrap();
            assert_eq!(parse(&requirement.to_string()), Ok(requirement), "{text}");
        }
        let shown = parse("not ( exe(a) or exe(b) )").unwrap().to_string();
        assert_eq!(shown, "not (exe(a) or exe(b))");
    }

    proptest::proptest! {
        /// What is shown of a test reads as that test.
        #[test]
        fn tests_read_back(name in "[a-z][a-z0-9./_-]{0,8}", number in 0u64..99, kind in 0..8) {
            let test = match kind {
                0 => Test::System("macos".into()),
                1 => Test::Program(name),
                2 => Test::Module(name),
                3 => Test::File(name),
                4 => Test::Variable(name),
                5 => Test::Feature(name),
                6 => Test::Version(name, Comparison::Below, Version(vec![number, 1])),
                _ => Test::Processors(Comparison::AtLeast, number),
            };
            proptest::prop_assert_eq!(parse(&test.to_string()), Ok(Requirement::Test(test)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z()<>=! .3]{0,30}") {
            let _ = parse(&text);
        }
    }
}
