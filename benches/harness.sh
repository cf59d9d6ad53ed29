#!/usr/bin/env bash
# Measures harness beside other runners of documented examples, on the same 1,000
# trivial examples laid out three ways, and prints Markdown tables: benches/harness.sh
# Needs hyperfine. The others are measured where they are found on PATH; trycmd,
# a library, where TRYCMD names the built runner of benches/trycmd. RUNS=N sets how
# often each is measured, after once for nothing unless N is 1. Figures are CPU
# time, user and system: they say less than the clock about what else the machine
# does.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --package harness --bin harness
harness=$PWD/target/release/harness
runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The interpreter itself, not a wrapper script in front of it.
python=$(python3 -c 'import sys; print(sys.executable)')
export PATH=${python%/*}:$PATH NO_COLOR=1 RAYON_NUM_THREADS=1

"$python" - "$work" <<'PYTHON'
import sys
from pathlib import Path

FORMS = {
    "harness": ("md", '    >>> run("/bin/echo hello")\n    hello\n\n'),
    "pytest": ("md", '    >>> run("/bin/echo hello")\n    hello\n\n'),
    "scrut": ("md", "```scrut\n$ /bin/echo hello\nhello\n```\n\n"),
    "trycmd": ("trycmd", "```\n$ echo hello\nhello\n\n```\n\n"),
    "cram": ("t", "  $ /bin/echo hello\n  hello\n\n"),
    "byexample": ("md", "```shell\n$ /bin/echo hello\nhello\n```\n\n"),
}
work = Path(sys.argv[1])
for name, (suffix, example) in FORMS.items():
    for specs in (1, 100, 200):
        folder = work / name / str(specs)
        folder.mkdir(parents=True)
        for number in range(specs):
            text = "# Hello\n\n" + example * (1000 // specs)
            (folder / f"spec{number:03}.{suffix}").write_text(text)
# `run` for doctest, as its users write it.
(work / "pytest/conftest.py").write_text('''import subprocess
import pytest

def run(command):
    done = subprocess.run(command, shell=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end="")

@pytest.fixture(autouse=True)
def names(doctest_namespace):
    doctest_namespace["run"] = run
''')
# The floor: starting the processes, and nothing else.
(work / "start.py").write_text('''import os, sys
for _ in range(int(sys.argv[1])):
    os.waitpid(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)
''')
(work / "hello.sh").write_text("set -eu && /bin/echo hello")
# For `--list`.
(work / "list").mkdir()
for number in range(1000):
    (work / "list" / f"spec{number:03}.md").write_text("# Hello\n\n" + FORMS["harness"][1])
PYTHON

measure() { # name, command
  hyperfine -N --style none --warmup "$((runs > 1))" --runs "$runs" --export-json "$work/$1.json" "$2" >"$work/$1.log" 2>&1 ||
    { echo "$1 failed: $2" >&2; tail -5 "$work/$1.log" >&2; rm -f "$work/$1.json"; }
}

have() { # name, how to get it
  command -v "$1" >/dev/null || { echo "without $1; to get it: $2" >&2; false; }
}

start="$python -I -S $work/start.py"
measure floor-shell "$start 1000 /bin/sh -c 'set -eu && /bin/echo hello'"
measure floor-direct "$start 1000 /bin/echo hello"
measure floor-python "$start 200 $python -I -S -c pass"
measure list "$harness list $work/list"
measure one "$harness run $work/harness/200/spec000.md"

commands=("harness" "$harness run --jobs 1 DIR")
pip="pip install"
have pytest "$pip pytest" && commands+=("pytest" "pytest -q -p no:cacheprovider --doctest-glob=*.md DIR")
have scrut "cargo install scrut" && commands+=("scrut" "scrut test DIR")
if [ -x "${TRYCMD:-}" ]; then commands+=("trycmd" "$TRYCMD DIR/*.trycmd"); else
  echo "without trycmd; to get it: cargo build --release --manifest-path benches/trycmd/Cargo.toml, then TRYCMD=benches/trycmd/target/release/trycmd-runner" >&2
fi
have cram "$pip cram" && commands+=("cram" "cram DIR")
have prysk "$pip prysk" && commands+=("prysk" "prysk DIR")
have byexample "$pip byexample" && commands+=("byexample" "bash -c 'byexample -l shell --timeout 60 DIR/*.md'")

for ((i = 0; i < ${#commands[@]}; i += 2)); do
  name=${commands[i]}
  inputs=$work/$name
  [ "$name" = prysk ] && inputs=$work/cram
  for specs in 1 100 200; do
    measure "$name-$specs" "${commands[i + 1]//DIR/$inputs/$specs}"
  done
done
for jobs in 1 2; do
  measure "jobs-$jobs" "$harness run --jobs $jobs $work/harness/200"
done

"$python" - "$work" <<'PYTHON'
import json, sys
from pathlib import Path

work = Path(sys.argv[1])


def cpu(name):
    """Milliseconds of CPU, or None if it was not measured."""
    file = work / (name + ".json")
    if not file.exists():
        return None
    result = json.loads(file.read_text())["results"][0]
    return (result["user"] + result["system"]) * 1000


def wall(name):
    return json.loads((work / (name + ".json")).read_text())["results"][0]["median"]


shell, direct = cpu("floor-shell") / 1000, cpu("floor-direct") / 1000
print("| CPU ms per example | 1 spec of 1,000 | 100 specs of 10 | 200 specs of 5 | starts |")
print("|---|---|---|---|---|")
print(f"| starting `/bin/echo` | {direct:.2f} | | | |")
print(f"| starting `sh -c 'set -eu && /bin/echo'` | {shell:.2f} | | | |")
HOW = {
    "harness": "`sh -c` per example, in a session of its own; Python and a sandbox per spec",
    "pytest": "`sh -c` per example; one Python for all",
    "scrut": "`bash` per example",
    "trycmd": "the program itself",
    "cram": "`sh` per spec",
    "prysk": "`sh` per spec",
    "byexample": "`bash` per spec, on a terminal",
}
for name, how in HOW.items():
    figures = [cpu(f"{name}-{specs}") for specs in (1, 100, 200)]
    if None not in figures:
        print(f"| {name} | " + " | ".join(f"{f / 1000:.2f}" for f in figures) + f" | {how} |")
one, hundred, many = (cpu(f"harness-{specs}") for specs in (1, 100, 200))
print()
print("| harness | ms of CPU |")
print("|---|---|")
print(f"| per example, beyond the `sh` it starts | {(one - cpu('one')) / 995 - shell:.2f} |")
print(f"| per spec, beyond its examples | {(many - one) / 199:.1f} |")
print(f"| a Python start (`python3 -I -S -c pass`) | {cpu('floor-python') / 200:.1f} |")
print(f"| a run of one spec, from start to end | {cpu('one'):.0f} |")
print(f"| listing 1,000 specs | {cpu('list'):.0f} |")
print()
print("| 200 specs | seconds of CPU | seconds on the clock |")
print("|---|---|---|")
for jobs in (1, 2):
    print(f"| `--jobs {jobs}` | {cpu(f'jobs-{jobs}') / 1000:.1f} | {wall(f'jobs-{jobs}'):.1f} |")
PYTHON
