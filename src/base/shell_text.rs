//! Splitting and quoting text as a POSIX shell does, the way Python's `shlex`
//! has it, which is what run files hold.

/// The text has an open quote or ends in a backslash.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A quote is not closed.
    #[error("no closing quotation")]
    OpenQuote,
    /// A backslash stands last.
    #[error("no escaped character")]
    OpenEscape,
}

/// The words of `text`: blanks part them, quotes and backslashes are undone;
/// `#` has no meaning.
///
/// # Errors
/// An open quote or escape.
pub fn split(text: &str) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(Error::OpenQuote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => {
                let c = chars.next().ok_or(Error::OpenEscape)?;
                word.get_or_insert_default().push(c);
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn double_quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), Error> {
    loop {
        match chars.next().ok_or(Error::OpenQuote)? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(Error::OpenEscape)? {
                c @ ('"' | '\\') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// `word` so that a shell reads it as one word: plain where every character is
/// harmless, else in single quotes.
pub fn quote(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', r#"'"'"'"#))
}

/// As [`quote`], with the nicer form that operation references and staged
/// environments have for a word that itself is in single quotes: `"'word'"`.
/// Guild AI does so even where the word has quotes inside, and cannot read that
/// back; such words keep the plain form here.
pub fn quote_opref(word: &str) -> String {
    let quoted = quote(word);
    match quoted
        .strip_prefix(r#"''"'"'"#)
        .and_then(|rest| rest.strip_suffix(r#"'"'"''"#))
    {
        Some(inner) if !inner.contains(['\'', '"', '\\', '$', '`']) => format!(r#""'{inner}'""#),
        _ => quoted,
    }
}

/// `words` as one line that a shell splits into them again.
pub fn join<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| quote(word.as_ref())).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_split_as_in_a_shell() {
        for (text, expected) in [
            ("a b  c", vec!["a", "b", "c"]),
            ("'a b' \"c d\"", vec!["a b", "c d"]),
            ("a''b ''", vec!["ab", ""]),
            (r#""a\"b\n""#, vec![r#"a"b\n"#]),
            (r"a\ b", vec!["a b"]),
            ("a #b", vec!["a", "#b"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert_eq!(split("'a"), Err(Error::OpenQuote));
        assert_eq!(split("a\\"), Err(Error::OpenEscape));
    }

    #[test]
    fn quoted_references_are_the_references_own() {
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's"), r#"'it'"'"'s'"#);
        assert_eq!(quote_opref("'q'"), r#""'q'""#);
        assert_eq!(quote_opref("it's"), r#"'it'"'"'s'"#);
    }

    proptest! {
        #[test]
        fn references_split_into_themselves(word in any::<String>()) {
            prop_assert_eq!(split(&quote_opref(&word)).unwrap(), vec![word]);
        }

        #[test]
        fn what_is_quoted_splits_into_itself(words in proptest::collection::vec(any::<String>(), 0..5)) {
            prop_assert_eq!(split(&join(&words)).unwrap(), words);
        }
    }
}
