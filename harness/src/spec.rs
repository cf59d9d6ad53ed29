//! Reading a spec: Markdown in, examples out.
//!
//! The grammar is that of Python's doctest, with two things added: fenced
//! blocks end expected output, and what doctest passes over in silence (a
//! continuation line with no example, an unclosed fence) is a fault.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::front_matter::{self, TimeLimits};
use crate::match_type::MatchTypes;
use crate::options::{OptionError, OptionSet, Vocabulary};
use crate::redact::Redactions;

/// Columns between tab stops, as Python's `expandtabs` has it.
const TAB: usize = 8;

/// What the examples of a spec are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Python, at the prompts `>>> ` and `... `.
    #[default]
    Python,
    /// Shell commands, at the prompts `$ ` and `> `.
    Shell,
}

impl Language {
    /// The prompt of the first line of an example, without its blank.
    pub fn prompt(self) -> &'static str {
        match self {
            Language::Python => ">>>",
            Language::Shell => "$",
        }
    }

    /// The prompt of the other lines of an example, without its blank.
    pub fn continuation(self) -> &'static str {
        match self {
            Language::Python => "...",
            Language::Shell => ">",
        }
    }

    /// A source with its prompts, as a document shows it.
    pub fn with_prompts(self, source: &str) -> String {
        let mut text = String::new();
        for (index, line) in source.lines().enumerate() {
            let prompt = match index {
                0 => self.prompt(),
                _ => self.continuation(),
            };
            text.push_str(format!("{prompt} {line}").trim_end());
            text.push('\n');
        }
        text
    }
}

/// One example: a statement and the output it should give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Line of the prompt in the file, from 1.
    pub line: usize,
    /// Columns before the prompt.
    pub indent: usize,
    /// What it is written in.
    pub language: Language,
    /// The source, each line ended.
    pub source: String,
    /// The expected output, each line ended; empty if none is expected.
    pub expected: String,
    /// Line of the first expected line in the file.
    pub expected_line: usize,
    /// The options of this example alone.
    pub options: OptionSet,
}

impl Example {
    /// The source with its prompts, as a document shows it.
    pub fn with_prompts(&self) -> String {
        self.language.with_prompts(&self.source)
    }
}

/// A heading of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its line in the file, from 1.
    pub line: usize,
    /// 1 for the highest.
    pub level: usize,
    /// Its text, without marks.
    pub title: String,
}

/// A spec that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The file.
    pub path: PathBuf,
    /// Options for every example, from the front matter.
    pub options: OptionSet,
    /// What the front matter calls it.
    pub front_title: Option<String>,
    /// What the front matter says it is about.
    pub description: Option<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Specs of one group never run side by side.
    pub group: Option<String>,
    /// How long things may take, where it says other than the suite.
    pub limits: TimeLimits,
    /// Match types of its own.
    pub match_types: MatchTypes,
    /// What is replaced on both sides before a comparison.
    pub redactions: Redactions,
    /// Variables let through from outside whose values no report shows.
    pub secrets: Vec<String>,
    /// The examples in order.
    pub examples: Vec<Example>,
    /// The headings (`# Title`) in order.
    pub headings: Vec<Heading>,
}

impl Spec {
    /// What the front matter calls it, else the first heading; empty if there is
    /// neither.
    pub fn title(&self) -> &str {
        let heading = || self.headings.first().map_or("", |heading| &heading.title);
        self.front_title.as_deref().unwrap_or_else(heading)
    }
}

/// A fault in a spec, shown as `file:line: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// Why a spec could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a well-formed spec.
    #[error("{}", join(.0))]
    Malformed(Vec<Fault>),
}

fn join(faults: &[Fault]) -> String {
    faults
        .iter()
        .map(Fault::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads and parses the spec at `path`.
pub fn read(path: &Path, vocabulary: &Vocabulary) -> Result<Spec, SpecError> {
    let fault = |source| SpecError::Read {
        path: path.to_owned(),
        source,
    };
    // Reading a pipe would wait for a writer that never comes.
    if !path.metadata().map_err(fault)?.is_file() {
        return Err(fault(std::io::Error::other("not a regular file")));
    }
    let bytes = std::fs::read(path).map_err(fault)?;
    parse(path, &bytes, vocabulary).map_err(SpecError::Malformed)
}

/// Parses the bytes of a spec. Every fault of the file is returned, in order.
pub fn parse(path: &Path, bytes: &[u8], vocabulary: &Vocabulary) -> Result<Spec, Vec<Fault>> {
    let fault = |line, message| Fault {
        path: path.to_owned(),
        line,
        message,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        vec![fault(line, "not UTF-8".into())]
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let (front, skip) = front_matter::read(&lines, vocabulary)
        .map_err(|error| vec![fault(error.line, error.message)])?;
    let mut parser = Parser::new(&lines, vocabulary);
    parser.at = skip;
    parser.document();
    if parser.faults.is_empty() {
        Ok(Spec {
            path: path.to_owned(),
            options: front.options,
            front_title: front.title,
            description: front.description,
            tags: front.tags,
            group: front.group,
            limits: front.limits,
            match_types: front.match_types,
            redactions: front.redactions,
            secrets: front.secrets,
            examples: parser.examples,
            headings: parser.headings,
        })
    } else {
        Err(parser
            .faults
            .into_iter()
            .map(|(line, message)| fault(line, message))
            .collect())
    }
}

struct Parser<'a> {
    lines: Vec<Cow<'a, str>>,
    vocabulary: &'a Vocabulary,
    at: usize,
    fence: Option<Fence>,
    examples: Vec<Example>,
    headings: Vec<Heading>,
    faults: Vec<(usize, String)>,
}

impl<'a> Parser<'a> {
    fn new(lines: &[&'a str], vocabulary: &'a Vocabulary) -> Self {
        Parser {
            lines: lines.iter().map(|line| expand_tabs(line)).collect(),
            vocabulary,
            at: 0,
            fence: None,
            examples: Vec::new(),
            headings: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn document(&mut self) {
        while let Some(line) = self.lines.get(self.at).cloned() {
            if let Some(fence) = &self.fence
                && fence.is_closed_by(&line)
            {
                self.fence = None;
                self.at += 1;
            } else if content(&line).starts_with(">>>") {
                self.example(&line);
            } else {
                self.prose(&line);
                self.at += 1;
            }
        }
        if let Some(fence) = &self.fence {
            self.faults
                .push((fence.line, "fenced block is not closed".into()));
        }
    }

    /// A line that belongs to no example.
    fn prose(&mut self, line: &str) {
        if self.fence.is_none() {
            self.fence = Fence::opened_by(line, self.at + 1);
            self.headings.extend(heading(line, self.at + 1));
        }
        let indent = indent_of(line);
        let is_code = match &self.fence {
            Some(fence) => fence.may_hold_examples,
            None => indent >= 4,
        };
        let rest = &line[indent..];
        if is_code && (rest == "..." || rest.starts_with("... ")) {
            self.fault("continuation line with no example before it");
        }
    }

    /// An example, which starts at `first`, the current line.
    fn example(&mut self, first: &str) {
        let start = self.at;
        let indent = indent_of(first);
        let mut source = String::new();
        self.source_line(first, indent, ">>>", &mut source);
        while let Some(line) = self.lines.get(self.at).cloned()
            && content(&line).starts_with("...")
        {
            if indent_of(&line) != indent {
                self.fault("continuation line is not indented as its example is");
            }
            self.source_line(&line, indent_of(&line), "...", &mut source);
        }
        let expected_line = self.at + 1;
        let expected = self.expected(indent);
        let options = self.directives(&source, start);
        // As in doctest, a comment alone is a note and not an example.
        if !is_blank_or_comment(&source) {
            let line = start + 1;
            self.examples.push(Example {
                line,
                indent,
                language: Language::Python,
                source,
                expected,
                expected_line,
                options,
            });
        }
    }

    fn source_line(&mut self, line: &str, indent: usize, prompt: &str, source: &mut String) {
        let rest = &line[indent + prompt.len()..];
        match rest.strip_prefix(' ') {
            Some(code) => source.push_str(code),
            None if rest.is_empty() => {}
            None if rest.starts_with(">>>>") => {
                self.fault("merge conflict marker");
            }
            None => self.fault(&format!("no space after `{prompt}`")),
        }
        source.push('\n');
        self.at += 1;
    }

    fn expected(&mut self, indent: usize) -> String {
        let mut expected = String::new();
        while let Some(line) = self.lines.get(self.at).cloned() {
            let closes = self
                .fence
                .as_ref()
                .is_some_and(|fence| fence.is_closed_by(&line));
            if closes || content(&line).is_empty() || content(&line).starts_with(">>>") {
                break;
            }
            match line.get(indent..).filter(|_| indent_of(&line) >= indent) {
                Some(rest) => expected.push_str(rest),
                None => self.fault("expected output is indented less than its example"),
            }
            expected.push('\n');
            self.at += 1;
        }
        expected
    }

    fn directives(&mut self, source: &str, start: usize) -> OptionSet {
        let mut options = OptionSet::default();
        for (offset, line) in source.lines().enumerate() {
            let Some(found) = DIRECTIVE.captures(line) else {
                continue;
            };
            let set = match OptionSet::parse(&found[1], self.vocabulary) {
                Ok(set) if set.is_empty() => Err(OptionError::Empty),
                other => other,
            };
            match set {
                Ok(set) => options = options.overlaid(&set),
                Err(error) => self.faults.push((start + offset + 1, error.to_string())),
            }
        }
        if !options.is_empty() && is_blank_or_comment(source) {
            self.faults.push((
                start + 1,
                "option directive on a line with no example".into(),
            ));
        }
        options
    }

    fn fault(&mut self, message: &str) {
        self.faults.push((self.at + 1, message.to_owned()));
    }
}

/// A directive runs to the end of its line and holds no quotes, so that one
/// inside a string literal is not taken for one.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r##"#\s*doctest:\s*([^'"]*)$"##).expect("valid pattern"));

fn is_blank_or_comment(source: &str) -> bool {
    source.lines().all(|line| {
        let line = content(line);
        line.is_empty() || line.starts_with('#')
    })
}

/// The heading that a line is, if it is one: up to three blanks, one to six `#`,
/// a blank.
fn heading(line: &str, number: usize) -> Option<Heading> {
    let rest = content(line);
    let marks = rest.len() - rest.trim_start_matches('#').len();
    let title = &rest[marks..];
    if indent_of(line) > 3 || !(1..=6).contains(&marks) || !title.starts_with(' ') {
        return None;
    }
    Some(Heading {
        line: number,
        level: marks,
        title: title.trim().trim_end_matches('#').trim_end().to_owned(),
    })
}

/// An open fenced block.
struct Fence {
    mark: char,
    length: usize,
    line: usize,
    /// Whether a stray `...` in it can only be meant as a continuation line; in
    /// YAML, say, it has a meaning of its own.
    may_hold_examples: bool,
}

impl Fence {
    fn opened_by(line: &str, number: usize) -> Option<Fence> {
        let indent = indent_of(line);
        let rest = &line[indent..];
        let mark = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = rest.chars().take_while(|c| *c == mark).count();
        let info = rest[length..].trim();
        // Four columns make an indented block, whose text is literal; a
        // backtick after the fence makes it inline code.
        if indent > 3 || length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let language = info.split_whitespace().next().unwrap_or_default();
        let may_hold_examples = matches!(language, "" | "python" | "py" | "pycon" | "doctest");
        Some(Fence {
            mark,
            length,
            line: number,
            may_hold_examples,
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let rest = line.trim();
        indent_of(line) <= 3 && rest.len() >= self.length && rest.chars().all(|c| c == self.mark)
    }
}

/// Only spaces indent, as in doctest; other white space is content.
fn indent_of(line: &str) -> usize {
    line.len() - content(line).len()
}

fn content(line: &str) -> &str {
    line.trim_start_matches(' ')
}

fn expand_tabs(line: &str) -> Cow<'_, str> {
    if !line.contains('\t') {
        return Cow::Borrowed(line);
    }
    let mut expanded = String::with_capacity(line.len() + TAB);
    let mut column = 0;
    for c in line.chars() {
        let width = if c == '\t' { TAB - column % TAB } else { 1 };
        if c == '\t' {
            expanded.extend(std::iter::repeat_n(' ', width));
        } else {
            expanded.push(c);
        }
        // A carriage return within a line starts the count again.
        column = if c == '\r' { 0 } else { column + width };
    }
    Cow::Owned(expanded)
}

#[cfg(test)]
#[path = "spec_tests.rs"]
mod tests;
