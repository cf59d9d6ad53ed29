import click


@click.command()
@click.option("--count", type=click.INT, default=1)
@click.option("--frac", type=click.FloatRange(0, 1), default=0.5)
@click.option("--steps", type=click.IntRange(min=1), default=10)
@click.option("--opt", type=click.Choice(["sgd", "adam"]), default="sgd")
@click.option("--path", type=click.Path(), default="out")
@click.option("--truth", type=bool, default=False)
@click.option("--text", type=str)
def main(**kw):
    print(kw)


main()
