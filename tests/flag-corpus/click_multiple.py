import click


@click.command()
@click.option("--tag", multiple=True, default=["a"])
@click.option("--pair", nargs=2, type=float, default=(0.1, 0.2))
@click.option("--lr", default=0.1)
def main(**kw):
    print(kw)


main()
