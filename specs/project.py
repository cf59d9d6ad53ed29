"""`Project`: a folder and a Guild home to run operations in, for every spec of a
suite that lists this file. All it does it does with the `guild` command.

This file runs in the namespace of a spec, after the harness's own helpers, and
may use them.
"""

# Keyword arguments that become options: switches, options with a value, and
# options that are given once for each value of a list.
RUN_SWITCHES = """
    background fail_on_trial_error force_deps force_flags force_sourcecode help_op keep_batch
    keep_run needed optimize print_cmd print_trials quiet stage stage_trials test_sourcecode
""".split()
RUN_VALUES = """
    batch_comment batch_label comment debug_sourcecode gpus label max_trials maximize minimize
    optimizer proto random_seed restart run_dir run_id save_trials start stop_after
""".split()
RUN_LISTS = {"batch_tags": "batch-tag", "deps": "dep", "tags": "tag"}

FILTER_SWITCHES = """
    completed error marked pending running staged terminated unlabeled unmarked
""".split()
FILTER_VALUES = {"digest": "digest", "expr": "filter", "started": "started"}
FILTER_LISTS = {"comments": "comment", "labels": "label", "ops": "operation", "tags": "tag"}


class Project:
    """A folder and a Guild home; `env` is added to the environment of its commands."""

    def __init__(self, cwd, guild_home=None, env=None):
        self.cwd = self.dir = cwd
        self.guild_home = guild_home or mkdtemp("guild-home-")
        self.env = env or {}

    def guild(self, *arguments, cwd=None, env=None):
        """Runs a `guild` command in the folder and returns what it prints."""
        words = " ".join(shlex_quote(str(word)) for word in arguments)
        environment = {"GUILD_HOME": abspath(self.guild_home), **self.env, **(env or {})}
        return run_capture(f"guild {words}", cwd=path(self.cwd, cwd or "."), env=environment)

    # Running

    def run(self, opspec=None, flags=None, **options):
        """Runs an operation and prints its output, and how it ended if it failed."""
        try:
            _, output = self.run_capture(opspec, flags, **options)
        except RunError as error:
            output = f"{error.output}\n<exit {error.returncode}>"
        print(output)

    def run_capture(self, opspec=None, flags=None, **options):
        """Runs an operation. Returns the run and its output."""
        again = [options[name] for name in ("restart", "start", "proto") if options.get(name)]
        if options.get("run_dir"):
            folder = options["run_dir"]
        elif again:
            folder = self.run_for(again[0]).dir
        else:
            folder = options["run_dir"] = path(self.guild_home, "runs", os.urandom(16).hex())
        output = self.run_operation(opspec, flags, options)
        return Run(self, basename(folder), folder), output

    def run_quiet(self, opspec=None, flags=None, **options):
        """Runs an operation that should not fail, and prints nothing."""
        self.run_operation(opspec, flags, options)

    def print_trials(self, opspec=None, flags=None, **options):
        """Prints the trials that a batch would run."""
        print(self.run_operation(opspec, flags, {**options, "print_trials": True}))

    def run_operation(self, opspec, flags, options):
        options = dict(options)
        ignored = options.pop("ignore_output", None) or []
        environment = {"NO_IMPORT_FLAGS_PROGRESS": "1", "NO_WARN_RUNDIR": "1"}
        environment.update(options.pop("extra_env", None) or {})
        cwd = options.pop("cwd", None)
        words = ["--debug"] if options.pop("debug", False) else []
        words += ["run", "-y", *([opspec] if opspec else []), *_run_options(options)]
        words += _assignments(flags)
        words += [f"@{file}" for file in options.get("batch_files") or []]
        output = self.guild(*words, cwd=cwd, env=environment)
        ignored = [ignored] if isinstance(ignored, str) else ignored
        lines = output.split("\n")
        return "\n".join(line for line in lines if not any(text in line for text in ignored))

    def run_for(self, spec):
        """The run whose id starts so; else the marked, or latest, run of the operation."""
        for one in self.list_runs():
            if one.id.startswith(spec):
                return one
        found = self.list_runs(ops=[spec], marked=True) or self.list_runs(ops=[spec])
        if not found:
            raise ValueError(f"no run of {spec}")
        return found[0]

    # Runs

    def list_runs(self, limit=None, deleted=False, **filters):
        """The runs that pass the filters, latest first."""
        filters.pop("all", None)
        words = _filters("runs_list", filters) + (["--deleted"] if deleted else [])
        told = json.loads(self.guild("runs", "list", "--json", *words))
        runs = [Run(self, one["id"], one["run_dir"], one["opref"]) for one in told]
        return runs if limit is None else runs[:limit]

    def print_runs(self, runs=None, ids=False, short_ids=False, flags=False, labels=False,
                   tags=False, status=False, scalars=False, cwd=None, limit=None):
        """Prints runs in columns: the operation, and what else is asked for."""
        if runs is None:
            runs = self.list_runs(limit=limit)
        names = self.operation_names(cwd)
        columns = [[names.get(run.id, "") for run in runs]]
        for wanted, cell in [
            (ids, lambda run: run.id),
            (short_ids, lambda run: run.short_id),
            (flags, lambda run: " ".join(_assignments(run.get("flags")))),
            (labels, lambda run: run.get("label") or ""),
            (tags, lambda run: " ".join(sorted(run.get("tags") or []))),
            (status, lambda run: run.status),
            (scalars, self.scalars_text),
        ]:
            if wanted:
                columns.append([cell(run) for run in runs])
        widths = [max(map(len, column), default=0) for column in columns]
        for row in zip(*columns):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())

    def operation_names(self, cwd):
        """How runs are called in lists seen from a folder, by id."""
        wide = {"COLUMNS": "9999"}
        lines = self.guild("runs", "list", "--all", "--simplified", cwd=cwd, env=wide)
        found = (re.match(r"\[\d+\] +(.*?)(  |$)", line) for line in lines.split("\n"))
        names = [match[1] for match in found if match]
        return dict(zip((run.id for run in self.list_runs()), names))

    def delete_runs(self, runs=None, permanent=False, **filters):
        words = ["--permanent"] if permanent else []
        print(self.about_runs("runs_delete", ["runs", "delete", "-y", *words], runs, filters))

    def stop_runs(self, runs=None, no_wait=False, **filters):
        words = ["--no-wait"] if no_wait else []
        print(self.about_runs("runs_stop", ["stop", "-y", *words], runs, filters))

    def mark(self, runs, clear=False, **filters):
        words = ["--clear"] if clear else []
        print(self.about_runs("mark", ["mark", "-y", *words], runs, filters))

    def label(self, runs=None, set=None, append=None, prepend=None, remove=None, clear=False,
              **filters):
        values = {"set": set, "append": append, "prepend": prepend, "remove": remove}
        words = [word for name, value in values.items() if value for word in (f"--{name}", value)]
        words += ["--clear"] if clear else []
        print(self.about_runs("runs_label", ["label", "-y", *words], runs, filters))

    def tag(self, runs=None, add=None, remove=None, clear=False, sync_labels=False,
            list_all=False, **filters):
        words = [word for tag in _list(add) for word in ("--add", tag)]
        words += [word for tag in _list(remove) for word in ("--delete", tag)]
        switches = {"clear": clear, "sync-labels": sync_labels, "list-all": list_all}
        words += [f"--{name}" for name, wanted in switches.items() if wanted]
        print(self.about_runs("runs_tag", ["tag", "-y", *words], runs, filters))

    def publish(self, runs=None, dest=None, template=None, index_template=None, files=False,
                all_files=False, include_links=False, include_batch=False, no_md5=False,
                refresh_index=False, **filters):
        values = {"dest": dest, "template": template, "index-template": index_template}
        words = [word for name, value in values.items() if value for word in (f"--{name}", value)]
        switches = {"files": files, "all-files": all_files, "include-links": include_links,
                    "include-batch": include_batch, "no-md5": no_md5,
                    "refresh-index": refresh_index}
        words += [f"--{name}" for name, wanted in switches.items() if wanted]
        print(self.about_runs("publish", ["publish", "-y", *words], runs, filters))

    def package(self, clean=False, **options):
        """Makes a package of the folder."""
        words = ["--clean"] if clean else []
        for name, value in options.items():
            words += [_option(name)] if value is True else [_option(name), value] if value else []
        print(self.guild("package", *words))

    def select(self, run=None, min=None, max=None, **filters):
        """The run that is chosen: by number, id or filters, the latest among several."""
        words = ["--min", min] if min else []
        words += ["--max", max] if max else []
        runs = [run] if isinstance(run, str) else run
        try:
            chosen = self.about_runs("select", ["select", *words], runs, filters)
        except RunError as error:
            message = re.sub("^guild: ", "", error.output.split("\n")[0])
            raise ValueError(message, error.returncode) from None
        return Run(self, chosen)

    def about_runs(self, function, words, runs, filters):
        """Runs a command about runs, or about those that pass filters."""
        ids = [getattr(run, "id", str(run)) for run in runs or []]
        return self.guild(*words, *_filters(function, filters), *ids)

    # Files and scalars

    def ls(self, run=None, all=False, sourcecode=False):
        """The files of a run, the latest unless given; those that guild keeps for
        itself only with `all`."""
        run = run or self.latest()
        found = findl(run.dir)
        if sourcecode:
            told = self.guild("ls", "--sourcecode", "--no-format", "--all", run.id)
            copied = {os.path.normpath(line.strip()) for line in told.split("\n")}
            found = [file for file in found if file in copied]
        return [file for file in found if all or sourcecode or not file.startswith(".guild")]

    def latest(self):
        runs = self.list_runs(limit=1)
        if not runs:
            raise RuntimeError("no runs")
        return runs[0]

    def cat(self, run, file):
        """Prints a file of a run."""
        cat(run.dir, file)

    def scalars(self, run):
        """What is known of each scalar of a run, in natural order."""
        import csv

        series = {}
        told = self.guild("tensorboard", "--export-scalars", "-", run.id)
        for row in csv.DictReader(told.split("\n")):
            point = (float(row["value"]), int(row["step"]))
            # The folder that the file of a scalar is in comes before its tag.
            prefix = "" if row["path"] == "." else row["path"]
            series.setdefault((prefix, row["tag"]), []).append(point)
        names = sorted(series, key=lambda name: [_natural_key(part) for part in name])
        return [_summary(run, prefix, tag, series[prefix, tag]) for prefix, tag in names]

    def scalar(self, run, prefix, tag, qual="last", step=False):
        """One number of a scalar: its first, last or other value, or the step of that.
        None if there is no such scalar."""
        for values in self.scalars(run):
            if (values["prefix"], values["tag"]) == (prefix or "", tag):
                kind = qual or "last"
                return values.get(kind, values.get(f"{kind}_step" if step else f"{kind}_val"))
        return None

    def scalars_text(self, run):
        known = json.loads(self.guild("runs", "info", "--json", run.id))["scalars"]
        return " ".join(f"{name}={value:.5f}" for name, (value, _) in known.items())

    def compare(self, runs=None, cols=None, strict_cols=None, min_col=None, max_col=None,
                limit=None, **options):
        """The table that compares runs, its heading first."""
        import csv

        values = {"cols": cols, "strict-cols": strict_cols, "min": min_col, "max": max_col,
                  "limit": limit}
        words = [word for name, value in values.items() if value for word in (f"--{name}", value)]
        for name in ("all_scalars", "extra_cols", "include_batch", "skip_core", "skip_op_cols",
                     "skip_unchanged"):
            words += [_option(name)] if options.pop(name, False) else []
        told = self.about_runs("compare", ["compare", "--csv", "-", *words], runs, options)
        header, *rows = csv.reader(told.split("\n"))
        # What is before these columns is text, even if it looks like a number.
        text = header.index("label") + 1 if "label" in header else int("run" in header)
        return [header] + [row[:text] + [_number(cell) for cell in row[text:]] for row in rows]


class Run:
    """A run of a project."""

    # Where it is in the folder of its run, if it is the prototype of a batch.
    inside = ""

    def __init__(self, project, id, folder=None, opref=None):
        self.project = project
        self.id = id
        self.short_id = id[:8]
        self.dir = self.path = folder or path(abspath(project.guild_home), "runs", id)
        self._opref = opref

    def __repr__(self):
        return f"<guild.run.Run '{self.id}'>"

    def __eq__(self, other):
        return isinstance(other, Run) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def guild_path(self, *parts):
        """A path in the folder that guild keeps for itself in the run."""
        return path(self.dir, ".guild", *parts)

    @property
    def batch_proto(self):
        """What the trials of this batch are made from; none if it is no batch."""
        folder = self.guild_path("proto")
        if not isdir(folder):
            return None
        proto = Run(self.project, self.id, folder)
        proto.inside = f"{self.inside}.guild/proto/"
        return proto

    @property
    def status(self):
        return json.loads(self.project.guild("runs", "info", "--json", self.id))["status"]

    @property
    def opref(self):
        if self._opref is None:
            listed = self.project.list_runs()
            self._opref = next(run._opref for run in listed if run.id == self.id)
        return OpRef(self._opref)

    def get(self, name, default=None):
        """The value of an attribute that guild keeps with the run."""
        try:
            file = f"{self.inside}.guild/attrs/{name}"
            text = self.project.guild("cat", "--path", file, self.id)
        except RunError:
            return default
        return yaml.safe_load(text)

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value


OPREF_FIELDS = ("pkg_type", "pkg_name", "pkg_version", "model_name", "op_name")


class OpRef:
    """What a run is a run of."""

    def __init__(self, text):
        import shlex

        kind, _, rest = text.partition(":")
        self.__dict__.update(zip(OPREF_FIELDS, [kind, *shlex.split(rest)]))

    def __repr__(self):
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in OPREF_FIELDS)
        return f"OpRef({fields})"

    def to_opspec(self, cwd=None):
        return f"{self.model_name}:{self.op_name}" if self.model_name else self.op_name


def _option(name):
    return "--" + name.replace("_", "-")


def _list(value):
    return value if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _run_options(options):
    """The words of a `guild run` command for keyword arguments."""
    words = []
    for name, value in options.items():
        if name in RUN_SWITCHES:
            words += [_option(name)] if value else []
        elif name in RUN_VALUES:
            words += [_option(name), value] if value not in (None, "") else []
        elif name in RUN_LISTS:
            words += [word for one in value or [] for word in (f"--{RUN_LISTS[name]}", one)]
        elif name == "opt_flags":
            words += [word for one in _assignments(value) for word in ("--opt-flag", one)]
        elif name != "batch_files":
            raise TypeError(f"run() got an unexpected keyword argument '{name}'")
    return words


def _filters(function, filters):
    """The words that filter runs, for keyword arguments."""
    words = []
    for name, value in filters.items():
        if name in FILTER_SWITCHES:
            words += [_option(name)] if value else []
        elif name in FILTER_VALUES:
            words += [f"--{FILTER_VALUES[name]}", value] if value else []
        elif name in FILTER_LISTS:
            words += [word for one in value for word in (f"--{FILTER_LISTS[name]}", one)]
        elif name == "remote":
            words += ["--remote", value] if value else []
        else:
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    return words


def _assignments(flags):
    return [f"{name}={_encoded(value)}" for name, value in sorted((flags or {}).items())]


def _encoded(value):
    """A flag value as it is written on a command line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and (_number(value) != value or " " in value):
        return "'" + value.replace("'", "''") + "'"
    text = yaml.safe_dump(value, default_flow_style=True, width=1 << 20, allow_unicode=True)
    return re.sub(r"\n(\.\.\.\n)?$", "", text)


def _summary(run, prefix, tag, points):
    """What is known of a scalar with these values and steps."""
    by_step = sorted(points, key=lambda point: point[1])
    ends = {"first": by_step[0], "last": by_step[-1], "min": min(points), "max": max(points)}
    total = sum(value for value, _ in points)
    known = {"run": run.id, "prefix": prefix, "tag": tag, "avg_val": total / len(points),
             "total": total, "count": len(points)}
    for kind, (value, step) in ends.items():
        known.update({f"{kind}_val": value, f"{kind}_step": step})
    return known


def _number(text):
    """The number that a text stands for, or the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _natural_key(text):
    parts = enumerate(re.split(r"(\d+)", text))
    return [(int(part) if index % 2 else 0, part) for index, part in parts]
