import click


@click.command()
@click.option("--lr", default=0.1, help="rate")
@click.option("--epochs", type=int, default=3, show_default=True)
@click.option("--name", required=True)
@click.option("-q", "--quiet", is_flag=True)
@click.argument("data")
def train(lr, epochs, name, quiet, data):
    print(lr, epochs, name, quiet, data)


if __name__ == "__main__":
    train()
