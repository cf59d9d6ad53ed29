#!/usr/bin/env bash
# Measures a batch of 100 Python trials that do nothing, one after the other and two at
# once, beside 100 starts of Python, bare and with such a script, and beside Guild AI.
# Prints a Markdown table: benches/batch.sh [REFERENCE_GUILD]
# ROUNDS is how often each is measured (7).
. "$(dirname "$0")/lib.sh"
export NO_IMPORT_FLAGS_PROGRESS=1
cd "$work/project"
printf 'n = 0\n' > noop.py
printf '#!/bin/sh\n%s\n' "$(printf "$python -c pass\n%.0s" {1..100})" > bare.sh
printf '#!/bin/sh\n%s\n' "$(printf "$python noop.py\n%.0s" {1..100})" > scripts.sh

fresh="rm -rf $work/home/runs $work/home/trash"
batch="-H $work/home run noop.py n=range[1:100] -y"
side_by_side "$work/figures" --rounds "${ROUNDS:-7}" \
  one "$guild $batch" "$fresh" two "$guild $batch -j 2" "$fresh" \
  bare "sh bare.sh" "" scripts "sh scripts.sh" ""
if [ -n "$reference" ]; then
  side_by_side "$work/reference" --rounds 1 reference "$reference $batch" "$fresh"
fi
"$python" - "$work" <<'PYTHON'
import json, os, sys

def read(name):
    path = os.path.join(sys.argv[1], name)
    return json.load(open(path)) if os.path.exists(path) else None

figures = read("figures")
clock = {name: figures[name]["clock"] for name in ("one", "two", "bare", "scripts")}
print("| | clock | beside the bare starts |")
print("|---|---|---|")
for title, name, share in (
    ("100 trials, `-j 1`", "one", 1),
    ("100 trials, `-j 2`", "two", 0.5),
    ("100 times `python -c pass`", "bare", 1),
    ("100 times `python noop.py`", "scripts", 1),
):
    of = "" if share == 1 else " of half of them"
    print("| %s | %.0f ms | %.2f%s |" % (title, clock[name], clock[name] / clock["bare"] / share, of))
reference = read("reference")
if reference:
    print("\nThe batch with Guild AI 0.9.0: %.0f ms" % reference["reference"]["clock"])
PYTHON
