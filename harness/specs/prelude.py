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


def eventually(condition, timeout=20):
    """Waits until a condition holds."""
    import time

    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "nothing of the kind happened"
        time.sleep(0.02)


class Rounds:
    """What the service `watch` has told, a round at a time."""

    def __init__(self):
        self.told = 0

    def next(self):
        """Prints what was told until it waits again."""
        wait = re.compile(r"^watching .*\n", re.M)
        eventually(lambda: wait.search(service_log("watch"), self.told))
        end = wait.search(service_log("watch"), self.told).end()
        text = service_log("watch")[self.told:end]
        self.told = end
        text = re.sub(r"^test result: (\w+)\..*\n", r"\1\n", text, flags=re.M)
        print(re.sub(r"\n+", "\n", text), end="")


def at_terminal(command, *steps, timeout=20):
    """Runs a command at a terminal of its own. Each step is a text to wait for, and
    what to type then. Prints the exit code, and whether the terminal is as it was."""
    import pty
    import select
    import termios
    import time

    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("sh", ["sh", "-c", f"exec {command}"])
    before, shown, end = termios.tcgetattr(terminal)[3], b"", time.monotonic() + timeout
    for text, keys in steps:
        while text.encode() not in shown:
            assert time.monotonic() < end, shown.decode()
            if select.select([terminal], [], [], 0.05)[0]:
                shown += os.read(terminal, 65536)
        shown = shown[shown.index(text.encode()) + len(text):]
        os.write(terminal, keys.encode())
    _, status = os.waitpid(pid, 0)
    print(f"<exit {os.waitstatus_to_exitcode(status)}>")
    if termios.tcgetattr(terminal)[3] != before:
        print("the terminal is changed")
    os.close(terminal)
