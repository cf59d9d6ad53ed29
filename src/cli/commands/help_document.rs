//! The help of a guild file as a document: for the terminal, as Markdown, or as
//! reStructuredText.

use crate::cli::layout::Layout;

/// What makes a text bold on a terminal, and what ends that.
const BOLD: [&str; 2] = ["\x1b[1m", "\x1b[0m"];

/// The lines below headings of reStructuredText, by level.
const UNDERLINES: [char; 5] = ['#', '=', '^', '-', '`'];

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal: levels are indented, headings bold.
    Console,
    /// Markdown, with headings from the given level.
    Markdown(usize),
    /// ReStructuredText.
    Rst,
}

/// A document that grows.
#[derive(Debug)]
pub struct Document {
    form: Form,
    layout: Layout,
    level: usize,
    in_section: bool,
}

impl Document {
    /// An empty document for a terminal of `columns`.
    pub fn new(form: Form, columns: usize) -> Self {
        Self {
            form,
            layout: Layout::new(columns),
            level: match form {
                Form::Markdown(level) => level,
                Form::Console | Form::Rst => 0,
            },
            in_section: false,
        }
    }

    /// Its text.
    pub fn into_text(self) -> String {
        self.layout.into_text()
    }

    /// Starts a section, and ends the one before.
    pub fn section(&mut self, title: &str) {
        // What is in a section of the terminal's form is set off by two levels.
        let levels = if self.form == Form::Console { 2 } else { 1 };
        if std::mem::replace(&mut self.in_section, true) {
            (0..levels).for_each(|_| self.dedent());
            self.paragraph();
        }
        match self.form {
            Form::Console => self.heading(&title.to_uppercase()),
            Form::Markdown(_) | Form::Rst => self.heading(title),
        }
        self.paragraph();
        (0..levels).for_each(|_| self.indent());
    }

    /// A heading of the level.
    pub fn heading(&mut self, text: &str) {
        match self.form {
            Form::Console => self.layout.text(&format!("{}{text}{}", BOLD[0], BOLD[1])),
            Form::Markdown(_) if self.level <= 6 => {
                self.layout
                    .text(&format!("{} {text}", "#".repeat(self.level)));
            }
            Form::Markdown(_) => {
                let level = self.level;
                self.layout.text(&format!("<h{level}>{text}</h{level}>"));
            }
            Form::Rst => {
                let underline = UNDERLINES[self.level.min(UNDERLINES.len() - 1)];
                let underline = underline.to_string().repeat(text.chars().count());
                self.layout.text(text);
                self.layout.text(&underline);
            }
        }
    }

    /// A heading that stands out less.
    pub fn subheading(&mut self, text: &str) {
        match self.form {
            Form::Console => self.layout.text(&format!("{text}:")),
            Form::Markdown(_) | Form::Rst => self.heading(text),
        }
    }

    /// What something is for: each line a paragraph, the first of them stressed.
    pub fn description(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.paragraph();
            }
            match self.form {
                Form::Markdown(_) | Form::Rst if number == 0 => self.layout.text(&stressed(line)),
                _ => self.layout.text(line),
            }
        }
    }

    /// A list of terms with what they mean.
    pub fn definitions(&mut self, rows: &[(String, String)]) {
        match self.form {
            Form::Console => self.layout.definitions(rows),
            Form::Markdown(_) => {
                self.layout.text("<dl>");
                for (term, meaning) in rows {
                    self.layout.text(&format!("<dt>{term}</dt>"));
                    self.layout.text(&format!("<dd>{meaning}</dd>"));
                }
                self.layout.text("</dl>");
            }
            Form::Rst => {
                for (number, (term, meaning)) in rows.iter().enumerate() {
                    if number > 0 {
                        self.paragraph();
                    }
                    self.layout.text(&format!("**{term}**"));
                    self.layout.indent();
                    self.layout.text(&stressed(meaning));
                    self.layout.dedent();
                }
            }
        }
    }

    /// Paragraphs of text.
    pub fn text(&mut self, text: &str) {
        self.layout.text(text);
    }

    /// An empty line.
    pub fn paragraph(&mut self) {
        self.layout.paragraph();
    }

    /// Starts a deeper level.
    pub fn indent(&mut self) {
        match self.form {
            Form::Console => self.layout.indent(),
            Form::Markdown(_) | Form::Rst => self.level += 1,
        }
    }

    /// Ends a level.
    pub fn dedent(&mut self) {
        match self.form {
            Form::Console => self.layout.dedent(),
            Form::Markdown(_) | Form::Rst => self.level = self.level.saturating_sub(1),
        }
    }
}

/// `text` without what makes it bold on a terminal.
pub fn without_bold(text: &str) -> String {
    BOLD.iter()
        .fold(text.to_string(), |text, code| text.replace(code, ""))
}

fn stressed(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("*{text}*"),
    }
}
