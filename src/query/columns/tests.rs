//! The grammar of columns, and wildcards.

use proptest::prelude::*;

use super::*;
use crate::query::Which;

fn one(text: &str) -> ColumnSpec {
    let mut columns = ColumnSpec::parse_list(text).unwrap();
    assert_eq!(columns.len(), 1, "{text}");
    columns.remove(0)
}

fn scalar(prefix: &str, tag: &str, which: Which, step: bool) -> Source {
    Source::Scalar(Scalar {
        prefix: prefix.to_string(),
        tag: tag.to_string(),
        which,
        step,
    })
}

#[test]
fn a_column_is_a_scalar_a_flag_or_an_attribute() {
    let flag = |name: &str| Source::Flag(name.to_string());
    let attribute = |name: &str| Source::Attribute(name.to_string());
    for (text, source, heading) in [
        ("=x", flag("x"), "x"),
        ("flag: x", flag("x"), "x"),
        ("= 'a b'", flag("a b"), "a b"),
        ("=min", flag("min"), "min"),
        (".started", attribute("started"), "started"),
        ("attr:train#model", attribute("train#model"), "train#model"),
        ("loss", scalar("", "loss", Which::Last, false), "loss"),
        (
            "scalar:loss",
            scalar("", "loss", Which::Last, false),
            "loss",
        ),
        ("'=x'", scalar("", "=x", Which::Last, false), "=x"),
        (
            "first loss",
            scalar("", "loss", Which::First, false),
            "loss",
        ),
        (
            "min a/b#loss step",
            scalar("a/b", "loss", Which::Min, true),
            "a/b loss step",
        ),
        ("avg é as x", scalar("", "é", Which::Avg, false), "x"),
        (
            "total scalar:n as 'a b' as \"c\\td\"",
            scalar("", "n", Which::Total, false),
            "c\td",
        ),
        ("step", scalar("", "step", Which::Last, false), "step"),
        ("min", scalar("", "min", Which::Last, false), "min"),
        (
            "min step as min",
            scalar("", "min", Which::Last, true),
            "min",
        ),
        ("max 'step'", scalar("", "step", Which::Max, false), "step"),
        (
            "losses/.+",
            scalar("", "losses/.+", Which::Last, false),
            "losses/.+",
        ),
        (
            "#loss as ''",
            scalar("", "loss", Which::Last, false),
            "loss",
        ),
    ] {
        let column = one(text);
        assert_eq!(column.source, source, "{text}");
        assert_eq!(column.heading(), heading, "{text}");
    }
}

#[test]
fn columns_are_listed_with_commas_on_any_number_of_lines() {
    let columns = ColumnSpec::parse_list(" =a,.b , min c\n,\td step as e ").unwrap();
    let shown: Vec<String> = columns.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["=a", ".b", "min c", "d step as e"]);
}

#[test]
fn an_error_tells_the_place() {
    for (text, message, marked) in [
        ("", "query string cannot be empty", ""),
        (" \n ", "query string cannot be empty", ""),
        (
            "minn loss",
            "unexpected token 'loss', line 1, pos 12",
            "  minn loss\n       ^",
        ),
        (
            "a,\n\tb c",
            "unexpected token 'c', line 2, pos 13",
            "  \tb c\n  \t  ^",
        ),
        ("a,", "unexpected end, line 1, pos 9", "  a,\n    ^"),
        (
            "a,,b",
            "unexpected token ',', line 1, pos 9",
            "  a,,b\n    ^",
        ),
        ("=", "unexpected end, line 1, pos 8", "  =\n   ^"),
        ("..x", "unexpected token '.', line 1, pos 8", "  ..x\n   ^"),
        (
            "=x step",
            "unexpected token 'step', line 1, pos 10",
            "  =x step\n     ^",
        ),
        ("a as", "unexpected end, line 1, pos 11", "  a as\n      ^"),
        (
            "a as =x",
            "unexpected token '=', line 1, pos 12",
            "  a as =x\n       ^",
        ),
        (
            "as b",
            "unexpected token 'as', line 1, pos 7",
            "  as b\n  ^",
        ),
        (
            "a 'b",
            "no quote ends the text, line 1, pos 9",
            "  a 'b\n    ^",
        ),
        ("a#", "unexpected token 'a#', line 1, pos 7", "  a#\n  ^"),
        ("=''", "unexpected token '''', line 1, pos 8", "  =''\n   ^"),
    ] {
        let error = ColumnSpec::parse_list(text).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert_eq!(error.marked(text), marked, "{text}");
    }
    let error = ColumnSpec::parse_list("\"\\q\"").unwrap_err();
    assert!(matches!(error, Error::Text { .. }), "{error}");
}

#[test]
fn wildcards_stand_for_what_matches_all_of_them() {
    for (name, matching, others) in [
        ("loss*", &["loss", "loss/a"][..], &["a/loss", "los"][..]),
        ("*/loss", &["a/loss", "a/b/loss"], &["loss"]),
        (
            "losses/.+",
            &["losses/a", "losses/a/b"],
            &["losses/", "losses"],
        ),
        ("losses/.*", &["losses/"], &["losses"]),
        ("x?", &["x1", "xé"], &["x", "x10"]),
        ("x[0-9]", &["x1"], &["xa", "x10"]),
        ("x[!0-9]", &["xa"], &["x1"]),
        ("losses/[^ ,]+", &["losses/ab"], &["losses/a b"]),
        ("[]]*", &["]x"], &["x"]),
        (r"a\*b*", &["a*bc"], &["axb"]),
        ("a+b.c*", &["a+b.c"], &["aab.c", "a+bxc"]),
    ] {
        let wildcard = Wildcard::of(name).expect(name);
        for text in matching {
            assert!(wildcard.matches(text), "{name} {text}");
        }
        for text in others {
            assert!(!wildcard.matches(text), "{name} {text}");
        }
    }
    for plain in ["loss", "a.b", "top[1", "", "a+", "[z-a]"] {
        assert!(Wildcard::of(plain).is_none(), "{plain}");
    }
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z.=#/*]{1,6}",
        "(min|step|as|AS|last|flag:|attr:x|scalar:y|'|\"|,)",
        "[ -~é\t]{1,4}",
    ]
    .prop_filter("no name behind the sign", |name| !name.ends_with('#'))
}

fn any_column() -> impl Strategy<Value = ColumnSpec> {
    let source = prop_oneof![
        any_name().prop_map(Source::Attribute),
        any_name().prop_map(Source::Flag),
        (any_name(), 0..Which::ALL.len(), any::<bool>()).prop_map(|(name, which, step)| {
            Source::Scalar(Scalar {
                which: Which::ALL[which],
                step,
                ..Scalar::last(&name)
            })
        }),
    ];
    let label = prop::option::of(any_name());
    (source, label).prop_map(|(source, label)| ColumnSpec { source, label })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(
        columns in prop::collection::vec(any_column(), 1..4)
    ) {
        let written: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let written = written.join(", ");
        prop_assert_eq!(ColumnSpec::parse_list(&written), Ok(columns), "{}", written);
    }

    #[test]
    fn any_text_is_columns_or_an_error_with_a_place(text in "[a-c .=,'\"\\\\\n#*\\[\\]é]{0,12}") {
        match ColumnSpec::parse_list(&text) {
            Ok(columns) => for column in columns {
                prop_assert!(!column.heading().is_empty() || column.source.heading().is_empty());
            },
            Err(error) => {
                error.marked(&text);
            }
        }
    }
}
