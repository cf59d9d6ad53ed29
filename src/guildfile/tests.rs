//! What guild files mean, and that no text does harm.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<GuildFile, Error> {
    GuildFile::parse(Path::new("/p/guild.yml"), text.as_bytes(), &Vec::new)
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn defaults(file: &GuildFile, operation: &str) -> Vec<(String, String)> {
    let model = file.default_model().unwrap();
    model
        .operation(operation)
        .unwrap()
        .flags
        .iter()
        .map(|flag| (flag.name.clone(), values::text(&flag.default)))
        .collect()
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn a_map_of_operations_is_the_anonymous_model() {
    let file = parse("train:\n  main: train\neval: evaluate --fast\n").unwrap();
    let model = file.default_model().unwrap();
    assert_eq!(model.name, "");
    assert_eq!(model.operations.len(), 2);
    assert_eq!(model.default_operation().map(|op| &op.name), None);
    let eval = model.operation("eval").unwrap();
    assert_eq!(eval.main, Main::Module("evaluate --fast".to_string()));
}

#[test]
fn models_have_names_and_one_may_be_the_default() {
    let text = "
- package: p
- model: a
  operations: {x: m}
- model: b
  default: yes
  operations:
    y: {exec: ls, default: yes}
    z: {}
";
    let file = parse(text).unwrap();
    let model = file.default_model().unwrap();
    assert_eq!(model.name, "b");
    assert_eq!(model.default_operation().unwrap().name, "y");
    // An operation that says nothing runs the module of its name.
    let z = model.operation("z").unwrap();
    assert_eq!(z.main, Main::Module("z".to_string()));
}

#[test]
fn the_version_is_the_digest_of_the_bytes() {
    let file = parse("a: b\n").unwrap();
    assert_eq!(file.version, "41c9bf165385ea3b3a520d14e5957cfc");
}

#[test]
fn errors_name_the_file_and_the_place() {
    for (text, expected) in [
        ("a: [", "guild.yml"),
        ("3", "expected a mapping (line 1)"),
        ("- 3", "expected a mapping (line 1: [0])"),
        ("train: {steps: a}", "expected a list (line 1: train.steps)"),
        ("train: 3", "operation '3' 'train'"),
        ("train:\n  flags: 3", "(line 2: train.flags)"),
        (
            "- model: m\n  extends: n\n- config: nn",
            "did you mean 'nn'? (line 2:",
        ),
    ] {
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
        assert!(message.contains("guild.yml"), "{text}: {message}");
    }
}

#[test]
fn what_a_model_says_goes_before_what_it_takes_over() {
    let text = "
- config: rates
  flags: {rate: 0.1}
  params: {steps: 5, name: '{{ who }}-{{ steps }}', who: ann}
  operations:
    train:
      main: train
      sourcecode: [{exclude: data}]
      flags: {steps: '{{ steps }}', name: '{{ name }}', $include: rates}
- model: m
  extends: rates
  params: {steps: 9}
  operations:
    train: {flags: {rate: {description: How fast}, epochs: 3}}
";
    let file = parse(text).unwrap();
    let flags = defaults(&file, "train");
    let expected = [
        ("epochs", "3"),
        ("name", "ann-9"),
        ("rate", "0.1"),
        ("steps", "9"),
    ];
    assert_eq!(pairs(&flags), expected);
    let op = file.models[0].operation("train").unwrap();
    assert_eq!(op.flags[2].description, "How fast");
    assert_eq!(op.sourcecode.as_ref().unwrap().rules.len(), 1);
}

#[test]
fn sections_may_include_some_of_others() {
    let text = "
- config: a
  flags: {x: 1, y: {default: 2, type: int}, $include: b}
- config: b
  flags: {z: 3, x: 9}
- model: m
  operations:
    all: {main: x, flags: {$include: a}}
    some: {main: x, flags: {$include: 'a#x,y', y: 5}}
    op: {main: x, flags: {$include: 'm:some'}}
    steps: {steps: [{run: x, flags: {$include: b, w: 0}}]}
";
    let file = parse(text).unwrap();
    let all = defaults(&file, "all");
    assert_eq!(pairs(&all), [("x", "1"), ("y", "2"), ("z", "3")]);
    assert_eq!(pairs(&defaults(&file, "some")), [("x", "1"), ("y", "5")]);
    assert_eq!(pairs(&defaults(&file, "op")), [("x", "1"), ("y", "5")]);
    let steps = file.models[0].operation("steps").unwrap().steps.clone();
    let expected = crate::base::yaml::load("[{run: x, flags: {x: 9, z: 3, w: 0}}]").unwrap();
    assert_eq!(steps, Some(expected));
}

#[test]
fn files_and_packages_are_included() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "guild.yml",
        "- include: [more.yml, pets]\n- model: m\n  extends: [base, cats/cat]",
    );
    write("more.yml", "- config: base\n  operations: {a: x}");
    write("lib/gpkg/pets/guild.yml", "- config: pet");
    write("lib/cats/guild.yml", "- model: cat\n  operations: {b: y}");
    let search = || vec![dir.path().join("lib")];
    let file = GuildFile::read_with(&dir.path().join("guild.yml"), &search).unwrap();
    let names: Vec<_> = file.models[0]
        .operations
        .iter()
        .map(|op| &op.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
    write("more.yml", "- include: guild.yml");
    let message = GuildFile::read(&dir.path().join("guild.yml")).unwrap_err();
    assert!(
        message.to_string().contains("cycle in 'includes'"),
        "{message}"
    );
}

#[test]
fn sources_have_kinds_and_files_are_chosen() {
    let text = "
- model: m
  resources:
    data:
      path: data
      sources:
        - plain.csv
        - {url: 'http://h/x.zip', sha256: ab, unpack: no, select: [a, b], select-max: 'c-(.)'}
        - {operation: 'prepare,load', rename: 'a b', warn-if-empty: no}
        - {config: c.yml, params: {x: 1}, replace-existing: yes}
  operations:
    op:
      requires: [data, {resource: 'other:x', description: Why}, {module: numpy, name: np}]
";
    let file = parse(text).unwrap();
    let model = &file.models[0];
    let data = model.resource("data").unwrap();
    assert_eq!(data.target_path.as_deref(), Some("data"));
    assert_eq!(data.sources[0].kind, SourceKind::File("plain.csv".into()));
    assert_eq!(data.sources[1].unpack, Some(false));
    assert_eq!(data.sources[1].select[2].which, Which::Largest);
    assert_eq!(data.sources[2].rename[0].replacement, "b");
    assert!(!data.sources[2].warn_if_empty);
    assert_eq!(data.sources[3].params.len(), 1);
    let requires = &model.operation("op").unwrap().requires;
    assert!(matches!(&requires[0], Dependency::Named { resource, .. } if resource == "data"));
    assert!(matches!(&requires[1], Dependency::Named { description, .. } if description == "Why"));
    let numpy = requires[2].resource().unwrap();
    assert_eq!(numpy.sources[0].kind, SourceKind::Module("numpy".into()));
}

#[test]
fn objects_that_are_no_models_are_kept() {
    let text = "- package: p\n  version: 1.2\n  tags: a\n- test: t\n  steps: []\n- config: c";
    let file = parse(text).unwrap();
    let package = file.package.unwrap();
    assert_eq!((package.version.as_str(), package.tags.len()), ("1.2", 1));
    assert_eq!(file.tests.len(), 1);
    assert!(file.models.is_empty());
}

#[test]
fn what_would_grow_without_end_is_refused() {
    // Aliases of aliases.
    let mut laughs = "a0: &a0 {x: x}\n".to_string();
    for at in 1..30 {
        let before = at - 1;
        let copies = vec![format!("*a{before}"); 9].join(", ");
        laughs.push_str(&format!("a{at}: &a{at} {{main: x, extra: [{copies}]}}\n"));
    }
    assert!(refusal(&laughs).contains("guild.yml"));
    // Parameters of parameters.
    let mut text =
        "- model: m\n  operations: {op: '{{ p29 }}'}\n  params:\n    p0: xx\n".to_string();
    for at in 1..30 {
        let before = at - 1;
        text.push_str(&format!(
            "    p{at}: '{{{{p{before}}}}}{{{{p{before}}}}}'\n"
        ));
    }
    assert!(refusal(&text).contains("beyond reason"));
    // Objects that take over others over and over.
    let mut text = "- model: m\n  extends: [c0, c0]\n".to_string();
    for at in 0..30 {
        let next = at + 1;
        text.push_str(&format!("- config: c{at}\n  extends: [c{next}, c{next}]\n"));
    }
    text.push_str("- config: c30\n");
    assert!(refusal(&text).contains("beyond reason"));
    let deep = "[".repeat(5000);
    assert!(refusal(&deep).contains("guild.yml"));
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_of_the_keys() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guild-file.schema.json");
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "docs/guild-file.schema.json is not current: run this test with WRITE_SCHEMA=1"
    );
}

/// Texts that look like guild files.
fn documents() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "model",
        "config",
        "include",
        "package",
        "test",
        "operations",
        "flags",
        "extends",
        "params",
        "$include",
        "resources",
        "requires",
        "sources",
        "file",
        "operation",
        "choices",
        "value",
        "default",
        "type",
        "sourcecode",
        "select",
        "exclude",
        "optimizer",
        "optimizers",
        "algorithm",
        "steps",
        "publish",
        "files",
        "output-scalars",
        "rename",
        "m",
        "a",
        "'m:a#b'",
        "'{{ a }}'",
        "3",
        "no",
        "yes",
        "~",
        "'a b c'",
        "'['",
        "0.5",
    ]);
    let leaf = words.clone().prop_map(str::to_string);
    leaf.prop_recursive(6, 40, 5, move |inner| {
        let entry = (words.clone(), inner.clone()).prop_map(|(key, data)| format!("{key}: {data}"));
        prop_oneof![
            prop::collection::vec(entry, 0..5)
                .prop_map(|entries| format!("{{{}}}", entries.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in documents()) {
        if let Err(error) = parse(&text) {
            prop_assert!(error.to_string().contains("guild.yml"));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = GuildFile::parse(Path::new("/p/guild.yml"), &bytes, &Vec::new);
    }
}
