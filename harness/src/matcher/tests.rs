//! What matches what.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::options::{OptionSet, Vocabulary};

fn rules(options: &str) -> Rules {
    Rules::from_options(&OptionSet::parse(options, &Vocabulary::default()).unwrap())
}

fn check(expected: &str, actual: &str, options: &str) -> bool {
    matches(expected, actual, &rules(options))
}

#[test]
fn verdicts() {
    let yes = [
        ("a\n", "a\n", ""),
        ("1\n", "True\n", ""),
        ("a  b\n", "a\nb", ""),
        ("a...z\n", "a--z\n", ""),
        ("a\n...\nb\n", "a\nx\ny\nb\n", ""),
        ("...\n", "", ""),
        ("a\n<BLANKLINE>\nb\n", "a\n\nb\n", "-NORMALIZE_WHITESPACE"),
        (
            "a\n<BLANKLINE>  \nb\n",
            "a\n  \nb\n",
            "-NORMALIZE_WHITESPACE",
        ),
        (
            "??? No such process\n<exit 1>\n",
            "sh: 1: kill: No such process\n<exit 1>\n",
            "",
        ),
        ("a\n", "a\n<exit 0>\n", ""),
        ("a\n<exit 0>\n", "a\n", ""),
        ("a\n<exit 0>\n", "a\n<exit 0>\n", ""),
        ("<exit 0>\n", "<exit 0>\n", ""),
        (
            "<BLANKLINE>\n<exit 0>\n",
            "\n<exit 0>\n",
            "-NORMALIZE_WHITESPACE",
        ),
        ("a b\n", "a\u{b}\u{1f}b\n", ""),
        ("red\n", "\u{1b}[31mred\u{1b}[0m\n", ""),
        (
            "link\n",
            "\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7}\n",
            "",
        ),
        ("a::b\n", "a:b\n", "+NORMALIZE_PATHSEP"),
        ("a b\n", "a  b\n", "+STRICT"),
    ];
    for (expected, actual, options) in yes {
        assert!(
            check(expected, actual, options),
            "{expected:?} {actual:?} {options}"
        );
    }
    let no = [
        ("a\n", "b\n", ""),
        ("1\n", "True\n", "+DONT_ACCEPT_TRUE_FOR_1"),
        ("a  b\n", "a b\n", "-NORMALIZE_WHITESPACE"),
        ("a...z\n", "a--z\n", "-ELLIPSIS"),
        ("a...z\n", "a--z\n", "+STRICT"),
        ("a...a\n", "a\n", ""),
        ("aa...aa\n", "aaa\n", ""),
        ("", "<exit 0>\n", ""),
        ("<exit 0>\n", "", ""),
        ("a\n", "a\n<exit 1>\n", ""),
        ("a\n<exit 1>\n", "a\n", ""),
        ("a\n", "a\n<exit 0>\n", "-STRIP_EXIT_0"),
        ("a\n", "a\n<exit 0>\n", "+STRICT"),
        ("a\n??? b\n", "a\nx b\n", ""),
        ("??? b\n", "x b\n", "+STRICT"),
        ("red\n", "\u{1b}[31mred\u{1b}[0m\n", "-STRIP_ANSI_FMT"),
        ("<BLANKLINE>\n", "\n", "+DONT_ACCEPT_BLANKLINE"),
        ("a\nb\n", "a\n\nb\n", "-NORMALIZE_WHITESPACE"),
        ("a b\n", "a\u{a0}b\n", ""),
        ("é\n", "\\xe9\n", ""),
    ];
    for (expected, actual, options) in no {
        assert!(
            !check(expected, actual, options),
            "{expected:?} {actual:?} {options}"
        );
    }
}

fn raised(message: &str) -> Actual {
    let exception = Exception {
        message: format!("{message}\n"),
        traceback: String::new(),
    };
    Actual {
        output: String::new(),
        exception: Some(exception),
    }
}

#[test]
fn exceptions() {
    let expected = "Traceback (most recent call last):\n  File x\n    ...\nValueError: no\n";
    assert!(agrees(expected, &raised("ValueError: no"), &rules("")));
    assert!(agrees(
        expected,
        &raised("some.module.ValueError: no"),
        &rules("")
    ));
    assert!(!agrees(expected, &raised("ValueError: yes"), &rules("")));
    assert!(agrees(
        expected,
        &raised("ValueError: yes"),
        &rules("+IGNORE_EXCEPTION_DETAIL")
    ));
    assert!(!agrees(
        expected,
        &raised("KeyError: no"),
        &rules("+IGNORE_EXCEPTION_DETAIL")
    ));
    let dotted = "Traceback (most recent call last):\na.b.c...: \n";
    assert!(!agrees(dotted, &raised("d.cat: no"), &rules("")));
    let type_only = rules("+IGNORE_EXCEPTION_DETAIL");
    assert!(!agrees(dotted, &raised("d.cat: no"), &type_only));
    let dotted = dotted.replace("...", "");
    assert!(agrees(&dotted, &raised("d.c: no"), &type_only));
    assert!(!agrees(
        "ValueError: no\n",
        &raised("ValueError: no"),
        &rules("")
    ));
    let quiet = Actual::default();
    assert!(!agrees(expected, &quiet, &rules("")));
    let wild = "Traceback (most recent call last):\na.b.RunError: (1, ...)\n";
    assert!(agrees(wild, &raised("RunError: (1, 'x.y')"), &rules("")));
}

#[test]
fn several_lines_of_message() {
    let expected = "Traceback (most recent call last):\n...\nE: one\ntwo\n";
    assert_eq!(expected_exception(expected), Some("E: one\ntwo\n"));
    assert!(agrees(expected, &raised("E: one\ntwo"), &rules("")));
    assert_eq!(
        expected_exception("Traceback (most recent call last):\n  x\n"),
        None
    );
}

#[test]
fn matching_is_linear() {
    let expected = format!("{}b\n", "a...".repeat(100));
    let time = |megabytes: usize| {
        let actual = "a ".repeat(megabytes << 19);
        let start = Instant::now();
        assert!(!check(&expected, &actual, ""));
        start.elapsed()
    };
    time(1);
    // Generous: a matcher that backtracks would not end at all.
    assert!(time(4) < Duration::from_secs(5));
}

/// The plain reading of a wildcard pattern, to hold the search against.
fn naive(expected: &[u8], actual: &[u8]) -> bool {
    match expected {
        [] => actual.is_empty(),
        [b'.', b'.', b'.', rest @ ..] => (0..=actual.len()).any(|i| naive(rest, &actual[i..])),
        [first, rest @ ..] => actual.first() == Some(first) && naive(rest, &actual[1..]),
    }
}

proptest! {
    #[test]
    fn wildcards_mean_what_they_say(
        pieces in proptest::collection::vec("[ab]{0,3}", 1..5),
        actual in "[ab]{0,12}",
    ) {
        let expected = pieces.join(ELLIPSIS);
        let found = wildcards(&expected, &actual);
        prop_assert_eq!(found.is_some(), naive(expected.as_bytes(), actual.as_bytes()));
    }

    #[test]
    fn ranges_rebuild_the_output(
        pieces in proptest::collection::vec("[ab]{0,3}", 1..5),
        actual in "[ab]{0,12}",
    ) {
        if let Some(ranges) = wildcards(&pieces.join(ELLIPSIS), &actual) {
            let mut rebuilt = pieces[0].clone();
            for (range, piece) in ranges.into_iter().zip(&pieces[1..]) {
                rebuilt.push_str(&actual[range]);
                rebuilt.push_str(piece);
            }
            prop_assert_eq!(rebuilt, actual);
        }
    }

    #[test]
    fn everything_matches_itself(text in "[ a.<>\\n?]{0,40}") {
        prop_assert!(matches(&text, &text, &Rules::default()) || text.starts_with(LEADING) || text.contains("<exit"));
    }
}
