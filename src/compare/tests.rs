//! Tables of runs that are made here.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::base::files;
use crate::base::yaml::Value;
use crate::home::Home;
use crate::opref::OpRef;
use crate::runs::Run;
use crate::scalars::Index;
use crate::tfevents::Writer;

/// A folder of runs.
struct Runs {
    dir: tempfile::TempDir,
    runs: Vec<Run>,
}

impl Runs {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            runs: Vec::new(),
        }
    }

    /// Adds a run with the attributes `attrs`, as files have them.
    fn add(&mut self, id: &str, opref: &OpRef, attrs: &[(&str, &str)]) -> &Run {
        let run = Run::at(self.dir.path().join(id));
        files::create_dir_all(&run.attrs_dir()).unwrap();
        run.write_opref(opref).unwrap();
        for (name, text) in attrs {
            std::fs::write(run.attr_path(name), text).unwrap();
        }
        self.runs.push(run);
        &self.runs[self.runs.len() - 1]
    }

    fn table(&self, wanted: &Wanted) -> Table {
        let home = Home::discover(None, None).unwrap();
        let index = Arc::new(Index::new(&home));
        table(self.runs.clone(), wanted, &home, &index)
    }
}

fn log(path: &Path, scalars: &[(&str, i64, f64)], texts: &[(&str, &str)]) {
    files::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = Writer::new(files::create(path).unwrap()).unwrap();
    for (tag, step, value) in scalars {
        writer.scalar(tag, *step, *value, 0.0).unwrap();
    }
    for (tag, text) in texts {
        writer.text(tag, text, 0.0).unwrap();
    }
}

fn columns(text: &str) -> Wanted {
    Wanted {
        without_core: true,
        without_operation: true,
        columns: ColumnSpec::parse_list(text).unwrap(),
        ..Wanted::default()
    }
}

/// The table as lines of cells, headings first.
fn lines(table: &Table) -> String {
    let headings = table.columns.iter().map(|column| column.heading.clone());
    let mut text = headings.collect::<Vec<_>>().join("|");
    for row in &table.rows {
        let cells: Vec<_> = row.cells.iter().map(shown).collect();
        write!(text, "\n{}", cells.join("|")).unwrap();
    }
    text
}

fn script() -> OpRef {
    OpRef::script(Path::new("/x"), "train.py")
}

fn three_runs() -> Runs {
    let mut runs = Runs::new();
    let first = [
        ("flags", "{x10: 1, x9: 0.12345678, y: null}\n"),
        ("label", "one\n"),
        ("opdef_attrs", "{team: red}\n"),
        ("exit_status", "0\n"),
    ];
    let dir = runs.add("first", &script(), &first).dir().to_path_buf();
    let scalars = [("loss", 1, 0.5), ("loss", 2, 0.25), ("sys/cpu", 0, 9.0)];
    log(&dir.join(".guild/e.tfevents.1"), &scalars, &[]);
    log(
        &dir.join("a/e.tfevents.1"),
        &[("loss", 7, 3.0), ("acc/a", 7, 1.0)],
        &[],
    );
    log(
        &dir.join(".guild/e.tfevents.2.attrs"),
        &[],
        &[("model", "cnn")],
    );
    let second = [("flags", "{x9: true}\n"), ("exit_status", "1\n")];
    let dir = runs.add("second", &script(), &second).dir().to_path_buf();
    let scalars = [("acc/b", 3, f64::NAN), ("acc/a", 4, f64::INFINITY)];
    log(&dir.join(".guild/e.tfevents.1"), &scalars, &[]);
    runs.add("third", &script(), &[("flags", "{x9: two words}\n")]);
    runs
}

#[test]
fn flags_attributes_and_scalars_come_in_natural_order() {
    let runs = three_runs();
    let table = runs.table(&Wanted::default());
    assert_eq!(
        lines(&table),
        "run|operation|started|time|status|label|x9|x10|y|model|team|step|acc/a|loss|acc/b\n\
         first|train.py|||completed|one|0.123456|1||cnn|red|2|1.0|0.25|\n\
         second|train.py|||error||yes|||||4|.inf||.nan\n\
         third|train.py|||error||two words||||||||"
    );
    let kinds: Vec<Kind> = table.columns.iter().map(Column::kind).collect();
    assert_eq!(kinds[0], Kind::Attribute);
    assert_eq!(
        kinds[6..12],
        [
            Kind::Flag,
            Kind::Flag,
            Kind::Flag,
            Kind::Attribute,
            Kind::Attribute,
            Kind::Step
        ]
    );
    assert_eq!(table.warnings, [] as [&str; 0]);
    let all = Wanted {
        without_core: true,
        all_scalars: true,
        ..Wanted::default()
    };
    assert!(runs.table(&all).column("sys/cpu").is_some());
}

#[test]
fn columns_are_what_is_asked_for() {
    let runs = three_runs();
    for (text, expected) in [
        (
            "=x9 as x, .label, first loss, first loss step as s",
            "run|x|label|loss|s\nfirst|0.123456|one|0.5|1\nsecond|yes|||\nthird|two words|||",
        ),
        (
            "a#loss, a#loss step",
            "run|a loss|a loss step\nfirst|3.0|7\nsecond||\nthird||",
        ),
        // What is under one heading is one column, the first value counts.
        (
            "=y as v, =x9 as v, .label as v",
            "run|v\nfirst|0.123456\nsecond|yes\nthird|two words",
        ),
        (
            "min acc/*",
            "run|acc/a|acc/b\nfirst|1.0|\nsecond|.inf|.nan\nthird||",
        ),
        (
            "*#loss",
            "run|loss|a loss\nfirst|0.25|3.0\nsecond||\nthird||",
        ),
        (
            "=x*, .t*",
            "run|x9|x10|team\nfirst|0.123456|1|red\nsecond|yes||\nthird|two words||",
        ),
        ("none/*", "run|none/*\nfirst|\nsecond|\nthird|"),
    ] {
        let table = runs.table(&columns(text));
        assert_eq!(lines(&table), expected, "{text}");
    }
}

#[test]
fn an_operation_says_what_its_runs_are_compared_by() {
    let mut runs = Runs::new();
    let project = tempfile::tempdir().unwrap();
    let path = project.path().join("guild.yml");
    std::fs::write(
        &path,
        "op:\n  main: x\n  compare: ['=b as B', 'x y', loss]\n",
    )
    .unwrap();
    let flags = ("flags", "{a: 1, b: 2}");
    runs.add("r1", &OpRef::guild_file(&path, "1", "", "op"), &[flags]);
    runs.add("r2", &OpRef::guild_file(&path, "1", "", "other"), &[flags]);
    let recorded = ("compare", "[.label, '=a']");
    runs.add("r3", &script(), &[flags, recorded]);
    let wanted = Wanted {
        without_core: true,
        ..Wanted::default()
    };
    let table = runs.table(&wanted);
    assert_eq!(
        lines(&table),
        "run|B|loss|a|b|label\nr1|2||||\nr2|||1|2|\nr3|||1||"
    );
    assert_eq!(
        table.warnings,
        ["error parsing 'x y': unexpected token 'y', line 1, pos 9"]
    );
    // A guild file that is wrong, or gone, says nothing.
    std::fs::write(&path, "op: [").unwrap();
    let headings = |table: &Table| lines(table).lines().next().map(str::to_string);
    assert_eq!(
        headings(&runs.table(&wanted)).as_deref(),
        Some("run|a|b|label")
    );
}

#[test]
fn what_cannot_be_read_is_empty_and_told() {
    let mut runs = three_runs();
    std::fs::write(runs.runs[0].attr_path("flags"), "{x: [").unwrap();
    std::fs::write(runs.runs[0].attr_path("label"), "[").unwrap();
    runs.add("fourth", &script(), &[]);
    let table = runs.table(&columns("=x9, .label"));
    assert_eq!(lines(&table).lines().nth(1), Some("first||"));
    let [warning] = &table.warnings[..] else {
        panic!("{:?}", table.warnings);
    };
    assert!(warning.contains("attrs/flags") && warning.ends_with("(and 1 more file of the run)"));
    let none = Runs::new().table(&Wanted::default());
    assert_eq!((none.columns.len(), none.rows.len()), (0, 0));
}

fn sorted(values: &[&str], direction: Direction) -> Vec<String> {
    let mut runs = Runs::new();
    for (number, value) in values.iter().enumerate() {
        let flags = format!("{{x: {value}}}");
        runs.add(&format!("r{number}"), &script(), &[("flags", &flags)]);
    }
    let mut table = runs.table(&columns("=x"));
    let column = table.column("x").unwrap();
    table.sort(column, direction);
    let cells = table.rows.iter().map(|row| plain(&row.cells[column]));
    cells.collect()
}

#[test]
fn rows_are_sorted_and_what_has_no_value_is_last() {
    let values = ["null", "10", "9.5", "''", "b", "a", ".nan", "true", "-.inf"];
    let ascending = sorted(&values, Direction::Ascending);
    assert_eq!(
        ascending,
        ["", "-inf", "True", "9.5", "10", "a", "b", "", "nan"]
    );
    let descending = sorted(&values, Direction::Descending);
    assert_eq!(
        descending,
        ["b", "a", "10", "9.5", "True", "-inf", "", "", "nan"]
    );
    // Equal values stay in their order, whichever comes first.
    for direction in [Direction::Ascending, Direction::Descending] {
        let values = sorted(&["1", "1.0", "true"], direction);
        assert_eq!(values, ["1", "1.0", "True"]);
    }
}

#[test]
fn columns_that_do_not_change_are_taken_out() {
    let mut runs = Runs::new();
    for (id, flags) in [("r1", "{a: 1, b: 1, c: x}"), ("r2", "{a: 1, b: 1.0, c: y}")] {
        runs.add(id, &script(), &[("flags", flags)]);
    }
    let table = runs.table(&columns("=a,=b,=c,=d"));
    let without = |sameness| {
        let mut table = table.clone();
        table.drop_unchanged(sameness);
        lines(&table)
    };
    assert_eq!(without(Sameness::Equal), "run|c\nr1|x\nr2|y");
    assert_eq!(without(Sameness::Shown), "run|b|c\nr1|1|x\nr2|1.0|y");
    runs.runs.truncate(1);
    let mut one = runs.table(&columns("=a"));
    one.drop_unchanged(Sameness::Equal);
    assert_eq!(lines(&one), "run|a\nr1|1");
}

#[test]
fn values_of_any_type_have_a_text() {
    let value = |text: &str| crate::base::yaml::load(text).unwrap();
    for (text, people, programs) in [
        ("null", "", ""),
        ("true", "yes", "True"),
        ("0.9999999", "0.999999", "0.9999999"),
        ("1e-5", "1.0e-05", "1e-05"),
        ("-.inf", "-.inf", "-inf"),
        ("[1, a, 0.5]", "[1, 'a', 0.5]", "[1, 'a', 0.5]"),
        ("{a: {b: no}}", "{'a': {'b': False}}", "{'a': {'b': False}}"),
        ("'a b'", "a b", "a b"),
        ("2020-01-02", "2020-01-02", "2020-01-02"),
    ] {
        let value: Value = value(text);
        assert_eq!(
            (shown(&value).as_ref(), plain(&value).as_str()),
            (people, programs)
        );
    }
}
