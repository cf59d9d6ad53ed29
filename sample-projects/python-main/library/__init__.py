"""A package that is not for running."""
