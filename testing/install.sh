#!/usr/bin/env bash
# Installs what building, testing and the demo need beside Rust and Node.js, from Debian/Ubuntu and the npm registry.
# Safe to run twice: it installs only what is missing and says what it does.
#   testing/install.sh build   a C compiler and make's friends
#   testing/install.sh test    also a C++ compiler (for the fuzzer), PostgreSQL, Mosquitto's clients, Dovecot and Radicale, Chromium with Japanese fonts,
#                              a printer to print on (ippeveprinter), a reader of PDF, the browser tests' packages
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
missing=()
need() { if ! eval "$2"; then missing+=("$1"); fi; }

for tool in cargo node npm; do
  have $tool || { echo "$tool is not on the PATH. Sekisho needs a Rust toolchain (rustup.rs) and Node.js 20 or later; install them and run this again." >&2; exit 1; }
done

need gcc 'have gcc || have cc'
need libc6-dev '[ -e /usr/include/stdio.h ]'
if [ "${1:-build}" = test ]; then
  need g++ 'have g++ || have c++'
  need postgresql '[ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ]'
  need mosquitto 'have mosquitto || [ -x /usr/sbin/mosquitto ]'
  need mosquitto-clients 'have mosquitto_pub'
  need cups-ipp-utils 'have ippeveprinter || [ -x /usr/sbin/ippeveprinter ]'
  need dbus-daemon 'have dbus-daemon' # ippeveprinter starts only where it finds a bus
  need poppler-utils 'have pdftotext'
  need chromium 'have chromium || have chromium-browser || have google-chrome'
  need dovecot-imapd '[ -x /usr/sbin/dovecot ]'
  need radicale 'have radicale'
  need fonts-noto-cjk '[ -n "$(ls /usr/share/fonts/opentype/noto/NotoSansCJK* 2>/dev/null)" ]'
fi
if [ ${#missing[@]} -gt 0 ]; then
  have apt-get || { echo "please install these packages by hand: ${missing[*]}" >&2; exit 1; }
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  say "installing Debian packages: ${missing[*]}"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ "${1:-build}" = test ] && [ -f testing/browser/package-lock.json ]; then
  if [ ! -f testing/browser/node_modules/.package-lock.json ] || [ testing/browser/package-lock.json -nt testing/browser/node_modules/.package-lock.json ]; then
    say "installing the browser tests' npm packages"
    npm ci --prefix testing/browser --no-audit --no-fund --loglevel=error
  fi
fi
say "everything needed is here"
