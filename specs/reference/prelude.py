"""Helpers that the specs of Guild AI 0.9.0 expect beside those of the harness.

This file runs in the namespace of a spec, after the harness's own helpers and
`Project`, and may use them.
"""

# Where the samples really are. Specs write into theirs, so each has copies.
_shared_samples_dir = samples_dir


def _own_samples_dir():
    """The samples of this spec: links, until a copy takes the place of one."""
    own = path(os.environ["TMPDIR"], "tests", "samples")
    if not exists(own):
        ensure_dir(path(own, "projects"))
        for folder in (".", "projects"):
            for name in dir(path(_shared_samples_dir(), folder)):
                if name != "projects":
                    symlink(path(_shared_samples_dir(), folder, name), path(own, folder, name))
    return own


def sample(*parts):
    """A path below the samples of this spec. What it leads to is a copy."""
    name = path(*parts)
    words = name.split("/")
    unit = path(*words[: 2 if words[0] == "projects" else 1])
    own = path(_own_samples_dir(), unit)
    if islink(own):
        shared = path(_shared_samples_dir(), unit)
        os.remove(own)
        copytree(shared, own) if isdir(shared) else copyfile(shared, own)
    return path(_own_samples_dir(), name)


def samples_dir():
    """The samples of this spec."""
    for name in dir(_shared_samples_dir()):
        sample(name)
    for name in dir(path(_shared_samples_dir(), "projects")):
        sample("projects", name)
    return _own_samples_dir()


def examples_dir():
    """The examples of Guild AI: `EXAMPLES`, or beside the tests."""
    return os.environ.get("EXAMPLES") or path(_shared_samples_dir(), "..", "..", "examples")


def example(name):
    """An example of Guild AI."""
    return path(examples_dir(), name)


def guild_home():
    """The Guild home of commands."""
    return os.environ.get("GUILD_HOME") or os.path.expanduser("~/.guild")


def set_guild_home(path):
    """Sets the Guild home of later commands; nothing for the default one."""
    os.environ.pop("GUILD_HOME", None)
    if path is not None:
        os.environ["GUILD_HOME"] = path


class SetGuildHome(Env):
    """For a `with`: another Guild home."""

    def __init__(self, path):
        super().__init__({"GUILD_HOME": path})


def use_project(project_name, guild_home=None):
    """Makes a copy of a sample project the current directory, with a fresh Guild home."""
    cd(sample("projects", project_name))
    set_guild_home(guild_home or mkdtemp())
