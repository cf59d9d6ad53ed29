#!/usr/bin/env bash
# Measures guild beside the bare work and beside Guild AI, all in one go, and
# prints a Markdown table: benches/compare.sh [REFERENCE_GUILD]
# Needs hyperfine.
. "$(dirname "$0")/lib.sh"
make_runs=$target/examples/make-runs
read_runs=$target/examples/read-runs
echo 'pass' > "$work/project/noop.py"
cd "$work/project"

bench() { # name, then hyperfine's arguments
  local name=$1; shift
  hyperfine -N --style none --export-json "$work/$name.json" "$@" >/dev/null 2>&1
}

with_reference() { [ -n "$reference" ]; }

args=("$guild --version" "/bin/true")
with_reference && args+=("$reference --version")
bench version --warmup 3 "${args[@]}"

args=("$guild -H $work/home run noop.py -y" "$python noop.py")
with_reference && args+=("$reference -H $work/home run noop.py -y")
bench run --warmup 2 --min-runs 10 "${args[@]}"

# The unpacked Python side: what starting a script through it adds.
package=$(echo "$work"/cache/guild/python-*)
bench start "env PYTHONPATH=.:$package $python -um guild.op_main noop" "env PYTHONPATH=. $python -u noop.py" --warmup 3 --min-runs 40

# A million lines, 80 MB, all kept.
echo "for _ in range(1_000_000): print('x' * 79)" > flood.py
args=("$guild -H $work/home run flood.py -y" "$python -u flood.py")
with_reference && args+=("$reference -H $work/home run flood.py -y")
bench flood --warmup 0 --min-runs 2 "${args[@]}"

for count in 10 1000 10000; do
  mkdir "$work/home-$count"
  "$make_runs" "$work/home-$count" "$count"
  args=("$guild -H $work/home-$count runs" "$read_runs $work/home-$count")
  with_reference && args+=("$reference -H $work/home-$count runs")
  bench "runs-$count" --warmup 2 --min-runs 5 "${args[@]}"
done

python3 - "$work" <<'PYTHON'
import json, sys
from pathlib import Path

work = Path(sys.argv[1])
rows = [
    ("`guild --version`", "version", "`true`"),
    ("`guild run noop.py -y`", "run", "`python noop.py`"),
    ("`guild.op_main noop`", "start", "`python -u noop.py`"),
    ("`guild run flood.py -y`", "flood", "`python -u flood.py`"),
    ("`guild runs`, 10 runs", "runs-10", "reading their files"),
    ("`guild runs`, 1,000 runs", "runs-1000", "reading their files"),
    ("`guild runs`, 10,000 runs", "runs-10000", "reading their files"),
]
print("| command | guild | beside | bare work | over bare work | Guild AI 0.9.0 | times faster |")
print("|---|---|---|---|---|---|---|")
for name, file, bare in rows:
    means = [r["median"] * 1000 for r in json.loads((work / (file + ".json")).read_text())["results"]]
    ours, floor = means[:2]
    reference = "%.0f ms | %.0f" % (means[2], means[2] / ours) if len(means) > 2 else "- | -"
    print("| %s | %.1f ms | %s | %.1f ms | %+.1f ms | %s |" % (name, ours, bare, floor, ours - floor, reference))
PYTHON
