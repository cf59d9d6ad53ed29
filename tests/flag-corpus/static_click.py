import click

MODES = ["fast", "slow"]


def shared(function):
    function = click.option("--seed", type=int, default=0)(function)
    return click.option("--log", default="info", show_default=True)(function)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lr", default=0.1, help="first rate", show_default=True)
@click.option("-e", "--epochs", type=int, required=True)
@click.option("--mode", type=click.Choice(MODES), default=MODES[0])
@click.option("--share", type=click.FloatRange(0, 1), default=0.5)
@click.option("--data", type=click.Path(exists=True))
@click.option("--dry-run", is_flag=True, help="do nothing")
@click.option("--plain", default="x")
@click.option("--none")
@shared
@click.argument("target", default="out")
def main(**options):
    """Trains."""
    print(options)


if __name__ == "__main__":
    main()
