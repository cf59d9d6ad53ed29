//! The words of a command line that set flags.

use super::Error;

/// `NAME=VAL` words and `@FILE` words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Names and the texts of their values, in the order given; of a name that
    /// is there twice, the last one holds.
    pub assignments: Vec<(String, String)>,
    /// Files that hold values.
    pub files: Vec<String>,
}

impl Words {
    /// Reads `words`.
    ///
    /// # Errors
    /// Words of another form; all of them are named.
    pub fn parse(words: &[String]) -> Result<Self, Error> {
        let mut read = Self::default();
        let mut bad = Vec::new();
        for word in words {
            if let Some(file) = word.strip_prefix('@') {
                read.files.push(file.to_string());
            } else if let Some((name, text)) = word.split_once('=') {
                read.assignments.push((name.to_string(), text.to_string()));
            } else {
                bad.push(word.clone());
            }
        }
        match bad.is_empty() {
            true => Ok(read),
            false => Err(Error::NoAssignment(bad)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_assignments_and_files() {
        let words: Vec<String> = ["b=x=y", "@values.csv", "=1"].map(String::from).into();
        let read = Words::parse(&words).unwrap();
        let pair = |name: &str, text: &str| (name.to_string(), text.to_string());
        assert_eq!(read.assignments, [pair("b", "x=y"), pair("", "1")]);
        assert_eq!(read.files, ["values.csv"]);
    }

    #[test]
    fn words_without_an_equals_sign_are_named() {
        let words: Vec<String> = ["a=1", "foo", "@f", "bar"].map(String::from).into();
        let message = Words::parse(&words).unwrap_err().to_string();
        assert_eq!(message, "invalid argument(s):\nfoo\nbar\nexpected NAME=VAL");
    }
}
