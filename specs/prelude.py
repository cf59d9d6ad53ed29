"""Helpers about guild, for every spec of this suite.

This file runs in the namespace of a spec, after the harness's own helpers, and
may use them.
"""

# Most specs are not about how the flags of a script are found.
os.environ["NO_IMPORT_FLAGS_PROGRESS"] = "1"


def set_guild_home(path):
    """Makes a folder the Guild home of later commands."""
    ensure_dir(path)
    os.environ["GUILD_HOME"] = abspath(path)


def use_project(name, guild_home=None):
    """Makes a fresh copy of a sample project the current directory, with a fresh
    Guild home."""
    project = join_path(mkdtemp("project-"), basename(name))
    copytree(sample(name), project)
    cd(project)
    set_guild_home(guild_home or mkdtemp("guild-home-"))


def use_empty_project(guild_home=None):
    """Makes a new empty folder the current directory, with a fresh Guild home."""
    cd(mkdtemp("project-"))
    set_guild_home(guild_home or mkdtemp("guild-home-"))


def script(name, text):
    """Writes an executable file."""
    write(name, text)
    os.chmod(name, 0o755)


def run_dirs():
    """The folders of the runs in Guild home, latest first."""
    folder = join_path(os.environ["GUILD_HOME"], "runs")
    names = os.listdir(folder) if isdir(folder) else []
    dirs = [join_path(folder, name) for name in names]
    return sorted((d for d in dirs if guild_file("opref", d)), key=_started, reverse=True)


def _started(run_dir):
    times = (run_attr("started", run_dir), run_attr("initialized", run_dir), "0")
    return int(next(time for time in times if time))


def last_run():
    """The folder of the latest run."""
    return run_dirs()[0]


def run_attr(name, run_dir=None):
    """The text of an attribute of a run, the latest unless given; none where it
    is not set."""
    text = guild_file(join_path("attrs", name), run_dir)
    return None if text is None else text.rstrip("\n")


def guild_file(name, run_dir=None):
    """The text of a file that guild keeps in a run, the latest unless given."""
    try:
        with open(join_path(run_dir or last_run(), ".guild", name), encoding="latin-1") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def wait_until(condition, timeout=20):
    """Waits until a condition holds, and says so if it does not in time."""
    pause = 0.005
    while timeout > 0:
        if condition():
            return
        sleep(pause)
        timeout -= pause
        pause = min(pause * 2, 0.1)
    print("still not so after the timeout")


def wait_for_output(text):
    """Waits until the latest run is running and has printed a text. Returns the id
    of its process."""
    def is_there():
        return run_dirs() and is_running() and text in guild_file("output")
    wait_until(is_there)
    return int(guild_file("LOCK") or 0)


def is_running(run_dir=None):
    """Whether a run, the latest unless given, has a process."""
    lock, pending = (guild_file(name, run_dir) for name in ("LOCK", "PENDING"))
    return pending is None and bool(lock)


def open_terminal(command):
    """Starts a command, without a shell, at a terminal of its own. Returns the id of
    the process, and the terminal."""
    import pty
    import shlex

    words = shlex.split(command)
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execvp(words[0], words)
        finally:
            os._exit(127)
    return pid, terminal


def at_terminal(command, *steps, timeout=20):
    """Runs a command, without a shell, at a terminal of its own. Each step is a text to wait for and
    what to type then, or a function to call. Prints what the terminal shows and
    the exit code."""
    import select
    import time

    pid, terminal = open_terminal(command)
    shown, steps, end = b"", list(steps), time.monotonic() + timeout
    position = 0
    while time.monotonic() < end:
        if steps and steps[0][0].encode() in shown[position:]:
            text, act = steps.pop(0)
            position = shown.index(text.encode(), position) + len(text)
            os.write(terminal, act.encode()) if isinstance(act, str) else act(pid)
        if not select.select([terminal], [], [], 0.02)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    else:
        os.kill(pid, 9)
        print("<timeout>")
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(shown.decode(errors="replace").replace("\r\n", "\n").strip())
    print(f"<exit {code}>")
