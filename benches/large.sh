#!/usr/bin/env bash
# Measures required files that are large: a download from a server on this computer
# beside curl, with a checksum beside curl and sha256sum, and archives of one large
# file and of many small ones beside unzip and tar. Prints a Markdown table:
# benches/large.sh
# A run that requires nothing is taken away from each time. Nothing is there before,
# and what was written before is on the disk. MEGABYTES is the size of the download
# and of what is in archives (1000), ROUNDS how often each is measured (3). Needs curl
# and unzip, and four times that space.
. "$(dirname "$0")/lib.sh"
export NO_VCS_COMMIT=1
cd "$work/project"
megabytes=${MEGABYTES:-1000}
mkdir "$work/served" "$work/large"
"$python" - "$work" "$megabytes" <<'PYTHON'
import os, random, sys

work, megabytes = sys.argv[1], int(sys.argv[2])
random.seed(1)
with open(work + "/served/large.bin", "wb") as file:
    for _ in range(megabytes):
        file.write(random.randbytes(1 << 20))
# Text that packs to about half its size, in as many files as a data set has.
for number in range(megabytes * 10):
    folder = "%s/large/many/%d" % (work, number % 100)
    os.makedirs(folder, exist_ok=True)
    with open("%s/%d.txt" % (folder, number), "wb") as file:
        file.write(random.randbytes(50 << 10).hex().encode())
PYTHON
digest=$(sha256sum "$work/served/large.bin" | cut -d' ' -f1)
(cd "$work/large" && "$python" -m zipfile -c "$work/project/many.zip" many && tar cf "$work/project/many.tar" many \
  && tar czf "$work/project/many.tar.gz" many)
rm -r "$work/large"
mkdir "$work/large"
"$python" -c '
import http.server, os, sys
os.chdir(sys.argv[1])
handler = http.server.SimpleHTTPRequestHandler
handler.log_message = lambda *args: None
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
server.serve_forever()' "$work/served" > "$work/port" &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
until [ -s "$work/port" ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat "$work/port")/large.bin
cat > guild.yml <<YAML
- model: ''
  sourcecode: no
  operations:
    none: {exec: 'true'}
    download: {exec: 'true', requires: {url: '$url'}}
    checked: {exec: 'true', requires: {url: '$url', sha256: $digest}}
    zip: {exec: 'true', requires: {file: many.zip}}
    tar: {exec: 'true', requires: {file: many.tar}}
    gzip: {exec: 'true', requires: {file: many.tar.gz}}
YAML
cat > curl-checked.sh <<SH
curl -sS -o "$work/large/large.bin" $url && echo "$digest  $work/large/large.bin" | sha256sum -c --quiet
SH

measure() { # what, operation, what the other is called, its command
  local fresh="rm -rf $work/home/runs $work/home/cache $work/large/*"
  side_by_side "$work/times" --rounds "${ROUNDS:-3}" --settle \
    guild "$guild -H $work/home run $2 -y" "$fresh" none "$guild -H $work/home run none -y" "$fresh" other "$4" "$fresh"
  "$python" - "$1" "$3" "$work/times" <<'PYTHON'
import json, sys

figures = json.load(open(sys.argv[3]))
ours = {key: figures["guild"][key] - figures["none"][key] for key in figures["guild"]}
other = figures["other"]
ratios = tuple(ours[key] / other[key] for key in ("clock", "least_clock", "cpu"))
print("| %s | %.2f s | %s | %.2f s | %.2f | %.2f | %.2f |"
      % (sys.argv[1], ours["clock"] / 1000, sys.argv[2], other["clock"] / 1000, *ratios))
PYTHON
}

echo "| $megabytes MB | guild | beside | | ratio | the least beside the least | CPU |"
echo "|---|---|---|---|---|---|---|"
measure "download" download curl "curl -sS -o $work/large/large.bin $url"
measure "download with a checksum" checked "curl, sha256sum" "sh curl-checked.sh"
measure "zip, $((megabytes * 10)) files" zip unzip "unzip -q many.zip -d $work/large"
measure "tar" tar tar "tar xf many.tar -C $work/large"
measure "tar, gzip" gzip tar "tar xzf many.tar.gz -C $work/large"
