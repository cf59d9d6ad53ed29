#!/usr/bin/env bash
# Measures `guild compare --csv -` at several sizes of the store, the first time,
# when nothing is known of what runs measured, and again, beside Guild AI, and
# prints a Markdown table:
#
#     benches/compare_runs.sh [REFERENCE_GUILD] > table.md
#
# COUNTS are the sizes (100 1000 10000 unless set), of which Guild AI gets those up
# to REFERENCE_MOST (10000); RUNS is how often it is timed again (5), Guild AI twice.
# PROFILE is dev to try the script itself. WORK is a folder for the stores, which
# take 80 KB a run.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${PROFILE:-release}
cargo build --profile "$profile" --quiet --bin guild --example make-runs
target=$PWD/target/${profile/dev/debug}
work=$(mktemp -d ${WORK:+-p "$WORK"})
trap 'rm -rf "$work"' EXIT
mkdir "$work/project"
cd "$work/project"
export HOME=$work NO_COLOR=1 XDG_CACHE_HOME=$work/cache

python3 - "$work" "$target" "${1:-}" <<'PYTHON'
import os, shutil, statistics, subprocess, sys, time

work, target, reference = sys.argv[1:]
counts = [int(count) for count in os.environ.get("COUNTS", "100 1000 10000").split()]
most = int(os.environ.get("REFERENCE_MOST", "10000"))
times = int(os.environ.get("RUNS", "5"))

# The options that are measured.
COMMANDS = ["compare --csv -", "compare --csv - --strict-cols =lr,loss --min loss --top 10"]


def once(program, home, words):
    """Milliseconds, and the most memory in megabytes."""
    start = time.monotonic()
    with open(f"{work}/out", "wb") as out:
        child = subprocess.Popen(
            [program, "-H", home, *words.split()], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    assert status == 0, f"{program} {words} failed"
    return (time.monotonic() - start) * 1000, usage.ru_maxrss / 1024


def measure(program, home, words, again):
    """The first time, the median of those after it, and the most memory."""
    for cache in f"{home}/cache", f"{work}/cache":
        shutil.rmtree(cache, ignore_errors=True)
    first = once(program, home, words)
    rest = [once(program, home, words) for _ in range(again)]
    return first[0], statistics.median(ms for ms, _ in rest), max(mb for _, mb in [first, *rest])


def shown(ms):
    return f"{ms:.1f} ms" if ms < 1000 else f"{ms / 1000:.2f} s"


print("| command | runs | first | again | Guild AI, first | again | times faster | again | peak | Guild AI's |")
print("|---|---|---|---|---|---|---|---|---|---|")
for count in counts:
    home = f"{work}/home-{count}"
    os.mkdir(home)
    subprocess.run([f"{target}/examples/make-runs", home, str(count)], check=True)
    for words in COMMANDS:
        ours = measure(f"{target}/guild", home, words, times)
        cells = [f"`guild {words}`", f"{count:,}", shown(ours[0]), shown(ours[1])]
        if reference and count <= most:
            theirs = measure(reference, home, words, 2)
            cells += [shown(theirs[0]), shown(theirs[1])]
            cells += [f"{theirs[place] / ours[place]:.0f}" for place in (0, 1)]
            cells += [f"{ours[2]:.0f} MB", f"{theirs[2]:.0f} MB"]
        else:
            cells += ["-", "-", "-", "-", f"{ours[2]:.0f} MB", "-"]
        print("|", " | ".join(cells), "|", flush=True)
    shutil.rmtree(home)
PYTHON
