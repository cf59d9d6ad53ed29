#!/usr/bin/env bash
# Measures the commands on runs at several sizes of the store, with warm and with
# cold caches, beside a bare program that opens the same files and beside Guild
# AI, and prints a Markdown table:
#
#     benches/store.sh [REFERENCE_GUILD] > table.md
#
# COUNTS are the sizes (100 1000 10000 100000 unless set), of which Guild AI gets
# those up to REFERENCE_MOST (10000); RUNS is how often each command is timed at
# the least (5). COLD=no leaves cold caches out. PROFILE and WORK are as lib.sh has them; the stores take 80 KB a run. Needs
# hyperfine. Caches are made cold where that is permitted, which takes root.
. "$(dirname "$0")/lib.sh"
cd "$work/project"

cat > "$work/cold" <<'COLD'
#!/bin/sh
sync
echo 3 > /proc/sys/vm/drop_caches
COLD
chmod +x "$work/cold"

python3 - "$work" "$target" "$reference" <<'PYTHON'
import json, os, shutil, subprocess, sys
from pathlib import Path

work, target, reference = sys.argv[1:]
guild, make_runs, read_runs = [f"{target}/{name}" for name in ("guild", "examples/make-runs", "examples/read-runs")]
counts = [int(count) for count in os.environ.get("COUNTS", "100 1000 10000 100000").split()]
most = int(os.environ.get("REFERENCE_MOST", "10000"))
times = os.environ.get("RUNS", "5")
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
wants_cold = os.environ.get("COLD") != "no"
can_be_cold = wants_cold and subprocess.run([f"{work}/cold"], **quiet).returncode == 0

# What is measured: the words of the command; what the bare program reads of each
# run beside its time, none where there is nothing to compare; what is done before.
# ID and SOME stand for the id of a run and for a thousand of them, or all.
COMMANDS = [
    ("runs", "", None),
    ("runs -F 'lr=0.01 and epochs > 50'", "flags", None),
    ("runs -Fs today", "", None),
    ("runs info", "", None),
    ("select ID", None, None),
    ("select SHORT_ID", None, None),
    ("label ID --set good -y", None, None),
    ("runs delete SOME -y", None, "runs restore -y"),
    ("runs restore -y", None, "runs delete SOME -y"),
]


def measure(command, before, cold):
    """The median in milliseconds, or none where the command fails."""
    prepare = " && ".join(filter(None, [before, f"{work}/cold" if cold else None]))
    options = ["--prepare", f"sh -c '{prepare}'"] if prepare else []
    options += ["--runs", "3"] if cold else ["--warmup", "1", "--min-runs", times]
    done = subprocess.run(
        ["hyperfine", "-N", "--style", "none", "--export-json", f"{work}/out.json", *options, command], **quiet
    )
    if done.returncode:
        return None
    return json.loads(Path(f"{work}/out.json").read_text())["results"][0]["median"] * 1000


def peak(command, before):
    """The most memory in megabytes that the command has, or none where it fails."""
    if before:
        subprocess.run(["sh", "-c", before], **quiet)
    child = subprocess.Popen(["sh", "-c", f"exec {command}"], **quiet)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    return None if status else usage.ru_maxrss / 1024


def ms(value):
    return "-" if value is None else f"{value:.1f} ms" if value < 1000 else f"{value / 1000:.2f} s"


def mb(value):
    return "-" if value is None else f"{value:.0f} MB"


print("| command | runs | guild | bare | Guild AI | guild, cold | bare, cold | Guild AI, cold | guild's peak | Guild AI's |")
print("|---|---|---|---|---|---|---|---|---|---|")
for count in counts:
    home = f"{work}/home"
    os.makedirs(home, exist_ok=True)
    subprocess.run([make_runs, home, str(count)], check=True)
    names = sorted(os.listdir(f"{home}/runs"))
    run_id = names[len(names) // 2]
    for words, bare, before in COMMANDS:
        def program(path, text):
            for name, value in ("SHORT_ID", run_id[:8]), ("ID", run_id), ("SOME", f":{min(count, 1000)}"):
                text = text.replace(name, value)
            return f"{path} -H {home} {text}"

        def row(path, exists):
            before_it = program(path, before) if before else None
            command = program(path, words)
            if not exists:
                return None, None, None
            figures = [measure(command, before_it, cold) if can_be_cold or not cold else None for cold in (False, True)]
            found = figures + [peak(command, before_it)]
            if words.startswith("runs delete"):
                subprocess.run(["sh", "-c", program(path, "runs restore -y")], **quiet)
            return found

        warm, cold, memory = row(guild, True)
        theirs, theirs_cold, their_memory = row(reference, reference and count <= most)
        command = f"{read_runs} {home} {bare or ''}".strip()
        floor = [None if bare is None or cold and not can_be_cold else measure(command, None, cold) for cold in (False, True)]
        cells = [f"`guild {words}`", f"{count:,}", ms(warm), ms(floor[0]), ms(theirs)]
        cells += [ms(cold), ms(floor[1]), ms(theirs_cold), mb(memory), mb(their_memory)]
        print("| " + " | ".join(cells) + " |", flush=True)
    shutil.rmtree(home)
print(f"\n`SOME` is the latest 1,000 runs, or all; `SHORT_ID` the first eight characters of an id.")
if wants_cold and not can_be_cold:
    print("Caches could not be made cold here: /proc/sys/vm/drop_caches cannot be written.")
PYTHON
