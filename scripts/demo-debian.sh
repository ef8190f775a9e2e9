#!/usr/bin/env bash
# The second step of the demo: two whole Debian systems on QEMU, built from packages. Installs QEMU (as root or by sudo).
# What is given goes on to `vmtest run`.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step 'Debian packages'
./scripts/setup.sh qemu guests
step 'npm packages'
npm ci --no-audit --no-fund
step 'build'
npm run build
step 'Debian 12 and 13 guests'
./examples/debian/guests/build.sh 12
./examples/debian/guests/build.sh 13
step 'vmtest run examples/debian/matrix.yml'
exec node dist/src/cli/main.js run examples/debian/matrix.yml "$@"
