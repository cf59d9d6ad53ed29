//! What scripts with argparse tell.

use super::*;

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
