# arguments: --level 2 data make
import click


@click.group()
@click.option("--level", default=1)
def cli(level):
    pass


@cli.group()
def data():
    pass


@data.command()
@click.option("--size", default=100)
def make(size):
    print(size)


cli()
