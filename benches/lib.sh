# What the benches of guild begin with; each sources this file. It builds the
# programs, makes a scratch folder that goes in the end, and sets
#
#     guild, target   the program and the folder that it was built in
#     reference       Guild AI, the first argument of the bench; empty without one
#     python          the interpreter itself, not a wrapper script in front of it
#     work            the scratch folder, with an empty home and project in it
#
# PROFILE is dev to try a bench itself. WORK is a folder for the scratch folder. GUILD
# is a program to measure instead of the one that is built.
# shellcheck shell=bash disable=SC2034

set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
reference=${1:-}
profile=${PROFILE:-release}
target=$repository/target/${profile/dev/debug}
[ -n "${GUILD:-}" ] || (cd "$repository" && cargo build --profile "$profile" --quiet --bin guild --examples)
guild=${GUILD:-$target/guild}
work=$(mktemp -d ${WORK:+-p "$WORK"})
trap 'rm -rf "$work"' EXIT
python=$(python3 -c 'import sys; print(sys.executable)')
mkdir "$work/home" "$work/project"
export HOME=$work NO_COLOR=1 XDG_CACHE_HOME=$work/cache GUILD_PYTHON_EXE=$python

# Times commands side by side: FILE for the figures, then the arguments of
# benches/side_by_side.py.
side_by_side() {
  local figures=$1; shift
  "$python" "$repository/benches/side_by_side.py" "$@" > "$figures"
}
