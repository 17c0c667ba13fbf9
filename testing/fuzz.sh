#!/usr/bin/env bash
# A short, coverage-guided run of each fuzz target on the pinned stable toolchain. SEKISHO_FUZZ_SECONDS sets how long each
# may take (default 20). What it finds stays in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.13.2
root=${XDG_CACHE_HOME:-$HOME/.cache}/sekisho/tools
if ! "$root/bin/cargo-fuzz" --version 2>/dev/null | grep -qF "$version"; then
  echo "building cargo-fuzz $version once, into $root"
  CARGO_TARGET_DIR=$root/build cargo install --quiet --locked --root "$root" cargo-fuzz --version "$version"
  rm -rf "$root/build"
fi
# libFuzzer's coverage flags are unstable compiler options; the bootstrap switch allows them on the pinned toolchain.
export RUSTC_BOOTSTRAP=1 PATH=$root/bin:$PATH CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
for target in $(cargo fuzz list); do
  echo "fuzzing $target"
  mkdir -p "fuzz/corpus/$target"
  [ -d "fuzz/seeds/$target" ] && cp -n "fuzz/seeds/$target"/* "fuzz/corpus/$target/"
  cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" -- \
    -max_total_time="${SEKISHO_FUZZ_SECONDS:-20}" -max_len=70000 -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 2>&1 \
    | grep -E "stat::|SUMMARY|panicked|ERROR|error" || { echo "fuzzing $target failed" >&2; exit 1; }
done
