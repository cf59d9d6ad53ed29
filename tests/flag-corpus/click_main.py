import click

DEFAULT = 0.125


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--dropout", "drop", default=DEFAULT)
@click.option("--seed", default=lambda: 7)
def main(drop, seed):
    print(drop, seed)


if __name__ == "__main__":
    main.main(standalone_mode=False)
