import click


@click.group()
@click.option("--debug", is_flag=True)
def cli(debug):
    pass


@cli.command()
@click.option("--lr", default=0.1)
def train(lr):
    print(lr)


cli()
