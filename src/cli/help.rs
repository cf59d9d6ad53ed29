//! Help pages, in the contract's layout, over what `clap::Command` declares.
//!
//! Text comes from the doc comments of the argument structs: paragraphs are
//! filled to the width, a line that starts with `# ` becomes a heading in
//! capitals, and lines indented by four blanks (examples) stay as they are.

use clap::{Arg, ArgAction, Command};

use super::words;

/// The widest first column; longer cells put their text on the next line.
const FIRST_COLUMN: usize = 30;

/// The help page of the command with `path` (as typed, the program first) for
/// a terminal of `columns`.
pub fn page(root: &Command, path: &[String], columns: usize) -> String {
    let mut command = root;
    for name in &path[1..] {
        match command.find_subcommand(name) {
            Some(next) => command = next,
            None => break,
        }
    }
    let mut page = Page {
        width: columns.min(80).saturating_sub(2).max(50),
        text: String::new(),
    };
    page.usage(command, path);
    page.description(command);
    page.options(command);
    page.commands(command);
    page.text
}

struct Page {
    width: usize,
    text: String,
}

impl Page {
    fn usage(&mut self, command: &Command, path: &[String]) {
        let mut arguments = vec!["[OPTIONS]".to_string()];
        if command.has_subcommands() {
            arguments.push("COMMAND [ARGS]...".to_string());
        }
        arguments.extend(command.get_positionals().map(|arg| {
            let name = metavar(arg);
            match arg.get_action() {
                ArgAction::Append => format!("[{name}...]"),
                _ if arg.is_required_set() => name,
                _ => format!("[{name}]"),
            }
        }));
        let start = format!("Usage: {} ", path.join(" "));
        let indent = " ".repeat(start.chars().count());
        let room = self.width.saturating_sub(indent.len()).max(20);
        for (number, line) in fill(&arguments.join(" "), room).iter().enumerate() {
            self.text
                .push_str(if number == 0 { &start } else { &indent });
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn description(&mut self, command: &Command) {
        let text = command
            .get_long_about()
            .or_else(|| command.get_about())
            .map(ToString::to_string)
            .unwrap_or_default();
        for paragraph in text.split("\n\n") {
            self.text.push('\n');
            for line in self.paragraph(paragraph) {
                self.text.push_str(format!("  {line}").trim_end());
                self.text.push('\n');
            }
        }
    }

    fn paragraph(&self, text: &str) -> Vec<String> {
        if let Some(heading) = text.strip_prefix("# ") {
            return vec![heading.to_uppercase()];
        }
        if text.starts_with("    ") {
            return text.lines().map(str::to_string).collect();
        }
        fill(text, self.width - 2)
    }

    fn options(&mut self, command: &Command) {
        let mut rows: Vec<(String, String)> = command
            .get_arguments()
            .filter(|arg| !arg.is_positional() && !arg.is_hide_set())
            .map(|arg| (option_cell(arg, command), help_of(arg)))
            .collect();
        rows.push(("--help".into(), "Show this page and exit.".into()));
        self.text.push_str("\nOptions:\n");
        self.rows(&rows);
    }

    fn commands(&mut self, command: &Command) {
        let mut rows: Vec<(String, String)> = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(|command| {
                let names: Vec<_> = std::iter::once(command.get_name())
                    .chain(command.get_all_aliases())
                    .collect();
                let about = command.get_about().map(ToString::to_string);
                (names.join(", "), about.unwrap_or_default())
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        rows.sort();
        self.text.push_str("\nCommands:\n");
        self.rows(&rows);
    }

    fn rows(&mut self, rows: &[(String, String)]) {
        let widest = rows.iter().map(|(cell, _)| cell.chars().count()).max();
        let first = widest.unwrap_or(0).min(FIRST_COLUMN) + 2;
        let room = self.width.saturating_sub(first + 2).max(10);
        for (cell, help) in rows {
            let lines = fill(help, room);
            let mut line = format!("  {cell:<first$}");
            if cell.chars().count() > FIRST_COLUMN {
                self.text.push_str(&format!("  {cell}\n"));
                line = " ".repeat(first + 2);
            }
            for (number, help) in lines.iter().enumerate() {
                if number > 0 {
                    line = " ".repeat(first + 2);
                }
                self.text.push_str(format!("{line}{help}").trim_end());
                self.text.push('\n');
            }
            if lines.len() > 1 {
                self.text.push('\n');
            }
        }
    }
}

fn metavar(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
}

/// The help text of an option as a sentence: clap drops the full stop of a doc
/// comment.
fn help_of(arg: &Arg) -> String {
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    if !text.is_empty() && !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn option_cell(arg: &Arg, command: &Command) -> String {
    let mut cell = words::option_names(arg).join(", ");
    if words::takes_value(arg) {
        cell.push(' ');
        cell.push_str(&metavar(arg));
    }
    // A hidden `not-x` beside a shown `x` is its negation.
    let negation = arg.get_long().map(|long| format!("not-{long}"));
    let negated = command
        .get_arguments()
        .find(|other| other.get_long().map(str::to_string) == negation && negation.is_some());
    if let Some(negated) = negated.and_then(Arg::get_long) {
        cell.push_str(&format!(" / --{negated}"));
    }
    cell
}

/// `text` in lines of at most `width` characters, broken at blanks.
fn fill(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let room = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && room > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_laid_out_by_the_contract() {
        let list = Command::new("list")
            .about("Show what there is.")
            .long_about(
                "Show what there is.\n\n# Examples\n\nTwo of them, in a sentence long \
                 enough that it has to be broken somewhere:\n\n    guild list\n    guild list -a",
            )
            .arg(
                Arg::new("all")
                    .short('a')
                    .long("all")
                    .action(ArgAction::SetTrue)
                    .help("Show all."),
            )
            .arg(
                Arg::new("operation")
                    .alias("-Fo")
                    .long("operation-with-long-name")
                    .value_name("VAL")
                    .help("Keep what matches VAL, which may hold anything but nothing at all."),
            )
            .arg(Arg::new("runs").value_name("RUN").action(ArgAction::Append));
        let root = Command::new("guild").subcommand(list);
        let page = page(&root, &["guild".into(), "list".into()], 60);
        let expected = "\
Usage: guild list [OPTIONS] [RUN...]

  Show what there is.

  EXAMPLES

  Two of them, in a sentence long enough that it has to be
  broken somewhere:

      guild list
      guild list -a

Options:
  -a, --all                       Show all.
  -Fo, --operation-with-long-name VAL
                                  Keep what matches VAL,
                                  which may hold anything
                                  but nothing at all.

  --help                          Show this page and exit.
";
        assert_eq!(page, expected);
    }
}
