use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::matcher::{Exception, Rules};
use crate::verdict::Unrun;

fn parse(text: &str) -> Spec {
    spec::parse(Path::new("x.md"), text.as_bytes(), &Vocabulary::default()).unwrap()
}

/// The reports of a document whose examples print these texts.
fn reports(spec: &Spec, outputs: &[&str]) -> Vec<ExampleReport> {
    let entries = spec.examples.iter().zip(outputs).map(|(example, output)| {
        let rules = Rules::from_options(&example.options);
        let mut entry = ExampleReport::without_run(example, rules, Unrun::Ended);
        let actual = Actual {
            output: (*output).to_owned(),
            exception: None,
        };
        entry.verdict = match agrees(&example.expected, &actual, &entry.rules) {
            true => Verdict::Passed,
            false => Verdict::Failed,
        };
        entry.actual = Some(actual);
        entry
    });
    entries.collect()
}

fn rewritten(text: &str, outputs: &[&str]) -> Rewritten {
    let spec = parse(text);
    let reports = reports(&spec, outputs);
    rewrite(
        text.as_bytes(),
        &spec,
        &reports,
        false,
        &Vocabulary::default(),
    )
}

fn text(old: &str, outputs: &[&str]) -> String {
    rewritten(old, outputs).text
}

#[test]
fn only_the_failing_block_changes() {
    let old = "# T\n\n    >>> a\n    1\n\ntext\n\n>>> b\n2\n>>> c\nend";
    assert_eq!(
        text(old, &["1\n", "3\n4\n", "end\n"]),
        "# T\n\n    >>> a\n    1\n\ntext\n\n>>> b\n3\n4\n>>> c\nend"
    );
    let same = rewritten(old, &["1\n", "2\n", "end\n"]);
    assert_eq!((same.text.as_str(), same.changed.len()), (old, 0));
}

#[test]
fn wildcards_that_still_match_are_kept() {
    assert_eq!(
        text(">>> a\nid ...\n...\nx\nlast\n", &["id 7\nw\ny\nlast\n"]),
        ">>> a\nid ...\n...\ny\nlast\n"
    );
    // Between words a wildcard takes something or there is none.
    assert_eq!(
        text(">>> a\nid\n...\nx\nlast\n", &["id\ny\nlast\n"]),
        ">>> a\nid\n...\nlast\n"
    );
    assert_eq!(
        text(">>> a\n???\nb\nc\n", &["1\n2\nb\nd\n"]),
        ">>> a\n???\nb\nd\n"
    );
    assert_eq!(
        text(">>> a\nb\n...\nc\n", &["b\n1\n2\nd\n"]),
        ">>> a\nb\n...\nd\n"
    );
}

#[test]
fn output_appears_and_goes() {
    assert_eq!(text(">>> a\n\ntext\n", &["1\n"]), ">>> a\n1\n\ntext\n");
    assert_eq!(text(">>> a\n", &["1\n"]), ">>> a\n1\n");
    assert_eq!(text(">>> a", &["1\n"]), ">>> a\n1");
    assert_eq!(text("```\n>>> a\n```\n", &["1\n"]), "```\n>>> a\n1\n```\n");
    assert_eq!(text(">>> a\n>>> b\n", &["1\n", ""]), ">>> a\n1\n>>> b\n");
    assert_eq!(text(">>> a\n1\n2\n\nx\n", &[""]), ">>> a\n\nx\n");
}

#[test]
fn what_has_a_meaning_is_written_so_that_it_is_read_back() {
    assert_eq!(
        text(">>> a\n", &["x\n\n y \n"]),
        ">>> a\nx\n<BLANKLINE>\n y\n"
    );
    assert_eq!(text(">>> a\n", &["... x\n"]), ">>> a\n??? x\n");
    assert_eq!(text(">>> a\r\n1\r\n", &["2\n"]), ">>> a\r\n2\r\n");
    assert_eq!(
        text(">>> a\n1\n<exit 0>\n", &["2\n<exit 0>\n"]),
        ">>> a\n2\n"
    );
}

#[test]
fn what_cannot_be_written_is_left() {
    let old = ">>> a\n1\n\n>>> b\n2\n";
    let new = rewritten(old, &[">>> 1\n", "3\n"]);
    assert_eq!(new.text, ">>> a\n1\n\n>>> b\n3\n");
    assert_eq!(
        (new.refused[0].line, new.refused[0].why),
        (1, Refusal::Inexpressible)
    );
    assert_eq!(new.changed, [4]);
}

#[test]
fn exceptions_are_written_when_wanted() {
    let spec = parse(">>> a\n1\n");
    let mut reports = reports(&spec, &["x\n"]);
    reports[0].actual.as_mut().unwrap().exception = Some(Exception {
        message: "ValueError: no\n".into(),
        traceback: String::new(),
    });
    let run = |exceptions| {
        rewrite(
            b">>> a\n1\n",
            &spec,
            &reports,
            exceptions,
            &Vocabulary::default(),
        )
    };
    assert_eq!(run(false).refused[0].why, Refusal::Exception);
    assert_eq!(
        run(true).text,
        ">>> a\nTraceback (most recent call last):\n    ...\nValueError: no\n"
    );
}

proptest! {
    /// Whatever an example prints, it agrees with the new document, or is refused
    /// and left as it was.
    #[test]
    fn a_second_time_changes_nothing(
        expected in prop::collection::vec("(a|b|c d|\\.\\.\\.|a \\.\\.\\.)", 0..6),
        output in prop::collection::vec("(a|b|c d| |<exit 0>|>>> x|\\.\\.\\.|a [0-9])", 0..8),
    ) {
        let mut old = String::from("    >>> f()\n");
        for (at, line) in expected.iter().enumerate() {
            let line = if at == 0 { line.replace("...", "e") } else { line.clone() };
            old.push_str(&format!("    {line}\n"));
        }
        old.push_str("\ntext\n\n    >>> g()\n    9\n");
        let mut printed = output.join("\n");
        if !printed.is_empty() {
            printed.push('\n');
        }
        let new = rewritten(&old, &[&printed, "9\n"]);
        let again = rewritten(&new.text, &[&printed, "9\n"]);
        prop_assert_eq!(&again.text, &new.text);
        prop_assert!(again.changed.is_empty());
        if new.refused.is_empty() {
            let spec = parse(&new.text);
            prop_assert!(reports(&spec, &[&printed, "9\n"]).iter().all(|e| e.verdict == Verdict::Passed));
        } else {
            prop_assert_eq!(&new.text, &old);
        }
    }
}
