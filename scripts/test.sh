#!/usr/bin/env bash
# Passes all tests on a fresh Debian machine with Node 20 and npm: installs what they need, builds, checks, tests.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step 'Debian packages'
./scripts/setup.sh
step 'npm packages'
npm ci --no-audit --no-fund
step 'build'
npm run build
step 'lint, types, import direction, generated files'
npm run check
step 'tests'
npx vitest run
