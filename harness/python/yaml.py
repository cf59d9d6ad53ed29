"""The `yaml` module that specs see: plain data in PyYAML's dialect, YAML 1.1.

The harness reads and writes the syntax, so nothing need be installed. Tags of
Python objects are not known, and neither are loaders and dumpers of one's own.
"""

_READING = """
    BaseLoader CFullLoader CLoader CSafeLoader FullLoader Loader SafeLoader full_load
    full_load_all load load_all safe_load safe_load_all
""".split()
_WRITING = """
    CDumper CSafeDumper Dumper SafeDumper dump dump_all safe_dump safe_dump_all
""".split()
_ERRORS = ["MarkedYAMLError", "YAMLError"]
# Where PyYAML has its other exceptions, as in `yaml.scanner.ScannerError`.
_MODULES = ["composer", "constructor", "error", "representer", "scanner"]

__all__ = _READING + _WRITING + _ERRORS


def __getattr__(name):
    # Few specs use this, and every spec has it: what does the work is loaded
    # when first asked for.
    if name in _READING:
        from harness_worker import yaml_reading as home
    elif name in _WRITING:
        from harness_worker import yaml_writing as home
    elif name in _ERRORS:
        from harness_worker import yaml_errors as home
    elif name in _MODULES:
        from harness_worker import yaml_errors

        return yaml_errors
    else:
        raise AttributeError(f"this yaml has no {name}")
    globals()[name] = value = getattr(home, name)
    return value
