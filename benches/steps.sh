#!/usr/bin/env bash
# Measures a pipeline of 20 Python steps that do nothing beside 20 starts of Python,
# bare and with such a script, and one run of it beside one start, and beside Guild AI.
# Prints Markdown tables: benches/steps.sh [REFERENCE_GUILD]
# ROUNDS is how often each is measured (15).
. "$(dirname "$0")/lib.sh"
export NO_IMPORT_FLAGS_PROGRESS=1
cd "$work/project"
echo 'pass' > noop.py
{
  echo 'noop: {main: noop}'
  echo "pipe: {steps: [$(printf 'noop,%.0s' {1..20})]}"
} > guild.yml
printf '#!/bin/sh\n%s\n' "$(printf "$python -c pass\n%.0s" {1..20})" > bare.sh
printf '#!/bin/sh\n%s\n' "$(printf "$python noop.py\n%.0s" {1..20})" > scripts.sh

# Runs of before are put aside. They are not deleted: for minutes, ext4 passes over
# each inode that was, whenever it looks for one for a new file.
fresh="[ ! -e $work/home/runs ] || mv $work/home/runs $work/runs-\$(date +%s%N)"
rounds=${ROUNDS:-15}
side_by_side "$work/pipeline" --rounds "$rounds" \
  guild "$guild -H $work/home run pipe -y" "$fresh" bare "sh bare.sh" "" scripts "sh scripts.sh" ""
side_by_side "$work/run" --rounds "$rounds" \
  guild "$guild -H $work/home run noop -y" "$fresh" bare "$python -c pass" "" scripts "$python noop.py" ""
if [ -n "$reference" ]; then
  side_by_side "$work/reference" --rounds 1 reference "$reference -H $work/home run pipe -y" ""
fi
"$python" - "$work" <<'PYTHON'
import json, os, sys

def read(name):
    path = os.path.join(sys.argv[1], name)
    return json.load(open(path)) if os.path.exists(path) else None

print("| | guild | `python -c pass` | `python noop.py` | beside the bare start | the least beside the least | CPU | beside the script |")
print("|---|---|---|---|---|---|---|---|")
for title, name in (("20 steps", "pipeline"), ("one run", "run")):
    figures = read(name)
    ours, bare, scripts = (figures[key] for key in ("guild", "bare", "scripts"))
    times = tuple(figure["clock"] for figure in (ours, bare, scripts))
    ratios = tuple(ours[key] / bare[key] for key in ("clock", "least_clock", "cpu"))
    print("| %s | %.0f ms | %.0f ms | %.0f ms | %.2f | %.2f | %.2f | %.2f |"
          % ((title, *times, *ratios, ours["clock"] / scripts["clock"])))
reference = read("reference")
if reference:
    print("\n20 steps with Guild AI 0.9.0: %.0f ms" % reference["reference"]["clock"])
PYTHON
