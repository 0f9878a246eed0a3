#!/usr/bin/env bash
# Bundles the web form into serve/respond/dist, which the program embeds. Node is needed here and nowhere else; where npm
# is missing the program is built without the web form and says so. What is up to date is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=web/form/package-lock.json
have=web/form/node_modules/.waymark-lock
if ! command -v npm >/dev/null 2>&1; then
  if [ ! -f serve/respond/dist/manifest.json ]; then
    echo "npm is missing: the web form is left out. To add it: apt-get install npm, then make build"
  fi
  exit 0
fi
if ! cmp -s "$lock" "$have"; then
  npm ci --prefix web/form --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$lock" "$have"
fi
CGO_ENABLED=0 go run ./tools/webform

# htmx, for the staff pages, goes into serve/web/assets as it comes; without it they load whole.
lock=web/staff/package-lock.json
have=web/staff/node_modules/.waymark-lock
if ! cmp -s "$lock" "$have"; then
  npm ci --prefix web/staff --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$lock" "$have"
fi
cp web/staff/node_modules/htmx.org/dist/htmx.min.js serve/web/assets/htmx.min.js
