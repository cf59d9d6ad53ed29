"""Helpers for the harness's own specs."""


def use_fixtures():
    """Makes a fresh copy of the fixtures the current directory."""
    folder = join_path(mkdtemp(), "fixtures")
    copytree(samples_dir(), folder)
    cd(folder)


def spec(text, name="x.md"):
    """Writes a spec whose prompts are marked with `|`, so that they are not taken
    for examples of the spec that writes it."""
    lines = (line.strip().removeprefix("|") for line in text.strip().split("\n"))
    write(name, "\n".join(lines) + "\n")
