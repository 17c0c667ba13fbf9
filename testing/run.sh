#!/usr/bin/env bash
# Every test there is, in the order that fails soonest. `make test` and .ci/run call exactly this.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s (%s s)\033[0m\n' "$*" "$SECONDS"; }
testing/install.sh test
# A server of this run's own, so that two runs on one machine do not meet.
export SEKISHO_TEST_POSTGRES_DIR=${SEKISHO_TEST_POSTGRES_DIR:-/tmp/sekisho-postgres-$(id -u)-$$}
postgres=$(testing/postgres.sh start)
eval "$postgres"
trap 'testing/postgres.sh stop' EXIT

say "format"
cargo fmt --all --check
say "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings
say "tests on SQLite and PostgreSQL"
cargo test --workspace --locked --no-fail-fast
say "fuzz"
SEKISHO_FUZZ_SECONDS=${SEKISHO_FUZZ_SECONDS:-5} testing/fuzz.sh
say "licences, sources and advisories of dependencies"
testing/deny.sh
if [ -f testing/browser/run.mjs ]; then
  # The server's binary stands from the product tests above.
  say "browser"
  node testing/browser/run.mjs
fi
say "all tests passed"
