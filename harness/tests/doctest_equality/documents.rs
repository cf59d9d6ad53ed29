//! Random documents: the same examples are read from them, or a fault is found.

use std::cell::Cell;
use std::path::Path;

use harness::matcher::expected_exception;
use harness::options::Vocabulary;
use harness::spec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::oracle::{Document, Example, Oracle};
use crate::{Tally, check};

/// What stands after a prompt.
const CODE: &[&str] = &[
    "f(x)",
    "f(x)",
    "x = 1",
    "for i in x:",
    "    y",
    "",
    " ",
    "  ",
    "# note",
    "#",
    "a\tb",
    "'''",
    "\u{c}# note",
    "f()  # doctest: +SKIP",
    "f() #doctest:-ELLIPSIS,+SKIP",
    "f() # doctest: +SKIP, -SKIP",
    "f('# doctest: +SKIP')",
    "f() # doctest: +SKIP 'quoted'",
    "f()\t#\tdoctest:\t+ELLIPSIS\t-SKIP",
    "f() #\u{a0}doctest:\u{2003}+SKIP\u{a0}-STRICT",
    "f() # doctest: +SKIP\u{1c}-PY3",
    "g() # DOCTEST: +SKIP",
    "é = 'ü→'\t# x",
    "x\ry",
    "\u{a0}x",
    ">>> x",
    "... x",
];

/// Faults after a prompt.
const FAULTS: &[&str] = &[
    "# doctest: +STRICT",
    "f() # doctest: +NOPE",
    "f() # doctest: SKIP",
    "f() # doctest: +",
    "f() # doctest: +SKIP # x",
];

/// Lines that say nothing, and expected output.
const LINES: &[&str] = &[
    "1",
    "text",
    "more text",
    "two  words ",
    "a\tb",
    "\ta",
    "é\tb",
    "日本\tb",
    "a\r\tb",
    "\u{a0}",
    "\u{b}",
    "\u{2028}x",
    "...",
    "... x",
    "...x",
    "x ...",
    "....",
    "???",
    "<BLANKLINE>",
    "> x",
    "$ x",
    "#",
    "a >>> b",
    "    deep",
    "Traceback (most recent call last):",
    "Traceback (most recent call last): ",
    "Traceback (innermost last):\u{1c}",
    "  File \"x\"",
    "    x",
    "ValueError: x",
    "_x",
    "\u{301}x",
    "Ⓐ",
    "½",
    "١",
    "`x`",
    "~x~",
    "\u{feff}x",
];

const BLANKS: &[&str] = &["", "", "", " ", "    ", "\t", "     \t "];
const INDENTS: &[&str] = &["", "    ", "    ", "  ", "\t", " \t", "        ", "   "];

/// A line of an example after its first.
#[derive(Debug, Clone)]
struct Follow {
    /// In place of the indent of the example.
    indent: Option<&'static str>,
    text: String,
}

#[derive(Debug, Clone)]
enum Part {
    Text(&'static str, &'static str),
    Blank(&'static str),
    Example {
        indent: &'static str,
        first: String,
        rest: Vec<Follow>,
    },
    /// A fenced block: its fence, its language, what is in it.
    Fenced(&'static str, &'static str, Vec<Part>),
}

fn prompted(prompt: &'static str) -> impl Strategy<Value = String> {
    let gaps = prop_oneof![97 => Just(" "), 3 => select(vec!["\t", "\t", "  ", "", "\u{a0}"])];
    let code = prop_oneof![60 => select(CODE), 1 => select(FAULTS)];
    (gaps, code).prop_map(move |(gap, code)| match code {
        "" => prompt.to_owned(),
        code => format!("{prompt}{gap}{code}"),
    })
}

fn indent() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![80 => Just(None), 1 => select(INDENTS).prop_map(Some)]
}

fn example() -> impl Strategy<Value = Part> {
    let follow = |text| (indent(), text).prop_map(|(indent, text)| Follow { indent, text });
    let continued = prop::collection::vec(follow(prompted("...").boxed()), 0..3);
    let expected = select(LINES).prop_map(str::to_owned).boxed();
    let expected = prop::collection::vec(follow(expected), 0..5);
    (select(INDENTS), prompted(">>>"), continued, expected).prop_map(
        |(indent, first, mut rest, expected)| {
            rest.extend(expected);
            Part::Example {
                indent,
                first,
                rest,
            }
        },
    )
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        3 => (select(INDENTS), select(LINES)).prop_map(|(indent, text)| Part::Text(indent, text)),
        5 => select(BLANKS).prop_map(Part::Blank),
        6 => example(),
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let fences = ["```", "~~~", "`````", "  ```", "~~~~"];
    let languages = ["", "python", "console", " pycon x", "yaml"];
    let fenced = (
        select(fences.to_vec()),
        select(languages.to_vec()),
        prop::collection::vec(part(), 0..4),
    )
        .prop_map(|(fence, language, parts)| Part::Fenced(fence, language, parts));
    prop::collection::vec(prop_oneof![8 => part(), 1 => fenced], 0..12)
}

/// A document, written for the harness and, without its fences, for doctest.
#[derive(Default)]
struct Writer {
    ours: Vec<String>,
    theirs: Vec<String>,
    in_example: bool,
    /// Whether it has nothing but notes so far.
    is_note: bool,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let content = line.trim_start_matches([' ', '\t']);
        let code = content.get(3..).unwrap_or_default();
        let is_note =
            code.trim_matches([' ', '\t']).is_empty() || code.trim_start().starts_with('#');
        let mut line = line.to_owned();
        if content.starts_with(">>>") {
            (self.in_example, self.is_note) = (true, is_note);
        } else if content.is_empty() {
            self.in_example = false;
        } else if content.starts_with("...") {
            // Doctest says nothing of a stray continuation line, and has no notes
            // of several lines.
            if !self.in_example || (self.is_note && is_note) {
                line = format!("x{line}");
            }
            self.is_note &= is_note;
        }
        self.ours.push(line.clone());
        self.theirs.push(line);
    }

    fn fence(&mut self, line: &str) {
        self.in_example = false;
        self.ours.push(line.to_owned());
        self.theirs.push(String::new());
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Text(indent, text) => self.line(&format!("{indent}{text}")),
            Part::Blank(blank) => self.line(blank),
            Part::Example {
                indent,
                first,
                rest,
            } => {
                self.line(&format!("{indent}{first}"));
                for follow in rest {
                    let indent = follow.indent.unwrap_or(indent);
                    self.line(&format!("{indent}{}", follow.text));
                }
            }
            Part::Fenced(fence, language, parts) => {
                self.line("");
                self.fence(&format!("{fence}{language}"));
                for part in parts {
                    self.part(part);
                }
                self.fence(fence);
            }
        }
    }
}

/// The two texts of a document. The first line keeps doctest from moving all of
/// it to the left.
fn written(parts: &[Part], end: &str, ended: bool) -> (String, String) {
    let mut writer = Writer::default();
    writer.line("# Title");
    for part in parts {
        writer.part(part);
    }
    let text = |lines: &[String]| lines.join(end) + if ended { end } else { "" };
    (text(&writer.ours), text(&writer.theirs))
}

/// An example of ours in doctest's terms.
fn in_their_terms(example: &spec::Example) -> Example {
    let options = example.options.iter();
    Example {
        line: example.line,
        indent: example.indent,
        source: source(&example.source),
        want: example.expected.clone(),
        message: expected_exception(&example.expected).map(str::to_owned),
        options: options.map(|(name, on)| (name.to_owned(), on)).collect(),
    }
}

/// The source without empty lines at its end, of which doctest leaves one off; to
/// Python it is the same.
fn source(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

#[test]
fn documents_are_read_alike() {
    let (faults, examples) = (Tally::default(), Cell::new(0));
    let ends = prop_oneof![9 => Just("\n"), 1 => Just("\r\n")];
    check(2, &(parts(), ends, any::<bool>()), |(parts, end, ended)| {
        let (ours, theirs) = written(&parts, end, ended);
        let read = spec::parse(Path::new("x.md"), ours.as_bytes(), &Vocabulary::default());
        let answer = Oracle::get().document(&theirs);
        faults.add(read.is_err());
        match (read, answer) {
            (Err(_), Document::Fault(_)) => {}
            (Ok(read), Document::Examples(mut wanted)) => {
                examples.set(examples.get() + wanted.len());
                for example in &mut wanted {
                    example.source = source(&example.source);
                    if let Some(message) = &mut example.message
                        && !message.ends_with('\n')
                    {
                        message.push('\n');
                    }
                }
                let read: Vec<_> = read.examples.iter().map(in_their_terms).collect();
                prop_assert_eq!(read, wanted, "{:?}", ours);
            }
            (read, answer) => prop_assert!(false, "{ours:?}\nours {read:?}\ntheirs {answer:?}"),
        }
        Ok(())
    });
    faults.assert_both(0.05);
    println!("{} examples", examples.get());
    assert!(examples.get() > 0);
}
