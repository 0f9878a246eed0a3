#!/usr/bin/env bash
# Fuzz every reader for some seconds each: tools/fuzz.sh 60
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
status=0
while IFS=: read -r file _ line; do
  name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' <<<"$line")
  folder=./$(dirname "$file")
  echo "== $folder $name"
  go test "$folder" -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" -fuzzminimizetime 1x </dev/null || status=1
done < <(grep -rnE '^func Fuzz' --include='*_test.go' . | sed 's|^\./||')
exit $status
