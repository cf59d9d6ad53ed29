//! Arguments and variables as section 5.2 of the run format has them.

use super::*;

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(Map::from_iter(entries))
}

fn args(value: Value, dest: FlagDest, spec: FlagSpec) -> Vec<String> {
    let flags = Map::from_iter([("x", value)]);
    flag_args(&flags, dest, |_| Some(&spec), false, &[]).args
}

fn split_at(separator: &str) -> FlagSpec {
    FlagSpec {
        arg_split: Some(separator.into()),
        ..FlagSpec::default()
    }
}

#[test]
fn arguments_for_a_parser() {
    let cases: [(Value, &str); 10] = [
        (true.into(), "1"),
        (false.into(), ""),
        (1.into(), "1"),
        (1e-5.into(), "1e-05"),
        (1e16.into(), "1e+16"),
        ("a b".into(), "a b"),
        ("".into(), ""),
        (list(["a b".into(), 1.into(), true.into()]), "'a b' 1 yes"),
        (
            map([("b".into(), "it's".into()), ("a".into(), Value::Null)]),
            r#"{'a': None, 'b': "it's"}"#,
        ),
        (
            Value::BigInt("12345678901234567890".into()),
            "12345678901234567890",
        ),
    ];
    for (value, expected) in cases {
        let made = args(value.clone(), FlagDest::Args, FlagSpec::default());
        assert_eq!(made, ["--x", expected], "{value:?}");
    }
    assert!(args(Value::Null, FlagDest::Args, FlagSpec::default()).is_empty());
}

#[test]
fn arguments_for_globals() {
    let cases: [(Value, &str); 7] = [
        (true.into(), "true"),
        (1e-5.into(), "1.0e-05"),
        ("2".into(), "'2'"),
        ("".into(), "''"),
        ("a: b".into(), "'a: b'"),
        (list([1.into(), "y".into()]), "[1, y]"),
        (map([("a".into(), Value::Null)]), "{a: null}"),
    ];
    for (value, expected) in cases {
        for dest in ["globals", "global:p", "dict:p", "namespace:p"] {
            let dest = FlagDest::parse(Some(dest));
            let made = args(value.clone(), dest, FlagSpec::default());
            assert_eq!(made, ["--x", expected], "{value:?}");
        }
    }
}

#[test]
fn unknown_destinations_are_arguments() {
    for dest in [
        "args",
        "args:click",
        "none",
        "config:a.yml",
        "global",
        "globals:a",
        "",
    ] {
        assert_eq!(FlagDest::parse(Some(dest)), FlagDest::Args);
    }
    assert_eq!(FlagDest::parse(None), FlagDest::Args);
}

#[test]
fn split_values_are_several_arguments() {
    let text = Value::from("a,b,,c");
    assert_eq!(
        args(text.clone(), FlagDest::Args, split_at(",")),
        ["--x", "a", "b", "c"]
    );
    assert_eq!(
        args(text.clone(), FlagDest::Members, split_at(",")),
        ["--x", "a", "b", "c"]
    );
    assert_eq!(
        args(text, FlagDest::Globals, split_at(",")),
        ["--x", "[a, b, c]"]
    );
    let shell = FlagSpec {
        arg_split: Some(true.into()),
        ..FlagSpec::default()
    };
    let text = Value::from("1 'b c'");
    assert_eq!(
        args(text.clone(), FlagDest::Args, shell.clone()),
        ["--x", "1", "b c"]
    );
    assert_eq!(
        args(text, FlagDest::Globals, shell.clone()),
        ["--x", "[1, b c]"]
    );
    assert!(args("".into(), FlagDest::Args, shell.clone()).is_empty());
    // Lists are joined instead, as they are trials where they are split.
    let items = list([1.into(), 2.into()]);
    assert_eq!(args(items, FlagDest::Args, split_at(",")), ["--x", "1,2"]);
    // Guild AI crashes on these.
    assert_eq!(args(3.into(), FlagDest::Args, shell.clone()), ["--x", "3"]);
    assert_eq!(
        args(true.into(), FlagDest::Members, shell.clone()),
        ["--x", "[true]"]
    );
    assert_eq!(args("it's".into(), FlagDest::Args, shell), ["--x", "it's"]);
}

#[test]
fn a_split_value_is_a_list_to_a_member_whatever_it_holds() {
    for (text, expected) in [
        ("1", &["--x", "[1]"][..]),
        ("", &["--x", "[]"]),
        ("-1,2.5", &["--x", "-1", "2.5"]),
        // Read one by one these are a name, and ten.
        ("--a,b", &["--x", "[--a, b]"]),
        ("012,1", &["--x", "[12, 1]"]),
        ("'012',b", &["--x", "'012'", "b"]),
    ] {
        let made = args(text.into(), FlagDest::Members, split_at(","));
        assert_eq!(made, expected, "{text}");
    }
    let made = args("012,1".into(), FlagDest::Globals, split_at(","));
    assert_eq!(made, ["--x", "[12, 1]"]);
}

#[test]
fn switches_are_given_for_their_value() {
    let switch = |value: Value| FlagSpec {
        arg_switch: Some(value),
        ..FlagSpec::default()
    };
    assert_eq!(
        args(true.into(), FlagDest::Args, switch(true.into())),
        ["--x"]
    );
    assert_eq!(args(1.into(), FlagDest::Args, switch(true.into())), ["--x"]);
    assert!(args(false.into(), FlagDest::Args, switch(true.into())).is_empty());
    assert_eq!(
        args(false.into(), FlagDest::Args, switch(false.into())),
        ["--x"]
    );
    assert_eq!(
        args("a".into(), FlagDest::Args, switch(Value::Null)),
        ["--x", "a"]
    );
}

#[test]
fn encodings_replace_values() {
    let words = Map::from_iter([(true, "on"), (false, "off")]);
    let spec = FlagSpec {
        arg_encoding: Some(words.clone()),
        ..FlagSpec::default()
    };
    assert_eq!(
        args(false.into(), FlagDest::Args, spec.clone()),
        ["--x", "off"]
    );
    assert_eq!(args(1.into(), FlagDest::Args, spec.clone()), ["--x", "on"]);
    assert_eq!(
        args(true.into(), FlagDest::Globals, spec.clone()),
        ["--x", "true"]
    );
    assert_eq!(encode_env(&true.into(), Some(&spec)), "on");
    let spec = FlagSpec {
        env_encoding: Some(Map::from_iter([(true, "ON")])),
        ..spec
    };
    assert_eq!(encode_env(&true.into(), Some(&spec)), "ON");
    assert_eq!(encode_env(&false.into(), Some(&spec)), "off");
}

#[test]
fn flags_without_a_definition_are_left_out_unless_forced() {
    let flags =
        Map::from_iter([("b", 1), ("a", 2)].map(|(name, number)| (name, Value::Int(number))));
    let spec = FlagSpec {
        arg_name: Some("aa".into()),
        ..FlagSpec::default()
    };
    let spec_of = |name: &str| (name == "a").then_some(&spec);
    let made = flag_args(&flags, FlagDest::Args, spec_of, false, &[]);
    assert_eq!(made.args, ["--aa", "2"]);
    let made = flag_args(&flags, FlagDest::Args, spec_of, true, &[]);
    assert_eq!(made.args, ["--aa", "2", "--b", "1"]);
    let made = flag_args(&flags, FlagDest::Args, spec_of, true, &["--b".into()]);
    assert_eq!(made.args, ["--aa", "2"]);
    let warning = "ignoring flag 'b=1' because it's shadowed in the operation cmd as --b";
    assert_eq!(made.warnings, [warning]);
}

#[test]
fn variables_have_all_flags() {
    let flags = Map::from_iter([
        ("a-b.c", Value::Float(0.001)),
        ("skip", Value::Null),
        ("own", true.into()),
    ]);
    let spec = FlagSpec {
        arg_skip: Some(true),
        env_name: Some("my_name".into()),
        ..FlagSpec::default()
    };
    let env = flag_env(&flags, |name| (name == "own").then_some(&spec));
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        env,
        [("FLAG_A_B_C", "0.001"), ("FLAG_SKIP", ""), ("my_name", "1")]
    );
}
