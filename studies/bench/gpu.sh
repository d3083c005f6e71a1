#!/usr/bin/env bash
# One GPU for nine minutes: the paper's figures, tests, the bench.
#
#   studies/bench/gpu.sh FOLDER WEIGHTS IMAGES
#
# FOLDER gets summary.txt, and everything else as results.tar.00, .01, ... (cat them | tar x).
# WEIGHTS is a file of Oxford's VGG-19 (safetensors), IMAGES the folder that scripts/fetch.py fills.
# Each step has its share of the time; what fails does not stop the next. Settings, by environment:
#   PYTHON_READY  an interpreter that has what is needed; nothing is installed then
#   DEVICE=cuda  SIZE=512  PROCESSES=6 (cells at once)  LIMIT=540 (seconds)
#   ARGS  further overrides of the figures' cells, such as "schedule=single evaluations=3"
set -u
if [ $# -ne 3 ]; then sed -n 2,12p "$0" >&2; exit 2; fi
mkdir -p "$1" && results=$(realpath "$1") && weights=$(realpath "$2") && images=$(realpath "$3") || exit 2
cd "$(dirname "$(realpath "$0")")/../.." || exit 2
DEVICE=${DEVICE:-cuda} SIZE=${SIZE:-512} PROCESSES=${PROCESSES:-6} LIMIT=${LIMIT:-540} ARGS=${ARGS:-}
python=${PYTHON_READY:-.venv/bin/python}
work=$(mktemp -d) && logs=$work/logs && summary=$results/summary.txt
mkdir -p "$logs" && : >"$summary"
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$PWD" PYTHONUNBUFFERED=1 NST_TEST_DEVICE=$DEVICE
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}

pack() { # all that there is so far, into pieces that can be sent
  rm -f "$results"/results.tar.*
  tar -C "$work" --exclude=checkpoint.pt --exclude='.*.lock' -cf - . | split -b 15000000 -d - "$results/results.tar."
}

step() { # NAME SECONDS COMMAND...: bounded; its output goes to a log
  local name=$1 share=$2 begin=$SECONDS status
  shift 2
  [ $((LIMIT - SECONDS)) -lt "$share" ] && share=$((LIMIT - SECONDS))
  if [ "$share" -lt 5 ]; then
    status="no time left"
  else
    timeout -k 5 "$share" "$@" >"$logs/$name.log" 2>&1
    status="exit $?" # 124 and 137: its time was up
  fi
  printf '%-9s %-14s %4d s\n' "$name" "$status" $((SECONDS - begin)) | tee -a "$summary"
  pack
}

if [ -z "${PYTHON_READY:-}" ]; then step setup 300 make .venv/.ready; fi
step card 60 "$python" -c 'import sys, torch
print("python", sys.version.split()[0], "torch", torch.__version__, torch.backends.cudnn.version())
for k in range(torch.cuda.device_count()):
    print(torch.cuda.get_device_name(k), torch.cuda.get_device_properties(k).total_memory)'
# Processes share the cells by locks. SC2086: ARGS are words.
# shellcheck disable=SC2086
step figures 285 bash -c 'for k in $(seq "$0"); do "$@" & done; wait' "$PROCESSES" \
  "$python" scripts/synthesize.py -m figure=fig2,fig1,fig3 profile=paper "size=$SIZE" "device=$DEVICE" \
  "data=$images" "network.path=$weights" "output=$work" $ARGS
step tests 90 "$python" -m pytest tests/cuda -rA --durations=0 -p no:cacheprovider
step bench 150 "$python" scripts/bench.py --device "$DEVICE" --output "$work/bench" \
  --networks "$weights" --sizes "$SIZE"

{
  cat "$logs/card.log"
  grep -E "^[0-9]+ (passed|failed|skipped)|^FAILED|^ERROR" "$logs/tests.log"
  "$python" scripts/collect.py "$work" | tail -1
  grep '^what' "$logs/bench.log" | cut -c 1-300
} 2>&1 | tee -a "$summary"
pack
du -ch "$results"/* | tail -1
rm -rf "$work"
