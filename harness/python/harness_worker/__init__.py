"""What evaluates the examples of a spec, and the helpers that specs have.

The harness unpacks these files once for each of its runs. Whatever is here is
loaded at the start of every spec, so modules of the standard library that only
some helpers need are imported by those.
"""
