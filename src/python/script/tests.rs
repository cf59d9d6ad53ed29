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
         pair: it is a tuple, text: its value is computed, data: it is of bytes, \
         number: it is a complex number, space: it is a namespace"
    );
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
    std::fs::write(dir.path().join("options.py"), "").unwrap();
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
fn what_an_option_says_is_its_flag() {
    let flag = argument(
        "",
        "'-l', '--learning-rate', type=float, default=1e-3, required=True, \
         choices=[1e-3, 1e-2], help='rate (%(default)s)', metavar='LR', dest='rate'",
    );
    assert_eq!(flag.definition.name, "learning-rate");
    assert_eq!(flag.definition.kind.as_deref(), Some("float"));
    assert_eq!(flag.definition.default, Value::Float(1e-3));
    assert_eq!(flag.definition.description, "rate (%(default)s)");
    assert!(flag.definition.required);
    assert_eq!(choices(&flag), "0.001 0.01");
    assert_eq!(flag.definition.spec.arg_name, None);
    assert_eq!(
        (flag.line, flag.how.as_str()),
        (4, "argparse option --learning-rate")
    );
}

#[test]
fn types_are_those_of_plain_functions() {
    for (kind, expected) in [
        ("int", Some("int")),
        ("float", Some("float")),
        ("str", Some("string")),
        ("bool", Some("boolean")),
        ("lambda x: int(x)", None),
        ("positive", None),
        ("Path", None),
        ("os.path.abspath", None),
        ("argparse.FileType('r')", None),
        ("type(0.5)", Some("float")),
        ("None", None),
    ] {
        let before = "from pathlib import Path\ndef positive(x): return int(x)";
        let flag = argument(before, &format!("'--x', type={kind}"));
        assert_eq!(flag.definition.kind.as_deref(), expected, "{kind}");
    }
    let text = with_argument("import mine", "'--x', type=mine.kind");
    assert_eq!(why(&text), (4, "the type of --x is computed".to_string()));
}

#[test]
fn defaults_are_computed_from_what_the_script_says() {
    let before = "\
from pathlib import Path
import math, mine
BASE = 'data'
SIZES = [8 * n for n in range(1, 4)]
NAMES = {'small': 1, 'large': 2}
class Config:
    lr = 0.1
def root(name='x'):
    return os.path.join(BASE, name)
";
    for (default, expected) in [
        ("2 ** 10 + 1", "1025"),
        ("1 / 4", "0.25"),
        ("-3 // 2", "-2"),
        ("10 % 4", "2"),
        ("'a' + 'b' * 2", "abb"),
        ("f'{BASE}/x{1}'", "data/x1"),
        ("'%s-%d' % (BASE, 3)", "data-3"),
        ("'{}-{n}'.format(1, n='b')", "1-b"),
        ("os.path.join(BASE, 'x', '/y')", "/y"),
        ("root()", "data/x"),
        ("root(name='z')", "data/z"),
        ("Path(BASE) / 'a//b'", "data/a/b"),
        ("','.join(NAMES)", "small,large"),
        ("SIZES[-1]", "24"),
        ("SIZES[1:][0]", "16"),
        ("max(SIZES)", "24"),
        ("NAMES['large']", "2"),
        ("NAMES.get('none', 5)", "5"),
        ("list(NAMES.keys())[0]", "small"),
        ("sorted(NAMES)[0]", "large"),
        ("Config.lr", "0.1"),
        ("1 if BASE == 'data' else 2", "1"),
        ("None or 'x'", "x"),
        ("not []", "true"),
        ("'A'.lower()", "a"),
        ("int('7') + len(SIZES)", "10"),
        ("(1, 2)", "null"),
        ("{'a': 1}", "null"),
        ("argparse.SUPPRESS", "null"),
        ("None", "null"),
        ("float('inf')", ".inf"),
    ] {
        let flag = argument(before, &format!("'--x', default={default}"));
        assert_eq!(
            yaml::dump_flow(&flag.definition.default),
            expected,
            "{default}"
        );
    }
    for default in [
        "os.cpu_count()",
        "mine.default",
        "os.environ.get('X', 1)",
        "'cuda' if mine.available() else 'cpu'",
        "root",
        "object()",
        "__file__",
        "10 ** 100",
        "0.1 ** 2",
        "1 / 0",
        "SIZES[7]",
        "f'{0.5:.2f}'",
        "[mine.x]",
        "b'x'",
        "undefined",
    ] {
        let text = with_argument(before, &format!("'--x', default={default}"));
        assert_eq!(why(&text).1, "the default of --x is computed", "{default}");
    }
}

#[test]
fn the_place_of_what_is_not_known_is_told() {
    let text = with_argument("import mine\nDEVICE = mine.best()", "'--x', default=DEVICE");
    assert_eq!(
        why(&text),
        (3, "the default of --x is computed".to_string())
    );
}

#[test]
fn switches_and_lists_are_handed_over_as_such() {
    let flag = argument("", "'--fast', action='store_true'");
    assert_eq!(flag.definition.default, Value::Bool(false));
    assert_eq!(flag.definition.spec.arg_switch, Some(Value::Bool(true)));
    assert_eq!(choices(&flag), "true false");
    let flag = argument("", "'--no-cuda', action='store_false', dest='cuda'");
    assert_eq!(flag.definition.default, Value::Bool(true));
    assert_eq!(flag.definition.spec.arg_switch, Some(Value::Bool(false)));
    for (default, name, on) in [
        ("True", "no-x", false),
        ("False", "x", true),
        ("None", "x", true),
    ] {
        let action = "action=argparse.BooleanOptionalAction";
        let flag = argument("", &format!("'-x', '--x', default={default}, {action}"));
        assert_eq!(flag.definition.spec.arg_name.as_deref(), Some(name));
        assert_eq!(flag.definition.spec.arg_switch, Some(Value::Bool(on)));
        assert_eq!(choices(&flag), "true false");
    }
    for (nargs, split) in [
        ("'+'", true),
        ("'*'", true),
        ("argparse.ZERO_OR_MORE", true),
        ("2", true),
        ("1", false),
        ("'?'", false),
        ("None", false),
    ] {
        let flag = argument(
            "",
            &format!("'--x', nargs={nargs}, default=[1, 'a b', None]"),
        );
        let split_spec = flag.definition.spec.arg_split.is_some();
        assert_eq!(split_spec, split, "{nargs}");
        let default = yaml::dump_flow(&flag.definition.default);
        let expected = if split {
            "1 'a b' null"
        } else {
            // No single argument has a list: the script's own default holds.
            "null"
        };
        assert_eq!(default, expected, "{nargs}");
    }
}

#[test]
fn choices_are_the_items_of_any_container() {
    for (given, expected) in [
        ("('a', 1, None)", "a 1 null"),
        ("range(3)", "0 1 2"),
        ("{'b', 'a'}", "a b"),
        ("MODELS", "x y"),
        ("MODELS.keys()", "x y"),
        ("sorted(MODELS, key=None) if False else 'xyz'", "x y z"),
        ("[m for m in MODELS if m != 'x']", "y"),
        ("None", ""),
    ] {
        let flag = argument(
            "MODELS = {'x': 1, 'y': 2}",
            &format!("'--x', choices={given}"),
        );
        assert_eq!(choices(&flag), expected, "{given}");
    }
    let text = with_argument("import mine", "'--x', choices=mine.names()");
    assert_eq!(why(&text).1, "the choices of --x is computed");
}

#[test]
fn what_is_no_option_with_a_value_is_skipped() {
    let text = "\
import argparse
class Mine(argparse.Action):
    def __call__(self, *args): pass
p = argparse.ArgumentParser()
p.add_argument('data')
p.add_argument('-v')
p.add_argument('--add', action='append')
p.add_argument('--const', action='store_const', const=1)
p.add_argument('--verbose', '-V', action='count')
p.add_argument('--version', action='version', version='1')
p.add_argument('--mine', action=Mine)
p.add_argument('--x', default=1)
p.parse_args()
";
    assert_eq!(flags(text), "x=1");
    assert_eq!(
        skipped(text),
        "data: it is a positional argument, -v: it has no long name, add: its action is 'append', \
         const: its action is 'store_const', verbose: its action is 'count', \
         version: its action is 'version', mine: its action is a class of the script"
    );
}

#[test]
fn parsers_are_followed_through_functions_classes_and_loops() {
    let through = [
        // A function that builds, one that parses, and a main block.
        "def build():\n    p = argparse.ArgumentParser()\n    p.add_argument('--x', default=1)\n    \
         return p\ndef main(argv=None):\n    args = build().parse_args(argv)\n    train(args)\n\
         if __name__ == '__main__':\n    main()\n",
        // One that gets the parser, with groups of arguments.
        "def add(p, prefix='--'):\n    g = p.add_argument_group('g')\n    \
         m = g.add_mutually_exclusive_group(required=True)\n    \
         m.add_argument(prefix + 'x', default=1)\np = argparse.ArgumentParser()\nadd(p)\n\
         args, rest = p.parse_known_args()\n",
        // A loop over literals.
        "p = argparse.ArgumentParser()\nfor name, value in [('x', 1)]:\n    \
         p.add_argument(f'--{name}', default=value, type=type(value))\np.parse_args()\n",
        // Common options as keywords.
        "common = dict(default=1)\ncommon.update(help='h')\np = argparse.ArgumentParser()\n\
         p.add_argument('--x', **common)\np.parse_args()\n",
        // A class, and one that is derived from it.
        "class Base:\n    def __init__(self):\n        self.parser = argparse.ArgumentParser()\n\
         \x20   def parse(self):\n        return self.parser.parse_args()\nclass Train(Base):\n    \
         def __init__(self):\n        super().__init__()\n        \
         self.parser.add_argument('--x', default=1)\nTrain().parse()\n",
        // A static method of a class that is derived from something else.
        "class Net(torch.Module):\n    @staticmethod\n    def add_args(parent):\n        \
         parser = argparse.ArgumentParser(parents=[parent], add_help=False)\n        \
         parser.add_argument('--x', default=1)\n        return parser\n\
         parser = argparse.ArgumentParser()\nparser = Net.add_args(argparse.ArgumentParser(\
         add_help=False))\nparser.parse_args()\n",
        // What the script does before and after has no say.
        "torch.seed(1)\nwith open('x') as f:\n    data = f.read()\ntry:\n    import extra\n\
         except ImportError:\n    extra = None\nif extra:\n    n = 2\nfor line in data:\n    \
         print(line)\np = argparse.ArgumentParser(description=__doc__)\n\
         p.add_argument('--x', default=1)\ntry:\n    args = p.parse_args()\n\
         except KeyboardInterrupt:\n    pass\n",
        // The parser for defaults comes first; the last one counts.
        "pre = argparse.ArgumentParser(add_help=False)\npre.add_argument('--config')\n\
         known, rest = pre.parse_known_args()\np = argparse.ArgumentParser()\n\
         p.add_argument('--x', default=1)\np.parse_args(rest)\n",
        // Defaults that are set before and after.
        "p = argparse.ArgumentParser()\np.set_defaults(x=3)\np.add_argument('--x')\n\
         p.set_defaults(x=1, func=print)\np.parse_args()\n",
        // An argument that is changed.
        "p = argparse.ArgumentParser()\na = p.add_argument('--x')\na.default = 1\n\
         p._action_groups.pop().title = 'all'\np.parse_args()\n",
    ];
    for text in through {
        let text = format!("import argparse\nimport torch\n{text}");
        assert_eq!(flags(&text), "x=1", "{text}");
    }
}

#[test]
fn parents_and_conflicts() {
    let text = "\
import argparse
a = argparse.ArgumentParser(add_help=False)
a.add_argument('--a', default=1)
a.set_defaults(c=3)
b = argparse.ArgumentParser(add_help=False)
b.add_argument('--b', '--bb', default=2)
p = argparse.ArgumentParser(parents=[a, b], conflict_handler='resolve')
p.add_argument('--c')
p.add_argument('--b', default=4)
p.set_defaults(a=5)
p.parse_args()
";
    assert_eq!(flags(text), "a=5 bb=2 c=3 b=4");
    let text = text.replace(", conflict_handler='resolve'", "");
    assert_eq!(
        why(&text),
        (9, "two arguments are called `--b`".to_string())
    );
}

#[test]
fn base_arguments_choose_a_sub_command() {
    let text = "\
import argparse
p = argparse.ArgumentParser()
p.add_argument('--base', default=1)
p.add_argument('--on', action='store_true')
s = p.add_subparsers(dest='command', required=True)
t = s.add_parser('train', aliases=['t'], help='x')
t.add_argument('--lr', default=0.1)
n = t.add_subparsers()
n.add_parser('deep').add_argument('--depth', default=9)
e = s.add_parser('eval')
e.add_argument('--top', default=5)
p.parse_args()
";
    let of = |base_args: &[&str]| shown(&exact(text, base_args));
    assert_eq!(of(&[]), "base=1 on=false");
    assert_eq!(of(&["train"]), "lr=0.1");
    assert_eq!(of(&["t"]), "lr=0.1");
    assert_eq!(of(&["--on", "--base", "eval", "eval"]), "top=5");
    assert_eq!(of(&["--base=2", "train", "--lr", "1", "deep"]), "depth=9");
    for (base_args, expected) in [
        (["none"], "there is no sub-command `none`"),
        (
            ["--other"],
            "which sub-command the arguments choose is not clear",
        ),
    ] {
        match reading(text, &base_args, None) {
            Reading::CannotTell { why, .. } => assert_eq!(why, expected),
            Reading::Exact(found) => panic!("{found:?}"),
        }
    }
}

#[test]
fn what_the_source_does_not_tell_is_not_told() {
    let parser = "p = argparse.ArgumentParser()\np.add_argument('--x', default=1)\n";
    for (text, reason) in [
        (
            "mine.setup(p)\np.parse_args()",
            "a parser is used by code that is not followed",
        ),
        (
            "mine.parser().parse_args()",
            "the parser of `parse_args` is built by code",
        ),
        (
            "from mine import parse_args\nparse_args()",
            "the parser of `parse_args` is built by code",
        ),
        (
            "if mine.on():\n    p.add_argument('--y')\np.parse_args()",
            "a parser is used by code",
        ),
        (
            "if mine.on():\n    p.parse_args()",
            "whether arguments are parsed here depends on",
        ),
        (
            "for n in mine.names:\n    p.add_argument(n)\np.parse_args()",
            "a parser is used by code",
        ),
        (
            "p.add_argument('--' + mine.name)\np.parse_args()",
            "the name of an argument is computed",
        ),
        (
            "p.add_argument('--y', **mine.options)\np.parse_args()",
            "what an argument is made with",
        ),
        (
            "p.parse_args(['--x', '2'])",
            "other arguments than those of the command line",
        ),
        (
            "sys.argv = ['x']\np.parse_args()",
            "the script changes `sys.argv`",
        ),
        (
            "sys.argv.append('x')\np.parse_args()",
            "the script changes `sys.argv`",
        ),
        (
            "@mine.run\ndef main():\n    p.parse_args()\nmain()",
            "whether arguments are parsed here",
        ),
        (
            "mine.run(lambda: p.parse_args())",
            "whether arguments are parsed here",
        ),
        (
            "try:\n    import mine2\n    p.add_argument('--y')\nexcept ImportError:\n    pass\n\
          p.parse_args()",
            "it is in a `try` block that may have failed before",
        ),
        (
            "try:\n    p.parse_args()\nexcept SystemExit:\n    pass",
            "the script goes on after",
        ),
        (
            "exec(open('config.py').read())\np.parse_args()",
            "`exec` may change any name",
        ),
        (
            "argparse.ArgumentParser.parse_args = mine.parse\np.parse_args()",
            "the script changes",
        ),
        (
            "class Q(argparse.ArgumentParser): pass\nq = Q()\nq.parse_args()",
            "the parser of",
        ),
        (
            "p.add_argument('--y', action=mine.Action)\np.parse_args()",
            "the action of an argument",
        ),
        ("p.add_argument('--help-me')\np.parse_args()", ""),
        (
            "p._actions.clear()\np.parse_args()",
            "a parser is used by code",
        ),
        (
            "p.add_argument('rest', nargs='...')\np.parse_args()",
            "an argument takes all that is left",
        ),
        (
            "q = argparse.ArgumentParser(prefix_chars='+')\nq.parse_args()",
            "a parser has `prefix_chars`",
        ),
        (
            "[p.add_argument(n) for n in mine.names]\np.parse_args()",
            "a parser is used by code",
        ),
        (
            "while mine.more():\n    p.add_argument('--y')\np.parse_args()",
            "a parser is used by code",
        ),
        (
            "async def main():\n    p.parse_args()\nmine.run(main())",
            "whether arguments are parsed",
        ),
        (
            "def f(n):\n    return f(n + 1)\nf(0)\np.parse_args()",
            "it is nested too deeply",
        ),
        (
            "l = list(range(9000))\nfor n in l:\n    m = sorted(l)\np.parse_args()",
            "it does too much to be followed",
        ),
        (
            "n = 0\nfor a in range(9999):\n    for b in range(9999):\n        n += 1\np.parse_args()",
            "it does too much to be followed",
        ),
    ] {
        let text = format!("import argparse, sys, mine\n{parser}{text}\n");
        if reason.is_empty() {
            assert_eq!(flags(&text), "x=1 help-me=null");
            continue;
        }
        let (_, found) = why(&text);
        assert!(found.starts_with(reason), "{found}\n{text}");
    }
}

#[test]
fn what_others_may_have_changed_is_not_known() {
    for text in [
        "names = ['a']\nmine.fill(names)\np.add_argument('--x', choices=names)",
        "n = 1\nif mine.on():\n    n = 2\np.add_argument('--x', default=n)",
        "n = 1\ndef change():\n    global n\n    n = 2\nmine.later(change)\n\
         p.add_argument('--x', default=n)",
        "l = []\ndef add():\n    l.append(1)\nmine.later(add)\nl = [2]\n\
         p.add_argument('--x', default=l)",
        "class C:\n    n = []\nmine.use(C)\np.add_argument('--x', default=C.n)",
        "o = {}\nwhile mine.on():\n    o['n'] = 1\np.add_argument('--x', default=o)",
        "def f():\n    if mine.on():\n        return 1\n    return 2\n\
         p.add_argument('--x', default=f())",
        "def f():\n    yield 1\np.add_argument('--x', default=f())",
        "n = 1\ntry:\n    n = mine.n\nexcept AttributeError:\n    n = 3\n\
         p.add_argument('--x', default=n)",
    ] {
        let text = format!(
            "import argparse, mine\np = argparse.ArgumentParser()\n{text}\np.parse_args()\n"
        );
        let (_, found) = why(&text);
        assert!(found.ends_with("is computed"), "{found}\n{text}");
    }
    let text = with_argument("n = 1\nfrom mine import *", "'--x', default=n");
    assert_eq!(why(&text).1, "the default of --x is computed");
}

#[test]
fn options_of_click_are_flags() {
    let text = "\
import click
@click.command(context_settings={'show_default': True})
@click.version_option('1')
@click.option('--count', default=1, help='''How many.

    And more.
    ''', show_default=True)
@click.option('-n', '--name', 'who', required=True, type=str)
@click.option('--rate', type=click.FloatRange(0, 1), default=0.5, envvar='RATE')
@click.option('--kind', type=click.Choice(['a', 'b']))
@click.option('--path', type=click.Path(exists=True))
@click.option('--fast/--slow', default=True)
@click.option('--dry', is_flag=True)
@click.option('--upper', 'case', flag_value='upper', default=True)
@click.option('--many', multiple=True, default=['a'])
@click.option('--pair', nargs=2, type=int, default=(1, 2))
@click.option('-v', '--verbose', count=True)
@click.option('-s')
@click.option('--later', default=lambda: 3)
@click.argument('data')
@click.pass_context
def main(ctx, **kw):
    pass
if __name__ == '__main__':
    main()
";
    assert_eq!(
        flags(text),
        "count=1 name=null rate=0.5 kind=null path=null fast=true dry=false upper=true \
         many=null pair=1 2 later=null"
    );
    let found = exact(text, &[]);
    assert_eq!(found.dest, "args:click");
    let kinds: Vec<_> = found
        .flags
        .iter()
        .map(|f| f.definition.kind.as_deref())
        .collect();
    let boolean = Some("boolean");
    assert_eq!(
        kinds,
        [
            Some("int"),
            Some("string"),
            Some("float"),
            None,
            None,
            boolean,
            boolean,
            boolean,
            Some("string"),
            Some("int"),
            Some("string")
        ]
    );
    assert_eq!(
        found.flags[0].definition.description,
        "How many.\n\nAnd more."
    );
    assert!(found.flags[1].definition.required);
    assert_eq!(choices(&found.flags[3]), "a b");
    let spec = |at: usize| {
        let spec = &found.flags[at].definition.spec;
        (spec.arg_name.clone(), spec.arg_switch.clone())
    };
    assert_eq!(
        spec(5),
        (Some("slow".to_string()), Some(Value::Bool(false)))
    );
    assert_eq!(spec(6), (None, Some(Value::Bool(true))));
    assert_eq!(spec(7), (None, Some(Value::Bool(true))));
    assert_eq!(
        skipped(text),
        "verbose: it counts how often it is given, -s: it has no long name, \
         data: it is a positional argument"
    );
}

#[test]
fn base_arguments_choose_a_command_of_click() {
    let text = "\
import click
def shared(f):
    f = click.option('--shared', default=1)(f)
    return click.option('--other', default=2)(f)
@click.group()
@click.option('--base', default=4)
def cli(base): pass
@cli.command()
@shared
@click.option('--lr', default=0.1)
def train(lr): pass
@cli.group('deep')
def nested(): pass
@nested.command(name='er')
@click.option('--depth', default=7)
def deeper(depth): pass
@click.command()
@click.option('--top', default=5)
def test_it(top): pass
cli.add_command(test_it)
cli(obj={})
";
    let of = |base_args: &[&str]| shown(&exact(text, base_args));
    assert_eq!(of(&[]), "base=4");
    assert_eq!(of(&["train"]), "other=2 shared=1 lr=0.1");
    assert_eq!(of(&["deep"]), "");
    assert_eq!(of(&["deep", "er"]), "depth=7");
    assert_eq!(of(&["test-it"]), "top=5");
    match reading(text, &["--base", "3", "train"], None) {
        Reading::CannotTell { why, .. } => {
            assert_eq!(why, "which command `--base` chooses is not clear");
        }
        Reading::Exact(found) => panic!("{found:?}"),
    }
}

#[test]
fn what_a_command_of_click_does_not_tell() {
    let option = "@click.option('--x', default=1)\n";
    for (text, reason) in [
        (
            format!("@click.command(cls=mine.C)\n{option}def f(x): pass\nf()\n"),
            "a command is of",
        ),
        (
            format!("@click.command()\n@mine.options\n{option}def f(x): pass\nf()\n"),
            "a command is made of something",
        ),
        (
            format!("@click.command()\n{option}def f(x): pass\nmine.run(f)\n"),
            "a command is used",
        ),
        (
            format!("@click.command()\n{option}def f(x): pass\nf(['--x', '2'])\n"),
            "other arguments than",
        ),
        (
            format!("@click.command()\n{option}def f(x): pass\nif mine.on():\n    f()\n"),
            "a command is used",
        ),
        (
            "@click.command()\n@click.option('--x', default=mine.x)\ndef f(x): pass\nf()\n".into(),
            "the default of --x is computed",
        ),
        (
            "@click.command()\n@click.option('--x', type=mine.T())\ndef f(x): pass\nf()\n".into(),
            "the type of --x is computed",
        ),
        (
            format!("@click.command()\n{option}def f(x): pass\nf.params.clear()\nf()\n"),
            "a command is used",
        ),
    ] {
        let (_, found) = why(&format!("import click, mine\n{text}"));
        assert!(found.starts_with(reason), "{found}\n{text}");
    }
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
