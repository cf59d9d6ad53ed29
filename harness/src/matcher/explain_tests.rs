//! What wildcards and captures take, and where a comparison stops.

use proptest::prelude::*;

use super::super::{Binding, Scope, matches, prepare_actual};
use std::sync::Arc;

use super::*;
use crate::match_type::MatchTypes;
use crate::options::{OptionSet, Vocabulary};

fn rules(options: &str) -> Rules {
    Rules::from_options(&OptionSet::parse(options, &Vocabulary::default()).unwrap())
}

fn came(output: &str) -> Actual {
    Actual {
        output: output.to_owned(),
        exception: None,
    }
}

fn explained(expected: &str, output: &str, rules: &Rules) -> Explanation {
    explain(expected, &came(output), rules)
}

/// The bindings, as `name=value`.
fn bindings(expected: &str, output: &str) -> Option<Vec<String>> {
    let found = explained(expected, output, &rules("+CAPTURES"));
    let shown = |c: &Captured| format!("{}={}", c.name, c.value);
    found
        .agrees
        .then(|| found.bindings.iter().map(shown).collect())
}

#[test]
fn wildcards_take_text_of_the_output() {
    let found = explained(
        "a ...\n--\n... z\n",
        "a  b   c\n--\nd\t z\n",
        &Rules::default(),
    );
    assert!(found.agrees);
    let texts: Vec<_> = found.taken.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(texts, ["b   c", "d"]);
    let second = &found.taken[1];
    assert_eq!(second.expected, Place { line: 2, column: 0 });
    assert_eq!(second.actual, Place { line: 2, column: 0 });
}

#[test]
fn captures_bind() {
    assert_eq!(
        bindings("run id is {run:word} ({n:int})\n", "run id is a-1 (12)\n").unwrap(),
        ["run=a-1", "n=12"]
    );
    assert_eq!(bindings("id {:word}\n", "id x\n").unwrap().len(), 0);
    assert_eq!(bindings("id {_:word}\n", "id x\n").unwrap().len(), 0);
    assert_eq!(bindings("id {x:int}\n", "id x\n"), None);
    assert_eq!(
        bindings("...\n{x:text}\nend\n", "a\nb  c\nend\n").unwrap(),
        ["x=b  c"]
    );
    assert_eq!(bindings("<{x:any}>\n", "<a\n\nb>\n").unwrap(), ["x=a\n\nb"]);
}

#[test]
fn a_name_takes_the_same_text_everywhere() {
    let expected = "{x:word} {x:word}\n";
    assert_eq!(bindings(expected, "a a\n").unwrap(), ["x=a"]);
    let found = explained(expected, "a b\n", &rules("+CAPTURES"));
    assert!(!found.agrees);
    assert_eq!(
        found.notes,
        ["`x` is `a` in line 1 of the output, and `b` in line 1"]
    );
    // The wildcard goes on until the name fits.
    let expected = "start {x:word}\n...\nend {x}\n";
    let output = "start a\nend b\nend a\n";
    assert_eq!(bindings(expected, output).unwrap(), ["x=a"]);
}

#[test]
fn a_bound_name_stands_for_its_text() {
    let binding = Binding {
        value: "a.b".into(),
        kind: "text".into(),
        line: 7,
    };
    let rules = rules("+CAPTURES").within(Scope {
        bound: Arc::new(BTreeMap::from([("x".to_owned(), binding)])),
        ..Scope::default()
    });
    assert!(explained("is {x}\n", "is a.b\n", &rules).agrees);
    let found = explained("is {x}\n", "is axb\n", &rules);
    assert!(!found.agrees);
    assert_eq!(
        found.notes,
        ["`x` is `axb` here, and was bound to `a.b` at line 7"]
    );
}

#[test]
fn braces_of_other_kinds_are_text() {
    for text in ["{}", "{...}", "{1, 2}", "{'a': {}}", "{a b}", "{:}", "{{}}"] {
        assert_eq!(bindings(text, text).map(|b| b.len()), Some(0), "{text}");
    }
    assert_eq!(
        bindings("{{x:word}} {{y}}\n", "{x:word} {y}\n"),
        Some(vec![])
    );
    assert_eq!(
        bindings("{\"n\": {n:int}}\n", "{\"n\": 3}\n").unwrap(),
        ["n=3"]
    );
    assert!(explained("{x:word}\n", "{x:word}\n", &rules("")).agrees);
}

#[test]
fn a_literal_ellipsis() {
    assert!(bindings("a{:ellipsis} ... z\n", "a... b z\n").is_some());
    assert!(bindings("a{:ellipsis} ... z\n", "ab b z\n").is_none());
}

#[test]
fn what_cannot_be_compared() {
    let found = explained("{x:wrod}\n", "a\n", &rules("+CAPTURES"));
    assert_eq!(
        found.notes,
        ["unknown match type `wrod` (did you mean `word`?)"]
    );
    let found = explained("{x}\n", "a\n", &rules("+CAPTURES"));
    assert!(found.notes[0].starts_with("`x` stands for nothing"));
}

#[test]
fn types_of_the_file() {
    let mut types = MatchTypes::default();
    types.define("run-id", "[0-9a-f]{4}").unwrap();
    let rules = rules("+CAPTURES").within(Scope {
        types: Arc::new(types),
        ..Scope::default()
    });
    assert!(explained("{:run-id}!\n", "00ff!\n", &rules).agrees);
    assert!(!explained("{:run-id}!\n", "00fg!\n", &rules).agrees);
}

#[test]
fn where_it_stops() {
    let stop = |expected: &str, output: &str| {
        let stop = explained(expected, output, &Rules::default()).stop.unwrap();
        let at = |place: Place| (place.line, place.column);
        (
            stop.piece,
            at(stop.expected),
            at(stop.actual),
            stop.searched,
        )
    };
    assert_eq!(
        stop("a\nb  c\nd\n", "a\nb d\n"),
        ("b  c".into(), (1, 0), (1, 0), false)
    );
    assert_eq!(
        stop("a ... c\n...\nq\n", "a b c\nd\n"),
        ("q".into(), (2, 0), (1, 0), true)
    );
    assert_eq!(
        stop("a\n", "a\nb\n"),
        (String::new(), (0, 0), (1, 0), false)
    );
}

#[test]
fn explaining_agrees_with_the_comparison_of_exceptions() {
    let actual = Actual {
        output: String::new(),
        exception: Some(crate::matcher::Exception {
            message: "ValueError: no 12\n".into(),
            traceback: String::new(),
        }),
    };
    let expected = "Traceback (most recent call last):\n  x\nValueError: no {n:int}\n";
    let found = explain(expected, &actual, &rules("+CAPTURES"));
    assert!(found.agrees);
    assert_eq!(
        (found.bindings[0].value.as_str(), found.bindings[0].line),
        ("12", 2)
    );
}

proptest! {
    #[test]
    fn the_pattern_means_what_the_search_means(
        pieces in proptest::collection::vec("[ab \n]{0,3}", 1..5),
        actual in "[ab \n]{0,12}",
        options in prop_oneof![Just(""), Just("-NORMALIZE_WHITESPACE"), Just("+DONT_ACCEPT_BLANKLINE")],
    ) {
        let rules = rules(options);
        let expected = pieces.join("...");
        let found = search(&expected, &actual, &rules).unwrap();
        // The same text agrees with itself before anything is made of it.
        let agrees = found.agrees || expected == actual;
        prop_assert_eq!(agrees, matches(&expected, &actual, &rules));
    }

    #[test]
    fn traced_output_is_prepared_output(actual in "[a \n\u{1b}\\[0m<exit>]{0,30}") {
        let rules = Rules::default();
        let traced = traced_actual(&actual, &rules).text;
        prop_assert_eq!(&*traced, &*prepare_actual(&actual, &rules));
    }

    #[test]
    fn what_was_captured_is_put_back(
        words in proptest::collection::vec("[a-z0-9.*+(){}\\\\-]{1,6}", 1..6),
    ) {
        let output: String = words.iter().map(|w| format!("is <{w}>\n")).collect();
        let expected: String = (0..words.len()).map(|i| format!("is <{{x{i}:text}}>\n")).collect();
        let found = explained(&expected, &output, &rules("+CAPTURES"));
        prop_assert!(found.agrees);
        let values: Vec<_> = found.bindings.iter().map(|c| c.value.clone()).collect();
        prop_assert_eq!(&values, &words);
        let bound = found.bindings.iter().map(|c| (c.name.clone(), Binding {
            value: c.value.clone(), kind: c.kind.clone(), line: 1,
        }));
        let later = rules("+CAPTURES").within(Scope { bound: Arc::new(bound.collect()), ..Scope::default() });
        prop_assert!(explained(&expected.replace(":text", ""), &output, &later).agrees);
    }
}
