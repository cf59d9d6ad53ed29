#!/usr/bin/env bash
# Measures a pipeline of 20 Python steps that do nothing beside 20 starts of Python,
# bare and with such a script, and beside Guild AI, and prints a Markdown table:
# benches/steps.sh [REFERENCE_GUILD]
# Needs hyperfine.
set -euo pipefail
cd "$(dirname "$0")/.."
reference=${1:-}
cargo build --release --quiet --bin guild
guild=$PWD/target/release/guild
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work NO_COLOR=1 XDG_CACHE_HOME=$work/cache NO_IMPORT_FLAGS_PROGRESS=1
# The interpreter itself, not a wrapper script in front of it.
python=$(python3 -c 'import sys; print(sys.executable)')
export GUILD_PYTHON_EXE=$python
mkdir "$work/home" "$work/project"
cd "$work/project"
echo 'pass' > noop.py
{
  echo 'noop: {main: noop}'
  echo "pipe: {steps: [$(printf 'noop,%.0s' {1..20})]}"
} > guild.yml
printf '#!/bin/sh\n%s\n' "$(printf "$python -c pass\n%.0s" {1..20})" > bare.sh
printf '#!/bin/sh\n%s\n' "$(printf "$python noop.py\n%.0s" {1..20})" > scripts.sh

measure() { # name, command
  hyperfine -N --style none --warmup 1 --min-runs 5 --export-json "$work/$1.json" "$2" >/dev/null 2>&1
}

measure guild "$guild -H $work/home run pipe -y"
measure bare "sh bare.sh"
measure scripts "sh scripts.sh"
[ -n "$reference" ] && hyperfine -N --style none --runs 1 --export-json "$work/reference.json" \
  "$reference -H $work/home run pipe -y" >/dev/null 2>&1
python3 - "$work" <<'PYTHON'
import json, os, sys

def median(name):
    path = os.path.join(sys.argv[1], name + ".json")
    return json.load(open(path))["results"][0]["median"] * 1000 if os.path.exists(path) else None

ours, bare, scripts, theirs = map(median, ("guild", "bare", "scripts", "reference"))
print("| 20 steps | python -c pass, 20 times | python noop.py, 20 times | beside the bare starts | beside the scripts | Guild AI 0.9.0 |")
print("|---|---|---|---|---|---|")
beside = "%.0f ms" % theirs if theirs else "-"
print("| %.0f ms | %.0f ms | %.0f ms | %.2f | %.2f | %s |"
      % (ours, bare, scripts, ours / bare, ours / scripts, beside))
PYTHON
