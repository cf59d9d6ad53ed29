"""Helpers about guild, for every spec of this suite.

This file runs in the namespace of a spec, after the harness's own helpers, and
may use them.
"""


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
