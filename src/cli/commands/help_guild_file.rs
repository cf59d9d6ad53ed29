//! What `guild help` says of a guild file.

use std::cell::RefCell;

use super::flag_help;
use super::found::is_private;
use super::help_document::{Document, Form};
use crate::base::wrap;
use crate::guildfile::GuildFile;
use crate::home::Home;
use crate::project::Operation;
use crate::project::catalog::FoundModel;

/// The names that the sections of operations without a model, and of models, have.
const SECTIONS: [&str; 2] = ["Base Operations", "Models"];

/// A guild file to tell of.
pub struct Subject<'a> {
    /// The file.
    pub file: &'a GuildFile,
    /// The surroundings.
    pub home: &'a Home,
    /// Its models.
    pub models: Vec<FoundModel>,
    /// The width of the terminal.
    pub columns: usize,
    /// What the user should know of the operations that were told of.
    pub warnings: RefCell<Vec<String>>,
}

impl Subject<'_> {
    /// Help for a terminal, where `place` is what the file is to the user.
    pub fn console(&self, place: &str) -> String {
        let mut document = Document::new(Form::Console, self.columns);
        document.section("Overview");
        document.text(&format!(
            "These are the operations of {place}.\n\n\
             Run one with 'guild run OPERATION', or 'guild run MODEL:OPERATION' where it \
             belongs to a model. Flags are given as 'FLAG=VALUE'; those that an operation has \
             are listed with it.\n\n\
             'guild operations' lists the operations alone, and 'guild run OPERATION --help-op' \
             tells of one. See 'guild run --help' for what else can be said of a run."
        ));
        self.models(&mut document);
        document.into_text()
    }

    /// Markdown below a heading `title`, if that is not empty, with headings from
    /// `level`.
    pub fn markdown(&self, title: &str, level: usize) -> String {
        let mut document = Document::new(Form::Markdown(level), self.columns);
        if !title.is_empty() {
            document.heading(title);
            document.indent();
            document.paragraph();
        }
        document.section("Overview");
        document.text(&format!(
            "This page lists models and operations to run with [Guild AI](https://guildai.org).\n\n\
             {0}\n```\n$ guild run [MODEL:]OPERATION [FLAG=VALUE]...\n```\n\n\
             `MODEL` and `OPERATION` are names of this page; operations that are listed without \
             a model are run by their name alone. `FLAG` is one of the flags of the operation.",
            wrap::AS_IS
        ));
        self.models(&mut document);
        document.into_text()
    }

    /// reStructuredText, as an index of packages shows it.
    pub fn package_description(&self) -> String {
        let mut document = Document::new(Form::Rst, self.columns);
        if let Some(package) = &self.file.package {
            document.section(&package.name);
            if !package.description.is_empty() {
                document.description(&package.description);
            }
            if !package.tags.is_empty() {
                document.paragraph();
                document.text(&format!("Keywords: {}", package.tags.join(" ")));
            }
        }
        self.models(&mut document);
        document.into_text()
    }

    fn models(&self, document: &mut Document) {
        let (anonymous, mut named): (Vec<_>, Vec<_>) = self
            .models
            .iter()
            .partition(|model| model.model().name.is_empty());
        named.sort_by_key(|model| {
            let name = &model.model().name;
            (is_private(name), name.clone())
        });
        for model in anonymous {
            if !model.model().operations.is_empty() {
                document.section(SECTIONS[0]);
                if !model.model().description.is_empty() {
                    document.description(&model.model().description);
                    document.paragraph();
                }
                self.operations(model, document);
            }
        }
        for (number, model) in named.into_iter().enumerate() {
            match number {
                0 => document.section(SECTIONS[1]),
                _ => document.paragraph(),
            }
            self.model(model, document);
        }
    }

    fn model(&self, found: &FoundModel, document: &mut Document) {
        let model = found.model();
        document.heading(&model.name);
        document.indent();
        if !model.description.is_empty() {
            document.paragraph();
            document.description(&model.description);
        }
        document.paragraph();
        document.subheading("Operations");
        document.paragraph();
        document.indent();
        if model.operations.is_empty() {
            document.text("No operations defined for this model");
        }
        self.operations(found, document);
        document.dedent();
        document.paragraph();
        if !model.references.is_empty() {
            document.subheading("References");
            document.paragraph();
            document.indent();
            for reference in &model.references {
                document.text(&format!("{}\n- {reference}", wrap::AS_IS));
            }
            document.dedent();
        }
        document.dedent();
    }

    fn operations(&self, model: &FoundModel, document: &mut Document) {
        let operations = model.model().operations.iter();
        let mut names: Vec<_> = operations.map(|op| &op.name).collect();
        names.retain(|name| !is_private(name));
        names.sort();
        let operations = names
            .into_iter()
            .filter_map(|name| model.operation(self.home, name));
        for (number, operation) in operations.enumerate() {
            if number > 0 {
                document.paragraph();
            }
            self.operation(&operation, document);
        }
    }

    fn operation(&self, operation: &Operation, document: &mut Document) {
        let warnings = operation.warnings.iter().cloned();
        self.warnings.borrow_mut().extend(warnings);
        document.heading(&operation.opref.op);
        document.indent();
        let description = &operation.settings.description;
        if !description.is_empty() {
            document.description(description);
        }
        if !operation.flags.is_empty() {
            if !description.is_empty() {
                document.paragraph();
            }
            document.subheading("Flags");
            document.indent();
            document.definitions(&flag_help::rows(&operation.listed_flags(), self.columns));
            document.dedent();
        }
        document.dedent();
    }
}
