//! Tests of how expressions are translated.

use super::*;
use fancy_regex::Regex;

/// The first match of `pattern` in `text`.
fn first(pattern: &str, text: &str) -> Option<String> {
    let regex = Regex::new(&translate(pattern).unwrap()).unwrap();
    regex.find(text).unwrap().map(|found| found.as_str().into())
}

#[test]
fn expressions_mean_what_python_has_them_mean() {
    for (pattern, text, expected) in [
        (r"a{,2}b", "aaab", Some("aab")),
        (r"a{2}{", "aa{", Some("aa{")),
        (r"{x}{}{,}", "{x}{}}}", Some("{x}{}}}")),
        (r"[[a&&b]+", "&[", Some("&[")),
        (r"[]-]+", "-]", Some("-]")),
        (r"[^]a]", "]ab", Some("b")),
        (r"[+--]+", "+,-.", Some("+,-")),
        (r"[\w.-]+", "a-b.c d", Some("a-b.c")),
        (r"[\S]+", " a\x1cb", Some("a")),
        (r"\<a\>\-\/", "<a>-/", Some("<a>-/")),
        (r"(a)\1\101", "aaA", Some("aaA")),
        (r"(a)\10?", "a\u{8}", None),
        (
            r"\x41\u00e9\U0001F600\0\07",
            "Aé😀\0\x07",
            Some("Aé😀\0\x07"),
        ),
        (r"[\b\n\x41]+", "\x08\nA", Some("\x08\nA")),
        (r"a\Z", "ba", Some("a")),
        (r"(?x) a \  b # c", "a b", Some("a b")),
        (r"(?x:a b)c d", "abc d", Some("abc d")),
        (r"(?i)AB", "ab", Some("ab")),
        (r"(?a)\w+", "éa", Some("a")),
        (r"(?i-s:A)b", "ab", Some("ab")),
        (r"a(?#note)b", "ab", Some("ab")),
        (r"(?P<q>['\x22]).*?(?P=q)", "x='a\"'", Some("'a\"'")),
        (r"(?P<p><)?a(?(p)>)", "<a>", Some("<a>")),
        (r"(<)?a(?(1)>|!)", "a!", Some("a!")),
        (r"(?<=loss=)\d+(?! %)", "loss=5", Some("5")),
        (r"(?<!val_)loss", "val_loss loss", Some("loss")),
        (r"a*?b++", "aabb", Some("aabb")),
        (r"\s+", "a\x1c b", Some("\x1c ")),
    ] {
        if pattern == r"(a)\10?" {
            // There is no tenth group.
            assert!(Regex::new(&translate(pattern).unwrap()).is_err());
            continue;
        }
        assert_eq!(first(pattern, text).as_deref(), expected, "{pattern}");
    }
}

#[test]
fn what_python_refuses_is_refused_with_its_words() {
    for (pattern, expected) in [
        ("(a", "missing ), unterminated subpattern at position 0"),
        ("a)", "unbalanced parenthesis at position 1"),
        ("[a", "unterminated character set at position 0"),
        ("*a", "nothing to repeat at position 0"),
        ("(|*)", "nothing to repeat at position 2"),
        ("^*", "nothing to repeat at position 1"),
        ("a**", "multiple repeat at position 2"),
        ("a{3,2}", "min repeat greater than max repeat at position 2"),
        (r"\y", r"bad escape \y at position 0"),
        ("a\\", "bad escape (end of pattern) at position 1"),
        ("[b-a]", "bad character range b-a at position 1"),
        (r"[\w-z]", r"bad character range \w-z at position 1"),
        (r"\x4", r"incomplete escape \x4 at position 0"),
        ("(?<n>a)", "unknown extension ?<n at position 1"),
        (
            "a(?i)",
            "global flags not at the start of the expression at position 1",
        ),
        ("(?P<>a)", "missing group name at position 4"),
    ] {
        let message = translate(pattern).unwrap_err().to_string();
        assert_eq!(message, expected, "{pattern}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(pattern in r"[()\[\]{}?*+|^$\\.a-z0-9<>=!:#P, -]{0,24}") {
        if let Ok(text) = translate(&pattern) {
            let _ = Regex::new(&text);
        }
    }
}
