#!/usr/bin/env bash
# A short, coverage-guided run of each fuzz target on the pinned stable toolchain; CI runs it as every test.
#   testing/fuzz.sh             all targets
#   testing/fuzz.sh api rules   only these
# SEKISHO_FUZZ_SECONDS sets how long each may take (default 20). What breaks a target is kept in target/fuzz/found; what
# was learned of the way into the code, in target/fuzz/learned.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
seconds=${SEKISHO_FUZZ_SECONDS:-20} place=$CARGO_TARGET_DIR/fuzz seeds=testing/fuzz/seeds
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(wire journal session lists rules record updates calendars printers api)

began=$SECONDS
RUSTC_WORKSPACE_WRAPPER=$PWD/testing/fuzz/instrument.sh cargo build --quiet --locked -p sekisho-fuzz --features fuzz
echo "the fuzzer stands ($((SECONDS - began)) s)"
mkdir -p "$place/found"
failed=()
for target in "${targets[@]}"; do
  mkdir -p "$place/learned/$target"
  log=$place/$target.log
  if SEKISHO_FUZZ_TARGET=$target "$CARGO_TARGET_DIR/debug/sekisho-fuzz" "$place/learned/$target" "$seeds/$target" \
    -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=3072 -artifact_prefix="$place/found/$target-" \
    -verbosity=1 -print_final_stats=1 >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)
    echo "ok    $target: $runs inputs, ${cover:-cov: 0} edges"
  else
    failed+=("$target")
    echo "FAIL  $target (all of it: $log)"
    grep -vE '^#[0-9]+|^INFO|^==[0-9]+== *#' "$log" | tail -n 40
  fi
done
[ ${#failed[@]} -eq 0 ] || { echo "what broke them is in $place/found" >&2; exit 1; }
