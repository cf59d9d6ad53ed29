# base-args: train
# base-args: data
# base-args: data get-it
import click


@click.group()
@click.option("--verbose", is_flag=True)
@click.pass_context
def cli(context, verbose):
    context.obj = verbose


@cli.command()
@click.option("--lr", type=float, default=0.1)
@click.pass_obj
def train(verbose, lr):
    print(lr)


@cli.group()
@click.option("--root", default="data")
def data(root):
    print(root)


@click.command()
@click.option("--count", default=3)
def get_it(count):
    print(count)


data.add_command(get_it)
cli()
