#!/usr/bin/env bash
# Compares samplers with those of scikit-optimize and Optuna and prints Markdown
# tables: benches/search.sh FILE [SEEDS [GP_SEEDS]]
#
# FILE keeps what was found, so that a bench that was stopped goes on. All of it
# takes days on one core, nearly all of them for the Gaussian processes of the
# others; those are therefore compared after 50 trials unless TRIALS_OF_GP says
# otherwise. Needs Python 3.10 or later; packages come from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."
file=$(realpath -m "$1") seeds=${2:-30} gp_seeds=${3:-30}
cargo build --release --quiet --example suggest
export GUILD_SUGGEST=$PWD/target/release/examples/suggest OMP_NUM_THREADS=1
venv=target/search-venv
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet scikit-optimize==0.10.2 optuna==5.0.0 cmaes torch scikit-learn
fi
search() { "$venv/bin/python" benches/search.py "$@"; }
for sampler in random tpe mvtpe cma-es; do
  search run guild "$sampler" "$seeds" 200 "$file"
  search run optuna "$sampler" "$seeds" 200 "$file"
done
for tool in guild optuna skopt; do
  search run "$tool" gp "$gp_seeds" "${TRIALS_OF_GP:-50}" "$file"
done
search table "$file"
