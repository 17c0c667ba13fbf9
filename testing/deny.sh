#!/usr/bin/env bash
# cargo-deny over the lock file: licences, sources, bans; and cargo-audit when a copy of the RustSec database is at hand
# (SEKISHO_ADVISORY_DB, or advisory-db beside the clone). The tools are built once and kept outside the clone.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${XDG_CACHE_HOME:-$HOME/.cache}/sekisho/tools
tool() { # name version
  if ! "$root/bin/$1" --version 2>/dev/null | grep -qF "$2"; then
    echo "building $1 $2 once, into $root"
    CARGO_TARGET_DIR=$root/build cargo install --quiet --locked --root "$root" "$1" --version "$2"
    rm -rf "$root/build"
  fi
}
tool cargo-deny 0.20.2
"$root/bin/cargo-deny" --locked check --hide-inclusion-graph bans licenses sources
for db in "${SEKISHO_ADVISORY_DB:-}" ../shared/advisory-db ../advisory-db; do
  if [ -n "$db" ] && [ -d "$db/crates" ]; then
    tool cargo-audit 0.22.2
    echo "advisories: the copy in $db"
    "$root/bin/cargo-audit" audit --db "$db" --no-fetch --stale --deny unsound --deny yanked --quiet
    exit
  fi
done
echo "no copy of the advisory database is at hand, so advisories were not checked (set SEKISHO_ADVISORY_DB)"
