#!/usr/bin/env bash
# Every check, in one script a person can run: format, vet, staticcheck, floors, words, unit, script, contract and
# browser tests, the race detector, builds for other systems. What it skips it names, with the command that would add
# it. It leaves nothing in the tree but node_modules and serve/respond/dist, which git ignores.
#
#   WAYMARK_STRICT=1     a skipped test or step fails the run (set by .ci/run)
#   WAYMARK_REFERENCE=D  folder of reference data for the tests that use real files
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export CGO_ENABLED=0
failed=() skipped_steps=0
step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
fail() { failed+=("$1"); printf 'FAILED: %s\n' "$1"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
untracked() { git ls-files --others --exclude-standard 2>/dev/null | sort; }
untracked >"$work/before"

step "what the tests need"
need() { # one of these programs, packages of Debian
  local program
  for program in $1; do command -v "$program" >/dev/null 2>&1 && return 0; done
  if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    printf 'installing %s\n' "$2"
    # shellcheck disable=SC2086 # a list of packages
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2) >"$work/apt" 2>&1 || tail -3 "$work/apt"
  fi
  for program in $1; do command -v "$program" >/dev/null 2>&1 && return 0; done
  printf 'not there: %s. To add it: apt-get install %s\n' "${1%% *}" "$2"
  return 1
}
need "chromium chromium-browser google-chrome google-chrome-stable headless-shell chrome microsoft-edge" "chromium fonts-noto-core"
need pdftotext poppler-utils
postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1; } # Debian keeps it out of the path
postgres || need initdb postgresql >/dev/null || postgres || echo "not there: PostgreSQL. To add it: apt-get install postgresql"
need gcc "gcc libc6-dev"
if need npm npm && [ ! -d web/axe/node_modules/axe-core ]; then
  (cd web/axe && npm ci --ignore-scripts --no-audit --no-fund >"$work/npm" 2>&1) || { tail -3 "$work/npm"; echo "not there: axe-core. To add it: npm ci --prefix web/axe"; }
fi
./tools/web.sh >"$work/web" 2>&1 || { tail -3 "$work/web"; fail "web form"; }
[ -n "${WAYMARK_REFERENCE:-}" ] || echo "WAYMARK_REFERENCE is not set: tests on reference data are skipped. To run them: WAYMARK_REFERENCE=FOLDER make test"
if ! go version; then
  echo "not there: Go 1.26, from go.dev/dl"
  printf '0 passed, 1 failed, 0 skipped\n'
  exit 1
fi

step "format"
out=$(find . -name '*.go' -not -path '*/node_modules/*' -print0 | xargs -0 gofmt -l 2>&1)
[ -z "$out" ] || { echo "$out"; fail format; }

step "vet"
go vet ./... || fail vet

step "staticcheck"
go tool staticcheck ./... || fail staticcheck

step "modules are tidy"
go mod tidy -diff >"$work/tidy" 2>&1 || { head -20 "$work/tidy"; fail "go mod tidy"; }

step "tests"
go build -o "$work/tally" ./tools/tally || fail "build of tools/tally"
passed=0 broken=0 skipped=0
go test -json -count=1 -shuffle=on -timeout 20m ./... 2>&1 | "$work/tally" "$work/counts" || fail tests
[ -f "$work/counts" ] && read -r passed broken skipped <"$work/counts"
[ "$passed" -gt 0 ] || fail "no test ran"
if [ "$skipped" -gt 0 ] && [ "${WAYMARK_STRICT:-}" = 1 ]; then fail "skipped tests"; fi

# Only tests that start goroutines of ours: under the detector the whole suite would take many minutes.
if command -v gcc >/dev/null 2>&1; then
  step "race detector, where goroutines are started"
  race() { # package, tests
    CGO_ENABLED=1 go test -race -count=1 -timeout 10m "$1" -run "$2" >"$work/race" 2>&1 || fail "race detector in $1"
    grep -q 'no tests to run' "$work/race" && fail "no test to race in $1: $2"
    tail -50 "$work/race"
  }
  race ./stat/glmm '^TestThreads$'
  race ./simulate '^(TestThreadsDoNotMatter|TestCoverageStops)$'
  race ./lang '^TestPrinterIsShared$'
  race ./publish/pdf .
  race ./store/sqlite '^TestStore$/^(SharedCommits|OneOfFifty|ReadsSeeOneState|PanicsReachTheCaller|WritesLeaveNoTrace)$|^TestClosing$'
  race ./store/blob '^TestBlobs$/^ManyAtOnce$'
  race ./study '^TestAbidjanPlanOnInventedPeople$' # its robustness sheet fits side by side
else
  echo "skipped: the race detector needs gcc. To add it: apt-get install gcc libc6-dev"
  skipped_steps=1
  [ "${WAYMARK_STRICT:-}" = 1 ] && fail "race detector"
fi

step "builds for other systems, without cgo"
for target in windows/amd64 darwin/arm64 linux/arm64; do
  GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/waymark || fail "build for $target"
done

step "nothing is left in the tree"
untracked >"$work/after"
left=$(comm -13 "$work/before" "$work/after")
if [ -n "$left" ]; then
  echo "$left"
  [ "${WAYMARK_STRICT:-}" = 1 ] && fail "files left in the tree" # elsewhere somebody may be at work in it
fi

printf '\n%d s\n' "$SECONDS"
steps=0 # that failed, beside the tests themselves
for f in "${failed[@]+"${failed[@]}"}"; do
  printf 'failed: %s\n' "$f"
  [ "$f" = tests ] && [ "$broken" -gt 0 ] || steps=$((steps + 1))
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$((broken + steps))" "$((skipped + skipped_steps))"
[ ${#failed[@]} -eq 0 ]
