//! What is known of things outside of the script: Python's own functions and
//! constants that scripts define their arguments with.

use super::value::Value;

/// Modules of Python itself that scripts import most.
const STANDARD: [&str; 62] = [
    "__future__",
    "abc",
    "argparse",
    "ast",
    "asyncio",
    "atexit",
    "base64",
    "bisect",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "errno",
    "fnmatch",
    "fractions",
    "functools",
    "gc",
    "getpass",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "multiprocessing",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "pprint",
    "queue",
    "random",
    "re",
    "shlex",
    "shutil",
    "signal",
    "socket",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "typing",
    "warnings",
];

/// Python's own functions and types that may be named.
const BUILTINS: [&str; 44] = [
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "compile",
    "dict",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "min",
    "object",
    "open",
    "print",
    "quit",
    "range",
    "repr",
    "round",
    "set",
    "sorted",
    "str",
    "super",
    "tuple",
    "type",
];

/// More of them, which are no types.
const MORE_BUILTINS: [&str; 12] = [
    "classmethod",
    "property",
    "reversed",
    "setattr",
    "staticmethod",
    "sum",
    "vars",
    "zip",
    "Exception",
    "ValueError",
    "delattr",
    "__import__",
];

/// Whether `module` is one of Python's own.
pub(in crate::python) fn is_standard(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    STANDARD.contains(&top)
}

/// Whether `name` is one of Python's own functions or types.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name) || MORE_BUILTINS.contains(&name)
}

/// The names that `from module import *` gives, of modules that are known.
pub(super) fn public_names(module: &str) -> Option<&'static [&'static str]> {
    match module {
        "argparse" => Some(&[
            "ArgumentParser",
            "ArgumentError",
            "ArgumentTypeError",
            "BooleanOptionalAction",
            "FileType",
            "HelpFormatter",
            "ArgumentDefaultsHelpFormatter",
            "RawDescriptionHelpFormatter",
            "RawTextHelpFormatter",
            "MetavarTypeHelpFormatter",
            "Namespace",
            "Action",
            "ONE_OR_MORE",
            "OPTIONAL",
            "PARSER",
            "REMAINDER",
            "SUPPRESS",
            "ZERO_OR_MORE",
        ]),
        _ => None,
    }
}

/// The value of something by its dotted name.
pub(super) fn value<'a>(name: &str) -> Value<'a> {
    match name {
        "argparse.SUPPRESS" => Value::text("==SUPPRESS=="),
        "argparse.OPTIONAL" => Value::text("?"),
        "argparse.ZERO_OR_MORE" => Value::text("*"),
        "argparse.ONE_OR_MORE" => Value::text("+"),
        "argparse.REMAINDER" => Value::text("..."),
        "argparse.PARSER" => Value::text("A..."),
        "os.sep" | "os.path.sep" => Value::text("/"),
        "os.curdir" | "os.path.curdir" => Value::text("."),
        "os.pardir" | "os.path.pardir" => Value::text(".."),
        "math.pi" => Value::Float(std::f64::consts::PI),
        "math.e" => Value::Float(std::f64::consts::E),
        "math.inf" => Value::Float(f64::INFINITY),
        "sys.argv" => Value::Argv(0),
        "sys.maxsize" => Value::Int(i64::MAX),
        "typing.TYPE_CHECKING" => Value::Bool(false),
        _ => Value::External(name.into()),
    }
}

/// Whether calling it changes nothing that it is given, nor keeps it.
pub(super) fn is_harmless(name: &str) -> bool {
    let (module, _) = name.rsplit_once('.').unwrap_or(("", name));
    matches!(
        name,
        "argcomplete.autocomplete"
            | "builtins.print"
            | "builtins.isinstance"
            | "builtins.issubclass"
            | "builtins.callable"
            | "builtins.hasattr"
            | "builtins.id"
            | "builtins.repr"
    ) || module == "warnings"
}

/// Whether a decorator gives back what does the same as what it is given.
pub(super) fn is_transparent(name: &str) -> bool {
    matches!(
        name,
        "functools.lru_cache"
            | "functools.cache"
            | "torch.no_grad"
            | "torch.inference_mode"
            | "torch.enable_grad"
            | "torch.distributed.elastic.multiprocessing.errors.record"
    )
}

/// Whether a function ends the script.
pub(super) fn is_exit(name: &str) -> bool {
    matches!(
        name,
        "sys.exit" | "os._exit" | "builtins.exit" | "builtins.quit"
    )
}

/// Whether a function may give any name another value.
pub(super) fn is_magic(name: &str) -> bool {
    matches!(
        name,
        "builtins.exec" | "builtins.eval" | "builtins.globals" | "builtins.compile"
    )
}
