#!/usr/bin/env bash
# Measures how long the snapshot of a project with 10,000 files takes, in and
# outside of a git repository, beside `cp -r` of it and beside Guild AI, and prints
# a Markdown table: benches/snapshot.sh [REFERENCE_GUILD]
# A run of an operation that does nothing is taken away from each time. Each writes
# to a place where nothing is; what was written before is deleted first, and is on
# the disk before the clock starts. ROUNDS is how often each is measured (10), Guild
# AI twice. Needs git.
. "$(dirname "$0")/lib.sh"
export NO_VCS_COMMIT=1 GIT_CONFIG_NOSYSTEM=1
cd "$work/project"

"$python" - <<'PYTHON'
import os, random

random.seed(1)
for number in range(10000):
    folder = "src/%d/%d" % (number % 10, number // 10 % 20)
    os.makedirs(folder, exist_ok=True)
    # Most source files are small, a few are not.
    size = int(random.lognormvariate(7.5, 1.2))
    with open("%s/module_%d.py" % (folder, number), "wb") as file:
        file.write(random.randbytes(size // 2).hex().encode())
PYTHON
cat >guild.yml <<'YAML'
all: {exec: 'true', sourcecode: '*'}
none: {exec: 'true', sourcecode: no}
default: {exec: 'true'}
YAML

measure() { # what, operation
  local fresh="rm -rf $work/home/runs $work/copy"
  side_by_side "$work/times" --rounds "${ROUNDS:-10}" --settle \
    guild "$guild -H $work/home run $2 -y" "$fresh" none "$guild -H $work/home run none -y" "$fresh" \
    cp "cp -r $work/project/src $work/copy" "$fresh"
  echo '{}' > "$work/reference"
  [ -z "$reference" ] || side_by_side "$work/reference" --rounds 2 --settle \
    guild "$reference -H $work/home run $2 -y" "$fresh" none "$reference -H $work/home run none -y" "$fresh"
  "$python" - "$1" "$work/times" "$work/reference" <<'PYTHON'
import json, sys

ours, theirs = (json.load(open(path)) for path in sys.argv[2:])

def snapshot(figures, key):
    return figures["guild"][key] - figures["none"][key]

reference = "%.0f ms" % snapshot(theirs, "clock") if theirs else "-"
ratios = tuple(snapshot(ours, key) / ours["cp"][key] for key in ("clock", "least_clock", "cpu"))
times = (snapshot(ours, "clock"), ours["cp"]["clock"])
print("| %s | %.0f ms | %.0f ms | %.2f | %.2f | %.2f | %s |" % (sys.argv[1], *times, *ratios, reference))
PYTHON
}

echo "| snapshot of 10,000 files | guild | cp -r | beside cp -r | the least beside the least | CPU | Guild AI 0.9.0 |"
echo "|---|---|---|---|---|---|---|"
measure "by a rule, outside git" all
git init -q .
git add . && git -c user.name=a -c user.email=a@b commit -qm first
measure "all that git knows" default
