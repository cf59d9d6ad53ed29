#!/usr/bin/env bash
# Measures how long guild takes to bring required files into a run: a run of an
# operation that does nothing and requires none, 100 and 1,000 files, beside Guild
# AI, and prints a Markdown table: benches/dependencies.sh [REFERENCE_GUILD]
# Needs hyperfine.
. "$(dirname "$0")/lib.sh"
export NO_VCS_COMMIT=1 NO_PIP_FREEZE=1
cd "$work/project"
python3 - <<'PYTHON'
import os

os.mkdir("data")
for number in range(1000):
    with open("data/%d.txt" % number, "w") as file:
        file.write("%d\n" % number * 200)
with open("guild.yml", "w") as file:
    file.write("- model: ''\n  sourcecode: no\n  operations:\n")
    for count in (0, 100, 1000):
        sources = ["data/%d.txt" % number for number in range(count)]
        file.write("    take-%d: {exec: 'true', requires: {name: files, sources: %s}}\n" % (count, sources))
PYTHON

measure() { # what, operation
  local args=(-N --style none --warmup 1 --min-runs 10 --export-json "$work/times.json")
  args+=("$guild -H $work/home run $2 --yes --quiet")
  [ -n "$reference" ] && args+=("$reference -H $work/home run $2 --yes --quiet")
  hyperfine "${args[@]}" >/dev/null 2>&1
  python3 - "$1" "$work/times.json" <<'PYTHON'
import json, sys

times = [result["median"] * 1000 for result in json.load(open(sys.argv[2]))["results"]]
beside = "%.0f ms" % times[1] if len(times) > 1 else "-"
print("| %s | %.1f ms | %s |" % (sys.argv[1], times[0], beside))
PYTHON
}

echo "| required files | guild | Guild AI 0.9.0 |"
echo "|---|---|---|"
measure "none" take-0
measure "100" take-100
measure "1,000" take-1000
