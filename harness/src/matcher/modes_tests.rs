//! Regular expressions, and lines in any order.

use proptest::prelude::*;

use super::*;
use crate::options::{OptionSet, Vocabulary};

fn bindings(expected: &str, actual: &str, options: &str) -> Option<Vec<String>> {
    let options = OptionSet::parse(options, &Vocabulary::default()).unwrap();
    let found = verdict(expected, actual, &Rules::from_options(&options))?;
    let shown = |captured: Captured| format!("{}={}", captured.name, captured.value);
    Some(found.into_iter().map(shown).collect())
}

fn holds(expected: &str, actual: &str, options: &str) -> bool {
    bindings(expected, actual, options).is_some()
}

#[test]
fn a_regular_expression_is_for_the_whole() {
    assert!(holds("a+\nb\\d\n", "aaa\nb1\n", "+REGEX"));
    assert!(holds("a|b\n", "b\n", "+REGEX"));
    assert!(holds("(a\n)+b\n", "a\na\nb\n", "+REGEX"));
    assert!(holds("a\n<BLANKLINE>\nb\n", "a\n\nb\n", "+REGEX"));
    assert!(holds("a\n<BLANKLINE>\nb\n", "a\n \t\nb\n", "+REGEX"));
    assert!(holds("a\n {2}\nb\n", "a\n  \nb\n", "+REGEX"));
    assert!(!holds("a\n+b\n", "a\n  \nb\n", "+REGEX"));
    assert!(holds("x\n<exit 1>\n", "x\n<exit 1>\n", "+REGEX"));
    assert!(!holds("a\n", "ab\n", "+REGEX"));
    assert!(!holds("a.b\n", "a\nb\n", "+REGEX"));
    assert!(!holds("a b\n", "a  b\n", "+REGEX"));
    assert_eq!(
        bindings("id (?<id>\\w+)\n", "id x1\n", "+REGEX +CAPTURES").unwrap(),
        ["id=x1"]
    );
}

#[test]
fn lines_in_any_order() {
    assert!(holds("a\nb\n", "b\na\n", "+SORTED"));
    assert!(!holds("a\nb\n", "a\na\n", "+SORTED"));
    assert!(!holds("a\n", "a\na\n", "+SORTED"));
    assert!(holds("a\n...\n", "x\na\ny\n", "+SORTED"));
    assert!(holds("a\n...\n", "a\n", "+SORTED"));
    assert!(holds("a\n<exit 0>\n", "a\n", "+SORTED"));
    // The vague line must leave the exact one to the other.
    assert!(holds("a ...\na b\n", "a b\na c\n", "+SORTED"));
    assert!(holds("...1\na...\n...\n", "a1\nb1\n", "+SORTED"));
    assert_eq!(
        bindings(
            "{x:word} in\n{x} out\n",
            "q out\nq in\n",
            "+SORTED +CAPTURES"
        )
        .unwrap(),
        ["x=q"]
    );
    assert!(!holds(
        "{x:word} in\n{x} out\n",
        "p out\nq in\n",
        "+SORTED +CAPTURES"
    ));
}

proptest! {
    #[test]
    fn any_permutation_agrees(
        mut lines in proptest::collection::vec("[ab]{1,3}", 1..8),
        seed in any::<usize>(),
    ) {
        let text = |lines: &[String]| lines.iter().map(|l| format!("{l}\n")).collect::<String>();
        let expected = text(&lines);
        let count = lines.len();
        lines.rotate_left(seed % count);
        lines.swap(0, seed / count % count);
        prop_assert!(holds(&expected, &text(&lines), "+SORTED"));
        lines.pop();
        prop_assert!(!holds(&expected, &text(&lines), "+SORTED"));
    }

    #[test]
    fn escaped_text_is_a_regular_expression_of_itself(text in "[ -~]{1,20}(\n[!-~][ -~]{0,9}){0,2}") {
        prop_assume!(!text.contains("<exit") && !text.contains(BLANK_LINE));
        prop_assert!(holds(&regex::escape(&text), &text, "+REGEX"));
    }
}
