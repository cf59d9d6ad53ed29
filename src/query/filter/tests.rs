//! The grammar and the meaning of filter expressions.

mod round_trip;

use super::*;
use crate::base::yaml;

/// A run with a value of each kind.
struct Run;

impl Run {
    fn value(of: &str, name: &str) -> Option<Value> {
        let text = match (of, name) {
            ("attribute", "id") => "abcd1234",
            ("attribute", "label") => "Hello World a=1",
            ("attribute", "tags") => "[red, green, Blue]",
            ("attribute", "empty") => "''",
            ("flag", "id") => "'4321'",
            ("flag", "lr") => "0.1",
            ("flag", "epochs") => "60",
            ("flag", "zero") => "0",
            ("flag", "name") => "Red",
            ("flag", "digits") => "'1'",
            ("flag", "on") => "true",
            ("flag", "list") => "[1, two, 3.0]",
            ("flag", "map") => "{x: 1}",
            ("flag", "nan") => ".nan",
            ("flag", "model") => "flagged",
            ("logged", "model") => "cnn",
            ("logged", "note") => "some words",
            _ => return None,
        };
        yaml::load(text).ok()
    }
}

impl Subject for Run {
    fn attribute(&self, name: &str) -> Option<Value> {
        Self::value("attribute", name)
    }

    fn flag(&self, name: &str) -> Option<Value> {
        Self::value("flag", name)
    }

    fn logged_attribute(&self, name: &str) -> Option<Value> {
        Self::value("logged", name)
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        let place = (scalar.prefix.as_str(), scalar.tag.as_str());
        let value = match (place, scalar.which, scalar.step) {
            (("", "loss" | "lr"), crate::query::Which::Last, false) => 0.5,
            (("", "loss"), crate::query::Which::Last, true) => 9.0,
            (("", "loss"), crate::query::Which::Min, false) => 0.25,
            (("", "loss"), crate::query::Which::Min, true) => 4.0,
            (("val", "loss"), crate::query::Which::Last, false) => 0.75,
            _ => return None,
        };
        Some(Value::Float(value))
    }
}

fn parse(text: &str) -> Result<Expression, Error> {
    text.parse()
}

fn holds(text: &str) -> bool {
    parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .holds(&Run)
}

fn all_hold(expected: bool, texts: &[&str]) {
    for text in texts {
        assert_eq!(holds(text), expected, "{text}");
    }
}

#[test]
fn values_compare_as_in_python() {
    let yes = [
        "lr = 0.1",
        "lr=.1",
        "lr = 1e-1",
        "lr < 0.2",
        "lr <= 0.1",
        "lr > -.5",
        "lr >= 0.1",
        "epochs = 60.0",
        "epochs != 61",
        "epochs <> 61",
        "epochs is 60",
        "epochs is not 61",
        "on = true",
        "on = 1",
        "on >= 1",
        "name = Red",
        "name = 'Red'",
        "name > Apple",
        "digits = '1'",
        "digits != 1",
        "list = [1, 'two', 3]",
        "list < [2]",
        "list > [0, z]",
        "nan != 1",
        "name != 5",
        "zero = false",
        "epochs = 074",
        "empty = ''",
        "label = \"Hello World a=1\"",
        "started is undefined",
        "empty is not undefined",
    ];
    let no = [
        "lr = '0.1'",
        "lr > 0.1",
        "name = red",
        "name < 5",
        "5 < 5 and true",
        "map < 3",
        "nan = 1",
        "nan < 1",
        "list < 3",
        "list > [1, 5]",
        "digits = 1",
        "lr = true",
        "empty is undefined",
    ];
    all_hold(true, &yes);
    all_hold(false, &no[..4]);
    all_hold(false, &no[5..]);
}

#[test]
fn what_is_not_set_is_undefined_and_has_no_order() {
    all_hold(
        true,
        &[
            "no is undefined",
            "no = undefined",
            "no != 5",
            "no is not 5",
            "not no = 5",
            "no in [undefined]",
        ],
    );
    all_hold(
        false,
        &[
            "no is not undefined",
            "no < 5",
            "no >= 5",
            "no <= undefined",
            "no = ''",
            "no in [1]",
        ],
    );
}

#[test]
fn a_list_is_looked_into() {
    all_hold(
        true,
        &[
            "name in [Red, green]",
            "name not in [red]",
            "epochs in [1, 60]",
            "on in [1]",
            "list in [[1, two, 3]]",
            "no not in [1]",
        ],
    );
    all_hold(
        false,
        &[
            "name in [red]",
            "epochs in ['60']",
            "list in [1]",
            "name not in [Red]",
        ],
    );
}

#[test]
fn a_text_contains_parts_in_any_case_and_a_list_whole_items() {
    all_hold(
        true,
        &[
            "label contains hello",
            "label contains 'LO WO'",
            "label not contains bye",
            "epochs contains 6",
            "on contains ru",
            "map contains x",
            "list contains two",
            "list contains 1",
            "list contains 3.0",
            "list contains true",
            "tags contains red",
            "tags contains [green, red]",
            "tags not contains [red, blue]",
            "no not contains x",
            "note contains WORDS",
            "zero not contains 0",
            "name contains ''",
        ],
    );
    all_hold(
        false,
        &[
            "label contains bye",
            "tags contains RED",
            "tags contains re",
            "tags contains [red, x]",
            "list contains 'TWO'",
            "list contains '1'",
            "no contains x",
            "no contains undefined",
            "zero contains 0",
            "empty contains ''",
            "name contains [Red]",
        ],
    );
}

#[test]
fn a_name_is_an_attribute_else_a_flag_else_a_scalar() {
    all_hold(
        true,
        &[
            "id = abcd1234",
            "flag:id = '4321'",
            "attr:id = abcd1234",
            "lr = 0.1",
            "scalar:lr = 0.5",
            "loss = 0.5",
            "val#loss = 0.75",
            "scalar:val#loss = 0.75",
            "scalar:#loss = 0.5",
            "model = flagged",
            "attr:model = cnn",
            "attr:lr is undefined",
            "flag:loss is undefined",
            "FLAG:lr is undefined",
        ],
    );
}

#[test]
fn scalars_have_other_values_and_steps() {
    all_hold(
        true,
        &[
            "min loss = 0.25",
            "min scalar:loss < 0.3",
            "loss step = 9",
            "min loss step = 4",
            "scalar:loss step > 8",
            "last loss = 0.5",
            "max loss is undefined",
            "min loss in [0.25]",
            "min loss not contains 3",
        ],
    );
    // Words that are keys where nothing follows that makes them others.
    all_hold(false, &["min = 1", "step = 1", "min step = 1"]);
    for (text, position, token) in [
        ("min loss", None, ""),
        ("min flag:lr < 1", Some(4), "'flag:lr'"),
        ("flag:lr step < 1", Some(8), "'step'"),
        ("least loss < 1", Some(6), "'loss'"),
        ("min loss x < 1", Some(9), "'x'"),
        ("min loss and true", Some(9), "'and'"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        let expected = position.map_or(
            "syntax error in filter - unexpected end of expresion".to_string(),
            |at| format!("syntax error in filter at position {at}: unexpected token {token}"),
        );
        assert_eq!(error, expected, "{text}");
    }
}

#[test]
fn and_and_or_have_one_rank_and_are_read_from_the_right() {
    all_hold(
        true,
        &[
            "true or false and false",
            "not true or true",
            "not false and true",
            "not not true",
            "true and (false or true)",
            "TRUE And True",
            "1",
            "'x'",
            "anything",
            "not 0",
            "[0]",
            "not undefined",
            "(((true)))",
            "not (lr = 1)",
        ],
    );
    all_hold(
        false,
        &[
            "false and false or true",
            "(true or false) and false",
            "not true and true or true",
            "0",
            "''",
            "undefined",
            "not lr = 0.1 and true",
        ],
    );
}

#[test]
fn what_does_not_decide_is_not_asked_for() {
    struct Picky;
    impl Subject for Picky {
        fn attribute(&self, name: &str) -> Option<Value> {
            assert_eq!(name, "a", "asked for more than decides");
            Some(Value::Int(1))
        }
        fn flag(&self, _: &str) -> Option<Value> {
            unreachable!("the attribute is there")
        }
        fn logged_attribute(&self, _: &str) -> Option<Value> {
            unreachable!("the attribute is there")
        }
        fn scalar(&self, _: &Scalar) -> Option<Value> {
            unreachable!("the attribute is there")
        }
    }
    assert!(parse("a = 1 or b = 1").unwrap().holds(&Picky));
    assert!(!parse("a = 2 and b = 1").unwrap().holds(&Picky));
}

#[test]
fn values_have_several_forms() {
    for (text, expected) in [
        ("1", Value::Int(1)),
        ("-1", Value::Int(-1)),
        ("010", Value::Int(8)),
        ("08", Value::from("08")),
        ("1.5", Value::Float(1.5)),
        (".5", Value::Float(0.5)),
        ("-.5", Value::Float(-0.5)),
        (".5e2", Value::Float(50.0)),
        ("1e5", Value::Float(100_000.0)),
        ("1.5e+3", Value::Float(1500.0)),
        ("1e400", Value::Float(f64::INFINITY)),
        (
            "99999999999999999999",
            Value::BigInt("99999999999999999999".into()),
        ),
        ("fAlse", Value::Bool(false)),
        ("undefined", Value::Null),
        ("null", Value::from("null")),
        ("x@y/z#1", Value::from("x@y/z#1")),
        ("größe", Value::from("größe")),
        ("_x", Value::from("_x")),
        (r#""a\tb \"c\" \u00e9""#, Value::from("a\tb \"c\" é")),
        (r"'a\tb \'c\''", Value::from(r"a\tb 'c'")),
        ("' 1 '", Value::from(" 1 ")),
        ("[a, [1, 'b']]", yaml::load("[a, [1, b]]").unwrap()),
    ] {
        assert_eq!(parse(text), Ok(Expression::Value(expected)), "{text}");
    }
}

#[test]
fn faults_are_told_with_their_place() {
    for (text, message) in [
        ("", "- unexpected end of expresion"),
        (" ", "- unexpected end of expresion"),
        ("a =", "- unexpected end of expresion"),
        ("(a = 1", "- unexpected end of expresion"),
        ("[a, b", "- unexpected end of expresion"),
        ("a = 1 and", "- unexpected end of expresion"),
        ("foo = (", "at position 6: unexpected token '('"),
        ("a == 1", "at position 3: unexpected token '='"),
        ("'a' = 1", "at position 4: unexpected token '='"),
        ("a 1", "at position 2: unexpected token 1"),
        ("a b'c", "at position 2: unexpected token \"b'c\""),
        ("1-2", "at position 1: unexpected token -2"),
        ("a = 1.5.3", "at position 7: unexpected token 0.3"),
        ("a = 100x", "at position 7: unexpected token 'x'"),
        ("a not = 1", "at position 6: unexpected token '='"),
        ("a is in [1]", "at position 5: unexpected token 'in'"),
        ("a in 1", "at position 5: unexpected token 1"),
        ("a in []", "at position 6: unexpected token ']'"),
        ("a in [1,]", "at position 8: unexpected token ']'"),
        ("[1 2]", "at position 3: unexpected token 2"),
        ("a = 1)", "at position 5: unexpected token ')'"),
        ("AND b", "at position 0: unexpected token 'AND'"),
        ("undefined = 1", "at position 10: unexpected token '='"),
        ("a && b", "at position 2: unexpected character '&'"),
        ("a = +1", "at position 4: unexpected character '+'"),
        ("a ! = 1", "at position 2: unexpected character '!'"),
        ("a = 1.", "at position 5: unexpected character '.'"),
        ("a = 'b", "at position 4: unexpected character '''"),
        ("a = \"b\nc\"", "at position 4: unexpected character '\"'"),
        ("é ü = (", "at position 2: unexpected token 'ü'"),
        (
            "a = 1 or\nbb(",
            "on line 2, position 11: unexpected token '('",
        ),
        (
            r#"a = "\q""#,
            r#"at position 4: found unknown escape character 'q' in "\q""#,
        ),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert_eq!(error, format!("syntax error in filter {message}"), "{text}");
    }
}

#[test]
fn depth_has_a_limit_and_length_has_none() {
    for (open, close) in [("(", ")"), ("[", "]"), ("not ", "")] {
        let nested = |depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&nested(100)).is_ok(), "{open}");
        let error = parse(&nested(10_000)).unwrap_err().to_string();
        assert!(error.contains("more than 100 levels"), "{error}");
    }
    let long = "lr = 0.1 and ".repeat(10_000) + "true";
    assert!(holds(&long));
}
