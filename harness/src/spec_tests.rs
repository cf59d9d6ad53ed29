//! What the reader of specs takes, and what it refuses.

use proptest::prelude::*;

use super::*;

fn parse_text(text: &str) -> Result<Spec, Vec<Fault>> {
    parse(Path::new("x.md"), text.as_bytes(), &Vocabulary::default())
}

fn examples(text: &str) -> Vec<(usize, String, String)> {
    let spec = parse_text(text).unwrap();
    spec.examples
        .into_iter()
        .map(|e| (e.line, e.source, e.expected))
        .collect()
}

fn faults(text: &str) -> Vec<String> {
    parse_text(text)
        .unwrap_err()
        .iter()
        .map(Fault::to_string)
        .collect()
}

fn example(line: usize, source: &str, expected: &str) -> (usize, String, String) {
    (line, source.into(), expected.into())
}

#[test]
fn indented_examples() {
    let text = "# T\n\n    >>> for i in [1]:\n    ...     print(i)\n    1\n\nProse.\n\n    >>> 2\n";
    assert_eq!(
        examples(text),
        [
            example(3, "for i in [1]:\n    print(i)\n", "1\n"),
            example(9, "2\n", "")
        ]
    );
}

#[test]
fn a_prompt_ends_expected_output() {
    assert_eq!(
        examples(">>> 1\n1\n>>> 2\n2"),
        [example(1, "1\n", "1\n"), example(3, "2\n", "2\n")]
    );
}

#[test]
fn a_closing_fence_ends_expected_output() {
    let text = "```python\n>>> 1\n1\n```\nprose\n~~~~\n>>> 2\n~~~\n~~~~\n";
    assert_eq!(
        examples(text),
        [example(2, "1\n", "1\n"), example(7, "2\n", "~~~\n")]
    );
}

#[test]
fn a_fence_in_an_indented_block_is_output() {
    assert_eq!(
        examples("    >>> 1\n    ```\n    x\n    ```\n"),
        [example(1, "1\n", "```\nx\n```\n")]
    );
}

#[test]
fn an_ellipsis_after_the_source_continues_it() {
    assert_eq!(
        examples(">>> f(\n...\n... )\n"),
        [example(1, "f(\n\n)\n", "")]
    );
}

#[test]
fn comments_and_empty_prompts_are_notes() {
    assert_eq!(
        examples(">>> # a note\n>>>\n>>> 1\n"),
        [example(3, "1\n", "")]
    );
}

#[test]
fn tabs_and_carriage_returns() {
    assert_eq!(
        examples("\t>>> 1\r\n\ta\tb\r\n"),
        [example(1, "1\n", "a       b\n")]
    );
}

#[test]
fn options_of_an_example() {
    let spec = parse_text(">>> a  # doctest: +SKIP, -ELLIPSIS\n>>> '# doctest: +NOPE'\n").unwrap();
    assert!(spec.examples[0].options.is_on("SKIP"));
    assert_eq!(spec.examples[0].options.get("ELLIPSIS"), Some(false));
    assert!(spec.examples[1].options.is_empty());
}

#[test]
fn malformed() {
    let cases = [
        (">>>1\n", "x.md:1:4: no space after `>>>`"),
        ("\n>>> f(\n...)\n", "x.md:3:4: no space after `...`"),
        (">>>>>>> branch\n", "x.md:1:1: merge conflict marker"),
        (
            "\n\n    ... x\n",
            "x.md:3:5: continuation line with no example before it",
        ),
        (
            ">>> 1\n1\n\n```\n... x\n```\n",
            "x.md:5:1: continuation line with no example before it",
        ),
        ("a\n```\n>>> 1\n", "x.md:2:1: fenced block is not closed"),
        (
            "    >>> 1\n  1\n",
            "x.md:2:3: expected output is indented less than its example",
        ),
        (
            "    >>> 1\n  ... 1\n",
            "x.md:2:3: continuation line is not indented as its example is",
        ),
        (
            ">>> (\n... 1) # doctest: +ELLIPSS\n",
            "x.md:2:20: unknown doctest option `ELLIPSS` (did you mean `ELLIPSIS`?)",
        ),
        (
            ">>> 1 # doctest: \n",
            "x.md:1:18: empty doctest option directive",
        ),
        (
            ">>> # doctest: +SKIP\n",
            "x.md:1:1: option directive on a line with no example",
        ),
        (
            "---\n- 1\n---\n",
            "x.md:2:1: front matter is a list, not a map of keys",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(faults(text), [wanted], "{text:?}");
    }
}

#[test]
fn every_fault_is_told() {
    assert_eq!(faults(">>>1\n>>>2\n\n```\n").len(), 3);
}

#[test]
fn prose_may_hold_an_ellipsis() {
    assert!(parse_text("... and so on\n\n```yaml\na: 1\n...\n```\n").is_ok());
}

const SHELL: &str = "---\ndoctest-type: bash\n---\n";

fn shell_examples(text: &str) -> Vec<(usize, String, String)> {
    examples(&format!("{SHELL}{text}"))
        .into_iter()
        .map(|(line, source, expected)| (line - 3, source, expected))
        .collect()
}

#[test]
fn shell_examples_stand_in_code() {
    let text = "It costs $ 5.\n$ not this\n   $ nor this\n\n    $ echo 1\n    1\n\n\
                ```console\n$ echo 2 \\\n>   3\n2 3\n$ echo 4\n$5\n  $ 6\n```\n";
    assert_eq!(
        shell_examples(text),
        [
            example(5, "echo 1\n", "1\n"),
            example(9, "echo 2 \\\n  3\n", "2 3\n"),
            example(12, "echo 4\n", "$5\n  $ 6\n")
        ]
    );
    assert!(examples("    $ echo 1\n    1\n").is_empty());
    assert!(shell_examples("    $ # a note\n    $\n").is_empty());
    // In another language a dollar starts no prompt, unless a blank follows.
    assert_eq!(
        shell_examples("```perl\n$x = 1;\n$ echo\n```\n"),
        [example(3, "echo\n", "")]
    );
}

#[test]
fn shell_output_may_look_like_a_continuation() {
    assert_eq!(
        shell_examples("    $ diff a b\n    1c1\n    > a\n      > b\n    ... c\n    >>> d\n"),
        [example(1, "diff a b\n", "1c1\n> a\n  > b\n... c\n>>> d\n")]
    );
    assert_eq!(
        shell_examples("    $ cat <<.\n    > a\n    >\n    > .\n    a\n"),
        [example(1, "cat <<.\na\n\n.\n", "a\n")]
    );
}

#[test]
fn malformed_shell_examples() {
    for (text, wanted) in [
        ("    $ls\n", "x.md:4:6: no space after `$`"),
        (
            "```sh\n> a\n```\n",
            "x.md:5:1: continuation line with no example before it",
        ),
        (
            "    $ ls  # doctest: +SKPI\n",
            "x.md:4:23: unknown doctest option `SKPI` (did you mean `SKIP`?)",
        ),
        (
            "    $ ls\n  a\n",
            "x.md:5:3: expected output is indented less than its example",
        ),
    ] {
        assert_eq!(faults(&format!("{SHELL}{text}")), [wanted], "{text:?}");
    }
}

#[test]
fn not_utf8() {
    let faults = parse(Path::new("x.md"), b"a\nb\xff\n", &Vocabulary::default()).unwrap_err();
    assert_eq!(faults[0].to_string(), "x.md:2:2: not UTF-8");
}

proptest! {
    #[test]
    fn never_panics(text in "[>.`~ \t\na#:+A-Z-]{0,200}") {
        let _ = parse_text(&text);
    }

    #[test]
    fn never_panics_on_shell_documents(text in "[$>`~ \t\na#:+A-Z-]{0,200}") {
        let _ = parse_text(&format!("{SHELL}{text}"));
    }

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(Path::new("x.md"), &bytes, &Vocabulary::default());
    }

    #[test]
    fn reads_back_what_it_is_given(
        source in proptest::collection::vec("[a-z][a-z ]{0,9}", 1..4),
        expected in proptest::collection::vec("[a-z][a-z .]{0,9}[a-z]", 0..4),
        indent in 0usize..9,
    ) {
        let pad = " ".repeat(indent);
        let mut text = String::from("Title\n\n");
        for (i, line) in source.iter().enumerate() {
            let prompt = if i == 0 { ">>>" } else { "..." };
            text.push_str(&format!("{pad}{prompt} {line}\n"));
        }
        for line in &expected {
            text.push_str(&format!("{pad}{line}\n"));
        }
        let spec = parse_text(&text).unwrap();
        let lines = |list: &[String]| list.iter().map(|line| format!("{line}\n")).collect::<String>();
        prop_assert_eq!(&spec.examples[0].source, &lines(&source));
        prop_assert_eq!(&spec.examples[0].expected, &lines(&expected));
    }
}
