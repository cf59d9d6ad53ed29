# arguments: train
import click


@click.group()
@click.option("--debug", is_flag=True)
def cli(debug):
    pass


@cli.command()
@click.option("--lr", default=0.1)
def train(lr):
    print(lr)


@cli.command("check")
@click.option("--deep", is_flag=True)
def run_checks(deep):
    print(deep)


if __name__ == "__main__":
    cli()
