use super::*;
use crate::options::Vocabulary;
use crate::spec;

/// The findings in a spec whose prompts are marked with `|`, as `line:column code`.
fn found(text: &str) -> Vec<String> {
    found_with(text, "", false)
}

fn found_with(text: &str, options: &str, is_part: bool) -> Vec<String> {
    let vocabulary = Vocabulary::default();
    let spec = spec::parse("x.md".as_ref(), text.as_bytes(), &vocabulary).unwrap();
    let suite = SuiteFile {
        options: OptionSet::parse(options, &vocabulary).unwrap(),
        ..SuiteFile::default()
    };
    let subject = Subject {
        spec: &spec,
        suite: &suite,
        text,
        is_part,
    };
    let found = findings(&subject).into_iter();
    found
        .map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.code))
        .collect()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn a_wildcard_alone() {
    assert_eq!(found(">>> 1\n???\n"), ["2:1 whole-wildcard"]);
    assert_eq!(found(">>> run(\"a\")\n\n"), none());
    assert_eq!(
        found("    >>> 1  # doctest: +SORTED\n    ???\n    ...\n"),
        ["2:5 whole-wildcard"]
    );
    assert_eq!(found(">>> 1  # doctest: -ELLIPSIS\n???\n"), none());
    assert_eq!(found(">>> 1\n???a\n"), none());
    let shell = "---\ndoctest-type: bash\n---\n```\n$ ls\n...\n```\n";
    assert_eq!(found(shell), none());
}

#[test]
fn wildcards_in_a_row() {
    assert_eq!(found(">>> 1\na ... ... b\n"), ["2:7 adjacent-wildcards"]);
    assert_eq!(
        found(">>> 1\na\n...\n...\n...\nb\n"),
        ["4:1 adjacent-wildcards"]
    );
    assert_eq!(found(">>> 1\na......b\n"), ["2:5 adjacent-wildcards"]);
    assert_eq!(found(">>> 1\na ....\nb ... c ... d\n"), none());
    assert_eq!(found(">>> 1\na ...-... ...:... b\n"), none());
    // More lines may follow.
    assert_eq!(found(">>> 1\na ...\n... b\n"), none());
    let spaced = ">>> 1  # doctest: -NORMALIZE_WHITESPACE\na ... ... b\n";
    assert_eq!(found(spaced), none());
}

#[test]
fn exit_codes_behind_a_wildcard() {
    assert_eq!(found(">>> run(\"a\")\na ...\n"), ["2:3 hidden-exit"]);
    assert_eq!(
        found(">>> run(\"a\")\na ...\n<exit 0>\n"),
        ["2:3 hidden-exit", "3:1 spelled-exit"]
    );
    assert_eq!(found(">>> run(\"a\")\na ...\n<exit 1>\n"), none());
    assert_eq!(found(">>> run(\"a\")\na\n...\nb\n"), none());
    assert_eq!(found(">>> print(\"a\")\na ...\n"), none());
    let kept = ">>> run(\"a\")  # doctest: -STRIP_EXIT_0\na ...\n<exit 0>\n";
    assert_eq!(found(kept), none());
    let sorted = ">>> run(\"a\")  # doctest: +SORTED\na\n...\nb\n";
    assert_eq!(found(sorted), ["3:1 hidden-exit"]);
    let traceback = ">>> run(\"a\")\nTraceback (most recent call last):\nE: a ...\n";
    assert_eq!(found(traceback), none());
}

#[test]
fn captures_without_use() {
    let with = |text: &str| found(&format!("---\ndoctest: +CAPTURES\n---\n{text}"));
    assert_eq!(with(">>> 1\na {x:int}\n"), ["5:3 unused-capture"]);
    assert_eq!(with(">>> 1\n{_x:int} {:int} {_:int}\n"), none());
    assert_eq!(with(">>> 1\n{x:int} {x}\n"), none());
    assert_eq!(with(">>> 1\n{x:int}\n>>> f\"{x}\"\n1\n"), none());
    assert_eq!(with(">>> x\n{x:int}\n>>> xy\n1\n"), ["5:1 unused-capture"]);
    let regex = ">>> 1  # doctest: +REGEX\na\n (?<n>.)\n>>> 2\n2\n";
    assert_eq!(with(regex), ["6:4 unused-capture"]);
    let text = "---\ndoctest: +CAPTURES\nteardown: print(x)\n---\n>>> 1\n{x:int}\n";
    assert_eq!(found(text), none());
    let part = "---\ndoctest: +CAPTURES\n---\n>>> 1\n{x:int}\n";
    assert_eq!(found_with(part, "", true), none());
}

#[test]
fn options_that_change_nothing() {
    let text = "---\ntitle: A\ndoctest: +STRICT +SKIP\n---\n\
                why\n>>> 1  # doctest: -PY3 +STRICT +SKIP\n1\n";
    assert_eq!(found(text), ["6:24 idle-option"]);
    assert_eq!(found_with(text, "+STRICT", false)[0], "3:1 idle-option");
    assert_eq!(
        found_with(">>> 1  # doctest: +RETRY=2\n1\n", "+RETRY=3", false),
        none()
    );
    let same = ">>> 1  # doctest: +RETRY=2\n1\n";
    assert_eq!(found_with(same, "+RETRY=2", false), ["1:19 idle-option"]);
}

#[test]
fn gates_without_a_word() {
    let example = ">>> 1  # doctest: +FIXME\n1\n";
    assert_eq!(found(example), ["1:1 bare-gate"]);
    assert_eq!(found(&format!("# Title\n\n{example}")), ["3:1 bare-gate"]);
    assert_eq!(found(&format!("Broken since 2.0.\n\n{example}")), none());
    assert_eq!(
        found(&format!("Why.\n\n```\n>>> 2\n2\n\n{example}```\n")),
        none()
    );
    assert_eq!(found(">>> 1  # no net  # doctest: +SKIP\n1\n"), none());
    assert_eq!(found(">>> 1  # doctest: -FIXME\n1\n"), none());
}

#[test]
fn samples_without_a_spec() {
    let root = tempfile::tempdir().unwrap();
    for name in ["hello", "hello-there", "old", ".hidden"] {
        std::fs::create_dir_all(root.path().join("samples").join(name)).unwrap();
    }
    std::fs::write(root.path().join("samples/file"), "").unwrap();
    let file = root.path().join("suite.toml");
    std::fs::write(&file, "# Ours\nsamples = \"samples\"\n").unwrap();
    let suite = SuiteFile::read(&file).unwrap();
    let text = b">>> sample(\"hello-there\")\n";
    let spec = spec::parse("x.md".as_ref(), text, &Vocabulary::default()).unwrap();
    let found = unused_samples(&[&suite], &[&spec]).unwrap();
    let shown: Vec<String> = found.iter().map(|f| f.message.clone()).collect();
    assert_eq!(
        shown,
        [
            "no spec names the sample `hello`",
            "no spec names the sample `old`"
        ]
    );
    assert_eq!(found[0].place, Place::new(2, 1));
}
