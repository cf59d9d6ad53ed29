//! The Markdown of a spec: fences, headings, and the examples between the prose.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::{Example, Heading};
use crate::language::Language;
use crate::options::{OptionError, OptionSet, Vocabulary};
use crate::yaml_nodes::Place;

/// Columns between tab stops, as Python's `expandtabs` has it.
const TAB: usize = 8;

/// From how many columns on an indented line is code.
const CODE: usize = 4;

/// What was found in a document, in order.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub examples: Vec<Example>,
    pub headings: Vec<Heading>,
    pub faults: Vec<(Place, String)>,
}

/// Parses a document whose first `skip` lines are its front matter.
pub(super) fn parse(
    lines: &[&str],
    skip: usize,
    language: Language,
    vocabulary: &Vocabulary,
) -> Document {
    let mut parser = Parser {
        lines: lines.iter().map(|line| expand_tabs(line)).collect(),
        language,
        vocabulary,
        at: skip,
        fence: None,
        found: Document::default(),
    };
    parser.document();
    parser.found
}

struct Parser<'a> {
    lines: Vec<Cow<'a, str>>,
    language: Language,
    vocabulary: &'a Vocabulary,
    at: usize,
    fence: Option<Fence>,
    found: Document,
}

impl Parser<'_> {
    fn document(&mut self) {
        while let Some(line) = self.lines.get(self.at).cloned() {
            if let Some(fence) = &self.fence
                && fence.is_closed_by(&line)
            {
                self.fence = None;
                self.at += 1;
            } else if self.is_prompt(&line) {
                self.example(&line);
            } else {
                self.prose(&line);
                self.at += 1;
            }
        }
        if let Some(fence) = &self.fence {
            let fault = (fence.place, "fenced block is not closed".into());
            self.found.faults.push(fault);
        }
    }

    /// Whether an example starts at this line, well formed or not.
    fn is_prompt(&self, line: &str) -> bool {
        let rest = content(line);
        match self.language {
            Language::Python => rest.starts_with(">>>"),
            // A dollar means something in prose and in other languages too.
            Language::Shell => {
                let is_code = self.fence.is_some() || indent_of(line) >= CODE;
                let is_certain = match &self.fence {
                    Some(fence) => fence.may_hold_examples,
                    None => is_code,
                };
                is_code && (rest == "$" || rest.starts_with("$ "))
                    || is_certain && rest.starts_with('$')
            }
        }
    }

    /// A line that belongs to no example.
    fn prose(&mut self, line: &str) {
        if self.fence.is_none() {
            self.fence = Fence::opened_by(line, self.at + 1, self.language);
            self.found.headings.extend(heading(line, self.at + 1));
        }
        let indent = indent_of(line);
        let rest = &line[indent..];
        if rest.starts_with(">>") && self.fence.as_ref().is_some_and(|f| f.is_session(self.at)) {
            self.fault(indent, "`>>` is no prompt: write `>>> `");
        }
        let is_code = match (&self.fence, self.language) {
            (Some(fence), _) => fence.may_hold_examples,
            (None, Language::Python) => indent >= CODE,
            // Indented, it may as well be a quotation in a list.
            (None, Language::Shell) => false,
        };
        let prompt = self.language.continuation();
        let rest = line[indent..].strip_prefix(prompt);
        if is_code && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')) {
            self.fault(indent, "continuation line with no example before it");
        }
    }

    /// An example, which starts at `first`, the current line.
    fn example(&mut self, first: &str) {
        let start = self.at;
        let indent = indent_of(first);
        let mut source = String::new();
        self.source_line(first, indent, self.language.prompt(), &mut source);
        while let Some(line) = self.lines.get(self.at).cloned()
            && self.continues(&line, indent)
        {
            if indent_of(&line) != indent {
                self.fault(
                    indent_of(&line),
                    "continuation line is not indented as its example is",
                );
            }
            let prompt = self.language.continuation();
            self.source_line(&line, indent_of(&line), prompt, &mut source);
        }
        let expected_line = self.at + 1;
        let expected = self.expected(indent);
        let options = self.directives(&source, start, indent);
        // As in doctest, a comment alone is a note and not an example.
        if !is_blank_or_comment(&source) {
            self.found.examples.push(Example {
                file: None,
                line: start + 1,
                indent,
                language: self.language,
                source,
                expected,
                expected_line,
                options,
            });
        }
    }

    /// Whether a line right below the source of an example belongs to it.
    fn continues(&self, line: &str, indent: usize) -> bool {
        let rest = content(line);
        match self.language {
            Language::Python => rest.starts_with("..."),
            // Commands print lines that start so, differences above all.
            Language::Shell => indent_of(line) == indent && (rest == ">" || rest.starts_with("> ")),
        }
    }

    fn source_line(&mut self, line: &str, indent: usize, prompt: &str, source: &mut String) {
        let rest = &line[indent + prompt.len()..];
        match rest.strip_prefix(' ') {
            Some(code) => source.push_str(code),
            None if rest.is_empty() => {}
            None if rest.starts_with(">>>>") => {
                self.fault(indent, "merge conflict marker");
            }
            None => {
                let message = format!("no space after `{prompt}`");
                self.fault(indent + prompt.len(), &message);
            }
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
            if closes || content(&line).is_empty() || self.ends_expected(&line, indent) {
                break;
            }
            match line.get(indent..).filter(|_| indent_of(&line) >= indent) {
                Some(rest) => expected.push_str(rest),
                None => self.fault(
                    indent_of(&line),
                    "expected output is indented less than its example",
                ),
            }
            expected.push('\n');
            self.at += 1;
        }
        expected
    }

    /// Whether a line of expected output is the next example instead.
    fn ends_expected(&self, line: &str, indent: usize) -> bool {
        let rest = content(line);
        match self.language {
            Language::Python => rest.starts_with(">>>"),
            Language::Shell => indent_of(line) == indent && (rest == "$" || rest.starts_with("$ ")),
        }
    }

    fn directives(&mut self, source: &str, start: usize, indent: usize) -> OptionSet {
        let mut options = OptionSet::default();
        for (offset, line) in source.lines().enumerate() {
            let Some(found) = DIRECTIVE.captures(line) else {
                continue;
            };
            let text = &found[1];
            let set = match OptionSet::parse(text, self.vocabulary) {
                Ok(set) if set.is_empty() => Err(OptionError::Empty),
                other => other,
            };
            match set {
                Ok(set) => options = options.overlaid(&set),
                Err(error) => {
                    let prompt = match offset {
                        0 => self.language.prompt(),
                        _ => self.language.continuation(),
                    };
                    let before = &line[..line.len() - text.len()];
                    let column = indent + prompt.len() + 1 + before.chars().count();
                    let place = Place::new(start + offset + 1, column + error.offset_in(text) + 1);
                    self.found.faults.push((place, error.to_string()));
                }
            }
        }
        if !options.is_empty() && is_blank_or_comment(source) {
            let fault = "option directive on a line with no example".into();
            let place = Place::new(start + 1, indent + 1);
            self.found.faults.push((place, fault));
        }
        options
    }

    /// A fault on the current line, after this many columns.
    fn fault(&mut self, columns: usize, message: &str) {
        let place = Place::new(self.at + 1, columns + 1);
        self.found.faults.push((place, message.to_owned()));
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
    /// Where it is opened.
    place: Place,
    /// Whether what looks like a prompt in it can only be meant as one.
    may_hold_examples: bool,
    /// What is said to be in it, if it is Python.
    python: Option<Python>,
}

/// What a block of Python holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Python {
    /// A session, with prompts.
    Session,
    /// Either that or a program.
    Any,
}

impl Fence {
    fn opened_by(line: &str, number: usize, examples: Language) -> Option<Fence> {
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
        Some(Fence {
            mark,
            length,
            place: Place::new(number, indent + 1),
            may_hold_examples: examples.fences().contains(&language),
            python: match (examples, language) {
                (Language::Python, "pycon" | "doctest") => Some(Python::Session),
                (Language::Python, "python" | "py") => Some(Python::Any),
                _ => None,
            },
        })
    }

    /// Whether the line at this index of the document is for certain one of a
    /// session. In a program `>>` is an operator, but not what it starts with.
    fn is_session(&self, at: usize) -> bool {
        match self.python {
            Some(Python::Session) => true,
            Some(Python::Any) => at == self.place.line,
            None => false,
        }
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
