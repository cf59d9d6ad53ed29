#!/usr/bin/env bash
# Measures how long the snapshot of a project with 10,000 files takes, in and
# outside of a git repository, beside `cp -r` of it and beside Guild AI, and prints
# a Markdown table: benches/snapshot.sh [REFERENCE_GUILD]
# A run of an operation that does nothing is taken away from each time. Needs
# hyperfine and git.
set -euo pipefail
cd "$(dirname "$0")/.."
reference=${1:-}
cargo build --release --quiet --bin guild
guild=$PWD/target/release/guild
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work NO_COLOR=1 XDG_CACHE_HOME=$work/cache NO_VCS_COMMIT=1 GIT_CONFIG_NOSYSTEM=1
mkdir "$work/project" "$work/home"
cd "$work/project"

python3 - <<'PYTHON'
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
  local args=(-N --style none --warmup 1 --min-runs 5 --export-json "$work/times.json")
  args+=(--prepare "rm -rf $work/home/runs $work/copy")
  args+=("$guild -H $work/home run $2 -y" "$guild -H $work/home run none -y")
  args+=("cp -r $work/project/src $work/copy")
  if [ -n "$reference" ]; then
    args+=("$reference -H $work/home run $2 -y" "$reference -H $work/home run none -y")
  fi
  hyperfine "${args[@]}" >/dev/null 2>&1
  python3 - "$1" "$work/times.json" <<'PYTHON'
import json, sys

times = [result["median"] * 1000 for result in json.load(open(sys.argv[2]))["results"]]
beside = "%.0f ms" % (times[3] - times[4]) if len(times) > 3 else "-"
print("| %s | %.0f ms | %.0f ms | %s |" % (sys.argv[1], times[0] - times[1], times[2], beside))
PYTHON
}

echo "| snapshot of 10,000 files | guild | cp -r | Guild AI 0.9.0 |"
echo "|---|---|---|---|"
measure "by a rule, outside git" all
git init -q .
git add . && git -c user.name=a -c user.email=a@b commit -qm first
measure "all that git knows" default
