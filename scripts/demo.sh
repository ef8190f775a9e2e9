#!/usr/bin/env bash
# The main job on a fresh Debian machine with Node 20 and npm: builds two small guests and runs a matrix of real machines
# over them, inside Node. What is given goes on to `vmtest run`. The second step, on QEMU: scripts/demo-debian.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step 'Debian packages'
./scripts/setup.sh quickstart
step 'npm packages'
npm ci --no-audit --no-fund
step 'build'
npm run build
step 'guests'
./examples/quickstart/guests/build.sh
step 'vmtest run examples/quickstart/matrix.yml'
exec node dist/src/cli/main.js run examples/quickstart/matrix.yml "$@"
