//! What scripts with click tell.

use super::*;

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
