#!/usr/bin/env bash
# Every check, in one script a person can run: format, vet, staticcheck, floors, words, unit, script, contract and
# browser tests, builds for other systems. What it skips it names, with the command that would add it.
#
#   WAYMARK_STRICT=1     a skipped test fails the run (set by .ci/run)
#   WAYMARK_REFERENCE=D  folder of reference data for the tests that use real files
set -uo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
failed=()
step() { printf '\n== %s\n' "$1"; }
fail() { failed+=("$1"); printf 'FAILED: %s\n' "$1"; }

step "what the tests need"
need_debian() { # program, packages
  command -v "$1" >/dev/null 2>&1 && return 0
  if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    printf 'installing %s\n' "$2"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2) >/dev/null 2>&1
  fi
  command -v "$1" >/dev/null 2>&1 || printf 'not there: %s. To add it: apt-get install %s\n' "$1" "$2"
}
need_debian chromium "chromium fonts-noto-core"
need_debian pdftotext "poppler-utils"
command -v npm >/dev/null 2>&1 || echo "not there: npm. To add it: apt-get install npm"
[ -n "${WAYMARK_REFERENCE:-}" ] || echo "WAYMARK_REFERENCE is not set: tests on reference data are skipped. To run them: WAYMARK_REFERENCE=FOLDER make test"
go version || exit 1

step "format"
out=$(gofmt -l . 2>&1)
[ -z "$out" ] || { echo "$out"; fail format; }

step "vet"
go vet ./... || fail vet

step "staticcheck"
go tool staticcheck ./... || fail staticcheck

step "modules are tidy"
go mod tidy -diff >/dev/null 2>&1 || { go mod tidy -diff 2>&1 | head -20; fail "go mod tidy"; }

step "tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -count=1 -shuffle=on -timeout 40m -v ./... >"$log" 2>&1 || fail tests
grep -E '^(FAIL|panic:|ok  )|^\s*--- FAIL' "$log" | grep -v 'no test files'
if grep -qE '^\s*--- FAIL|^FAIL|^panic:' "$log"; then
  grep -vE '^\s*(=== |--- (PASS|SKIP))' "$log" | grep -B2 -A12 -E -- '--- FAIL|panic:|\[build failed\]' | head -150
fi
passed=$(grep -cE '^\s*--- PASS' "$log"); broken=$(grep -cE '^\s*--- FAIL' "$log"); skipped=$(grep -cE '^\s*--- SKIP' "$log")
if [ "$skipped" -gt 0 ]; then
  echo "skipped:"; grep -A1 -E '^\s*--- SKIP' "$log" | grep -v '^--$'
  [ "${WAYMARK_STRICT:-}" = 1 ] && fail "skipped tests"
fi

if command -v gcc >/dev/null 2>&1; then
  step "race detector, where goroutines are started"
  CGO_ENABLED=1 go test -race -count=1 -short -timeout 15m ./stat/glmm ./study ./store/... || fail race
else
  echo "not there: gcc, so the race detector did not run. To add it: apt-get install gcc"
fi

step "no cgo, and builds for other systems"
for target in windows/amd64 darwin/arm64 linux/arm64; do
  GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/waymark || fail "build for $target"
done

printf '\n'
if [ ${#failed[@]} -gt 0 ]; then printf 'failed: %s\n' "${failed[@]}"; fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$((broken + (${#failed[@]} > 0 && broken == 0 ? 1 : 0)))" "$skipped"
[ ${#failed[@]} -eq 0 ]
