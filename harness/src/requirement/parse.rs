//! Reading requirements.

use super::{COMPARISONS, Comparison, Requirement, Test, Version};
use crate::options::nearest;

/// The systems that `os` knows.
const SYSTEMS: &[&str] = &["linux", "macos", "windows"];
/// The tests that are written with an argument.
const TESTS: &[&str] = &["env", "exe", "feature", "file", "module", "os", "version"];
/// The words of the language.
const WORDS: &[&str] = &["and", "or", "not", "cpus"];

/// A requirement that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequirementError {
    /// Characters before the fault.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads an expression.
pub fn parse(text: &str) -> Result<Requirement, RequirementError> {
    let mut parser = Parser {
        text: text.chars().collect(),
        at: 0,
    };
    let requirement = parser.any()?;
    parser.blanks();
    if parser.at < parser.text.len() {
        return Err(parser.fault("expected `and`, `or` or the end"));
    }
    Ok(requirement)
}

struct Parser {
    text: Vec<char>,
    at: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Requirement, RequirementError> {
        let mut parts = vec![self.all()?];
        while self.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Requirement::Any))
    }

    fn all(&mut self) -> Result<Requirement, RequirementError> {
        let mut parts = vec![self.single()?];
        while self.takes_word("and") {
            parts.push(self.single()?);
        }
        Ok(one_or(parts, Requirement::All))
    }

    fn single(&mut self) -> Result<Requirement, RequirementError> {
        if self.takes_word("not") {
            return Ok(Requirement::Not(Box::new(self.single()?)));
        }
        self.blanks();
        if self.takes("(") {
            let inner = self.any()?;
            self.blanks();
            if !self.takes(")") {
                return Err(self.fault("expected `)`"));
            }
            return Ok(inner);
        }
        let start = self.at;
        let name = self.while_in(|c| !c.is_whitespace() && !"()<>=!".contains(c));
        match name.as_str() {
            "" => Err(self.fault("expected a requirement, as in `exe(git)`")),
            "cpus" => self.processors(),
            _ if self.takes("(") => self.test(&name, start),
            "and" | "or" => Err(fault_at(start, format!("nothing before `{name}`"))),
            // A name alone is a program.
            _ => Ok(Requirement::Test(Test::Program(name))),
        }
    }

    fn processors(&mut self) -> Result<Requirement, RequirementError> {
        let sign = self.comparison()?;
        self.blanks();
        let start = self.at;
        let number = self.while_in(|c| c.is_ascii_digit());
        let number = number
            .parse()
            .map_err(|_| fault_at(start, "expected a number".into()))?;
        Ok(Requirement::Test(Test::Processors(sign, number)))
    }

    fn comparison(&mut self) -> Result<Comparison, RequirementError> {
        self.blanks();
        let found = COMPARISONS.iter().find(|(sign, _)| self.takes(sign));
        found
            .map(|(_, kind)| *kind)
            .ok_or_else(|| self.fault("expected one of == != >= <= > <"))
    }

    /// A test with an argument, whose name and parenthesis were read.
    fn test(&mut self, name: &str, start: usize) -> Result<Requirement, RequirementError> {
        if !TESTS.contains(&name) {
            let known = TESTS.iter().chain(WORDS).copied();
            let hint = nearest(name, known).map(|near| format!(" (did you mean `{near}`?)"));
            let hint = hint.unwrap_or_default();
            return Err(fault_at(
                start,
                format!("unknown requirement `{name}`{hint}"),
            ));
        }
        self.blanks();
        let at = self.at;
        if name == "version" {
            return self.version();
        }
        let argument = self.while_in(|c| c != ')').trim_end().to_owned();
        self.closing(name)?;
        if argument.is_empty() {
            return Err(fault_at(at, format!("`{name}()` names nothing")));
        }
        if name == "os" && !SYSTEMS.contains(&argument.as_str()) {
            let known = SYSTEMS.join(", ");
            return Err(fault_at(
                at,
                format!("unknown system `{argument}`: {known}"),
            ));
        }
        let test = match name {
            "os" => Test::System(argument),
            "exe" => Test::Program(argument),
            "module" => Test::Module(argument),
            "file" => Test::File(argument),
            "env" => Test::Variable(argument),
            _ => Test::Feature(argument),
        };
        Ok(Requirement::Test(test))
    }

    fn version(&mut self) -> Result<Requirement, RequirementError> {
        let start = self.at;
        let name = self.while_in(|c| !c.is_whitespace() && !"()<>=!".contains(c));
        if name.is_empty() {
            return Err(fault_at(start, "`version()` names no program".into()));
        }
        let sign = self.comparison()?;
        self.blanks();
        let at = self.at;
        let number = self.while_in(|c| c.is_ascii_digit() || c == '.');
        let version = Version::parse(&number)
            .ok_or_else(|| fault_at(at, "expected a version, as in `3.10`".into()))?;
        self.closing("version")?;
        Ok(Requirement::Test(Test::Version(name, sign, version)))
    }

    fn closing(&mut self, name: &str) -> Result<(), RequirementError> {
        self.blanks();
        if self.takes(")") {
            return Ok(());
        }
        Err(self.fault(&format!("`{name}(` is not closed")))
    }

    fn blanks(&mut self) {
        self.while_in(char::is_whitespace);
    }

    fn while_in(&mut self, is_in: impl Fn(char) -> bool) -> String {
        let rest = self.text[self.at..].iter();
        let taken: String = rest.take_while(|c| is_in(**c)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn takes(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let found = self.text.get(self.at..self.at + length);
        let is_there = found.is_some_and(|found| found.iter().copied().eq(text.chars()));
        if is_there {
            self.at += length;
        }
        is_there
    }

    /// Takes a word that stands alone, and not the start of another.
    fn takes_word(&mut self, word: &str) -> bool {
        let start = self.at;
        self.blanks();
        let ends = |parser: &Self| {
            let next = parser.text.get(parser.at);
            next.is_none_or(|c| c.is_whitespace() || *c == '(')
        };
        if self.takes(word) && ends(self) {
            return true;
        }
        self.at = start;
        false
    }

    fn fault(&self, message: &str) -> RequirementError {
        fault_at(self.at, message.to_owned())
    }
}

fn fault_at(offset: usize, message: String) -> RequirementError {
    RequirementError { offset, message }
}

fn one_or(
    mut parts: Vec<Requirement>,
    many: impl Fn(Vec<Requirement>) -> Requirement,
) -> Requirement {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        many(parts)
    }
}
