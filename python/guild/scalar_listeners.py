"""Adds how busy the machine is to the scalars that a script logs itself.

The libraries that log scalars are not imported here. Their modules are patched
when the script imports them.
"""

import sys


def listen(names):
    """Has the measures `names` taken with scalars that are logged from now on."""
    sys.meta_path.insert(0, _Finder(names))


class _Finder:
    """Patches modules after they are executed."""

    def __init__(self, names):
        self._names = names
        # Made when there is somebody to measure for.
        self._measures = None

    def find_spec(self, name, path=None, target=None):
        patch = PATCHES.get(name)
        if patch is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                self._patch_after(spec.loader, patch)
                return spec
        return None

    def _patch_after(self, loader, patch):
        execute = getattr(loader, "exec_module", None)

        def execute_and_patch(module):
            execute(module)
            try:
                patch(module, self._all_measures())
            except Exception:
                # A version of the library that is not known logs without.
                pass

        if execute is not None:
            try:
                loader.exec_module = execute_and_patch
            except AttributeError:
                pass

    def _all_measures(self):
        if self._measures is None:
            from guild import system_measures

            self._measures = system_measures.Measures(self._names)
        return self._measures


def _patch_guild(module, measures):
    add_scalar = module.SummaryWriter.add_scalar

    def patched(self, tag, val, step=None, walltime=None):
        add_scalar(self, tag, val, step, walltime)
        measures.log(lambda name, value: add_scalar(self, name, value, step), step)

    module.SummaryWriter.add_scalar = patched


def _patch_add_scalar(module, measures):
    """tensorboardX and PyTorch."""
    add_scalar = module.SummaryWriter.add_scalar

    def patched(self, tag, scalar_value, global_step=None, *args, **kw):
        result = add_scalar(self, tag, scalar_value, global_step, *args, **kw)
        add = lambda name, value: add_scalar(self, name, value, global_step)
        measures.log(add, global_step)
        return result

    module.SummaryWriter.add_scalar = patched


def _patch_tensorboard_writer(module, measures):
    add_scalar = module.Writer.add_scalar

    def patched(self, tag, data, step, *args, **kw):
        result = add_scalar(self, tag, data, step, *args, **kw)
        measures.log(lambda name, value: add_scalar(self, name, value, step), step)
        return result

    module.Writer.add_scalar = patched


def _patch_function(module, measures):
    """TensorFlow 2."""
    scalar = module.scalar

    def patched(name, data, step=None, *args, **kw):
        result = scalar(name, data, step, *args, **kw)
        if _is_written(result):
            measures.log(lambda name, value: scalar(name, value, step), step)
        return result

    module.scalar = patched


def _is_written(result):
    """Whether a scalar went to a file: Keras asks for many at steps that it leaves out.

    What is not known before a graph runs counts as not written.
    """
    try:
        return result is None or bool(result)
    except Exception:
        return False


def _patch_file_writer(module, measures):
    """TensorFlow 1."""
    add_summary = module.FileWriter.add_summary

    def patched(self, summary, global_step=None):
        add_summary(self, summary, global_step)

        def add(name, value):
            from tensorflow.core.framework.summary_pb2 import Summary

            values = [Summary.Value(tag=name, simple_value=value)]
            add_summary(self, Summary(value=values), global_step)

        measures.log(add, global_step)

    module.FileWriter.add_summary = patched


PATCHES = {
    "guild.summary": _patch_guild,
    "tensorboardX.writer": _patch_add_scalar,
    "torch.utils.tensorboard.writer": _patch_add_scalar,
    "tensorboard.summary._writer": _patch_tensorboard_writer,
    "tensorboard.plugins.scalar.summary_v2": _patch_function,
    "tensorflow.python.summary.writer.writer": _patch_file_writer,
}
