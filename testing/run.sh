#!/usr/bin/env bash
# Every test there is, in the order that fails soonest. `make test` and .ci/run call exactly this.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s (%s s)\033[0m\n' "$*" "$SECONDS"; }
testing/install.sh test
eval "$(testing/postgres.sh start)"
trap 'testing/postgres.sh stop' EXIT

say "format"
cargo fmt --all --check
say "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings
say "tests on SQLite and PostgreSQL"
cargo test --workspace --locked --no-fail-fast
say "licences, sources and advisories of dependencies"
testing/deny.sh
if [ -f testing/browser/run.mjs ]; then
  # The server's binary stands from the product tests above.
  say "browser"
  node testing/browser/run.mjs
fi
say "all tests passed"
