//! What front matter takes, and what it refuses.

use super::*;

fn parse(text: &str) -> Result<(FrontMatter, usize), FrontMatterError> {
    let lines: Vec<&str> = text.lines().collect();
    read(&lines, &Vocabulary::default())
}

fn message(text: &str) -> (usize, String) {
    let error = parse(text).unwrap_err();
    (error.place.line, error.message)
}

#[test]
fn options() {
    let (front, lines) = parse("---\ndoctest: -WINDOWS -MACOS # why\n---\n\n# T").unwrap();
    assert_eq!(lines, 3);
    assert_eq!(front.options.get("WINDOWS"), Some(false));
    assert_eq!(parse("# T\n---\n").unwrap(), (FrontMatter::default(), 0));
    assert_eq!(parse("---\n---\n").unwrap().1, 2);
    assert_eq!(parse("---\ntitle: T\nx-any: [1]\n...\n").unwrap().1, 4);
}

#[test]
fn what_others_select_and_order_by() {
    let (front, _) = parse(
        "---\ntags: [slow, net, slow, 3]\ngroup: port-80\ntitle: T\ndescription: D\n\
         timeout: {command: 2, spec: 1m}\n---\n",
    )
    .unwrap();
    assert_eq!(front.tags, ["slow", "net", "3"]);
    assert_eq!(front.group.as_deref(), Some("port-80"));
    assert_eq!(front.limits.command, Some(Duration::from_secs(2)));
    assert_eq!(front.limits.example, None);
    assert_eq!(front.limits.spec, Some(Duration::from_secs(60)));
    let (front, _) = parse("---\ntags: slow, net\ntimeout: 1.5s\n---\n").unwrap();
    assert_eq!(front.tags, ["slow", "net"]);
    assert_eq!(front.limits.spec, Some(Duration::from_millis(1500)));
    for (text, part) in [
        ("tags: {a: 1}", "`tags` is a map, not a list of words"),
        ("tags: [a b]", "`tags`: `a b` is not a word"),
        ("group: a b", "`group`: `a b` is not a word"),
        ("group: [a]", "`group` is a list, not a string"),
        ("timeout: soon", "`timeout`: `soon` is not a duration"),
        ("timeout: 0", "`timeout`: `0` is not a duration"),
        ("timeout: {all: 3s}", "unknown limit `all`"),
        ("title: [x]", "`title` is a list"),
    ] {
        let (line, told) = message(&format!("---\n{text}\n---\n"));
        assert!(line == 2 && told.contains(part), "{told}");
    }
}

#[test]
fn faults() {
    assert_eq!(message("---\ntitle: x\n").0, 1);
    assert_eq!(
        message("---\n- a\n---\n").1,
        "front matter is a list, not a map of keys"
    );
    assert_eq!(
        message("---\nplain\n---\n").1,
        "front matter is a string, not a map of keys"
    );
    let (line, text) = message("---\ntitle: T\ndoctst: +SKIP\n---\n");
    assert_eq!((line, text.contains("did you mean `doctest`")), (3, true));
    let (line, text) = message("---\ndoctest: +SKPI\n---\n");
    assert_eq!((line, text.contains("`SKIP`")), (2, true));
    assert!(message("---\na: [\n---\n").1.contains("not valid YAML"));
    assert!(message("---\ndoctest: 3\n---\n").1.contains("not a string"));
    assert_eq!(
        message("---\ndoctest-type: bsah\n---\n").1,
        "unknown doctest type `bsah` (did you mean `bash`?)"
    );
    assert_eq!(message("---\ntitle: a\ntitle: b\n---\n").0, 3);
}

fn place(text: &str) -> (usize, usize, String) {
    let error = parse(&format!("---\n{text}\n---\n")).unwrap_err();
    (error.place.line, error.place.column, error.message)
}

#[test]
fn faults_have_a_column() {
    assert_eq!(
        place("timeout:\n  spec: 1m\n  exmaple: 3s"),
        (
            4,
            3,
            "unknown limit `exmaple` (did you mean `example`?)".into()
        )
    );
    assert_eq!(
        place("doctest: -WINDOWS +SKPI"),
        (
            2,
            20,
            "unknown doctest option `SKPI` (did you mean `SKIP`?)".into()
        )
    );
    assert_eq!(
        place("requires: git and exx(hg)"),
        (
            2,
            19,
            "unknown requirement `exx` (did you mean `exe`?)".into()
        )
    );
    assert_eq!(
        place("requires:\n  program: [git]"),
        (
            3,
            3,
            "unknown kind of requirement `program` (did you mean `programs`?)".into()
        )
    );
    assert_eq!(
        place("requires: 3").2,
        "`requires` is a number: write an expression, a list or a map"
    );
    assert_eq!(
        place("setup: [x]"),
        (2, 8, "`setup` is a list, not source".into())
    );
    assert_eq!(
        place("include: {a: b}").2,
        "`include` is a map, not a list of files"
    );
}

#[test]
fn needs_as_an_expression_a_list_or_a_map() {
    let told = |text: &str| {
        let text = format!("---\nrequires: {text}\n---\n");
        let lines: Vec<&str> = text.lines().collect();
        let vocabulary = Vocabulary::with_features(["R".to_owned()]);
        let (front, _) = read(&lines, &vocabulary).unwrap();
        let requirement = front.requires.unwrap();
        let tests: Vec<String> = requirement
            .tests()
            .iter()
            .map(ToString::to_string)
            .collect();
        tests.join(" ")
    };
    assert_eq!(told("os(linux) and cpus >= 2"), "os(linux) cpus >= 2");
    assert_eq!(told("[git, module(numpy)]"), "exe(git) module(numpy)");
    assert_eq!(
        told("{programs: git, modules: [a, b], files: /x, variables: [K], features: R}"),
        "exe(git) module(a) module(b) file(/x) env(K) feature(R)"
    );
    assert_eq!(
        told("[{programs: [git]}, not os(macos)]"),
        "exe(git) os(macos)"
    );
}

#[test]
fn source_knows_its_line() {
    let (front, _) = parse("---\nsetup: |\n\n  a = 1\n  b = 2\nteardown: c()\n---\n").unwrap();
    let setup = front.setup.unwrap();
    assert_eq!((setup.line, setup.source.as_str()), (3, "\na = 1\nb = 2\n"));
    let teardown = front.teardown.unwrap();
    assert_eq!((teardown.line, teardown.source.as_str()), (6, "c()\n"));
}
