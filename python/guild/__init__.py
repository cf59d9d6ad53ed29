"""The Python side of Guild: what has to run inside a run's own interpreter.

Importing this package does nothing. It is on the path of every run, so it
stays small and uses the standard library only.
"""
