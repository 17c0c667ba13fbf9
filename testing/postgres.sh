#!/usr/bin/env bash
# A PostgreSQL server of our own for the tests, on loopback, in a scratch directory; nothing of the machine's is touched.
#   eval "$(testing/postgres.sh start)"   starts it (or finds it running) and sets SEKISHO_TEST_POSTGRES
#   testing/postgres.sh stop              stops it and removes its directory
set -euo pipefail
dir=${SEKISHO_TEST_POSTGRES_DIR:-/tmp/sekisho-postgres-$(id -u)}
first=${SEKISHO_TEST_POSTGRES_PORT:-54391}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed: run testing/install.sh" >&2; exit 1; }
# The server refuses to run as root.
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
case ${1:-} in
start)
  if ! as "$bin/pg_ctl" -D "$dir" status >/dev/null 2>&1; then
    rm -rf "$dir"; mkdir -p "$dir"; chmod 700 "$dir"
    [ "$(id -u)" = 0 ] && chown postgres "$dir"
    (cd /; as "$bin/initdb" -D "$dir" -U postgres -A trust -E UTF8 --locale=C >/dev/null)
    # Tests do not survive a power cut and need not.
    fast="-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=300"
    # Somebody else's server may sit on the port already: the next ones are tried.
    for port in $(seq "$first" $((first + 9))); do
      (cd /; as "$bin/pg_ctl" -D "$dir" -w -l "$dir/log" -o "-h 127.0.0.1 -p $port -k $dir $fast" start >/dev/null 2>&1) && break
      grep -q "Address already in use" "$dir/log" || break
    done
    as "$bin/pg_ctl" -D "$dir" status >/dev/null 2>&1 || { cat "$dir/log" >&2; exit 1; }
  fi
  port=$(sed -n 4p "$dir/postmaster.pid")
  echo "export SEKISHO_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port/postgres" ;;
stop)
  (cd /; as "$bin/pg_ctl" -D "$dir" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$dir" ;;
*) sed -n 2,4p "$0"; exit 2 ;;
esac
