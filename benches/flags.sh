#!/usr/bin/env bash
# Measures how long guild takes to tell the flags of a script, read and imported,
# beside Python's own start and beside Guild AI, and prints a Markdown table:
# benches/flags.sh [REFERENCE_GUILD]
# Needs hyperfine.
. "$(dirname "$0")/lib.sh"
export NO_IMPORT_FLAGS_PROGRESS=1
cd "$repository/tests/flag-corpus"

measure() { # what, script, what to do before each run
  local args=(-N --style none --warmup 2 --min-runs 10 --export-json "$work/times.json")
  [ -n "$3" ] && args+=(--prepare "$3")
  args+=("$guild -H $work/home run $2 --help-op" "$python -c pass")
  [ -n "$reference" ] && args+=("$reference -H $work/home run $2 --help-op")
  hyperfine "${args[@]}" >/dev/null 2>&1
  python3 - "$1" "$work/times.json" <<'PYTHON'
import json, sys

times = [result["median"] * 1000 for result in json.load(open(sys.argv[2]))["results"]]
beside = "%.0f ms" % times[2] if len(times) > 2 else "-"
print("| %s | %.1f ms | %.1f ms | %s |" % (sys.argv[1], times[0], times[1], beside))
PYTHON
}

echo "| script | guild | python -c pass | Guild AI 0.9.0 |"
echo "|---|---|---|---|"
unseen="rm -rf $work/cache/guild/flags $work/home/cache"
measure "read, variables" globals_plain.py "$unseen"
measure "read, argparse" style_torch_digits.py "$unseen"
measure "imported, unseen" style_dataclass.py "$unseen"
measure "imported, known" style_dataclass.py ""
