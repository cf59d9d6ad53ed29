"""Has Guild AI read guild files. Reads JSON from stdin, prints JSON.

Each file is a path and a text, or nothing for the file's own. It is answered by what
was read, or by the message of the error.
"""

import json
import logging
import os
import sys


def plain(value):
    """`value` as JSON has it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def names(value):
    return [value] if isinstance(value, str) else list(value or [])


def select(select):
    return {
        "disabled": select.disabled,
        "root": select.root,
        "dest": select.dest,
        "rules": [
            [rule.type, [str(pattern) for pattern in rule.patterns], rule.patterns_type]
            for rule in select.specs
        ],
    }


def choice(choice):
    return {
        "value": choice.value,
        "alias": choice.alias or None,
        "description": choice.description,
        "flags": choice.flags,
    }


def flag(flag):
    keys = "type arg_name arg_encoding arg_switch env_name env_encoding null_label min max"
    return {
        **{key: getattr(flag, key) for key in keys.split()},
        "name": str(flag.name),
        "default": flag.default,
        "description": flag.description,
        "required": flag.required,
        "arg_skip": bool(flag.arg_skip),
        "arg_split": flag.arg_split,
        "allow_other": bool(flag.allow_other),
        "distribution": flag.distribution,
        "choices": [choice(item) for item in flag.choices],
    }


def source(source):
    return {
        "uri": source.uri,
        "name": source.name,
        "flag_name": source.flag_name,
        "sha256": source.sha256,
        "unpack": source.unpack,
        "select": [
            [item.pattern, getattr(item.reduce, "__name__", None)] for item in source.select
        ],
        "rename": [[item.pattern, item.repl] for item in source.rename or []],
        "optional": bool(source.optional),
        "warn_if_empty": bool(source.warn_if_empty),
        "fail_if_empty": bool(source.fail_if_empty),
        "post_process": source.post_process,
        "target_path": source.target_path,
        "target_type": source.target_type,
        "replace_existing": source.replace_existing,
        "preserve_path": bool(source.preserve_path),
        "always_resolve": bool(source.always_resolve),
        "params": source.params or {},
    }


def resource(resource):
    return {
        "name": resource.name,
        "description": resource.description,
        "target_path": resource.target_path,
        "target_type": resource.target_type,
        "preserve_path": bool(resource.preserve_path),
        "private": resource.private,
        "sources": [source(item) for item in resource.sources],
    }


def dependency(dependency):
    if dependency.inline_resource:
        return resource(dependency.inline_resource)
    return [dependency.spec, dependency.description]


def optimizer(optimizer):
    return [optimizer.name, optimizer.opspec, bool(optimizer.default), optimizer.flags]


def operation(op):
    keys = (
        "name description default steps env label flags_dest compare objective output_scalars "
        "python_requires python_path plugins default_max_trials flag_encoder pip_freeze"
    )
    truths = (
        "stoppable handle_keyboard_interrupt default_flag_arg_skip delete_on_success "
        "can_stage_trials"
    )
    return {
        **{key: getattr(op, key) for key in keys.split()},
        **{key: bool(getattr(op, key)) for key in truths.split()},
        "run": "exec " + op.exec_ if op.exec_ else op.main,
        "flags": [flag(item) for item in op.flags],
        "flags_import": op.flags_import,
        "flags_import_skip": names(op.flags_import_skip),
        "env_secrets": names(op.env_secrets),
        "tags": op.tags,
        "run_attrs": op.run_attrs or {},
        "requires": [dependency(item) for item in op.dependencies],
        "optimizers": [optimizer(item) for item in op.optimizers],
        "sourcecode": select(op.sourcecode),
        "publish": [select(op.publish.files), op.publish.template],
    }


def model(model):
    return {
        "name": model.name,
        "description": model.description,
        "default": model.default,
        "references": names(model.references),
        "python_requires": model.python_requires,
        "plugins": model.plugins,
        "extra": model.extra,
        "sourcecode": select(model.sourcecode),
        "operations": [operation(op) for op in model.operations],
        "resources": [resource(item) for item in model.resources],
        "default_operation": getattr(model.default_operation, "name", None),
    }


def package(package):
    if package is None:
        return None
    keys = (
        "name description version url author author_email license tags python_tag data_files "
        "python_requires requires packages"
    )
    return {key: getattr(package, key) for key in keys.split()}


def read(path, text):
    import yaml
    from guild import guildfile

    try:
        with open(path) if text is None else open(os.devnull) as file:
            data = yaml.safe_load(file if text is None else text)
        read = guildfile.Guildfile(data, path)
    except guildfile.GuildfileError as error:
        return {"error": str(error)}
    except yaml.YAMLError:
        return {"error": "no YAML"}
    except Exception as error:
        return {"crash": repr(error)}
    return {
        "models": [model(item) for item in read.models.values()],
        "package": package(read.package),
    }


logging.disable(logging.CRITICAL)
answers = [plain(read(*file)) for file in json.load(sys.stdin)]
json.dump(answers, sys.stdout)
