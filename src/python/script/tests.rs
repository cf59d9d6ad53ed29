//! What scripts tell of their flags.

mod argparse;
mod click;

use std::sync::LazyLock;

use super::*;
use crate::base::yaml::{self, Value};

static PATH: LazyLock<&Path> = LazyLock::new(|| Path::new("train.py"));

fn reading(text: &str, base_args: &[&str], dest: Option<&str>) -> Reading {
    let base_args: Vec<_> = base_args.iter().map(ToString::to_string).collect();
    read_text(text, &PATH, &base_args, dest).unwrap()
}

fn exact(text: &str, base_args: &[&str]) -> Found {
    match reading(text, base_args, None) {
        Reading::Exact(found) => found,
        Reading::CannotTell { why, line, .. } => panic!("line {line}: {why}\n{text}"),
    }
}

/// Why the flags of a script are not known, and the line.
fn why(text: &str) -> (usize, String) {
    match reading(text, &[], None) {
        Reading::Exact(found) => panic!("{found:?}\n{text}"),
        Reading::CannotTell { why, line, .. } => (line, why),
    }
}

/// Names and defaults of flags, as `lr=0.1 epochs=20`.
fn flags(text: &str) -> String {
    shown(&exact(text, &[]))
}

fn shown(found: &Found) -> String {
    let flags = found.flags.iter().map(|flag| {
        let default = yaml::dump_flow(&flag.definition.default);
        format!("{}={default}", flag.definition.name)
    });
    flags.collect::<Vec<_>>().join(" ")
}

/// A script that adds one argument, with `before` it.
fn with_argument(before: &str, argument: &str) -> String {
    format!(
        "import argparse, os\n{before}\np = argparse.ArgumentParser()\n\
         p.add_argument({argument})\np.parse_args()\n"
    )
}

fn argument(before: &str, argument: &str) -> FoundFlag {
    exact(&with_argument(before, argument), &[]).flags.remove(0)
}

fn skipped(text: &str) -> String {
    let skipped = exact(text, &[]).skipped;
    let skipped = skipped.iter().map(|s| format!("{}: {}", s.name, s.why));
    skipped.collect::<Vec<_>>().join(", ")
}

fn choices(flag: &FoundFlag) -> String {
    let choices = flag.definition.choices.iter();
    let choices: Vec<_> = choices.map(|c| yaml::dump_flow(&c.value)).collect();
    choices.join(" ")
}

#[test]
fn literals_at_module_level_are_flags() {
    let text = "\
import os
lr = 1e-3
epochs: int = 20
name = 'a' 'b'
flag = True
nothing = None
sizes = [1, -2, +3.5, 'a b']
a = b = 'both'
lr = 7
late = os.cpu_count()
late = 3; after = 4
";
    assert_eq!(
        flags(text),
        "lr=0.001 epochs=20 name=ab flag=true nothing=null sizes=1 -2 3.5 'a b' a=both b=both \
         late=3 after=4"
    );
    let found = exact(text, &[]);
    assert_eq!(found.dest, "globals");
    let kinds: Vec<_> = found
        .flags
        .iter()
        .map(|f| f.definition.kind.as_deref())
        .collect();
    assert_eq!(
        kinds[..6],
        [
            Some("number"),
            Some("number"),
            Some("string"),
            Some("boolean"),
            None,
            None
        ]
    );
    let lines: Vec<_> = found.flags.iter().map(|flag| flag.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 8, 11, 11]);
    let sizes = &found.flags[5].definition;
    assert_eq!(sizes.spec.arg_split, Some(Value::Bool(true)));
    assert_eq!(found.flags[0].how, "global variable");
}

#[test]
fn what_is_no_global_flag_is_told() {
    let text = "\
_private = 1
call = int('1')
table = {'a': 1}
pair = (1, 2)
x, y = 1, 2
obj.attr = 1
if True:
    inner = 1
def f():
    local = 1
later: int
text = f'{x}'
data = b'x'
number = 1j
space = SimpleNamespace(a=1)
";
    assert_eq!(flags(text), "");
    assert_eq!(
        skipped(text),
        "_private: its name starts with '_', call: its value is computed, table: it is a map, \
         pair: it is a tuple, x: it is set together with others, y: it is set together with \
         others, inner: it is set under a condition, later: it has no value, text: its value is \
         computed, data: it is of bytes, number: it is a complex number, space: it is a namespace"
    );
}

#[test]
fn names_that_are_set_in_other_ways_are_no_flags() {
    let text = "\
from __future__ import annotations
import os
from config import rate, depth as layers, _hidden
from more import *
known = 1
known += 1
count += 1
[first, *rest], obj.attr = values
for step in range(3):
    known = 2
    last = step
else:
    done = True
while more():
    turn = 1
with open('x') as file, lock:
    text = file.read()
try:
    import fast
    from fast import speed
except ImportError:
    fast = None
finally:
    if fast:
        nested = 1
match known:
    case 1:
        matched = 1
if __name__ == '__main__':
    seed = 1
    def inner():
        local = 1
else:
    imported = True
class C:
    member = 1
";
    assert_eq!(flags(text), "known=1");
    let all = skipped(text);
    let rows: Vec<_> = all.split(", ").collect();
    assert_eq!(
        rows,
        [
            "rate: it is imported",
            "layers: it is imported",
            "_hidden: it is imported",
            "count: it is only changed",
            "first: it is set together with others",
            "rest: it is set together with others",
            "step: it is set in a loop",
            "last: it is set in a loop",
            "done: it is set in a loop",
            "turn: it is set in a loop",
            "file: it is set in a 'with' block",
            "text: it is set in a 'with' block",
            "speed: it is imported",
            "fast: it is set in a 'try' block",
            "nested: it is set in a 'try' block",
            "matched: it is set under a condition",
            "seed: it is set only if the script is the main one",
            "imported: it is set under a condition",
        ]
    );
}

#[test]
fn argparse_counts_where_something_of_the_project_may_parse() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    write("plain.py", "import json, tools.inner\n");
    write(
        "tools/inner.py",
        "from . import deep\nfrom .. import above\n",
    );
    write("tools/deep.py", "WIDTH = 1\n");
    write(
        "options.py",
        "import argparse\np = argparse.ArgumentParser()\n",
    );
    write("tools/parsing.py", "args = lib.parse()\n");
    write("broken.py", "def\n");
    write("pack/__init__.py", "");
    write("pack/options.py", "import sys\nprint(sys.argv)\n");
    let dest = |name: &str, imports: &str| {
        let path = write(name, &format!("import argparse\n{imports}\nlr = 1\n"));
        let reading = read(&path, &[], None).unwrap();
        match reading {
            Reading::Exact(found) => found.dest,
            Reading::CannotTell { dest, .. } => dest,
        }
    };
    for (name, imports, expected) in [
        ("train.py", "import torch", "globals"),
        ("train.py", "import plain", "globals"),
        ("train.py", "from tools import inner", "globals"),
        ("train.py", "import options", "args"),
        ("train.py", "from tools import parsing", "args"),
        ("train.py", "import tools.parsing", "args"),
        ("train.py", "import broken", "args"),
        ("train.py", "import lib\nlib.parse()", "args"),
        (
            "train.py",
            "import urllib\nargparse.Namespace(lr=1)",
            "globals",
        ),
        ("pack/train.py", "from . import options", "args"),
        ("pack/train.py", "import pack.options", "args"),
        ("pack/train.py", "from ..tools import deep", "globals"),
    ] {
        assert_eq!(dest(name, imports), expected, "{name}: {imports}");
    }
}

#[test]
fn entries_of_a_map_or_a_namespace_are_flags() {
    let text = "\
params = {'lr': 0.1, 'net': {'layers': 2, 'sizes': [1, 2]}, '_x': 1, 'none': {}}
space = SimpleNamespace(a=1, b=SimpleNamespace(c='x'))
";
    let of = |dest: &str| match reading(text, &[], Some(dest)) {
        Reading::Exact(found) => shown(&found),
        Reading::CannotTell { why, .. } => why,
    };
    assert_eq!(of("dict:params"), "lr=0.1 net.layers=2 net.sizes=1 2");
    assert_eq!(of("global:params"), of("dict:params"));
    assert_eq!(of("namespace:space"), "a=1 b.c=x");
    assert_eq!(
        of("dict:other"),
        "the script has no map or namespace 'other' that can be read"
    );
}

#[test]
fn a_script_takes_its_flags_where_it_uses_a_parser() {
    for (text, dest) in [
        (
            "import argparse\np = argparse.ArgumentParser()\np.parse_args()\n",
            "args",
        ),
        (
            "def f():\n    from argparse import ArgumentParser as P\n",
            "args",
        ),
        (
            "import argparse\nfrom mine import parse_args\nparse_args\n",
            "args",
        ),
        (
            "import argparse\nimport click\nargparse.ArgumentParser\n",
            "args",
        ),
        (
            "import argparse\ndef f(args: argparse.Namespace): pass\nx = 1\n",
            "globals",
        ),
        (
            "import click\n@click.command()\ndef f(): pass\n",
            "args:click",
        ),
        (
            "from click import command as c\n@c()\ndef f(): pass\n",
            "args:click",
        ),
        ("import click\nclick.echo('hi')\nx = 1\n", "globals"),
        ("x = 'import argparse; ArgumentParser()'\n", "globals"),
        ("from transformers import HfArgumentParser\n", "globals"),
    ] {
        let found = match reading(text, &[], None) {
            Reading::Exact(found) => found.dest,
            Reading::CannotTell { dest, .. } => dest,
        };
        assert_eq!(found, dest, "{text}");
    }
}

#[test]
fn modules_of_the_project_may_have_a_parser() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("train.py");
    let read = |text: &str| {
        std::fs::write(&script, text).unwrap();
        match super::read(&script, &[], None).unwrap() {
            Reading::Exact(found) => (found.dest, String::new()),
            Reading::CannotTell { dest, why, .. } => (dest, why),
        }
    };
    let text = "import argparse\nimport options\nx = options.read()\n";
    assert_eq!(read(text).0, "globals");
    let options = dir.path().join("options.py");
    std::fs::write(&options, "def read(): pass").unwrap();
    assert_eq!(read(text).0, "globals");
    std::fs::write(&options, "import sys\ndef read(): sys.argv").unwrap();
    let (dest, why) = read(text);
    assert_eq!(dest, "args");
    assert_eq!(
        why,
        "no parser of the script itself is run, but what it imports may run one"
    );
    // A parser that is built and never run.
    let unused = "import argparse\ndef f():\n    argparse.ArgumentParser().parse_args()\n";
    assert_eq!(read(unused), ("args".to_string(), String::new()));
}

#[test]
fn what_python_refuses_does_not_end_the_program() {
    let read = |text: &str, dest| read_text(text, &PATH, &[], dest);
    for unit in [
        "-", "[", "1+", "f(", "not ", "x.", "lambda:", "{1:", "2**", "(\n",
    ] {
        let text = format!("x = {}1\n", unit.repeat(200_000));
        assert!(read(&text, None).is_err(), "{unit:?}");
        let text = format!("import argparse\nx = {}1\n", unit.repeat(1_000));
        let _ = read(&text, Some("args"));
    }
    let long = format!(
        "x = [{}]\ny = 1  # {}\n",
        "-1.5, ".repeat(20_000),
        "((".repeat(9_000)
    );
    assert_eq!(exact(&long, &[]).flags.len(), 2);
    let text = format!("x = '{}'\n", "a+b/c.(".repeat(9_000));
    assert_eq!(exact(&text, &[]).flags.len(), 1);
    // Values that hold themselves, many times over.
    for text in [
        format!("x = [1]\n{}", "x = [x, x]\n".repeat(100)),
        format!("x = ()\n{}", "x = (x,)\n".repeat(30_000)),
        "x = []\nx.append(x)\nx.extend(x)\n".to_string(),
        "x = {}\nx['x'] = x\nx.update(x)\n".to_string(),
        format!("x = 'ab'\n{}", "x = x + x\n".repeat(100)),
    ] {
        let text = format!(
            "{text}import argparse, mine\np = argparse.ArgumentParser()\n\
             p.add_argument('--x', default=x)\np.parse_args()\nmine.use(x)\n"
        );
        assert_eq!(why(&text).1, "the default of --x is computed");
    }
}

#[test]
fn the_declared_encoding_holds() {
    let bytes = b"# -*- coding: latin-1 -*-\ns = '\xe9'\n";
    assert_eq!(
        source::decode(bytes).unwrap(),
        "# -*- coding: latin-1 -*-\ns = 'é'\n"
    );
    assert_eq!(source::decode("s = 'é'".as_bytes()).unwrap(), "s = 'é'");
    assert_eq!(source::decode(b"s = '\xe9'"), None);
    assert_eq!(source::decode(b"# coding=koi8-r\ns = '\xe9'"), None);
}

#[test]
fn what_is_not_python_says_where() {
    let error = read_text("a = 1\nb = = 2\n", &PATH, &[], None).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("invalid syntax on line 2: "),
        "{message}"
    );
}

proptest::proptest! {
    /// Any script of such pieces is read to an end, whatever it is.
    #[test]
    fn no_script_ends_the_reader(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12),
        click in proptest::bool::ANY,
    ) {
        let text = format!("import argparse, click\n{}", pieces.concat());
        let dest = if click { "args:click" } else { "args" };
        let read = read_text(&text, &PATH, &["sub".to_string()], Some(dest));
        // A panic would show as that.
        proptest::prop_assert!(!matches!(read, Err(Error::TooDeep)), "{}", text);
    }
}

/// Pieces of scripts, whole and broken.
const PIECES: [&str; 48] = [
    "p = argparse.ArgumentParser()\n",
    "p = argparse.ArgumentParser(parents=[p, q], add_help=False)\n",
    "q = p.add_subparsers()\n",
    "p = q.add_parser('sub', aliases=x)\n",
    "p.add_argument('--x', default=x, nargs='+')\n",
    "p.add_argument(x, '--', '', type=x, choices=x)\n",
    "p.add_argument(*x, **y)\n",
    "q = p.add_argument_group()\n",
    "q._action_groups.pop().add_argument('-')\n",
    "p.set_defaults(x=x, **y)\n",
    "x, y = p.parse_known_args(x)\n",
    "p.parse_args()\n",
    "x = []\n",
    "x = {}\n",
    "x = 'é'\n",
    "y = x\n",
    "x = [x, *y]\n",
    "x = {x: y, **x}\n",
    "x = (x, y)[x:-1]\n",
    "x += y\n",
    "x[0] = x\n",
    "x.append(x)\n",
    "x.update(x)\n",
    "x.extend(x)\n",
    "x = x[-9223372036854775808]\n",
    "x = -9223372036854775807 - 1\n",
    "x = x * y // x ** 3 % x\n",
    "x = x << 70 if x in y else x >> -1\n",
    "x = f'{x}{y!r:>{x}}' '%s%%%d' % x\n",
    "x = '{}{0}{'.format(x)\n",
    "x = x.split('é').join(y).capitalize()[1:]\n",
    "x = [x for x in y if x for y in x]\n",
    "x = sorted(set(x)) or max(x, y)\n",
    "for x in range(3):\n    ",
    "if x:\n    ",
    "while x:\n    ",
    "try:\n    p.parse_args()\nexcept x:\n    ",
    "try:\n    x = x()\nfinally:\n    ",
    "with x as y:\n    ",
    "def x(y, *p, q=x, **k):\n    ",
    "class x(y, p):\n    ",
    "return x\n",
    "global x\n",
    "x(x, *y, x=x)\n",
    "x = super().x\n",
    "@click.group()\n@click.option(x, '--y/--z', default=x, nargs=2)\ndef x(y): pass\n",
    "@x.command('sub')\n@click.argument('y')\ndef y(y): pass\n",
    "(x := lambda y=x: x(y))(p)\n",
];
