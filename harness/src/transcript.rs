//! A shell session, typed or pasted, made into a document.

use std::fmt::Write as _;

/// One thing of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Words between commands, from a comment.
    Prose(String),
    /// A command; its lines are those of one command.
    Command(String),
}

/// Reads a session: a command a line, `\` at the end of a line continues it, and a
/// comment is prose. Where a line starts with `$ `, the session is a transcript:
/// commands are at `$ ` and go on at `> `, and what stands between was printed.
pub fn read(text: &str) -> Vec<Item> {
    if text.lines().any(|line| line.starts_with("$ ")) {
        transcript(text)
    } else {
        commands(text)
    }
}

fn transcript(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut continues = false;
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            items.push(item(command));
            continues = true;
        } else if let (true, Some(rest), Some(Item::Command(command))) =
            (continues, line.strip_prefix("> "), items.last_mut())
        {
            command.push('\n');
            command.push_str(rest);
        } else {
            continues = false;
        }
    }
    items
}

fn commands(text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut continues = false;
    for line in text.lines() {
        match items.last_mut() {
            Some(Item::Command(command)) if continues => {
                command.push('\n');
                command.push_str(line);
            }
            _ if line.trim().is_empty() => continue,
            _ => items.push(item(line.trim_start())),
        }
        continues = line.ends_with('\\') && matches!(items.last(), Some(Item::Command(_)));
    }
    items
}

fn item(line: &str) -> Item {
    match line.strip_prefix('#') {
        Some(words) => Item::Prose(words.trim().to_owned()),
        None => Item::Command(line.to_owned()),
    }
}

/// What the examples of a document are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A document of the type `bash`.
    Shell,
    /// Python examples that call `run`.
    Python,
}

/// The session as a document, with nothing expected yet.
pub fn document(title: &str, items: &[Item], form: Form) -> String {
    let mut text = match form {
        Form::Shell => "---\ndoctest-type: bash\n---\n\n".to_owned(),
        Form::Python => String::new(),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# {title}");
    for item in items {
        text.push('\n');
        match (item, form) {
            (Item::Prose(words), _) => {
                let _ = writeln!(text, "{words}");
            }
            (Item::Command(command), Form::Shell) => {
                for (index, line) in command.lines().enumerate() {
                    let prompt = if index == 0 { "$" } else { ">" };
                    let _ = writeln!(text, "    {prompt} {line}");
                }
            }
            (Item::Command(command), Form::Python) => {
                let _ = writeln!(text, "    >>> {}", call(command));
            }
        }
    }
    text
}

/// A command as a Python example. What changes the folder for later commands is a
/// helper, since each `run` has a shell of its own.
fn call(command: &str) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match command.strip_prefix("cd ").map(str::trim) {
        Some(folder) if !folder.contains([' ', ';', '&', '|', '$', '\'', '"']) => {
            format!("cd({})", quoted(folder))
        }
        _ => format!("run({})", quoted(command)),
    }
}

/// Two outputs of one command as one expectation: where they differ is a wildcard.
pub fn merged(first: &str, second: &str) -> Option<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
    if a.len() != b.len() {
        return None;
    }
    let lines = a.iter().zip(&b).map(|(a, b)| {
        if a == b {
            return format!("{a}\n");
        }
        // Whole words, so that a number that happens to start alike is one.
        let (left, right): (Vec<&str>, Vec<&str>) = (words(a), words(b));
        let same = left.iter().zip(&right).take_while(|(l, r)| l == r).count();
        let rest = left.len().min(right.len()) - same;
        let ends = left.iter().rev().zip(right.iter().rev());
        let tail = ends.take(rest).take_while(|(l, r)| l == r).count();
        format!(
            "{}...{}\n",
            left[..same].concat(),
            left[left.len() - tail..].concat()
        )
    });
    Some(lines.collect())
}

/// A line in pieces: words, and what stands between them.
fn words(line: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let kind = is_word(c);
        if before.is_some_and(|b| b != kind || !kind) {
            pieces.push(&line[start..at]);
            start = at;
        }
        before = Some(kind);
    }
    if start < line.len() {
        pieces.push(&line[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Item {
        Item::Command(text.into())
    }

    #[test]
    fn typed() {
        let text = "# Making it\nmkdir a\n\ncd a\necho 1 \\\n  2\n";
        let items = read(text);
        assert_eq!(
            items,
            [
                Item::Prose("Making it".into()),
                command("mkdir a"),
                command("cd a"),
                command("echo 1 \\\n  2"),
            ]
        );
        assert_eq!(
            document("T", &items, Form::Python),
            "# T\n\nMaking it\n\n    >>> run(\"mkdir a\")\n\n    >>> cd(\"a\")\n\n    \
             >>> run(\"echo 1 \\\\\\n  2\")\n"
        );
    }

    #[test]
    fn pasted() {
        let items = read("$ ls\na  b\n$ for i in 1; do\n> echo $i\n> done\n1\n> x\n$ # Next\n");
        assert_eq!(
            items,
            [
                command("ls"),
                command("for i in 1; do\necho $i\ndone"),
                Item::Prose("Next".into()),
            ]
        );
        let shell = document("T", &items, Form::Shell);
        assert!(shell.contains("    $ for i in 1; do\n    > echo $i\n    > done\n"));
    }

    #[test]
    fn what_differs_is_a_wildcard() {
        assert_eq!(
            merged("pid 123 ok\nx\n", "pid 157 ok\nx\n").as_deref(),
            Some("pid ... ok\nx\n")
        );
        assert_eq!(merged("a b\n", "a\n").as_deref(), Some("a...\n"));
        assert_eq!(merged("a\n", "a\nb\n"), None);
    }
}
