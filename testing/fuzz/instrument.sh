#!/bin/sh
# Cargo calls this instead of rustc for our own crates (RUSTC_WORKSPACE_WRAPPER), so that only they count their edges and
# compares; everything else is taken as the tests have built it.
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
