import click


@click.command()
@click.option("--shout/--no-shout", default=True)
@click.option("--log/--quiet", default=False)
@click.option("-v", "--verbose", count=True)
@click.version_option("1.0")
def main(**kw):
    print(kw)


main()
