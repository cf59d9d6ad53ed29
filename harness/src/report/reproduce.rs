//! The command that runs one example again.

use std::borrow::Cow;

/// The command that runs what is at a line of a spec, given the options that
/// decide how specs are run.
pub fn command(path: &str, line: Option<usize>, options: &[String]) -> String {
    // A path that looks like an option is no path.
    let dot = if path.starts_with('-') { "./" } else { "" };
    let place = match line {
        Some(line) => format!("{dot}{path}:{line}"),
        None => format!("{dot}{path}"),
    };
    let words = ["harness", "run", &place].into_iter();
    let words = words.chain(options.iter().map(String::as_str));
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// The word as a POSIX shell reads it back.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted() {
        let options = ["--suite".to_owned(), "it's here".to_owned()];
        assert_eq!(
            command("a b.md", Some(3), &options),
            "harness run 'a b.md:3' --suite 'it'\\''s here'"
        );
        assert_eq!(command("-x.md", None, &[]), "harness run ./-x.md");
        assert_eq!(quoted(""), "''");
    }
}
