"""A script that does nothing: `main: guild.pass` in a guild file."""
