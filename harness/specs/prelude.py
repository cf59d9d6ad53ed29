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


def harness(arguments, ignore="test result: |^$"):
    """Runs the harness and prints what it prints, with a `|` before the prompts
    that it shows, so that they are not taken for examples of this spec. The lists
    at the end, which tell again what failed and was skipped, are left out."""
    output = run_capture(f"harness {arguments} || echo \"<exit $?>\"", ignore=ignore)
    again = r"^(failed, and how |skipped:$).*?(?=^test result|^<exit|\Z)"
    output = re.sub(again, "", output, flags=re.M | re.S)
    print(re.sub(r"^( +)(>>>|\.\.\.)", r"\1|\2", output, flags=re.M))
