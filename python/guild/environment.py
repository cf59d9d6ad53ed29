"""Tells what a Python has, as JSON on standard output.

Arguments are names of modules to tell the versions of, and `--pytorch` and
`--tensorflow` for what those say of graphics devices.
"""

import importlib
import json
import os
import re
import sys


def main(args):
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Modules print while they are imported.
    os.dup2(2, 1)
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    modules = {name: version(name) for name in args if not name.startswith("-")}
    told = {
        "version": sys.version.replace("\n", ""),
        "executable": sys.executable,
        "path": sys.path,
        "modules": modules,
    }
    if "--pytorch" in args:
        told["pytorch"] = pytorch()
    if "--tensorflow" in args:
        told["tensorflow"] = tensorflow()
    with answer:
        json.dump(told, answer)


def version(name):
    """The module's version, or why there is none, and whether there is one."""
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        missing = "No module named " in str(error)
        return ["not installed" if missing else "not installed (%s)" % error, False]
    except Exception as error:
        return ["ERROR: %s" % error, False]
    found = getattr(module, "__version__", None)
    if isinstance(found, tuple):
        found = ".".join(str(part) for part in found)
    return [str(found) if found is not None else installed_version(name), True]


def installed_version(name):
    """The version of the package that a module without one is of."""
    try:
        from importlib import metadata

        return metadata.version(name)
    except Exception:
        return "UNKNOWN"


def pytorch():
    told = [["pytorch_version"] + version("torch")]
    if not told[0][2]:
        return told

    def tell(name, value):
        told.append([name] + guarded(value))

    import torch

    tell("pytorch_cuda_version", lambda: str(torch.version.cuda))
    tell("pytorch_cuda_available", lambda: yes_or_no(torch.cuda.is_available()))
    tell("pytorch_cuda_devices", lambda: devices(torch.cuda) or "none")
    return told


def devices(cuda):
    indices = range(cuda.device_count())
    return ", ".join("%s (%s)" % (cuda.get_device_name(i), i) for i in indices)


def tensorflow():
    told = [["tensorflow_version"] + version("tensorflow")]
    if told[0][2]:
        import tensorflow as tf

        def gpu():
            if tf.config.list_physical_devices("GPU"):
                return "yes"
            if tf.test.is_built_with_cuda():
                return "NO (CUDA support is enabled but GPU is not available)"
            return "no"

        built = lambda: yes_or_no(tf.test.is_built_with_cuda())
        told.append(["tensorflow_cuda_support"] + guarded(built))
        told.append(["tensorflow_gpu_available"] + guarded(gpu))
    for name in ("libcuda", "libcudnn"):
        told.append([name + "_version", loaded_version(name), True])
    return told


def loaded_version(library):
    """The version of a shared library that this process has loaded."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            found = re.search(library + r"\.so\.(\S+)", maps.read())
    except OSError:
        found = None
    return found.group(1) if found else "not loaded"


def guarded(tell):
    try:
        return [tell(), True]
    except Exception as error:
        return ["ERROR: %s" % error, False]


def yes_or_no(value):
    return "yes" if value else "no"


if __name__ == "__main__":
    main(sys.argv[1:])
